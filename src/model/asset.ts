import { HaetaeError } from '../base/errors.ts';
import { type ChainId, requireChain } from './chain.ts';

/** A CAIP-19 asset type, such as eip155:1/slip44:60 or eip155:1/erc20:0xa0b8…eb48, or one token of a collection (…/erc721:0x…/42). */
export type AssetId = string;

export interface Asset {
  readonly id: AssetId;
  readonly chain: ChainId;
  readonly symbol: string;
  /** Base units per whole unit as a power of ten; null where no source has said (amounts are then shown in base units). */
  readonly decimals: number | null;
}

const CAIP19 =
  /^([-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32})\/([-a-z0-9]{3,8}):([-.%a-zA-Z0-9]{1,128})(?:\/([-.%a-zA-Z0-9]{1,78}))?$/;

/** Tokens that thieves hold most, so that a theft file may say USDC. Symbol and decimals as each contract returns them. */
const TOKENS: readonly (readonly [
  chain: ChainId,
  standard: string,
  contract: string,
  symbol: string,
  decimals: number,
])[] = [
  ['eip155:1', 'erc20', '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48', 'USDC', 6],
  ['eip155:1', 'erc20', '0xdac17f958d2ee523a2206206994597c13d831ec7', 'USDT', 6],
  ['eip155:1', 'erc20', '0x6b175474e89094c44da98b954eedeac495271d0f', 'DAI', 18],
  ['eip155:1', 'erc20', '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2', 'WETH', 18],
  ['eip155:1', 'erc20', '0x2260fac5e5542a773aa44fbcfedf7c193bc2c599', 'WBTC', 8],
  ['eip155:1', 'erc20', '0xae7ab96520de3a18e5e111b5eaab095312d7fe84', 'STETH', 18],
  ['tron:0x2b6653dc', 'trc20', 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t', 'USDT', 6],
  ['eip155:56', 'erc20', '0x55d398326f99059ff775485246999027b3197955', 'USDT', 18],
  // The drill's own, made up: no code stands at them on any chain.
  ['eip155:31337', 'erc20', '0xd0110000000000000000000000000000000000a1', 'DUSD', 6],
  ['eip155:31337', 'erc20', '0xd0110000000000000000000000000000000000a2', 'DGLD', 18],
  ['eip155:31337', 'erc20', '0xd0110000000000000000000000000000000000a3', 'DWBT', 8],
];

const KNOWN = new Map<AssetId, Asset>(
  TOKENS.map(([chain, standard, contract, symbol, decimals]) => {
    const id = `${chain}/${standard}:${contract}`;
    return [id, { id, chain, symbol, decimals }];
  }),
);

export function nativeAsset(chainId: ChainId): Asset {
  const chain = requireChain(chainId);
  const { slip44, symbol, decimals } = chain.native;
  return { id: `${chain.id}/slip44:${slip44}`, chain: chain.id, symbol, decimals };
}

/** The US-dollar column of a research set that prints no amounts of the real asset: a pseudo-asset of the chain. */
export function dollarAsset(chainId: ChainId, decimals = 2): Asset {
  return { id: `${requireChain(chainId).id}/iso4217:USD`, chain: requireChain(chainId).id, symbol: 'USD', decimals };
}

export function tokenAsset(chainId: ChainId, contract: string, symbol?: string, decimals: number | null = null): Asset {
  const chain = requireChain(chainId);
  const standard = chain.addressFormat === 'tron' ? 'trc20' : 'erc20';
  const reference = chain.addressFormat === 'evm' ? contract.toLowerCase() : contract;
  const id = `${chain.id}/${standard}:${reference}`;
  const known = KNOWN.get(id);
  return known ?? { id, chain: chain.id, symbol: symbol ?? reference.slice(0, 10), decimals };
}

/**
 * An asset by CAIP-19 id, by symbol on a chain (ETH, USDC), or the word `native`. Throws E_ASSET.
 * A CAIP-19 id that is well formed and not known is taken with `decimals: null`.
 */
export function requireAsset(text: string, chainId: ChainId): Asset {
  const chain = requireChain(chainId);
  const native = nativeAsset(chain.id);
  const wanted = text.trim();
  if (wanted === 'native' || wanted === native.id || wanted.toUpperCase() === native.symbol.toUpperCase())
    return native;
  const bySymbol = [...KNOWN.values()].find(
    (asset) => asset.chain === chain.id && asset.symbol === wanted.toUpperCase(),
  );
  if (bySymbol !== undefined) return bySymbol;
  if (wanted.toUpperCase() === 'USD') return dollarAsset(chain.id);
  const match = CAIP19.exec(wanted);
  if (match === null || match[1] !== chain.id) {
    throw new HaetaeError('E_ASSET', `not an asset of ${chain.id}`, {
      context: { asset: wanted.slice(0, 80) },
      remedy: `write ${native.symbol}, a known token's symbol, or a CAIP-19 id such as ${native.id}`,
    });
  }
  if (match[2] === 'iso4217') return { ...dollarAsset(chain.id), id: wanted, symbol: match[3] ?? 'USD' };
  if (match[2] === 'erc20' || match[2] === 'trc20') return tokenAsset(chain.id, match[3] ?? '');
  const symbol = match[3]?.slice(0, 10) ?? wanted;
  const single = match[4] === undefined ? symbol : `${symbol}/${match[4].slice(0, 12)}`;
  return { id: wanted, chain: chain.id, symbol: single, decimals: match[2] === 'erc721' ? 0 : null };
}
