import type { Random } from '../base/random.ts';
import { ASSETS, NATIVE } from './asset.ts';
import { BLOCK_SECONDS, DAY, DURATION } from './era.ts';

/** What a whole token is worth in whole native units on the first day. */
const FIRST_PRICE = [1, 0.0005, 0.03, 20];

/**
 * Prices in native drill units per drill unit of a token: a random walk from day to day, straight in between.
 * Only + - * / are used: the same bits on every machine.
 */
export class Prices {
  private readonly daily: Float64Array[];

  constructor(random: Random) {
    const days = Math.ceil(DURATION / DAY) + 30;
    this.daily = ASSETS.map((asset, index) => {
      const scale = (FIRST_PRICE[index]! * ASSETS[NATIVE]!.one) / asset.one;
      const path = new Float64Array(days);
      let level = 1;
      for (let day = 0; day < days; day++) {
        path[day] = scale * level;
        if (index !== NATIVE) level *= 0.97 + 0.06 * random.unit();
      }
      return path;
    });
  }

  /** Native drill units that one drill unit of the asset is worth in a block. */
  at(asset: number, block: number): number {
    const position = (block * BLOCK_SECONDS) / DAY;
    const day = Math.floor(position);
    const path = this.daily[asset]!;
    const low = path[Math.min(day, path.length - 2)]!;
    const high = path[Math.min(day + 1, path.length - 1)]!;
    return low + (high - low) * (position - day);
  }
}
