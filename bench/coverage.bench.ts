/**
 * How much of each hand-verified illicit flow every method covers: rows with taint above zero, and dollars, beside dirty-first in the same run.
 * Data: LaunderNetEvm41 (SIGMETRICS 2026), found by HAETAE_DATASETS; cite, do not republish. Illicit flows only, so this says nothing of false alarms.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SILENT } from '../src/base/progress.ts';
import { openFileFeed } from '../src/source/file/open.ts';
import { MemoryStore } from '../src/store/memory/store.ts';
import { METHODS } from '../src/taint/engine.ts';
import { gatherEvidence } from '../src/trace/gather.ts';
import { DEFAULT_TRACE_OPTIONS } from '../src/trace/options.ts';
import { readTheftFile } from '../src/trace/theft-file.ts';
import { traceEvidence } from '../src/trace/trace.ts';
import { launderTheft } from './_launder.ts';
import { count } from './_print.ts';

const REACH_BY_TIME = { 'cluster-2': 82.15, 'cluster-3': 100, 'cluster-4': 100 };
const folder = process.env.HAETAE_DATASETS === undefined ? '' : join(process.env.HAETAE_DATASETS, 'launder');
if (!existsSync(folder)) console.log('skipped: HAETAE_DATASETS holds no launder set');
else
  for (const [cluster, reach] of Object.entries(REACH_BY_TIME)) await coverage(join(folder, cluster), cluster, reach);

async function coverage(path: string, cluster: string, reach: number): Promise<void> {
  const theft = launderTheft(path);
  const store = new MemoryStore();
  const now = Math.floor(Date.now() / 1000);
  const refusedFile = join(process.env.TMPDIR ?? '/tmp', `${cluster}.refused.csv`);
  const { batch, feed } = await openFileFeed({
    files: [join(path, 'flow-records.csv')],
    preset: 'launder',
    refusedFile,
    progress: SILENT,
    now,
  });
  await store.load(batch, feed, SILENT);
  const file = readTheftFile(theft.text, cluster);
  const options = {
    ...DEFAULT_TRACE_OPTIONS,
    methods: Object.keys(METHODS),
    stopCategories: [],
    maxCounterparties: null,
  };
  const evidence = await gatherEvidence(store, { text: theft.text, fileName: cluster, file }, options, SILENT);
  const { touched } = traceEvidence(evidence, file, cluster, 'bench');
  const found = new Map(Object.keys(METHODS).map((method) => [method, { rows: new Set<number>(), cents: 0n }]));
  for (const row of touched) {
    const method = found.get(row.method)!;
    method.rows.add(row.source_row);
    method.cents += BigInt(row.tainted);
  }
  const base = found.get('dirty-first')!.rows.size;
  console.log(
    `${cluster}: ${count(theft.rows)} flows, ${count(Number(theft.cents / 100n))} dollars; reachable in time order ${reach} %`,
  );
  for (const [method, { rows, cents }] of found) {
    const share = ((100 * rows.size) / theft.rows).toFixed(2).padStart(6);
    const dollars = (Number((cents * 10_000n) / theft.cents) / 100).toFixed(2).padStart(6);
    const ratio = (rows.size / base).toFixed(3);
    const dollarText = method === 'poison' ? '' : `  ${dollars} % of dollars`;
    console.log(`  ${method.padEnd(12)} ${share} % of rows  ${ratio} × dirty-first${dollarText}`);
  }
  await store.close();
}
