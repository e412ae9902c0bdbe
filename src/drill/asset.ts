import { type Asset, type AssetId, nativeAsset, requireAsset } from '../model/asset.ts';
import type { ChainId } from '../model/chain.ts';

export const ACCOUNT_CHAIN: ChainId = 'eip155:31337';
export const UTXO_CHAIN: ChainId = 'bip122:0f9188f13cb7b2c71f2a335e3a4fc328';

/**
 * The drill counts in *drill units*, whole numbers below 2^53: gwei where the asset has 18 decimals, else base units.
 * `zeros` is what turns the text of a drill unit into base units.
 */
export interface DrillAsset extends Asset {
  readonly zeros: string;
  /** Drill units in one whole unit. */
  readonly one: number;
}

export const NATIVE = 0;
export const TOKENS = [1, 2, 3] as const;

const NATIVE_ASSET = nativeAsset(ACCOUNT_CHAIN);

function token(symbol: string, zeros: string, one: number): DrillAsset {
  return { ...requireAsset(symbol, ACCOUNT_CHAIN), zeros, one };
}

/** By index. The tokens' contracts are made up (model/asset.ts). */
export const ASSETS: readonly DrillAsset[] = [
  { ...NATIVE_ASSET, zeros: '000000000', one: 1e9 },
  token('DUSD', '', 1e6),
  token('DGLD', '000000000', 1e9),
  token('DWBT', '', 1e8),
];

export const UTXO_ASSET: AssetId = nativeAsset(UTXO_CHAIN).id;
/** Satoshi a gwei of the native asset is worth in the bridge, before its fee. */
export const SATOSHI_PER_GWEI = 0.005;

/** Drill units as decimal text of base units. */
export function baseUnits(asset: number, units: number): string {
  return units === 0 ? '0' : String(units) + ASSETS[asset]!.zeros;
}
