/**
 * The columns of a whole UTXO chain from a store: speed where ids were assigned before and where they were not, peak memory, bytes on disk, an appended
 * block, and a hop of 1,000 addresses. Beside it the plain loop over the same rows as the store streams them, which no build can beat.
 * `--full`: 50 M inputs, 20 M addresses.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SILENT } from '../src/base/progress.ts';
import { buildIndex } from '../src/flow/build-index.ts';
import type { SegmentEntry } from '../src/flow/manifest.ts';
import { chainFolder } from '../src/flow/manifest.ts';
import { openIndex } from '../src/flow/open-index.ts';
import { buildUtxoIndex } from '../src/flow/utxo-build.ts';
import type { FileUtxoFlow } from '../src/flow/utxo-flow.ts';
import { utxoHop } from '../src/flow/utxo-hop.ts';
import type { UtxoFacts } from '../src/flow/utxo-segment.ts';
import { openStore } from '../src/store/open.ts';
import type { Store } from '../src/store/port.ts';
import { BIG_UTXO_CHAIN, bigUtxoStore } from './_big-store.ts';
import { count, fastest, printFigure, printPeakMemory } from './_print.ts';

const full = process.argv.includes('--full') || process.env.HAETAE_BENCH_FULL !== undefined;
const INPUTS = full ? 50_000_000 : 2_000_000;
const ADDRESSES = INPUTS * 0.4;
const HOP_ADDRESSES = 1000;
const SIZE = `${count(INPUTS)} inputs, ${count(ADDRESSES)} addresses`;
const STORE_MB = 1000;

const folder = mkdtempSync(join(tmpdir(), 'haetae-bench-'));
const database = join(folder, 'bench.duckdb');
try {
  copyFileSync(await bigUtxoStore({ inputs: INPUTS, addresses: ADDRESSES }), database);
  const store = await openStore({ path: database, memoryLimitMb: STORE_MB });
  try {
    await measure(store);
  } finally {
    await store.close();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(store: Store): Promise<void> {
  const naming = await secondsOf(() => store.assignIds(BIG_UTXO_CHAIN, SILENT));
  const { seconds: reading, result: ends } = await timed(() => readAll(store));
  const building = await secondsOf(() => build(store));
  const plain = { to: 'reading the rows alone', value: reading / building };
  const rates = { unit: 'M ends/s', size: `${SIZE}, ${count(ends)} ends` };
  printFigure({
    name: 'columns, ids assigned at import',
    value: ends / building / 1e6,
    ...rates,
    limit: { atLeast: 3 },
    ratio: plain,
  });
  printFigure({
    name: 'columns, ids assigned too',
    value: ends / (naming + building) / 1e6,
    ...rates,
    limit: { atLeast: 1.2 },
  });
  printBytes();
  const index = openIndex(database);
  try {
    index.warm(BIG_UTXO_CHAIN);
    measureHop(index.utxo(BIG_UTXO_CHAIN));
  } finally {
    index.close();
  }
  const again = await secondsOf(() => buildIndex(store, database, { chain: BIG_UTXO_CHAIN, progress: SILENT }));
  printFigure({ name: 'build where nothing is new', value: again * 1000, unit: 'ms', size: SIZE });
  printPeakMemory({ atMost: 4000 });
}

/** Ids are assigned: nothing but the columns is timed. */
function build(store: Store): Promise<unknown> {
  return buildUtxoIndex({
    store,
    chain: BIG_UTXO_CHAIN,
    folder: chainFolder(database, BIG_UTXO_CHAIN),
    progress: SILENT,
    newest: null,
    check: false,
  });
}

/** The plain loop: every row once, its numbers added up. */
async function readAll(store: Store): Promise<number> {
  let ends = 0;
  let sum = 0;
  for await (const chunk of store.numberedUtxo({ chain: BIG_UTXO_CHAIN, from: 0, to: null })) {
    const prints = new Uint32Array(chunk.outpoint.buffer, chunk.outpoint.byteOffset, 2 * chunk.count);
    for (let row = 0; row < chunk.count; row += 1) sum += chunk.owner[row]! + prints[2 * row]! + chunk.spends[row]!;
    ends += chunk.count;
  }
  if (sum === 0) throw new Error('the store gave no rows');
  return ends;
}

function printBytes(): void {
  const index = openIndex(database);
  const segments = index.manifest(BIG_UTXO_CHAIN).segments as readonly SegmentEntry<UtxoFacts>[];
  index.close();
  const bytes = (prefix: string): number =>
    segments
      .flatMap(({ files }) => files)
      .reduce((sum, { name, bytes }) => sum + (name.startsWith(prefix) ? bytes : 0), 0);
  const total = (name: 'inputCount' | 'outputCount' | 'txCount'): number =>
    segments.reduce((sum, { facts }) => sum + facts[name], 0);
  const addresses = segments.reduce((sum, { facts }) => sum + facts.book.count, 0);
  const figure = (name: string, value: number, limit?: number): void =>
    printFigure({ name, value, unit: 'B', size: SIZE, ...(limit === undefined ? {} : { limit: { atMost: limit } }) });
  figure('file, per input', bytes('input.') / total('inputCount'), 32);
  figure('file, per output, owners in order', (bytes('output.') + bytes('owner.output')) / total('outputCount'), 32);
  figure('file, per transaction', bytes('tx.') / total('txCount'));
  figure('file, per output left open', bytes('open.') / total('outputCount'));
  const text = bytes('book.bytes') / addresses;
  figure('file, per address beside its text', (bytes('book.') + bytes('owner.start')) / addresses - text, 16);
}

function measureHop(flow: FileUtxoFlow): void {
  const asked = Uint32Array.from({ length: HOP_ADDRESSES }, (_, turn) =>
    Math.floor((turn * flow.addresses.size) / HOP_ADDRESSES),
  );
  for (const direction of ['out', 'in'] as const) {
    const { seconds, result } = fastest(5, () => utxoHop(flow, asked, direction));
    printFigure({
      name: `hop ${direction} of ${count(HOP_ADDRESSES)} addresses, warm`,
      value: seconds * 1000,
      unit: 'ms',
      size: `${SIZE}, ${count(result.count)} outputs found`,
    });
  }
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  return (await timed(work)).seconds;
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly seconds: number; readonly result: T }> {
  const start = performance.now();
  const result = await work();
  return { seconds: (performance.now() - start) / 1000, result };
}
