import type { UnixSeconds } from '../base/time.ts';
import { Flows } from './flows.ts';
import { accountKey, type Finding, inTimeOrder, type Movement, ratio } from './movement.ts';

/** Fewer equal payments are everyday; the thefts that published theirs made 50 (Bybit, 2025: 50 × about 10,000 ETH in 2 h). */
export const MIN_OUTPUTS = 5;
/** Any so many outputs lie within this; three times the two hours published for Bybit. */
export const WINDOW_SECONDS = 6 * 3600;
/** Amounts whose largest is at most this many times the smallest are always seen as nearly equal; above its square never. */
export const EQUAL_RATIO = 1.1;
/** A wallet is fresh that never paid and had received at most this share of the output before (gas money, dust). */
export const MAX_EARLIER_SHARE = 0.05;
/** A wallet is emptied that pays on at least this share of the output: the rest is gas and what was left behind. */
export const EMPTIED_SHARE = 0.9;
/** … and the output is at least this share of all it received by then: money for gas is emptied with the loot that follows. */
export const MAIN_SHARE = 0.5;
/** The outputs are at least this share of all that the payer pays in that asset meanwhile: a hot wallet's equal withdrawals are not. */
export const MIN_SHARE_OF_OUTFLOW = 0.5;

interface Output {
  readonly wallet: string;
  readonly amount: bigint;
  readonly time: UnixSeconds;
  readonly emptied: UnixSeconds;
}

interface PayerOutputs {
  readonly chain: string;
  readonly payer: string;
  readonly asset: string;
  readonly outputs: Output[];
}

/** S3: one payer, N nearly equal outputs of one asset to fresh wallets within a window, each emptied later. Time: sorting. */
export function findFanOuts(movements: readonly Movement[]): Finding[] {
  const sorted = inTimeOrder(movements);
  const paid = new Flows();
  const received = new Flows();
  const firstPayment = new Map<string, UnixSeconds>();
  for (const { chain, from, to, asset, amount, time } of sorted) {
    if (from === to) continue;
    if (to !== null) received.at(`${accountKey(chain, to)}|${asset}`).add(time, amount);
    if (from === null) continue;
    const key = accountKey(chain, from);
    if (!firstPayment.has(key)) firstPayment.set(key, time);
    paid.at(`${key}|${asset}`).add(time, amount);
  }
  const findings = freshOutputs(sorted, firstPayment, received, paid).flatMap((group) => fansOf(group, paid));
  return findings.sort((a, b) => a.firstTime - b.firstTime);
}

/** Per payer and asset, the outputs to wallets that were fresh then and are emptied later; groups too small are left out. */
function freshOutputs(
  sorted: readonly Movement[],
  firstPayment: ReadonlyMap<string, UnixSeconds>,
  received: Flows,
  paid: Flows,
): PayerOutputs[] {
  const groups = new Map<string, PayerOutputs>();
  for (const { chain, from, to, asset, amount, time } of sorted) {
    if (to === null || from === null || from === to) continue;
    const wallet = accountKey(chain, to);
    const key = `${wallet}|${asset}`;
    const inflow = received.at(key);
    if ((firstPayment.get(wallet) ?? 0) < time || ratio(inflow.before(time), amount) > MAX_EARLIER_SHARE) continue;
    const emptied = paid.find(key)?.reached(shareOf(amount, EMPTIED_SHARE)) ?? null;
    if (emptied === null || ratio(amount, inflow.before(emptied + 1)) < MAIN_SHARE) continue;
    const payer = `${accountKey(chain, from)}|${asset}`;
    const group = groups.get(payer) ?? { chain, payer: from, asset, outputs: [] };
    if (group.outputs.length === 0) groups.set(payer, group);
    group.outputs.push({ wallet: to, amount, time, emptied });
  }
  return [...groups.values()].filter((group) => group.outputs.length >= MIN_OUTPUTS);
}

/** Bands of amounts [r^b, r^(b+2)) overlap by half, so that a spread of r always lies inside one. The larger fan keeps an output. */
function fansOf(group: PayerOutputs, paid: Flows): Finding[] {
  const bands = new Map<number, Output[]>();
  for (const output of group.outputs) {
    const band = Math.floor(Math.log(Number(output.amount)) / Math.log(EQUAL_RATIO));
    for (const at of [band - 1, band]) {
      const list = bands.get(at);
      if (list === undefined) bands.set(at, [output]);
      else list.push(output);
    }
  }
  const fans = [...bands.values()].flatMap(runsInTime).sort((a, b) => b.length - a.length);
  const taken = new Set<Output>();
  const findings: Finding[] = [];
  for (const fan of fans) {
    if (fan.some((output) => taken.has(output)) || !dominates(fan, group, paid)) continue;
    for (const output of fan) taken.add(output);
    findings.push(describe(fan, group));
  }
  return findings;
}

/** Maximal runs in which every output is one of MIN_OUTPUTS that lie within the window. Outputs are in time order. */
function runsInTime(outputs: readonly Output[]): Output[][] {
  const runs: Output[][] = [];
  let end = 0;
  for (let start = 0; start + MIN_OUTPUTS <= outputs.length; start += 1) {
    const last = start + MIN_OUTPUTS;
    if (outputs[last - 1]!.time - outputs[start]!.time > WINDOW_SECONDS) continue;
    if (start < end) runs.at(-1)!.push(...outputs.slice(end, last));
    else runs.push(outputs.slice(start, last));
    end = last;
  }
  return runs;
}

function dominates(fan: readonly Output[], { chain, payer, asset }: PayerOutputs, paid: Flows): boolean {
  const sum = fan.reduce((total, output) => total + output.amount, 0n);
  const all = paid.at(`${accountKey(chain, payer)}|${asset}`).within(fan[0]!.time, fan.at(-1)!.time);
  return ratio(sum, all) >= MIN_SHARE_OF_OUTFLOW;
}

function describe(fan: readonly Output[], { chain, payer, asset }: PayerOutputs): Finding {
  const amounts = fan.map((output) => output.amount).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const sum = amounts.reduce((total, amount) => total + amount, 0n);
  const inTurn = fan.filter((output, at) => at === 0 || output.emptied >= fan[at - 1]!.emptied).length;
  const [first, last] = [fan[0]!.time, fan.at(-1)!.time];
  return {
    id: 'S3',
    name: 'fan-out',
    summary: `${payer} paid ${fan.length} nearly equal amounts to fresh wallets within ${last - first} s; each was emptied later`,
    addresses: [payer, ...fan.map((output) => output.wallet)],
    firstTime: first,
    lastTime: last,
    evidence: {
      chain,
      asset,
      outputs: String(fan.length),
      seconds: String(last - first),
      smallest: String(amounts[0]!),
      largest: String(amounts.at(-1)!),
      sum: String(sum),
      firstEmptied: String(Math.min(...fan.map((output) => output.emptied))),
      lastEmptied: String(Math.max(...fan.map((output) => output.emptied))),
      emptiedInOrder: `${inTurn} of ${fan.length}`,
    },
  };
}

function shareOf(amount: bigint, share: number): bigint {
  return (amount * BigInt(Math.round(share * 1e6)) + 999_999n) / 1_000_000n;
}
