import { assert } from '../base/assert.ts';

/** Deposit addresses as columns, by ascending address id. Services are numbers. */
export interface DepositTable {
  readonly count: number;
  readonly address: Uint32Array;
  readonly service: Uint32Array;
  /** Payments passed on within window and amount. */
  readonly forwards: Uint32Array;
  /** Outgoing payments to the service, and all; fees are none. */
  readonly toService: Uint32Array;
  readonly outgoing: Uint32Array;
  /** Steps of the first and the last of `forwards`. */
  readonly firstStep: Uint32Array;
  readonly lastStep: Uint32Array;
  /** One more than there are: where the senders of each begin. */
  readonly senderStart: Uint32Array;
  /** Address ids, in the order of their first payment, and where it stands: step, asset, row. */
  readonly sender: Uint32Array;
  readonly senderStep: Uint32Array;
  readonly senderAsset: Uint32Array;
  readonly senderRow: Uint32Array;
}

/** A payment passed on, with the one it came in by. */
export interface DepositMatch {
  readonly deposit: number;
  readonly service: number;
  readonly sender: number;
  /** Of the arrival, and its place in the order of a step: asset, then row. */
  readonly step: number;
  readonly asset: number;
  readonly row: number;
  readonly forwardStep: number;
}

/** What a deposit address pays, by number of payments. */
export interface Outgoing {
  all: number;
  readonly toService: Map<number, number>;
}

const WORDS = 7;

/** Matches without an object each; there may be millions. */
export class MatchColumns {
  #words = new Uint32Array(WORDS * 1024);
  #count = 0;

  add({ deposit, service, sender, step, asset, row, forwardStep }: DepositMatch): void {
    if ((this.#count + 1) * WORDS > this.#words.length) {
      const larger = new Uint32Array(2 * this.#words.length);
      larger.set(this.#words);
      this.#words = larger;
    }
    const at = WORDS * this.#count;
    const words = this.#words;
    words[at] = deposit;
    words[at + 1] = service;
    words[at + 2] = sender;
    words[at + 3] = step;
    words[at + 4] = asset;
    words[at + 5] = row;
    words[at + 6] = forwardStep;
    this.#count += 1;
  }

  get count(): number {
    return this.#count;
  }

  match(index: number): DepositMatch {
    assert(index < this.#count, 'a match that was added');
    const words = this.#words;
    const at = WORDS * index;
    return {
      deposit: words[at]!,
      service: words[at + 1]!,
      sender: words[at + 2]!,
      step: words[at + 3]!,
      asset: words[at + 4]!,
      row: words[at + 5]!,
      forwardStep: words[at + 6]!,
    };
  }

  /** The deposit addresses met, ascending. */
  deposits(): Uint32Array {
    const met = new Uint32Array(this.#count);
    for (let index = 0; index < this.#count; index += 1) met[index] = this.#words[WORDS * index]!;
    met.sort();
    let kept = 0;
    for (let index = 0; index < met.length; index += 1)
      if (index === 0 || met[index] !== met[index - 1]) met[kept++] = met[index]!;
    return met.slice(0, kept);
  }

  /** Numbers of the matches, those of each of `deposits` together: those of deposit i from starts[i] on. */
  byDeposit(deposits: Uint32Array): { readonly order: Uint32Array; readonly starts: Uint32Array } {
    const position = new Map<number, number>();
    for (const [at, deposit] of deposits.entries()) position.set(deposit, at);
    const starts = new Uint32Array(deposits.length + 1);
    const of = (index: number): number => position.get(this.#words[WORDS * index]!)!;
    for (let index = 0; index < this.#count; index += 1) starts[of(index) + 1]! += 1;
    for (let at = 0; at < deposits.length; at += 1) starts[at + 1]! += starts[at]!;
    const next = starts.slice();
    const order = new Uint32Array(this.#count);
    for (let index = 0; index < this.#count; index += 1) order[next[of(index)]!++] = index;
    return { order, starts };
  }
}

/** One deposit address, of the service to which it passed most on (of as many, the lower number). */
export interface DepositRow extends Omit<DepositMatch, 'asset' | 'row' | 'sender' | 'step' | 'forwardStep'> {
  readonly forwards: number;
  readonly toService: number;
  readonly outgoing: number;
  readonly firstStep: number;
  readonly lastStep: number;
  /** By sender its first payment. */
  readonly senders: ReadonlyMap<number, DepositMatch>;
}

export function depositRow(matches: readonly DepositMatch[], outgoing: Outgoing): DepositRow {
  const counts = new Map<number, number>();
  for (const { service } of matches) counts.set(service, (counts.get(service) ?? 0) + 1);
  const [service, forwards] = [...counts].sort(([a, m], [b, n]) => n - m || a - b)[0]!;
  const own = matches.filter((match) => match.service === service);
  const senders = new Map<number, DepositMatch>();
  const inOrder = [...own].sort((a, b) => a.step - b.step || a.asset - b.asset || a.row - b.row);
  for (const match of inOrder) if (!senders.has(match.sender)) senders.set(match.sender, match);
  return {
    deposit: matches[0]!.deposit,
    service,
    forwards,
    toService: outgoing.toService.get(service) ?? 0,
    outgoing: outgoing.all,
    firstStep: own.reduce((least, { forwardStep }) => Math.min(least, forwardStep), own[0]!.forwardStep),
    lastStep: own.reduce((most, { forwardStep }) => Math.max(most, forwardStep), 0),
    senders,
  };
}

export function depositTable(rows: readonly DepositRow[]): DepositTable {
  const columns = () => new Uint32Array(rows.length);
  const all = rows.reduce((sum, { senders }) => sum + senders.size, 0);
  const table = {
    count: rows.length,
    address: columns(),
    service: columns(),
    forwards: columns(),
    toService: columns(),
    outgoing: columns(),
    firstStep: columns(),
    lastStep: columns(),
    senderStart: new Uint32Array(rows.length + 1),
    sender: new Uint32Array(all),
    senderStep: new Uint32Array(all),
    senderAsset: new Uint32Array(all),
    senderRow: new Uint32Array(all),
  };
  let next = 0;
  rows.forEach((row, at) => {
    table.address[at] = row.deposit;
    table.service[at] = row.service;
    table.forwards[at] = row.forwards;
    table.toService[at] = row.toService;
    table.outgoing[at] = row.outgoing;
    table.firstStep[at] = row.firstStep;
    table.lastStep[at] = row.lastStep;
    for (const { sender, step, asset, row: number } of row.senders.values()) {
      table.sender[next] = sender;
      table.senderStep[next] = step;
      table.senderAsset[next] = asset;
      table.senderRow[next] = number;
      next += 1;
    }
    table.senderStart[at + 1] = next;
  });
  return table;
}
