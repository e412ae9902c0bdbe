import { jsonChange, orderKey, type RecordChange, type Records, readJson } from '../store/records.ts';
import type { Accrual } from './evaluation.ts';
import type { CumulativeFact } from './facts.ts';

export const DAY_MS = 86_400_000;
/** The longest window a rule may ask for, in days. */
export const MAX_WINDOW_DAYS = 400;
/** Accruals held in memory; about 300 B each. */
const MAX_HELD = 1_000_000;
/** Of one sum: so many single transfers; older ones are joined by day, so that a verdict stays small. */
const MAX_SINGLE = 100;

interface Held {
  at: number;
  amount: bigint;
  /** Of the last transfer, where several are joined. */
  verdict: string;
  transfers: number;
}

interface Sum {
  readonly category: string;
  readonly link: 'direct' | 'indirect';
  readonly asset: string;
  /** Oldest first. */
  held: Held[];
}

interface StoredAccrual extends Accrual {
  readonly verdict: string;
  readonly replaces: string | null;
}

export interface AccrualsOf {
  readonly accrues: readonly Accrual[];
  readonly verdict: string;
  /** The verdict that this one screens again: its part is taken out, so that one transfer counts once. */
  readonly replaces: string | null;
  /** Milliseconds: when the transfer was first screened. */
  readonly at: number;
}

/** Changes for the verdict's own commit; `settle` once it has resolved. */
export interface AccrualChanges {
  readonly changes: readonly RecordChange[];
  settle(): void;
}

/**
 * What each customer (or counterparty) has brought in transfers so far, by category, link and asset: so that many small ones add up. Table
 * `cumulative`, in time order; the window is in memory, where the oldest make room once it is full (`dropped` counts them).
 */
export class CumulativeBook {
  readonly #records: Records;
  readonly #windowMs: number;
  readonly #maxHeld: number;
  readonly #byOf = new Map<string, Map<string, Sum>>();
  #held = 0;
  #sequence = 0;
  #dropped = 0;

  private constructor(records: Records, windowDays: number, maxHeld: number) {
    this.#records = records;
    this.#windowMs = Math.min(windowDays, MAX_WINDOW_DAYS) * DAY_MS;
    this.#maxHeld = maxHeld;
  }

  static async open(
    records: Records,
    { at = Date.now(), windowDays = MAX_WINDOW_DAYS, maxHeld = MAX_HELD } = {},
  ): Promise<CumulativeBook> {
    const book = new CumulativeBook(records, windowDays, maxHeld);
    for await (const rows of records.scan('cumulative', { from: orderKey(Math.max(0, at - book.#windowMs)) })) {
      for (const { key, value } of rows) {
        book.#sequence = Math.max(book.#sequence, Number(key.slice(17)));
        const { verdict, replaces, ...accrual } = readJson<StoredAccrual>(value);
        book.#add(accrual, Number(key.slice(0, 16)), verdict, replaces);
      }
    }
    return book;
  }

  /** Accruals held; and those that had to make room, so that sums may be short. */
  get held(): number {
    return this.#held;
  }
  get dropped(): number {
    return this.#dropped;
  }

  /** Earlier transfers of these customers or counterparties in the window before `at`, in an order that does not depend on theirs. What verdict `except` (screened again) counted is left out. */
  factsFor(of: readonly string[], at: number, except: string | null = null): readonly CumulativeFact[] {
    const facts: CumulativeFact[] = [];
    for (const name of of.length > 1 ? [...new Set(of)].sort() : of) {
      const sums = this.#byOf.get(name);
      if (sums === undefined) continue;
      for (const [, { category, link, asset, held }] of [...sums].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const earlier = held
          .filter((item) => item.at <= at && item.at > at - this.#windowMs && item.verdict !== except)
          .map((item) => ({
            at: new Date(item.at).toISOString(),
            amount: String(item.amount),
            verdict:
              item.transfers === 1 ? item.verdict : `${item.verdict} and ${item.transfers - 1} before it that day`,
          }));
        if (earlier.length > 0) facts.push({ of: name, category, link, asset, earlier });
      }
    }
    return facts;
  }

  /** Milliseconds: of the newest transfer of these that counts; 0 where there is none. */
  newestOf(of: readonly string[]): number {
    let newest = 0;
    for (const name of of) {
      for (const { held } of this.#byOf.get(name)?.values() ?? []) newest = Math.max(newest, held.at(-1)?.at ?? 0);
    }
    return newest;
  }

  changesFor({ accrues, verdict, replaces, at }: AccrualsOf): AccrualChanges {
    const changes = accrues.map((accrual) => {
      this.#sequence++;
      return jsonChange('cumulative', `${orderKey(at)}-${orderKey(this.#sequence)}`, { ...accrual, verdict, replaces });
    });
    return {
      changes,
      settle: () => {
        for (const accrual of accrues) this.#add(accrual, at, verdict, replaces);
      },
    };
  }

  /** Removes all of one customer, from the records too; for the commit that erases. */
  async erase(of: string): Promise<AccrualChanges> {
    const changes: RecordChange[] = [];
    for await (const rows of this.#records.scan('cumulative')) {
      for (const { key, value } of rows) {
        if (readJson<StoredAccrual>(value).of === of) changes.push({ table: 'cumulative', key, value: null });
      }
    }
    return { changes, settle: () => this.#forget(of) };
  }

  /** Removes up to `limit` records that no window can reach any more, from memory too. */
  async stale(at: number, limit = 10_000): Promise<AccrualChanges> {
    const before = at - MAX_WINDOW_DAYS * DAY_MS;
    if (before <= 0) return { changes: [], settle: () => {} };
    const rows = await this.#records.list('cumulative', { until: orderKey(before), limit });
    return {
      changes: rows.map(({ key }) => ({ table: 'cumulative', key, value: null })),
      settle: () => this.#prune(at - this.#windowMs),
    };
  }

  #add({ of, category, link, asset, amount }: Accrual, at: number, verdict: string, replaces: string | null): void {
    if (this.#held >= this.#maxHeld) this.#makeRoom();
    let sums = this.#byOf.get(of);
    if (sums === undefined) {
      sums = new Map();
      this.#byOf.set(of, sums);
    }
    const key = `${category}|${link}|${asset}`;
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = { category, link, asset, held: [] };
      sums.set(key, sum);
    }
    const item: Held = { at, amount: BigInt(amount), verdict, transfers: 1 };
    const again =
      replaces === null ? -1 : sum.held.findIndex((other) => other.verdict === replaces && other.transfers === 1);
    if (again >= 0) {
      sum.held.splice(again, 1);
      this.#held--;
    }
    let place = sum.held.length;
    while (place > 0 && sum.held[place - 1]!.at > at) place--;
    sum.held.splice(place, 0, item);
    this.#held++;
    if (sum.held.length > 2 * MAX_SINGLE) this.#joinDays(sum, at - this.#windowMs);
  }

  /** All but the newest: one entry a day, at the day's last time, so that no part of it leaves a window early. */
  #joinDays(sum: Sum, expired: number): void {
    const before = sum.held.length;
    const old = sum.held.slice(0, -MAX_SINGLE).filter(({ at }) => at > expired);
    const days = new Map<number, Held>();
    for (const item of old) {
      const day = Math.floor(item.at / DAY_MS);
      const joined = days.get(day);
      if (joined === undefined) days.set(day, { ...item });
      else {
        joined.at = item.at;
        joined.amount += item.amount;
        joined.transfers += item.transfers;
        joined.verdict = item.verdict;
      }
    }
    sum.held = [...days.values(), ...sum.held.slice(-MAX_SINGLE)];
    this.#held -= before - sum.held.length;
  }

  #forget(of: string): void {
    for (const sum of this.#byOf.get(of)?.values() ?? []) this.#held -= sum.held.length;
    this.#byOf.delete(of);
  }

  #prune(expired: number): void {
    for (const [of, sums] of this.#byOf) {
      for (const [key, sum] of sums) {
        const kept = sum.held.filter(({ at }) => at > expired);
        this.#held -= sum.held.length - kept.length;
        sum.held = kept;
        if (kept.length === 0) sums.delete(key);
      }
      if (sums.size === 0) this.#byOf.delete(of);
    }
  }

  /** The older half of the time that is held goes at once: rare, and never a scan for each transfer. */
  #makeRoom(): void {
    let oldest = Number.POSITIVE_INFINITY;
    let newest = 0;
    for (const sums of this.#byOf.values()) {
      for (const { held } of sums.values()) {
        oldest = Math.min(oldest, held[0]?.at ?? oldest);
        newest = Math.max(newest, held.at(-1)?.at ?? 0);
      }
    }
    const before = this.#held;
    this.#prune(Math.floor((oldest + newest) / 2));
    if (this.#held === before) this.#forget([...this.#byOf.keys()][0]!);
    this.#dropped += before - this.#held;
  }
}
