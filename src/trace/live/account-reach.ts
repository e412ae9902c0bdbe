import type { AssetId } from '../../model/asset.ts';
import { FEE_KINDS, type Transfer } from '../../model/transfer.ts';
import { type AtomLeg, atomReceivers, isAtom } from '../../taint/swap.ts';

/** A place that is reached from a block on: with `tx`, right after that transaction; without, from the start of the block. */
export interface AccountSeed {
  readonly address: string;
  readonly asset: AssetId;
  readonly block: bigint;
  readonly tx: string | null;
}

export interface ReachLimits {
  /** Places further from a seed pass nothing on; null for no limit. */
  readonly maxHops: number | null;
  /** Owners with more counterparties are given up as suspected services; null for no limit. */
  readonly maxCounterparties: number | null;
}

export interface ReachedOwner {
  readonly address: string;
  /** The first block in which money arrives. */
  since: bigint;
  /** Fewest movements from a seed, over its places. */
  hops: number;
}

/** Movements of one transaction, or one row that has none, in order. */
export type Rows = readonly Transfer[];

/**
 * Where money from the seeds can be, as movements of one chain come in order of time: the same paths as trace/reach.ts, over names in
 * place of fingerprints, so that a fetch knows what to read next. What it adds too much costs a fetch, never a unit.
 */
export class AccountReach {
  readonly owners = new Map<string, ReachedOwner>();
  /** Owners that moved too often to be followed: address → what was counted. */
  readonly busy = new Map<string, number>();
  /** Owners above the limit of counterparties, to be given up unless a label speaks for them. */
  readonly overLimit = new Map<string, number>();
  /** Owners that no count gives up: a label says who they are, and that they are no stop. */
  readonly exempt = new Set<string>();
  readonly #hops = new Map<string, number>();
  readonly #seedsByTx = new Map<string, AccountSeed[]>();
  /** Seeds without a transaction that no block reached yet, latest first. */
  readonly #waiting: AccountSeed[];
  readonly #seeded = new Set<string>();
  readonly #counterparties = new Map<string, Set<string>>();
  readonly #stops: ReadonlySet<string>;
  readonly #limits: ReachLimits;

  /** `stops`: addresses at which the money stops; a seed's own address never does. */
  constructor(seeds: readonly AccountSeed[], stops: ReadonlySet<string>, limits: ReachLimits) {
    this.#stops = stops;
    this.#limits = limits;
    for (const seed of seeds) {
      this.#seeded.add(seed.address);
      this.owners.set(seed.address, {
        address: seed.address,
        since: lower(this.owners.get(seed.address)?.since, seed.block),
        hops: 0,
      });
      if (seed.tx !== null) this.#seedsByTx.set(seed.tx, [...(this.#seedsByTx.get(seed.tx) ?? []), seed]);
    }
    this.#waiting = seeds.filter((seed) => seed.tx === null).sort((a, b) => (a.block > b.block ? -1 : 1));
  }

  reaches(address: string | null): boolean {
    return address !== null && this.owners.has(address);
  }

  /** Fewest movements from a seed to a place; null where the money does not come there. */
  hops(address: string, asset: AssetId): number | null {
    return this.#hops.get(placeKey(address, asset)) ?? null;
  }

  passesOn(address: string, asset: AssetId): boolean {
    const hops = this.#hops.get(placeKey(address, asset));
    return hops !== undefined && (this.#limits.maxHops === null || hops <= this.#limits.maxHops);
  }

  /** One transaction. True where money that was reached moved. */
  apply(rows: Rows): boolean {
    const block = rows[0]?.block ?? null;
    while (this.#waiting.length > 0 && (block === null || this.#waiting.at(-1)!.block <= block)) {
      const seed = this.#waiting.pop()!;
      this.#touch(seed.address, seed.asset, 0);
    }
    const moves = rows.filter((row) => row.amount > 0n && !FEE_KINDS.has(row.kind));
    const first = moves[0];
    let moved = false;
    if (first !== undefined) {
      moved = moves.some((row) => row.from !== null && row.from !== row.to && this.passesOn(row.from, row.asset));
      if (moved) {
        const legs = moves.some((row) => row.asset !== first.asset) ? moves.map(toAtomLeg) : [];
        if (isAtom(legs)) this.#atom(moves, legs);
        else for (const row of moves) this.#move(row);
      }
      this.#count(moves);
    }
    const tx = rows[0]?.tx ?? null;
    if (tx !== null) for (const seed of this.#seedsByTx.get(tx) ?? []) this.#touch(seed.address, seed.asset, 0);
    return moved;
  }

  isSeed(address: string): boolean {
    return this.#seeded.has(address);
  }

  giveUp(address: string, counted: number): void {
    this.busy.set(address, counted);
    this.overLimit.delete(address);
    this.#counterparties.delete(address);
    this.owners.delete(address);
    for (const key of [...this.#hops.keys()]) if (key.startsWith(`${address}|`)) this.#hops.delete(key);
  }

  #move({ from, to, asset, block }: Transfer): void {
    if (from === null || to === null || from === to) return;
    const hops = this.#hops.get(placeKey(from, asset));
    if (hops !== undefined && this.passesOn(from, asset)) this.#arrive(to, asset, hops + 1, block ?? 0n);
  }

  #atom(moves: Rows, legs: readonly AtomLeg<string>[]): void {
    const payers = new Set<string>();
    for (const { from, asset } of moves)
      if (from !== null && this.passesOn(from, asset)) payers.add(placeKey(from, asset));
    for (const payer of payers) {
      const hops = this.#hops.get(payer)!;
      for (const { place, owner } of atomReceivers(legs, payer)) {
        this.#arrive(owner, place.slice(owner.length + 1), hops + 1, moves[0]!.block ?? 0n);
      }
    }
  }

  #arrive(address: string, asset: AssetId, hops: number, block: bigint): void {
    if ((this.#stops.has(address) && !this.#seeded.has(address)) || this.busy.has(address)) return;
    const owner = this.owners.get(address);
    if (owner === undefined) this.owners.set(address, { address, since: block, hops });
    else {
      owner.hops = Math.min(owner.hops, hops);
      owner.since = lower(owner.since, block);
    }
    this.#touch(address, asset, hops);
  }

  #touch(address: string, asset: AssetId, hops: number): void {
    const key = placeKey(address, asset);
    const known = this.#hops.get(key);
    if (known === undefined || hops < known) this.#hops.set(key, hops);
  }

  #count(moves: Rows): void {
    const limit = this.#limits.maxCounterparties;
    if (limit === null) return;
    for (const { from, to } of moves) {
      if (from === null || to === null || from === to) continue;
      this.#met(from, to, limit);
      this.#met(to, from, limit);
    }
  }

  #met(address: string, other: string, limit: number): void {
    if (!this.owners.has(address) || this.isSeed(address) || this.exempt.has(address)) return;
    let met = this.#counterparties.get(address);
    if (met === undefined) {
      met = new Set();
      this.#counterparties.set(address, met);
    }
    met.add(other);
    if (met.size > limit) this.overLimit.set(address, met.size);
  }
}

/** Rows of one chain, in order, transaction by transaction. */
export function* transactionsOf(rows: Rows): Generator<Rows> {
  let start = 0;
  for (let end = 1; end <= rows.length; end += 1) {
    const first = rows[start]!;
    if (end < rows.length && first.tx !== null && rows[end]!.tx === first.tx) continue;
    yield rows.slice(start, end);
    start = end;
  }
}

function placeKey(address: string, asset: AssetId): string {
  return `${address}|${asset}`;
}

function lower(a: bigint | undefined, b: bigint): bigint {
  return a === undefined || b < a ? b : a;
}

function toAtomLeg({ from, to, asset, amount }: Transfer): AtomLeg<string> {
  return {
    from: from === null ? null : placeKey(from, asset),
    fromOwner: from,
    to: to === null ? null : placeKey(to, asset),
    toOwner: to,
    asset,
    amount,
  };
}
