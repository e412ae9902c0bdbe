import { joinBlooms, logsBloom } from './bloom.ts';
import { EMPTY_UNCLES, headerHash } from './header.ts';
import { parseRawBlock, parseRawHeader, parseReceipts, type RawBundle } from './raw.ts';
import { encodeReceipt } from './receipt.ts';
import { encodeTransaction, transactionHash } from './transaction.ts';
import { EMPTY_TRIE_ROOT, orderedTrieRoot } from './trie.ts';

/** Blocks made up for tests and benches, in the form of a node's answers, with every hash, root, bloom and sum as it must be. */

export type Ask = Readonly<Record<string, unknown>>;

export interface MadeLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

export interface MadeTransaction {
  /** Fields over the usual ones of a node's answer. */
  readonly tx?: Ask;
  readonly receipt?: Ask;
  readonly logs?: readonly MadeLog[];
}

export interface MadeBlock {
  readonly number?: bigint;
  readonly header?: Ask;
  readonly withdrawals?: readonly Ask[];
  readonly transactions: readonly MadeTransaction[];
}

export interface MadeAnswers {
  readonly block: Ask;
  readonly receipts: readonly Ask[];
}

const ZERO_HASH = `0x${'0'.repeat(64)}`;
export const MAKER = `0x${'c0'.repeat(20)}`;
export const BASE_FEE = 7_000_000_000n;
const GAS = 50_000;

export function address(number: number): string {
  return `0x${number.toString(16).padStart(40, 'a')}`;
}

export function word(value: bigint | number | string): string {
  const digits = typeof value === 'string' ? value.slice(2) : value.toString(16);
  return `0x${digits.padStart(64, '0')}`;
}

export function joined(...words: readonly string[]): string {
  return `0x${words.map((each) => each.slice(2)).join('')}`;
}

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** The answers of a node that has this block. Transactions are of EIP-1559, signed by nobody. */
export function makeAnswers({ number = 100n, header = {}, withdrawals, transactions }: MadeBlock): MadeAnswers {
  const place = { blockHash: ZERO_HASH, blockNumber: hex(number) };
  const unhashed = transactions.map(({ tx = {} }, index) => ({ ...usual(index), ...place, ...tx }));
  const shell = {
    ...headerAnswer(number, header),
    ...(withdrawals === undefined ? {} : { withdrawals, withdrawalsRoot: EMPTY_TRIE_ROOT }),
  };
  const raw = parseRawBlock({ ...shell, transactions: unhashed }, number);
  const txs = unhashed.map((tx, index) => {
    const given = transactions[index]!.tx?.hash;
    return { ...tx, hash: given ?? transactionHash(raw.transactions[index]!) };
  });
  let logIndex = 0;
  let total = 0n;
  const receipts = txs.map((tx, index) => {
    const { logs = [], receipt = {} } = transactions[index]!;
    const own = { transactionHash: tx.hash, transactionIndex: hex(index), ...place };
    const placed = logs.map((log) => ({ ...log, ...own, logIndex: hex(logIndex++), removed: false }));
    const made: Ask = { ...usualReceipt(tx), ...own, logs: placed, logsBloom: logsBloom(logs), ...receipt };
    total += BigInt(made.gasUsed as string);
    return { ...made, cumulativeGasUsed: hex(total) };
  });
  return sealed({ ...shell, transactions: txs }, receipts, number, total, header);
}

function sealed(
  block: Ask & { readonly transactions: readonly Ask[] },
  receipts: readonly Ask[],
  number: bigint,
  total: bigint,
  header: Ask,
): MadeAnswers {
  const raw = parseRawBlock(block, number);
  const outcomes = parseReceipts(receipts, raw);
  const known = new Set([0, 1, 2, 3, 4, 0x7e]);
  const plain = raw.transactions.every(({ type }) => known.has(type));
  const roots = {
    transactionsRoot: plain ? orderedTrieRoot(raw.transactions.map((tx) => encodeTransaction(tx))) : EMPTY_TRIE_ROOT,
    receiptsRoot: orderedTrieRoot(outcomes.map((receipt) => encodeReceipt(receipt))),
    logsBloom: joinBlooms(outcomes.map((receipt) => receipt.logsBloom)),
    gasUsed: hex(total),
  };
  const whole = { ...block, ...roots, ...header };
  const hash = headerHash(parseRawHeader(whole, number));
  const placed = (item: Ask): Ask => ({ ...item, blockHash: hash });
  return {
    block: { ...whole, hash, transactions: block.transactions.map(placed) },
    receipts: receipts.map((receipt) => ({ ...placed(receipt), logs: (receipt.logs as Ask[]).map(placed) })),
  };
}

export function makeBundle(made: MadeBlock): RawBundle {
  const { block, receipts } = makeAnswers(made);
  const raw = parseRawBlock(block, made.number ?? 100n);
  return { block: raw, receipts: parseReceipts(receipts, raw), traces: null };
}

function headerAnswer(number: bigint, header: Ask): Ask {
  return {
    number: hex(number),
    hash: ZERO_HASH,
    parentHash: ZERO_HASH,
    sha3Uncles: EMPTY_UNCLES,
    miner: MAKER,
    stateRoot: ZERO_HASH,
    transactionsRoot: EMPTY_TRIE_ROOT,
    receiptsRoot: EMPTY_TRIE_ROOT,
    logsBloom: logsBloom([]),
    difficulty: '0x0',
    gasLimit: hex(60_000_000),
    gasUsed: '0x0',
    timestamp: hex(1_700_000_000n + number * 12n),
    extraData: '0x',
    mixHash: ZERO_HASH,
    nonce: '0x0000000000000000',
    baseFeePerGas: hex(BASE_FEE),
    uncles: [],
    ...header,
  };
}

function usual(index: number): Ask {
  return {
    type: '0x2',
    hash: ZERO_HASH,
    transactionIndex: hex(index),
    from: address(1000 + index),
    to: address(2000 + index),
    nonce: hex(index),
    gas: hex(GAS),
    value: '0x0',
    input: '0x',
    gasPrice: hex(BASE_FEE + 1_000_000_000n),
    maxFeePerGas: hex(BASE_FEE * 2n),
    maxPriorityFeePerGas: hex(1_000_000_000),
    chainId: '0x1',
    accessList: [],
    v: '0x0',
    r: '0x1',
    s: '0x1',
    yParity: '0x0',
  };
}

function usualReceipt(tx: Ask): Ask {
  const { type, from, to, gasPrice } = tx;
  return { type, from, to, status: '0x1', gasUsed: hex(GAS), effectiveGasPrice: gasPrice, contractAddress: null };
}
