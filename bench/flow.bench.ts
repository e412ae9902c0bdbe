/**
 * The index of a chain: how fast it is built from a store, with ids and without, in how much memory, how large it is, and how fast one hop over it is beside
 * the same question to DuckDB. `HAETAE_BENCH_ROWS`: movements; 50000000 is the size the build's targets are meant for, 100000000 that of the hop (the
 * store is made first, which takes longer than the bench, and kept under the temporary folder: bench/_big-store.ts).
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { SILENT } from '../src/base/progress.ts';
import { seededRandom } from '../src/base/random.ts';
import { buildIndex } from '../src/flow/build-index.ts';
import { hop } from '../src/flow/hop.ts';
import { type IndexHandle, openIndex } from '../src/flow/open-index.ts';
import { openStore } from '../src/store/open.ts';
import { BIG_CHAIN, bigStore } from './_big-store.ts';
import { count, fastest, printFigure } from './_print.ts';

const ROWS = Number(process.env.HAETAE_BENCH_ROWS ?? 5_000_000);
const ADDRESSES = Math.floor(ROWS / 10);
const SIZE = `${count(ROWS)} transfers, ${count(ADDRESSES)} addresses`;
const HOP_PLACES = 1000;
const SCRIPT = fileURLToPath(import.meta.url);

interface Built {
  readonly seconds: number;
  readonly megabytes: number;
}

/** What runs in a process of its own, so that its memory is its own. */
async function build(database: string, threads: number): Promise<Built> {
  const store = await openStore({ path: database });
  const started = performance.now();
  await buildIndex(store, database, { chain: BIG_CHAIN, progress: SILENT, threads });
  const seconds = (performance.now() - started) / 1000;
  await store.close();
  return { seconds, megabytes: (process.resourceUsage().maxRSS * 1024) / 1e6 };
}

function buildAside(database: string, threads: number): Built {
  const { stdout, status } = spawnSync(process.execPath, [SCRIPT, 'build', database, String(threads)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the build ended with ${status}`);
  return JSON.parse(stdout) as Built;
}

function printBuild(name: string, { seconds, megabytes }: Built, target: number): void {
  printFigure({ name, value: ROWS / seconds / 1e6, unit: 'M transfers/s', size: SIZE, limit: { atLeast: target } });
  printFigure({
    name: `${name}, peak`,
    value: megabytes,
    unit: 'MB',
    size: 'whole process, DuckDB included',
    limit: { atMost: 4000 },
  });
}

const ROW_FILES = ['from', 'to', 'step', 'low', 'high', 'ratio', 'group'];
const BOOK_FILES = ['book.bucket', 'book.entry', 'book.start', 'book.base'];

function printSizes(index: IndexHandle): void {
  const bytes = new Map<string, number>();
  for (const { files } of index.manifest(BIG_CHAIN).segments)
    for (const file of files) bytes.set(file.name, (bytes.get(file.name) ?? 0) + file.bytes);
  const sum = (names: (name: string) => boolean): number =>
    [...bytes].reduce((total, [name, size]) => total + (names(name) ? size : 0), 0);
  const columns = sum((name) => ROW_FILES.includes(name));
  for (const side of ['out', 'in']) {
    const own = sum((name) => name.startsWith(`${side}.`));
    printFigure({
      name: `${side}: half the columns, adjacency`,
      value: (columns / 2 + own) / ROWS,
      unit: 'B a transfer',
      size: SIZE,
      limit: { atMost: 32 },
    });
  }
  printFigure({
    name: 'all files',
    value: sum(() => true) / ROWS,
    unit: 'B a transfer',
    size: 'addresses, balances and steps included',
  });
  printFigure({
    name: 'address table',
    value: sum((name) => BOOK_FILES.includes(name)) / ADDRESSES,
    unit: 'B an address',
    size: 'beside the address itself',
    limit: { atMost: 16 },
  });
}

function printOpen(database: string): void {
  const { seconds } = fastest(5, () => {
    const index = openIndex(database);
    const flow = index.account(BIG_CHAIN);
    const found = flow.addresses.find(flow.addresses.text(ADDRESSES >>> 1));
    index.close();
    return found;
  });
  printFigure({
    name: 'open and find an address',
    value: seconds * 1000,
    unit: 'ms',
    size: SIZE,
    limit: { atMost: 50 },
  });
}

async function printHop(index: IndexHandle, database: string): Promise<void> {
  index.warm(BIG_CHAIN);
  const flow = index.account(BIG_CHAIN);
  const asset = flow.assets[0]!;
  const random = seededRandom(7);
  const places = Uint32Array.from({ length: HOP_PLACES }, () => random.below(asset.placeCount));
  const { seconds, result } = fastest(200, () => hop(asset, places, 'out'));
  const ids = [...new Set(Array.from(places, (place) => asset.addressOf(place)))];
  const peer = await duckdbHop(database, ids);
  printFigure({
    name: `one hop from ${count(HOP_PLACES)} addresses`,
    value: seconds * 1000,
    unit: 'ms',
    size: `${SIZE}; ${count(result.count)} rows found`,
    limit: { atMost: 1 },
    ratio: { to: 'DuckDB, sorted by payer', value: peer / seconds },
  });
}

/** Seconds of the same question to DuckDB over its best layout: a table of numbers, sorted by payer. */
async function duckdbHop(database: string, ids: readonly number[]): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '3GB', temp_directory: `${database}.sort` });
  const connection = await instance.connect();
  await connection.run(`ATTACH '${database}' AS store (READ_ONLY)`);
  await connection.run('CREATE TABLE hop AS SELECT sender, receiver FROM store.numbered ORDER BY sender');
  const sql = `SELECT sender, receiver FROM hop WHERE sender IN (${ids.join(', ')})`;
  let best = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 10; turn += 1) {
    const started = performance.now();
    await connection.runAndReadAll(sql);
    best = Math.min(best, (performance.now() - started) / 1000);
  }
  connection.closeSync();
  instance.closeSync();
  return best;
}

async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'haetae-flow-bench-'));
  try {
    const database = join(folder, 'ids.duckdb');
    copyFileSync(await bigStore({ transfers: ROWS, addresses: ADDRESSES, ids: true }), database);
    printBuild('build, ids at import', buildAside(database, 2), 3);
    const index = openIndex(database);
    printSizes(index);
    printOpen(database);
    await printHop(index, database);
    index.close();
    rmSync(`${database}.index`, { recursive: true });
    printBuild('build, ids at import, one thread', buildAside(database, 1), 3);
    rmSync(database);
    const plain = join(folder, 'plain.duckdb');
    copyFileSync(await bigStore({ transfers: ROWS, addresses: ADDRESSES }), plain);
    printBuild('build, ids assigned first', buildAside(plain, 2), 1.2);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [verb, database, threads] = process.argv.slice(2);
if (verb === 'build' && database !== undefined)
  process.stdout.write(JSON.stringify(await build(database, Number(threads))));
else await run();
