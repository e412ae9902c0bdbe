import { type Asset, requireAsset } from '../model/asset.ts';

/**
 * Payments of at most this many base units are small: what anybody can send to anybody unasked. They are kept apart from an address's
 * other money, category by category, until those of a category add up beyond {@link addsUp}. Definitions: docs/exposure.md.
 */
export interface DustRule {
  /** Whole units as decimal text, by asset id or symbol; in place of the default. */
  readonly limits: ReadonlyMap<string, string>;
}

export const DEFAULT_DUST: DustRule = { limits: new Map() };

/** Small payments of a category count from more than so many times the limit on, … */
export const DUST_TIMES = 100;
/** … unless they are at most this share of all that came in larger payments. */
export const DUST_SHARE = 1e-4;

/** Worth about a dollar or less; a token of unknown worth gets one ten-thousandth of a unit. */
const KNOWN: Readonly<Record<string, string>> = {
  BTC: '0.00001',
  tBTC: '0.00001',
  WBTC: '0.00001',
  LTC: '0.001',
  tLTC: '0.001',
  DOGE: '1',
  BCH: '0.0001',
  DASH: '0.001',
  ZEC: '0.001',
  ETH: '0.0001',
  dETH: '0.0001',
  WETH: '0.0001',
  STETH: '0.0001',
  BNB: '0.0001',
  TRX: '1',
  USDC: '0.1',
  USDT: '0.1',
  DAI: '0.1',
  USD: '0.1',
  DUSD: '0.1',
};
const OTHER = '0.0001';

/** The limit of an asset in base units; 0 (no payment is small) where its decimals are not known. */
export function dustOf(asset: Asset, rule: DustRule): number {
  const said = rule.limits.get(asset.id) ?? rule.limits.get(asset.symbol) ?? known(asset);
  if (asset.decimals === null) return 0;
  return Math.floor(Number(said) * 10 ** asset.decimals + 1e-6);
}

/** A symbol is anybody's to choose: only the chain's own asset and tokens known by their contract go by it. */
function known({ id, chain }: Asset): string {
  return KNOWN[requireAsset(id, chain).symbol] ?? OTHER;
}

/**
 * Whether the small payments of one category count: `sum` of them, beside `other`, all that came in larger payments. One category's small
 * payments never make another's count, so a single unasked-for payment changes nothing whatever else there is.
 */
export function addsUp(sum: number, other: number, limit: number): boolean {
  return sum > DUST_TIMES * limit && sum > DUST_SHARE * other;
}
