import type { Flow, FlowEdge, FlowNode } from './flow-graph.ts';

/** Columns between the theft and the stops on paper; a longer trail is squeezed into them. */
const MOST_STEPS = 5;
/** An inflow below this part of all that a place got does not push it further to the right. */
const LIGHT_INFLOW = 50n;

export interface Columns {
  /** Column of each node: 0 the theft, the last one the stops. */
  readonly of: readonly number[];
  readonly count: number;
  /** First and last step that each column stands for; null for the theft and the stops. */
  readonly steps: readonly ({ readonly from: number; readonly to: number } | null)[];
  /** Nodes of one column that pass loot to each other share a number, and are drawn as one; -1 for a node of its own. */
  readonly run: readonly number[];
}

/**
 * Every node in a column right of where its loot came from. Loops are broken by the order of first arrival: a transfer to a
 * place that was reached earlier runs back and pushes nothing. Then the longest trail decides the column. `room`: columns between
 * the theft and the stops.
 */
export function arrangeColumns(flow: Flow, room: number = MOST_STEPS): Columns {
  const steps = countSteps(flow);
  const most = steps.reduce((a, b) => Math.max(a, b), 0);
  const link = flow.nodes.findIndex((node) => node.kind === 'link');
  const byStep = bandsOf(most, link < 0 ? null : steps[link]!, room);
  const band = (step: number): number => byStep[step]!;
  const bands = byStep.at(-1)!;
  const feeds = feedsOthers(flow);
  const stops = bands + 1;
  const ends = most > room || flow.nodes.some(isEnd);
  const of = flow.nodes.map((node, index) => {
    if (node.kind === 'theft') return 0;
    return isEnd(node) ? stops : band(steps[index]!);
  });
  if (most > room) moveEndsRight(flow, of, feeds, stops);
  const run = most > room ? joinRuns(flow, of, feeds) : flow.nodes.map(() => -1);
  const count = ends ? stops + 1 : stops;
  return { of, count, steps: stepRanges(most, bands, band).slice(0, count), run };
}

export function isStop(node: FlowNode): boolean {
  return node.kind !== 'theft' && node.kind !== 'link' && node.kind !== 'address';
}

/** A stop that nothing comes out of again, by a documented link. */
function isEnd(node: FlowNode): boolean {
  return isStop(node) && node.outUnits === 0n;
}

/** True where the edge leads to a place that was reached later than the one it leaves. */
function runsForward(edge: FlowEdge): boolean {
  return edge.from < edge.to;
}

function countSteps(flow: Flow): number[] {
  const incoming: FlowEdge[][] = flow.nodes.map(() => []);
  for (const edge of flow.edges) if (runsForward(edge)) incoming[edge.to]!.push(edge);
  const steps = flow.nodes.map(() => 0);
  for (const [index, node] of flow.nodes.entries()) {
    if (node.kind === 'theft') continue;
    const heaviest = incoming[index]!.reduce((most, edge) => (edge.units > most ? edge.units : most), 0n);
    let step = 1;
    for (const edge of incoming[index]!) {
      if (edge.units === heaviest || edge.units * LIGHT_INFLOW > node.inUnits) {
        step = Math.max(step, steps[edge.from]! + 1);
      }
    }
    steps[index] = step;
  }
  return steps;
}

/** Column of each step (from 1): the first two keep one each, so does the one of the documented links, the rest are shared out. */
function bandsOf(most: number, linkStep: number | null, room: number): number[] {
  const bands = [0];
  const share = (from: number, to: number, parts: number): void => {
    const last = bands.at(-1)!;
    const width = Math.min(parts, to - from + 1);
    for (let step = from; step <= to; step += 1) {
      bands[step] = last + 1 + Math.floor(((step - from) * width) / (to - from + 1));
    }
  };
  if (most <= room) share(1, most, most);
  else if (linkStep === null) {
    share(1, 2, 2);
    share(3, most, room - 2);
  } else {
    const more = Math.max(0, room - MOST_STEPS - 1);
    share(1, Math.min(2, linkStep - 1), 2);
    share(3, linkStep - 1, 1 + (more >> 1));
    share(linkStep, linkStep, 1);
    share(linkStep + 1, most, 2 + more - (more >> 1));
  }
  return bands;
}

function stepRanges(most: number, bands: number, band: (step: number) => number): Columns['steps'] {
  const ranges: ({ from: number; to: number } | null)[] = Array.from({ length: bands + 2 }, () => null);
  for (let step = 1; step <= most; step += 1) {
    const range = ranges[band(step)];
    if (range === null || range === undefined) ranges[band(step)] = { from: step, to: step };
    else range.to = step;
  }
  return ranges;
}

function feedsOthers(flow: Flow): boolean[] {
  const feeds = flow.nodes.map(() => false);
  for (const edge of flow.edges) feeds[edge.from] = true;
  return feeds;
}

/** In a squeezed picture, a place that passes nothing on stands right of the run that fed it. */
function moveEndsRight(flow: Flow, of: number[], feeds: readonly boolean[], stops: number): void {
  const wanted = of.slice();
  for (const edge of flow.edges) {
    const end = flow.nodes[edge.to]!;
    if (feeds[edge.to] || isEnd(end)) continue;
    wanted[edge.to] = Math.min(stops, Math.max(wanted[edge.to]!, of[edge.from]! + 1));
  }
  for (const [index, column] of wanted.entries()) of[index] = column;
}

function joinRuns(flow: Flow, of: readonly number[], feeds: readonly boolean[]): number[] {
  const parent = flow.nodes.map((_, index) => index);
  const size = flow.nodes.map(() => 1);
  const root = (index: number): number => {
    let at = index;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  for (const edge of flow.edges) {
    const [a, b] = [root(edge.from), root(edge.to)];
    if (a === b || of[edge.from] !== of[edge.to] || of[edge.from] === 0) continue;
    if (!feeds[edge.from] || !feeds[edge.to] || !runsForward(edge)) continue;
    if (flow.nodes[edge.from]!.kind === 'link' || flow.nodes[edge.to]!.kind === 'link') continue;
    parent[Math.max(a, b)] = Math.min(a, b);
    size[Math.min(a, b)]! += size[Math.max(a, b)]!;
  }
  return flow.nodes.map((_, index) => (size[root(index)]! > 1 ? root(index) : -1));
}
