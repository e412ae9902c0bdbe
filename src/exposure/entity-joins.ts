import type { UtxoFlow } from '../flow/flow.ts';
import { ownerOf, spentBy } from '../flow/utxo-hop.ts';
import type { EntityIndex } from './entity.ts';

/** Members of which the spends are read for evidence; of a larger entity only the address asked for. */
export const MEMBERS_READ = 20_000;

/** A transaction that brought members together which were apart before. */
export interface Join {
  readonly tx: number;
  /** Members among its inputs, in input order, each once. */
  readonly members: readonly number[];
}

export interface Joins {
  /** In the chain's order: the fewest transactions that hold the entity together, as the clusters met them. */
  readonly needed: readonly Join[];
  /** All transactions in which two members and more are spent together, `needed` included. */
  readonly all: number;
  /** Mixes in which members were spent, and which joined nobody. */
  readonly mixes: readonly number[];
  /** False where the entity is too large: then these are the transactions of `address` alone. */
  readonly whole: boolean;
}

/**
 * What joined an entity: its members' transactions of several inputs, in order, those that did not join anything new left out.
 * Reads the spends of up to MEMBERS_READ members.
 */
export function joinsOf(flow: UtxoFlow, index: EntityIndex, address: number): Joins {
  const entity = index.entityOf(address);
  const whole = index.size(entity) <= MEMBERS_READ;
  const needed: Join[] = [];
  const mixes: number[] = [];
  const found = new Together();
  let all = 0;
  for (const tx of spendsOf(flow, whole ? index.members(entity) : [address])) {
    const owners = new Set(spentBy(flow, tx).outputs.map((output) => ownerOf(flow, output)));
    if (owners.size < 2) continue;
    if (index.isMix(tx)) {
      mixes.push(tx);
      continue;
    }
    const members = [...owners].filter((owner) => index.entityOf(owner) === entity);
    if (members.length < 2) continue;
    all += 1;
    if (found.join(members)) needed.push({ tx, members });
  }
  return { needed, all, mixes, whole };
}

/** Transactions that spend an output of these addresses, ascending. */
export function spendsOf(flow: UtxoFlow, addresses: Iterable<number>): readonly number[] {
  const txs = new Set<number>();
  for (const address of addresses) {
    for (const output of flow.outputsOf(address)) {
      const tx = flow.spender(output);
      if (tx >= 0) txs.add(tx);
    }
  }
  return [...txs].sort((a, b) => a - b);
}

/** Who was met together so far. */
class Together {
  readonly #sets = new Map<number, Set<number>>();

  /** Whether any two of them were apart. */
  join(members: readonly number[]): boolean {
    const sets = new Set(members.map((member) => this.#setOf(member)));
    if (sets.size === 1) return false;
    const [largest, ...others] = [...sets].sort((a, b) => b.size - a.size);
    for (const member of others.flatMap((set) => [...set])) {
      largest!.add(member);
      this.#sets.set(member, largest!);
    }
    return true;
  }

  #setOf(member: number): Set<number> {
    const known = this.#sets.get(member) ?? new Set([member]);
    this.#sets.set(member, known);
    return known;
  }
}
