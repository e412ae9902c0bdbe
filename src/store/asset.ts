import { HaetaeError } from '../base/errors.ts';
import type { Asset } from '../model/asset.ts';

/** What a store holds of an asset after a source named it again: the first decimals win; a contradiction is E_ASSET. */
export function mergeAsset(known: Asset | undefined, given: Asset): Asset {
  if (known === undefined) return given;
  if (known.decimals !== null && given.decimals !== null && known.decimals !== given.decimals) {
    throw new HaetaeError('E_ASSET', 'two sources give different decimals for one asset', {
      context: { asset: given.id, stored: known.decimals, given: given.decimals },
      remedy: 'correct the decimals in the map of this import, or import into another store',
    });
  }
  return known.decimals === null && given.decimals !== null ? given : known;
}
