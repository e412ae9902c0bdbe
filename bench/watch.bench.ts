/**
 * The live S1 and S0 on simulated wallets whose truth is known: how soon a drain alarms, how much had left by then, how many false
 * alarms a busy exchange wallet gives in a year; and the time from a node having a block to the alarm, against a real anvil.
 */
import type { Alarm } from '../src/detect/alarm.ts';
import { type LiveBlock, newLiveState, pushBlock } from '../src/detect/live.ts';
import { DEFAULT_THRESHOLDS, type WatchedWallet } from '../src/detect/watched-wallet.ts';
import { createDrill } from '../src/drill/drill.ts';
import { ROBBERY_SHAPES, type RobberyShape } from '../src/drill/exchange-plan.ts';
import { exchangeYear, isThief, roleOf } from '../src/drill/exchange-year.ts';
import type { Transfer } from '../src/model/transfer.ts';
import { startAnvil, wallet as walletOf } from '../test/live/_anvil.ts';
import { ETHER, openNode, RunningWatch, watched } from '../test/live/_watch.ts';
import { count, printFigure, printPeakMemory } from './_print.ts';

/** Other seeds were looked at while the rules and thresholds were set; of these, none. */
const YEARS = [301, 302, 303, 304, 305];
const ROBBERIES = [401, 402, 403, 404, 405, 406, 407, 408, 409, 410];
const DRILLS = [501, 502, 503, 504, 505, 506, 507, 508];
const LEARNT_DAYS = 30;
const WITHDRAWALS_PER_DAY = 1200;
const DAY = 86_400;

function watchedWallet(chain: string, address: string): WatchedWallet {
  const none = new Map<string, bigint>();
  return { chain, address, name: null, kind: 'wallet', allow: new Set(), minOutflow: none, largeApproval: none };
}

interface Watched {
  readonly alarms: Alarm[];
  readonly rows: number;
  readonly paid: number;
  readonly seconds: number;
}

/** Every block through a fresh watch of these wallets; the first days are learnt. `seconds` is the watch's own time. */
function watchBlocks(chain: string, hot: readonly string[], blocks: Iterable<LiveBlock>, learntDays: number): Watched {
  const live = newLiveState(
    hot.map((address) => watchedWallet(chain, address)),
    DEFAULT_THRESHOLDS,
  );
  const own = new Set(hot);
  const alarms: Alarm[] = [];
  let [rows, paid, milliseconds] = [0, 0, 0];
  let began: number | null = null;
  for (const block of blocks) {
    began ??= block.time;
    rows += block.transfers.length;
    for (const { from, to } of block.transfers) if (to !== null && from !== null && own.has(from)) paid += 1;
    const start = performance.now();
    alarms.push(...pushBlock(live, block, block.time - began < learntDays * DAY));
    milliseconds += performance.now() - start;
  }
  return { alarms, rows, paid, seconds: milliseconds / 1000 };
}

/** What left to thieves, in order, as shares of all that they took by value. */
interface Loot {
  readonly block: bigint;
  readonly value: number;
}

interface Detection {
  /** Blocks from the first payment to the thief to the alarm; null: none. */
  readonly after: number | null;
  /** Share of the loot that had left with the block of the alarm. */
  readonly left: number;
}

function detectionOf(loot: readonly Loot[], alarm: Alarm | undefined): Detection {
  const first = loot[0]!.block;
  if (alarm === undefined) return { after: null, left: 1 };
  const all = loot.reduce((sum, { value }) => sum + value, 0);
  const gone = loot.reduce((sum, { block, value }) => (block <= alarm.block ? sum + value : sum), 0);
  return { after: Number(alarm.block - first), left: gone / all };
}

function printDetections(name: string, detections: readonly Detection[], size: string): void {
  const total = detections.length;
  const share = (fits: (detection: Detection) => boolean): number =>
    (100 * detections.filter((each) => each.after !== null && fits(each)).length) / total;
  const lefts = detections.map(({ left }) => 100 * left).sort((a, b) => a - b);
  const after = detections.flatMap((each) => (each.after === null ? [] : [each.after])).sort((a, b) => a - b);
  const median = (list: readonly number[]): string => (list[Math.floor(list.length / 2)] ?? 0).toFixed(0);
  const detail = `alarm in the block of the first payment or the next ${share((each) => each.after! <= 1).toFixed(0)} %, before 25 % left ${share((each) => each.left <= 0.25).toFixed(0)} %, before half left ${share((each) => each.left <= 0.5).toFixed(0)} %; blocks after the first payment: median ${median(after)}, worst ${after.at(-1) ?? '-'}; gone by then: median ${median(lefts)} %, worst ${(lefts.at(-1) ?? 0).toFixed(0)} %`;
  printFigure({ name, value: share(() => true), unit: '% found', size: `${size}: ${detail}` });
}

function robbery(shape: RobberyShape, seed: number): { detection: Detection; falseAlarms: number } {
  const options = { seed, days: 62, withdrawalsPerDay: WITHDRAWALS_PER_DAY, events: false };
  const year = exchangeYear({ ...options, theft: { shape, day: 60 } });
  const prices = new Map<string, number>();
  const loot: Loot[] = [];
  function* blocks(): Generator<LiveBlock> {
    for (const block of year.blocks()) {
      for (const { to, asset, amount } of block.transfers) {
        if (to === null || !isThief(to)) continue;
        if (!prices.has(asset)) prices.set(asset, year.priceOf(asset));
        loot.push({ block: block.number, value: (Number(amount / 10n ** 12n) / 1e6) * prices.get(asset)! });
      }
      yield block;
    }
  }
  const { alarms } = watchBlocks('eip155:31337', [year.hot], blocks(), LEARNT_DAYS);
  const own = alarms.filter(({ others }) => others.some(isThief));
  return { detection: detectionOf(loot, own[0]), falseAlarms: alarms.length - own.length };
}

function robberies(): void {
  for (const shape of ROBBERY_SHAPES) {
    const results = ROBBERIES.map((seed) => robbery(shape, seed));
    const falseAlarms = results.reduce((sum, each) => sum + each.falseAlarms, 0);
    printDetections(
      `exchange wallet: ${shape}`,
      results.map(({ detection }) => detection),
      `${ROBBERIES.length} thefts after 60 days of ${WITHDRAWALS_PER_DAY} withdrawals, ${falseAlarms} other alarms`,
    );
  }
}

/** What of a year is behind an alarm that no thief caused. */
function causeOf({ others, firstTime }: Alarm, year: ReturnType<typeof exchangeYear>): string {
  if (others.some((other) => roleOf(other) === 'hot')) return 'move of house';
  if (others.some((other) => roleOf(other) === 'cold')) return 'cold wallet';
  if (others.some((other) => roleOf(other) === 'partner')) return 'partner';
  return year.dayOf(firstTime) === year.plan.bankRun ? 'bank run' : 'ordinary withdrawals';
}

function years(): void {
  const causes = new Map<string, number>();
  const perYear: number[] = [];
  let [paid, rows, seconds] = [0, 0, 0];
  for (const seed of YEARS) {
    const options = { seed, days: 365, withdrawalsPerDay: WITHDRAWALS_PER_DAY, events: true, theft: null };
    const year = exchangeYear(options);
    const result = watchBlocks('eip155:31337', [year.hot], year.blocks(), LEARNT_DAYS);
    perYear.push(result.alarms.length);
    for (const alarm of result.alarms) {
      const cause = causeOf(alarm, year);
      causes.set(cause, (causes.get(cause) ?? 0) + 1);
    }
    paid += result.paid;
    rows += result.rows;
    seconds += result.seconds;
  }
  const kinds = [...causes].map(([cause, number]) => `${number} ${cause}`).join(', ');
  const size = `${YEARS.length} years, ${count(Math.round(paid / YEARS.length / 365))} payments a day, one move of house, bank run and new cold wallet each, nothing allowed: ${perYear.join(', ')} alarms (${kinds})`;
  const mean = perYear.reduce((sum, each) => sum + each, 0) / YEARS.length;
  printFigure({ name: 'exchange wallet: false alarms', value: mean, unit: 'a year', size });
  printFigure({
    name: 'live S1: speed',
    value: rows / seconds / 1e6,
    unit: 'M movements/s',
    size: `${count(rows)} movements`,
  });
}

function* blocksOf(transfers: Iterable<Transfer>): Generator<LiveBlock> {
  let rows: Transfer[] = [];
  for (const row of transfers) {
    if (rows.length > 0 && rows[0]!.block !== row.block) {
      yield blockOf(rows);
      rows = [];
    }
    rows.push(row);
  }
  if (rows.length > 0) yield blockOf(rows);
}

function blockOf(transfers: readonly Transfer[]): LiveBlock {
  const { block, time } = transfers[0]!;
  return { number: block!, hash: '', time, transfers, signals: [] };
}

/** The drill's own thefts, at every exchange's hot wallet together. */
function drills(): void {
  const detections: Detection[] = [];
  const kinds = new Map<string, number>();
  let rows = 0;
  for (const seed of DRILLS) {
    const drill = createDrill({ seed, scale: 100_000 });
    const transfers = [...drill.transfers()];
    rows += transfers.length;
    const { thefts, decoys } = drill.truth;
    const chain = transfers[0]!.chain;
    const hot = [...new Set(thefts.map(({ victim }) => victim.address))];
    const { alarms } = watchBlocks(chain, hot, blocksOf(transfers), 5);
    const thieves = new Set(thefts.flatMap((theft) => theft.controlled.map(({ address }) => address)));
    for (const { victim, stolen } of thefts) {
      const landed = new Set(stolen.map(({ address }) => address));
      const loot = transfers.flatMap(({ from, to, block, amount }): Loot[] =>
        from === victim.address && landed.has(to ?? '') && amount > 0n ? [{ block: block!, value: 1 }] : [],
      );
      const own = alarms.find(
        (alarm) => alarm.wallet === victim.address && alarm.others.some((other) => landed.has(other)),
      );
      detections.push(detectionOf(loot, own));
    }
    for (const { others, rule } of alarms) {
      if (others.some((other) => thieves.has(other))) continue;
      const decoy = decoys.find(({ addresses }) =>
        others.some((other) => addresses.some(({ address }) => address === other)),
      );
      const kind = decoy?.kind ?? `ordinary traffic (${rule})`;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
  }
  const alarms = [...kinds].map(([kind, number]) => `${number} ${kind}`).join(', ') || 'none';
  printDetections(
    'drill: thefts',
    detections,
    `${detections.length} thefts in ${count(rows)} movements, other alarms: ${alarms}; shares by number of payments`,
  );
}

/** From the moment evm_mine returned to the callback with the alarm, for many wallets emptied one by one. */
async function headToAlarm(how: 'WebSocket' | 'polling', rounds: number): Promise<void> {
  const anvil = await startAnvil({ automine: false });
  const source = await openNode(how === 'WebSocket' ? anvil.wsUrl : anvil.url);
  const victims = Array.from({ length: rounds }, (_, round) => walletOf(`bench victim ${round}`));
  for (const { address } of victims)
    await anvil.rpc('anvil_setBalance', [address, `0x${(1000n * ETHER).toString(16)}`]);
  await anvil.mine(100);
  const watch = new RunningWatch(
    source,
    victims.map(({ address }) => watched(address)),
  );
  const times: number[] = [];
  try {
    await watch.until(({ event }) => event === 'watching');
    for (const [round, from] of victims.entries()) {
      await anvil.send({ from, to: walletOf(`bench thief ${round}`).address, value: 990n * ETHER, gas: 21_000n });
      await anvil.rpc('evm_mine');
      const mined = performance.now();
      await watch.until((event) => event.event === 'alarm' && event.alarm.wallet === from.address);
      times.push(performance.now() - mined);
    }
  } finally {
    await watch.stop();
    await source.close();
    await anvil.stop();
  }
  times.sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)] ?? 0;
  const size = `median ${median.toFixed(0)} ms of ${times.length} drains on anvil, from evm_mine to the alarm`;
  const limit = { atMost: 300 };
  printFigure({ name: `head to alarm, ${how}: worst`, value: times.at(-1) ?? Number.NaN, unit: 'ms', size, limit });
}

drills();
robberies();
years();
await headToAlarm('WebSocket', 25);
await headToAlarm('polling', 25);
printPeakMemory();
