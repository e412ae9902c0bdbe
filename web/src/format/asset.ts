import { requireAsset } from '../../../src/model/asset.ts';

/** What an asset is called and how many digits it has; the tail of its id and null where nothing says so. */
export interface AssetName {
  readonly symbol: string;
  readonly decimals: number | null;
}

/** `id`: CAIP-19. */
export function assetName(id: string): AssetName {
  const chain = id.split('/')[0] ?? '';
  try {
    const { symbol, decimals } = requireAsset(id, chain);
    return { symbol, decimals };
  } catch {
    return { symbol: id.slice(id.lastIndexOf(':') + 1).slice(0, 12), decimals: null };
  }
}
