import type { Parcel } from './parcel.ts';

/** When and how one theft last came to a place. */
export interface Trail {
  /** Fewest movements from a seed of the theft. */
  hops: number;
  /** Time of the last tainted arrival. */
  last: number;
}

export interface Claim {
  readonly amount: bigint;
  readonly units: bigint;
}

/** What a place holds, kept as the method needs it: a row of parcels (queue methods) or sums (pool methods). */
export abstract class Stock {
  /** Base units held, clean and tainted. */
  balance = 0n;
  /** By theft index; null while nothing tainted ever came. */
  trails: (Trail | undefined)[] | null = null;

  /** True where nothing tainted is here: then the balance says it all, and clean money may be added to it and taken from it directly. */
  abstract get isClean(): boolean;
  abstract put(parcel: Parcel): void;
  /** Everything, in the row's order; the stock is empty after it. */
  abstract takeAll(): Parcel[];
  abstract parcels(): readonly Parcel[];
  abstract claim(theft: number): Claim;
  /**
   * Turns `amount` of `victim`'s parcels (or of the clean ones) into `theft`'s, last arrived first; `draw` gives the units for
   * each piece. Returns the source units the victim lost.
   */
  abstract recolour(victim: number, amount: bigint, theft: number, draw: (amount: bigint) => bigint): bigint;
  abstract clone(): Stock;

  putAll(parcels: readonly Parcel[]): void {
    for (const parcel of parcels) this.put(parcel);
  }

  protected cloneInto<T extends Stock>(copy: T): T {
    copy.balance = this.balance;
    copy.trails =
      this.trails === null ? null : this.trails.map((trail) => (trail === undefined ? undefined : { ...trail }));
    return copy;
  }
}
