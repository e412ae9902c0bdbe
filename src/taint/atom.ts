import { type LegShares, layOnLegs } from './attribute.ts';
import { type Books, nearest, type Origin } from './books.ts';
import { toAtomLegs } from './legs.ts';
import { append, cleanParcel, hasTaint, type Parcel, scale, totalOf } from './parcel.ts';
import type { Leg, PlaceId } from './step.ts';
import { type AtomConversion, type AtomGift, type AtomOut, atomFlows } from './swap.ts';

interface Incoming {
  readonly parcels: Parcel[];
  readonly origins: { readonly trails: Origin; readonly parcels: readonly Parcel[] }[];
}

/** A swap as one atom: every net payer gives by the method's rule, and source units go to what the payer got for it. */
export function applyAtom(books: Books, legs: readonly Leg[], time: number): void {
  const atom = atomFlows(toAtomLegs(legs, books.table));
  const incoming = new Map<PlaceId, Incoming>();
  const given: LegShares[] = [];
  for (const gift of atom.gifts) {
    const parcels = withdrawGift(books, gift, legs, time);
    if (gift.place !== null && hasTaint(parcels)) given.push(layOnLegs(legs, 'from', gift.place, books.sum(parcels)));
    handOn(books, gift, parcels, incoming);
  }
  const shares: LegShares = new Map();
  for (const receipt of atom.receipts) {
    const got = incoming.get(receipt.place) ?? { parcels: [], origins: [] };
    append(got.parcels, cleanParcel(receipt.amount - totalOf(got.parcels)));
    settleNet(books, receipt.place, got.parcels, nearest(got.origins, books.seniority.count), legs, time, shares);
  }
  reportNet(books, legs, time, shares, given);
}

/** Delivers what a place received net, and lays it on the legs that brought it. */
export function settleNet(
  books: Books,
  place: PlaceId,
  parcels: readonly Parcel[],
  origin: Origin,
  legs: readonly Leg[],
  time: number,
  shares: LegShares,
): void {
  const screened = books.screen(parcels, place);
  if (screened === null) {
    books.deliverClean(place, parcels);
    return;
  }
  const laid = layOnLegs(legs, 'to', place, screened.carried);
  for (const [index, share] of laid) shares.set(index, share);
  const rows = [...laid.keys()].map((index) => legs[index]!.row);
  books.settle(place, screened, origin, time, rows);
}

/** Reports in order of the legs; a leg known from what was received is not reported again from what was given. */
export function reportNet(
  books: Books,
  legs: readonly Leg[],
  time: number,
  shares: LegShares,
  given: readonly LegShares[],
): void {
  for (const list of given) {
    for (const [index, share] of list) if (!shares.has(index)) shares.set(index, share);
  }
  legs.forEach(({ row, from, to, amount }, index) => {
    const share = shares.get(index);
    if (share !== undefined) books.touch(row, from, to, amount, share, time);
  });
}

function withdrawGift(books: Books, gift: AtomGift<number>, legs: readonly Leg[], time: number): Parcel[] {
  if (gift.place === null) return [cleanParcel(gift.amount)];
  const row = legs.find((leg) => leg.from === gift.place && leg.to !== gift.place && leg.amount > 0n)!.row;
  return books.withdraw(gift.place, gift.amount, time, row);
}

function handOn(
  books: Books,
  gift: AtomGift<number>,
  parcels: readonly Parcel[],
  incoming: Map<PlaceId, Incoming>,
): void {
  const bundle = books.method.empty();
  bundle.putAll(parcels);
  const trails = gift.place === null ? null : (books.find(gift.place)?.trails ?? null);
  const give = (out: AtomOut<number>, part: readonly Parcel[]): void => {
    const got = incoming.get(out.place) ?? { parcels: [], origins: [] };
    incoming.set(out.place, got);
    for (const parcel of part) append(got.parcels, parcel);
    got.origins.push({ trails, parcels: part });
  };
  for (const out of gift.plain) give(out, books.method.take(bundle, out.amount));
  const rest = bundle.takeAll();
  const { conversions } = gift;
  if (conversions.length > 1 && hasTaint(rest)) books.tally.note('ambiguousSwap');
  if (conversions.length === 0 && hasTaint(rest)) {
    books.tally.bookAll('leak', rest);
    books.tally.note('swapWithoutOutput');
  }
  conversions.forEach((conversion, index) => {
    convert(books, conversion, splitUnits(rest, conversions.length, index), give);
  });
}

function convert(
  books: Books,
  conversion: AtomConversion<number>,
  parcels: readonly Parcel[],
  give: (out: AtomOut<number>, part: readonly Parcel[]) => void,
): void {
  const scaled = scale(parcels, conversion.amount);
  books.tally.bookAll('belowThreshold', scaled.lost);
  if (conversion.outs.length === 1) {
    give(conversion.outs[0]!, scaled.parcels);
    return;
  }
  const bundle = books.method.empty();
  bundle.putAll(scaled.parcels);
  for (const out of conversion.outs) give(out, books.method.take(bundle, out.amount));
}

/** The `index`-th of `count` equal parts of the units, the remainder with the first; amounts as they are. */
function splitUnits(parcels: readonly Parcel[], count: number, index: number): readonly Parcel[] {
  if (count === 1) return parcels;
  return parcels.map(({ theft, amount, units }) => {
    const each = units / BigInt(count);
    return { theft, amount, units: index === 0 ? units - each * BigInt(count - 1) : each };
  });
}
