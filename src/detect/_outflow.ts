import type { UnixSeconds } from '../base/time.ts';
import type { AssetId } from '../model/asset.ts';
import { newRanking, type Ranking, rank } from './_ranking.ts';
import { ratio } from './movement.ts';
import { MAX_ASSETS, MAX_DESTINATIONS, MAX_WINDOW_PAYMENTS, type Thresholds } from './watched-wallet.ts';

/** What a wallet held and usually pays of one asset. Plain data. */
export interface AssetPast {
  /** At least so much: exact where a node was asked and nothing moves it unseen. */
  held: bigint;
  /** It paid more than was known to be there: then shares of what it held mean nothing until a node is asked. */
  short: boolean;
  /** Whether what it held at the start is known (asked of a node), not only what came since. */
  asked: boolean;
  since: UnixSeconds | null;
  /** Payments that left the window and count as past. */
  payments: number;
  ranking: Ranking | null;
  /** As `ranking`, of the share of what the wallet held that was gone by it, in millionths. */
  losses: Ranking | null;
  /** Past payments by size class. */
  readonly sizes: Map<number, number>;
  /** Above this size class lies a tenth of them at most; made anew now and then. */
  largeClass: number;
  /** The lowest that was left after a payment, by day, newest last. */
  lows: { readonly day: number; low: bigint }[];
  /** In any window of the past: the most that fresh destinations got together, and how many large payments they got. */
  freshPeak: bigint;
  largePeak: number;
  /** Now in the window: what came in, what went out, that to fresh destinations, and their large payments and all. */
  in: bigint;
  out: bigint;
  freshOut: bigint;
  freshLarge: number;
  freshPayments: number;
  halved: boolean;
}

export interface Payment {
  readonly time: UnixSeconds;
  readonly block: bigint;
  readonly tx: string | null;
  readonly to: string;
  readonly asset: AssetId;
  readonly amount: bigint;
  /** The destination was first paid inside the window. */
  readonly fresh: boolean;
  /** As of this payment, inside the window: what the destination got of the asset, its kinds of assets, and all fresh destinations together. */
  readonly sum: bigint;
  readonly kinds: number;
  readonly freshSum: bigint;
  readonly freshLarge: number;
  readonly halved: number;
  /** Payments to the destination inside the window. */
  readonly times: number;
  readonly large: boolean;
  /** Share of what the wallet held that is gone by `sum`, in millionths; null where that is not known. */
  readonly loss: number | null;
  /** What the wallet held of the asset after it; null where that is not known. */
  readonly left: bigint | null;
  emptied: boolean;
}

interface Receipt {
  readonly time: UnixSeconds;
  readonly asset: AssetId;
  readonly amount: bigint;
}

/** What one destination got inside the window. */
export interface Open {
  readonly sums: Map<AssetId, { sum: bigint; payments: number }>;
  payments: number;
}

/** The outflow of one wallet: a window, and what left it as the past. Plain data, so that structuredClone copies it. */
export interface Outflow {
  readonly assets: Map<AssetId, AssetPast>;
  /** Destination → when it was first paid; those paid last stand last. */
  readonly destinations: Map<string, UnixSeconds>;
  /** Payments in the window from index `from` on, oldest first. */
  window: Payment[];
  from: number;
  receipts: Receipt[];
  receiptsFrom: number;
  readonly open: Map<string, Open>;
  /** Payments around an alarm: they become past only when the quiet time is over. */
  held: Payment[];
  payments: number;
  kinds: Ranking;
  /** The most payments in a window to destinations first paid in it. */
  times: Ranking;
  halvedNow: number;
  halvedPeak: number;
  emptied: number;
  /** The first day of the past is over: what seemed fresh on it, since nothing was known, no longer counts. */
  settled: boolean;
  since: UnixSeconds | null;
  lastAlarm: UnixSeconds | null;
  /** Destinations and assets forgotten, and payments that became past early, for want of room. */
  forgotten: number;
}

export function newOutflow(): Outflow {
  return {
    assets: new Map(),
    destinations: new Map(),
    window: [],
    from: 0,
    receipts: [],
    receiptsFrom: 0,
    open: new Map(),
    held: [],
    payments: 0,
    kinds: newRanking(''),
    times: newRanking(''),
    halvedNow: 0,
    halvedPeak: 0,
    emptied: 0,
    settled: false,
    since: null,
    lastAlarm: null,
    forgotten: 0,
  };
}

export interface Moved {
  readonly time: UnixSeconds;
  readonly block: bigint;
  readonly tx: string | null;
  readonly asset: AssetId;
  readonly amount: bigint;
}

/** The asset, made where it is not known. One that moves stands last, so that the one forgotten moved longest ago. */
function touch(outflow: Outflow, id: AssetId): AssetPast {
  const known = assetOf(outflow, id);
  if (outflow.assets.size < MAX_ASSETS / 2) return known;
  outflow.assets.delete(id);
  outflow.assets.set(id, known);
  return known;
}

function assetOf(outflow: Outflow, id: AssetId): AssetPast {
  const known = outflow.assets.get(id);
  if (known !== undefined) return known;
  const made: AssetPast = {
    held: 0n,
    short: false,
    asked: false,
    since: null,
    payments: 0,
    ranking: null,
    losses: null,
    sizes: new Map(),
    largeClass: Number.POSITIVE_INFINITY,
    lows: [],
    freshPeak: 0n,
    largePeak: 0,
    in: 0n,
    out: 0n,
    freshOut: 0n,
    freshLarge: 0,
    freshPayments: 0,
    halved: false,
  };
  outflow.assets.set(id, made);
  if (outflow.assets.size > MAX_ASSETS) forgetAsset(outflow, id);
  return made;
}

/** The asset that moved longest ago, one that was never paid before all others: tokens sent unasked push no real one out. */
function forgetAsset(outflow: Outflow, kept: AssetId): void {
  let oldest: AssetId | null = null;
  for (const [id, { payments, out, in: got }] of outflow.assets) {
    if (id === kept || out !== 0n || got !== 0n) continue;
    oldest ??= id;
    if (payments > 0) continue;
    oldest = id;
    break;
  }
  if (oldest === null) return;
  outflow.assets.delete(oldest);
  outflow.forgotten += 1;
}

export function receive(outflow: Outflow, moved: Moved, limits: Thresholds): void {
  expire(outflow, moved.time, limits);
  const asset = touch(outflow, moved.asset);
  asset.held += moved.amount;
  asset.since ??= moved.time;
  note(outflow, asset, moved, moved.amount);
}

/** What leaves without a destination to judge: a fee, something burnt, a payment that is allowed. It counts as a receipt below zero. */
export function spend(outflow: Outflow, moved: Moved, limits: Thresholds): void {
  expire(outflow, moved.time, limits);
  const asset = touch(outflow, moved.asset);
  take(asset, moved.amount);
  note(outflow, asset, moved, -moved.amount);
}

function note(outflow: Outflow, asset: AssetPast, { time, asset: id }: Moved, amount: bigint): void {
  asset.in += amount;
  outflow.receipts.push({ time, asset: id, amount });
  if (outflow.receipts.length - outflow.receiptsFrom <= MAX_WINDOW_PAYMENTS) return;
  outflow.forgotten += 1;
  leaveReceipt(outflow);
}

function take(asset: AssetPast, amount: bigint): void {
  // A rebasing token or a rounded row is no sign that much was there unknown.
  if (amount > asset.held && (amount - asset.held) * 50n > amount) asset.short = true;
  asset.held = amount > asset.held ? 0n : asset.held - amount;
}

/** What a node says the wallet holds. Where most of it was there before anything was seen, nobody knows since when: for long. */
export function setHeld(outflow: Outflow, id: AssetId, amount: bigint): void {
  const asset = assetOf(outflow, id);
  if (!asset.asked && amount > 2n * asset.held) asset.since = 0;
  asset.held = amount;
  asset.short = false;
  asset.asked = true;
}

/** Takes in one payment to a destination that is judged. Times must not fall. */
export function pay(outflow: Outflow, to: string, moved: Moved, limits: Thresholds): void {
  const { time, block, tx, asset: id, amount } = moved;
  expire(outflow, time, limits);
  const asset = touch(outflow, id);
  take(asset, amount);
  const firstPaid = meet(outflow, to, time);
  const fresh = time - firstPaid <= limits.windowSeconds;
  const large = sizeClass(amount) > asset.largeClass;
  asset.out += amount;
  if (fresh) {
    asset.freshOut += amount;
    asset.freshPayments += 1;
    if (large) asset.freshLarge += 1;
  }
  const open = openFor(outflow, to);
  const part = open.sums.get(id) ?? { sum: 0n, payments: 0 };
  part.sum += amount;
  part.payments += 1;
  open.sums.set(id, part);
  open.payments += 1;
  markHalved(outflow, asset, time, limits);
  const loss = lossShare(asset, part.sum);
  outflow.window.push({
    time,
    block,
    tx,
    to,
    asset: id,
    amount,
    fresh,
    large,
    sum: part.sum,
    kinds: open.sums.size,
    times: open.payments,
    freshSum: asset.freshOut,
    freshLarge: asset.freshLarge,
    halved: outflow.halvedNow,
    loss: loss === null ? null : Math.round(loss * 1e6),
    left: asset.short ? null : asset.held,
    emptied: false,
  });
  if (outflow.window.length - outflow.from > MAX_WINDOW_PAYMENTS) {
    outflow.forgotten += 1;
    leaveWindow(outflow, limits);
  }
}

/** The destination of a payment that only a balance tells of: never one that was paid before. */
export const UNSEEN = '(unseen)';

function meet(outflow: Outflow, to: string, time: UnixSeconds): UnixSeconds {
  if (to === UNSEEN) return time;
  const firstPaid = outflow.destinations.get(to) ?? time;
  outflow.destinations.delete(to);
  outflow.destinations.set(to, firstPaid);
  if (outflow.destinations.size > MAX_DESTINATIONS) {
    outflow.destinations.delete(outflow.destinations.keys().next().value!);
    outflow.forgotten += 1;
  }
  return firstPaid;
}

function openFor(outflow: Outflow, to: string): Open {
  let open = outflow.open.get(to);
  if (open === undefined) {
    open = { sums: new Map(), payments: 0 };
    outflow.open.set(to, open);
  }
  return open;
}

/** What it held when the window began; null where that is not known, or was nothing. */
export function baseOf(asset: AssetPast): bigint | null {
  const base = asset.held + asset.out - asset.in;
  return asset.short || base <= 0n ? null : base;
}

/**
 * What share of that is gone because of a sum paid: what came in meanwhile is set against it, so that passing on what just came
 * (a withdrawal that the cold wallet paid in for) is no loss. null where not known.
 */
export function lossShare(asset: AssetPast, sum: bigint): number | null {
  const base = baseOf(asset);
  if (base === null) return asset.short ? null : 0;
  const gone = asset.out - asset.in;
  return gone <= 0n ? 0 : ratio(sum < gone ? sum : gone, base);
}

/** An asset is half emptied where half of it went to fresh destinations; one that just came does not count. */
function markHalved(outflow: Outflow, asset: AssetPast, time: UnixSeconds, limits: Thresholds): void {
  const settled = asset.since !== null && time - asset.since >= limits.holdingSeconds;
  const halved = settled && (lossShare(asset, asset.freshOut) ?? 0) >= limits.halfShare;
  if (halved !== asset.halved) outflow.halvedNow += halved ? 1 : -1;
  asset.halved = halved;
}

/** Moves out of the window what is older than it, into the past. */
export function expire(outflow: Outflow, now: UnixSeconds, limits: Thresholds): void {
  while (outflow.from < outflow.window.length) {
    if (now - outflow.window[outflow.from]!.time <= limits.windowSeconds) break;
    leaveWindow(outflow, limits);
  }
  while (outflow.receiptsFrom < outflow.receipts.length) {
    if (now - outflow.receipts[outflow.receiptsFrom]!.time <= limits.windowSeconds) break;
    leaveReceipt(outflow);
  }
  let done = 0;
  while (done < outflow.held.length && now - outflow.held[done]!.time > limits.quietSeconds) {
    learn(outflow, outflow.held[done]!);
    done += 1;
  }
  if (done > 0) outflow.held = outflow.held.slice(done);
}

function leaveReceipt(outflow: Outflow): void {
  const { asset, amount } = outflow.receipts[outflow.receiptsFrom]!;
  outflow.receiptsFrom += 1;
  if (outflow.receiptsFrom > 1024 && outflow.receiptsFrom * 2 > outflow.receipts.length) {
    outflow.receipts = outflow.receipts.slice(outflow.receiptsFrom);
    outflow.receiptsFrom = 0;
  }
  assetOf(outflow, asset).in -= amount;
}

function leaveWindow(outflow: Outflow, limits: Thresholds): void {
  const payment = outflow.window[outflow.from]!;
  outflow.from += 1;
  if (outflow.from > 1024 && outflow.from * 2 > outflow.window.length) {
    outflow.window = outflow.window.slice(outflow.from);
    outflow.from = 0;
  }
  const { to, asset: id, amount, fresh, large, time } = payment;
  const asset = assetOf(outflow, id);
  asset.out -= amount;
  if (fresh) {
    asset.freshOut -= amount;
    asset.freshPayments -= 1;
    if (large) asset.freshLarge -= 1;
  }
  if (asset.halved) markHalved(outflow, asset, time, limits);
  const open = outflow.open.get(to)!;
  const part = open.sums.get(id)!;
  part.sum -= amount;
  part.payments -= 1;
  if (part.payments === 0) open.sums.delete(id);
  open.payments -= 1;
  if (open.payments === 0) outflow.open.delete(to);
  const near = outflow.lastAlarm !== null && Math.abs(time - outflow.lastAlarm) <= limits.windowSeconds;
  if (near && outflow.held.length < MAX_WINDOW_PAYMENTS) outflow.held.push(payment);
  else learn(outflow, payment);
}

function learn(outflow: Outflow, payment: Payment): void {
  const {
    to,
    asset: id,
    amount,
    sum,
    kinds,
    times,
    fresh,
    freshSum,
    freshLarge,
    halved,
    emptied,
    loss,
    left,
  } = payment;
  const asset = assetOf(outflow, id);
  if (!outflow.settled && payment.time - (outflow.since ?? 0) >= FIRST_DAY) settle(outflow);
  asset.payments += 1;
  asset.ranking ??= newRanking(to);
  rank(asset.ranking, to, sum);
  asset.losses ??= newRanking(to);
  if (loss !== null) rank(asset.losses, to, BigInt(loss));
  const size = sizeClass(amount);
  asset.sizes.set(size, (asset.sizes.get(size) ?? 0) + 1);
  if (asset.payments < 64 || asset.payments % 64 === 0) asset.largeClass = topTenth(asset);
  if (freshSum > asset.freshPeak) asset.freshPeak = freshSum;
  if (freshLarge > asset.largePeak) asset.largePeak = freshLarge;
  if (left !== null) learnLow(asset, payment.time, left);
  rank(outflow.kinds, to, BigInt(kinds));
  if (fresh) rank(outflow.times, to, BigInt(times));
  if (halved > outflow.halvedPeak) outflow.halvedPeak = halved;
  if (emptied) outflow.emptied += 1;
  outflow.payments += 1;
}

const FIRST_DAY = 86_400;

function settle(outflow: Outflow): void {
  outflow.settled = true;
  outflow.times = newRanking('');
  outflow.halvedPeak = 0;
  for (const asset of outflow.assets.values()) {
    asset.freshPeak = 0n;
    asset.largePeak = 0;
  }
}

const LOW_DAYS = 60;
const LOW_OUTLIER_DAYS = 8;

function learnLow(asset: AssetPast, time: UnixSeconds, left: bigint): void {
  const day = Math.floor(time / 86_400);
  const last = asset.lows.at(-1);
  if (last?.day === day) {
    if (left < last.low) last.low = left;
    return;
  }
  asset.lows.push({ day, low: left });
  if (asset.lows.length > LOW_DAYS) asset.lows.shift();
}

/** The lowest that payments left in the last sixty days on which there were any, the worst of more than eight set aside. null without a past. */
export function usualLow(asset: AssetPast): bigint | null {
  if (asset.lows.length === 0) return null;
  const lows = asset.lows.map(({ low }) => low).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return lows[lows.length >= LOW_OUTLIER_DAYS ? 1 : 0]!;
}

/** Order of magnitude in sixteens with its first two digits: at most 16,384 classes no wider than a sixteenth, rising with the amount. */
function sizeClass(amount: bigint): number {
  const hex = amount.toString(16);
  return hex.length * 256 + Number.parseInt(hex.slice(0, 2).padEnd(2, '0'), 16);
}

/** The size class in which nine of ten past payments end. */
function topTenth(asset: AssetPast): number {
  let left = asset.payments * 0.9;
  const classes = [...asset.sizes].sort(([a], [b]) => a - b);
  for (const [size, count] of classes) {
    left -= count;
    if (left <= 0) return size;
  }
  return Number.POSITIVE_INFINITY;
}
