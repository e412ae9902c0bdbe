import type { NumberedStore } from '../store/numbered.ts';
import type { Opening, Store } from '../store/port.ts';
import { type BookFacts, SegmentedBook } from './address-book.ts';
import { SegmentReader } from './column-file.ts';
import type { ChainManifest, SegmentEntry } from './manifest.ts';

/** Opening balances as rows of an index. */
export interface NumberedOpenings {
  /** Those above zero whose address has a number, in the order in which they stand among the movements. */
  readonly openings: readonly Opening[];
  /** By address. */
  readonly ids: ReadonlyMap<string, number>;
}

/**
 * An address without a number never moves, so what it holds reaches nobody: it is left out until it does. `segments`: those of the index whose books
 * may be read.
 */
export async function numberOpenings(
  store: Pick<NumberedStore, 'addressTexts'> & Pick<Store, 'openings'>,
  folder: string,
  { chain, key }: Pick<ChainManifest, 'chain' | 'key'>,
  segments: readonly SegmentEntry<{ readonly book: BookFacts }>[],
): Promise<NumberedOpenings> {
  const openings = (await store.openings(chain, null)).filter(({ amount }) => amount > 0n);
  const ids = new Map<string, number>();
  if (openings.length === 0) return { openings, ids };
  const parts = segments.map((entry) => ({ reader: new SegmentReader(folder, entry), facts: entry.facts.book }));
  const book = new SegmentedBook(chain, Buffer.from(key, 'hex'), parts);
  const missing = new Set<string>();
  for (const { address } of openings) {
    const id = book.find(address);
    if (id >= 0) ids.set(address, id);
    else missing.add(address);
  }
  for (const { reader } of parts) reader.close();
  if (missing.size > 0) await findNew(store, chain, book.size, missing, ids);
  const known = openings.filter(({ address }) => ids.has(address));
  known.sort((a, b) => a.time - b.time || (a.block < b.block ? -1 : a.block > b.block ? 1 : 0));
  return { openings: known, ids };
}

/** Looks among the addresses that no book has yet. */
async function findNew(
  store: Pick<NumberedStore, 'addressTexts'>,
  chain: string,
  first: number,
  missing: ReadonlySet<string>,
  ids: Map<string, number>,
): Promise<void> {
  let id = first;
  for await (const chunk of store.addressTexts(chain, first)) {
    const count = 'bytes' in chunk ? chunk.count : chunk.length;
    for (let at = 0; at < count; at += 1, id += 1) {
      const text =
        'bytes' in chunk
          ? Buffer.from(chunk.bytes.subarray(chunk.starts[at]!, chunk.starts[at + 1]!)).toString('utf8')
          : chunk[at]!;
      if (missing.has(text)) ids.set(text, id);
    }
  }
}
