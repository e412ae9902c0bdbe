import { createHash } from 'node:crypto';
import { HaetaeError } from '../../base/errors.ts';
import type { AssetId } from '../../model/asset.ts';
import type { ChainId } from '../../model/chain.ts';
import { FEE_KINDS, type Transfer, type UtxoTransaction } from '../../model/transfer.ts';
import { isLive } from '../fetched.ts';
import type {
  IdCounts,
  NumberedChunk,
  NumberedQuery,
  NumberedUtxoChunk,
  StoreContents,
  TimeWindow,
} from '../numbered.ts';
import type { Batch, Opening } from '../port.ts';
import { outpointPrint, txPrint } from './edges.ts';
import type { Fingerprints } from './fingerprint.ts';
import { compareBlock, compareText } from './order.ts';

const CHUNK_ROWS = 4096;
const NONE = 0xffff_ffff;
const FEE = 0xffff_fffe;
const WORD = 2n ** 64n - 1n;
const LARGEST = 2n ** 128n - 1n;

/** The numbers of one chain. Maps keep the order of their ids. */
export interface ChainNumbers {
  readonly addresses: ReadonlyMap<string, number>;
  readonly assets: ReadonlyMap<AssetId, number>;
  /** Imports whose rows have numbers. */
  readonly batches: ReadonlySet<number>;
}

export const NO_NUMBERS: ChainNumbers = { addresses: new Map(), assets: new Map(), batches: new Set() };

/** Everything stored, of all chains, in order. */
export interface Rows {
  readonly batches: readonly Batch[];
  readonly transfers: readonly Transfer[];
  readonly utxo: readonly UtxoTransaction[];
}

/** The numbers of a chain after its imports (all, or the one batch) got theirs, and, where all did, what was fetched. */
export function withNumbers(
  rows: Rows,
  known: ChainNumbers,
  chain: ChainId,
  batch: number | null,
): { readonly numbers: ChainNumbers; readonly counts: IdCounts } {
  const addresses = new Map(known.addresses);
  const assets = new Map(known.assets);
  const batches = new Set(known.batches);
  let numbered = 0;
  const own = rows.batches.filter((item) => item.chain === chain && (batch === null || item.id === batch));
  const imports = own.filter((item) => !isLive(item) && !batches.has(item.id));
  for (const { id } of [...imports, ...(batch === null ? own.filter(isLive) : [])]) {
    const moved = rows.transfers.filter((row) => row.source.batch === id && row.amount > 0n);
    const spent = byBlock(rows.utxo.filter((tx) => tx.source.batch === id));
    for (const row of moved) {
      give(assets, row.asset);
      if (row.from !== null) give(addresses, row.from);
      if (row.to !== null && !FEE_KINDS.has(row.kind)) give(addresses, row.to);
    }
    const ends = spent.flatMap(endsOf);
    for (const end of ends) give(addresses, end.address);
    if (!imports.some((item) => item.id === id)) continue;
    numbered += moved.length + ends.length;
    batches.add(id);
  }
  return {
    numbers: { addresses, assets, batches },
    counts: { addresses: addresses.size - known.addresses.size, assets: assets.size - known.assets.size, numbered },
  };
}

function give(ids: Map<string, number>, name: string): void {
  if (!ids.has(name)) ids.set(name, ids.size);
}

/** By block where every transaction names one, in a block as they come; else all as they come, in order of time. */
function byBlock(transactions: readonly UtxoTransaction[]): readonly UtxoTransaction[] {
  if (transactions.some((tx) => tx.block === null)) return transactions;
  return transactions.toSorted((a, b) => compareBlock(a.block, b.block));
}

/** As they are handed out: in a block by (txIndex, tx), whatever their times. */
function inChainOrder(transactions: readonly UtxoTransaction[]): readonly UtxoTransaction[] {
  if (transactions.some((tx) => tx.block === null)) return transactions;
  return transactions.toSorted(
    (a, b) => compareBlock(a.block, b.block) || a.txIndex - b.txIndex || compareText(a.tx, b.tx),
  );
}

interface End {
  readonly address: string;
  readonly value: bigint;
  readonly spends: 0 | 1;
  readonly outpoint: { readonly tx: string; readonly index: number };
}

/** A coinbase input spends no outpoint, so it has no row. */
function endsOf({ tx, inputs, outputs }: UtxoTransaction): End[] {
  const spent = inputs.flatMap(({ outpoint, value, address }): End[] =>
    outpoint === null ? [] : [{ address, value, spends: 1, outpoint }],
  );
  const created = outputs.map(
    ({ value, address }, index): End => ({ address, value, spends: 0, outpoint: { tx, index } }),
  );
  return [...spent, ...created];
}

/** In order of chain. */
export function chainsOf({ transfers, utxo }: Rows): { chain: ChainId; model: 'account' | 'utxo' }[] {
  const account = [...new Set(transfers.map((row) => row.chain))].map((chain) => ({
    chain,
    model: 'account' as const,
  }));
  const spending = [...new Set(utxo.map((tx) => tx.chain))].map((chain) => ({ chain, model: 'utxo' as const }));
  return [...account, ...spending].sort((a, b) => compareText(a.chain, b.chain) || compareText(a.model, b.model));
}

export function* addressChunks({ addresses }: ChainNumbers, from: number): Generator<readonly string[]> {
  const texts = [...addresses.keys()].slice(from);
  for (let start = 0; start < texts.length; start += CHUNK_ROWS) yield texts.slice(start, start + CHUNK_ROWS);
}

function within(time: number, { from, to }: NumberedQuery): boolean {
  return time >= from && (to === null || time <= to);
}

function idOf(ids: ReadonlyMap<string, number>, name: string, chain: ChainId): number {
  const id = ids.get(name);
  if (id === undefined) throw unnumbered(chain);
  return id;
}

function unnumbered(chain: ChainId): HaetaeError {
  return new HaetaeError('E_STORE_CORRUPT', 'names of stored movements have no numbers yet', {
    context: { chain },
    remedy: 'build the index anew (haetae index build), which numbers them first',
  });
}

/** Throws E_STORE_CORRUPT where an import has no numbers. */
function requireNumbered(
  { batches }: Rows,
  numbers: ChainNumbers,
  rows: readonly (Transfer | UtxoTransaction)[],
): void {
  const imports = new Set(batches.filter((batch) => !isLive(batch)).map((batch) => batch.id));
  for (const { chain, source } of rows) {
    if (imports.has(source.batch) && !numbers.batches.has(source.batch)) throw unnumbered(chain);
  }
}

export function* transferChunks(
  rows: Rows,
  numbers: ChainNumbers,
  query: NumberedQuery,
  prints: Fingerprints,
): Generator<NumberedChunk> {
  const own = rows.transfers.filter((row) => row.chain === query.chain);
  requireNumbered(rows, numbers, own);
  const moved = own.filter((row) => row.amount > 0n && within(row.time, query));
  for (let start = 0; start < moved.length; start += CHUNK_ROWS) {
    yield transferChunk(moved.slice(start, start + CHUNK_ROWS), numbers, prints);
  }
}

function transferChunk(
  rows: readonly Transfer[],
  { addresses, assets }: ChainNumbers,
  prints: Fingerprints,
): NumberedChunk {
  const owner = (row: Transfer, name: string | null): number =>
    name === null ? NONE : idOf(addresses, name, row.chain);
  const capped = rows.map((row) => (row.amount > LARGEST ? LARGEST : row.amount));
  return {
    count: rows.length,
    from: Uint32Array.from(rows, (row) => owner(row, row.from)),
    to: Uint32Array.from(rows, (row) => (FEE_KINDS.has(row.kind) ? FEE : owner(row, row.to))),
    asset: Uint32Array.from(rows, (row) => idOf(assets, row.asset, row.chain)),
    low: BigUint64Array.from(capped, (amount) => amount & WORD),
    high: BigUint64Array.from(capped, (amount) => amount >> 64n),
    time: Float64Array.from(rows, (row) => row.time),
    block: Float64Array.from(rows, (row) => (row.block === null ? -1 : Number(row.block))),
    tx: BigUint64Array.from(rows, (row) => (row.tx === null ? 0n : prints.of('tx', row.chain, row.tx))),
    large: rows.flatMap(({ amount }, row) => (amount >= LARGEST ? [{ row, amount }] : [])),
  };
}

export function* utxoChunks(
  rows: Rows,
  numbers: ChainNumbers,
  query: NumberedQuery,
  prints: Fingerprints,
): Generator<NumberedUtxoChunk> {
  const own = rows.utxo.filter((tx) => tx.chain === query.chain);
  requireNumbered(rows, numbers, own);
  const ends = inChainOrder(own)
    .filter((tx) => within(tx.time, query))
    .flatMap((tx) => endsOf(tx).map((end, index) => ({ tx, end, begins: index === 0 ? 1 : 0 })));
  for (let start = 0; start < ends.length; start += CHUNK_ROWS) {
    const part = ends.slice(start, start + CHUNK_ROWS);
    yield {
      count: part.length,
      begins: Uint8Array.from(part, ({ begins }) => begins),
      spends: Uint8Array.from(part, ({ end }) => end.spends),
      owner: Uint32Array.from(part, ({ end }) => idOf(numbers.addresses, end.address, query.chain)),
      value: BigUint64Array.from(part, ({ end }) => end.value),
      outpoint: BigUint64Array.from(part, ({ end }) => outpointPrint(prints, { chain: query.chain, ...end.outpoint })),
      time: Float64Array.from(part, ({ tx }) => tx.time),
      block: Float64Array.from(part, ({ tx }) => (tx.block === null ? -1 : Number(tx.block))),
      tx: BigUint64Array.from(part, ({ tx }) => txPrint(prints, tx)),
    };
  }
}

export function contentsOf(
  { batches, transfers, utxo }: Rows,
  chain: ChainId,
  windows: readonly TimeWindow[],
  openings: readonly Opening[],
): StoreContents {
  const own = batches.filter((batch) => batch.chain === chain);
  const live = own.find(isLive);
  const imports = own
    .filter((batch) => !isLive(batch) && batch.rowsKept > 0)
    .map(({ id, contentId, rowsKept, firstTime, lastTime }) => {
      return { batch: id, contentId, rows: rowsKept, window: { from: firstTime!, to: lastTime! } };
    });
  const fetchedRows = [...transfers, ...utxo].filter((row) => row.source.batch === live?.id);
  const fetched = windows.map(({ from, to }) => {
    const rows = fetchedRows.filter((row) => row.time >= from && row.time <= to);
    return { rows: rows.length, digest: digestOf(rows.map(({ source: _, ...row }) => row)) };
  });
  return { imports, fetched, fetchedRows: fetchedRows.length, openings: digestOf(openings) };
}

/** Whatever order the rows come in. */
function digestOf(rows: readonly object[]): string {
  const texts = rows.map((row) =>
    JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? value.toString() : value)),
  );
  return createHash('sha256').update(JSON.stringify(texts.sort())).digest('hex');
}
