/**
 * Full Ethereum rows (hex addresses, hash, amount in wei) from file to sorted store, CSV and Parquet, beside a plain DuckDB copy
 * of the same file. Each case runs in a process of its own; the files are made here and deleted at the end.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { SILENT } from '../src/base/progress.ts';
import { openFileFeed } from '../src/source/file/open.ts';
import { DuckdbStore } from '../src/store/duckdb/store.ts';
import { count, printFigure } from './_print.ts';

const ROWS = Number(process.env.HAETAE_BENCH_ROWS ?? 5_000_000);
const MEMORY_MB = 1000;
const LIMITS = { csv: 0.5, parquet: 0.6 } as const;
type Format = keyof typeof LIMITS;

interface Outcome {
  readonly rows: number;
  readonly seconds: number;
  readonly megabytes: number;
}

async function connect(path: string) {
  const instance = await DuckDBInstance.create(path, { memory_limit: '512MB', temp_directory: `${path}.tmp` });
  return { instance, connection: await instance.connect() };
}

/** Blocks of 150 transactions, 12 s apart; half a million addresses; amounts up to 10^24 wei. */
async function makeFiles(folder: string): Promise<void> {
  const { instance, connection } = await connect(':memory:');
  const select = `SELECT '0x' || md5('h' || i) || md5('t' || i) AS hash, 15000000 + i // 150 AS block_number, i % 150 AS transaction_index,
      '0x' || md5('a' || hash(i) % 500000) || '00c0ffee' AS from_address, '0x' || md5('a' || hash(-i) % 500000) || '00c0ffee' AS to_address,
      (1 + hash(i) % 1000000)::VARCHAR || lpad((hash(i, 7) % 1000000000000000000)::VARCHAR, 18, '1') AS value,
      1660000000 + (i // 150) * 12 AS block_timestamp
    FROM range(${ROWS}) AS t (i)`;
  await connection.run(`COPY (${select}) TO '${join(folder, 'tx.parquet')}' (FORMAT parquet)`);
  await connection.run(`COPY (FROM '${join(folder, 'tx.parquet')}') TO '${join(folder, 'tx.csv')}' (HEADER)`);
  connection.closeSync();
  instance.closeSync();
}

async function plainCopy(file: string, database: string): Promise<number> {
  const { instance, connection } = await connect(database);
  const from = file.endsWith('.csv') ? `read_csv('${file}', all_varchar=true)` : `'${file}'`;
  await connection.run(`CREATE TABLE copy AS FROM ${from}`);
  await connection.run('CHECKPOINT');
  const counted = await connection.runAndReadAll('SELECT count(*) FROM copy');
  connection.closeSync();
  instance.closeSync();
  return Number(counted.getRows()[0]?.[0]);
}

async function intoStore(file: string, database: string, ids: boolean): Promise<number> {
  const store = await DuckdbStore.open({ path: database });
  const { batch, feed } = await openFileFeed({ files: [file], preset: 'ethereum-etl-transactions', progress: SILENT });
  const loaded = await store.load({ ...batch, ids }, feed, SILENT);
  await store.close();
  return loaded.batch.rowsKept;
}

async function runCase(work: string, file: string, database: string): Promise<void> {
  const start = performance.now();
  const rows = await (work === 'plain' ? plainCopy(file, database) : intoStore(file, database, work === 'ids'));
  const seconds = (performance.now() - start) / 1000;
  const megabytes = (process.resourceUsage().maxRSS * 1024) / 1e6;
  console.log(JSON.stringify({ rows, seconds, megabytes } satisfies Outcome));
}

function inChild(folder: string, work: string, format: Format): Outcome {
  const file = join(folder, `tx.${format}`);
  const database = join(folder, `${work}-${format}.db`);
  const words = [fileURLToPath(import.meta.url), 'case', work, file, database];
  const outcome = JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' })) as Outcome;
  rmSync(database, { force: true });
  if (outcome.rows !== ROWS) throw new Error(`${work} of ${format} kept ${outcome.rows} of ${ROWS} rows`);
  return outcome;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'haetae-bench-'));
  try {
    await makeFiles(folder);
    for (const format of ['parquet', 'csv'] as const) {
      const plain = inChild(folder, 'plain', format);
      const stored = inChild(folder, 'store', format);
      const numbered = inChild(folder, 'ids', format);
      const size = `${count(ROWS)} rows, ${count(Math.round(statSync(join(folder, `tx.${format}`)).size / 1e6))} MB`;
      const rate = ({ rows, seconds }: Outcome): number => rows / seconds / 1e6;
      printFigure({
        name: `${format} to sorted store`,
        value: rate(stored),
        unit: 'M rows/s',
        limit: { atLeast: LIMITS[format] },
        ratio: { to: 'plain copy', value: rate(stored) / rate(plain) },
        size,
      });
      printFigure({
        name: `${format} to store with --ids`,
        value: rate(numbered),
        unit: 'M rows/s',
        ratio: { to: 'without', value: rate(numbered) / rate(stored) },
        size,
      });
      printFigure({ name: `${format} plain DuckDB copy`, value: rate(plain), unit: 'M rows/s', size });
      printFigure({
        name: `${format} to store, peak memory`,
        value: stored.megabytes,
        unit: 'MB',
        limit: { atMost: MEMORY_MB },
        size,
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [, , word, work, file, database] = process.argv;
if (word === 'case' && work !== undefined && file !== undefined && database !== undefined)
  await runCase(work, file, database);
else await main();
