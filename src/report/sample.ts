import { assert } from '../base/assert.ts';
import { formatShare } from '../base/money.ts';
import { seededRandom } from '../base/random.ts';
import { formatTime } from '../base/time.ts';
import { BUCKETS, type Bucket, type StopKind } from '../taint/step.ts';
import type { MethodResult, PlaceResult, ServiceResult, TouchedRow, TraceResult } from '../trace/result.ts';

/**
 * A made-up trace to look at and to test reports with. It books one asset on one chain by three simple pool rules; it is no part
 * of the accounting and never shown to a user.
 */
export interface SampleMovement {
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
  readonly time: number;
}

export interface SampleStop {
  readonly stop: StopKind;
  readonly name: string | null;
  readonly category: string;
  readonly recoverable: boolean;
}

export interface SampleCase {
  readonly seed: SampleMovement;
  readonly movements: readonly SampleMovement[];
  readonly stops: ReadonlyMap<string, SampleStop>;
  readonly labels?: ReadonlyMap<string, string>;
}

export const SAMPLE_CHAIN = 'eip155:31337';
export const SAMPLE_ASSET = `${SAMPLE_CHAIN}/slip44:1`;

const RULES: Record<string, (taint: bigint, balance: bigint, moved: bigint) => bigint> = {
  haircut: (taint, balance, moved) => (moved >= balance ? taint : (taint * moved) / balance),
  'dirty-first': (taint, _balance, moved) => least(taint, moved),
  'clean-first': (taint, balance, moved) => (moved > balance - taint ? moved - (balance - taint) : 0n),
};

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function sampleTrace(sample: SampleCase): { result: TraceResult; touched: TouchedRow[] } {
  const touched: TouchedRow[] = [];
  const methods: Record<string, MethodResult> = {};
  for (const name of Object.keys(RULES)) methods[name] = book(sample, name, touched);
  const first = sample.movements[0]!;
  const { time, amount, to } = sample.seed;
  const seed = { chain: SAMPLE_CHAIN, address: to, asset: SAMPLE_ASSET, kind: 'credit' as const };
  const header = { asset: SAMPLE_ASSET, symbol: 'dETH', decimals: 18, stolen: String(amount), time: formatTime(time) };
  const seeds = [{ ...seed, amount: String(amount), sourceUnits: String(amount), time: formatTime(time) }];
  const result: TraceResult = {
    case: 'sample-1',
    theft: { id: 'sample', title: 'A made-up theft', ...header, sources: ['https://example.org/a-source'], seeds },
    methods,
    furtherThefts: [],
    context: {
      version: '0.1.0',
      simulated: true,
      meeting: 'first',
      options: { methods: 'all', maxHops: 'none' },
      orderRules: ['batch 1: row number of the file'],
      sources: [
        {
          preset: 'sample',
          chain: SAMPLE_CHAIN,
          files: [{ name: 'sample.csv', sha256: '0'.repeat(64) }],
          rowsRead: sample.movements.length,
          rowsKept: sample.movements.length,
        },
      ],
      transfersUsed: sample.movements.length,
      labelsUsed: sample.stops.size,
      assets: { [SAMPLE_ASSET]: { symbol: 'dETH', decimals: 18 } },
      signatures: [],
      warnings: [],
      dataFrom: formatTime(first.time),
      dataUntil: formatTime(sample.movements.at(-1)!.time),
    },
  };
  return { result, touched };
}

interface Account {
  balance: bigint;
  taint: bigint;
  hops: number;
  last: number;
}

function book(sample: SampleCase, method: string, touched: TouchedRow[]): MethodResult {
  const accounts = new Map<string, Account>();
  const account = (address: string): Account => {
    const known = accounts.get(address) ?? { balance: 0n, taint: 0n, hops: 0, last: 0 };
    accounts.set(address, known);
    return known;
  };
  const { seed } = sample;
  Object.assign(account(seed.to), { balance: seed.amount, taint: seed.amount, last: seed.time });
  const behind = new Map<string, TouchedRow[]>();
  const before = touched.length;
  for (const [index, movement] of sample.movements.entries()) {
    const from = account(movement.from);
    const to = account(movement.to);
    if (from.balance < movement.amount) from.balance = movement.amount;
    const tainted = sample.stops.has(movement.from) ? 0n : RULES[method]!(from.taint, from.balance, movement.amount);
    from.balance -= movement.amount;
    to.balance += movement.amount;
    if (tainted === 0n) continue;
    from.taint -= tainted;
    if (to.taint === 0n && to.last === 0) to.hops = from.hops + 1;
    to.taint += tainted;
    to.last = movement.time;
    const row = touchedRow(method, index + 1, movement, tainted);
    touched.push(row);
    if (sample.stops.has(movement.to)) behind.set(movement.to, [...(behind.get(movement.to) ?? []), row]);
  }
  return summarise(sample, accounts, behind, touched.length - before);
}

function touchedRow(method: string, number: number, movement: SampleMovement, tainted: bigint): TouchedRow {
  const { from, to, time } = movement;
  const tx = `0x${number.toString(16).padStart(64, '0')}`;
  const source = { source_file: 'sample.csv', source_row: number, tx };
  const amounts = { amount: String(movement.amount), tainted: String(tainted) };
  return { theft: 'sample', method, ...source, from, to, asset: SAMPLE_ASSET, ...amounts, time };
}

function summarise(
  sample: SampleCase,
  accounts: ReadonlyMap<string, Account>,
  behind: ReadonlyMap<string, readonly TouchedRow[]>,
  touched: number,
): MethodResult {
  const buckets = Object.fromEntries(BUCKETS.map((bucket) => [bucket, 0n])) as Record<Bucket, bigint>;
  const places: PlaceResult[] = [];
  const services: ServiceResult[] = [];
  const largestFirst = [...accounts].sort(([, a], [, b]) => (b.taint > a.taint ? 1 : b.taint < a.taint ? -1 : 0));
  for (const [address, { taint, hops, last }] of largestFirst) {
    if (taint === 0n) continue;
    const stop = sample.stops.get(address);
    const where = {
      chain: SAMPLE_CHAIN,
      address,
      asset: SAMPLE_ASSET,
      amount: String(taint),
      sourceUnits: String(taint),
    };
    const bucket: Bucket = stop === undefined ? 'held' : stop.stop === 'bridge' ? 'inFlight' : 'absorbed';
    buckets[bucket] += taint;
    if (stop === undefined) {
      const label = sample.labels?.get(address) ?? null;
      places.push({ ...where, edgeOfData: true, label, category: null, lastArrival: formatTime(last), hops });
    } else services.push({ ...where, ...stop, ...serviceOf(behind.get(address)!, taint, sample.seed.amount), bucket });
  }
  assert(sumOf(buckets) === sample.seed.amount, 'the sample conserves');
  const largest = Object.fromEntries(BUCKETS.map((bucket) => [bucket, String(buckets[bucket])]));
  services.sort((a, b) => Number(b.recoverable) - Number(a.recoverable));
  const stolen = String(sample.seed.amount);
  return { version: 1, stolen, buckets: largest, places, services, shortages: [], notes: {}, touched };
}

function sumOf(buckets: Readonly<Record<Bucket, bigint>>): bigint {
  return Object.values(buckets).reduce((sum, units) => sum + units, 0n);
}

function serviceOf(rows: readonly TouchedRow[], taint: bigint, stolen: bigint) {
  return {
    share: formatShare(taint, stolen),
    firstTime: formatTime(rows[0]!.time),
    lastTime: formatTime(rows.at(-1)!.time),
    labelSource: 'sample labels',
    transfers: rows.map((row) => ({
      sourceFile: row.source_file,
      sourceRow: row.source_row,
      tx: row.tx,
      time: formatTime(row.time),
      from: row.from,
      amount: row.amount,
      tainted: row.tainted,
    })),
  };
}

/** A theft laundered at random through fan-out, commingling and peels into a few services; deterministic by `seed`. */
export function randomSample(transfers: number, seed: number): SampleCase {
  const random = seededRandom(seed);
  const unit = 10n ** 18n;
  const addressOf = (n: number): string => `0x${(n * 7919 + 17).toString(16).padStart(8, '0').slice(-8).repeat(5)}`;
  const kinds: SampleStop[] = [
    { stop: 'service', name: 'Alpha Exchange', category: 'exchange', recoverable: true },
    { stop: 'service', name: 'Beta OTC', category: 'otc', recoverable: true },
    { stop: 'mixer', name: 'Whirl 100', category: 'mixer', recoverable: false },
    { stop: 'bridge', name: 'Far Bridge', category: 'bridge', recoverable: false },
    { stop: 'suspectedService', name: null, category: 'suspected', recoverable: true },
    { stop: 'burn', name: null, category: 'burn', recoverable: false },
  ];
  const stops = new Map(kinds.map((kind, index) => [addressOf(1_000_000 + index), kind]));
  const stopList = [...stops.keys()];
  const balances = new Map([[addressOf(0), 100_000n * unit]]);
  const holders = [addressOf(0)];
  const movements: SampleMovement[] = [];
  let time = 1_700_000_000;
  for (let made = 0; made < transfers; made += 1) {
    const from = holders[random.below(Math.min(holders.length, 1 + made))]!;
    const balance = balances.get(from)!;
    const fresh = addressOf(holders.length);
    const toStop = made > 20 && random.below(6) === 0;
    const to = toStop
      ? stopList[random.below(stopList.length)]!
      : random.below(3) > 0
        ? fresh
        : holders[random.below(holders.length)]!;
    const amount = (balance * BigInt(random.below(90) + 5)) / 100n;
    time += random.below(600);
    if (made % 9 === 8) {
      // Clean money from elsewhere: without it every rule says the same.
      movements.push({ from: addressOf(2_000_000 + made), to: from, amount: balance / 2n + 1n, time });
      balances.set(from, balance + balance / 2n + 1n);
      continue;
    }
    movements.push({ from, to, amount, time });
    if (to === from) continue;
    balances.set(from, balance - amount);
    if (stops.has(to)) continue;
    balances.set(to, (balances.get(to) ?? 0n) + amount);
    if (to === fresh) holders.push(fresh);
  }
  return { seed: { from: '', to: addressOf(0), amount: 100_000n * unit, time: 1_700_000_000 }, movements, stops };
}
