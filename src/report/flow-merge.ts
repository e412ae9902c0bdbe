import { type Columns, isStop } from './flow-columns.ts';
import type { Flow, FlowEdge, FlowNode } from './flow-graph.ts';

/** What is drawn: one node, a run of addresses that pass loot to each other, or all the small places of a column. */
export interface PictureNode {
  readonly form: 'one' | 'run' | 'more';
  /** The node itself, or the largest of those merged. */
  readonly lead: FlowNode;
  readonly members: number;
  readonly column: number;
  /** What came in from, and went out to, other bars. */
  readonly inUnits: bigint;
  readonly outUnits: bigint;
  readonly heldUnits: bigint;
  readonly edgeOfData: boolean;
  readonly recoverable: boolean;
  /** Addresses among the members that still hold. */
  readonly holders: number;
}

export interface PictureEdge extends FlowEdge {
  /** It leads to a place reached earlier, or beside: drawn dashed. */
  readonly back: boolean;
}

export interface Picture {
  readonly stolen: bigint;
  readonly nodes: readonly PictureNode[];
  readonly edges: readonly PictureEdge[];
  readonly columns: Columns;
  /** Addresses (not stops) drawn within a merged node. */
  readonly merged: { readonly nodes: number; readonly members: number };
  /** Between members of one merged node: inside it, so not drawn. */
  readonly inner: { readonly transfers: number; readonly units: bigint };
  /** Too many ribbons: the thinnest are left out and counted here. */
  readonly thin: { readonly ribbons: number; readonly transfers: number; readonly units: bigint };
}

/** Bars that a person can still take in at once; the theft of Ronin's size has 65. */
const MOST_BARS = 76;
/** Nodes drawn one by one in a column; the rest of it is merged. A picture of this many rows still fits one page. */
const MOST_IN_COLUMN = 40;
/** A place smaller than this part of the theft is merged: the first of these that leaves few enough bars. */
const SMALL_PARTS = [5000n, 2000n, 1000n, 500n, 300n, 200n, 120n, 80n] as const;
/** So few small places of a column are not worth merging. */
const FEW = 4;
const MOST_RIBBONS = 200;
const MOST_BACK_RIBBONS = 16;

export function mergeFlow(flow: Flow, columns: Columns): Picture {
  const drawn = new Map<string, number[]>();
  const keys = groupKeys(flow, columns);
  for (const [index, key] of keys.entries()) {
    const members = drawn.get(key);
    if (members === undefined) drawn.set(key, [index]);
    else members.push(index);
  }
  const position = new Map([...drawn.keys()].map((key, index) => [key, index]));
  const of = keys.map((key) => position.get(key)!);
  const nodes = [...drawn].map(([key, members]) => pictureNode(flow, columns, key, members));
  const { edges, inner } = mergeEdges(flow, columns, of);
  for (const edge of edges) {
    nodes[edge.from]!.outUnits += edge.units;
    nodes[edge.to]!.inUnits += edge.units;
  }
  const { kept, thin } = dropThinnest(edges);
  const many = nodes.filter((node) => node.members > 1);
  const merged = { nodes: many.length, members: many.reduce((sum, node) => sum + node.members, 0) };
  return { stolen: flow.stolen, nodes, edges: kept, columns, merged, inner, thin };
}

/** Nodes with one key are drawn as one. */
function groupKeys(flow: Flow, columns: Columns): string[] {
  const keys = flow.nodes.map((_, index) => (columns.run[index]! < 0 ? `one ${index}` : `run ${columns.run[index]}`));
  let merged = keys;
  for (const part of SMALL_PARTS) {
    merged = mergeSmall(flow, columns, keys, flow.stolen / part);
    if (new Set(merged).size <= MOST_BARS) break;
  }
  return merged;
}

/** Groups smaller than `limit`, and those that a column has no room for, become one a column and kind. */
function mergeSmall(flow: Flow, columns: Columns, keys: readonly string[], limit: bigint): string[] {
  const size = new Map<string, bigint>();
  for (const [index, key] of keys.entries()) size.set(key, (size.get(key) ?? 0n) + weight(flow.nodes[index]!));
  const inColumn = new Map<number, Set<string>>();
  for (const [index, key] of keys.entries()) {
    const column = columns.of[index]!;
    if (!inColumn.has(column)) inColumn.set(column, new Set());
    inColumn.get(column)!.add(key);
  }
  const small = new Set<string>();
  for (const [column, distinct] of inColumn) {
    if (column > 0) for (const key of smallest([...distinct], size, limit)) small.add(key);
  }
  return keys.map((key, index) =>
    small.has(key) ? `more ${columns.of[index]} ${mergeClass(flow.nodes[index]!)}` : key,
  );
}

function weight(node: FlowNode): bigint {
  const through = node.outUnits + node.heldUnits;
  return node.inUnits > through ? node.inUnits : through;
}

/** Custodians that can be asked are never hidden among mixers and burns, nor the other way round. */
function mergeClass(node: FlowNode): string {
  return isStop(node) ? `${node.kind}${node.recoverable ? ' recoverable' : ''}` : node.kind;
}

function smallest(keys: readonly string[], size: ReadonlyMap<string, bigint>, limit: bigint): string[] {
  const largestFirst = keys.toSorted((a, b) =>
    size.get(b)! > size.get(a)! ? 1 : size.get(b)! < size.get(a)! ? -1 : 0,
  );
  const fitting = largestFirst.slice(0, MOST_IN_COLUMN);
  const merged = [...fitting.filter((key) => size.get(key)! < limit), ...largestFirst.slice(MOST_IN_COLUMN)];
  return merged.length >= FEW ? merged : [];
}

type NodeDraft = { -readonly [Key in keyof PictureNode]: PictureNode[Key] };

function pictureNode(flow: Flow, columns: Columns, key: string, members: readonly number[]): NodeDraft {
  const nodes = members.map((index) => flow.nodes[index]!);
  const lead = nodes.reduce((most, node) => (weight(node) > weight(most) ? node : most));
  const sum = (read: (node: FlowNode) => bigint): bigint => nodes.reduce((total, node) => total + read(node), 0n);
  const form = key.startsWith('more') && members.length > 1 ? 'more' : members.length > 1 ? 'run' : 'one';
  return {
    form,
    lead,
    members: members.length,
    column: columns.of[members[0]!]!,
    inUnits: 0n,
    outUnits: 0n,
    heldUnits: sum((node) => node.heldUnits),
    edgeOfData: nodes.some((node) => node.edgeOfData),
    recoverable: lead.recoverable,
    holders: nodes.filter((node) => node.heldUnits > 0n).length,
  };
}

function mergeEdges(
  flow: Flow,
  columns: Columns,
  of: readonly number[],
): { edges: PictureEdge[]; inner: Picture['inner'] } {
  const edges = new Map<string, { -readonly [Key in keyof PictureEdge]: PictureEdge[Key] }>();
  const inner = { transfers: 0, units: 0n };
  for (const edge of flow.edges) {
    const [from, to] = [of[edge.from]!, of[edge.to]!];
    if (from === to) {
      inner.transfers += edge.transfers;
      inner.units += edge.units;
      continue;
    }
    const back = columns.of[edge.from]! >= columns.of[edge.to]!;
    const key = `${from}>${to}`;
    const known = edges.get(key);
    if (known === undefined) {
      const { units, transfers, first, last } = edge;
      edges.set(key, { from, to, units, transfers, first, last, back });
    } else {
      known.units += edge.units;
      known.transfers += edge.transfers;
      known.first = Math.min(known.first, edge.first);
      known.last = Math.max(known.last, edge.last);
    }
  }
  return { edges: [...edges.values()], inner };
}

function dropThinnest(edges: readonly PictureEdge[]): { kept: PictureEdge[]; thin: Picture['thin'] } {
  const widestFirst = edges.toSorted((a, b) => (b.units > a.units ? 1 : b.units < a.units ? -1 : 0));
  const back = new Set(widestFirst.filter((edge) => edge.back).slice(MOST_BACK_RIBBONS));
  const fitting = widestFirst.filter((edge) => !back.has(edge));
  const dropped = [...fitting.slice(MOST_RIBBONS), ...back];
  const thin = {
    ribbons: dropped.length,
    transfers: dropped.reduce((sum, edge) => sum + edge.transfers, 0),
    units: dropped.reduce((sum, edge) => sum + edge.units, 0n),
  };
  return { kept: fitting.slice(0, MOST_RIBBONS), thin };
}
