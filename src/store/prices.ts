import type { UnixSeconds } from '../base/time.ts';
import type { AssetId } from '../model/asset.ts';
import { dayOf, type Price, pricedAs, scaledUsd } from '../model/price.ts';
import type { Store, StoredPrice } from './port.ts';

/** Days before the one asked for that its price may be of. */
const DAYS_BACK = 3;
const DAY_SECONDS = 86_400;

export interface Asked {
  readonly asset: AssetId;
  readonly time: UnixSeconds;
}

/** The price of each, of its day or of up to three days before; null where none is known. One reading of the store an asset. */
export async function findPrices(
  store: Pick<Store, 'pricesOf'>,
  asked: readonly Asked[],
): Promise<readonly (StoredPrice | null)[]> {
  const times = new Map<AssetId, UnixSeconds[]>();
  for (const { asset, time } of asked) times.set(pricedAs(asset), [...(times.get(pricedAs(asset)) ?? []), time]);
  const chosen = new Map<AssetId, ReadonlyMap<string, StoredPrice>>();
  for (const [asset, all] of times) {
    const [first, last] = all.reduce(([a, b], time) => [Math.min(a, time), Math.max(b, time)], [all[0]!, all[0]!]);
    chosen.set(asset, chosenByDay(await store.pricesOf(asset, dayOf(first - DAYS_BACK * DAY_SECONDS), dayOf(last))));
  }
  return asked.map(({ asset, time }) => {
    const days = chosen.get(pricedAs(asset))!;
    for (let back = 0; back <= DAYS_BACK; back += 1) {
      const found = days.get(dayOf(time - back * DAY_SECONDS));
      if (found !== undefined) return found;
    }
    return null;
  });
}

/**
 * Of several prices of one asset, which counts on each day: that of the source whose name comes first, in order of code units; of one source that
 * of the file imported last. So the choice depends on no price.
 */
function chosenByDay(prices: readonly StoredPrice[]): ReadonlyMap<string, StoredPrice> {
  const days = new Map<string, StoredPrice>();
  for (const price of prices) {
    const known = days.get(price.day);
    if (known === undefined || goesBefore(price, known)) days.set(price.day, price);
  }
  return days;
}

function goesBefore(a: StoredPrice, b: StoredPrice): boolean {
  return a.source === b.source ? a.list > b.list : a.source < b.source;
}

export interface Contradiction {
  readonly price: Price;
  readonly other: StoredPrice;
  /** The difference in hundredths of a per cent of the lower price, rounded down. */
  readonly apart: bigint;
}

/** Days of these prices on which one already stored differs by more than 5 % of the lower: each day once, with the price furthest off; in order of the prices. */
export async function contradictionsOf(
  store: Pick<Store, 'pricesOf'>,
  prices: readonly Price[],
): Promise<readonly Contradiction[]> {
  const others = new Map<string, StoredPrice[]>();
  for (const asset of new Set(prices.map((price) => price.asset))) {
    const days = prices.flatMap((price) => (price.asset === asset ? price.day : [])).sort();
    for (const other of await store.pricesOf(asset, days[0]!, days.at(-1)!)) {
      const key = `${asset} ${other.day}`;
      others.set(key, [...(others.get(key) ?? []), other]);
    }
  }
  return prices.flatMap((price) => {
    const found = (others.get(`${price.asset} ${price.day}`) ?? []).map((other) => contradiction(price, other));
    const most = found.reduce<Contradiction | null>(
      (a, b) => (b !== null && b.apart > (a?.apart ?? -1n) ? b : a),
      null,
    );
    return most ?? [];
  });
}

function contradiction(price: Price, other: StoredPrice): Contradiction | null {
  const [a, b] = [scaledUsd(price.usd), scaledUsd(other.usd)];
  const [low, high] = a < b ? [a, b] : [b, a];
  return (high - low) * 20n > low ? { price, other, apart: ((high - low) * 10_000n) / low } : null;
}
