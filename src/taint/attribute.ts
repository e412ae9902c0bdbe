import type { Leg, PlaceId } from './step.ts';
import type { Carried } from './tally.ts';

/** What single legs of a netted transaction carried, by index of the leg. */
export type LegShares = Map<number, Carried>;

/**
 * Lays what a place got (or gave) net on its own legs, first to last, each up to its amount; units go along, rounded down, the last
 * of the taint with all that is left.
 */
export function layOnLegs(legs: readonly Leg[], side: 'from' | 'to', place: PlaceId, carried: Carried): LegShares {
  const shares: LegShares = new Map();
  const amounts = [...carried.amounts];
  const units = [...carried.units];
  legs.forEach((leg, index) => {
    if (leg[side] !== place || leg.from === leg.to) return;
    const share = draw(amounts, units, leg.amount);
    if (share !== null) shares.set(index, share);
  });
  return shares;
}

/** Takes up to `limit` of the taint left, theft by theft as listed. */
function draw(amounts: bigint[], units: bigint[], limit: bigint): Carried | null {
  const share = { amounts: amounts.map(() => 0n), units: amounts.map(() => 0n) };
  let left = limit;
  for (let theft = 0; theft < amounts.length; theft += 1) {
    const has = amounts[theft]!;
    if (has === 0n || left === 0n) continue;
    const part = has < left ? has : left;
    const along = part === has ? units[theft]! : (units[theft]! * part) / has;
    amounts[theft] = has - part;
    units[theft] = units[theft]! - along;
    share.amounts[theft] = part;
    share.units[theft] = along;
    left -= part;
  }
  return left === limit ? null : share;
}
