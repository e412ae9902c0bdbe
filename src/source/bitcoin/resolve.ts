import type { UtxoInput, UtxoTransaction } from '../../model/transfer.ts';
import type { RawUtxoTransaction, UtxoBlock } from '../chain-source.ts';
import type { Named } from '../net/fault.ts';
import { ByteReader, Malformed } from './bytes.ts';
import { noPrevious } from './fault.ts';
import { displayHash, sha256d } from './hash.ts';
import type { KnownOutputs, Outputs } from './known.ts';
import { transactionLie } from './lie.ts';
import type { BitcoinNode, WantedTransaction } from './node.ts';
import type { ChainRules } from './rules.ts';
import { type ParsedTransaction, parseTransaction, withoutWitness } from './transaction.ts';

/** Previous transactions asked for at a time. */
const STEP = 500;

export interface Resolver {
  readonly node: BitcoinNode;
  readonly rules: ChainRules;
  readonly source: Named;
  readonly known: KnownOutputs;
  /** Reads a block again, for what it told was forgotten. */
  readonly readBlock: (number: bigint) => Promise<UtxoBlock>;
}

/** A transaction on its own, its id recomputed. Throws E_SOURCE_LIES (txid). */
export function decodeTransaction(bytes: Uint8Array, tx: string, rules: ChainRules, source: Named): ParsedTransaction {
  try {
    const reader = new ByteReader(bytes);
    const parsed = parseTransaction(reader, rules);
    if (reader.left > 0) throw new Malformed('bytes behind the transaction');
    if (displayHash(sha256d(withoutWitness(reader.bytes, parsed))) === tx) return parsed;
    throw transactionLie(source, tx, 'txid', 'a transaction does not have the id that it was asked for by');
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw transactionLie(source, tx, 'txid', `a transaction cannot be read: ${error.message}`);
  }
}

/** Inputs filled in from the outputs they spend: those in hand first, the rest asked of the endpoint. */
export async function resolveInputs(
  transactions: readonly RawUtxoTransaction[],
  resolver: Resolver,
): Promise<UtxoTransaction[]> {
  const given = new Map(transactions.map(({ tx, outputs }) => [tx, outputs]));
  const found = new Map<string, Outputs>();
  const missing = new Map<string, bigint>();
  for (const { inputs, block } of transactions) {
    for (const input of inputs) {
      if (input === null || found.has(input.tx)) continue;
      const outputs = given.get(input.tx) ?? resolver.known.outputs(input.tx);
      if (outputs === undefined) missing.set(input.tx, block);
      else found.set(input.tx, outputs);
    }
  }
  await fetchMissing(missing, found, resolver);
  return transactions.map((transaction) => filled(transaction, found, resolver.source));
}

/** `missing`: txid to the height of a block that spends it. */
async function fetchMissing(
  missing: ReadonlyMap<string, bigint>,
  found: Map<string, Outputs>,
  resolver: Resolver,
): Promise<void> {
  const wanted = [...missing.keys()];
  for (let at = 0; at < wanted.length; at += STEP) {
    const part = wanted.slice(at, at + STEP).map((tx) => ({ tx, block: null }));
    await fetchPart(part, found, resolver);
  }
  const left = wanted.filter((tx) => !found.has(tx));
  if (left.length === 0) return;
  await fetchPlaced(left, missing, found, resolver);
  const lost = left.find((tx) => !found.has(tx));
  if (lost !== undefined) throw noPrevious(resolver.source, lost);
}

async function fetchPart(
  part: readonly WantedTransaction[],
  found: Map<string, Outputs>,
  { node, rules, source, known }: Resolver,
): Promise<void> {
  const answers = await node.rawTransactions(part);
  part.forEach(({ tx }, i) => {
    const bytes = answers[i];
    if (bytes === null || bytes === undefined) return;
    const { outputs } = decodeTransaction(bytes, tx, rules, source);
    known.add(tx, outputs);
    found.set(tx, outputs);
  });
}

/** Without an index a node still gives a transaction whose block is named. */
async function fetchPlaced(
  left: readonly string[],
  missing: ReadonlyMap<string, bigint>,
  found: Map<string, Outputs>,
  resolver: Resolver,
): Promise<void> {
  const heights = await heightsOf(left, missing, resolver);
  const hashes = new Map<bigint, string>();
  for (const height of heights.values()) {
    if (!hashes.has(height)) hashes.set(height, await resolver.node.hashAt(height));
  }
  const wanted = [...heights].map(([tx, height]) => ({ tx, block: hashes.get(height) ?? null }));
  for (let at = 0; at < wanted.length; at += STEP) await fetchPart(wanted.slice(at, at + STEP), found, resolver);
  // REST has no way to name the block: the block itself then.
  for (const height of new Set([...heights].filter(([tx]) => !found.has(tx)).map(([, height]) => height))) {
    for (const { tx, outputs } of (await resolver.readBlock(height)).transactions) {
      if (missing.has(tx)) found.set(tx, outputs);
    }
  }
}

/** Heights of transactions by txid: from blocks read before, or from the undo data of the block that spends them. */
async function heightsOf(
  left: readonly string[],
  missing: ReadonlyMap<string, bigint>,
  { node, known }: Resolver,
): Promise<ReadonlyMap<string, bigint>> {
  const heights = new Map<string, bigint>();
  const told = new Map<bigint, ReadonlyMap<string, bigint> | null>();
  for (const tx of left) {
    const spentAt = missing.get(tx)!;
    let height = known.place(tx);
    if (height === undefined) {
      if (!told.has(spentAt)) told.set(spentAt, await node.previousBlocks(await node.hashAt(spentAt)));
      height = told.get(spentAt)?.get(tx);
    }
    if (height !== undefined) heights.set(tx, height);
  }
  return heights;
}

function filled(raw: RawUtxoTransaction, found: ReadonlyMap<string, Outputs>, source: Named): UtxoTransaction {
  const inputs = raw.inputs.map((outpoint): UtxoInput => {
    // A coinbase spends nothing: what it pays comes from outside.
    if (outpoint === null) return { outpoint: null, value: 0n, address: 'script:' };
    const output = found.get(outpoint.tx)?.[outpoint.index];
    if (output !== undefined) return { outpoint, ...output };
    throw transactionLie(source, raw.tx, 'previousOutput', 'a transaction spends an output that does not exist');
  });
  checkBalance(raw, inputs, source);
  const { chain, tx, time, block, txIndex, outputs } = raw;
  return { chain, tx, time, block, txIndex, inputs, outputs, source: { batch: 0, file: 0, row: txIndex } };
}

function checkBalance(raw: RawUtxoTransaction, inputs: readonly UtxoInput[], source: Named): void {
  if (inputs.some(({ outpoint }) => outpoint === null)) return;
  const spent = inputs.reduce((sum, { value }) => sum + value, 0n);
  const paid = raw.outputs.reduce((sum, { value }) => sum + value, 0n);
  if (paid <= spent) return;
  throw transactionLie(source, raw.tx, 'previousOutput', 'a transaction pays out more than it spends');
}
