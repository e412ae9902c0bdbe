import type { LabelEntry } from '../model/label.ts';
import type { LabelRow, Store } from '../store/port.ts';
import type { ParsedList } from './parsed.ts';

export interface SavedList {
  readonly added: boolean;
  /** The stored file that says the same of the same date, where that is why nothing was added. */
  readonly sameAs: string | null;
}

/**
 * Stores a list, unless it is there: the same file, or the same entries of the same source and date in another form (OFAC’s
 * lists by asset come as .txt and as .json).
 */
export async function saveLabelList(store: Store, { list, entries }: ParsedList): Promise<SavedList> {
  const stored = await store.labelLists();
  const twins = stored.filter(
    (known) =>
      known.source === list.source &&
      known.listDate === list.listDate &&
      known.sha256 !== list.sha256 &&
      known.entries === entries.length,
  );
  if (twins.length > 0) {
    const rows = await store.labelRows([...new Set(entries.map(({ address }) => address))]);
    const wanted = fingerprint(entries);
    const twin = twins.find(({ id }) => fingerprint(rows.filter(({ listId }) => listId === id)) === wanted);
    if (twin !== undefined) return { added: false, sameAs: twin.fileName };
  }
  const { added } = await store.saveLabels(list, entries);
  return { added, sameAs: null };
}

/** What the entries say, in no order. */
function fingerprint(entries: readonly (LabelEntry | LabelRow)[]): string {
  return entries
    .map((entry) =>
      JSON.stringify([
        ...[entry.address, entry.chain, entry.currency, entry.label, entry.category, entry.actor, entry.abuse],
        ...[entry.programmes, entry.confidence, entry.url, entry.caseLost, entry.validFrom, entry.validTo],
      ]),
    )
    .sort()
    .join('\n');
}
