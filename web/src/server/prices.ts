import { useCallback, useEffect, useSyncExternalStore } from 'react';
import { usdOf } from '../../../src/model/price.ts';
import { api } from './api.ts';
import { queries } from './queries.ts';

/** What one whole unit was worth. */
export interface KnownPrice {
  /** US dollars as decimal text. */
  readonly usd: string;
  /** UTC: that day, or up to three days before. */
  readonly day: string;
  readonly source: string;
}

interface Wish {
  readonly asset: string;
  readonly time: string;
}

interface Kept {
  readonly price: KnownPrice | null;
  readonly at: number;
}

const MOST = 500;
/** Prices may be imported while the page is open: what was not known is asked again after this. */
const UNKNOWN_FOR_MS = 60_000;

/** What was asked is asked once; all that is wanted in one tick goes in one call. */
class PriceBook {
  readonly #kept = new Map<string, Kept>();
  readonly #wanted = new Map<string, Wish>();
  readonly #asked = new Set<string>();
  readonly #listeners = new Set<() => void>();

  readonly listen = (tell: () => void): (() => void) => {
    this.#listeners.add(tell);
    return () => this.#listeners.delete(tell);
  };

  read(key: string): KnownPrice | null {
    return this.#kept.get(key)?.price ?? null;
  }

  want(key: string, wish: Wish): void {
    const kept = this.#kept.get(key);
    if (kept !== undefined && (kept.price !== null || Date.now() - kept.at < UNKNOWN_FOR_MS)) return;
    if (this.#asked.has(key) || this.#wanted.has(key)) return;
    if (this.#wanted.size === 0) setTimeout(() => this.#askAll(), 0);
    this.#wanted.set(key, wish);
  }

  #askAll(): void {
    const wanted = [...this.#wanted];
    this.#wanted.clear();
    for (let at = 0; at < wanted.length; at += MOST) void this.#ask(wanted.slice(at, at + MOST));
  }

  /** A call that fails leaves nothing behind: whoever wants the price next asks anew. */
  async #ask(part: readonly (readonly [string, Wish])[]): Promise<void> {
    const keys = part.map(([key]) => key);
    for (const key of keys) this.#asked.add(key);
    try {
      const { items } = await queries.fetchQuery({
        queryKey: ['prices', keys],
        queryFn: ({ signal }) => api.listPrices({ body: { items: part.map(([, wish]) => wish) } }, { signal }),
        gcTime: 0,
      });
      const at = Date.now();
      for (const [index, key] of keys.entries()) this.#kept.set(key, { price: priceOf(items[index]), at });
      for (const tell of this.#listeners) tell();
    } catch {
      // The connection has taken notice.
    } finally {
      for (const key of keys) this.#asked.delete(key);
    }
  }
}

type Item = Awaited<ReturnType<typeof api.listPrices>>['items'][number];

function priceOf(item: Item | undefined): KnownPrice | null {
  if (item === undefined || item.usd === null || item.day === null) return null;
  return { usd: item.usd, day: item.day, source: item.source ?? '' };
}

const book = new PriceBook();
const LONGEST_ASSET = 200;

/**
 * The price of one whole unit of an asset (CAIP-19) on the day of `time` (ISO 8601, or seconds since 1970). null: no asset or time, not known, or not
 * yet known. Kept for as long as the page is open.
 */
export function usePrice(asset: string | null, time: string | number | null): KnownPrice | null {
  const day = dayOf(time);
  const unfit = asset === null || asset === '' || asset.length > LONGEST_ASSET || day === null;
  const key = unfit ? null : `${day} ${asset}`;
  useEffect(() => {
    if (key !== null && asset !== null && day !== null) book.want(key, { asset, time: `${day}T00:00:00Z` });
  }, [key, asset, day]);
  return useSyncExternalStore(
    book.listen,
    useCallback(() => (key === null ? null : book.read(key)), [key]),
  );
}

/** What `units` (base units as decimal text) of an asset were worth on that day, as `Amount` takes it; null where no price is known. */
export function useWorth(
  asset: string | null,
  time: string | number | null,
  units: string | bigint,
  decimals: number | null,
): { readonly value: string; readonly source: string; readonly day: string } | null {
  const price = usePrice(decimals === null ? null : asset, time);
  if (price === null || decimals === null) return null;
  const amount = BigInt(units);
  return amount < 0n ? null : { value: usdOf(amount, decimals, price.usd), source: price.source, day: price.day };
}

/** UTC day; prices are by the day. */
function dayOf(time: string | number | null): string | null {
  if (time === null) return null;
  const ms = typeof time === 'number' ? time * 1000 : Date.parse(time);
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString().slice(0, 10) : null;
}
