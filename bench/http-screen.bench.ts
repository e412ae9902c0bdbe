/**
 * The screening service over HTTP beside a bare node:http server in the same run: server, load and this file are processes of their own.
 * HAETAE_BENCH_SECONDS shortens the open loop (60), HAETAE_BENCH_ROWS the index (1,000,000 addresses).
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LabelEntry, LabelList } from '../src/model/label.ts';
import { openStore } from '../src/store/open.ts';
import type { AppAnswer, AppStarted } from './_http-app.ts';
import type { LoadJob, LoadResult } from './_http-load.ts';
import { ADDRESSES, addressOf, askedAddress, BATCH, CHAIN } from './_http-size.ts';
import { count, type Limit, printFigure } from './_print.ts';

const OPEN_SECONDS = Number(process.env.HAETAE_BENCH_SECONDS ?? 60);
const CLOSED_SECONDS = Math.min(5, OPEN_SECONDS);
const OPEN_RATE = 2000;
const ENTRIES_A_LIST = 100_000;
const SIZE = `${count(ADDRESSES)} labelled addresses`;
const CLOSED = {
  kind: 'address',
  seconds: CLOSED_SECONDS,
  warmSeconds: 2,
  connections: 64,
  depth: 4,
  rate: null,
} as const;
const OPEN = {
  kind: 'address',
  seconds: OPEN_SECONDS,
  warmSeconds: 2,
  connections: 64,
  depth: 1,
  rate: OPEN_RATE,
} as const;
const BATCHES = {
  kind: 'batch',
  seconds: CLOSED_SECONDS,
  warmSeconds: 2,
  connections: 4,
  depth: 1,
  rate: null,
} as const;

const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'haetae-bench-'));
const children: ChildProcess[] = [];
try {
  await bench(join(folder, 'store.duckdb'));
} finally {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
}

async function bench(database: string): Promise<void> {
  await fillStore(database);
  const app = child('_http-app.js', database);
  const { port, key } = await said<AppStarted>(app);
  const load = child('_http-load.js');
  const run = (job: Omit<LoadJob, 'port' | 'key'>): Promise<LoadResult> => ask(load, { ...job, port, key });
  const bare = await bareServer(port, key);
  const plain = await ask<LoadResult>(load, { ...CLOSED, port: bare, key: null, path: '/' });
  report('bare node:http', plain, 1, 'k requests/s');
  const kept = await run({ ...CLOSED, path: '/v1/screen/address' });
  report('an address, kept', kept, 1, 'k requests/s', { ratio: [plain, 0.5] });
  const dry = await run({ ...CLOSED, path: '/v1/screen/address?dry=1' });
  report('an address, looked up only', dry, 1, 'k requests/s', { ratio: [plain, 0.9] });
  await checkBatch(port, key);
  report('batches of 10,000, kept', await run({ ...BATCHES, path: '/v1/screen/batch' }), BATCH, 'k addresses/s', {
    limit: { atLeast: 300 },
  });
  report('batches, looked up only', await run({ ...BATCHES, path: '/v1/screen/batch?dry=1' }), BATCH, 'k addresses/s', {
    limit: { atLeast: 300 },
  });
  latency('service', await run({ ...OPEN, path: '/v1/screen/address' }), true);
  const short = { ...OPEN, seconds: Math.min(10, OPEN_SECONDS) };
  latency('bare', await ask(load, { ...short, port: bare, key: null, path: '/' }), false);
  for (const dryRun of [false, true]) {
    const { addresses, seconds } = await ask<AppAnswer>(app, { dry: dryRun, seconds: CLOSED_SECONDS });
    printFigure({
      name: `batches in process, ${dryRun ? 'looked up only' : 'kept'}`,
      value: addresses / seconds / 1e6,
      unit: 'M addresses/s',
      size: `${SIZE}, ${count(BATCH)} a batch`,
      limit: { atLeast: 1 },
    });
  }
  const end = await ask<AppAnswer>(app, { end: true });
  printFigure({ name: 'memory of the service', value: end.megabytes, unit: 'MB', size: `${SIZE}, at the end` });
}

/** One address in a hundred that is asked about stands on a list of exchanges: no alert, but a label to be told. */
async function fillStore(database: string): Promise<void> {
  const store = await openStore({ path: database });
  for (let from = 0, number = 1; from < ADDRESSES; from += ENTRIES_A_LIST, number += 1) {
    const source = `list-${number}`;
    const rows = Math.min(ENTRIES_A_LIST, ADDRESSES - from);
    const list: LabelList = {
      source,
      listDate: 1,
      title: source,
      url: null,
      licence: null,
      sha256: source,
      fileName: source,
    };
    await store.saveLabels(
      list,
      Array.from({ length: rows }, (_, at) => entryOf(addressOf(from + at))),
    );
  }
  await store.close();
}

function entryOf(address: string): LabelEntry {
  const said = { label: 'Some exchange 14', category: 'exchange', actor: 'some', confidence: 'web_crawl' } as const;
  const none = { abuse: null, url: null, validFrom: null, validTo: null };
  return { address, chain: CHAIN, currency: 'ETH', programmes: [], caseLost: false, ...said, ...none };
}

/** Answers with the bytes that the service answers with. */
async function bareServer(port: number, key: string): Promise<number> {
  const bare = child('_http-bare.js');
  const [hit, miss] = await Promise.all([0, 1].map((at) => verdictOf(port, key, askedAddress(at))));
  const started = said<{ readonly port: number }>(bare);
  bare.send({ hit, miss });
  return (await started).port;
}

async function verdictOf(port: number, key: string, address: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/screen/address`, post(key, { chain: CHAIN, address }));
  const text = await response.text();
  if (response.status !== 200) throw new Error(text);
  return text;
}

async function checkBatch(port: number, key: string): Promise<void> {
  const addresses = Array.from({ length: BATCH }, (_, at) => askedAddress(at));
  const response = await fetch(
    `http://127.0.0.1:${port}/v1/screen/batch?dry=1`,
    post(key, { chain: CHAIN, addresses }),
  );
  const lines = (await response.text()).trimEnd().split('\n');
  if (response.status !== 200 || lines.length !== BATCH || !lines.every((line) => line.includes('"decision":"allow"')))
    throw new Error(`a batch is not answered as it should be: ${response.status}, ${lines.length} lines, ${lines[0]}`);
}

function post(key: string, body: unknown): RequestInit {
  const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
  return { method: 'POST', headers, body: JSON.stringify(body) };
}

interface Beside {
  /** And what it should at least be of it. */
  readonly ratio?: readonly [LoadResult, number];
  readonly limit?: Limit;
}

function report(name: string, result: LoadResult, items: number, unit: string, { ratio, limit }: Beside = {}): void {
  refuseFaults(name, result);
  const rate = (each: LoadResult): number => each.requests / each.seconds;
  const speed = rate(result) / rate(ratio?.[0] ?? result);
  const bound = ratio === undefined ? '' : `, limit ${ratio[1]} of bare ${speed >= ratio[1] ? 'met' : 'MISSED'}`;
  printFigure({
    name,
    value: (rate(result) * items) / 1e3,
    unit,
    size: `${SIZE}, ${result.seconds.toFixed(0)} s${bound}`,
    ...(limit === undefined ? {} : { limit }),
    ...(ratio === undefined ? {} : { ratio: { to: 'bare', value: speed } }),
  });
}

function latency(name: string, result: LoadResult, limited: boolean): void {
  refuseFaults(name, result);
  const size = `${count(OPEN_RATE)} requests/s, ${count(result.requests)} of them, ${result.errors} errors`;
  for (const [part, value, atMost] of [
    ['p50', result.p50, 1],
    ['p99', result.p99, 5],
    ['slowest', result.max, null],
  ] as const)
    printFigure({
      name: `latency of the ${name}, ${part}`,
      value,
      unit: 'ms',
      size,
      ...(limited && atMost !== null ? { limit: { atMost } } : {}),
    });
}

function refuseFaults(name: string, { errors, fault }: LoadResult): void {
  if (errors > 0) console.log(`${name}: ${errors} requests were not answered well. ${fault ?? ''}`);
}

function child(file: string, ...words: string[]): ChildProcess {
  const process = fork(join(here, file), words, { serialization: 'advanced' });
  children.push(process);
  return process;
}

function said<Message>(from: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a process of the bench ended with ${code}`));
    from.once('exit', ended);
    from.once('message', (message) => {
      from.off('exit', ended);
      resolve(message as Message);
    });
  });
}

function ask<Message>(of: ChildProcess, question: object): Promise<Message> {
  const answer = said<Message>(of);
  of.send(question);
  return answer;
}
