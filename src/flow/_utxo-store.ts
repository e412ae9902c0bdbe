import { createHash } from 'node:crypto';
import type { UtxoTransaction } from '../model/transfer.ts';
import type { NumberedStore, NumberedUtxoChunk, StoreContents, TimeWindow } from '../store/numbered.ts';
import { hashOf } from './_utxo-fixture.ts';

type Rows = Pick<NumberedStore, 'addressTexts' | 'numberedUtxo' | 'contents'>;

/** Transactions that come and go, as a store gives them to an index: `source.batch` 0 was fetched, others are imports. */
export class PlainRows implements Rows {
  transactions: readonly UtxoTransaction[] = [];
  readonly #ids = new Map<string, number>();

  addressTexts(_chain: string, from: number): AsyncIterable<readonly string[]> {
    return chunks([[...this.#ids.keys()].slice(from)]);
  }

  /** Gives ids to what has none. */
  assign(): void {
    for (const tx of this.transactions)
      for (const { address } of [...tx.inputs, ...tx.outputs])
        if (!this.#ids.has(address)) this.#ids.set(address, this.#ids.size);
  }

  numberedUtxo({ from, to }: { readonly from: number; readonly to: number | null }): AsyncIterable<NumberedUtxoChunk> {
    const ordered = inStoreOrder(this.transactions).filter(({ time }) => time >= from && (to === null || time <= to));
    return chunks(chunksOf(ordered, (address) => this.#ids.get(address)!, 3));
  }

  async contents(_chain: string, windows: readonly TimeWindow[]): Promise<StoreContents> {
    const batches = [...new Set(this.transactions.map(({ source }) => source.batch))]
      .filter((batch) => batch > 0)
      .sort();
    const fetched = this.transactions.filter(({ source }) => source.batch === 0);
    return {
      imports: batches.map((batch) => {
        const times = this.transactions.filter(({ source }) => source.batch === batch).map(({ time }) => time);
        const window = { from: Math.min(...times), to: Math.max(...times) };
        return { batch, contentId: `import ${batch}`, rows: times.length, window };
      }),
      fetched: windows.map(({ from, to }) => {
        const inside = fetched.filter(({ time }) => time >= from && time <= to);
        return { rows: inside.length, digest: digestOf(inside) };
      }),
      fetchedRows: fetched.length,
      openings: '',
    };
  }
}

async function* chunks<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values;
}

function digestOf(transactions: readonly UtxoTransaction[]): string {
  const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
  const lines = transactions.map((tx) => JSON.stringify(tx, plain)).sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

/** As numberedUtxo orders transactions. */
export function inStoreOrder(transactions: readonly UtxoTransaction[]): UtxoTransaction[] {
  const byBlock = transactions.every(({ block }) => block !== null);
  return [...transactions].sort((a, b) => (byBlock ? 0 : a.time - b.time) || compare(a, b));
}

function compare(a: UtxoTransaction, b: UtxoTransaction): number {
  const block = (tx: UtxoTransaction): number => Number(tx.block ?? 2n ** 40n);
  return block(a) - block(b) || a.txIndex - b.txIndex || (a.tx < b.tx ? -1 : a.tx > b.tx ? 1 : 0);
}

/** Rows of transactions that are in order, so many a chunk. */
export function* chunksOf(
  ordered: readonly UtxoTransaction[],
  idOf: (address: string) => number,
  size: number,
): Generator<NumberedUtxoChunk> {
  const print = (name: string): bigint => hashOf(name).readBigUInt64LE() | 1n;
  const rows = ordered.flatMap((tx) => {
    const ends = [
      ...tx.inputs.flatMap(({ outpoint, ...end }) =>
        outpoint === null ? [] : [{ spends: 1, name: `${outpoint.tx}:${outpoint.index}`, ...end }],
      ),
      ...tx.outputs.map((end, index) => ({ spends: 0, name: `${tx.tx}:${index}`, ...end })),
    ];
    return ends.map((end, turn) => ({ ...end, tx, begins: turn === 0 ? 1 : 0 }));
  });
  for (let start = 0; start < rows.length; start += size) {
    const part = rows.slice(start, start + size);
    yield {
      count: part.length,
      begins: Uint8Array.from(part, (row) => row.begins),
      spends: Uint8Array.from(part, (row) => row.spends),
      owner: Uint32Array.from(part, (row) => idOf(row.address)),
      value: BigUint64Array.from(part, (row) => row.value),
      outpoint: BigUint64Array.from(part, (row) => print(row.name)),
      time: Float64Array.from(part, (row) => row.tx.time),
      block: Float64Array.from(part, (row) => Number(row.tx.block ?? -1)),
      tx: BigUint64Array.from(part, (row) => print(row.tx.tx)),
    };
  }
}
