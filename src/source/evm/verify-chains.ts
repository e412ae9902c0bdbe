import type { ChainId } from '../../model/chain.ts';
import { DEPOSIT_TYPE, type RawBlock, type RawTransaction } from './raw.ts';

/**
 * How far a chain's blocks are Ethereum's. A chain that is not listed is taken to be: its header hash, its roots, its fees.
 * What is skipped is named in `unchecked` of every block.
 */
export interface ChainShape {
  /** The block hash is keccak-256 of the RLP of an Ethereum header. */
  readonly header: boolean;
  /** transactionsRoot, receiptsRoot and gas sums are over exactly what the node lists. */
  readonly roots: boolean;
  /** The price paid follows from base fee and bid as EIP-1559 says. */
  readonly price: boolean;
  /** Who gets the fees: `maker`: the tip goes to the block's maker, the base fee to nobody. `all`: both go to the maker. */
  readonly income: 'maker' | 'all' | 'unseen';
  /** Types of transactions of this chain's own, whose serialisation is not known here: neither hash nor signature is checked. */
  readonly foreignTypes: readonly number[];
}

const ETHEREUM: ChainShape = { header: true, roots: true, price: true, income: 'maker', foreignTypes: [] };
const OWN_HASH: ChainShape = { ...ETHEREUM, header: false, roots: false, price: false, income: 'unseen' };
const ARBITRUM: ChainShape = {
  ...ETHEREUM,
  price: false,
  income: 'unseen',
  // https://github.com/OffchainLabs/go-ethereum/blob/master/core/types/transaction.go: ArbitrumDepositTxType and those after it.
  foreignTypes: [0x64, 0x65, 0x66, 0x68, 0x69, 0x6a, 0x78],
};
const CELO: ChainShape = { ...ETHEREUM, price: false, income: 'unseen', foreignTypes: [0x7b, 0x7c] };
/** Base fee and tip go to accounts of the chain's own. */
const OTHER_INCOME: ChainShape = { ...ETHEREUM, income: 'unseen' };
/** Bor adds a transaction of its own (state sync) to what the node lists, outside the roots; the base fee goes to a contract. */
const POLYGON: ChainShape = { ...ETHEREUM, income: 'unseen', foreignTypes: [0x7f] };
/** Coreth's header has fields of its own (extDataHash, extDataGasUsed, blockGasCost); all fees go to the block's "coinbase". */
const AVALANCHE: ChainShape = { ...ETHEREUM, header: false, income: 'all' };

const SHAPES = new Map<ChainId, ChainShape>([
  ['eip155:43114', AVALANCHE],
  ['eip155:43113', AVALANCHE],
  ['eip155:42161', ARBITRUM],
  ['eip155:42170', ARBITRUM],
  ['eip155:421614', ARBITRUM],
  ['eip155:137', POLYGON],
  ['eip155:80002', POLYGON],
  ['eip155:42220', CELO],
  ['eip155:56', OTHER_INCOME],
  ['eip155:97', OTHER_INCOME],
  ['eip155:100', OTHER_INCOME],
  ['eip155:10200', OTHER_INCOME],
  // zkSync Era: the hash is the rollup's own.
  ['eip155:324', { ...OWN_HASH, foreignTypes: [0x71, 0xff] }],
  ['eip155:300', { ...OWN_HASH, foreignTypes: [0x71, 0xff] }],
  // Fantom and Sonic: the hash is that of a Lachesis event.
  ['eip155:250', OWN_HASH],
  ['eip155:146', OWN_HASH],
  // Cronos, Evmos, Kava: the hash is CometBFT's.
  ['eip155:25', OWN_HASH],
  ['eip155:9001', OWN_HASH],
  ['eip155:2222', OWN_HASH],
  // Filecoin: the hash is that of a tipset key. Kaia: a header of its own.
  ['eip155:314', OWN_HASH],
  ['eip155:8217', OWN_HASH],
]);

export function chainShape(chain: ChainId): ChainShape {
  return SHAPES.get(chain) ?? ETHEREUM;
}

/** Chains whose price of blob gas follows the schedules of Ethereum (EIP-4844, EIP-7691, EIP-7892), and test nodes. */
const BLOB_CHAINS: ReadonlySet<ChainId> = new Set(
  [1, 11155111, 17000, 560048, 1337, 31337].map((id) => `eip155:${id}`),
);

export function hasEthereumBlobs(chain: ChainId): boolean {
  return BLOB_CHAINS.has(chain);
}

/** Bor lists state sync as a transaction without sender, receiver, gas or signature; newer versions give it a type. */
export function isUnsignedSystem(transaction: RawTransaction, shape: ChainShape): boolean {
  if (shape !== POLYGON) return false;
  return transaction.type === 0x7f || (isZero(transaction.from) && transaction.gas === '0x0');
}

function isZero(address: string): boolean {
  return /^0x0+$/.test(address);
}

export function isForeign(transaction: RawTransaction, shape: ChainShape): boolean {
  return shape.foreignTypes.includes(transaction.type) || isUnsignedSystem(transaction, shape);
}

/** The first transaction of every block of an OP-stack chain is a deposit. */
export function isOpStack(block: RawBlock): boolean {
  return block.transactions[0]?.type === DEPOSIT_TYPE;
}
