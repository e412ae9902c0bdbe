import type { DuckDBConnection } from '@duckdb/node-api';
import type { NumberedQuery, NumberedUtxoChunk } from '../numbered.ts';
import { CHUNK_ROWS, columnChunks } from './chunks.ts';
import type { Engine } from './engine.ts';
import { chainPrefix } from './fingerprint.ts';
import { type Chunk, type Column, mergeChunks } from './merge.ts';
import { requireNames } from './numbered.ts';
import { disjoint, type NumberedRun, numberedRuns } from './numbered-runs.ts';
import { endColumns, SHOWN_END, UNNAMED } from './numbers.ts';

const PLAIN = ['spends', 'owner', 'value', 'outpoint', 'seconds', 'known_block', 'tx'] as const;
const OWNER = PLAIN.indexOf('owner');
const TIME = PLAIN.indexOf('seconds');
const BLOCK = PLAIN.indexOf('known_block');
/** What streams are merged by after time: no block comes last. */
const ORDER = ['order_block', 'tx_index'] as const;

function makeColumns(merged: boolean): Column[] {
  const longs = (): BigUint64Array => new BigUint64Array(CHUNK_ROWS);
  const doubles = (): Float64Array => new Float64Array(CHUNK_ROWS);
  const plain = [
    new Uint8Array(CHUNK_ROWS),
    new Uint32Array(CHUNK_ROWS),
    longs(),
    longs(),
    doubles(),
    doubles(),
    longs(),
  ];
  return merged ? [...plain, doubles(), new Int32Array(CHUNK_ROWS)] : plain;
}

interface Reading {
  readonly key: string;
  readonly query: NumberedQuery;
  /** Every row of the chain has a block: it leads the order. Else time does. */
  readonly byBlock: boolean;
  readonly merged: boolean;
}

/**
 * Imports as they lie where their order is the one that is wanted and no other import comes between; else they are numbered and sorted on the
 * way, as what was fetched is, which is merged in.
 */
export async function* readNumberedUtxo(
  engine: Engine,
  key: string,
  query: NumberedQuery,
): AsyncGenerator<NumberedUtxoChunk> {
  const { imports, live } = await engine.read((connection) => numberedRuns(connection, query.chain, 'utxo'));
  const within = (run: NumberedRun): boolean =>
    run.lastTime >= query.from && (query.to === null || run.firstTime <= query.to);
  const fetched = live !== null && within(live) ? live : null;
  const reading = { key, query, byBlock: imports.every((run) => run.byBlock), merged: fetched !== null };
  const stored = engine.stream((connection) => storedRows(connection, imports.filter(within), reading));
  const chunks =
    fetched === null
      ? stored
      : mergeChunks(
          stored,
          engine.stream((connection) => numberedOnTheWay(connection, [fetched], reading)),
          reading.byBlock ? [PLAIN.length, PLAIN.length + 1] : [TIME, PLAIN.length, PLAIN.length + 1],
          () => makeColumns(reading.merged),
        );
  yield* withBegins(chunks);
}

async function* storedRows(
  connection: DuckDBConnection,
  runs: readonly NumberedRun[],
  reading: Reading,
): AsyncGenerator<Chunk> {
  const { byBlock, query } = reading;
  const groups = disjoint(runs, (run) => (byBlock ? [run.firstBlock, run.lastBlock] : [run.firstTime, run.lastTime]));
  for (const group of groups) {
    const [run] = group;
    if (group.length > 1 || run!.byBlock !== byBlock) {
      yield* numberedOnTheWay(connection, group, reading);
      continue;
    }
    const rows = `SELECT * FROM numbered_end WHERE batch = ${run!.batch} AND time BETWEEN $1 AND $2`;
    const result = await connection.stream(selected(reading, rows, ''), bounds(query));
    yield* columnChunks(result, () => makeColumns(reading.merged), byBlock ? BLOCK : TIME);
  }
}

async function* numberedOnTheWay(
  connection: DuckDBConnection,
  runs: readonly NumberedRun[],
  reading: Reading,
): AsyncGenerator<Chunk> {
  const { key, query, byBlock } = reading;
  const ids = runs.map((run) => run.batch).join(', ');
  const rows = `SELECT ${endColumns('$4', `coalesce(a.id, ${UNNAMED}::UINTEGER)`)}, e.tx AS id, e.side, e.position
    FROM utxo_end AS e LEFT JOIN (SELECT id, text FROM address WHERE chain = $3) AS a ON a.text = e.address
    WHERE e.batch IN (${ids}) AND e.time BETWEEN $1 AND $2 AND ${SHOWN_END}`;
  const order = byBlock ? 'block, tx_index, id, time, side, position' : 'time, block, tx_index, id, side, position';
  const values = [...bounds(query), query.chain, chainPrefix(key, query.chain)];
  const result = await connection.stream(selected(reading, rows, `ORDER BY ${order}`), values);
  for await (const chunk of columnChunks(result, () => makeColumns(reading.merged), byBlock ? BLOCK : TIME)) {
    requireNames(chunk, [OWNER], query.chain);
    yield chunk;
  }
}

function selected({ merged }: Reading, rows: string, order: string): string {
  return `SELECT ${[...PLAIN, ...(merged ? ORDER : [])].join(', ')} FROM (SELECT *, time::DOUBLE AS seconds,
    coalesce(block, -1)::DOUBLE AS known_block, coalesce(block::DOUBLE, 'infinity'::DOUBLE) AS order_block FROM (${rows})) ${order}`;
}

function bounds({ from, to }: NumberedQuery): bigint[] {
  return [BigInt(from), to === null ? BigInt(Number.MAX_SAFE_INTEGER) : BigInt(to)];
}

type Columns = [Uint8Array, Uint32Array, BigUint64Array, BigUint64Array, Float64Array, Float64Array, BigUint64Array];

/** A row begins a transaction where it has another print or another block (ids of coinbases before BIP 30) than the row before it. */
async function* withBegins(chunks: AsyncIterable<Chunk>): AsyncGenerator<NumberedUtxoChunk> {
  let low = -1;
  let high = -1;
  let height = -1;
  for await (const { count, columns } of chunks) {
    const [spends, owner, value, outpoint, time, block, tx] = columns as unknown as Columns;
    const begins = new Uint8Array(count);
    // Two words a print: reading one as a bigint would make an object of it.
    const words = new Uint32Array(tx.buffer, tx.byteOffset, 2 * count);
    for (let row = 0; row < count; row += 1) {
      if (words[2 * row] === low && words[2 * row + 1] === high && block[row] === height) continue;
      begins[row] = 1;
      low = words[2 * row]!;
      high = words[2 * row + 1]!;
      height = block[row]!;
    }
    yield { count, begins, spends, owner, value, outpoint, time, block, tx };
  }
}
