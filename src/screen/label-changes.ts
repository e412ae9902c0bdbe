import { setImmediate as breathe } from 'node:timers/promises';
import { type Editions, OFAC_ROOT, repeatsOfac, sourceScope } from '../label/edition.ts';
import { resolveLabels, speaksFor } from '../label/resolve.ts';
import type { ChainId } from '../model/chain.ts';
import type { LabelRow, Store, StoredLabelList } from '../store/port.ts';

export interface TouchedAddress {
  /** null: on every chain that the address may be of. */
  readonly chain: ChainId | null;
  readonly address: string;
  /** Only the lower-case form is known: every spelling that equals it but for case is touched. */
  readonly folded: boolean;
}

/** Rows whose address is this one but for case. */
export type RowsOf = (folded: string) => readonly LabelRow[] | null;

interface Knowledge {
  readonly rowsOf: RowsOf;
  readonly editions: Editions;
}

interface Change {
  readonly fresh: readonly StoredLabelList[];
  /** Of the fresh lists. */
  readonly rows: readonly LabelRow[];
  readonly lists: readonly StoredLabelList[];
  readonly before: Knowledge;
  readonly after: Knowledge;
}

/** Addresses compared before others get a turn. */
const AT_ONCE = 256;

/**
 * Addresses of which the fresh lists change what a label says or when it holds: their own, those of other editions of their sources, and, where
 * OFAC’s own list came, those that other lists repeat from it. That a newer edition only repeats what was known changes nothing.
 */
export async function touchedAddresses(store: Store, change: Change): Promise<readonly TouchedAddress[]> {
  const { fresh, rows, lists, before, after } = change;
  const roots = new Set(fresh.map(({ source }) => sourceScope(source).root));
  const freshIds = new Set(fresh.map(({ id }) => id));
  const related = lists.filter(({ id, source }) => !freshIds.has(id) && roots.has(sourceScope(source).root));
  const candidates = new Map<string, LabelRow[]>();
  collect(candidates, rows);
  collect(candidates, await store.labelRowsOfLists(related.map(({ id }) => id)));
  if (roots.has(OFAC_ROOT)) {
    const sanctioned = await store.labelRowsByCategory(['sanctioned']);
    const byId = new Map(lists.map((list) => [list.id, list]));
    collect(
      candidates,
      sanctioned.filter((row) => !freshIds.has(row.listId) && repeatsOfac(row, byId.get(row.listId)!)),
    );
  }
  const touched: TouchedAddress[] = [];
  let turns = 0;
  for (const [address, own] of candidates) {
    turns += 1;
    if (turns % AT_ONCE === 0) await breathe();
    if (saidOf(address, before) !== saidOf(address, after)) touched.push(...placesOf(address, own));
  }
  return touched;
}

function collect(candidates: Map<string, LabelRow[]>, rows: readonly LabelRow[]): void {
  for (const row of rows) {
    const known = candidates.get(row.address);
    if (known === undefined) candidates.set(row.address, [row]);
    else known.push(row);
  }
}

/** What a rule may see of the labels of an address, but for the newest edition that repeats them. */
function saidOf(address: string, { rowsOf, editions }: Knowledge): string {
  const labels = resolveLabels(address, rowsOf(address.toLowerCase()) ?? [], editions, undefined);
  return JSON.stringify(
    labels.map((label) => {
      const { chain, category, actor, programmes, confidence, list, status, caseLost } = label;
      const dates = [label.firstListed, label.endedBy, label.validFrom, label.validTo];
      const root = sourceScope(list.source).root;
      return [chain, category, label.label, actor, programmes, confidence, root, status, caseLost, dates];
    }),
  );
}

/** Chains that the rows speak for: one that says it of the person who has the key speaks for every EVM chain. */
function placesOf(address: string, rows: readonly LabelRow[]): TouchedAddress[] {
  const folded = rows.some(({ caseLost }) => caseLost);
  const everywhere = rows.some((row) => row.chain === null || speaksFor(row, OTHER_EVM));
  const chains = everywhere ? [null] : [...new Set(rows.map(({ chain }) => chain))];
  return chains.map((chain) => ({ chain, address, folded }));
}

/** No label is of this chain: what speaks for it speaks for all. */
const OTHER_EVM = 'eip155:0';
