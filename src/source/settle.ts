import { assert } from '../base/assert.ts';
import { HaetaeError } from '../base/errors.ts';
import { type AssetId, nativeAsset } from '../model/asset.ts';
import type { Transfer } from '../model/transfer.ts';
import type { AccountBlock, BalanceQuery, BlockRef } from './chain-source.ts';

export interface Settled {
  /** The block's movements with what was added, in order of (txIndex, leg). */
  readonly transfers: readonly Transfer[];
  readonly added: readonly Transfer[];
  /** What the movements rest on in place of a log or a trace, in words fit for a report. */
  readonly gaps: readonly string[];
}

/**
 * Legs of what balances told: after all others of the transaction. The place within is drawn from the row itself, so that the same
 * row has the same leg whatever else was compared with it.
 */
const SETTLED_LEG = 1_900_000_000;
const LEG_ROOM = 100_000_000;
/** After everything else of a block: what cannot be laid to a transaction. */
const SETTLED_TX_INDEX = 1_000_000_010;
const DRIFT_TX_INDEX = SETTLED_TX_INDEX + 1;

export const NO_BALANCES = 'no balances to check against';
export const FROM_BALANCES = 'internal moves from balance differences';
export const UNEXPLAINED_NATIVE = 'changes of balance that no transaction explains';
export const UNLOGGED_TOKENS = 'changes of token balances that no log names (a fee kept by the token, a rebase)';

/** What a place's balance changed by beyond its movements. Never zero. */
interface Residual extends BalanceQuery {
  readonly amount: bigint;
}

/**
 * Compares what each place's balance changed by over a block with the sum of the block's movements of it. Afterwards they are equal
 * wherever the balances are known. Native coin whose internal moves were traced must fit as it is: else E_SOURCE_LIES, as one of
 * balance and trace is not true. Where they were not seen, the rest becomes `internal` rows between those who lost and gained the
 * same in one transaction that both take part in, and `adjust` rows with one end null for what is left. Tokens: `adjust` rows.
 * `places`: each at most once; `before` and `after` in their order, null where the source keeps no such state.
 */
export function settleBlock(
  block: AccountBlock,
  places: readonly BalanceQuery[],
  before: readonly (bigint | null)[],
  after: readonly (bigint | null)[],
): Settled {
  assert(before.length === places.length && after.length === places.length, 'every place has its two balances');
  const moved = movedOf(block.transfers, places);
  const gaps = new Set<string>();
  const native: Residual[] = [];
  const added: Transfer[] = [];
  for (const [index, place] of places.entries()) {
    const [had, has] = [before[index]!, after[index]!];
    if (had === null || has === null) {
      gaps.add(NO_BALANCES);
      continue;
    }
    const amount = has - had - moved.get(keyOf(place))!;
    if (amount === 0n) continue;
    if (!isNative(place.asset)) {
      added.push(adjustRow(block, { ...place, amount }));
      gaps.add(UNLOGGED_TOKENS);
    } else if (block.internalMoves === 'traced') throw untrue(block.ref, place, amount);
    else native.push({ ...place, amount });
  }
  if (native.length > 0) {
    const { rows, left } = paired(block, native);
    added.push(...rows, ...left.map((residual) => adjustRow(block, residual)));
    if (rows.length > 0) gaps.add(FROM_BALANCES);
    if (left.length > 0) gaps.add(UNEXPLAINED_NATIVE);
  }
  const transfers = added.length === 0 ? block.transfers : [...block.transfers, ...added].sort(inOrder);
  return { transfers, added, gaps: [...gaps] };
}

/**
 * The row for a balance that changed where nothing touched the place (a rebase between blocks), at the end of the block `ref` at
 * whose end it is `actual`; null where nothing changed.
 */
export function driftRow(place: BalanceQuery, ref: BlockRef, expected: bigint, actual: bigint): Transfer | null {
  if (expected === actual) return null;
  return rowOf(ref, { tx: null, txIndex: DRIFT_TX_INDEX }, 'adjust', ...endsOf(place, actual - expected));
}

function movedOf(transfers: readonly Transfer[], places: readonly BalanceQuery[]): ReadonlyMap<string, bigint> {
  const moved = new Map(places.map((place) => [keyOf(place), 0n]));
  assert(moved.size === places.length, 'a place is compared once');
  const add = (address: string | null, asset: AssetId, amount: bigint): void => {
    if (address === null) return;
    const key = keyOf({ address, asset });
    const sum = moved.get(key);
    if (sum !== undefined) moved.set(key, sum + amount);
  };
  for (const { from, to, asset, amount } of transfers) {
    add(from, asset, -amount);
    add(to, asset, amount);
  }
  return moved;
}

function keyOf({ address, asset }: BalanceQuery): string {
  return `${address}|${asset}`;
}

function isNative(asset: AssetId): boolean {
  return asset === nativeAsset(chainOf(asset)).id;
}

function chainOf(asset: AssetId): string {
  return asset.slice(0, asset.indexOf('/'));
}

function untrue(ref: BlockRef, { address }: BalanceQuery, amount: bigint): HaetaeError {
  return new HaetaeError('E_SOURCE_LIES', 'a balance does not fit the movements that the traces show', {
    context: { block: ref.number.toString(), field: 'balance or trace', address, difference: amount.toString() },
    remedy: 'ask another endpoint for traces and balances; nothing of this block was taken',
  });
}

/** --- who paid whom, where only balances tell */

/** Transactions of the block with those of the places that take part in them. */
interface Taking {
  readonly tx: string;
  readonly txIndex: number;
  readonly members: ReadonlySet<string>;
}

function paired(block: AccountBlock, residuals: readonly Residual[]): { rows: Transfer[]; left: readonly Residual[] } {
  const taking = takingOf(block, residuals);
  const rows: Transfer[] = [];
  const open = new Set(residuals);
  const pay = (from: Residual, to: Residual, amount: bigint, at: Taking): void => {
    rows.push(rowOf(block.ref, at, 'internal', from.address, to.address, from.asset, amount));
  };
  for (const at of taking) {
    const own = [...open].filter(({ address }) =>
      taking.every((other) => other.members.has(address) === (other === at)),
    );
    for (const [from, to, amount] of oneSided(own)) pay(from, to, amount, at);
    if (oneSided(own).length > 0) for (const residual of own) open.delete(residual);
  }
  for (const gain of [...open].filter(({ amount }) => amount > 0n)) {
    const losses = partners(gain, open, taking);
    const loss = losses.length === 1 ? losses[0]! : null;
    if (loss === null || partners(loss, open, taking).length !== 1) continue;
    pay(loss, gain, gain.amount, taking.findLast(({ members }) => shares(members, loss, gain))!);
    open.delete(loss);
    open.delete(gain);
  }
  return { rows, left: [...open] };
}

function takingOf(block: AccountBlock, residuals: readonly Residual[]): Taking[] {
  const wanted = new Set(residuals.map(({ address }) => address));
  return transactionsOf(block).map(({ tx, txIndex }) => ({
    tx,
    txIndex,
    members: new Set(block.parties(tx).filter((address) => wanted.has(address))),
  }));
}

function transactionsOf(block: AccountBlock): { readonly tx: string; readonly txIndex: number }[] {
  const met = new Map<string, number>();
  for (const { tx, txIndex } of block.transfers) if (tx !== null) met.set(tx, txIndex);
  return [...met].map(([tx, txIndex]) => ({ tx, txIndex })).sort((a, b) => a.txIndex - b.txIndex);
}

/** Those who took part in one transaction only: where one lost what the others gained, or one gained what they lost. */
function oneSided(own: readonly Residual[]): [from: Residual, to: Residual, amount: bigint][] {
  const losers = own.filter(({ amount }) => amount < 0n);
  const gainers = own.filter(({ amount }) => amount > 0n);
  if (own.length < 2 || own.reduce((sum, { amount }) => sum + amount, 0n) !== 0n) return [];
  if (losers.length === 1) return gainers.map((gainer) => [losers[0]!, gainer, gainer.amount]);
  if (gainers.length === 1) return losers.map((loser) => [loser, gainers[0]!, -loser.amount]);
  return [];
}

function partners(one: Residual, open: ReadonlySet<Residual>, taking: readonly Taking[]): Residual[] {
  return [...open].filter(
    (other) => other.amount === -one.amount && taking.some(({ members }) => shares(members, one, other)),
  );
}

function shares(members: ReadonlySet<string>, a: Residual, b: Residual): boolean {
  return members.has(a.address) && members.has(b.address);
}

/** --- rows */

/** After the last movement of the place, in its transaction; else in the last one that the address takes part in with the token. */
function adjustRow(block: AccountBlock, residual: Residual): Transfer {
  const at = placeOf(block, residual) ?? { tx: null, txIndex: SETTLED_TX_INDEX };
  return rowOf(block.ref, at, 'adjust', ...endsOf(residual, residual.amount));
}

type Spot = Pick<Transfer, 'tx' | 'txIndex'>;

function placeOf(block: AccountBlock, { address, asset }: BalanceQuery): Spot | null {
  const own = (row: Transfer): boolean => row.from === address || row.to === address;
  const moved = block.transfers.findLast((row) => row.tx !== null && row.asset === asset && own(row));
  if (moved !== undefined) return moved;
  const contract = asset.slice(asset.lastIndexOf(':') + 1);
  const parties = transactionsOf(block).map((at) => ({ at, of: block.parties(at.tx) }));
  const met = parties.findLast(({ of }) => of.includes(address) && of.includes(contract));
  return (met ?? parties.findLast(({ of }) => of.includes(address)))?.at ?? null;
}

function endsOf(
  { address, asset }: BalanceQuery,
  amount: bigint,
): [from: string | null, to: string | null, asset: AssetId, amount: bigint] {
  return amount > 0n ? [null, address, asset, amount] : [address, null, asset, -amount];
}

function rowOf(
  ref: BlockRef,
  { tx, txIndex }: Spot,
  kind: 'internal' | 'adjust',
  from: string | null,
  to: string | null,
  asset: AssetId,
  amount: bigint,
): Transfer {
  const leg = SETTLED_LEG + (spread(`${from}|${to}|${asset}`) % LEG_ROOM);
  const source = { batch: 0, file: 0, row: leg };
  const order = { time: ref.time, block: ref.number, txIndex, leg };
  return { chain: chainOf(asset), ...order, tx, kind, from, to, asset, amount, rounded: false, source };
}

/** FNV-1a, 32 bits. Two rows that fall together are of different places, so their order does not matter. */
function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function inOrder(a: Transfer, b: Transfer): number {
  return a.txIndex - b.txIndex || a.leg - b.leg;
}
