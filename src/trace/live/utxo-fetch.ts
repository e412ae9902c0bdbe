import { HaetaeError } from '../../base/errors.ts';
import type { UtxoTransaction } from '../../model/transfer.ts';
import type { BlockRef, RawUtxoTransaction, UtxoBlock, UtxoSource } from '../../source/chain-source.ts';
import type { Covered, KeptBlock } from '../../store/port.ts';
import { type FetchJob, keepFetched, scanToEnd } from './job.ts';
import { requireOneBranch } from './one-branch.ts';
import type { OpenOutput, UtxoReach } from './utxo-reach.ts';

const WRITE_TRANSACTIONS = 1000;
const WRITE_MS = 2000;
/** Outpoints asked about in one call. */
const ASK_OUTPOINTS = 100;
/** Transactions asked for at once. */
const AT_ONCE = 8;

export interface UtxoFetch extends FetchJob<UtxoSource> {
  readonly reach: UtxoReach;
}

/**
 * Finds who spent the reached outputs up to the end, hop by hop: by an index of spends where the source has one, else block by
 * block. False where all of them are known unspent up to the end.
 */
export async function fetchOutputs(fetch: UtxoFetch): Promise<boolean> {
  const missing = await missingOutputs(fetch);
  if (missing.length === 0) return false;
  const first = await fetch.source.spenders(
    missing.slice(0, 1).map((output) => output.outpoint),
    fetch.end,
  );
  if (first !== null) await followSpends(fetch, missing);
  else {
    const { source } = fetch;
    const start = missing[0]!.from;
    const better = 'a source that knows who spends an output (esplora:)';
    await scanToEnd(fetch, start, (from, to) => source.blocks(from, to), new UtxoScan(fetch, start), better);
  }
  return true;
}

interface MissingOutput extends OpenOutput {
  /** The first block of which it is not known whether it was spent there. */
  readonly from: bigint;
}

async function missingOutputs({ store, source, reach, end }: UtxoFetch): Promise<MissingOutput[]> {
  const open = [...reach.open.values()].filter((output) => output.block <= end.number);
  const covered = await store.covered(
    source.chain,
    open.map((output) => output.outpoint),
  );
  const until = new Map<string, bigint>();
  for (const range of covered) until.set(range.place, range.to);
  return open
    .map((output) => ({ ...output, from: (until.get(output.outpoint) ?? output.block - 1n) + 1n }))
    .filter((output) => output.from <= end.number)
    .sort((a, b) => (a.from < b.from ? -1 : 1));
}

async function followSpends(fetch: UtxoFetch, missing: readonly MissingOutput[]): Promise<void> {
  const { source, reach, progress, end } = fetch;
  const shelf = new UtxoShelf(fetch);
  const queue = missing.map((output) => output.outpoint);
  const queued = new Set(queue);
  for (let done = 0; done < queue.length; ) {
    const asked = queue.slice(done, done + ASK_OUTPOINTS);
    progress.report(`following outputs of ${source.chain}`, done, queue.length);
    const spenders = await source.spenders(asked, end);
    if (spenders === null) {
      throw new HaetaeError('E_SOURCE_ANSWER', 'the source no longer tells who spends an output', {
        context: { source: source.name },
        remedy: 'run the same command again; what was fetched is kept',
        retry: true,
      });
    }
    const txs = [...new Set(spenders.filter((spender) => spender !== null))];
    for (let start = 0; start < txs.length; start += AT_ONCE) {
      const found = await Promise.all(txs.slice(start, start + AT_ONCE).map((tx) => source.transaction(tx)));
      for (const { transaction, ref } of found) {
        if (ref.number > end.number) continue;
        shelf.add(transaction, ref);
        reach.apply(transaction);
      }
    }
    done += asked.length;
    for (const outpoint of reach.open.keys()) {
      if (queued.has(outpoint)) continue;
      queued.add(outpoint);
      queue.push(outpoint);
    }
    if (!shelf.full()) continue;
    await requireOneBranch(source, shelf.blocks(), end);
    await shelf.write([], null);
  }
  await requireOneBranch(source, shelf.blocks(), end);
  await shelf.write(unspentUntil(reach, 0n, end), end);
}

/** Reached outputs that no block up to this one spends. */
function unspentUntil(reach: UtxoReach, from: bigint, last: BlockRef): Covered[] {
  return [...reach.open.values()]
    .filter((output) => output.block <= last.number)
    .map((output) => ({
      place: output.outpoint,
      from: output.block > from ? output.block : from,
      to: last.number,
      fromTime: output.time,
      toTime: last.time,
      gaps: [],
      busy: null,
    }));
}

/** Blocks of one chain in order: transactions that spend a reached output are completed and kept. */
export class UtxoScan {
  readonly #fetch: UtxoFetch;
  readonly #shelf: UtxoShelf;
  #last: BlockRef | null = null;
  #unwritten: bigint;

  constructor(fetch: UtxoFetch, from: bigint) {
    this.#fetch = fetch;
    this.#shelf = new UtxoShelf(fetch);
    this.#unwritten = from;
  }

  /** The transactions by which reached money moved. */
  async add(block: UtxoBlock): Promise<readonly UtxoTransaction[]> {
    const { source, reach } = this.#fetch;
    // The first block read meets the one kept before it: its parent, or the chain was reorganised.
    if (this.#last === null) this.#shelf.keepBlock(block.ref);
    const raw = matching(block.transactions, reach);
    const found = raw.length === 0 ? [] : await source.resolve(raw);
    for (const transaction of found) this.#shelf.add(transaction, block.ref);
    this.#last = block.ref;
    if (this.#shelf.full()) await this.write();
    return found;
  }

  async write(): Promise<void> {
    if (this.#last === null || this.#last.number < this.#unwritten) return;
    await this.#shelf.write(unspentUntil(this.#fetch.reach, this.#unwritten, this.#last), this.#last);
    this.#unwritten = this.#last.number + 1n;
  }
}

/** Some chains order a block by id, not by who spends whom: read again until nothing is added. */
function matching(transactions: readonly RawUtxoTransaction[], reach: UtxoReach): RawUtxoTransaction[] {
  const found = new Set<RawUtxoTransaction>();
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const transaction of transactions) {
      if (found.has(transaction) || !reach.spends(transaction)) continue;
      reach.apply(transaction);
      found.add(transaction);
    }
  }
  return transactions.filter((transaction) => found.has(transaction));
}

/** Collects transactions until they are worth a write. */
export class UtxoShelf {
  readonly #job: FetchJob<UtxoSource>;
  readonly #transactions = new Map<string, UtxoTransaction>();
  readonly #blocks = new Map<bigint, KeptBlock>();
  #writtenAt = Date.now();

  constructor(job: FetchJob<UtxoSource>) {
    this.#job = job;
  }

  full(): boolean {
    return this.#transactions.size >= WRITE_TRANSACTIONS || Date.now() - this.#writtenAt > WRITE_MS;
  }

  keepBlock(ref: BlockRef): void {
    this.#blocks.set(ref.number, ref);
  }

  /** Blocks gathered since the last write. */
  blocks(): readonly KeptBlock[] {
    return [...this.#blocks.values()];
  }

  add(transaction: UtxoTransaction, ref: BlockRef): void {
    this.#transactions.set(transaction.tx, transaction);
    this.#blocks.set(ref.number, ref);
  }

  async write(covered: readonly Covered[], end: BlockRef | null): Promise<void> {
    if (end !== null) this.#blocks.set(end.number, end);
    const [utxo, blocks] = [[...this.#transactions.values()], [...this.#blocks.values()]];
    await keepFetched(this.#job, { utxo, blocks, covered });
    this.#transactions.clear();
    this.#blocks.clear();
    this.#writtenAt = Date.now();
  }
}
