import { setImmediate as nextTurn } from 'node:timers/promises';
import { graphOf } from '../exposure/account-graph.ts';
import { DEFAULT_CATEGORIES, NO_CATEGORY } from '../exposure/categories.ts';
import { DUST_TIMES } from '../exposure/dust.ts';
import { type Spread, spreadBackward, spreadForward } from '../exposure/spread.ts';
import { spreadUtxo } from '../exposure/spread-utxo.ts';
import type { Exposure } from '../exposure/vector.ts';
import type { ChainFlow } from '../flow/flow.ts';
import { labelsOfMany } from '../label/resolve.ts';
import type { AssetId } from '../model/asset.ts';
import type { ChainId } from '../model/chain.ts';
import type { Store } from '../store/port.ts';
import type { ExposureChain, Overlay } from './exposure-chain.ts';
import { exactOf } from './impact-exact.ts';
import { changedLanes, type LaneChange } from './impact-lanes.ts';
import { shifted } from './impact-shift.ts';

export interface LabelChange {
  /** null: said of every chain. */
  readonly chain: ChainId | null;
  readonly address: string;
}

export interface Touched {
  readonly touched: readonly { readonly chain: ChainId; readonly address: string }[];
  /** Of these, subjects whose figures are near and are computed exactly after the call returned. */
  readonly left: number;
}

/** Accounts of one change that are computed before the call returns, and the milliseconds that may take. */
const MOST_AWAITED = 2_000;
const AWAITED_MS = 2_000;
/** Milliseconds after which others get their turn. */
const TURN_MS = 8;
/** Kept for accounts that are no subjects; about 200 bytes each. */
const MOST_SHIFTS = 500_000;
const BEHIND_LABELS = 'exposure: labels changed since the table was made; run haetae exposure build';
/** Places that hold less than this part of the dust limit are not followed; more, where that reaches too far. */
const LEAST = [0.01, 1, 100];
/** Slices of one pass that may be gone through before it begins again with less to follow: some three million movements. */
const MOST_SLICES = 800;
/** Categories that changed while nobody looked, more of which only a new table answers. */
const MOST_CAUGHT_UP = 2_000;

/** An account that a change touches. */
interface TouchedAccount {
  readonly id: number;
  /** Index of the asset. */
  readonly asset: number;
}

/** What changed labels do to the exposures of one chain, until its table is made anew. */
export class Impact {
  readonly #store: Store;
  readonly #opened: ExposureChain;
  readonly #found = new Map<AssetId, Map<number, Exposure>>();
  /** Likewise of those that are no subjects: worked out when they are asked for. */
  readonly #shifts = new Map<AssetId, Map<number, readonly Shift[]>>();
  #shiftCount = 0;
  #lanes: Uint8Array<ArrayBuffer> | null = null;
  #stopped = false;
  #rest: Promise<void> = Promise.resolve();

  constructor(store: Store, opened: ExposureChain) {
    this.#store = store;
    this.#opened = opened;
  }

  readonly overlay: Overlay = (address, asset) => {
    const found = this.#found.get(asset)?.get(address);
    if (found !== undefined) return found;
    const shifts = this.#shifts.get(asset)?.get(address);
    const { flow, table } = this.#opened;
    if (shifts === undefined || flow === null || table === null) return undefined;
    const known = table.exposureOf(flow.addresses.text(address), asset);
    return known === null ? undefined : shifts.reduce((exposure, shift) => this.#shifted(exposure, shift), known);
  };

  /** By address id: the table's categories, changed by what was told since. */
  get lanes(): Uint8Array<ArrayBuffer> {
    if (this.#lanes === null) {
      const { flow, table } = this.#opened;
      const lanes = new Uint8Array(flow?.addresses.size ?? 0).fill(NO_CATEGORY);
      lanes.set(table?.lanes() ?? []);
      this.#lanes = lanes;
    }
    return this.#lanes;
  }

  /** See ExposureBook.relabelled. `left` are refined one by one; `settled` resolves when all are. */
  async relabelled(
    texts: readonly string[],
    isSubject: (address: string) => boolean,
  ): Promise<{ readonly touched: readonly string[]; readonly left: number }> {
    const { flow, table } = this.#opened;
    if (flow === null || table === null || !isDefaultSet(table.facts.categories)) return { touched: [], left: 0 };
    await this.#rest;
    const changes = await this.#takeIn(flow, texts);
    const named = this.#sameOwners(flow, texts, isSubject);
    const { touched, left } = await this.#follow(flow, changes, isSubject);
    for (const { id } of touched) named.add(flow.addresses.text(id));
    return { touched: [...named], left };
  }

  /** Subjects of the same owners as these addresses: a label of one speaks of all. */
  #sameOwners(flow: ChainFlow, texts: readonly string[], isSubject: (address: string) => boolean): Set<string> {
    const named = new Set<string>();
    const { entities } = this.#opened;
    if (entities === null) return named;
    const ids = texts.map((text) => flow.addresses.find(text)).filter((id) => id >= 0);
    for (const entity of new Set(ids.map((id) => entities.index.entityOf(id)))) {
      for (const member of entities.membersOf(entity)) {
        const text = flow.addresses.text(member);
        if (isSubject(text)) named.add(text);
      }
    }
    return named;
  }

  /** Labels that changed since the table was made and before it was opened: look-ups are answered nearly, as nobody is known to be a subject yet. */
  async catchUp(): Promise<void> {
    const { flow, table, entities } = this.#opened;
    if (flow === null || table === null || entities === null || !isDefaultSet(table.facts.categories)) return;
    const { lanes } = this;
    const changes = changedLanes(lanes, entities.allLabels(), entities);
    for (const { id, now } of changes) lanes[id] = now;
    if (changes.length > MOST_CAUGHT_UP) this.#opened.lacks(BEHIND_LABELS);
    else await this.#follow(flow, changes, () => false);
  }

  async #follow(
    flow: ChainFlow,
    changes: readonly LaneChange[],
    isSubject: (address: string) => boolean,
  ): Promise<{ readonly touched: readonly TouchedAccount[]; readonly left: number }> {
    const dust = this.#opened.table!.facts.assets.map((asset) => asset.dust);
    const subjects = new Map<number, boolean>();
    const accounts = new Map<string, TouchedAccount>();
    let since = performance.now();
    for (const group of groupsOf(changes)) {
      for (const side of ['received', 'sent'] as const) {
        const spread = await this.#spread(flow, group.ids, side);
        for (const [place, carried] of spread) {
          const account = accountOf(flow, place);
          if (!isMoreThanDust(carried, dust[account.asset] ?? 0)) continue;
          let subject = subjects.get(account.id);
          if (subject === undefined) {
            subject = isSubject(flow.addresses.text(account.id));
            subjects.set(account.id, subject);
          }
          if (subject) accounts.set(`${account.id}|${account.asset}`, account);
          this.#shift(flow, account, subject, { side, carried, before: group.before, now: group.now });
          if (performance.now() - since < TURN_MS) continue;
          await nextTurn();
          since = performance.now();
        }
      }
    }
    const all = [...accounts.values()];
    const done = await this.#refine(flow, all.slice(0, MOST_AWAITED), AWAITED_MS);
    const rest = all.slice(done);
    this.#rest = this.#refine(flow, rest, Number.POSITIVE_INFINITY).then(
      () => {},
      () => {},
    );
    return { touched: all, left: rest.length };
  }

  /** Resolves when every subject of the changes so far is computed. */
  settled(): Promise<void> {
    return this.#rest;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Labels as they are now; gives the addresses whose category is another. */
  async #takeIn(flow: ChainFlow, texts: readonly string[]): Promise<readonly LaneChange[]> {
    const owners = texts
      .filter((text) => flow.addresses.find(text) >= 0)
      .map((address) => ({ chain: flow.chain, address }));
    const labels = await labelsOfMany(this.#store, owners);
    const relabelled = new Map(
      owners.map(({ address }) => [flow.addresses.find(address), labels.get(`${flow.chain}|${address}`) ?? []]),
    );
    const { lanes } = this;
    const changes = changedLanes(lanes, relabelled, this.#opened.entities);
    for (const { id, now } of changes) lanes[id] = now;
    return changes;
  }

  /** What the addresses carried; with less of it followed where that is too much to look at, which is said. */
  async #spread(flow: ChainFlow, ids: readonly number[], side: Side): Promise<ReadonlyMap<number, Spread>> {
    for (const least of LEAST) {
      const found = await this.#inSlices(this.#passOf(flow, ids, side, least), MOST_SLICES);
      if (found !== null) return found;
      this.#opened.lacks(BEHIND_LABELS);
    }
    return new Map();
  }

  #passOf(
    flow: ChainFlow,
    ids: readonly number[],
    side: Side,
    least: number,
  ): Generator<void, ReadonlyMap<number, Spread>> {
    const { lanes } = this;
    const dust = this.#opened.table!.facts.assets.map((asset) => asset.dust);
    if (flow.model === 'utxo') {
      const { entities } = this.#opened;
      const entityOf = (id: number): number => (entities === null ? id : entities.index.entityOf(id));
      const query = { flow, lanes, seeds: ids, dust: dust[0] ?? 0, least, entityOf };
      return spreadUtxo(query, side === 'received' ? 'forward' : 'backward');
    }
    const graph = graphOf(flow);
    const seeds = ids.flatMap((id) =>
      this.#opened.placesOf(id).map(([asset, place]) => graph.layout.number(asset, place)),
    );
    const query = { graph, lanes, seeds, dust, least };
    return side === 'received' ? spreadForward(query) : spreadBackward(query);
  }

  /** null where it takes more slices. */
  async #inSlices<Found>(work: Generator<void, Found>, most: number): Promise<Found | null> {
    for (let slice = 0; slice < most; slice += 1) {
      const { done, value } = work.next();
      if (done === true) return value;
      await nextTurn();
    }
    return null;
  }

  /** What is known at once: the figures so far, with what the relabelled carried put from one category to the other. */
  #shift(flow: ChainFlow, account: TouchedAccount, isSubject: boolean, shift: Shift): void {
    const asset = assetAt(flow, account.asset);
    if (isSubject || this.#found.get(asset)?.has(account.id) === true) {
      const known = this.#known(flow, account);
      if (known !== null) this.#keep(account.id, asset, this.#shifted(known, shift));
      return;
    }
    if (this.#shiftCount >= MOST_SHIFTS) {
      this.#opened.lacks(BEHIND_LABELS);
      return;
    }
    this.#shiftCount += 1;
    const shifts = this.#shifts.get(asset) ?? new Map<number, readonly Shift[]>();
    shifts.set(account.id, [...(shifts.get(account.id) ?? []), shift]);
    this.#shifts.set(asset, shifts);
  }

  #shifted(exposure: Exposure, { side, carried, before, now }: Shift): Exposure {
    const { categories } = this.#opened.table!.facts;
    return shifted(exposure, side, carried, { before: categories[before] ?? null, now: categories[now] ?? null });
  }

  #known(flow: ChainFlow, { id, asset }: TouchedAccount): Exposure | null {
    const named = assetAt(flow, asset);
    return this.overlay(id, named) ?? this.#opened.table!.exposureOf(flow.addresses.text(id), named);
  }

  #keep(id: number, asset: AssetId, exposure: Exposure): void {
    const found = this.#found.get(asset) ?? new Map<number, Exposure>();
    found.set(id, exposure);
    this.#found.set(asset, found);
  }

  /** Gives how many were done before the time was up. */
  async #refine(flow: ChainFlow, accounts: readonly TouchedAccount[], most: number): Promise<number> {
    const started = performance.now();
    let since = started;
    for (const [at, account] of accounts.entries()) {
      if (this.#stopped || since - started > most) return at;
      const known = this.#known(flow, account);
      const exact = known === null ? null : exactOf({ opened: this.#opened, lanes: this.lanes, known, ...account });
      if (exact !== null) this.#keep(account.id, assetAt(flow, account.asset), exact);
      if (performance.now() - since < TURN_MS) continue;
      await nextTurn();
      since = performance.now();
    }
    return accounts.length;
  }
}

/** What the relabelled carried to (from) an account, from one category to the other. */
interface Shift {
  readonly side: Side;
  readonly carried: Spread;
  readonly before: number;
  readonly now: number;
}

type Side = 'received' | 'sent';

interface LaneGroup {
  readonly before: number;
  readonly now: number;
  readonly ids: readonly number[];
}

/** Changes from one category to another together. */
function groupsOf(changes: readonly LaneChange[]): LaneGroup[] {
  const groups = new Map<string, { before: number; now: number; ids: number[] }>();
  for (const { id, before, now } of changes) {
    const key = `${before}|${now}`;
    const group = groups.get(key) ?? { before, now, ids: [] };
    group.ids.push(id);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function isMoreThanDust({ all, small }: Spread, dust: number): boolean {
  return all > dust || (all > 0 && dust === 0) || small > DUST_TIMES * dust;
}

/** Places of an account chain are numbered over all assets, those of a UTXO chain are its addresses. */
function accountOf(flow: ChainFlow, place: number): TouchedAccount {
  if (flow.model === 'utxo') return { id: place, asset: 0 };
  const { layout } = graphOf(flow);
  return { id: layout.ownerOf(place), asset: layout.assetOf(place) };
}

function assetAt(flow: ChainFlow, index: number): AssetId {
  return flow.model === 'utxo' ? flow.asset : flow.assets[index]!.asset;
}

/** A table of other categories does not say which labels they stand for. */
function isDefaultSet(names: readonly string[]): boolean {
  return names.join() === DEFAULT_CATEGORIES.names.join();
}
