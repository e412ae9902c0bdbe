import { FingerprintMap } from '../base/fingerprint-map.ts';
import type { Progress } from '../base/progress.ts';
import type { EdgeChunk, Store } from '../store/port.ts';
import { type AtomLeg, atomReceivers, isAtom } from '../taint/swap.ts';

/** A place, by fingerprint, that is touched from a time on. */
export interface ReachSeed {
  readonly fingerprint: bigint;
  readonly time: number;
}

export interface ReachQuery {
  readonly seeds: readonly ReachSeed[];
  /** Fingerprints of owners at which the money stops. */
  readonly stops: FingerprintMap;
  readonly until: number | null;
  readonly maxHops: number | null;
}

/**
 * Every account place that money from the seeds can reach forward in time, stops left out, in one pass over the store's
 * columns. The value of each is its fewest hops. A collision of fingerprints can only add a place: the accounting then finds it clean.
 */
export async function reachAccounts(store: Store, query: ReachQuery, progress: Progress): Promise<FingerprintMap> {
  const pass = new AccountPass(query);
  if (query.seeds.length === 0) return pass.reached;
  const from = Math.min(...query.seeds.map((seed) => seed.time));
  let done = 0;
  for await (const chunk of store.edges({ from, until: query.until })) {
    pass.add(chunk);
    done += chunk.count;
    progress.report('following', done, 0);
  }
  pass.end();
  return pass.reached;
}

/** Rows are buffered to whole seconds, so that a transaction whose rows stand apart is still seen whole. */
class AccountPass {
  readonly reached = new FingerprintMap(4096);
  readonly #query: ReachQuery;
  readonly #seeds: ReachSeed[];
  #rows: EdgeRow[] = [];
  #time = Number.NEGATIVE_INFINITY;

  constructor(query: ReachQuery) {
    this.#query = query;
    this.#seeds = [...query.seeds].sort((a, b) => b.time - a.time);
  }

  add(chunk: EdgeChunk): void {
    const from = new Uint32Array(chunk.from.buffer, chunk.from.byteOffset, chunk.count * 2);
    for (let start = 0; start < chunk.count; ) {
      const time = chunk.time[start]!;
      let end = start + 1;
      while (end < chunk.count && chunk.time[end] === time) end += 1;
      if (time !== this.#time) {
        this.#flush();
        this.#time = time;
        while (this.#seeds.length > 0 && this.#seeds.at(-1)!.time <= time)
          this.#touch(this.#seeds.pop()!.fingerprint, 0);
      }
      const open = end === chunk.count || this.#rows.length > 0;
      if (open) this.#keep(chunk, start, end);
      else if (this.#anyKnown(from, start, end)) this.#second(rowsOf(chunk, start, end));
      start = end;
    }
  }

  end(): void {
    this.#flush();
    for (const seed of this.#seeds) this.#touch(seed.fingerprint, 0);
  }

  #touch(fingerprint: bigint, hops: number): void {
    const before = this.reached.getPrint(fingerprint);
    if (before < 0 || hops < before) this.reached.setPrint(fingerprint, hops);
  }

  /** Rows of a second that may go on in the next chunk are copied, so that no chunk is kept alive for them. */
  #keep(chunk: EdgeChunk, start: number, end: number): void {
    const copy = slice(chunk, start, end);
    for (let index = 0; index < copy.count; index += 1) this.#rows.push({ chunk: copy, index });
  }

  /** In a second without one payer reached before it, nothing can be reached. */
  #anyKnown(from: Uint32Array, start: number, end: number): boolean {
    for (let word = start * 2; word < end * 2; word += 2) {
      if (this.reached.get(from[word]!, from[word + 1]!) >= 0) return true;
    }
    return false;
  }

  #flush(): void {
    const rows = this.#rows;
    this.#rows = [];
    if (rows.some(({ chunk, index }) => this.#hops(chunk.from[index]!) !== null)) this.#second(rows);
  }

  #second(rows: readonly EdgeRow[]): void {
    const byTx = new Map<bigint, EdgeRow[]>();
    for (const row of rows) {
      const tx = row.chunk.tx[row.index]!;
      if (tx === 0n) continue;
      const list = byTx.get(tx);
      if (list === undefined) byTx.set(tx, [row]);
      else list.push(row);
    }
    const done = new Set<bigint>();
    for (const row of rows) {
      const tx = row.chunk.tx[row.index]!;
      if (done.has(tx)) continue;
      const legs = byTx.get(tx) ?? [row];
      const several = legs.some((leg) => leg.chunk.asset[leg.index] !== row.chunk.asset[row.index]);
      const atom = several ? legs.map(toAtomLeg) : [];
      if (isAtom(atom)) {
        done.add(tx);
        this.#atom(legs, atom);
      } else this.#move(row);
    }
  }

  #move({ chunk, index }: EdgeRow): void {
    const hops = this.#hops(chunk.from[index]!);
    if (hops !== null) this.#arrive(chunk.to[index]!, chunk.toOwner[index]!, hops + 1);
  }

  #atom(rows: readonly EdgeRow[], legs: readonly AtomLeg<bigint>[]): void {
    const payers = new Map<bigint, number>();
    for (const { chunk, index } of rows) {
      const hops = this.#hops(chunk.from[index]!);
      if (hops !== null) payers.set(chunk.from[index]!, hops);
    }
    if (payers.size === 0) return;
    for (const [payer, hops] of payers) {
      for (const receiver of atomReceivers(legs, payer)) this.#arrive(receiver.place, receiver.owner, hops + 1);
    }
  }

  /** Hops of a place that may still be followed, or null. */
  #hops(fingerprint: bigint): number | null {
    if (fingerprint === 0n) return null;
    const hops = this.reached.getPrint(fingerprint);
    const { maxHops } = this.#query;
    return hops < 0 || (maxHops !== null && hops > maxHops) ? null : hops;
  }

  #arrive(place: bigint, owner: bigint, hops: number): void {
    if (place === 0n) return;
    if (this.#query.stops.getPrint(owner) >= 0) return;
    this.#touch(place, hops);
  }
}

interface EdgeRow {
  readonly chunk: EdgeChunk;
  readonly index: number;
}

function rowsOf(chunk: EdgeChunk, start: number, end: number): EdgeRow[] {
  return Array.from({ length: end - start }, (_, offset) => ({ chunk, index: start + offset }));
}

function slice(chunk: EdgeChunk, start: number, end: number): EdgeChunk {
  return {
    count: end - start,
    tx: chunk.tx.slice(start, end),
    from: chunk.from.slice(start, end),
    to: chunk.to.slice(start, end),
    fromOwner: chunk.fromOwner.slice(start, end),
    toOwner: chunk.toOwner.slice(start, end),
    asset: chunk.asset.slice(start, end),
    time: chunk.time.slice(start, end),
    amountLow: chunk.amountLow.slice(start, end),
    amountHigh: chunk.amountHigh.slice(start, end),
  };
}

function toAtomLeg({ chunk, index }: EdgeRow): AtomLeg<bigint> {
  const named = (print: bigint): bigint | null => (print === 0n ? null : print);
  return {
    from: named(chunk.from[index]!),
    to: named(chunk.to[index]!),
    fromOwner: named(chunk.fromOwner[index]!),
    toOwner: named(chunk.toOwner[index]!),
    asset: chunk.asset[index]!,
    amount: chunk.amountLow[index]! + (chunk.amountHigh[index]! << 64n),
  };
}

export interface UtxoReach {
  /** Transactions to load: those that spend a reached outpoint, and those that create a seeded one. */
  readonly transactions: FingerprintMap;
  readonly outpoints: FingerprintMap;
}

/**
 * Every UTXO transaction that money from the seeded outpoints can reach. Block times run backward at times, so a spend can
 * stand before what it spends: passes are repeated until one adds nothing.
 */
export async function reachUtxo(
  store: Store,
  outpoints: BigUint64Array,
  query: ReachQuery,
  progress: Progress,
): Promise<UtxoReach> {
  const reach = { transactions: new FingerprintMap(), outpoints: new FingerprintMap() };
  if (outpoints.length === 0) return reach;
  reach.outpoints.setAll(outpoints, 0);
  const seeded = new FingerprintMap();
  seeded.setAll(outpoints, 0);
  for (let before = -1; before !== reach.outpoints.size + reach.transactions.size; ) {
    before = reach.outpoints.size + reach.transactions.size;
    await utxoPass(store, reach, seeded, query, progress);
  }
  return reach;
}

async function utxoPass(
  store: Store,
  reach: UtxoReach,
  seeded: FingerprintMap,
  query: ReachQuery,
  progress: Progress,
): Promise<void> {
  const maxHops = query.maxHops ?? Number.MAX_SAFE_INTEGER;
  let done = 0;
  for await (const chunk of store.utxoEdges({ from: 0, until: query.until })) {
    const tx = new Uint32Array(chunk.tx.buffer, chunk.tx.byteOffset, chunk.count * 2);
    const outpoint = new Uint32Array(chunk.outpoint.buffer, chunk.outpoint.byteOffset, chunk.count * 2);
    const owner = new Uint32Array(chunk.owner.buffer, chunk.owner.byteOffset, chunk.count * 2);
    for (let word = 0; word < chunk.count * 2; word += 2) {
      const hops = reach.outpoints.get(outpoint[word]!, outpoint[word + 1]!);
      if (chunk.spends[word / 2] === 1) {
        if (hops >= 0 && hops <= maxHops) lower(reach.transactions, tx[word]!, tx[word + 1]!, hops + 1);
        continue;
      }
      const created = reach.transactions.get(tx[word]!, tx[word + 1]!);
      const isStop = query.stops.get(owner[word]!, owner[word + 1]!) >= 0;
      if (created > 0 && !isStop) arrive(reach.outpoints, outpoint[word]!, outpoint[word + 1]!, created);
      if (created < 0 && seeded.get(outpoint[word]!, outpoint[word + 1]!) >= 0)
        reach.transactions.set(tx[word]!, tx[word + 1]!, 0);
    }
    done += chunk.count;
    progress.report('following outputs', done, 0);
  }
}

/** A creator (value 0) that turns out to spend reached money as well is a spender from then on. */
function lower(map: FingerprintMap, low: number, high: number, hops: number): void {
  const before = map.get(low, high);
  if (before <= 0 || hops < before) map.set(low, high, hops);
}

/** A seeded outpoint (hops 0) stays one, also where money that was reached pays into it. */
function arrive(map: FingerprintMap, low: number, high: number, hops: number): void {
  const before = map.get(low, high);
  if (before < 0 || hops < before) map.set(low, high, hops);
}
