import { assert } from '../../base/assert.ts';
import { HaetaeError } from '../../base/errors.ts';
import { formatTime } from '../../base/time.ts';
import type { OrderRule, Transfer, UtxoTransaction } from '../../model/transfer.ts';
import { type Batch, type NewBatch, ORDER_REMEDY } from '../port.ts';

/** What decides which of a batch's rows are new, against those already held. Same rules as the DuckDB store's overlap.ts. */
export interface Held {
  readonly transfers: readonly Transfer[];
  readonly utxo: readonly UtxoTransaction[];
  readonly batches: readonly Batch[];
}

/** The rows that no earlier batch holds. Throws E_TRANSFER_CONFLICT. */
export function newTransfers(held: Held, batch: NewBatch, rows: readonly Transfer[]): Transfer[] {
  const rules = new Map(held.batches.map((item) => [item.id, item.orderRule]));
  const byKey = new Map<string, Transfer>();
  const byContent = new Map<string, number>();
  for (const row of held.transfers) {
    if (row.tx === null) continue;
    if (comparesByKey(rules.get(row.source.batch)!, batch.orderRule)) byKey.set(legKey(row), row);
    else byContent.set(contentKey(row), (byContent.get(contentKey(row)) ?? 0) + 1);
  }
  return rows.filter((row) => {
    assert(row.chain === batch.chain, 'every row of a batch is of its chain');
    if (row.tx === null) return true;
    const known = byKey.get(legKey(row));
    if (known !== undefined) {
      if (!sameTransfer(known, row)) throw transferConflict(held, batch, row, known);
      return false;
    }
    const copies = byContent.get(contentKey(row)) ?? 0;
    byContent.set(contentKey(row), copies - 1);
    return copies <= 0;
  });
}

function comparesByKey(a: OrderRule, b: OrderRule): boolean {
  return a === 'index' && b === 'index';
}

function legKey(row: Transfer): string {
  return JSON.stringify([row.chain, row.tx, row.kind, row.leg]);
}

function contentKey(row: Transfer): string {
  return JSON.stringify([row.chain, row.tx, row.kind, row.from, row.to, row.asset, row.amount.toString()]);
}

function sameTransfer(a: Transfer, b: Transfer): boolean {
  return contentKey(a) === contentKey(b) && a.time === b.time && sameBlock(a.block, b.block);
}

function sameBlock(a: bigint | null, b: bigint | null): boolean {
  return a === null || b === null || a === b;
}

/** The transactions that are not held, each once. Throws E_TRANSFER_CONFLICT. */
export function newUtxo(held: Held, batch: NewBatch, rows: readonly UtxoTransaction[]): UtxoTransaction[] {
  const known = new Map(held.utxo.map((tx) => [utxoKey(tx), tx]));
  return rows.filter((tx) => {
    assert(tx.chain === batch.chain, 'every row of a batch is of its chain');
    const other = known.get(utxoKey(tx));
    if (other === undefined) {
      known.set(utxoKey(tx), tx);
      return true;
    }
    if (!sameUtxo(other, tx)) throw transferConflict(held, batch, tx, other);
    return false;
  });
}

/** Coinbases before BIP 30 share ids: for them the block counts too. */
function utxoKey(tx: UtxoTransaction): string {
  const coinbase = tx.inputs.length > 0 && tx.inputs.every((input) => input.outpoint === null);
  return JSON.stringify([tx.chain, tx.tx, ...(coinbase ? [tx.time, String(tx.block)] : [])]);
}

function sameUtxo(a: UtxoTransaction, b: UtxoTransaction): boolean {
  const content = (tx: UtxoTransaction): string =>
    JSON.stringify([tx.inputs, tx.outputs], (_, value) => (typeof value === 'bigint' ? value.toString() : value));
  return content(a) === content(b) && a.time === b.time && sameBlock(a.block, b.block);
}

function transferConflict(
  held: Held,
  batch: NewBatch,
  row: Transfer | UtxoTransaction,
  known: Transfer | UtxoTransaction,
): HaetaeError {
  const files = held.batches.find((item) => item.id === known.source.batch)?.files ?? batch.files;
  return new HaetaeError('E_TRANSFER_CONFLICT', 'a transfer that is already stored is given again with other content', {
    context: {
      file: fileName(batch.files, row.source.file),
      row: row.source.row,
      tx: row.tx ?? '',
      storedFile: fileName(files, known.source.file),
      storedRow: known.source.row,
    },
    remedy: 'find out which file is right; import the other into a store of its own. Nothing of this import was stored',
  });
}

/** Throws E_ORDER_CONFLICT where two movements of one place share an order key, at least one of them new. */
export function refuseTies(held: Held, batch: NewBatch & { readonly id: number }, rows: readonly Transfer[]): void {
  const seen = new Map<string, Transfer>();
  for (const row of [...held.transfers, ...rows]) {
    for (const address of new Set([row.from, row.to])) {
      if (address === null) continue;
      const key = JSON.stringify([row.chain, address, row.asset, row.time, String(row.block), row.txIndex, row.leg]);
      const other = seen.get(key);
      if (other !== undefined) throw orderConflict(held, batch, other, row, address);
      seen.set(key, row);
    }
  }
}

function orderConflict(
  held: Held,
  batch: NewBatch & { readonly id: number },
  first: Transfer,
  second: Transfer,
  address: string,
): HaetaeError {
  const files = (row: Transfer): Batch['files'] =>
    held.batches.find((item) => item.id === row.source.batch)?.files ?? batch.files;
  return new HaetaeError('E_ORDER_CONFLICT', 'two movements of one place carry the same order key', {
    context: {
      file: fileName(files(first), first.source.file),
      row: first.source.row,
      otherFile: fileName(files(second), second.source.file),
      otherRow: second.source.row,
      chain: second.chain,
      address,
      asset: second.asset,
      time: formatTime(second.time),
    },
    remedy: ORDER_REMEDY,
  });
}

function fileName(files: Batch['files'], index: number): string {
  return files[index]?.name ?? `file ${index}`;
}
