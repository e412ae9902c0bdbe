import type { UnixSeconds } from '../../base/time.ts';
import type { AssetId } from '../../model/asset.ts';
import type { ChainId } from '../../model/chain.ts';
import type { RowSource, Transfer, TransferKind } from '../../model/transfer.ts';
import type { RawBlock } from './raw.ts';

/** Rows of a block as they are found; `tx` and `txIndex` are those of the transaction at hand. */
export interface Draft {
  readonly chain: ChainId;
  readonly time: UnixSeconds;
  readonly block: bigint;
  readonly native: AssetId;
  readonly rows: Transfer[];
  tx: string | null;
  txIndex: number;
  /** Logs that carry a transfer's first topic and not its form. */
  oddLogs: number;
}

export function newDraft(block: RawBlock, chain: ChainId, native: AssetId): Draft {
  return { chain, time: block.time, block: block.number, native, rows: [], tx: null, txIndex: 0, oddLogs: 0 };
}

/** Fees and the transaction's value are most rows: theirs are made once. */
const FIRST_SOURCES: readonly RowSource[] = Array.from({ length: 3 }, (_, row) =>
  Object.freeze({ batch: 0, file: 0, row }),
);

export function pushRow(
  draft: Draft,
  leg: number,
  kind: TransferKind,
  from: string | null,
  to: string | null,
  asset: AssetId,
  amount: bigint,
): void {
  draft.rows.push({
    chain: draft.chain,
    time: draft.time,
    block: draft.block,
    txIndex: draft.txIndex,
    leg,
    tx: draft.tx,
    kind,
    from,
    to,
    asset,
    amount,
    rounded: false,
    source: leg < 3 ? FIRST_SOURCES[leg]! : { batch: 0, file: 0, row: leg },
  });
}
