import { createHash } from 'node:crypto';
import type { Progress } from '../../base/progress.ts';
import { type Asset, nativeAsset } from '../../model/asset.ts';
import { type Chain, requireChain } from '../../model/chain.ts';
import type { UtxoTransaction } from '../../model/transfer.ts';
import type { FeedChunk, ImportCounts, TransferFeed } from '../../store/port.ts';
import type { FileDigest } from './digest.ts';
import { parseDumpling } from './dumplings.ts';
import { type FeedSource, nothingKept } from './feed.ts';
import type { Refusal } from './judge.ts';
import { readLines } from './lines.ts';
import { nestedRows, parseNested } from './nested.ts';
import { openTable } from './table.ts';

const CHUNK_TRANSACTIONS = 500;
/** Transactions held back at most while their index is not known. */
const MAX_HELD = 20_000;

/** A row judged, with where it stands. */
interface Read {
  readonly name: string;
  readonly row: number;
  readonly line: number;
  readonly result: UtxoTransaction | Refusal;
}

/**
 * Full UTXO transactions, row by row. A transaction that comes again with the same content is a duplicate and never goes out
 * twice (the rule `keep` cannot mean more for them: one transaction exists once); with other content it goes out, and the
 * store refuses the import.
 */
export class UtxoFeed implements TransferFeed {
  private readonly source: FeedSource;
  private readonly progress: Progress;
  private readonly chain: Chain;
  private readonly seen = new Map<string, { readonly print: string; readonly index: number | null }>();
  /** Transactions whose index is not known yet: a later row of the import may name it. */
  private readonly held = new Map<string, UtxoTransaction>();
  private rowsRead = 0;
  private duplicates = 0;
  private zeroValue = 0;

  constructor(source: FeedSource, progress: Progress) {
    this.source = source;
    this.progress = progress;
    this.chain = requireChain(source.plan.chain);
  }

  async *rows(): AsyncIterable<FeedChunk> {
    let utxo: UtxoTransaction[] = [];
    for (const [file, digest] of this.source.files.entries()) {
      for await (const { name, row, line, result } of this.read(digest, file)) {
        this.rowsRead += 1;
        if ('reason' in result) this.source.refused.add({ file: name, row, line, ...result });
        else utxo.push(...this.passed(result));
        if (utxo.length < CHUNK_TRANSACTIONS) continue;
        yield { transfers: [], utxo, blocks: [] };
        utxo = [];
        this.progress.report(`read ${digest.name}`, this.rowsRead, 0);
      }
    }
    this.source.refused.flush();
    yield { transfers: [], utxo: [...utxo, ...this.held.values()], blocks: [] };
  }

  private read(digest: FileDigest, file: number): AsyncIterable<Read> {
    return this.source.plan.shape === 'utxo-text' ? this.readText(digest, file) : this.readNested(digest, file);
  }

  /** Row numbers run on through the members of a .zip; lines are those of the member. */
  private async *readText(digest: FileDigest, file: number): AsyncIterable<Read> {
    let row = 0;
    for await (const { name, text, line } of readLines(digest)) {
      row += 1;
      yield { name, row, line, result: parseDumpling(text, this.chain, this.source.latest, { batch: 0, file, row }) };
    }
  }

  private async *readNested(digest: FileDigest, file: number): AsyncIterable<Read> {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: '400MB',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    try {
      const table = await openTable(connection, digest);
      let row = 0;
      for await (const rows of nestedRows(connection, table, this.source.plan, this.source.latest)) {
        for (const entry of rows) {
          row += 1;
          const result = parseNested(entry, this.chain, this.source.latest, { batch: 0, file, row });
          yield { name: digest.path, row, line: row, result };
        }
      }
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  }

  /** What goes out now that this one was read: itself, nothing (a repeat, or held back), or one held for too long. */
  private passed(tx: UtxoTransaction): readonly UtxoTransaction[] {
    const print = contentPrint(tx);
    const index = knownIndex(tx);
    const before = this.seen.get(tx.tx);
    if (before?.print === print && (index === null || before.index === null || before.index === index)) {
      this.duplicates += 1;
      if (before.index !== null || index === null || !this.held.has(tx.tx)) return [];
      this.held.delete(tx.tx);
      this.seen.set(tx.tx, { print, index });
      return [tx];
    }
    this.seen.set(tx.tx, { print, index });
    if (tx.outputs.every((output) => output.value === 0n)) this.zeroValue += 1;
    if (index !== null) return [tx];
    this.held.set(tx.tx, tx);
    if (this.held.size <= MAX_HELD) return [];
    const [oldest] = this.held.values();
    if (oldest === undefined) return [];
    this.held.delete(oldest.tx);
    return [oldest];
  }

  async finish(kept: number): Promise<Omit<ImportCounts, 'rowsKept' | 'alreadyStored'>> {
    const { rowsRead, duplicates, zeroValue } = this;
    const counts = { rowsRead, duplicates, zeroValue, rounded: 0, refused: this.source.refused.totals() };
    this.seen.clear();
    this.held.clear();
    if (kept === 0) throw nothingKept(this.source, counts);
    return counts;
  }

  assets(): readonly Asset[] {
    return [nativeAsset(this.chain.id)];
  }
}

/** Index 0 is the coinbase's; scanners write it where they do not know the index. */
function knownIndex({ txIndex, inputs }: UtxoTransaction): number | null {
  const coinbase = inputs.every((input) => input.outpoint === null);
  return txIndex === 0 && !coinbase ? null : txIndex;
}

function contentPrint({ time, block, inputs, outputs }: UtxoTransaction): string {
  const ends = [
    ...inputs.map(({ outpoint, value, address }) => `${outpoint?.tx}:${outpoint?.index}:${value}:${address}`),
    ...outputs.map(({ value, address }) => `${value}:${address}`),
  ];
  return createHash('sha256')
    .update(`${time} ${block} ${inputs.length}\n${ends.join('\n')}`)
    .digest('base64')
    .slice(0, 22);
}
