/** What a Sankey needs of the flow of a case. */
export interface FlowForSankey {
  readonly stolen: string;
  readonly columns: number;
  readonly nodes: readonly FlowPlace[];
  readonly edges: readonly {
    readonly from: number;
    readonly to: number;
    readonly units: string;
    readonly transfers: number;
  }[];
}

interface FlowPlace {
  readonly kind: string;
  readonly chain: string;
  readonly address: string;
  readonly name: string | null;
  readonly recoverable: boolean;
  readonly in: string;
  readonly held: string;
  readonly column: number;
}

/** One bar: a place, or several drawn as one. */
export interface Bar {
  /** Of the places; `mixed` where they differ. */
  readonly kind: string;
  /** The places, largest first, as indexes of the flow's nodes. */
  readonly members: readonly number[];
  /** `one`: a place. `run`: places of one step that pay each other. `rest`: the smaller ones of a step, or of the stops. */
  readonly form: 'one' | 'run' | 'rest';
  readonly band: number;
  /** Came in from other bars. */
  readonly in: bigint;
  readonly out: bigint;
  readonly held: bigint;
  readonly recoverable: boolean;
}

export interface Ribbon {
  readonly from: number;
  readonly to: number;
  readonly units: bigint;
  readonly transfers: number;
}

/** The flow with loops cut and small places merged. Every unit of every edge is in exactly one of ribbons, back and inner. */
export interface SankeyFlow {
  readonly bars: readonly Bar[];
  readonly ribbons: readonly Ribbon[];
  /** Edges that run to a place reached before, or to one not further on: they could close a loop. As ribbons between bars, not drawn. */
  readonly back: readonly Ribbon[];
  readonly inner: { readonly edges: number; readonly transfers: number; readonly units: bigint };
}

export interface SankeyLimits {
  /** Steps between the theft and the stops. */
  readonly bands: number;
  /** Bars of one step; the stops have twice as many. */
  readonly bars: number;
  /** Addresses that got less than this part of what was stolen are merged: 200 is half a per cent. */
  readonly least: number;
}

const LIMITS: SankeyLimits = { bands: 6, bars: 9, least: 200 };

/**
 * Loops are cut by the order of first arrival (that of the flow's nodes): an edge to an earlier node is not drawn, nor one that leads to no later
 * band. Columns are joined to bands; addresses of one band that pass loot on to each other are one bar.
 */
export function sankeyFlow(flow: FlowForSankey, limits: SankeyLimits = LIMITS): SankeyFlow {
  const bandOf = bandsOf(flow, limits.bands);
  const last = bandOf(flow.columns - 1);
  const runs = new Runs(flow.nodes.length);
  const band = flow.nodes.map((node) => bandOf(node.column));
  const forward = (edge: { from: number; to: number }): boolean =>
    edge.from < edge.to && band[edge.from]! < band[edge.to]!;
  const isAddress = (index: number): boolean => flow.nodes[index]!.kind === 'address';
  for (const { from, to } of flow.edges)
    if (from < to && band[from] === band[to] && isAddress(from) && isAddress(to)) runs.join(from, to);
  const groups = groupsOf(flow, runs, band, {
    most: (at) => (at === last ? 2 * limits.bars : limits.bars),
    least: BigInt(flow.stolen) / BigInt(limits.least),
  });
  const barOf = new Int32Array(flow.nodes.length);
  for (const [bar, group] of groups.entries()) for (const member of group.members) barOf[member] = bar;
  const drawn = new Map<string, Ribbon>();
  const back = new Map<string, Ribbon>();
  const inner = { edges: 0, transfers: 0, units: 0n };
  for (const edge of flow.edges) {
    const [from, to] = [barOf[edge.from]!, barOf[edge.to]!];
    const units = BigInt(edge.units);
    if (from === to) {
      inner.edges += 1;
      inner.transfers += edge.transfers;
      inner.units += units;
    } else add(forward(edge) ? drawn : back, { from, to, units, transfers: edge.transfers });
  }
  const ribbons = [...drawn.values()];
  return { bars: summed(flow, groups, ribbons, [...back.values()]), ribbons, back: [...back.values()], inner };
}

function add(to: Map<string, Ribbon>, ribbon: Ribbon): void {
  const key = `${ribbon.from}>${ribbon.to}`;
  const known = to.get(key);
  to.set(
    key,
    known === undefined
      ? ribbon
      : { ...known, units: known.units + ribbon.units, transfers: known.transfers + ribbon.transfers },
  );
}

type Group = Pick<Bar, 'members' | 'form' | 'band' | 'kind'>;

interface Cut {
  readonly most: (band: number) => number;
  /** Units. */
  readonly least: bigint;
}

function groupsOf(flow: FlowForSankey, runs: Runs, band: readonly number[], cut: Cut): Group[] {
  const joined = new Map<number, number[]>();
  for (const index of flow.nodes.keys()) {
    const root = runs.of(index);
    const members = joined.get(root);
    if (members === undefined) joined.set(root, [index]);
    else members.push(index);
  }
  const byBand = new Map<number, number[][]>();
  for (const members of joined.values()) {
    const at = band[members[0]!]!;
    byBand.set(at, [...(byBand.get(at) ?? []), members]);
  }
  return [...byBand.entries()].sort(([a], [b]) => a - b).flatMap(([at, all]) => groupsOfBand(flow, at, all, cut));
}

function groupsOfBand(flow: FlowForSankey, band: number, all: readonly number[][], cut: Cut): Group[] {
  const size = (index: number): bigint => BigInt(flow.nodes[index]!.in);
  const largestFirst = (a: number, b: number): number => descending(size(a), size(b)) || a - b;
  const sorted = all
    .map((members) => ({
      members: members.toSorted(largestFirst),
      size: members.reduce((sum, at) => sum + size(at), 0n),
      kind: kindOf(flow, members),
    }))
    .sort((a, b) => descending(a.size, b.size) || a.members[0]! - b.members[0]!);
  const most = cut.most(band);
  const fits = sorted.length <= most ? sorted.length : most - 1;
  const small = (group: (typeof sorted)[number], at: number): boolean =>
    at >= fits || (group.kind === 'address' && group.size < cut.least);
  const kept = sorted
    .filter((group, at) => !small(group, at))
    .map(({ members, kind }): Group => {
      return { members, form: members.length === 1 ? 'one' : 'run', band, kind };
    });
  const rest = new Map<string, number[]>();
  for (const { members, kind } of sorted.filter(small)) rest.set(kind, [...(rest.get(kind) ?? []), ...members]);
  const merged = [...rest].map(([kind, members]): Group => {
    return { members: members.toSorted(largestFirst), form: members.length === 1 ? 'one' : 'rest', band, kind };
  });
  return [...kept, ...merged];
}

function kindOf(flow: FlowForSankey, members: readonly number[]): string {
  const kinds = new Set(members.map((index) => flow.nodes[index]!.kind));
  return kinds.size === 1 ? [...kinds][0]! : 'mixed';
}

function summed(
  flow: FlowForSankey,
  groups: readonly Group[],
  ribbons: readonly Ribbon[],
  back: readonly Ribbon[],
): Bar[] {
  const into = groups.map(() => 0n);
  const out = groups.map(() => 0n);
  for (const { from, to, units } of [...ribbons, ...back]) {
    into[to]! += units;
    out[from]! += units;
  }
  return groups.map((group, index) => ({
    ...group,
    in: into[index]!,
    out: out[index]!,
    held: group.members.reduce((sum, member) => sum + BigInt(flow.nodes[member]!.held), 0n),
    recoverable: group.members.every((member) => flow.nodes[member]!.recoverable),
  }));
}

/**
 * Columns between the theft and the stops, shared out so that each band gets about as much of what came in. The first two columns and that of the
 * documented links keep a band each.
 */
function bandsOf(flow: FlowForSankey, most: number): (column: number) => number {
  const between = Math.max(0, flow.columns - 2);
  if (between <= most) return (column) => column;
  const weights = Array.from({ length: between }, () => 1n);
  for (const node of flow.nodes)
    if (node.column > 0 && node.column <= between) weights[node.column - 1]! += BigInt(node.in);
  const links = flow.nodes.filter(({ kind }) => kind === 'link').map(({ column }) => column);
  const alone = new Set([1, 2, ...links]);
  const shared = weights.map((weight, index) => (alone.has(index + 1) ? 0n : weight));
  const total = shared.reduce((sum, weight) => sum + weight, 0n);
  const parts = BigInt(Math.max(1, most - alone.size));
  const bands = [0];
  let sum = 0n;
  let part = -1n;
  for (const [index, weight] of shared.entries()) {
    const last = bands.at(-1)!;
    // In the middle of its weight a column is in one part of the whole.
    const own = weight === 0n ? -1n : ((sum + weight / 2n) * parts) / total;
    const opens = alone.has(index + 1) || alone.has(index) || own !== part;
    bands.push(opens ? last + 1 : last);
    sum += weight;
    part = own;
  }
  const end = bands.at(-1)! + 1;
  return (column) => bands[column] ?? end;
}

function descending(a: bigint, b: bigint): number {
  return a > b ? -1 : a < b ? 1 : 0;
}

/** Sets that are joined. */
class Runs {
  readonly #parent: Int32Array;

  constructor(count: number) {
    this.#parent = Int32Array.from({ length: count }, (_, index) => index);
  }

  of(index: number): number {
    let at = index;
    while (this.#parent[at] !== at) {
      this.#parent[at] = this.#parent[this.#parent[at]!]!;
      at = this.#parent[at]!;
    }
    return at;
  }

  join(a: number, b: number): void {
    this.#parent[this.of(b)] = this.of(a);
  }
}
