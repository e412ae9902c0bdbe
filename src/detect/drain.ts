import type { UnixSeconds } from '../base/time.ts';
import { WalletPast } from './_wallet-past.ts';
import { accountKey, type Finding, inTimeOrder, type Movement, ratio } from './movement.ts';

/** A drain lasts minutes (Drift: 31 withdrawals in 12 min); an hour holds it and the gas money that goes ahead of it. */
export const WINDOW_SECONDS = 3600;
/** Times the largest sum that an address got of the asset in any earlier window (the best paid address left out): enough by itself. */
export const STRONG_JUMP = 10;
/** The same, where the address also gets more kinds of assets than any address did in an earlier window. */
export const JUMP_WITH_VARIETY = 3;
/** Fewer payments of an asset than this say nothing about what is usual; a wallet with fewer in all has no past. */
export const MIN_PAST_PAYMENTS = 10;
/** With a past: at least this share of what the wallet is known to hold of the asset leaves. A large withdrawal is no drain. */
export const MIN_SHARE_OF_HELD = 0.1;
/** Without a past: the share of what the wallet is known to hold that leaves. */
export const EMPTIED_SHARE = 0.9;
/** … and how long it must have held it: a wallet that passes on what just came in is no treasury. */
export const MIN_HOLDING_SECONDS = 86_400;

export interface Wallet {
  readonly chain: string;
  readonly address: string;
}

interface Candidate {
  readonly source: Wallet;
  readonly receiver: string;
  /** When the receiver was first seen: the window begins. */
  readonly seen: UnixSeconds;
  readonly sums: Map<string, bigint>;
  payments: number;
  first: UnixSeconds;
  last: UnixSeconds;
}

/**
 * S1: a source wallet pays an address within an hour of that address being first seen in the data, more than it ever paid one
 * address in an hour, or nearly all it holds. A thief who spreads the drain over many addresses at once is seen less. Time: sorting.
 */
export function findDrains(movements: readonly Movement[], sources: readonly Wallet[]): Finding[] {
  const sorted = inTimeOrder(movements);
  const pasts = new Map<string, WalletPast>();
  for (const { chain, address } of sources) pasts.set(accountKey(chain, address), new WalletPast(WINDOW_SECONDS));
  const seen = new Map<string, UnixSeconds>();
  const candidates = new Map<string, Candidate>();
  for (const movement of sorted) {
    const { chain, from, to, asset, amount, time } = movement;
    if (from === to) continue;
    const payer = from === null ? null : accountKey(chain, from);
    const receiver = to === null ? null : accountKey(chain, to);
    for (const key of [payer, receiver]) if (key !== null && !seen.has(key)) seen.set(key, time);
    if (receiver !== null) pasts.get(receiver)?.receive(asset, amount, time);
    const past = payer === null ? undefined : pasts.get(payer);
    if (past === undefined || from === null) continue;
    past.pay(to ?? '', asset, amount, time);
    if (to !== null) collect(candidates, { chain, address: from }, to, seen.get(receiver!)!, movement);
  }
  return [...candidates.values()]
    .flatMap((candidate) => judge(candidate, pasts.get(accountKey(candidate.source.chain, candidate.source.address))!))
    .sort((a, b) => a.firstTime - b.firstTime);
}

function collect(
  candidates: Map<string, Candidate>,
  source: Wallet,
  receiver: string,
  seen: UnixSeconds,
  { asset, amount, time }: Movement,
): void {
  if (time - seen > WINDOW_SECONDS) return;
  const key = `${accountKey(source.chain, source.address)}|${receiver}`;
  let candidate = candidates.get(key);
  if (candidate === undefined) {
    candidate = { source, receiver, seen, sums: new Map(), payments: 0, first: time, last: time };
    candidates.set(key, candidate);
  }
  candidate.sums.set(asset, (candidate.sums.get(asset) ?? 0n) + amount);
  candidate.payments += 1;
  candidate.last = time;
}

interface Judged {
  readonly asset: string;
  readonly sum: bigint;
  readonly largestBefore: bigint;
  readonly held: bigint;
  /** Of the largest before; null without a past. */
  readonly jump: number | null;
  readonly emptied: boolean;
}

function judge(candidate: Candidate, past: WalletPast): Finding[] {
  const assets = [...candidate.sums].map(([asset, sum]) => judgeAsset(asset, sum, candidate.first, past));
  const varietyBefore = past.varietyBefore(candidate.first);
  const moreKinds = assets.length > Math.max(1, varietyBefore);
  const strong = assets.some(({ jump, emptied }) => emptied || (jump ?? 0) >= STRONG_JUMP);
  const withVariety = moreKinds && assets.some(({ jump }) => (jump ?? 0) >= JUMP_WITH_VARIETY);
  return strong || withVariety ? [describe(candidate, assets, varietyBefore)] : [];
}

function judgeAsset(asset: string, sum: bigint, time: UnixSeconds, past: WalletPast): Judged {
  const { amount: held, since } = past.heldBefore(asset, time);
  const share = held > 0n ? ratio(sum, held) : null;
  const enough = past.paymentsBefore(asset, time) >= MIN_PAST_PAYMENTS && (share ?? 1) >= MIN_SHARE_OF_HELD;
  const largestBefore = enough ? past.largestBefore(asset, time) : 0n;
  const patient = since !== null && time - since >= MIN_HOLDING_SECONDS;
  const emptied = past.paymentsBefore(null, time) < MIN_PAST_PAYMENTS && patient && (share ?? 0) >= EMPTIED_SHARE;
  return { asset, sum, largestBefore, held, jump: largestBefore === 0n ? null : ratio(sum, largestBefore), emptied };
}

function describe(candidate: Candidate, assets: readonly Judged[], varietyBefore: number): Finding {
  const { source, receiver, payments, first, last } = candidate;
  const evidence: Record<string, string> = {
    chain: source.chain,
    payments: String(payments),
    seconds: String(last - first),
    assets: String(assets.length),
    mostAssetsBefore: String(varietyBefore),
  };
  for (const { asset, sum, largestBefore, held, jump } of assets) {
    const past =
      jump === null
        ? `nothing to compare with, held ${held}`
        : `${jump.toFixed(2)} × the largest before, ${largestBefore}`;
    evidence[asset] = `${sum} (${past})`;
  }
  return {
    id: 'S1',
    name: 'drain',
    summary: `${source.address} paid ${payments} times, ${assets.length} kinds of assets, within ${last - first} s to ${receiver}, an address first seen then`,
    addresses: [source.address, receiver],
    firstTime: first,
    lastTime: last,
    evidence,
  };
}
