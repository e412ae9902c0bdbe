import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HaetaeError } from '../base/errors.ts';
import { type Progress, SILENT } from '../base/progress.ts';
import type { UnixSeconds } from '../base/time.ts';
import { burnEntries } from '../label/burn.ts';
import { Editions } from '../label/edition.ts';
import { resolveLabels, speaksFor } from '../label/resolve.ts';
import type { ChainId } from '../model/chain.ts';
import type { Label } from '../model/label.ts';
import type { LabelRow, Store, StoredLabelList } from '../store/port.ts';
import type { LabelFact } from './facts.ts';
import { type TouchedAddress, touchedAddresses } from './label-changes.ts';
import { labelFactOf } from './label-facts.ts';
import { hashOfLists, identityOf, LabelSnapshot } from './label-snapshot.ts';

export interface LabelBookOptions {
  readonly store: Store;
  /** Where the snapshot is kept, such as DB.screen; null: a folder of its own that goes with the book (a store in memory). */
  readonly folder: string | null;
  readonly progress: Progress;
}

export interface AsOf {
  /** When the transfer is made; null: not known, or no transfer. */
  readonly transferAt: UnixSeconds | null;
  /** Knowledge as of; null: the newest editions. */
  readonly asOf: UnixSeconds | null;
}

/** More rows than this beside the snapshot, and more than a tenth of it: it is built anew. */
const MOST_BESIDE = 20_000;
/** Addresses whose rows are kept as they were read last. */
const RECENT = 32_768;

const NO_FACTS: readonly LabelFact[] = [];

interface Known {
  readonly rows: readonly LabelRow[];
  /** Facts by chain, as of now and without a transfer; null where a date of a row makes them change by themselves. */
  readonly now: Map<ChainId, readonly LabelFact[]> | null;
}

/**
 * Every label of the store, ready for look-ups in microseconds: a snapshot in two files, and in memory the rows of lists that came after it. The
 * answers are those of `labelsOf`.
 */
export class LabelBook {
  readonly #store: Store;
  readonly #folder: string;
  readonly #temporary: boolean;
  #snapshot: LabelSnapshot;
  /** The store’s number of each list of the snapshot. */
  #ids: readonly number[];
  #lists: readonly StoredLabelList[];
  #editions: Editions;
  #hash: string;
  /** Rows that are not in the snapshot, by address in lower case. */
  readonly #beside = new Map<string, readonly LabelRow[]>();
  #besideRows = 0;
  #recent = new Map<string, Known>();
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    store: Store,
    { folder, temporary }: { readonly folder: string; readonly temporary: boolean },
    snapshot: LabelSnapshot,
    lists: readonly StoredLabelList[],
  ) {
    this.#store = store;
    this.#folder = folder;
    this.#temporary = temporary;
    this.#snapshot = snapshot;
    this.#lists = lists;
    this.#ids = idsOf(snapshot, lists)!;
    this.#editions = new Editions(lists);
    this.#hash = hashOfLists(lists);
  }

  /**
   * Takes the snapshot that is there where its lists are all in the store, and reads beside it what came later; else builds it anew (also one that
   * is damaged or of another version). Throws E_INDEX_WRITE, E_STORE_CORRUPT.
   */
  static async open({ store, folder, progress }: LabelBookOptions): Promise<LabelBook> {
    const place = folder ?? mkdtempSync(join(tmpdir(), 'haetae-labels-'));
    const lists = await store.labelLists();
    const kept = usableSnapshot(place, lists);
    const snapshot = kept ?? (await LabelSnapshot.build(store, lists, place, progress));
    const book = new LabelBook(store, { folder: place, temporary: folder === null }, snapshot, lists);
    await book.#readBeside();
    return book;
  }

  /** SHA-256 over the lists that are known: names a state of knowledge. */
  get hash(): string {
    return this.#hash;
  }

  /** How many lists are known. */
  get lists(): number {
    return this.#lists.length;
  }

  /** Addresses of the snapshot and beside it; one that is in both counts twice. */
  get addresses(): number {
    return this.#snapshot.addresses + this.#beside.size;
  }

  /** Labels of a canonical address that say something of it on this chain, as `labelsOf` gives them. Throws E_INDEX_CORRUPT. */
  factsOf(chain: ChainId, address: string, { transferAt, asOf }: AsOf): readonly LabelFact[] {
    const known = this.#knownOf(address);
    if (known === null) return NO_FACTS;
    if (transferAt !== null || asOf !== null || known.now === null) {
      return this.#resolve(chain, address, known.rows, { transferAt, asOf });
    }
    let facts = known.now.get(chain);
    if (facts === undefined) {
      facts = this.#resolve(chain, address, known.rows, { transferAt, asOf });
      known.now.set(chain, facts);
    }
    return facts;
  }

  /**
   * Reads the lists that were added to the store since, and says of which addresses they change a label: their own, and those of earlier editions
   * that they end. A reader in between sees all of the change or nothing of it. Calls go one after the other.
   */
  refresh(): Promise<{ readonly addresses: readonly TouchedAddress[] }> {
    const turn = this.#turn.then(() => this.#refresh());
    // A large list beside the snapshot is moved into it, after the caller has its answer; where that fails, the next refresh tries again.
    this.#turn = turn.then(() => this.#renewSnapshot()).catch(() => {});
    return turn;
  }

  /** Waits for a refresh that is under way. */
  async close(): Promise<void> {
    await this.#turn;
    this.#snapshot.close();
    if (this.#temporary) rmSync(this.#folder, { recursive: true, force: true });
  }

  async #refresh(): Promise<{ readonly addresses: readonly TouchedAddress[] }> {
    const lists = await this.#store.labelLists();
    const known = new Set(this.#lists.map(({ id }) => id));
    const fresh = lists.filter(({ id }) => !known.has(id));
    if (fresh.length === 0) return { addresses: [] };
    const rows = await this.#store.labelRowsOfLists(fresh.map(({ id }) => id));
    const before = this.#editions;
    this.#lists = lists;
    this.#editions = new Editions(lists);
    this.#hash = hashOfLists(lists);
    this.#recent = new Map();
    this.#putBeside(rows);
    const freshIds = new Set(fresh.map(({ id }) => id));
    const addresses = await touchedAddresses(this.#store, {
      fresh,
      rows,
      lists,
      before: {
        editions: before,
        rowsOf: (folded) => this.#rowsOf(folded)?.filter(({ listId }) => !freshIds.has(listId)) ?? null,
      },
      after: { editions: this.#editions, rowsOf: (folded) => this.#rowsOf(folded) },
    });
    return { addresses };
  }

  async #renewSnapshot(): Promise<void> {
    if (this.#besideRows <= mostBeside(this.#snapshot)) return;
    const old = this.#snapshot;
    this.#snapshot = await LabelSnapshot.build(this.#store, this.#lists, this.#folder, SILENT);
    this.#ids = idsOf(this.#snapshot, this.#lists)!;
    this.#beside.clear();
    this.#besideRows = 0;
    this.#recent = new Map();
    old.close();
  }

  async #readBeside(): Promise<void> {
    const kept = new Set(this.#ids);
    const later = this.#lists.filter(({ id }) => !kept.has(id)).map(({ id }) => id);
    this.#putBeside(await this.#store.labelRowsOfLists(later));
  }

  #putBeside(rows: readonly LabelRow[]): void {
    for (const row of rows) {
      const folded = row.address.toLowerCase();
      this.#beside.set(folded, [...(this.#beside.get(folded) ?? []), row]);
    }
    this.#besideRows += rows.length;
  }

  #rowsOf(folded: string): readonly LabelRow[] | null {
    const kept = this.#snapshot.rowsOf(folded, this.#ids);
    const beside = this.#beside.get(folded);
    if (beside === undefined) return kept;
    return kept === null ? beside : [...kept, ...beside].sort((a, b) => a.listId - b.listId);
  }

  #knownOf(address: string): Known | null {
    const recent = this.#recent.get(address);
    if (recent !== undefined) return recent;
    const rows = this.#rowsOf(address.toLowerCase());
    if (rows === null && burnEntries(address).length === 0) return null;
    const fixed = rows?.every(({ validFrom, validTo }) => validFrom === null && validTo === null) ?? true;
    const known = { rows: rows ?? [], now: fixed ? new Map<ChainId, readonly LabelFact[]>() : null };
    if (this.#recent.size >= RECENT) this.#recent = new Map();
    this.#recent.set(address, known);
    return known;
  }

  #resolve(chain: ChainId, address: string, rows: readonly LabelRow[], { transferAt, asOf }: AsOf): LabelFact[] {
    const labels = this.#labels(chain, address, rows, asOf);
    if (labels.length === 0 || transferAt === null) return labels.map((label) => labelFactOf(label, chain, null));
    // What is known only after the date of knowledge is not known at all.
    const at = asOf === null ? transferAt : Math.min(asOf, transferAt);
    const then = { at, labels: this.#labels(chain, address, rows, at) };
    return labels.map((label) => labelFactOf(label, chain, then));
  }

  #labels(chain: ChainId, address: string, rows: readonly LabelRow[], asOf: UnixSeconds | null): Label[] {
    const all = resolveLabels(address, rows, this.#editions, asOf ?? undefined);
    return all.filter((label) => speaksFor(label, chain));
  }
}

function usableSnapshot(folder: string, lists: readonly StoredLabelList[]): LabelSnapshot | null {
  let snapshot: LabelSnapshot | null = null;
  try {
    snapshot = LabelSnapshot.open(folder);
  } catch (error) {
    if (!(error instanceof HaetaeError && REBUILT.has(error.code))) throw error;
  }
  if (snapshot === null) return null;
  const rows = lists.reduce((sum, { entries }) => sum + entries, 0) - snapshot.rows;
  if (idsOf(snapshot, lists) !== null && rows <= mostBeside(snapshot)) return snapshot;
  snapshot.close();
  return null;
}

function mostBeside(snapshot: LabelSnapshot): number {
  return Math.max(MOST_BESIDE, snapshot.rows / 10);
}

const REBUILT: ReadonlySet<string> = new Set(['E_INDEX_CORRUPT', 'E_INDEX_VERSION']);

/** Null where a list of the snapshot is not in the store. */
function idsOf(snapshot: LabelSnapshot, lists: readonly StoredLabelList[]): number[] | null {
  const ids = new Map(lists.map((list) => [JSON.stringify(identityOf(list)), list.id]));
  const found = snapshot.lists.map((identity) => ids.get(JSON.stringify(identity)));
  return found.every((id) => id !== undefined) ? found : null;
}
