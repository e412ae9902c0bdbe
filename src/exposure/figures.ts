/** What one address received of one asset, in payments of one size: exact sums, and by category what they carried. Base units. */
export interface ReceivedFigures {
  readonly total: bigint;
  /** By category: of movements straight from an address of it. */
  readonly direct: readonly bigint[];
  /** By category: all that came from it, by however many steps. */
  readonly all: readonly number[];
}

export type SentFigures = ReceivedFigures;

/** All that is asked of one address and asset. */
export interface AddressFigures {
  readonly large: ReceivedFigures;
  /** Payments of at most the dust limit. */
  readonly small: ReceivedFigures;
  readonly sent: SentFigures;
  readonly payments: { readonly large: number; readonly small: number; readonly sent: number };
  /** Steps of the first and the last movement; null where there is none. */
  readonly first: number | null;
  readonly last: number | null;
}

/** What came from a service by one movement: `amount` of it reached the address, in the address's base units. */
export interface Origin {
  /** Number of the movement; of a UTXO chain, the transaction. */
  readonly id: number;
  readonly lane: number;
  readonly amount: number;
}

/** Where the money of an address came from, and what paths are found by. */
export interface Backward {
  readonly large: readonly number[];
  readonly small: readonly number[];
  readonly origins: readonly Origin[];
  /** By movement: how much of a unit that arrives by it will reach the address (in larger payments). */
  readonly reach: ReadonlyMap<number, number>;
  /** Movements looked at. */
  readonly looked: number;
  /** Left aside at most, where a search was told to leave aside what is little: base units of the address. */
  readonly leftAside: number;
}

/** Adds up what payments of one kind carried. */
export class Sums {
  total = 0n;
  count = 0;
  readonly direct: bigint[];
  readonly all: number[];

  constructor(categories: number) {
    this.direct = new Array<bigint>(categories).fill(0n);
    this.all = new Array<number>(categories).fill(0);
  }

  figures(all: readonly number[] = this.all): ReceivedFigures {
    return { total: this.total, direct: this.direct, all };
  }
}
