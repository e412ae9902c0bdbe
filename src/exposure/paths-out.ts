import { FEE, type UtxoFlow } from '../flow/flow.ts';
import { MaxHeap } from './_event-heap.ts';
import type { AccountGraph } from './account-graph.ts';
import { NO_CATEGORY } from './categories.ts';
import { isBefore, MovementsOf, START } from './movements-of.ts';
import type { Path } from './paths.ts';
import { UtxoReader } from './utxo-view.ts';

/** What a search of paths going out needs of a chain. A node is a movement that has arrived (an output); amounts are of what the address sent. */
export interface OutGraph {
  starts(): Iterable<OutNode>;
  /** Category of whom the node arrives at. */
  laneOf(node: number): number;
  nexts(node: number, amount: number): Iterable<OutNode>;
}

export interface OutNode {
  readonly node: number;
  readonly amount: number;
}

interface Partial extends OutNode {
  readonly before: Partial | null;
}

/**
 * By category the strongest path that an address's money took to it, going on forward until a category is reached. A way carries no more the longer
 * it is, so the first to arrive is the strongest. `wanted`: categories that it went to; `budget`: movements that may be looked at, else what was found.
 */
export function outwardPaths(graph: OutGraph, wanted: ReadonlySet<number>, budget: number): Path[] {
  const heap = new MaxHeap<Partial>();
  const found = new Map<number, Path>();
  let looked = 0;
  const push = (nodes: Iterable<OutNode>, before: Partial | null): void => {
    for (const { node, amount } of nodes) {
      looked += 1;
      if (amount > 0) heap.push(amount, { node, amount, before });
      if (looked >= budget) return;
    }
  };
  push(graph.starts(), null);
  while (looked < budget && found.size < wanted.size) {
    const best = heap.pop();
    if (best === null) break;
    const { item } = best;
    const lane = graph.laneOf(item.node);
    if (lane === NO_CATEGORY) push(graph.nexts(item.node, item.amount), item);
    else if (!found.has(lane)) found.set(lane, { lane, steps: stepsOf(item), amount: item.amount });
  }
  return [...found.values()].sort((a, b) => a.lane - b.lane);
}

function stepsOf(last: Partial): number[] {
  const steps: number[] = [];
  for (let at: Partial | null = last; at !== null; at = at.before) steps.unshift(at.node);
  return steps;
}

export function accountOut(graph: AccountGraph, lanes: Uint8Array, target: number, until: number): OutGraph {
  const end = graph.before(until);
  return {
    *starts() {
      const cursor = new MovementsOf(graph, target, ['out'], 'up', START);
      for (; cursor.id >= 0 && isBefore(cursor, end); cursor.next()) {
        const { id, leaves } = graph.read(cursor.id);
        yield { node: id, amount: leaves };
      }
    },
    laneOf(node) {
      const { to } = graph.read(node);
      return to >= FEE ? NO_CATEGORY : lanes[graph.layout.ownerOf(to)]!;
    },
    *nexts(node, amount) {
      const { to, order } = graph.read(node);
      if (to >= FEE) return;
      let kept = amount;
      const cursor = new MovementsOf(graph, to, ['out'], 'up', { order, id: node });
      for (; cursor.id >= 0 && isBefore(cursor, end) && kept > 0; cursor.next()) {
        const { id, ratio } = graph.read(cursor.id);
        yield { node: id, amount: kept * ratio };
        kept *= 1 - ratio;
      }
    },
  };
}

export function utxoOut(
  flow: UtxoFlow,
  query: {
    readonly lanes: Uint8Array;
    readonly target: number;
    readonly until: number;
    readonly ownerOf: (address: number) => number;
  },
): OutGraph {
  const { lanes, target, until, ownerOf } = query;
  const reader = new UtxoReader(flow);
  return {
    *starts() {
      const spenders = Array.from(flow.outputsOf(target), (output) => flow.spender(output));
      for (const tx of new Set(spenders)) if (tx >= 0 && tx < until) yield* paidBy(reader, tx, target, ownerOf);
    },
    laneOf: (output) => lanes[reader.owner(output)]!,
    *nexts(output, amount) {
      const tx = flow.spender(output);
      if (tx < 0 || tx >= until || tx <= flow.creator(output)) return;
      const view = reader.read(tx);
      const whole = Math.max(view.spent, view.paid, 1);
      yield* Array.from({ length: view.outputs }, (_, index) => ({
        node: view.output[index]!,
        amount: (amount * view.outputValue[index]!) / whole,
      }));
    },
  };
}

/** What an address's share of a transaction's inputs paid to others. */
function paidBy(reader: UtxoReader, tx: number, target: number, ownerOf: (address: number) => number): OutNode[] {
  const view = reader.read(tx);
  const owners = view.inputOwner.slice(0, view.inputs);
  const own = owners.reduce((sum, owner, index) => sum + (owner === target ? view.inputValue[index]! : 0), 0);
  const payers = new Set(owners.map(ownerOf));
  return Array.from({ length: view.outputs }, (_, index) => ({
    node: view.output[index]!,
    amount: payers.has(ownerOf(view.outputOwner[index]!))
      ? 0
      : (view.outputValue[index]! * own) / Math.max(view.spent, 1),
  }));
}
