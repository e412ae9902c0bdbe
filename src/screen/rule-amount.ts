import { formatAmount } from '../base/money.ts';
import { type Asset, requireAsset } from '../model/asset.ts';

/** Millionths: exposure's shares have six digits. */
const PARTS = 1_000_000n;

/** Whole units by upper-case symbol or CAIP-19 id, `other` for the rest. */
export type Limits = ReadonlyMap<string, string>;

export function limitsOf(amounts: Readonly<Record<string, string>>): Limits {
  return new Map(
    Object.entries(amounts).map(([name, text]) => [
      name === 'other' || name.includes('/') ? name : name.toUpperCase(),
      text,
    ]),
  );
}

/**
 * A symbol is never taken from outside: only assets known by contract have one, so that a token called ETH is not compared with ether. `decimals`: as the
 * request says, where nobody here knows them.
 */
export function limitFor(limits: Limits, asset: Asset): string | null {
  return limits.get(asset.id) ?? limits.get(asset.symbol.toUpperCase()) ?? limits.get('other') ?? null;
}

/** Whole units as text to base units; excess digits round up: half a unit is not less than the limit. */
export function baseUnits(text: string, decimals: number): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  const kept = fraction.slice(0, decimals).padEnd(decimals, '0');
  const more = /[1-9]/.test(fraction.slice(decimals)) ? 1n : 0n;
  return BigInt(whole + kept) + more;
}

/** Exact comparison of two decimal texts. */
export function isAtMost(a: string, b: string): boolean {
  return baseUnits(a, 40) <= baseUnits(b, 40);
}

export function millionths(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * 1e6);
}

export function partDown(amount: bigint, parts: bigint): bigint {
  return (amount * parts) / PARTS;
}

export function partUp(amount: bigint, parts: bigint): bigint {
  return (amount * parts + PARTS - 1n) / PARTS;
}

const known = new Map<string, Asset>();

/** An asset by its CAIP-19 id, with the decimals that are known here; one that is no such id has none. */
export function assetOfId(id: string): Asset {
  const found = known.get(id);
  if (found !== undefined) return found;
  const asset = readAsset(id);
  if (known.size >= 10_000) known.clear();
  known.set(id, asset);
  return asset;
}

function readAsset(id: string): Asset {
  const chain = id.split('/')[0] ?? '';
  try {
    return requireAsset(id, chain);
  } catch {
    return { id, chain, symbol: id, decimals: null };
  }
}

/** 1.5 ETH; base units where the decimals are not known. */
export function sayAmount(amount: bigint, { decimals, symbol }: Pick<Asset, 'decimals' | 'symbol'>): string {
  return decimals === null ? `${amount} base units of ${symbol}` : `${formatAmount(amount, decimals)} ${symbol}`;
}
