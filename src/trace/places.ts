import type { AssetId } from '../model/asset.ts';
import type { ChainId } from '../model/chain.ts';
import type { PlaceId, PlaceTable, StopKind } from '../taint/step.ts';

export interface PlaceName {
  readonly chain: ChainId;
  readonly address: string;
  readonly asset: AssetId;
  /** txid:index on a UTXO chain. */
  readonly outpoint: string | null;
}

/** Numbers the places of a trace and knows their names, owners and stops. */
export class Places implements PlaceTable {
  readonly #names: PlaceName[] = [];
  readonly #ids = new Map<string, PlaceId>();
  readonly #assets = new Map<AssetId, number>();
  readonly #owners = new Map<string, number>();
  readonly #assetOf: number[] = [];
  readonly #ownerOf: number[] = [];
  readonly #stopOf: (StopKind | null)[] = [];
  readonly #stops: ReadonlyMap<string, StopKind>;
  /** null: every place is tracked. */
  #tracked: ReadonlySet<PlaceId> | null = null;

  /** `stops`: by {@link ownerKey}. */
  constructor(stops: ReadonlyMap<string, StopKind>) {
    this.#stops = stops;
  }

  get count(): number {
    return this.#names.length;
  }

  balance(chain: ChainId, address: string, asset: AssetId): PlaceId {
    return this.#intern(`${chain}|${address}|${asset}`, { chain, address, asset, outpoint: null });
  }

  /** A place as it stands before it opens: `ahead` openings are still to come. */
  before(chain: ChainId, address: string, asset: AssetId, ahead: number): PlaceId {
    return this.#intern(`${chain}|${address}|${asset}|${ahead}`, { chain, address, asset, outpoint: null });
  }

  outpoint(chain: ChainId, tx: string, index: number, address: string, asset: AssetId): PlaceId {
    const outpoint = `${tx}:${index}`;
    return this.#intern(`${chain}|${outpoint}`, { chain, address, asset, outpoint });
  }

  name(place: PlaceId): PlaceName {
    return this.#names[place]!;
  }

  asset(place: PlaceId): number {
    return this.#assetOf[place]!;
  }

  owner(place: PlaceId): number {
    return this.#ownerOf[place]!;
  }

  stop(place: PlaceId): StopKind | null {
    return this.#stopOf[place]!;
  }

  tracked(place: PlaceId): boolean {
    return this.#tracked === null || this.#names[place]!.outpoint !== null || this.#tracked.has(place);
  }

  track(places: ReadonlySet<PlaceId>): void {
    this.#tracked = places;
  }

  /** A place that a seed names is never a stop. */
  clearStop(place: PlaceId): void {
    this.#stopOf[place] = null;
  }

  #intern(key: string, name: PlaceName): PlaceId {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#names.length;
    this.#ids.set(key, id);
    this.#names.push(name);
    this.#assetOf.push(numberOf(this.#assets, name.asset));
    const owner = ownerKey(name.chain, name.address);
    this.#ownerOf.push(numberOf(this.#owners, owner));
    this.#stopOf.push(this.#stops.get(owner) ?? null);
    return id;
  }
}

export function ownerKey(chain: ChainId, address: string): string {
  return `${chain}|${address}`;
}

/** An address as a user wrote it, as the store spells it: hex is folded, base58 and bech32 keep their case. */
export function storedAddress(text: string): string {
  return /^0x/i.test(text) ? text.toLowerCase() : text;
}

function numberOf(numbers: Map<string, number>, key: string): number {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  numbers.set(key, numbers.size);
  return numbers.size - 1;
}
