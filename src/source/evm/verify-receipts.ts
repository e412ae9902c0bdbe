import type { ChainId } from '../../model/chain.ts';
import { createdAddress } from '../file/created.ts';
import { logsBloom } from './bloom.ts';
import { DEPOSIT_TYPE, type RawBlock, type RawBundle, type RawTransaction } from './raw.ts';
import { bigOf, numberOf } from './raw-field.ts';
import type { RawLog, RawReceipt } from './raw-receipt.ts';
import { type ChainShape, chainShape, hasEthereumBlobs, isForeign, isUnsignedSystem } from './verify-chains.ts';
import { lie } from './verify-lie.ts';
import { baseFeeOf, GAS_PER_BLOB, isBlobPrice, priceOf } from './verify-price.ts';
import { committedReceipts, receiptsRootOf, rootsChecked } from './verify-roots.ts';

/** Receipts beyond this are not tried one by one to find which of them does not fit the root. */
const MAX_TRIED = 500;

/**
 * Each receipt against its transaction, the gas sums, the blooms, and the root over all of them; the particular before the
 * general, so that the field named is the one that is wrong. Throws E_SOURCE_LIES.
 */
export function verifyReceipts(raw: RawBundle, chain: ChainId): void {
  const { block, receipts } = raw;
  const shape = chainShape(chain);
  const accuse = rootsChecked(block, shape) ? lazyRoot(raw, shape) : null;
  let logs = 0;
  for (const [index, receipt] of receipts.entries()) {
    const tx = block.transactions[index]!;
    checkPlace(block, tx, receipt, index);
    logs = checkLogs(block, receipt, logs, isUnsignedSystem(tx, shape));
    if (isForeign(tx, shape)) continue;
    checkParties(block, tx, receipt);
    checkPrices(block, tx, receipt, shape, chain);
  }
  checkGas(raw, shape, accuse);
  for (const receipt of receipts) checkBloom(raw, receipt, accuse);
  if (accuse !== null && !accuse.fits()) throw namedByTrial(raw, shape);
}

interface Root {
  /** Whether the receipts as given make the block's root; worked out once. */
  fits(): boolean;
  /** Whether they would with one of them changed. */
  fitsWith(receipt: RawReceipt, change: Partial<RawReceipt>): boolean;
}

function lazyRoot(raw: RawBundle, shape: ChainShape): Root {
  const listed = committedReceipts(raw, shape);
  let known: boolean | null = null;
  return {
    fits() {
      known ??= receiptsRootOf(listed) === raw.block.receiptsRoot;
      return known;
    },
    fitsWith(receipt, change) {
      const changed = listed.map((each) => (each === receipt ? { ...each, ...change } : each));
      return receiptsRootOf(changed) === raw.block.receiptsRoot;
    },
  };
}

function checkPlace(block: RawBlock, tx: RawTransaction, receipt: RawReceipt, index: number): void {
  const wrong = (field: string) => lie(block, field, 'a receipt is not that of its transaction', tx.hash);
  if (receipt.transactionHash !== tx.hash) throw wrong('transactionHash');
  if (receipt.transactionIndex !== index) throw wrong('transactionIndex');
  if (receipt.blockHash !== block.hash) throw wrong('blockHash');
  if (BigInt(receipt.blockNumber) !== block.number) throw wrong('blockNumber');
  if (receipt.blockTimestamp !== null && receipt.blockTimestamp !== block.timestamp) throw wrong('blockTimestamp');
}

function checkParties(block: RawBlock, tx: RawTransaction, receipt: RawReceipt): void {
  const wrong = (field: string) => lie(block, field, 'a receipt does not agree with its transaction', tx.hash);
  if (receipt.type !== tx.type) throw wrong('type');
  if (receipt.from !== tx.from) throw wrong('from');
  if (receipt.to !== tx.to) throw wrong('to');
  if (receipt.depositNonce !== null && receipt.depositNonce !== tx.nonce) throw wrong('depositNonce');
  if (receipt.contractAddress === null) {
    // A creation that failed leaves no contract: some nodes then name none.
    if (tx.to === null && receipt.status !== 0) throw wrong('contractAddress');
  } else if (tx.to !== null || createdAddress(tx.from, numberOf(tx.nonce)) !== receipt.contractAddress)
    throw wrong('contractAddress');
}

function checkPrices(
  block: RawBlock,
  tx: RawTransaction,
  receipt: RawReceipt,
  shape: ChainShape,
  chain: ChainId,
): void {
  const wrong = (field: string) =>
    lie(block, field, 'a receipt’s price does not follow from bid and base fee', tx.hash);
  const price = shape.price && tx.type !== DEPOSIT_TYPE ? priceOf(tx, baseFeeOf(block)) : null;
  if (price !== null && receipt.effectiveGasPrice !== null && bigOf(receipt.effectiveGasPrice) !== price)
    throw wrong('effectiveGasPrice');
  if (!hasEthereumBlobs(chain)) return;
  const blobGas = BigInt(tx.blobVersionedHashes.length) * GAS_PER_BLOB;
  if (receipt.blobGasUsed !== null && bigOf(receipt.blobGasUsed) !== blobGas) throw wrong('blobGasUsed');
  const priced = blobGas > 0n || block.excessBlobGas !== null;
  if (receipt.blobGasPrice !== null && priced && !isBlobPrice(receipt.blobGasPrice, block)) throw wrong('blobGasPrice');
}

function checkLogs(block: RawBlock, receipt: RawReceipt, before: number, loose: boolean): number {
  for (const [position, log] of receipt.logs.entries()) {
    const field = logFault(block, receipt, log, before + position, loose);
    if (field === null) continue;
    const path = `logs.${position}.${field}`;
    throw lie(block, path, 'a log names another place than the one it stands in', receipt.transactionHash);
  }
  return before + receipt.logs.length;
}

function logFault(block: RawBlock, receipt: RawReceipt, log: RawLog, index: number, loose: boolean): string | null {
  if (log.transactionHash !== receipt.transactionHash) return 'transactionHash';
  if (log.transactionIndex !== receipt.transactionIndex) return 'transactionIndex';
  if (log.blockHash !== block.hash) return 'blockHash';
  if (BigInt(log.blockNumber) !== block.number) return 'blockNumber';
  if (log.blockTimestamp !== null && log.blockTimestamp !== block.timestamp) return 'blockTimestamp';
  if (log.logIndex !== index && !loose) return 'logIndex';
  return log.removed ? 'removed' : null;
}

/** The gas of each is the growth of the sum; the last sum is the header's. Blob gas the same. */
function checkGas(raw: RawBundle, shape: ChainShape, root: Root | null): void {
  if (!shape.roots) return;
  const { block } = raw;
  let sum = 0n;
  for (const receipt of committedReceipts(raw, shape)) {
    const total = bigOf(receipt.cumulativeGasUsed);
    if (total - sum !== bigOf(receipt.gasUsed)) {
      const field = root === null || root.fits() ? 'gasUsed' : 'cumulativeGasUsed';
      throw lie(block, field, 'a receipt’s gas is not the growth of the block’s gas', receipt.transactionHash);
    }
    sum = total;
  }
  if (sum !== bigOf(block.gasUsed))
    throw lie(block, 'cumulativeGasUsed', 'the gas of the receipts is not the block’s gas');
}

function checkBloom({ block }: RawBundle, receipt: RawReceipt, root: Root | null): void {
  const bloom = logsBloom(receipt.logs);
  if (bloom === receipt.logsBloom) return;
  const fits = root?.fitsWith(receipt, { logsBloom: bloom }) ?? false;
  const field = fits ? 'logsBloom' : strangeLog(receipt);
  throw lie(block, field, 'a receipt’s logs bloom is not that of its logs', receipt.transactionHash);
}

/** The first part of a log that the receipt's bloom does not hold; `logsBloom` where it holds them all. */
function strangeLog({ logs, logsBloom: given }: RawReceipt): string {
  for (const [position, { address, topics }] of logs.entries()) {
    if (!holds(given, logsBloom([{ address, topics: [] }]))) return `logs.${position}.address`;
    const strange = topics.findIndex((topic) => !holds(given, logsBloom([{ address, topics: [topic] }])));
    if (strange >= 0) return `logs.${position}.topics.${strange}`;
  }
  return 'logsBloom';
}

function holds(bloom: string, part: string): boolean {
  const wanted = BigInt(part);
  return (BigInt(bloom) & wanted) === wanted;
}

/** Where the root does not fit and nothing else is wrong: the status of one, or a log's data, or a receipt left out. */
function namedByTrial(raw: RawBundle, shape: ChainShape): Error {
  const { block } = raw;
  const root = lazyRoot(raw, shape);
  const listed = committedReceipts(raw, shape);
  if (listed.length <= MAX_TRIED) {
    const flipped = listed.find(
      (receipt) => receipt.status !== null && root.fitsWith(receipt, { status: 1 - receipt.status }),
    );
    if (flipped !== undefined)
      return lie(block, 'status', 'the receipts’ root does not fit this outcome', flipped.transactionHash);
  }
  const withLogs = listed.filter((receipt) => receipt.logs.length > 0);
  const field = 'receiptsRoot';
  const only = withLogs.length === 1 ? withLogs[0]!.transactionHash : undefined;
  return lie(block, field, 'the receipts listed do not fit their root: outcome, gas or logs of one are not true', only);
}
