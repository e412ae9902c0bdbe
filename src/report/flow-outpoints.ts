import type { UtxoTransaction } from '../model/transfer.ts';
import type { TouchedRow } from '../trace/result.ts';

/** A row of a flow, with the UTXO transaction it is of. */
export interface PaidOutput {
  readonly row: TouchedRow;
  readonly tx: UtxoTransaction;
  readonly units: bigint;
}

/**
 * What each output brought leaves with it when it is spent: so the addresses of a transaction's inputs pay what their spent outputs hold,
 * and not what else they have. Rows in the order of the trace.
 */
export class OutpointTaint {
  /** Source units by outpoint, and by address what is in them. */
  readonly #held = new Map<string, bigint>();
  readonly #tracked = new Map<string, bigint>();
  /** Of the transaction at hand: what its inputs still have to give, and which outputs rows named. */
  #tx: UtxoTransaction | null = null;
  #given: [address: string, units: bigint][] = [];
  #named = new Set<number>();

  /** Which address gives how much of a row; less than its units where no row shows how the loot came into the inputs. */
  pay({ row, tx, units }: PaidOutput, rests: boolean): [address: string, units: bigint][] {
    if (tx !== this.#tx) this.#begin(tx);
    const parts: [string, bigint][] = [];
    let left = units;
    for (const input of this.#given) {
      const part = input[1] < left ? input[1] : left;
      if (part === 0n) continue;
      parts.push([input[0], part]);
      input[1] -= part;
      left -= part;
    }
    if (!rests) this.#put(tx, row, units);
    return parts;
  }

  /** What is in the outputs of an address that rows named and that are not spent. */
  trackedAt(address: string): bigint {
    return this.#tracked.get(address) ?? 0n;
  }

  #begin(tx: UtxoTransaction): void {
    this.#tx = tx;
    this.#named = new Set();
    this.#given = tx.inputs.flatMap(({ outpoint, address }): [string, bigint][] => {
      const name = outpoint === null ? '' : `${outpoint.tx}:${outpoint.index}`;
      const units = this.#held.get(name) ?? 0n;
      this.#held.delete(name);
      this.#tracked.set(address, this.trackedAt(address) - units);
      return units === 0n ? [] : [[address, units]];
    });
  }

  #put(tx: UtxoTransaction, { to, amount }: TouchedRow, units: bigint): void {
    const value = BigInt(amount);
    const index = tx.outputs.findIndex(
      (output, at) => output.address === to && output.value === value && !this.#named.has(at),
    );
    if (index < 0) return;
    this.#named.add(index);
    this.#held.set(`${tx.tx}:${index}`, units);
    this.#tracked.set(to, this.trackedAt(to) + units);
  }
}
