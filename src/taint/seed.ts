import { assert } from '../base/assert.ts';
import { HaetaeError } from '../base/errors.ts';
import type { Books } from './books.ts';
import { CLEAN } from './parcel.ts';
import { largestRemainder } from './round.ts';
import type { SeedStep } from './step.ts';
import type { Stock } from './stock.ts';

/** A theft enters. E_SEED: nothing stolen; E_MARK_EXCEEDS: a mark larger than what the theft has not marked. */
export function applySeed(books: Books, step: SeedStep): void {
  const { theft, place, amount, units, time } = step;
  if (amount <= 0n || units <= 0n) {
    throw new HaetaeError('E_SEED', 'a seed needs an amount above zero', {
      context: { place, amount: amount.toString() },
    });
  }
  assert(theft >= 0 && theft < books.seniority.count, 'a seed names a theft of the list');
  assert(books.keeps(place), 'a seed is placed where a balance is kept: tracked, and not a stop');
  const stock = books.stock(place);
  if (step.mode === 'mark') requireUnmarked(stock, theft, amount, place);
  books.seniority.noteSeed(theft, time);
  books.tally.addStolen(theft, units);
  books.seeded(place, theft, time);
  if (step.mode === 'credit') stock.put({ theft, amount, units });
  else mark(books, stock, theft, amount, units);
}

export function requireUnmarked(stock: Stock, theft: number, amount: bigint, place: number): void {
  const unmarked = stock.balance - stock.claim(theft).amount;
  if (amount <= unmarked) return;
  throw new HaetaeError('E_MARK_EXCEEDS', 'a mark is larger than the unmarked balance of its place', {
    context: { place, amount: amount.toString(), unmarked: unmarked.toString() },
    remedy:
      'use kind credit where the movement is missing from the data, or mark no more than the balance at that time',
  });
}

/**
 * Turns money that is there into the theft's: clean parcels, last arrived first; then what other thefts claim, as the meeting rule
 * says. Units for what is not won, and units of thefts that lose parcels, are `senior`.
 */
export function mark(books: Books, stock: Stock, theft: number, amount: bigint, units: bigint): void {
  const clean = stock.claim(CLEAN).amount;
  const fromClean = clean < amount ? clean : amount;
  const losses = contest(books, stock, theft, amount, amount - fromClean);
  let won = fromClean;
  for (const loss of losses) won += loss.amount;
  const wonUnits = won === amount ? units : (units * won) / amount;
  books.tally.book('senior', theft, units - wonUnits);
  const draw = unitDrawer(won, wonUnits);
  stock.recolour(CLEAN, fromClean, theft, draw);
  for (const loss of losses) {
    const lost = stock.recolour(loss.theft, loss.amount, theft, draw);
    books.tally.book('senior', loss.theft, lost);
  }
}

interface Loss {
  readonly theft: number;
  readonly amount: bigint;
}

/** What the other thefts at the place lose of the contested part. */
function contest(books: Books, stock: Stock, theft: number, amount: bigint, contested: bigint): Loss[] {
  if (contested === 0n) return [];
  const { seniority, options } = books;
  const claims = seniority
    .sort(
      [...new Set(stock.parcels().map((parcel) => parcel.theft))].filter((other) => other !== CLEAN && other !== theft),
    )
    .map((other) => ({ theft: other, amount: stock.claim(other).amount }));
  if (options.meeting === 'share') {
    const others = claims.reduce((total, claim) => total + claim.amount, 0n);
    const leads = seniority.before(theft, claims[0]!.theft);
    const split = largestRemainder(contested, leads ? [amount, others] : [others, amount]);
    const won = split[leads ? 0 : 1]!;
    const parts = largestRemainder(
      won,
      claims.map((claim) => claim.amount),
    );
    return claims
      .map((claim, index) => ({ theft: claim.theft, amount: parts[index]! }))
      .filter((loss) => loss.amount > 0n);
  }
  const losses: Loss[] = [];
  let left = contested;
  for (const claim of claims.reverse()) {
    if (left === 0n || !seniority.before(theft, claim.theft)) break;
    const part = claim.amount < left ? claim.amount : left;
    losses.push({ theft: claim.theft, amount: part });
    left -= part;
  }
  return losses;
}

/** Hands units out piece by piece, rounded down, all that is left with the last piece. */
function unitDrawer(amount: bigint, units: bigint): (part: bigint) => bigint {
  let leftAmount = amount;
  let leftUnits = units;
  return (part) => {
    const drawn = part === leftAmount ? leftUnits : (leftUnits * part) / leftAmount;
    leftAmount -= part;
    leftUnits -= drawn;
    return drawn;
  };
}
