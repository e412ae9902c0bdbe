/**
 * Exposure of a whole chain and of single addresses. The table: both passes over every transfer and the files written, beside a plain loop that moves the
 * same sixteen categories over the same rows. Single addresses: the exact adjoint with five paths, columns in memory. `--full` (or HAETAE_BENCH_FULL): 50 M transfers, 5 M addresses;
 * HAETAE_BENCH_TRANSFERS: another number.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../src/base/random.ts';
import { DEFAULT_CATEGORIES } from '../src/exposure/categories.ts';
import { categoriesOfLabels } from '../src/exposure/categorise.ts';
import { type ExactAnswer, exactExposure } from '../src/exposure/exact.ts';
import { openExposure } from '../src/exposure/open.ts';
import { updateExposure } from '../src/exposure/update.ts';
import type { AccountFlow } from '../src/flow/flow.ts';
import { loadKernels } from '../src/flow/kernel-loader.ts';
import { nativeAsset } from '../src/model/asset.ts';
import { exposureChain } from './_exposure-chain.ts';
import { count, fastest, printFigure, printPeakMemory } from './_print.ts';

const full = process.argv.includes('--full') || process.env.HAETAE_BENCH_FULL !== undefined;
const wanted = Number(process.env.HAETAE_BENCH_TRANSFERS ?? 5_000_000);
const TRANSFERS = full ? 50_000_000 : wanted;
const ADDRESSES = TRANSFERS / 10;
const SIZE = `${count(TRANSFERS)} transfers, ${count(ADDRESSES)} addresses`;
const CATEGORIES = DEFAULT_CATEGORIES.names.length;
const ASKED = 40;
const ASSET = nativeAsset('eip155:1').id;

const { flow, lanes } = exposureChain(TRANSFERS, ADDRESSES, CATEGORIES);
const kernels = await loadKernels();

/** What any forward pass must at least do: move sixteen floats a row. */
function plainLoop({ assets }: AccountFlow): number {
  const { from, to, ratio } = assets[0]!.segments[0]!;
  const held = new Float32Array(ADDRESSES * CATEGORIES).fill(1);
  for (let row = 0; row < TRANSFERS; row += 1) {
    const u = from.at(row) * CATEGORIES;
    const v = to.at(row) * CATEGORIES;
    const r = ratio.at(row);
    for (let lane = 0; lane < CATEGORIES; lane += 1) {
      const moved = held[u + lane]! * r;
      held[u + lane] = held[u + lane]! - moved;
      held[v + lane] = held[v + lane]! + moved;
    }
  }
  return held[0]!;
}

function measureTable(): void {
  const plain = fastest(1, () => plainLoop(flow)).seconds;
  const folder = mkdtempSync(join(tmpdir(), 'haetae-bench-'));
  try {
    const table = { ...categoriesOfLabels([], flow.addresses, DEFAULT_CATEGORIES), lanes };
    const seconds = { received: 0, sent: 0 };
    let last = performance.now();
    const progress = (stage: 'received' | 'sent'): void => {
      seconds[stage] += (performance.now() - last) / 1000;
      last = performance.now();
    };
    const { seconds: whole } = fastest(1, () =>
      updateExposure({
        database: join(folder, 'bench.duckdb'),
        flow,
        history: ['bench'],
        table,
        dust: { limits: new Map() },
        assets: [nativeAsset('eip155:1')],
        kernels,
        progress,
      }),
    );
    printFigure({
      name: 'table of all addresses, with files',
      value: TRANSFERS / whole / 1e6,
      unit: 'M transfers/s',
      size: `${SIZE}, ${CATEGORIES} categories, received and sent: ${whole.toFixed(1)} s, passes ${(seconds.received + seconds.sent).toFixed(1)} s`,
      ratio: { to: 'two plain loops', value: (2 * plain) / whole },
    });
    measureLookUps(join(folder, 'bench.duckdb'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Pages are checked when they are first read, and kept. */
function measureLookUps(database: string): void {
  const opened = openExposure(database, flow, ['bench']);
  const random = seededRandom(5);
  const asked = Array.from({ length: 10_000 }, () => `0x${random.below(ADDRESSES).toString(16)}`);
  const lookUp = (): number => asked.reduce((sum, text) => sum + opened.exposureOf(text, ASSET)!.received.amount, 0);
  for (const [name, times] of [
    ['look-up in the table, cold', 1],
    ['look-up in the table, warm', 3],
  ] as const) {
    const { seconds } = fastest(times, lookUp);
    const value = (seconds / asked.length) * 1e6;
    printFigure({ name, value, unit: 'µs', size: `${count(asked.length)} addresses at random, ${SIZE}` });
  }
  opened.close();
}

function ask(address: number, budget: number): { readonly seconds: number; readonly answer: ExactAnswer } {
  const query = { flow, lanes, categories: CATEGORIES, asset: 0, address, dust: [1e14], until: flow.steps.count };
  const { seconds, result } = fastest(1, () => exactExposure({ ...query, paths: 5, kernels, budget }));
  return { seconds, answer: result! };
}

function measureAddresses(): void {
  const random = seededRandom(3);
  const services = ADDRESSES / 10;
  const asked = Array.from({ length: ASKED }, () => ask(services + random.below(ADDRESSES - services), 400_000));
  const times = asked.map(({ seconds }) => seconds).sort((a, b) => a - b);
  const passes = asked.filter(({ answer }) => answer.received === 'pass' || answer.sent === 'pass').length;
  const figure = (name: string, value: number, size: string): void =>
    printFigure({ name, value, unit: 's', size: `${SIZE}, 5 paths, ${size}`, limit: { atMost: 1 } });
  figure('one address, exact, median', times[Math.floor(ASKED / 2)]!, `${ASKED} addresses, ${passes} by a pass`);
  figure('one address, exact, slowest', times.at(-1)!, 'of those');
  // The busiest service: its money came through most of the chain.
  figure('a service, exact', ask(1, 400_000).seconds, 'its own movements and what they came through');
  figure(
    'one address, by a pass over all',
    ask(ADDRESSES - 7, 0).seconds,
    'what an address costs that is not found by reach',
  );
}

measureAddresses();
measureTable();
printPeakMemory({ atMost: 8_000 });
