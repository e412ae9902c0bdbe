import { ALERT_KINDS, ALERT_STATES, type Alert } from './alert.ts';
import { idWith } from './alert-id.ts';
import type { AlertPlace, AlertQuery } from './alert-query.ts';
import { DECISIONS } from './verdict.ts';

/**
 * What lists go by, in columns of 34 bytes an alert: a row is an alert's sequence number, state 0 marks a number that is not used. Address and customer
 * stand as 32-bit hashes, so a hit is a candidate only; the record confirms it.
 */
export class AlertIndex {
  #room = 1024;
  #end = 1;
  #state = new Uint8Array(this.#room);
  #decision = new Uint8Array(this.#room);
  #kind = new Uint8Array(this.#room);
  #score = new Uint8Array(this.#room);
  #tail = new Uint16Array(this.#room);
  #at = new Float64Array(this.#room);
  #chain = new Uint32Array(this.#room);
  #assignee = new Uint32Array(this.#room);
  #categories = new Uint32Array(this.#room);
  #address = new Uint32Array(this.#room);
  #customer = new Uint32Array(this.#room);
  readonly #chains = new Names();
  readonly #assignees = new Names();
  readonly #categorySets = new Names();
  readonly #seed: number;

  /** `seed`: unknown to whoever chooses addresses. */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** The next number that no alert has. */
  get end(): number {
    return this.#end;
  }

  put(row: number, tail: number, alert: Alert): void {
    if (row >= this.#room) this.#grow(row);
    if (row >= this.#end) this.#end = row + 1;
    this.#state[row] = 1 + ALERT_STATES.indexOf(alert.state);
    this.#decision[row] = DECISIONS.indexOf(alert.decision);
    this.#kind[row] = ALERT_KINDS.indexOf(alert.kind);
    this.#score[row] = wholeScore(alert.score);
    this.#tail[row] = tail;
    this.#at[row] = Date.parse(alert.at);
    this.#chain[row] = this.#chains.give(alert.chain);
    this.#assignee[row] = alert.assignee === null ? 0 : this.#assignees.give(alert.assignee);
    this.#categories[row] = this.#categorySets.give(JSON.stringify(alert.categories));
    this.#address[row] = alert.address === null ? 0 : this.#hash(alert.address);
    this.#customer[row] = alert.customer === null ? 0 : this.#hash(alert.customer);
  }

  idOf(row: number): string {
    return idWith('al', row, this.#tail[row]!);
  }

  placeOf(row: number): AlertPlace {
    return { row, score: this.#score[row]! };
  }

  /** At most `count` candidates after a place, in the query's order. */
  candidates(query: AlertQuery, after: AlertPlace | null, count: number): number[] {
    const test = this.#test(query);
    if (test === null) return [];
    return query.order === 'score' ? this.#byScore(test, after, count) : this.#newest(test, after, count);
  }

  /** By state and age in milliseconds, over what is not closed. */
  counts(
    at: number,
    ages: readonly number[],
  ): { readonly open: number[]; readonly assigned: number[]; closed: number } {
    const byState = [new Array<number>(ages.length + 1).fill(0), new Array<number>(ages.length + 1).fill(0)];
    let closed = 0;
    for (let row = 1; row < this.#end; row += 1) {
      const state = this.#state[row]!;
      if (state === 0) continue;
      if (state === 3) {
        closed += 1;
        continue;
      }
      const age = at - this.#at[row]!;
      let step = 0;
      while (step < ages.length && age >= ages[step]!) step += 1;
      byState[state - 1]![step]! += 1;
    }
    return { open: byState[0]!, assigned: byState[1]!, closed };
  }

  /** Not closed, of a block. */
  blocked(): number {
    const block = DECISIONS.indexOf('block');
    let count = 0;
    for (let row = 1; row < this.#end; row += 1) {
      if ((this.#state[row] === 1 || this.#state[row] === 2) && this.#decision[row] === block) count += 1;
    }
    return count;
  }

  #newest(test: RowTest, after: AlertPlace | null, count: number): number[] {
    const found: number[] = [];
    const first = after === null ? this.#end - 1 : Math.min(after.row, this.#end) - 1;
    for (let row = first; row >= 1 && found.length < count; row -= 1) if (test(row)) found.push(row);
    return found;
  }

  #byScore(test: RowTest, after: AlertPlace | null, count: number): number[] {
    const buckets: number[][] = Array.from({ length: 101 }, () => []);
    for (let row = this.#end - 1; row >= 1; row -= 1) {
      const score = this.#score[row]!;
      const bucket = buckets[score]!;
      if (bucket.length >= count || !test(row)) continue;
      if (after !== null && (score > after.score || (score === after.score && row >= after.row))) continue;
      bucket.push(row);
    }
    return buckets.reverse().flat().slice(0, count);
  }

  /** null: a name that no alert bears, so nothing can match. */
  #test(query: AlertQuery): RowTest | null {
    const state = query.state === undefined ? 0 : 1 + ALERT_STATES.indexOf(query.state);
    const decision = query.decision === undefined ? -1 : DECISIONS.indexOf(query.decision);
    const kind = query.kind === undefined ? -1 : ALERT_KINDS.indexOf(query.kind);
    const chain = this.#chains.find(query.chain);
    const assignee = this.#assignees.find(query.assignee);
    if (chain === null || assignee === null) return null;
    const sets = query.category === undefined ? null : this.#setsWith(query.category);
    const address = query.address === undefined ? 0 : this.#hash(query.address);
    const customer = query.customer === undefined ? 0 : this.#hash(query.customer);
    const from = query.from ?? Number.NEGATIVE_INFINITY;
    const until = query.until ?? Number.POSITIVE_INFINITY;
    return (row) =>
      this.#state[row] !== 0 &&
      (state === 0 || this.#state[row] === state) &&
      (decision < 0 || this.#decision[row] === decision) &&
      (kind < 0 || this.#kind[row] === kind) &&
      (chain === 0 || this.#chain[row] === chain) &&
      (assignee === 0 || this.#assignee[row] === assignee) &&
      (sets === null || sets.has(this.#categories[row]!)) &&
      (address === 0 || this.#address[row] === address) &&
      (customer === 0 || this.#customer[row] === customer) &&
      this.#at[row]! >= from &&
      this.#at[row]! < until;
  }

  #setsWith(category: string): ReadonlySet<number> {
    const within = new Set<number>();
    for (const [set, number] of this.#categorySets.entries()) {
      if ((JSON.parse(set) as string[]).includes(category)) within.add(number);
    }
    return within;
  }

  /** FNV-1a from a secret start, never 0: that stands for none. */
  #hash(text: string): number {
    let hash = this.#seed;
    for (let index = 0; index < text.length; index += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    return (hash ^ (hash >>> 13)) >>> 0 || 1;
  }

  #grow(row: number): void {
    const room = Math.max(this.#room * 2, row + 1);
    this.#room = room;
    this.#state = grown(this.#state, new Uint8Array(room));
    this.#decision = grown(this.#decision, new Uint8Array(room));
    this.#kind = grown(this.#kind, new Uint8Array(room));
    this.#score = grown(this.#score, new Uint8Array(room));
    this.#tail = grown(this.#tail, new Uint16Array(room));
    this.#at = grown(this.#at, new Float64Array(room));
    this.#chain = grown(this.#chain, new Uint32Array(room));
    this.#assignee = grown(this.#assignee, new Uint32Array(room));
    this.#categories = grown(this.#categories, new Uint32Array(room));
    this.#address = grown(this.#address, new Uint32Array(room));
    this.#customer = grown(this.#customer, new Uint32Array(room));
  }
}

type RowTest = (row: number) => boolean;

export function wholeScore(score: number): number {
  return Math.min(100, Math.max(0, Math.round(score)));
}

function grown<Column extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(
  old: Column,
  next: Column,
): Column {
  next.set(old);
  return next;
}

/** Names as numbers from 1. */
class Names {
  readonly #numbers = new Map<string, number>();

  give(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#numbers.size + 1);
    return this.#numbers.size;
  }

  /** 0 where no name is asked for, null where it is not known. */
  find(name: string | undefined): number | null {
    return name === undefined ? 0 : (this.#numbers.get(name) ?? null);
  }

  entries(): Iterable<[string, number]> {
    return this.#numbers.entries();
  }
}
