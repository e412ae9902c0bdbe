import { reportNet, settleNet } from './atom.ts';
import { type LegShares, layOnLegs } from './attribute.ts';
import { type Books, nearest, type Origin } from './books.ts';
import { cleanParcel, hasTaint } from './parcel.ts';
import { type Leg, OUTSIDE, type PlaceId } from './step.ts';

interface Net {
  readonly place: PlaceId;
  readonly amount: bigint;
}

/**
 * Nets the movements of one asset in a transaction and hands the payers' money to the receivers in the method's order. Only where
 * every payer's money can reach every receiver along the legs, so that nothing is tainted that no path of money touched; else it
 * does nothing and returns false. Fees and destroyed money stay out: they move after it.
 */
export function applyNetted(books: Books, all: readonly Leg[], time: number): boolean {
  const legs = all.filter((leg) => leg.to >= 0 && leg.amount > 0n && leg.from !== leg.to);
  if (legs.length < 2) return false;
  const { payers, receivers } = netOf(legs);
  const paths = payers
    .filter((payer) => books.keeps(payer.place))
    .map((payer) => ({ payer, path: pathsFrom(books, legs, payer.place) }));
  const longest = books.options.maxHops === null ? Number.POSITIVE_INFINITY : 1;
  const open = paths.every(({ path }) =>
    receivers.every(({ place }) => (path.get(place) ?? Number.POSITIVE_INFINITY) <= longest && path.has(place)),
  );
  if (!open || paths.length === 0) return false;
  const given: LegShares[] = [];
  const inputs = payers.map(({ place, amount }) => {
    const row = legs.find((leg) => leg.from === place)!.row;
    const parcels = place === OUTSIDE ? [cleanParcel(amount)] : books.withdraw(place, amount, time, row);
    if (hasTaint(parcels)) given.push(layOnLegs(legs, 'from', place, books.sum(parcels)));
    return { place, parcels };
  });
  const values = receivers.map((receiver) => receiver.amount);
  const filled = books.method.spread(
    inputs.map((input) => input.parcels),
    0n,
    values,
    0n,
  );
  const shares: LegShares = new Map();
  receivers.forEach(({ place }, index) => {
    const origins = paths.map(({ payer, path }) => ({
      trails: further(books.find(payer.place)?.trails ?? null, path.get(place)! - 1),
      parcels: inputs.find((input) => input.place === payer.place)!.parcels,
    }));
    settleNet(books, place, filled[index]!, nearest(origins, books.seniority.count), legs, time, shares);
  });
  reportNet(books, legs, time, shares, given);
  return true;
}

function netOf(legs: readonly Leg[]): { payers: Net[]; receivers: Net[] } {
  const change = new Map<PlaceId, bigint>();
  for (const { from, to, amount } of legs) {
    change.set(from, (change.get(from) ?? 0n) - amount);
    change.set(to, (change.get(to) ?? 0n) + amount);
  }
  const payers: Net[] = [];
  const receivers: Net[] = [];
  for (const [place, net] of change) {
    if (net < 0n) payers.push({ place, amount: -net });
    if (net > 0n) receivers.push({ place, amount: net });
  }
  return { payers, receivers };
}

/** Fewest legs, in order, by which money of `start` comes to each place; a stop passes nothing on. */
function pathsFrom(books: Books, legs: readonly Leg[], start: PlaceId): Map<PlaceId, number> {
  const steps = new Map<PlaceId, number>([[start, 0]]);
  for (const { from, to } of legs) {
    const before = steps.get(from);
    if (before === undefined || books.table.stop(from) !== null) continue;
    const known = steps.get(to);
    if (known === undefined || before + 1 < known) steps.set(to, before + 1);
  }
  return steps;
}

function further(trails: Origin, extra: number): Origin {
  return extra === 0
    ? trails
    : (trails?.map((trail) => (trail === undefined ? undefined : { hops: trail.hops + extra })) ?? null);
}
