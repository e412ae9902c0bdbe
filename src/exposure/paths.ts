import { FEE, type UtxoFlow } from '../flow/flow.ts';
import { MaxHeap } from './_event-heap.ts';
import type { AccountGraph } from './account-graph.ts';
import type { Backward } from './figures.ts';
import { isBefore, MovementsOf } from './movements-of.ts';
import { UtxoReader } from './utxo-view.ts';

/** Movements, one after the other, by which money of a service reached the address. */
export interface Path {
  readonly lane: number;
  /** Numbers of the movements (of a UTXO chain: of the outputs), from the service to the address. */
  readonly steps: readonly number[];
  /** Base units of the address that came this way: the first amount times every share on the way. */
  readonly amount: number;
}

/** What a search of paths needs of a chain. A node is a movement that has arrived (an output). */
export interface PathGraph {
  /** The nodes by which services' money enters, each with how much. */
  starts(): Iterable<{ readonly lane: number; readonly node: number; readonly amount: number }>;
  /** Whether the node ends at the address. */
  arrives(node: number): boolean;
  /** Where what arrived by a node goes on to, and how much of it. */
  nexts(node: number, amount: number): Iterable<{ readonly node: number; readonly amount: number }>;
}

interface Partial {
  readonly lane: number;
  readonly node: number;
  readonly amount: number;
  readonly before: Partial | null;
  readonly done: boolean;
}

/** Movements looked at in one search, and those looked at of one place. */
const MAX_EXPANDED = 20_000;
const MAX_OUT = 50_000;

/**
 * The strongest paths, strongest first. Best-first: a partial path is worth at most what of it will arrive by any way (its amount times the
 * `reach` of its last movement), so the first to be whole is the strongest. A path ends where it first arrives.
 */
export function strongestPaths(graph: PathGraph, reach: Backward['reach'], count: number): Path[] {
  const heap = new MaxHeap<Partial>();
  const push = (lane: number, node: number, amount: number, before: Partial | null): void => {
    const bound = amount * (reach.get(node) ?? 0);
    if (bound > 0) heap.push(bound, { lane, node, amount, before, done: false });
  };
  for (const { lane, node, amount } of graph.starts()) push(lane, node, amount, null);
  const paths: Path[] = [];
  for (let expanded = 0; paths.length < count && expanded < MAX_EXPANDED; expanded += 1) {
    const best = heap.pop();
    if (best === null) break;
    const { item } = best;
    if (item.done) {
      paths.push({ lane: item.lane, steps: stepsOf(item), amount: item.amount });
      continue;
    }
    if (graph.arrives(item.node)) heap.push(item.amount, { ...item, done: true });
    else for (const { node, amount } of graph.nexts(item.node, item.amount)) push(item.lane, node, amount, item);
  }
  return paths;
}

function stepsOf(last: Partial): number[] {
  const steps: number[] = [];
  for (let at: Partial | null = last; at !== null; at = at.before) steps.unshift(at.node);
  return steps;
}

/** The paths of an account chain: `dust` of the target's asset. */
export function accountPaths(
  graph: AccountGraph,
  backward: Backward,
  target: number,
  dust: number,
  until: number,
): PathGraph {
  const end = graph.before(until);
  return {
    *starts() {
      for (const { id, lane } of backward.origins) yield { lane, node: id, amount: graph.read(id).arrives };
    },
    arrives: (node) => {
      const { to, arrives } = graph.read(node);
      return to === target && arrives > dust;
    },
    *nexts(node, amount) {
      const { to, order } = graph.read(node);
      if (to >= FEE) return;
      let kept = amount;
      const cursor = new MovementsOf(graph, to, ['out'], 'up', { order, id: node });
      for (let looked = 0; cursor.id >= 0 && isBefore(cursor, end) && looked < MAX_OUT && kept > 0; looked += 1) {
        const { id, ratio, gain } = graph.read(cursor.id);
        if (backward.reach.has(id)) yield { node: id, amount: kept * ratio * gain };
        kept *= 1 - ratio;
        cursor.next();
      }
    },
  };
}

/** The paths of a UTXO chain. */
export function utxoPaths(
  flow: UtxoFlow,
  backward: Backward,
  query: { lanes: Uint8Array; arrives: (output: number) => boolean },
): PathGraph {
  const reader = new UtxoReader(flow);
  const outputs = function* (
    tx: number,
    amountOf: (share: number) => number,
  ): Generator<{ node: number; amount: number }> {
    const view = reader.read(tx);
    const whole = Math.max(view.spent, view.paid);
    const shares = view.outputValue.slice(0, view.outputs).map((value) => value / whole);
    const numbers = view.output.slice(0, view.outputs);
    for (const [index, share] of shares.entries()) yield { node: numbers[index]!, amount: amountOf(share) };
  };
  return {
    *starts() {
      for (const { id, lane } of groupOrigins(backward).values()) {
        const spent = spentBy(reader, id, lane, query.lanes);
        for (const { node, amount } of outputs(id, (share) => spent * share)) yield { lane, node, amount };
      }
    },
    arrives: query.arrives,
    *nexts(node, amount) {
      const tx = flow.spender(node);
      if (tx >= 0 && tx > flow.creator(node)) yield* outputs(tx, (share) => amount * share);
    },
  };
}

/** A transaction's origins of one category stand together. */
function groupOrigins({ origins }: Backward): Map<string, { readonly id: number; readonly lane: number }> {
  return new Map(origins.map(({ id, lane }) => [`${id}|${lane}`, { id, lane }]));
}

function spentBy(reader: UtxoReader, tx: number, lane: number, lanes: Uint8Array): number {
  const view = reader.read(tx);
  let spent = 0;
  for (let index = 0; index < view.inputs; index += 1)
    if (lanes[view.inputOwner[index]!] === lane) spent += view.inputValue[index]!;
  return spent;
}
