import { createHash } from 'node:crypto';
import { HaetaeError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import { formatTime } from '../base/time.ts';
import { entityFolder } from '../exposure/entity-files.ts';
import { openKeptEntities } from '../exposure/entity-open.ts';
import { openIndex } from '../flow/open-index.ts';
import type { AssetId } from '../model/asset.ts';
import type { ChainId } from '../model/chain.ts';
import type { Store } from '../store/port.ts';
import { ExposureChain, type FoundExposures, filesPrint, missingOf, type Overlay } from './exposure-chain.ts';
import { EntityBook, type FoundEntity } from './exposure-entities.ts';
import { pathsOfAddress } from './exposure-paths.ts';
import { addressesSince } from './exposure-since.ts';
import { Impact, type LabelChange, type Touched } from './impact.ts';
import type { Basis } from './verdict.ts';

export interface ExposureBookOptions {
  readonly store: Store;
  /** The database's file, beside which the index stands; ':memory:' has none. */
  readonly database: string;
  readonly progress: Progress;
}

export interface ChainAddress {
  readonly chain: ChainId;
  readonly address: string;
}

const NOT_INDEXED: FoundExposures = {
  facts: [],
  missing: ['exposure: the chain is not indexed; run haetae index build, then haetae exposure build'],
};
const NO_CHAIN: Pick<Basis, 'chain' | 'exposure'> = { chain: { block: null, time: null }, exposure: null };

/** The exposure tables, entities and paths of every indexed chain, for look-ups while the store is open. */
export class ExposureBook {
  readonly #store: Store;
  readonly #database: string;
  readonly #chains = new Map<ChainId, ExposureChain>();
  readonly #impacts = new Map<ChainId, Impact>();
  /** What the store holds of chains without an index. */
  #stored = new Map<ChainId, Pick<Basis, 'chain' | 'exposure'>>();
  #turn: Promise<unknown> = Promise.resolve();

  private constructor({ store, database }: ExposureBookOptions) {
    this.#store = store;
    this.#database = database;
  }

  /** Opens what there is of every indexed chain; builds nothing. */
  static async open(options: ExposureBookOptions): Promise<ExposureBook> {
    const book = new ExposureBook(options);
    const chains = book.#indexed();
    for (const [at, chain] of chains.entries()) {
      options.progress.report('exposure tables', at, chains.length);
      await book.#open(chain);
    }
    await book.#readStored();
    return book;
  }

  /** What came from and went to each category, by the table, or newer where labels changed since. `asset` null: every asset the address moved, 20 at most. */
  exposuresOf(chain: ChainId, address: string, asset: AssetId | null): FoundExposures {
    return this.#asked(chain, NOT_INDEXED, (opened) => opened.exposuresOf(address, asset, this.#overlay(chain)));
  }

  /** Who owns the address, where others are known to be his; null else. */
  entityOf(chain: ChainId, address: string): FoundEntity | null {
    const { flow, entities } = this.#chains.get(chain) ?? { flow: null, entities: null };
    if (flow === null || entities === null) return null;
    try {
      const id = flow.addresses.find(address);
      return id < 0 ? null : entities.find(id);
    } catch (error) {
      // The exposures of the same address say what is damaged.
      if (error instanceof HaetaeError) return null;
      throw error;
    }
  }

  /** As {@link exposuresOf}, from the movements themselves, with the strongest path of each category; `missing` holds what would take too long. */
  async pathsOf(chain: ChainId, address: string, asset: AssetId | null): Promise<FoundExposures> {
    const opened = this.#chains.get(chain);
    // What is missing then, exposuresOf says.
    if (opened === undefined || opened.flow === null || opened.table === null) return { facts: [], missing: [] };
    try {
      const { table } = opened;
      const overlay = this.#overlay(chain);
      const known = (id: number, each: AssetId) => overlay(id, each) ?? table.exposureOf(address, each);
      const { lanes } = this.#impactOf(opened);
      return await pathsOfAddress({ store: this.#store, opened, lanes, address, asset, known });
    } catch (error) {
      return { facts: [], missing: [missingOf(error)] };
    }
  }

  /** SHA-256 over the tables, blocks and segments of every indexed chain: names a state of knowledge. */
  get hash(): string {
    const states = [...this.#chains].map(([chain, { basis }]) => JSON.stringify([chain, basis]));
    return createHash('sha256').update(states.sort().join()).digest('hex');
  }

  /** As of which block and which table {@link exposuresOf} answers. */
  basisOf(chain: ChainId): Pick<Basis, 'chain' | 'exposure'> {
    const opened = this.#chains.get(chain);
    if (opened === undefined || opened.flow === null) return this.#stored.get(chain) ?? NO_CHAIN;
    return opened.basis;
  }

  /** How many rows of the chain the store had when its index was built; null: not known. */
  storedRowsOf(chain: ChainId): number | null {
    return this.#chains.get(chain)?.storedRows ?? null;
  }

  /**
   * Opens again what another process wrote anew, and says which addresses moved in what came since, or that anything may have changed. Money that
   * moves on also changes what earlier payers sent: those are not named. Calls go one after the other.
   */
  refresh(chain?: ChainId): Promise<{ readonly addresses: readonly ChainAddress[] | 'all' }> {
    return this.#inTurn(() => this.#refresh(chain));
  }

  /**
   * Labels of these addresses changed: finds the subjects whose exposure may have changed by it, and computes it anew; look-ups give it from now
   * on. `left`: subjects that are computed after this call returned, one after the other.
   */
  relabelled(
    changes: readonly LabelChange[],
    isSubject: (chain: ChainId, address: string) => boolean,
  ): Promise<Touched> {
    return this.#inTurn(async () => {
      const touched: ChainAddress[] = [];
      let left = 0;
      for (const [chain, opened] of this.#chains) {
        if (opened.flow === null || opened.table === null) continue;
        const addresses = changes.filter(
          (change) => change.chain === null || change.chain === chain || bothEvm(change.chain, chain),
        );
        if (addresses.length === 0) continue;
        try {
          const found = await this.#impactOf(opened).relabelled(
            addresses.map(({ address }) => address),
            (address) => isSubject(chain, address),
          );
          for (const address of found.touched) touched.push({ chain, address });
          left += found.left;
        } catch (error) {
          opened.lacks(missingOf(error));
        }
      }
      return { touched, left };
    });
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    for (const impact of this.#impacts.values()) impact.stop();
    await this.#turn;
    for (const opened of this.#chains.values()) opened.close();
    this.#chains.clear();
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  #indexed(): readonly ChainId[] {
    return this.#database === ':memory:' ? [] : openIndex(this.#database).chains();
  }

  #asked(chain: ChainId, none: FoundExposures, ask: (opened: ExposureChain) => FoundExposures): FoundExposures {
    const opened = this.#chains.get(chain);
    if (opened === undefined) return none;
    try {
      return ask(opened);
    } catch (error) {
      const missing = missingOf(error);
      const again = this.#reopened(opened);
      if (again === null) return { facts: [], missing: [missing] };
      try {
        return ask(again);
      } catch (second) {
        return { facts: [], missing: [missingOf(second)] };
      }
    }
  }

  /** Files that were not read yet are gone once another process wrote new ones: those are opened in their place. */
  #reopened(before: ExposureChain): ExposureChain | null {
    const { chain } = before;
    if (filesPrint(this.#database, chain) === before.print) return null;
    const opened = ExposureChain.open(this.#database, chain);
    if (before.outlives(opened)) {
      opened.close();
      return null;
    }
    // Numbers of addresses hold where the index has only grown.
    if (opened.follows(before)) opened.entities = before.entities;
    this.#replace(opened);
    return opened;
  }

  #replace(opened: ExposureChain): void {
    const before = this.#chains.get(opened.chain);
    this.#impacts.get(opened.chain)?.stop();
    this.#impacts.delete(opened.chain);
    this.#chains.set(opened.chain, opened);
    if (before === undefined) return;
    if (before.entities === opened.entities) before.entities = null;
    before.close();
  }

  #overlay(chain: ChainId): Overlay {
    return this.#impacts.get(chain)?.overlay ?? NO_OVERLAY;
  }

  #impactOf(opened: ExposureChain): Impact {
    const known = this.#impacts.get(opened.chain);
    if (known !== undefined) return known;
    const impact = new Impact(this.#store, opened);
    this.#impacts.set(opened.chain, impact);
    return impact;
  }

  async #open(chain: ChainId): Promise<void> {
    const opened = ExposureChain.open(this.#database, chain);
    opened.entities = await this.#entitiesOf(opened);
    this.#replace(opened);
    await this.#catchUp(opened);
  }

  async #catchUp(opened: ExposureChain): Promise<void> {
    try {
      await this.#impactOf(opened).catchUp();
    } catch (error) {
      opened.lacks(missingOf(error));
    }
  }

  async #entitiesOf(opened: ExposureChain): Promise<EntityBook | null> {
    const { flow, parts } = opened;
    if (flow === null) return null;
    const folder = entityFolder(this.#database, opened.chain);
    try {
      const kept = await openKeptEntities({ store: this.#store, flow, parts, folder });
      if (kept !== null) return await EntityBook.of(kept, flow.addresses);
    } catch (error) {
      if (!(error instanceof HaetaeError)) throw error;
    }
    opened.lacks('entities: none of this chain that hold; run haetae exposure build');
    return null;
  }

  async #refresh(only: ChainId | undefined): Promise<{ readonly addresses: readonly ChainAddress[] | 'all' }> {
    await this.#readStored();
    const indexed = new Set(this.#indexed());
    const addresses: ChainAddress[] = [];
    let all = false;
    for (const chain of new Set([...this.#chains.keys(), ...indexed])) {
      if (only !== undefined && chain !== only) continue;
      const before = this.#chains.get(chain);
      if (before !== undefined && before.print === filesPrint(this.#database, chain)) continue;
      const lanes = before === undefined ? null : (this.#impacts.get(chain)?.lanes ?? lanesOf(before));
      const opened = ExposureChain.open(this.#database, chain);
      if (before?.outlives(opened) === true) {
        opened.close();
        continue;
      }
      opened.entities = await this.#entitiesOf(opened);
      const touched = before === undefined ? 'all' : addressesSince(before, lanes, opened);
      this.#replace(opened);
      await this.#catchUp(opened);
      if (touched === 'all') all = true;
      else for (const address of touched) addresses.push({ chain, address });
    }
    return { addresses: all ? 'all' : addresses };
  }

  async #readStored(): Promise<void> {
    const last = new Map<ChainId, number>();
    for (const { chain, lastTime } of await this.#store.batches())
      if (lastTime !== null) last.set(chain, Math.max(lastTime, last.get(chain) ?? 0));
    const stored = new Map<ChainId, Pick<Basis, 'chain' | 'exposure'>>();
    for (const [chain, time] of last) {
      const newest = (await this.#store.keptBlocks(chain, 1))[0];
      const isNewest = newest !== undefined && newest.time >= time;
      const known = { block: isNewest ? String(newest.number) : null, time: formatTime(isNewest ? newest.time : time) };
      stored.set(chain, { chain: known, exposure: null });
    }
    this.#stored = stored;
  }
}

const NO_OVERLAY: Overlay = () => undefined;

function lanesOf({ table }: ExposureChain): Uint8Array | null {
  try {
    return table?.lanes() ?? null;
  } catch (error) {
    if (error instanceof HaetaeError) return null;
    throw error;
  }
}

/** Sanctions and thefts on one EVM chain speak of the same key on every other. */
function bothEvm(a: ChainId, b: ChainId): boolean {
  return a.startsWith('eip155:') && b.startsWith('eip155:');
}
