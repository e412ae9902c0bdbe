import { HaetaeError } from '../base/errors.ts';
import type { UnixSeconds } from '../base/time.ts';

/** A CAIP-2 id, such as eip155:1. */
export type ChainId = string;

export type AddressFormat =
  | 'evm'
  | 'bitcoin'
  | 'litecoin'
  | 'dogecoin'
  | 'bitcoincash'
  | 'dash'
  | 'zcash'
  | 'tron'
  | 'any';

export interface Chain {
  readonly id: ChainId;
  readonly name: string;
  readonly model: 'utxo' | 'account';
  readonly addressFormat: AddressFormat;
  /** A movement dated before this second is refused. */
  readonly genesis: UnixSeconds;
  readonly native: { readonly slip44: number; readonly symbol: string; readonly decimals: number };
  /** A test network or a drill: nothing on it is real money. */
  readonly simulated: boolean;
}

const ETHER = { slip44: 60, symbol: 'ETH', decimals: 18 };

function evm(id: number, name: string, genesis: UnixSeconds, native = ETHER, simulated = false): Chain {
  return { id: `eip155:${id}`, name, model: 'account', addressFormat: 'evm', genesis, native, simulated };
}

function utxo(
  genesisHash: string,
  name: string,
  addressFormat: AddressFormat,
  genesis: UnixSeconds,
  native: Chain['native'],
  simulated = false,
): Chain {
  return { id: `bip122:${genesisHash}`, name, model: 'utxo', addressFormat, genesis, native, simulated };
}

/** Genesis times are the timestamps of each chain's first block; bip122 references are the first 32 hex digits of its hash. */
export const CHAINS: readonly Chain[] = [
  utxo('000000000019d6689c085ae165831e93', 'bitcoin', 'bitcoin', 1231006505, { slip44: 0, symbol: 'BTC', decimals: 8 }),
  utxo('12a765e31ffd4059bada1e25190f6e98', 'litecoin', 'litecoin', 1317972665, {
    slip44: 2,
    symbol: 'LTC',
    decimals: 8,
  }),
  utxo('1a91e3dace36e2be3bf030a65679fe82', 'dogecoin', 'dogecoin', 1386325540, {
    slip44: 3,
    symbol: 'DOGE',
    decimals: 8,
  }),
  utxo('000000000000000000651ef99cb9fcbe', 'bitcoincash', 'bitcoincash', 1231006505, {
    slip44: 145,
    symbol: 'BCH',
    decimals: 8,
  }),
  utxo('00000ffd590b1485b3caadc19b22e637', 'dash', 'dash', 1390095618, { slip44: 5, symbol: 'DASH', decimals: 8 }),
  utxo('00040fe8ec8471911baa1db1266ea15d', 'zcash', 'zcash', 1477641360, { slip44: 133, symbol: 'ZEC', decimals: 8 }),
  utxo(
    '0f9188f13cb7b2c71f2a335e3a4fc328',
    'bitcoin-regtest',
    'bitcoin',
    1296688602,
    { slip44: 1, symbol: 'tBTC', decimals: 8 },
    true,
  ),
  utxo(
    '530827f38f93b43ed12af0b3ad25a288',
    'litecoin-regtest',
    'litecoin',
    1296688602,
    { slip44: 1, symbol: 'tLTC', decimals: 8 },
    true,
  ),
  evm(1, 'ethereum', 1438269973),
  evm(10, 'optimism', 1610639500),
  evm(56, 'bsc', 1587390414, { slip44: 714, symbol: 'BNB', decimals: 18 }),
  evm(61, 'ethereum-classic', 1438269973, { slip44: 61, symbol: 'ETC', decimals: 18 }),
  evm(137, 'polygon', 1590824836, { slip44: 966, symbol: 'POL', decimals: 18 }),
  evm(8453, 'base', 1686789347),
  evm(42161, 'arbitrum', 1622240000),
  evm(43114, 'avalanche', 1600858926, { slip44: 9005, symbol: 'AVAX', decimals: 18 }),
  evm(31337, 'drill-evm', 0, { slip44: 1, symbol: 'dETH', decimals: 18 }, true),
  {
    id: 'tron:0x2b6653dc',
    name: 'tron',
    model: 'account',
    addressFormat: 'tron',
    genesis: 1529891469,
    native: { slip44: 195, symbol: 'TRX', decimals: 6 },
    simulated: false,
  },
];

const BY_NAME = new Map<string, Chain>(
  CHAINS.flatMap((chain) => [
    [chain.id, chain],
    [chain.name, chain],
  ]),
);
const CAIP2 = /^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}$/;

/** A chain by CAIP-2 id or by name. An EVM chain that is not listed is taken with generic rules. Throws E_ASSET. */
export function requireChain(nameOrId: string): Chain {
  const known = BY_NAME.get(nameOrId.trim()) ?? BY_NAME.get(nameOrId.trim().toLowerCase());
  if (known !== undefined) return known;
  if (/^eip155:[1-9]\d{0,17}$/.test(nameOrId)) {
    return { ...evm(1, nameOrId, 1438269973), id: nameOrId };
  }
  throw new HaetaeError('E_ASSET', CAIP2.test(nameOrId) ? 'chain not known' : 'not a CAIP-2 chain id', {
    context: { chain: nameOrId.slice(0, 60) },
    remedy: `use a CAIP-2 id such as eip155:1, or one of ${CHAINS.map((chain) => chain.name).join(', ')}`,
  });
}
