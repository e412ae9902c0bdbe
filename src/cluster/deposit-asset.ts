/** One number after another; a column of flow/ fits. */
export interface Numbers {
  at(index: number): number;
}

/** A place's rows are entries start(place) to end(place) - 1, ascending. */
export interface DepositEntries {
  start(place: number): number;
  end(place: number): number;
  /** The other end: a place, NONE or FEE (kernel/rows.ts). */
  readonly peer: Numbers;
  readonly row: Numbers;
}

/** Movements of one asset in order: what the deposit heuristic needs of an AssetSegment (flow/flow.ts). */
export interface DepositSegment {
  readonly low: Numbers;
  /** null where no amount has more than 64 bits. */
  readonly high: Numbers | null;
  readonly step: Numbers;
  readonly in: DepositEntries;
  readonly out: DepositEntries;
  /** Base units, exact. */
  amount(row: number): bigint;
}

export interface DepositAsset {
  readonly placeCount: number;
  addressOf(place: number): number;
  placeOf(address: number): number;
  /** Rows of one stand before those of the next. */
  readonly segments: readonly DepositSegment[];
  /** a_max: base units that may stay behind. */
  readonly maxDifference: bigint;
}

/** The first entry in [start, end) whose row is not below `row`. */
export function entryAtOrAfter(rows: Numbers, start: number, end: number, row: number): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows.at(middle) < row) low = middle + 1;
    else high = middle;
  }
  return low;
}
