import type { AssetId } from '../../model/asset.ts';
import type { Price, PriceList } from '../../model/price.ts';
import type { StoredPrice, StoredPriceList } from '../port.ts';
import { compareText } from './order.ts';

/** The files of prices of a store in memory. */
export class PriceShelf {
  readonly #lists: StoredPriceList[] = [];
  readonly #prices: StoredPrice[] = [];

  /** False where the file is there. */
  add(list: PriceList, prices: readonly Price[]): boolean {
    const { source, sha256, importedAt } = list;
    if (this.#lists.some((known) => known.sha256 === sha256)) return false;
    const id = this.#lists.length + 1;
    const days = prices.map(({ day }) => day).sort(compareText);
    const assets = [...new Set(prices.map(({ asset }) => asset))].sort(compareText);
    const span = { firstDay: days[0] ?? null, lastDay: days.at(-1) ?? null };
    this.#lists.push({ ...list, id, prices: prices.length, assets, ...span });
    for (const price of prices) this.#prices.push({ ...price, list: id, source, sha256, importedAt });
    return true;
  }

  lists(): readonly StoredPriceList[] {
    return [...this.#lists];
  }

  of(asset: AssetId, fromDay: string, untilDay: string): readonly StoredPrice[] {
    return this.#prices
      .filter((price) => price.asset === asset && price.day >= fromDay && price.day <= untilDay)
      .sort((a, b) => compareText(a.day, b.day) || a.list - b.list);
  }

  *lines(): Generator<readonly [string, unknown]> {
    for (const list of this.#lists) yield ['prices', list];
    for (const price of this.#prices) yield ['price', price];
  }
}
