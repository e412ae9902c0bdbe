import type { Books, Origin, Screened } from './books.ts';
import { cleanParcel, scale } from './parcel.ts';
import { mark, requireUnmarked } from './seed.ts';
import type { ArrivalStep, PlaceId } from './step.ts';
import type { Carried } from './tally.ts';

/**
 * A documented link: what one transfer put into a stop comes out elsewhere, scaled as in a swap. It is no transfer of the data,
 * so it is not reported as touched; further links of the same transfer bring clean money.
 */
export function applyArrival(books: Books, step: ArrivalStep): void {
  const { place, amount, time, departure: row } = step;
  const departure = books.tally.departure(row);
  if (departure === null) {
    if (step.mode === 'credit' && amount > 0n) books.deliverClean(place, [cleanParcel(amount)]);
    return;
  }
  const origin = departure.hops.map((hops) => (hops === undefined ? undefined : { hops }));
  const scaled = scale(departure.parcels, amount);
  const screened = books.screen(scaled.parcels, place);
  const marks = step.mode === 'mark' && books.keeps(place) && screened !== null;
  if (marks) requireRoom(books, place, screened.carried);
  books.tally.takeOut(departure);
  books.tally.bookAll('belowThreshold', scaled.lost);
  if (marks) markArrived(books, step, screened, origin);
  else if (screened !== null) books.settle(place, screened, origin, time, [row]);
  else if (step.mode === 'credit') books.deliverClean(place, scaled.parcels);
}

function requireRoom(books: Books, place: PlaceId, { amounts }: Carried): void {
  amounts.forEach((amount, theft) => {
    if (amount > 0n) requireUnmarked(books.stock(place), theft, amount, place);
  });
}

/** The money is there already, as a clean arrival: each theft marks its part, senior first. */
function markArrived(
  books: Books,
  { place, time, departure }: ArrivalStep,
  { carried, dropped }: Screened,
  origin: Origin,
): void {
  books.tally.bookAll('belowThreshold', dropped);
  const open = books.arrive(place, carried, origin, time, [departure]);
  const present = carried.amounts.flatMap((amount, theft) => (amount > 0n && open?.[theft] !== false ? [theft] : []));
  for (const theft of books.seniority.sort(present)) {
    mark(books, books.stock(place), theft, carried.amounts[theft]!, carried.units[theft]!);
  }
}
