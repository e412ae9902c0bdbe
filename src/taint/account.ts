import { applyAtom } from './atom.ts';
import type { Books } from './books.ts';
import { isSwap, swapLegs } from './legs.ts';
import { applyNetted } from './netted.ts';
import { type AccountStep, FEE, type Leg } from './step.ts';

/** One transaction of an account chain: a swap as one atom, else movement by movement (TIHO nets first). */
export function applyAccount(books: Books, step: AccountStep): void {
  const { legs, time } = step;
  if (legs.length > 1 || step.atom === true) {
    if (isSwap(step, books.table)) {
      for (const leg of legs) if (leg.to === FEE) move(books, leg, time);
      applyAtom(books, swapLegs(legs), time);
      return;
    }
    if (books.method.nets && applyNetted(books, legs, time)) {
      for (const leg of legs) if (leg.to < 0) move(books, leg, time);
      return;
    }
  }
  for (const leg of legs) move(books, leg, time);
}

/** One movement. Of a place to itself it changes nothing, but what was missing is still a shortage. */
export function move(books: Books, leg: Leg, time: number): void {
  const { from, to, amount, row } = leg;
  if (amount === 0n) return;
  if (from === to) {
    if (books.keeps(from)) books.cover(books.stock(from), from, amount, time, row);
    return;
  }
  if (books.withdrawClean(from, amount, time, row)) {
    books.depositClean(to, amount);
    return;
  }
  const parcels = books.withdraw(from, amount, time, row);
  const origin = books.find(from)?.trails ?? null;
  books.deliver(from, to, parcels, origin, time, row, amount);
}
