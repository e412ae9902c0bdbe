import type { Progress } from '../../base/progress.ts';
import { type Asset, nativeAsset } from '../../model/asset.ts';
import { type Chain, requireChain } from '../../model/chain.ts';
import type { UtxoInput, UtxoTransaction } from '../../model/transfer.ts';
import { type FeedChunk, type ImportCounts, ORPHANED_BLOCK, type TransferFeed } from '../../store/port.ts';
import type { BlockFile } from '../bitcoin/block-files/block-file.ts';
import type { BlockSet, ChainBlock } from '../bitcoin/block-files/block-set.ts';
import { openBlockSet } from '../bitcoin/block-files/open-set.ts';
import type { KnownTransactions, Spent } from '../bitcoin/block-files/scratch.ts';
import { SpentOutputs } from '../bitcoin/block-files/spent-outputs.ts';
import { rulesOf } from '../bitcoin/rules.ts';
import type { RawUtxoTransaction } from '../chain-source.ts';
import { checkSums } from './dumplings.ts';
import { type FeedSource, nothingKept } from './feed.ts';
import type { Refusal } from './judge.ts';

const CHUNK_TRANSACTIONS = 500;
const NO_PREVIOUS = 'no-previous-output';
const UNCONNECTED = 'unconnected-block';
const BESIDE = 'their neighbours are not in these files: name the files before and behind too, in one command';
const LACKING =
  'neither in these files nor in the store: to fill them in, name the files of earlier blocks and these in one command';

export interface BlockFeedOptions {
  readonly files: readonly BlockFile[];
  /** Height of the lowest block, where the blocks do not tell it. */
  readonly firstHeight?: number | undefined;
  /** Outputs of transactions that the store has; null where there is none to ask. */
  readonly known: KnownTransactions | null;
  /** Outputs kept in memory; the rest is on disk. No result depends on it. */
  readonly recentOutputs?: number | undefined;
}

/**
 * Transactions of the chain of most work in a set of raw blocks. A first pass checks each block and gives the transactions whose inputs
 * spend outputs made shortly before; what the others spend is looked up, and their blocks are read once more.
 */
export class BlockFeed implements TransferFeed {
  private readonly source: FeedSource;
  private readonly options: BlockFeedOptions;
  private readonly progress: Progress;
  private readonly chain: Chain;
  private readonly notesMade = new Set<string>();
  private rowsRead = 0;
  private duplicates = 0;
  private zeroValue = 0;

  constructor(source: FeedSource, options: BlockFeedOptions, progress: Progress) {
    this.source = source;
    this.options = options;
    this.progress = progress;
    this.chain = requireChain(source.plan.chain);
  }

  /** What the user should know of the import beside its counts; valid after it. */
  notes(): readonly string[] {
    const totals = this.source.refused.totals();
    const without = totals[NO_PREVIOUS] ?? 0;
    const apart = totals[UNCONNECTED] ?? 0;
    return [
      ...this.notesMade,
      ...(apart === 0 ? [] : [`${apart} blocks were left out: ${BESIDE}`]),
      ...(without === 0 ? [] : [`${without} transactions spend outputs of blocks that are ${LACKING}`]),
    ];
  }

  async *rows(): AsyncIterable<FeedChunk> {
    const { files, firstHeight, recentOutputs, known } = this.options;
    const set = await openBlockSet(files, rulesOf(this.chain), { firstHeight, progress: this.progress });
    const spent = new SpentOutputs(recentOutputs === undefined ? {} : { recent: recentOutputs });
    try {
      this.countAside(set);
      yield* this.readAll(set, spent);
      yield* this.lookUp(set, spent, known);
    } finally {
      spent.close();
      await set.close();
    }
    this.source.refused.flush();
  }

  private countAside({ chosen }: BlockSet): void {
    this.duplicates += chosen.repeated;
    for (const { why, hash, height, file, turn } of chosen.aside) {
      const reason = why === 'orphaned' ? ORPHANED_BLOCK : UNCONNECTED;
      const name = this.source.files[file]!.path;
      this.source.refused.add({ file: name, row: turn, line: 0, reason, field: 'block', value: `${height} ${hash}` });
    }
  }

  private async *readAll(set: BlockSet, spent: SpentOutputs): AsyncIterable<FeedChunk> {
    let utxo: UtxoTransaction[] = [];
    for (let at = 0; at < set.size; at++) {
      const block = await set.block(at);
      for (const note of block.block.unchecked) this.addNote(note);
      const { transactions } = block.block;
      const found = await spent.take(at, transactions);
      this.rowsRead += transactions.length;
      transactions.forEach((raw, index) => {
        const outputs = found[index]!;
        if (outputs !== null) utxo.push(...this.judged(raw, outputs, block));
      });
      this.progress.report('read blocks', at + 1, set.size);
      if (utxo.length < CHUNK_TRANSACTIONS) continue;
      yield { transfers: [], utxo, blocks: [] };
      utxo = [];
    }
    yield { transfers: [], utxo, blocks: [] };
  }

  /** A height that follows from other blocks needs no name in its own. */
  private addNote(unchecked: string): void {
    if (unchecked.startsWith('the height') && this.options.firstHeight === undefined) return;
    this.notesMade.add(`not checked: ${unchecked}`);
  }

  private async *lookUp(set: BlockSet, spent: SpentOutputs, known: KnownTransactions | null): AsyncIterable<FeedChunk> {
    let utxo: UtxoTransaction[] = [];
    let at = -1;
    let block: ChainBlock | null = null;
    for await (const { block: wanted, txIndex, spent: outputs } of spent.lookedUp(known)) {
      if (block === null || at !== wanted) {
        at = wanted;
        block = await set.block(at);
        this.progress.report('read blocks again', at + 1, set.size);
      }
      utxo.push(...this.judged(block.block.transactions[txIndex]!, outputs, block));
      if (utxo.length < CHUNK_TRANSACTIONS) continue;
      yield { transfers: [], utxo, blocks: [] };
      utxo = [];
    }
    yield { transfers: [], utxo, blocks: [] };
  }

  /** The transaction, or nothing where it is refused. */
  private judged(raw: RawUtxoTransaction, spent: Spent, { file, turn }: ChainBlock): UtxoTransaction[] {
    const tx = this.filled(raw, spent, { batch: 0, file, row: turn });
    const refusal = 'reason' in tx ? tx : (this.timeFault(tx) ?? checkSums(tx));
    if (refusal === null && !('reason' in tx)) {
      if (tx.outputs.every((output) => output.value === 0n)) this.zeroValue += 1;
      return [tx];
    }
    const name = this.source.files[file]!.path;
    this.source.refused.add({ file: name, row: turn, line: raw.txIndex + 1, ...refusal! });
    return [];
  }

  private filled(raw: RawUtxoTransaction, spent: Spent, source: UtxoTransaction['source']): UtxoTransaction | Refusal {
    const inputs: UtxoInput[] = [];
    for (const [position, outpoint] of raw.inputs.entries()) {
      const output = spent[position]!;
      // A coinbase spends nothing: what it pays comes from outside.
      if (outpoint === null) inputs.push({ outpoint: null, value: 0n, address: 'script:' });
      else if (output !== null) inputs.push({ outpoint, ...output });
      else
        return {
          reason: NO_PREVIOUS,
          field: 'inputs',
          value: `${raw.tx} spends ${outpoint.tx}:${outpoint.index}`,
        };
    }
    const { chain, tx, time, block, txIndex, outputs } = raw;
    return { chain, tx, time, block, txIndex, inputs, outputs, source };
  }

  private timeFault({ time }: UtxoTransaction): Refusal | null {
    if (time >= this.chain.genesis && time <= this.source.latest) return null;
    const reason = time < this.chain.genesis ? 'before-genesis' : 'in-the-future';
    return { reason, field: 'time', value: String(time) };
  }

  async finish(kept: number): Promise<Omit<ImportCounts, 'rowsKept' | 'alreadyStored'>> {
    const { rowsRead, duplicates, zeroValue } = this;
    const counts = { rowsRead, duplicates, zeroValue, rounded: 0, refused: this.source.refused.totals() };
    if (kept === 0) throw nothingKept(this.source, counts);
    return counts;
  }

  assets(): readonly Asset[] {
    return [nativeAsset(this.chain.id)];
  }
}
