import { mix32 } from './name.ts';

/** Codes of a row's `kind` column: places in TRANSFER_KINDS. */
export const KIND = { transfer: 0, internal: 1, token: 2, mint: 3, gas: 4, burn: 5, tip: 6 } as const;

/** No actor: the sender of a mint, the receiver of a fee. */
export const NOBODY = -1;

/** Movements of an account chain in order, as columns; amounts in drill units. Reused: read it before asking for the next. */
export class RowBatch {
  count = 0;
  readonly capacity: number;
  readonly time: Uint32Array;
  readonly block: Uint32Array;
  readonly txIndex: Uint32Array;
  readonly leg: Uint8Array;
  readonly tx: Uint32Array;
  readonly kind: Uint8Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly asset: Uint8Array;
  readonly amount: Float64Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.time = new Uint32Array(capacity);
    this.block = new Uint32Array(capacity);
    this.txIndex = new Uint32Array(capacity);
    this.leg = new Uint8Array(capacity);
    this.tx = new Uint32Array(capacity);
    this.kind = new Uint8Array(capacity);
    this.from = new Int32Array(capacity);
    this.to = new Int32Array(capacity);
    this.asset = new Uint8Array(capacity);
    this.amount = new Float64Array(capacity);
  }
}

/**
 * How the fee of a transaction is printed: one `gas` row, or for one transaction in eight `burn` and `tip`, as sources differ.
 * Returns the part that is burnt, or 0 for one row.
 */
export function burntPart(tx: number, fee: number): number {
  return (mix32(tx + 0x51ed27) & 7) === 0 ? Math.floor(fee * 0.7) : 0;
}
