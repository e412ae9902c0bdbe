import type { UnixSeconds } from '../base/time.ts';
import type { AssetId } from '../model/asset.ts';
import type { AuthorityChange } from '../model/authority.ts';
import type { Transfer } from '../model/transfer.ts';
import {
  expire,
  newOutflow,
  type Outflow,
  type Payment,
  pay,
  receive,
  setHeld as setAsset,
  spend,
  UNSEEN,
} from './_outflow.ts';
import { type Alarm, MAX_LISTED, mayAlarm, type Raised } from './alarm.ts';
import { type AuthorityState, authorityAlarm, judgeAuthority, newAuthorityState } from './authority.ts';
import { type Crossing, judgeOutflow } from './live-drain.ts';
import { type LearntPast, MAX_ALARMS_IN_WINDOW, type Thresholds, type WatchedWallet } from './watched-wallet.ts';

/** What is known of one watched wallet. Plain data: structuredClone makes a copy to go back to. */
export interface WalletState {
  readonly wallet: WatchedWallet;
  readonly limits: Thresholds;
  readonly outflow: Outflow;
  readonly authority: AuthorityState;
  /** Condition → its last alarm. */
  readonly raised: Map<string, Raised>;
  /** Times of the S1 alarms of the last window, and how many were only counted in the present run of them. */
  recent: UnixSeconds[];
  counted: number;
}

/** One block as a watch reads it: in order of (txIndex, leg). */
export interface LiveBlock {
  readonly number: bigint;
  readonly hash: string;
  readonly time: UnixSeconds;
  readonly transfers: readonly Transfer[];
  readonly signals: readonly AuthorityChange[];
}

export function newWalletState(wallet: WatchedWallet, limits: Thresholds): WalletState {
  return {
    wallet,
    limits,
    outflow: newOutflow(),
    authority: newAuthorityState(),
    raised: new Map(),
    recent: [],
    counted: 0,
  };
}

/** The wallets of one chain, by address. structuredClone makes a copy to go back to. */
export type LiveState = ReadonlyMap<string, WalletState>;

export function newLiveState(wallets: readonly WatchedWallet[], limits: Thresholds): Map<string, WalletState> {
  return new Map(wallets.map((wallet) => [wallet.address, newWalletState(wallet, limits)]));
}

interface Touched {
  readonly paidTo: Set<string>;
  readonly paidOf: Set<AssetId>;
}

/**
 * Takes in the next block of a chain and gives the alarms it raises, in the order of the wallets first touched; while `learning`
 * there are none. Blocks must come in order, each once. Time: what the block moved, and the window of a wallet that alarms.
 */
export function pushBlock(live: LiveState, block: LiveBlock, learning = false): Alarm[] {
  const alarms: Alarm[] = [];
  for (const signal of block.signals) {
    const state = live.get(signal.account);
    if (state !== undefined) alarms.push(...pushSignal(state, block, signal, learning));
  }
  const touched = new Map<WalletState, Touched>();
  for (const row of block.transfers)
    if (row.amount > 0n && row.from !== row.to) pushTransfer(live, block, row, touched);
  for (const [state, { paidTo, paidOf }] of touched) {
    const crossings = judgeOutflow(state.outflow, state.wallet, state.limits, paidTo, paidOf, block.time);
    if (!learning) for (const crossing of crossings) alarms.push(...raise(state, block, crossing));
  }
  return alarms;
}

/** What a node says the wallet holds at the end of the block last pushed. */
export function setHeld(state: WalletState, asset: AssetId, amount: bigint): void {
  setAsset(state.outflow, asset, amount);
}

/** Whether it is not known how much of an asset the wallet holds, so that a node is worth asking. */
export function holdingsUnsure(state: WalletState, asset: AssetId): boolean {
  const known = state.outflow.assets.get(asset);
  return known === undefined || known.short || !known.asked;
}

export function heldOf(state: WalletState, asset: AssetId): bigint | null {
  const known = state.outflow.assets.get(asset);
  return known === undefined || known.short || !(known.asked || known.held > 0n) ? null : known.held;
}

/** Assets that the wallet was seen to move. */
export function assetsOf(state: WalletState): readonly AssetId[] {
  return [...state.outflow.assets.keys()];
}

/** Lets what is older than the window become past, without a movement; the same as the next movement would. */
export function advanceTo(live: LiveState, time: UnixSeconds): void {
  for (const { outflow, limits } of live.values()) expire(outflow, time, limits);
}

export function pastOf({ outflow }: WalletState): LearntPast {
  return { payments: outflow.payments, destinations: outflow.destinations.size, since: outflow.since };
}

/** How much was forgotten for want of room. */
export function forgottenOf({ outflow, authority }: WalletState): number {
  return outflow.forgotten + authority.forgotten;
}

function pushTransfer(live: LiveState, block: LiveBlock, row: Transfer, touched: Map<WalletState, Touched>): void {
  const { from, to, asset, amount, tx } = row;
  const payee = to === null ? undefined : live.get(to);
  const payer = from === null ? undefined : live.get(from);
  if (payee === undefined && payer === undefined) return;
  const moved = { time: block.time, block: block.number, tx, asset, amount };
  if (payee !== undefined) {
    payee.outflow.since ??= block.time;
    receive(payee.outflow, moved, payee.limits);
  }
  if (payer === undefined) return;
  payer.outflow.since ??= block.time;
  const destination = to ?? (isUnseen(row) ? UNSEEN : null);
  if (destination === null || payer.wallet.allow.has(destination)) {
    spend(payer.outflow, moved, payer.limits);
    return;
  }
  pay(payer.outflow, destination, moved, payer.limits);
  let each = touched.get(payer);
  if (each === undefined) {
    each = { paidTo: new Set(), paidOf: new Set() };
    touched.set(payer, each);
  }
  each.paidTo.add(destination);
  each.paidOf.add(asset);
}

/** Native coin that is gone by its balance, and nothing says where to. A token's balance may change by itself. */
function isUnseen({ kind, to, asset }: Transfer): boolean {
  return kind === 'adjust' && to === null && asset.includes('/slip44:');
}

function pushSignal(state: WalletState, block: LiveBlock, signal: AuthorityChange, learning: boolean): Alarm[] {
  const held = signal.asset === null ? null : heldOf(state, signal.asset);
  state.outflow.since ??= block.time;
  const judged = judgeAuthority(state.authority, state.wallet, signal, held);
  if (judged === null || learning) return [];
  const { time, number, hash } = block;
  const sighting = { time, block: number, blockHash: hash, held, past: pastOf(state) };
  const place = `${signal.txIndex}.${signal.logIndex ?? 'call'}`;
  const id = alarmId(state, 'S0', signal.kind, signal.grantee ?? place, number);
  return [{ ...authorityAlarm(state.wallet, signal, judged, sighting), id: `${id}/${place}`, again: null }];
}

function alarmId({ wallet }: WalletState, signature: string, rule: string, condition: string, block: bigint): string {
  return [signature, rule, wallet.chain, wallet.address, condition, block].filter((part) => part !== '').join('/');
}

function raise(state: WalletState, block: LiveBlock, crossing: Crossing): Alarm[] {
  const { limits, outflow } = state;
  const { time } = block;
  const condition = `${crossing.rule}|${crossing.condition}`;
  const again = mayAlarm(state.raised, condition, crossing.level, time, limits.quietSeconds, limits.growth);
  outflow.lastAlarm = time;
  if (again === false) return [];
  state.recent = state.recent.filter((at) => time - at <= limits.windowSeconds);
  if (state.recent.length === 0) state.counted = 0;
  if (state.recent.length >= MAX_ALARMS_IN_WINDOW && crossing.rule === 'drain')
    return countOnly(state, block, crossing);
  state.recent.push(time);
  const alarm = compose(state, block, crossing, again);
  remember(state, condition, { id: alarm.id, time, level: crossing.level });
  return [alarm];
}

/** Conditions of the quiet time only are kept. */
function remember(state: WalletState, condition: string, raised: Raised): void {
  state.raised.delete(condition);
  state.raised.set(condition, raised);
  for (const [old, { time }] of state.raised) {
    if (raised.time - time <= state.limits.quietSeconds) break;
    state.raised.delete(old);
  }
}

function countOnly(state: WalletState, block: LiveBlock, crossing: Crossing): Alarm[] {
  const condition = `${crossing.rule}|${crossing.condition}`;
  remember(state, condition, { id: `counted/${condition}`, time: block.time, level: crossing.level });
  state.counted += 1;
  const { limits } = state;
  const level = new Map([['alarms', BigInt(state.counted)]]);
  const again = mayAlarm(state.raised, 'more|', level, block.time, limits.windowSeconds, limits.growth);
  if (again === false) return [];
  const line = { what: 'alarms', value: state.counted, limit: MAX_ALARMS_IN_WINDOW } as const;
  const alarm = compose(
    state,
    block,
    { ...crossing, rule: 'more', condition: String(state.counted), crossed: [line] },
    again,
  );
  remember(state, 'more|', { id: alarm.id, time: block.time, level });
  return [alarm];
}

function compose(state: WalletState, block: LiveBlock, crossing: Crossing, again: Alarm['again']): Alarm {
  const { wallet, outflow } = state;
  const payments = outflow.window.slice(outflow.from).filter(crossing.fits);
  const txs = [...new Set(payments.flatMap(({ tx }) => (tx === null ? [] : [tx])))];
  const others = byCount(payments);
  return {
    id: alarmId(state, 'S1', crossing.rule, crossing.condition, block.number),
    signature: 'S1',
    rule: crossing.rule,
    severity: crossing.severity,
    chain: wallet.chain,
    wallet: wallet.address,
    name: wallet.name,
    others: others.slice(0, MAX_LISTED),
    otherCount: others.length,
    amounts: crossing.amounts,
    crossed: crossing.crossed,
    txs: txs.slice(0, MAX_LISTED),
    txCount: txs.length,
    payments: payments.length,
    firstTime: payments[0]?.time ?? block.time,
    lastTime: payments.at(-1)?.time ?? block.time,
    block: block.number,
    blockHash: block.hash,
    again,
    past: pastOf(state),
  };
}

/** Destinations, those paid the largest single sum of one asset first. */
function byCount(payments: readonly Payment[]): string[] {
  const largest = new Map<string, bigint>();
  for (const { to, sum } of payments) if (sum > (largest.get(to) ?? 0n)) largest.set(to, sum);
  return [...largest].sort(([, a], [, b]) => (a === b ? 0 : a > b ? -1 : 1)).map(([to]) => to);
}
