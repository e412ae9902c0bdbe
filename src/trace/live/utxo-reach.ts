import type { UnixSeconds } from '../../base/time.ts';
import type { UtxoTransaction } from '../../model/transfer.ts';
import type { RawUtxoTransaction } from '../../source/chain-source.ts';

/** An output that money from the seeds reached and nobody is known to have spent. */
export interface OpenOutput {
  /** txid:index */
  readonly outpoint: string;
  readonly address: string;
  readonly block: bigint;
  readonly time: UnixSeconds;
  readonly hops: number;
}

/** Where money from seeded outputs can be on a UTXO chain, transaction by transaction: the same paths as reachUtxo in trace/reach.ts. */
export class UtxoReach {
  /** By outpoint. */
  readonly open = new Map<string, OpenOutput>();
  /** Transactions that moved reached money so far. */
  applied = 0;
  readonly #spent = new Set<string>();
  readonly #stops: ReadonlySet<string>;
  readonly #maxHops: number | null;

  /** `stops`: addresses whose outputs are not followed. */
  constructor(stops: ReadonlySet<string>, maxHops: number | null) {
    this.#stops = stops;
    this.#maxHops = maxHops;
  }

  seed(output: Omit<OpenOutput, 'hops'>): void {
    if (!this.#spent.has(output.outpoint) && !this.open.has(output.outpoint))
      this.open.set(output.outpoint, { ...output, hops: 0 });
  }

  spends(transaction: RawUtxoTransaction): boolean {
    return (
      this.open.size > 0 &&
      transaction.inputs.some((input) => input !== null && this.#follows(`${input.tx}:${input.index}`))
    );
  }

  /** True where the transaction moves reached money; its outputs are reached then. */
  apply(transaction: Spending): boolean {
    const spent = transaction.inputs.flatMap((input) => {
      const outpoint = outpointOf(input);
      return outpoint !== null && this.#follows(outpoint) ? [this.open.get(outpoint)!] : [];
    });
    if (spent.length === 0) return false;
    this.applied += 1;
    const hops = Math.min(...spent.map((output) => output.hops)) + 1;
    for (const { outpoint } of spent) {
      this.open.delete(outpoint);
      this.#spent.add(outpoint);
    }
    // What lies at the limit holds what it gets: it is neither followed nor known to be unspent.
    if (this.#maxHops !== null && hops > this.#maxHops) return true;
    for (const [index, { address, value }] of transaction.outputs.entries()) {
      const outpoint = `${transaction.tx}:${index}`;
      if (value === 0n || this.#stops.has(address) || this.#spent.has(outpoint)) continue;
      this.open.set(outpoint, { outpoint, address, block: transaction.block ?? 0n, time: transaction.time, hops });
    }
    return true;
  }

  #follows(outpoint: string): boolean {
    const output = this.open.get(outpoint);
    return output !== undefined && (this.#maxHops === null || output.hops <= this.#maxHops);
  }
}

type Spending = Pick<UtxoTransaction, 'tx' | 'block' | 'time' | 'outputs'> & { readonly inputs: readonly Spent[] };

/** An input of either form: of a whole transaction, or as the block's bytes give it. */
type Spent =
  | { readonly outpoint: { readonly tx: string; readonly index: number } | null }
  | { readonly tx: string; readonly index: number }
  | null;

function outpointOf(input: Spent): string | null {
  if (input === null) return null;
  if ('outpoint' in input) return input.outpoint === null ? null : `${input.outpoint.tx}:${input.outpoint.index}`;
  return `${input.tx}:${input.index}`;
}
