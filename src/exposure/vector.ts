import { addsUp } from './dust.ts';

/** What an address received from a category, or sent to it. Base units, as floats; shares of the side's `amount`. */
export interface CategoryExposure {
  readonly category: string;
  /** In one larger payment from (to) an address of the category. */
  readonly direct: number;
  /** In larger payments, through others. */
  readonly indirect: number;
  /** In small payments, direct or not. */
  readonly small: number;
  /** Whether the small ones add up to something: else they are shown and are in no other figure. */
  readonly smallCounts: boolean;
  /** direct + indirect, + small where they count. */
  readonly amount: number;
  readonly share: number;
}

/** One side of an address's exposure in one asset. */
export interface ExposureSide {
  /** All that counts: larger payments, and small ones of categories where they add up. */
  readonly amount: number;
  /** All larger payments. */
  readonly larger: number;
  /** All small payments, whether they count or not. */
  readonly small: number;
  /** In the order of the categories; those of which nothing came are left out. */
  readonly categories: readonly CategoryExposure[];
  /** What came from no category: `direct` is 0. */
  readonly unknown: CategoryExposure;
}

/** What there is to say of an address and asset. */
export interface Exposure {
  readonly chain: string;
  readonly address: string;
  readonly asset: string;
  /** Of the address itself; null where it has none. */
  readonly category: string | null;
  readonly received: ExposureSide;
  readonly sent: ExposureSide;
}

/** Figures of payments of one size: by category, the categories' number or more of them. */
export interface SizeFigures {
  readonly total: number;
  readonly direct: ArrayLike<number>;
  readonly all: ArrayLike<number>;
}

const NOTHING: SizeFigures = { total: 0, direct: [], all: [] };

/** Puts larger and small payments together: `limit` is the dust limit of the asset in base units. */
export function exposureSide(
  names: readonly string[],
  large: SizeFigures,
  small: SizeFigures | null,
  limit: number,
): ExposureSide {
  const { total: smallTotal, all: smallAll } = small ?? NOTHING;
  const parts = names.map((category, lane) => {
    const all = large.all[lane] ?? 0;
    const direct = Math.min(large.direct[lane] ?? 0, all);
    return part(category, direct, all - direct, smallAll[lane] ?? 0, large.total, limit);
  });
  const unknown = part(
    'unknown',
    0,
    Math.max(0, large.total - sumOf(parts, ({ direct, indirect }) => direct + indirect)),
    Math.max(0, smallTotal - sumOf(parts, (each) => each.small)),
    large.total,
    limit,
  );
  const counted = large.total + sumOf([...parts, unknown], (each) => (each.smallCounts ? each.small : 0));
  const share = (each: CategoryExposure): CategoryExposure => ({
    ...each,
    share: counted === 0 ? 0 : Math.min(1, each.amount / counted),
  });
  return {
    amount: counted,
    larger: large.total,
    small: smallTotal,
    categories: parts.filter(({ direct, indirect, small: little }) => direct + indirect + little > 0).map(share),
    unknown: share(unknown),
  };
}

function part(
  category: string,
  direct: number,
  indirect: number,
  small: number,
  larger: number,
  limit: number,
): CategoryExposure {
  const smallCounts = addsUp(small, larger, limit);
  return {
    category,
    direct,
    indirect,
    small,
    smallCounts,
    amount: direct + indirect + (smallCounts ? small : 0),
    share: 0,
  };
}

function sumOf(parts: readonly CategoryExposure[], of: (part: CategoryExposure) => number): number {
  return parts.reduce((sum, each) => sum + of(each), 0);
}
