/**
 * The kernels beside plain loops over the same columns in the same process. Figures count the copy of rows into WebAssembly memory.
 * `HAETAE_BENCH_ROWS`: movements, and inputs of the union-find; 50000000 is the size the targets are meant for (some minutes, below 3 GB).
 */
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Random, seededRandom } from '../src/base/random.ts';
import { loadKernels } from '../src/flow/kernel-loader.ts';
import type { Exposure, Rows } from '../src/kernel/kernel.ts';
import { FEE, NONE, UNCATEGORISED } from '../src/kernel/rows.ts';
import { count, fastest, printFigure, printPeakMemory } from './_print.ts';

const ROWS = Number(process.env.HAETAE_BENCH_ROWS ?? 10_000_000);
const PLACES = Math.floor(ROWS / 10);
const ADDRESSES = Math.floor(ROWS * 0.4);
const CATEGORIES = 16;
/** Rows of the plain loop over 16 categories, which is slow. */
const PLAIN_ROWS = Math.min(ROWS, 5_000_000);
const SIZE = `${count(ROWS)} rows, ${count(PLACES)} places`;
/**
 * Addresses by rank are used in proportion to rank^-0.8: degrees fall with a power of 2.25, as on Bitcoin (2.18 in, 2.06 out: Kondor and others, "Do the rich
 * get richer?", 2014, which is more uneven still). Ranks are scattered over the ids.
 */
const SPREAD = 5;

setFlagsFromString('--expose-gc');
const sweep = runInNewContext('gc') as () => void;
const kernels = await loadKernels();

/** Gives memory back that nothing holds, which is done in the background: two scans at a time would be more than any needs. */
async function collect(): Promise<void> {
  sweep();
  await setTimeout(100);
}

/** Spreads neighbours over all ids below `size`. */
function scatter(id: number, size: number): number {
  return (id * 1_000_003) % size;
}

function traffic(random: Random): Rows {
  const from = new Uint32Array(ROWS);
  const to = new Uint32Array(ROWS);
  const low = new Uint32Array(2 * ROWS);
  const place = () => scatter(Math.floor(PLACES * random.unit() ** SPREAD), PLACES);
  for (let row = 0; row < ROWS; row += 1) {
    const kind = random.below(100);
    from[row] = kind < 3 ? NONE : place();
    to[row] = kind > 97 ? FEE : place();
    low[2 * row] = random.next32();
    low[2 * row + 1] = random.below(16);
  }
  return { count: ROWS, from, to, low, high: null, ratio: new Float64Array(ROWS) };
}

interface Measured {
  readonly name: string;
  readonly seconds: number;
  readonly plain: number;
  readonly target?: number;
  readonly rows?: number;
  readonly size?: string;
}

/** `plain`: seconds of the plain loop over as many rows. */
function print({ name, seconds, plain, target, size = SIZE }: Measured): void {
  printFigure({
    name,
    value: ROWS / seconds / 1e6,
    unit: 'M/s',
    size,
    ...(target === undefined ? {} : { limit: { atLeast: target } }),
    ratio: { to: 'plain loop', value: plain / seconds },
  });
}

/** Balance and taint in floating point, as the few lines that anyone would write first. */
function plainHaircut({ count: rows, from, to, low }: Rows): number {
  const balance = new Float64Array(PLACES);
  const taint = new Float64Array(PLACES);
  taint[7] = 1e9;
  for (let row = 0; row < rows; row += 1) {
    const u = from[row]!;
    const v = to[row]!;
    const x = low[2 * row + 1]! * 2 ** 32 + low[2 * row]!;
    let moved = 0;
    if (u < PLACES) {
      const had = balance[u]!;
      moved = x >= had ? taint[u]! : (taint[u]! * x) / had;
      balance[u] = x >= had ? 0 : had - x;
      taint[u] = taint[u]! - moved;
    }
    if (v < PLACES) {
      balance[v] = balance[v]! + x;
      taint[v] = taint[v]! + moved;
    }
  }
  return taint[0]!;
}

function plainTaint({ count: rows, from, to, ratio }: Rows): number {
  const taint = new Float64Array(PLACES);
  taint[7] = 1e9;
  for (let row = 0; row < rows; row += 1) {
    const u = from[row]!;
    const v = to[row]!;
    if (u >= PLACES || u === v) continue;
    const moved = taint[u]! * ratio[row]!;
    taint[u] = taint[u]! - moved;
    if (v < PLACES) taint[v] = taint[v]! + moved;
  }
  return taint[0]!;
}

async function haircut(rows: Rows): Promise<void> {
  const plain = fastest(2, () => plainHaircut(rows)).seconds;
  const balances = fastest(3, () => kernels.balances({ places: PLACES }).run(rows, rows.ratio)).seconds;
  await collect();
  print({ name: 'balances of 128 bits, and ratios', seconds: balances, plain });
  const taint = fastest(3, () => {
    const scan = kernels.taint({ places: PLACES });
    scan.place(7, 1e9);
    scan.run(rows);
  }).seconds;
  const over = fastest(2, () => plainTaint(rows)).seconds;
  print({ name: 'haircut over the ratio column', seconds: taint, plain: over, target: 40 });
  print({ name: 'both, one after the other', seconds: balances + taint, plain });
}

/** Every thousandth place has a category. */
function categories(): Uint8Array {
  const category = new Uint8Array(PLACES).fill(UNCATEGORISED);
  for (let place = 0; place < PLACES; place += 1000) category[place] = (place / 1000) % CATEGORIES;
  return category;
}

function plainExposure({ from, to, low, ratio }: Rows, category: Uint8Array): number {
  const held = new Float32Array(PLACES * CATEGORIES);
  const received = new Float32Array(PLACES * CATEGORIES);
  for (let row = 0; row < PLAIN_ROWS; row += 1) {
    const u = from[row]!;
    const v = to[row]!;
    if (u >= PLACES || v >= PLACES || u === v) continue;
    const given = category[u]!;
    const absorbs = category[v] !== UNCATEGORISED;
    for (let lane = 0; lane < CATEGORIES; lane += 1) {
      let carried = lane === given ? low[2 * row + 1]! * 2 ** 32 + low[2 * row]! : 0;
      if (given === UNCATEGORISED) {
        carried = ratio[row]! * held[u * CATEGORIES + lane]!;
        held[u * CATEGORIES + lane] = held[u * CATEGORIES + lane]! - carried;
      }
      if (!absorbs) held[v * CATEGORIES + lane] = held[v * CATEGORIES + lane]! + carried;
      received[v * CATEGORIES + lane] = received[v * CATEGORIES + lane]! + carried;
    }
  }
  return received[0]!;
}

/** Seconds of a scan, whose memory nothing holds afterwards. The first run is over memory that the machine has yet to hand out. */
function scanned(
  rows: Rows,
  direction: Exposure['direction'],
  category: Uint8Array,
  lanes: number,
  accounts = PLACES,
): number {
  const options = { direction, places: PLACES, accounts, categories: { from: 0, count: lanes }, category };
  const scan = kernels.exposure(options);
  return fastest(3, () => scan.run(rows)).seconds;
}

async function exposure(rows: Rows, category: Uint8Array): Promise<void> {
  const plain = (fastest(1, () => plainExposure(rows, category)).seconds * ROWS) / PLAIN_ROWS;
  await collect();
  const forward = scanned(rows, 'forward', category, CATEGORIES);
  print({ name: `exposure forward, ${CATEGORIES} categories`, seconds: forward, plain, target: 22 });
  await collect();
  const held = scanned(rows, 'forward', category, CATEGORIES, 0);
  print({ name: 'the same, no account written', seconds: held, plain, target: 22 });
  await collect();
  const backward = scanned(rows, 'backward', category, CATEGORIES);
  print({ name: `exposure backward, ${CATEGORIES} categories`, seconds: backward, plain });
  await collect();
  const half = scanned(rows, 'forward', category, CATEGORIES / 2);
  print({ name: `exposure forward, ${CATEGORIES / 2} of them`, seconds: half, plain });
}

function plainAdjoint({ from, to, ratio, count: rows }: Rows, category: Uint8Array): number {
  const lambda = new Float64Array(PLACES);
  let sum = 0;
  for (let row = rows - 1; row >= 0; row -= 1) {
    const u = from[row]!;
    const v = to[row]!;
    if (u >= PLACES || u === v) continue;
    const l = (v === 0 ? 1 : 0) + (v < PLACES && category[v] === UNCATEGORISED ? lambda[v]! : 0);
    if (category[u] !== UNCATEGORISED) sum += l;
    else lambda[u] = (1 - ratio[row]!) * lambda[u]! + ratio[row]! * l;
  }
  return sum;
}

function adjoint(rows: Rows, category: Uint8Array): void {
  const plain = fastest(1, () => plainAdjoint(rows, category)).seconds;
  const scan = kernels.adjoint({ places: PLACES, target: 0, category });
  const { seconds } = fastest(3, () => scan.backward(rows));
  print({ name: 'adjoint of one account', seconds, plain, target: 50 });
}

/**
 * Inputs of transactions: two on average, sometimes hundreds; all of one wallet, which are blocks of 2^k addresses of every size, scattered over the ids.
 */
function groups(random: Random): { members: Uint32Array; starts: Uint32Array } {
  const members = new Uint32Array(ROWS);
  const starts = new Uint32Array(ROWS + 1);
  let groupCount = 0;
  for (let at = 0; at < ROWS; ) {
    const size = Math.min(ROWS - at, 500, Math.floor(1 / (1 - random.unit()) ** 0.7));
    const owner = random.below(ADDRESSES);
    const wallet = 2 ** Math.min(22, Math.floor(-2 * Math.log2(1 - random.unit())));
    const first = owner - (owner % wallet);
    for (let input = 0; input < size; input += 1, at += 1)
      members[at] = scatter(Math.min(ADDRESSES - 1, first + random.below(wallet)), ADDRESSES);
    groupCount += 1;
    starts[groupCount] = at;
  }
  return { members, starts: starts.slice(0, groupCount + 1) };
}

function plainUnions(members: Uint32Array, starts: Uint32Array): number {
  const parent = Uint32Array.from({ length: ADDRESSES }, (_, member) => member);
  const find = (member: number): number => {
    let x = member;
    while (parent[x] !== x) {
      parent[x] = parent[parent[x]!]!;
      x = parent[x]!;
    }
    return x;
  };
  const start = performance.now();
  for (let group = 0; group + 1 < starts.length; group += 1)
    for (let at = starts[group]! + 1; at < starts[group + 1]!; at += 1) {
      const a = find(members[starts[group]!]!);
      const b = find(members[at]!);
      if (a < b) parent[b] = a;
      else parent[a] = b;
    }
  return (performance.now() - start) / 1000;
}

async function unions(): Promise<void> {
  const { members, starts } = groups(seededRandom(3));
  const size = `${count(ROWS)} inputs, ${count(starts.length - 1)} groups, ${count(ADDRESSES)} addresses`;
  const plain = plainUnions(members, starts);
  const run = (guard: { labels: Uint32Array; sizeLimit: number } | null): number => {
    const forest = kernels.unionFind({ capacity: ADDRESSES, ...(guard === null ? {} : { guard }) });
    return fastest(1, () => forest.unionGroups(members, starts)).seconds;
  };
  const best = Math.min(...[1, 2, 3].map(() => run(null)));
  print({ name: 'union-find', seconds: best, plain, target: 55, size });
  await collect();
  const guarded = Math.min(...[1, 2].map(() => run({ labels: new Uint32Array(0), sizeLimit: 1e9 })));
  print({ name: 'union-find, guarded', seconds: guarded, plain, size });
}

async function movements(): Promise<void> {
  const rows = traffic(seededRandom(1));
  await haircut(rows);
  await collect();
  const category = categories();
  await exposure(rows, category);
  await collect();
  adjoint(rows, category);
}

await movements();
await collect();
await unions();
printPeakMemory({ atMost: 3_000 });
