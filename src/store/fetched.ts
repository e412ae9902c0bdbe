import { assert } from '../base/assert.ts';
import { HaetaeError } from '../base/errors.ts';
import { formatTime } from '../base/time.ts';
import type { ChainId } from '../model/chain.ts';
import type { Transfer, UtxoTransaction } from '../model/transfer.ts';
import type { Batch, Fetched } from './port.ts';

const LIVE = 'live:';

/** What was fetched of a chain is one batch, which grows and, after a reorganisation, shrinks. */
export function liveContentId(chain: ChainId): string {
  return `${LIVE}${chain}`;
}

/** A live batch's rows lie in the order they were fetched in; those of every other batch in order of time. */
export function isLive(batch: Pick<Batch, 'contentId'>): boolean {
  return batch.contentId.startsWith(LIVE);
}

/** The live batch before rows are added to it: made where there is none, the names of the sources put in. */
export function openLiveBatch(known: Batch | null, nextId: number, fetched: Fetched): Batch {
  const batch = known ?? emptyLiveBatch(nextId, fetched);
  const names = new Set(batch.files.map((file) => file.name));
  const more = [...new Set(fetched.sources)].filter((name) => !names.has(name));
  const files = [...batch.files, ...more.map((name) => ({ name, sha256: '', bytes: 0 }))];
  return { ...batch, files, importedAt: fetched.at };
}

function emptyLiveBatch(id: number, { chain, at }: Fetched): Batch {
  return {
    id,
    contentId: liveContentId(chain),
    preset: 'live',
    chain,
    files: [],
    orderRule: 'index',
    duplicateRule: 'keep',
    complete: false,
    importedAt: at,
    rowsRead: 0,
    rowsKept: 0,
    refused: {},
    duplicates: 0,
    alreadyStored: 0,
    rounded: 0,
    zeroValue: 0,
    firstTime: null,
    lastTime: null,
  };
}

/** The batch with the counts of rows added to it. What a fetch brings a second time is not counted: a live batch says what it holds. */
export function grown(batch: Batch, transfers: readonly Transfer[], utxo: readonly UtxoTransaction[]): Batch {
  const range = timeRange([...transfers, ...utxo], batch);
  return {
    ...batch,
    rowsRead: batch.rowsRead + transfers.length + utxo.length,
    rowsKept: batch.rowsKept + transfers.length + utxo.length,
    rounded: batch.rounded + transfers.filter((row) => row.rounded).length,
    zeroValue: batch.zeroValue + transfers.filter((row) => row.amount === 0n).length,
    firstTime: range?.first ?? null,
    lastTime: range?.last ?? null,
  };
}

/** First and last second of the rows and of what was there before. */
export function timeRange(
  rows: readonly { readonly time: number }[],
  before: Pick<Batch, 'firstTime' | 'lastTime'> = { firstTime: null, lastTime: null },
): { readonly first: number; readonly last: number } | null {
  let first = before.firstTime ?? Number.POSITIVE_INFINITY;
  let last = before.lastTime ?? Number.NEGATIVE_INFINITY;
  for (const { time } of rows) {
    first = Math.min(first, time);
    last = Math.max(last, time);
  }
  return first > last ? null : { first, last };
}

/** The row as part of the live batch: its file is the source among those of this answer, looked up among the batch's. */
export function inLiveBatch<T extends Transfer | UtxoTransaction>(row: T, batch: Batch, fetched: Fetched): T {
  const name = fetched.sources[row.source.file] ?? fetched.sources[0];
  const file = Math.max(
    0,
    batch.files.findIndex((item) => item.name === name),
  );
  return { ...row, source: { batch: batch.id, file, row: row.source.row } };
}

/** Faults of whoever calls: a fetched row is of its chain and stands in a block, and an opening is no movement. */
export function assertFetched({ chain, transfers, utxo }: Fetched): void {
  for (const row of transfers) {
    assert(row.chain === chain && row.block !== null, 'a fetched movement is of its chain and names its block');
    assert(row.kind !== 'opening', 'an opening is no movement that is stored');
  }
  for (const tx of utxo) {
    assert(tx.chain === chain && tx.block !== null, 'a fetched transaction is of its chain and names its block');
  }
}

/** Rows that are there already, with every batch they are of. */
export interface StoredRows<T> {
  readonly rows: readonly T[];
  readonly batches: readonly Batch[];
}

/**
 * The fetched rows that no batch holds, in their order. One movement is (tx, kind, leg), or (block, txIndex, leg, kind) of what was
 * fetched without a transaction; in files without an index the n-th movement with a content is the n-th with it here.
 * `stored` holds at least the rows of the same transactions, and the fetched ones without a transaction of the same blocks.
 */
export function freshTransfers(fetched: readonly Transfer[], stored: StoredRows<Transfer>): Transfer[] {
  const batches = new Map(stored.batches.map((batch) => [batch.id, batch]));
  const byKey = new Map<string, Transfer>();
  const copies = new Map<string, number>();
  for (const row of stored.rows) {
    const batch = batches.get(row.source.batch)!;
    if (row.tx === null && !isLive(batch)) continue;
    if (batch.orderRule === 'index') byKey.set(rowKey(row), row);
    else copies.set(contentKey(row), (copies.get(contentKey(row)) ?? 0) + 1);
  }
  return fetched.filter((row) => {
    const known = byKey.get(rowKey(row));
    if (known !== undefined) {
      const batch = batches.get(known.source.batch);
      requireSame(row, known, transferFault(row, known, batch === undefined || isLive(batch)), batch);
      return false;
    }
    byKey.set(rowKey(row), row);
    if (row.tx === null) return true;
    const left = copies.get(contentKey(row)) ?? 0;
    copies.set(contentKey(row), left - 1);
    return left <= 0;
  });
}

function rowKey({ tx, block, txIndex, leg, kind }: Transfer): string {
  return tx === null ? `|${block}|${txIndex}|${leg}|${kind}` : `${tx}|${leg}|${kind}`;
}

function contentKey({ tx, kind, from, to, asset, amount }: Transfer): string {
  return JSON.stringify([tx, kind, from, to, asset, amount.toString()]);
}

type Field = readonly [name: string, stored: unknown, fetched: unknown];

/** The first field in which two rows of one key differ. A block or a place in it that a file does not know is no difference. */
function transferFault(row: Transfer, known: Transfer, bothFetched: boolean): Field | null {
  const fields: Field[] = [
    ['from', known.from, row.from],
    ['to', known.to, row.to],
    ['asset', known.asset, row.asset],
    ['amount', known.amount, row.amount],
    ['time', known.time, row.time],
    ['block', known.block ?? row.block, row.block],
  ];
  if (bothFetched) fields.push(['txIndex', known.txIndex, row.txIndex]);
  return fields.find(([, a, b]) => a !== b) ?? null;
}

/** The fetched transactions that no batch holds, each once. `stored` holds at least those with the same ids. */
export function freshUtxo(fetched: readonly UtxoTransaction[], stored: StoredRows<UtxoTransaction>): UtxoTransaction[] {
  const batches = new Map(stored.batches.map((batch) => [batch.id, batch]));
  const known = new Map(stored.rows.map((tx) => [utxoKey(tx), tx]));
  return fetched.filter((tx) => {
    const same = known.get(utxoKey(tx));
    if (same === undefined) {
      known.set(utxoKey(tx), tx);
      return true;
    }
    const batch = batches.get(same.source.batch);
    requireSame(tx, same, utxoFault(tx, same, batch === undefined || isLive(batch)), batch);
    return false;
  });
}

/** Coinbases before BIP 30 share ids: for them the block counts too. */
function utxoKey(tx: UtxoTransaction): string {
  const coinbase = tx.inputs.length > 0 && tx.inputs.every((input) => input.outpoint === null);
  return coinbase ? `${tx.tx}|${tx.time}|${tx.block}` : tx.tx;
}

function utxoFault(tx: UtxoTransaction, known: UtxoTransaction, bothFetched: boolean): Field | null {
  const inputs = ({ inputs: list }: UtxoTransaction): string =>
    list
      .map(
        ({ outpoint, value, address }) =>
          `${outpoint === null ? '' : `${outpoint.tx}:${outpoint.index}`} ${value} ${address}`,
      )
      .join(', ');
  const outputs = ({ outputs: list }: UtxoTransaction): string =>
    list.map(({ value, address }) => `${value} ${address}`).join(', ');
  const fields: Field[] = [
    ['inputs', inputs(known), inputs(tx)],
    ['outputs', outputs(known), outputs(tx)],
    ['time', known.time, tx.time],
    ['block', known.block ?? tx.block, tx.block],
  ];
  if (bothFetched) fields.push(['txIndex', known.txIndex, tx.txIndex]);
  return fields.find(([, a, b]) => a !== b) ?? null;
}

function requireSame(
  row: Transfer | UtxoTransaction,
  known: Transfer | UtxoTransaction,
  fault: Field | null,
  batch: Batch | undefined,
): void {
  if (fault === null) return;
  const [field, stored, fetched] = fault;
  throw new HaetaeError('E_TRANSFER_CONFLICT', 'a movement that is already stored was fetched with other content', {
    context: {
      chain: row.chain,
      tx: row.tx ?? '',
      block: String(row.block),
      row: row.source.row,
      field,
      stored: short(stored),
      fetched: short(fetched),
      storedFile: batch?.files[known.source.file]?.name ?? '',
      storedRow: known.source.row,
    },
    remedy:
      'ask another source which one is right, or fetch into a store of its own. Nothing of this answer was stored',
  });
}

function short(value: unknown): string {
  return value === null ? 'none' : String(value).slice(0, 160);
}

/**
 * Throws E_ORDER_CONFLICT where two movements of one place share an order key, at least one of them fresh.
 * `stored` holds at least the rows that share a key with one of them.
 */
export function refuseFetchedTies(fresh: readonly Transfer[], stored: StoredRows<Transfer>): void {
  const seen = new Map<string, Transfer>();
  for (const row of stored.rows) for (const key of placeKeys(row)) seen.set(key, row);
  for (const row of fresh) {
    for (const key of placeKeys(row)) {
      const other = seen.get(key);
      if (other !== undefined) throw tie(row, other, stored.batches);
      seen.set(key, row);
    }
  }
}

function placeKeys({ from, to, asset, time, block, txIndex, leg }: Transfer): string[] {
  const key = `${time}|${block}|${txIndex}|${leg}|${asset}|`;
  return [...new Set([from, to])].flatMap((address) => (address === null ? [] : [key + address]));
}

function tie(row: Transfer, other: Transfer, batches: readonly Batch[]): HaetaeError {
  const shared = placeKeys(other);
  const address = [row.from, row.to].find(
    (name) => name !== null && placeKeys({ ...row, from: name, to: null }).some((key) => shared.includes(key)),
  );
  const batch = batches.find((item) => item.id === other.source.batch);
  return new HaetaeError('E_ORDER_CONFLICT', 'two movements of one place carry the same order key', {
    context: {
      chain: row.chain,
      address: address ?? '',
      asset: row.asset,
      time: formatTime(row.time),
      block: String(row.block),
      tx: row.tx ?? '',
      otherTx: other.tx ?? '',
      otherFile: batch?.files[other.source.file]?.name ?? '',
    },
    remedy:
      'keep what is fetched and files that order it in another way in stores of their own. Nothing of this answer was stored',
  });
}
