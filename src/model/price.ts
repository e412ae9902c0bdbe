import { assert } from '../base/assert.ts';
import { type AmountFault, formatAmount, parseAmount } from '../base/money.ts';
import { formatTime, type UnixSeconds } from '../base/time.ts';
import { type AssetId, nativeAsset, requireAsset } from './asset.ts';
import { CHAINS, requireChain } from './chain.ts';

/** What one whole unit of an asset closed at on a day. */
export interface Price {
  readonly asset: AssetId;
  /** UTC: 2022-03-23. */
  readonly day: string;
  /** US dollars, every digit of the source, as decimal text without an exponent. */
  readonly usd: string;
}

/** A file of prices, as it was imported. */
export interface PriceList {
  /** The name given, else that of the file. */
  readonly source: string;
  readonly fileName: string;
  /** Of the file, lower-case hex. */
  readonly sha256: string;
  readonly importedAt: UnixSeconds;
  /** Cells that stood empty. */
  readonly empty: number;
  /** Rows that were not taken. */
  readonly refused: number;
}

/** Digits after the point that a price may have. */
const USD_DIGITS = 60;

/** Digits as printed, scientific notation too, to exact decimal text; or why not. A price of zero is a missing one. */
export function parseUsd(text: string): { readonly usd: string } | { readonly fault: AmountFault | 'zero' } {
  const units = parseAmount(text, USD_DIGITS);
  if (typeof units !== 'bigint') return { fault: units };
  return units === 0n ? { fault: 'zero' } : { usd: formatAmount(units, USD_DIGITS) };
}

/** A price that {@link parseUsd} gave, times 10^60. */
export function scaledUsd(usd: string): bigint {
  const units = parseAmount(usd, USD_DIGITS);
  assert(typeof units === 'bigint', `${usd} is no price`);
  return units;
}

/**
 * What `amount` base units are worth at `usd` dollars a whole unit: dollars with two digits, such as "1234.50". Exact but for the last step, which
 * rounds half up to the cent.
 */
export function usdOf(amount: bigint, decimals: number, usd: string): string {
  assert(amount >= 0n, 'an amount is never below zero');
  const match = /^(\d+)(?:\.(\d+))?$/.exec(usd);
  assert(match !== null, `${usd} is no price`);
  const [, whole = '', fraction = ''] = match;
  const unit = 10n ** BigInt(decimals + fraction.length);
  const cents = (amount * BigInt(whole + fraction) * 200n + unit) / (unit * 2n);
  const digits = cents.toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** The UTC day of an instant. */
export function dayOf(time: UnixSeconds): string {
  return formatTime(time).slice(0, 10);
}

/**
 * Under which asset the price of this one is kept: a coin that SLIP-44 gives one number is one coin on every chain (ether of a rollup is ether);
 * any other asset is itself. SLIP-44's 1 stands for every test network.
 */
export function pricedAs(asset: AssetId): AssetId {
  const slip44 = /^[^/]+\/slip44:(\d{1,10})$/.exec(asset)?.[1];
  if (slip44 === undefined || slip44 === '1') return asset;
  const chain = CHAINS.find(({ native, simulated }) => !simulated && native.slip44 === Number(slip44));
  return chain === undefined ? asset : nativeAsset(chain.id).id;
}

/** An asset by CAIP-19 id, or by the symbol of a chain's own coin (ETH, BTC). Throws E_ASSET. */
export function requirePricedAsset(text: string): AssetId {
  const wanted = text.trim();
  const coin = CHAINS.find(({ native, simulated }) => !simulated && native.symbol === wanted.toUpperCase());
  if (coin !== undefined) return pricedAs(nativeAsset(coin.id).id);
  const chain = requireChain(wanted.split('/', 1)[0] ?? '');
  return pricedAs(requireAsset(wanted, chain.id).id);
}
