import type { Transfer, UtxoTransaction } from '../../model/transfer.ts';

/** (time, chain, block, txIndex, leg), then where the row came from; a row without a block comes after those with one. */
export function compareTransfers(a: Transfer, b: Transfer): number {
  return compareStart(a, b) || a.leg - b.leg || compareSource(a, b);
}

/** (time, chain, block, txIndex, tx). */
export function compareUtxo(a: UtxoTransaction, b: UtxoTransaction): number {
  return compareStart(a, b) || compareText(a.tx, b.tx) || compareSource(a, b);
}

type Placed = Pick<Transfer, 'time' | 'chain' | 'block' | 'txIndex' | 'source'>;

function compareStart(a: Placed, b: Placed): number {
  return a.time - b.time || compareText(a.chain, b.chain) || compareBlock(a.block, b.block) || a.txIndex - b.txIndex;
}

function compareSource(a: Placed, b: Placed): number {
  return a.source.batch - b.source.batch || a.source.file - b.source.file || a.source.row - b.source.row;
}

export function compareBlock(a: bigint | null, b: bigint | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -1 : 1;
}

/** By bytes of UTF-8, as the other store sorts. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
