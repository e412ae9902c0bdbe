import type { Spread } from '../exposure/spread.ts';
import type { CategoryExposure, Exposure, ExposureSide } from '../exposure/vector.ts';

/**
 * A near answer that needs no look at any movement: what the relabelled carried to (from) the address is put from the category that they had, else from
 * unknown, to that which they have. What others' money lost on its way through them is not known here.
 */
export function shifted(
  exposure: Exposure,
  side: 'received' | 'sent',
  carried: Spread,
  by: { readonly before: string | null; readonly now: string | null },
): Exposure {
  return { ...exposure, [side]: shiftedSide(exposure[side], carried, by) };
}

function shiftedSide(
  side: ExposureSide,
  { all, direct }: Spread,
  { before, now }: { readonly before: string | null; readonly now: string | null },
): ExposureSide {
  let categories = [...side.categories];
  if (before !== null)
    categories = categories.map((each) => (each.category === before ? less(each, all, direct) : each));
  if (now !== null) {
    const known = categories.find(({ category }) => category === now);
    const more = plus(known ?? { ...NONE, category: now }, all, direct, side.larger);
    categories = known === undefined ? [...categories, more] : categories.map((each) => (each === known ? more : each));
  }
  const counted = categories.map((each) => ({ ...each, share: shareOf(each.amount, side.amount) }));
  const named = counted.reduce((sum, each) => sum + each.direct + each.indirect, 0);
  const indirect = Math.max(0, side.larger - named);
  const { unknown } = side;
  const amount = indirect + (unknown.smallCounts ? unknown.small : 0);
  return {
    ...side,
    categories: counted.filter((each) => each.direct + each.indirect + each.small > 0),
    unknown: { ...unknown, indirect, amount, share: shareOf(amount, side.amount) },
  };
}

const NONE = { direct: 0, indirect: 0, small: 0, smallCounts: false, amount: 0, share: 0 };

function less(each: CategoryExposure, all: number, direct: number): CategoryExposure {
  return total({
    ...each,
    direct: Math.max(0, each.direct - direct),
    indirect: Math.max(0, each.indirect - (all - direct)),
  });
}

function plus(each: CategoryExposure, all: number, direct: number, most: number): CategoryExposure {
  const straight = Math.min(most, each.direct + direct);
  return total({ ...each, direct: straight, indirect: Math.min(most - straight, each.indirect + (all - direct)) });
}

function total(each: CategoryExposure): CategoryExposure {
  return { ...each, amount: each.direct + each.indirect + (each.smallCounts ? each.small : 0) };
}

function shareOf(amount: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(1, amount / whole);
}
