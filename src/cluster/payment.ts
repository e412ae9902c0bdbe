/** One transaction of a UTXO chain as the change heuristics see it. Values in base units. */
export interface Payment {
  readonly inputs: readonly PaymentEnd[];
  /** Outputs that carry a value. */
  readonly outputs: readonly PaymentOutput[];
  /** Inputs may be of several owners (detect/coinjoin.ts). */
  readonly mix: boolean;
}

export interface PaymentEnd {
  /** Address id. */
  readonly owner: number;
  readonly value: bigint;
  readonly script: ScriptForm;
}

export interface PaymentOutput extends PaymentEnd {
  /** Position in the transaction. */
  readonly index: number;
  /** No earlier transaction of the data paid this address. */
  readonly fresh: boolean;
  /** A later transaction of the data pays it again. */
  readonly paidAgain: boolean;
  /** The transaction that spends it, in numbers of inputs and outputs; null where none is known. */
  readonly spentBy: { readonly inputs: number; readonly outputs: number } | null;
}

/** The kind of script an address stands for; `other` where it does not tell. */
export type ScriptForm = 'key-hash' | 'script-hash' | 'witness-key' | 'witness-script' | 'taproot' | 'other';

/** One sign that an output is the payer's change. Evidence, never a union. */
export interface ChangeEvidence {
  readonly output: number;
  readonly heuristic: 'reuse' | 'fresh' | 'unneeded-input' | 'script' | 'round' | 'peel';
  /** 1 weak, 2 usual, 5 hardly ever wrong. */
  readonly weight: number;
  readonly reason: string;
}
