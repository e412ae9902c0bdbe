import type { TheftHeader } from '../trace/result.ts';
import { arrangeColumns, isStop } from './flow-columns.ts';
import type { Flow, FlowEdge, FlowKind, FlowNode } from './flow-graph.ts';

/** A screen shows more columns than paper: the theft, these, the stops. */
const ROOM = 10;
const MOST_STEPS = 20_000;
const EDGES_PER_NODE = 4;

/** Amounts are source units as decimal text, times seconds. */
export interface CaseFlow {
  readonly theft: string;
  readonly method: string;
  readonly stolen: string;
  readonly symbol: string;
  readonly decimals: number | null;
  readonly conserves: boolean;
  readonly columns: number;
  readonly nodes: readonly CaseFlowNode[];
  readonly edges: readonly CaseFlowEdge[];
  readonly steps: readonly { readonly edge: number; readonly time: number; readonly units: string }[];
  readonly selfTransfers: number;
  readonly feeUnits: string;
  readonly dropped: { readonly nodes: number; readonly edges: number };
}

export interface CaseFlowNode {
  readonly kind: string;
  readonly chain: string;
  readonly address: string;
  readonly name: string | null;
  readonly category: string | null;
  readonly entity: string | null;
  readonly recoverable: boolean;
  readonly edgeOfData: boolean;
  readonly in: string;
  readonly out: string;
  readonly held: string;
  readonly hops: number;
  readonly column: number;
  readonly firstTime: number;
  readonly lastTime: number;
}

export interface CaseFlowEdge {
  readonly from: number;
  readonly to: number;
  readonly units: string;
  readonly transfers: number;
  readonly first: number;
  readonly last: number;
}

export interface FlowAsked {
  readonly theft: TheftHeader;
  readonly method: string;
  readonly conserves: boolean;
  /** Seconds. */
  readonly theftTime: number;
  /** As the method's bucket says: the fees of UTXO transactions stand in no row. */
  readonly feeUnits: string;
  /** Most nodes, and a quarter of the most edges. */
  readonly limit: number;
}

/** A flow as the console draws it. What is over the limit is left out, smallest first, and counted. */
export function caseFlow(flow: Flow, asked: FlowAsked): CaseFlow {
  const columns = arrangeColumns(flow, ROOM);
  const hops = hopsOf(flow);
  const kept = chooseNodes(flow, asked.limit);
  const position = positionsOf(kept);
  const edgeKept = chooseEdges(flow, kept, asked.limit * EDGES_PER_NODE);
  const edgePosition = positionsOf(edgeKept);
  const steps = flow.steps.filter((step) => edgeKept[step.edge]);
  const { theft, method, conserves, theftTime } = asked;
  const nodes = flow.nodes.flatMap((node, index) =>
    kept[index] ? [nodeOf(node, hops[index]!, columns.of[index]!, theftTime)] : [],
  );
  const edges = flow.edges.filter((_, index) => edgeKept[index]);
  return {
    theft: theft.id,
    method,
    stolen: flow.stolen.toString(),
    symbol: theft.symbol,
    decimals: theft.decimals,
    conserves,
    columns: columns.count,
    nodes,
    edges: edges.map((edge) => edgeOf(edge, position)),
    steps:
      steps.length > MOST_STEPS
        ? []
        : steps.map(({ edge, time, units }) => ({ edge: edgePosition[edge]!, time, units: units.toString() })),
    selfTransfers: flow.selfTransfers,
    feeUnits: asked.feeUnits,
    dropped: { nodes: flow.nodes.length - nodes.length, edges: flow.edges.length - edges.length },
  };
}

const KIND_TEXT: Partial<Record<FlowKind, string>> = {
  suspectedService: 'suspected-service',
  feeTaker: 'fee',
  hopLimit: 'address',
};

export function kindText(kind: FlowKind): string {
  return KIND_TEXT[kind] ?? kind;
}

function nodeOf(node: FlowNode, hops: number, column: number, theftTime: number): CaseFlowNode {
  const { kind, chain, address, name, category, recoverable, edgeOfData } = node;
  const theft = kind === 'theft';
  return {
    kind: kindText(kind),
    chain,
    address,
    name,
    category,
    entity: isStop(node) ? name : null,
    recoverable,
    edgeOfData,
    in: node.inUnits.toString(),
    out: node.outUnits.toString(),
    held: (node.heldUnits + node.stoppedUnits).toString(),
    hops,
    column,
    firstTime: theft ? theftTime : node.firstTime,
    lastTime: theft ? theftTime : node.lastTime,
  };
}

function edgeOf(edge: FlowEdge, position: readonly number[]): CaseFlowEdge {
  const { from, to, units, transfers, first, last } = edge;
  return { from: position[from]!, to: position[to]!, units: units.toString(), transfers, first, last };
}

/** By the fewest movements from the theft. */
function hopsOf(flow: Flow): number[] {
  const next: number[][] = flow.nodes.map(() => []);
  for (const edge of flow.edges) next[edge.from]!.push(edge.to);
  const hops = flow.nodes.map(() => -1);
  const walk = (start: number, from: number): void => {
    let front = [start];
    for (let far = from; front.length > 0; far += 1) {
      const reached = front.filter((index) => hops[index] === -1 || hops[index]! > far);
      for (const index of reached) hops[index] = far;
      front = [...new Set(reached.flatMap((index) => next[index]!))];
    }
  };
  walk(0, 0);
  // No movement shows how it came to these: they and what they feed count from the theft.
  for (const index of flow.nodes.keys()) if (hops[index] === -1) walk(index, 1);
  return hops;
}

function chooseNodes(flow: Flow, limit: number): boolean[] {
  const kept = flow.nodes.map(() => true);
  const transfers = flow.nodes.map(() => 0);
  for (const edge of flow.edges) transfers[edge.to]! += edge.transfers;
  const loose = flow.nodes.flatMap((node, index) => (isStop(node) || node.kind !== 'address' ? [] : [index]));
  const over = flow.nodes.length - limit;
  if (over <= 0) return kept;
  const size = (index: number): bigint => {
    const { inUnits, outUnits, heldUnits } = flow.nodes[index]!;
    return inUnits > outUnits + heldUnits ? inUnits : outUnits + heldUnits;
  };
  loose.sort((a, b) => ascending(size(a), size(b)) || transfers[a]! - transfers[b]! || b - a);
  for (const index of loose.slice(0, over)) kept[index] = false;
  return kept;
}

function chooseEdges(flow: Flow, nodes: readonly boolean[], limit: number): boolean[] {
  const kept = flow.edges.map((edge) => nodes[edge.from]! && nodes[edge.to]!);
  const left = kept.flatMap((is, index) => (is ? [index] : []));
  if (left.length <= limit) return kept;
  const edge = (index: number): FlowEdge => flow.edges[index]!;
  left.sort((a, b) => ascending(edge(a).units, edge(b).units) || edge(a).transfers - edge(b).transfers || b - a);
  for (const index of left.slice(0, left.length - limit)) kept[index] = false;
  return kept;
}

/** New index of each that is kept. */
function positionsOf(kept: readonly boolean[]): number[] {
  let next = 0;
  return kept.map((is) => (is ? next++ : -1));
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
