import { type AccountFlow, FEE } from '../flow/flow.ts';
import { NO_CATEGORY } from './categories.ts';

/** Places of an account chain numbered over all its assets, in the order of the assets. */
export class AccountLayout {
  readonly flow: AccountFlow;
  readonly places: number;
  /** Number of each asset's first place. */
  readonly firsts: readonly number[];

  constructor(flow: AccountFlow) {
    const firsts: number[] = [];
    let places = 0;
    for (const asset of flow.assets) {
      firsts.push(places);
      places += asset.placeCount;
    }
    this.flow = flow;
    this.firsts = firsts;
    this.places = places;
  }

  /** -1 where the address never moved the asset. */
  placeOf(asset: number, address: number): number {
    const place = this.flow.assets[asset]!.placeOf(address);
    return place < 0 ? -1 : this.firsts[asset]! + place;
  }

  assetOf(place: number): number {
    if (this.firsts.length === 1) return 0;
    let low = 0;
    let high = this.firsts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.firsts[middle]! <= place) low = middle;
      else high = middle - 1;
    }
    // An asset without places begins where the next one does.
    return low;
  }

  /** Address id of a place. */
  ownerOf(place: number): number {
    if (this.firsts.length === 1) return this.flow.assets[0]!.addressOf(place);
    const asset = this.assetOf(place);
    return this.flow.assets[asset]!.addressOf(place - this.firsts[asset]!);
  }

  /** An end of an asset's row by its number here; NONE and FEE stay. */
  number(asset: number, end: number): number {
    return end >= FEE ? end : this.firsts[asset]! + end;
  }

  /** The category of each place: that of its address. */
  categories(lanes: Uint8Array): Uint8Array<ArrayBuffer> {
    const table = new Uint8Array(this.places).fill(NO_CATEGORY);
    this.flow.assets.forEach((asset, index) => {
      const first = this.firsts[index]!;
      for (let place = 0; place < asset.placeCount; place += 1) table[first + place] = lanes[asset.addressOf(place)]!;
    });
    return table;
  }
}
