import { largestRemainder } from './round.ts';

/**
 * The net flows of one account transaction that moves several assets: which payer's money became whose. A function of the legs
 * alone, so that reach, poison and every conserving method follow the same paths. Definitions: docs/accounting.md.
 * `Id` is whatever the caller names places, owners and assets by.
 */
export interface AtomLeg<Id> {
  /** Place paid from; null: from outside the data (mint). */
  readonly from: Id | null;
  readonly fromOwner: Id | null;
  /** Place paid to; null: destroyed (burn). Fees are no part of an atom: leave them out. */
  readonly to: Id | null;
  readonly toOwner: Id | null;
  readonly asset: Id;
  readonly amount: bigint;
}

/** `amount` base units of the receiving place's asset. */
export interface AtomOut<Id> {
  readonly place: Id;
  readonly owner: Id;
  readonly amount: bigint;
}

export interface AtomConversion<Id> {
  /** What the converted part is worth in the received asset: the sum of `outs`. */
  readonly amount: bigint;
  readonly outs: readonly AtomOut<Id>[];
}

/** What one place gave, net. What `plain` leaves over is converted; with no conversion it found no output. */
export interface AtomGift<Id> {
  /** null: from outside the data. */
  readonly place: Id | null;
  readonly amount: bigint;
  /** Plain movements of the same asset, in order. */
  readonly plain: readonly AtomOut<Id>[];
  /** One a received asset, in order of first appearance; the source units are split equally over them. */
  readonly conversions: readonly AtomConversion<Id>[];
}

export interface Atom<Id> {
  readonly gifts: readonly AtomGift<Id>[];
  /** What each place received, net, in order of first appearance. */
  readonly receipts: readonly AtomOut<Id>[];
}

interface Net<Id> {
  readonly place: Id | null;
  readonly owner: Id | null;
  readonly asset: Id;
  amount: bigint;
}

interface Receipt<Id> extends AtomOut<Id> {
  readonly asset: Id;
  /** Not yet explained by a gift. */
  left: bigint;
}

interface Gift<Id> {
  readonly net: Net<Id>;
  readonly amount: bigint;
  left: bigint;
  readonly plain: AtomOut<Id>[];
  readonly conversions: AtomConversion<Id>[];
}

/** True where the legs move two assets or more, so that they are one atom. */
export function isAtom<Id>(legs: readonly AtomLeg<Id>[]): boolean {
  let first: Id | null = null;
  for (const leg of legs) {
    if (leg.amount === 0n || leg.from === leg.to) continue;
    if (first === null) first = leg.asset;
    else if (leg.asset !== first) return true;
  }
  return false;
}

export function atomFlows<Id>(legs: readonly AtomLeg<Id>[]): Atom<Id> {
  const nets = netLegs(legs);
  const receipts: Receipt<Id>[] = nets
    .filter((net) => net.amount > 0n && net.place !== null)
    .map((net) => ({ place: net.place!, owner: net.owner!, asset: net.asset, amount: net.amount, left: net.amount }));
  const gifts: Gift<Id>[] = nets
    .filter((net) => net.amount < 0n)
    .map((net) => ({ net, amount: -net.amount, left: -net.amount, plain: [], conversions: [] }));
  const givers = new Set<Id | null>(gifts.map((gift) => gift.net.owner));
  const received = groupBy(receipts, (receipt) => receipt.owner);
  for (const [owner, own] of received) {
    const swapped = gifts.filter((gift) => gift.net.owner === owner);
    convert(swapped, own);
  }
  const paidOnly = gifts.filter((gift) => gift.net.owner === null || !received.has(gift.net.owner));
  const receivedOnly = receipts.filter((receipt) => !givers.has(receipt.owner));
  payPlain(paidOnly, receivedOnly);
  const over = paidOnly.filter((gift) => gift.left > 0n && gift.net.place !== null);
  const unexplained = receivedOnly.filter((receipt) => receipt.left > 0n);
  convert(over, unexplained);
  return {
    gifts: gifts.map(({ net, amount, plain, conversions }) => ({ place: net.place, amount, plain, conversions })),
    receipts: receipts.map(({ place, owner, amount }) => ({ place, owner, amount })),
  };
}

/** Places that money of `payer` may reach in the atom: where a method sends it within them is the method's rule. */
export function atomReceivers<Id>(legs: readonly AtomLeg<Id>[], payer: Id): AtomOut<Id>[] {
  return receiversOf(atomFlows(legs), payer);
}

/** As {@link atomReceivers}, for flows that are known already. */
export function receiversOf<Id>(atom: Atom<Id>, payer: Id): AtomOut<Id>[] {
  return atom.gifts.filter((gift) => gift.place === payer).flatMap(outsOf);
}

/** Every movement of a gift, those worth nothing after conversion left out. */
export function outsOf<Id>(gift: AtomGift<Id>): AtomOut<Id>[] {
  return [...gift.plain, ...gift.conversions.flatMap((conversion) => conversion.outs)];
}

/** Change per place (per asset where there is none), in order of first appearance; zero changes included. */
function netLegs<Id>(legs: readonly AtomLeg<Id>[]): Net<Id>[] {
  const places = new Map<Id | null, Net<Id>>();
  const outside = new Map<Id, Net<Id>>();
  const order: Net<Id>[] = [];
  const add = (place: Id | null, owner: Id | null, asset: Id, change: bigint): void => {
    const known = place === null ? outside.get(asset) : places.get(place);
    if (known !== undefined) {
      known.amount += change;
      return;
    }
    const net = { place, owner: place === null ? null : owner, asset, amount: change };
    if (place === null) outside.set(asset, net);
    else places.set(place, net);
    order.push(net);
  };
  for (const { from, fromOwner, to, toOwner, asset, amount } of legs) {
    if (amount === 0n || from === to) continue;
    add(from, fromOwner, asset, -amount);
    // Destroyed money is received by nobody; only what comes from outside pays.
    if (to !== null) add(to, toOwner, asset, amount);
  }
  return order;
}

/** Givers who receive nothing pay those who give nothing, asset by asset, both in order of first appearance. */
function payPlain<Id>(gifts: readonly Gift<Id>[], receipts: readonly Receipt<Id>[]): void {
  const byAsset = groupBy(receipts, (receipt) => receipt.asset);
  for (const gift of gifts) {
    const open = byAsset.get(gift.net.asset);
    if (open === undefined) continue;
    gift.plain.push(...draw(gift.left, open));
    for (const out of gift.plain) gift.left -= out.amount;
  }
}

/** Takes `amount` out of what the receipts still lack, first to last; full receipts leave the list. */
function draw<Id>(amount: bigint, open: Receipt<Id>[]): AtomOut<Id>[] {
  const outs: AtomOut<Id>[] = [];
  let left = amount;
  let full = 0;
  for (const receipt of open) {
    if (left === 0n) break;
    const part = receipt.left < left ? receipt.left : left;
    receipt.left -= part;
    left -= part;
    if (part > 0n) outs.push({ place: receipt.place, owner: receipt.owner, amount: part });
    if (receipt.left === 0n) full += 1;
  }
  open.splice(0, full);
  return outs;
}

/**
 * Every gift becomes part of every asset received but its own. A received asset fed by gifts of several assets is split equally over
 * those assets (nothing compares them), and within one by the size of the gifts, by largest remainder.
 */
function convert<Id>(gifts: readonly Gift<Id>[], receipts: readonly Receipt<Id>[]): void {
  for (const [asset, open] of groupBy(receipts, (receipt) => receipt.asset)) {
    const feeders = [
      ...groupBy(
        gifts.filter((gift) => gift.net.asset !== asset),
        (gift) => gift.net.asset,
      ).values(),
    ];
    if (feeders.length === 0) continue;
    let total = 0n;
    for (const receipt of open) total += receipt.left;
    const each = total / BigInt(feeders.length);
    feeders.forEach((group, index) => {
      const part = index === 0 ? total - each * BigInt(feeders.length - 1) : each;
      const shares = largestRemainder(
        part,
        group.map((gift) => gift.left),
      );
      group.forEach((gift, at) => {
        gift.conversions.push({ amount: shares[at]!, outs: draw(shares[at]!, open) });
      });
    });
  }
}

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
