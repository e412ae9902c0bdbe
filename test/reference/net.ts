/** Swaps once more, from docs/accounting.md: who paid whom in a transaction of several assets. No code of src/taint. */
import { DESTROYED, FEE, type Leg, OUTSIDE, type PlaceTable } from '../../src/taint/step.ts';
import { hamilton, smaller, total } from './rules.ts';

export interface Flow {
  to: number;
  amount: bigint;
}

export interface Gift {
  place: number;
  asset: number;
  owner: number;
  amount: bigint;
  plain: Flow[];
  /** One a received asset: what the gift's rest is worth in it, and who gets it. */
  swaps: { asset: number; worth: bigint; flows: Flow[] }[];
}

export interface Receipt {
  place: number;
  asset: number;
  owner: number;
  amount: bigint;
  open: bigint;
}

export function movesAssets(legs: readonly Leg[], table: PlaceTable): boolean {
  const real = legs.filter(
    (leg) => leg.to !== FEE && leg.amount > 0n && leg.from !== leg.to && (leg.from >= 0 || leg.to >= 0),
  );
  return new Set(real.map((leg) => table.asset(leg.from >= 0 ? leg.from : leg.to))).size > 1;
}

export function swapFlows(legs: readonly Leg[], table: PlaceTable): { gifts: Gift[]; receipts: Receipt[] } {
  const { gifts, receipts } = nets(legs, table);
  const gives = (owner: number): boolean => gifts.some((gift) => gift.place >= 0 && gift.owner === owner);
  const gets = (owner: number): boolean => receipts.some((receipt) => receipt.owner === owner);
  for (const owner of new Set(receipts.map((receipt) => receipt.owner))) {
    if (!gives(owner)) continue;
    const own = receipts.filter((receipt) => receipt.owner === owner);
    swap(
      gifts.filter((gift) => gift.place >= 0 && gift.owner === owner),
      own,
    );
  }
  const takers = receipts.filter((receipt) => !gives(receipt.owner));
  const payers = gifts.filter((gift) => gift.place < 0 || !gets(gift.owner));
  for (const gift of payers)
    gift.plain = fill(
      gift.amount,
      takers.filter((taker) => taker.asset === gift.asset),
    );
  const over = payers.filter((gift) => gift.place >= 0 && restOf(gift) > 0n);
  swap(
    over,
    takers.filter((taker) => taker.open > 0n),
  );
  return { gifts, receipts };
}

export function restOf(gift: Gift): bigint {
  return gift.amount - total(gift.plain.map((flow) => flow.amount));
}

function nets(legs: readonly Leg[], table: PlaceTable): { gifts: Gift[]; receipts: Receipt[] } {
  const seen: { key: string; place: number; asset: number }[] = [];
  const change = new Map<string, bigint>();
  const note = (place: number, asset: number, amount: bigint): void => {
    const key = place === OUTSIDE ? `outside of ${asset}` : `${place}`;
    if (!change.has(key)) seen.push({ key, place, asset });
    change.set(key, (change.get(key) ?? 0n) + amount);
  };
  for (const { from, to, amount } of legs) {
    if (to === FEE || amount === 0n || from === to || (from < 0 && to < 0)) continue;
    const asset = table.asset(from >= 0 ? from : to);
    note(from, asset, -amount);
    if (to !== DESTROYED) note(to, asset, amount);
  }
  const gifts: Gift[] = [];
  const receipts: Receipt[] = [];
  for (const { key, place, asset } of seen) {
    const net = change.get(key)!;
    const owner = place >= 0 ? table.owner(place) : -1;
    if (net < 0n) gifts.push({ place, asset, owner, amount: -net, plain: [], swaps: [] });
    if (net > 0n) receipts.push({ place, asset, owner, amount: net, open: net });
  }
  return { gifts, receipts };
}

function fill(amount: bigint, takers: readonly Receipt[]): Flow[] {
  let left = amount;
  const flows = takers.map((taker) => {
    const part = smaller(left, taker.open);
    taker.open -= part;
    left -= part;
    return { to: taker.place, amount: part };
  });
  return flows.filter((flow) => flow.amount > 0n);
}

/** Each asset received is fed by each asset given in equal parts, within one by the size of the gifts. */
function swap(gifts: readonly Gift[], receipts: readonly Receipt[]): void {
  const rests = new Map(gifts.map((gift) => [gift, restOf(gift)]));
  for (const asset of new Set(receipts.map((receipt) => receipt.asset))) {
    const takers = receipts.filter((receipt) => receipt.asset === asset);
    const worth = total(takers.map((taker) => taker.open));
    const kinds = [...new Set(gifts.map((gift) => gift.asset))].filter((kind) => kind !== asset);
    kinds.forEach((kind, index) => {
      const equal = worth / BigInt(kinds.length);
      const part = index === 0 ? worth - equal * BigInt(kinds.length - 1) : equal;
      const feeders = gifts.filter((gift) => gift.asset === kind);
      const shares = hamilton(
        part,
        feeders.map((gift) => rests.get(gift)!),
      );
      feeders.forEach((gift, at) => {
        gift.swaps.push({ asset, worth: shares[at]!, flows: fill(shares[at]!, takers) });
      });
    });
  }
}
