import type { DuckDBBlobValue, DuckDBConnection, DuckDBDataChunk, DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import { HaetaeError } from '../../base/errors.ts';
import type { AssetId } from '../../model/asset.ts';
import type { ChainId } from '../../model/chain.ts';
import type { AddressBytes, NumberedChunk, NumberedQuery } from '../numbered.ts';
import { CHUNK_ROWS, columnChunks, copyColumns } from './chunks.ts';
import type { Engine } from './engine.ts';
import { chainPrefix } from './fingerprint.ts';
import { type Chunk, type Column, mergeChunks } from './merge.ts';
import { disjoint, type NumberedRun, numberedRuns, unnumbered } from './numbered-runs.ts';
import { numberedColumns, UNNAMED } from './numbers.ts';

/** Texts handed out at once. */
const TEXTS = 65_536;

export function readNumberedChains(
  engine: Engine,
): Promise<readonly { readonly chain: ChainId; readonly model: 'account' | 'utxo' }[]> {
  return engine.read(async (connection) => {
    const result = await connection.runAndReadAll('SELECT DISTINCT chain, kind FROM run ORDER BY chain, kind');
    return result
      .getRows()
      .map(([chain, kind]) => ({ chain: String(chain), model: kind === 'utxo' ? 'utxo' : 'account' }));
  });
}

export async function readNumberedAssets(connection: DuckDBConnection, chain: ChainId): Promise<readonly AssetId[]> {
  const result = await connection.runAndReadAll('SELECT asset FROM numbered_asset WHERE chain = $1 ORDER BY id', [
    chain,
  ]);
  return result.getRows().map(([asset]) => String(asset));
}

/** Texts joined inside DuckDB: to fetch one costs a call, which is five times the rest. Throws E_STORE_CORRUPT where an id is missing. */
export async function* readAddressTexts(
  connection: DuckDBConnection,
  chain: ChainId,
  from: number,
): AsyncGenerator<AddressBytes> {
  for (let first = from; ; first += TEXTS) {
    const range = [chain, first, first + TEXTS - 1] as DuckDBValue[];
    const within = 'FROM address WHERE chain = $1 AND id BETWEEN $2 AND $3';
    const starts = await readStarts(
      await connection.stream(`SELECT id, strlen(text)::UINTEGER ${within} ORDER BY id`, range),
      first,
      chain,
    );
    const count = starts.length - 1;
    if (count === 0) return;
    const joined = await connection.runAndReadAll(`SELECT encode(string_agg(text, '' ORDER BY id)) ${within}`, range);
    yield { count, bytes: (joined.getRows()[0]![0] as DuckDBBlobValue).bytes, starts };
    if (count < TEXTS) return;
  }
}

/** Where each text begins and the last one ends. */
async function readStarts(result: DuckDBResult, first: number, chain: ChainId): Promise<Uint32Array> {
  const starts = new Uint32Array(TEXTS + 1);
  let count = 0;
  for await (const chunk of result) {
    const words = (column: number): Uint32Array =>
      (chunk.getColumnVector(column) as unknown as { readonly items: Uint32Array }).items;
    const ids = words(0);
    const lengths = words(1);
    for (let row = 0; row < chunk.rowCount; row += 1, count += 1) {
      if (ids[row] !== first + count) throw gap(chain, first + count);
      starts[count + 1] = starts[count]! + lengths[row]!;
    }
  }
  return starts.subarray(0, count + 1);
}

function gap(chain: ChainId, id: number): HaetaeError {
  return new HaetaeError('E_STORE_CORRUPT', 'an address id is missing or given twice', {
    context: { chain, id },
    remedy: 'restore a backup, or import the files into a new store',
  });
}

/** Amounts too large for two words, on their way from a text to the chunk that is handed out. */
class LargeAmounts {
  private readonly held = new Map<number, bigint>();
  private next = 0;

  keep(text: string): number {
    this.held.set(this.next, BigInt(text));
    this.next += 1;
    return this.next - 1;
  }

  take(index: number): bigint {
    const amount = this.held.get(index)!;
    this.held.delete(index);
    return amount;
  }
}

const PLAIN = ['sender', 'receiver', 'asset', 'low', 'high', 'seconds', 'known_block', 'tx'] as const;
const TIME = PLAIN.indexOf('seconds');
/** Which of the large amounts a row's is, -1 for none; in DuckDB's chunks it is the text of the amount. */
const LARGE = PLAIN.length;
/** What streams are merged by after time: -1, for no block, becomes the last. */
const ORDER = ['order_block', 'tx_index', 'leg'] as const;

/** How columns of a query are read: with those of large amounts where there are any, and those of the order where streams are merged. */
interface Form {
  readonly large: boolean;
  readonly merged: boolean;
}

function columnNames({ large, merged }: Form): string {
  return [...PLAIN, ...(large ? ['large'] : []), ...(merged ? ORDER : [])].join(', ');
}

function makeColumns({ large, merged }: Form): Column[] {
  const words = (): Uint32Array => new Uint32Array(CHUNK_ROWS);
  const longs = (): BigUint64Array => new BigUint64Array(CHUNK_ROWS);
  const doubles = (): Float64Array => new Float64Array(CHUNK_ROWS);
  const ints = (): Int32Array => new Int32Array(CHUNK_ROWS);
  const plain = [words(), words(), words(), longs(), longs(), doubles(), doubles(), longs()];
  return [...plain, ...(large ? [ints()] : []), ...(merged ? [doubles(), ints(), ints()] : [])];
}

/** What is read of `numbered`, or of rows numbered on the way. */
function selected(form: Form, rows: string, order: string): string {
  return `SELECT ${columnNames(form)} FROM (SELECT *, time::DOUBLE AS seconds, coalesce(block, -1)::DOUBLE AS known_block,
    coalesce(block::DOUBLE, 'infinity'::DOUBLE) AS order_block FROM (${rows})) ${order}`;
}

/** Imports as they lie; those that share seconds are sorted together, and what was fetched is sorted and merged in. */
export async function* readNumberedTransfers(
  engine: Engine,
  key: string,
  query: NumberedQuery,
): AsyncGenerator<NumberedChunk> {
  const { imports, live } = await engine.read((connection) => numberedRuns(connection, query.chain, 'transfer'));
  const within = (run: NumberedRun): boolean =>
    run.lastTime >= query.from && (query.to === null || run.firstTime <= query.to);
  const runs = imports.filter(within);
  const fetched = live !== null && within(live) ? live : null;
  const form = { large: fetched !== null || runs.some((run) => run.large > 0), merged: fetched !== null };
  const amounts = new LargeAmounts();
  const stored = engine.stream((connection) => storedRows(connection, runs, query, form, amounts));
  const chunks =
    fetched === null
      ? stored
      : mergeChunks(
          stored,
          engine.stream((connection) => fetchedRows(connection, fetched, key, query, form, amounts)),
          [TIME, LARGE + 1, LARGE + 2, LARGE + 3],
          () => makeColumns(form),
        );
  for await (const chunk of chunks) yield numberedChunk(chunk, form, amounts);
}

function bounds({ from, to }: NumberedQuery): bigint[] {
  return [BigInt(from), to === null ? BigInt(Number.MAX_SAFE_INTEGER) : BigInt(to)];
}

async function* storedRows(
  connection: DuckDBConnection,
  runs: readonly NumberedRun[],
  query: NumberedQuery,
  form: Form,
  amounts: LargeAmounts,
): AsyncGenerator<Chunk> {
  for (const group of disjoint(runs, (run) => [run.firstTime, run.lastTime])) {
    const ids = group.map((run) => run.batch).join(', ');
    const rows = `SELECT *, rowid AS place FROM numbered WHERE batch IN (${ids}) AND time BETWEEN $1 AND $2`;
    const order = group.length === 1 ? '' : 'ORDER BY time, block, tx_index, leg, batch, place';
    yield* chunksOf(connection, selected(form, rows, order), bounds(query), form, amounts);
  }
}

async function* fetchedRows(
  connection: DuckDBConnection,
  live: NumberedRun,
  key: string,
  query: NumberedQuery,
  form: Form,
  amounts: LargeAmounts,
): AsyncGenerator<Chunk> {
  const names = '(SELECT id, text FROM address WHERE chain = $3)';
  const rows = `SELECT ${numberedColumns('$4', `${UNNAMED}::UINTEGER`)} FROM transfer AS t
    LEFT JOIN ${names} AS f ON f.text = t.sender LEFT JOIN ${names} AS r ON r.text = t.receiver
    LEFT JOIN (SELECT id, asset FROM numbered_asset WHERE chain = $3) AS a ON a.asset = t.asset
    WHERE t.batch = ${live.batch} AND t.time BETWEEN $1 AND $2 AND t.amount IS DISTINCT FROM 0`;
  const sql = selected(form, rows, 'ORDER BY time, block, tx_index, leg');
  const values = [...bounds(query), query.chain, chainPrefix(key, query.chain)];
  for await (const chunk of chunksOf(connection, sql, values, form, amounts)) {
    requireNames(chunk, [0, 1, 2], query.chain);
    yield chunk;
  }
}

/** For rows numbered on the way. Throws E_STORE_CORRUPT. */
export function requireNames({ count, columns }: Chunk, which: readonly number[], chain: ChainId): void {
  for (const column of which) {
    if ((columns[column] as Uint32Array).subarray(0, count).includes(UNNAMED)) throw unnumbered(chain, {});
  }
}

async function* chunksOf(
  connection: DuckDBConnection,
  sql: string,
  values: DuckDBValue[],
  form: Form,
  amounts: LargeAmounts,
): AsyncGenerator<Chunk> {
  const copy = (chunk: DuckDBDataChunk, columns: readonly Column[], offset: number): void => {
    const fixed = columns.map((column, index) => (form.large && index === LARGE ? null : column));
    copyColumns(chunk, fixed, offset);
    if (!form.large) return;
    const texts = chunk.getColumnVector(LARGE);
    const column = columns[LARGE] as Int32Array;
    for (let row = 0; row < chunk.rowCount; row += 1) {
      const text = texts.getItem(row) as string | null;
      column[offset + row] = text === null ? -1 : amounts.keep(text);
    }
  };
  yield* columnChunks(await connection.stream(sql, values), () => makeColumns(form), TIME, copy);
}

type Columns = [
  Uint32Array,
  Uint32Array,
  Uint32Array,
  BigUint64Array,
  BigUint64Array,
  Float64Array,
  Float64Array,
  BigUint64Array,
];

function numberedChunk({ count, columns }: Chunk, form: Form, amounts: LargeAmounts): NumberedChunk {
  const [from, to, asset, low, high, time, block, tx] = columns as unknown as Columns;
  const large: { row: number; amount: bigint }[] = [];
  if (form.large) {
    const indexes = columns[LARGE] as Int32Array;
    for (let row = 0; row < count; row += 1) {
      if (indexes[row]! >= 0) large.push({ row, amount: amounts.take(indexes[row]!) });
    }
  }
  return { count, from, to, asset, low, high, time, block, tx, large };
}
