import type { Store } from '../store/port.ts';
import type { ChainManifest } from './manifest.ts';
import { holding, windowsOf } from './utxo-plan.ts';
import type { UtxoFacts } from './utxo-segment.ts';

/** How an index of a UTXO chain stands to its store. */
export async function utxoLag(
  manifest: ChainManifest<UtxoFacts>,
  store: Pick<Store, 'contents'>,
): Promise<{ fresh: boolean; changedSegments: number; laterRows: number }> {
  const contents = await store.contents(manifest.chain, windowsOf(manifest.segments));
  const known = new Set(manifest.imports.map(({ contentId }) => contentId));
  const added = contents.imports.filter(({ contentId, rows }) => rows > 0 && !known.has(contentId));
  const changedSegments = manifest.segments.length - holding(manifest, contents);
  const laterRows = [...added, contents.fetched.at(-1)!].reduce((sum, { rows }) => sum + rows, 0);
  return { fresh: changedSegments === 0 && laterRows === 0, changedSegments, laterRows };
}
