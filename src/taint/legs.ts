import { type AccountStep, DESTROYED, FEE, type Leg, OUTSIDE, type PlaceTable } from './step.ts';
import { type AtomLeg, isAtom } from './swap.ts';

/** True where a transaction is one atom: it moves several assets, or the caller declares it. */
export function isSwap(step: AccountStep, table: PlaceTable): boolean {
  const legs = swapLegs(step.legs);
  return legs.length > 0 && (step.atom === true || isAtom(toAtomLegs(legs, table)));
}

/** Fees are no part of a swap. */
export function swapLegs(legs: readonly Leg[]): readonly Leg[] {
  return legs.some((leg) => leg.to === FEE) ? legs.filter((leg) => leg.to !== FEE) : legs;
}

/** Legs as net flows read them; OUTSIDE and DESTROYED are no places. */
export function toAtomLegs(legs: readonly Leg[], table: PlaceTable): AtomLeg<number>[] {
  return legs
    .filter((leg) => leg.from !== OUTSIDE || leg.to !== DESTROYED)
    .map(({ from, to, amount }) => ({
      from: from === OUTSIDE ? null : from,
      fromOwner: from === OUTSIDE ? null : table.owner(from),
      to: to === DESTROYED ? null : to,
      toOwner: to === DESTROYED ? null : table.owner(to),
      asset: table.asset(from === OUTSIDE ? to : from),
      amount,
    }));
}
