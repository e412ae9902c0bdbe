import fc from 'fast-check';
import { type Flow, type FlowAnswer, flowOf } from './flow.ts';

const KINDS = ['address', 'address', 'address', 'service', 'mixer', 'bridge', 'fee', 'suspected-service'];

export interface NodeLike {
  readonly kind: string;
  readonly column: number;
  readonly entity: string | null;
}

export interface EdgeLike {
  readonly from: number;
  readonly to: number;
  readonly parts: readonly { readonly units: bigint; readonly time: number }[];
  readonly stepped: boolean;
}

const START = 1_650_000_000;

/** An answer of the server from nodes and movements; sums of nodes are those of their edges. */
export function answerOf(nodes: readonly NodeLike[], edges: readonly EdgeLike[], conserves = true): FlowAnswer {
  const total = (pick: (edge: EdgeLike) => boolean): string =>
    edges
      .filter(pick)
      .reduce((sum, edge) => sum + sumOf(edge), 0n)
      .toString();
  const all = [{ kind: 'theft', column: 0, entity: null }, ...nodes];
  return {
    theft: 'theft-1',
    method: 'haircut',
    stolen: total(({ from }) => from === 0),
    symbol: 'ETH',
    decimals: 18,
    conserves,
    columns: all.reduce((most, { column }) => Math.max(most, column), 0) + 1,
    nodes: all.map(({ kind, column, entity }, index) => ({
      kind,
      chain: index === 0 ? 'theft' : 'eip155:1',
      address: index === 0 ? '' : `0x${index.toString(16).padStart(40, '0')}`,
      name: entity,
      category: null,
      entity,
      recoverable: false,
      edgeOfData: false,
      in: total(({ to }) => to === index),
      out: total(({ from }) => from === index),
      held: '0',
      hops: column,
      column,
      firstTime: firstOf(edges, index),
      lastTime: START + 5000,
    })),
    edges: edges.map((edge) => ({
      from: edge.from,
      to: edge.to,
      units: sumOf(edge).toString(),
      transfers: edge.parts.length,
      first: edge.parts.reduce((least, { time }) => Math.min(least, START + time), Number.POSITIVE_INFINITY),
      last: edge.parts.reduce((most, { time }) => Math.max(most, START + time), 0),
    })),
    steps: edges
      .flatMap((edge, at) =>
        edge.stepped ? edge.parts.map(({ units, time }) => ({ edge: at, time: START + time, units: `${units}` })) : [],
      )
      .sort((a, b) => a.time - b.time),
    selfTransfers: 0,
    feeUnits: '0',
    dropped: { nodes: 0, edges: 0 },
  };
}

function sumOf({ parts }: EdgeLike): bigint {
  return parts.reduce((sum, { units }) => sum + units, 0n);
}

function firstOf(edges: readonly EdgeLike[], index: number): number {
  const times = edges.filter(({ to }) => to === index).flatMap(({ parts }) => parts.map(({ time }) => START + time));
  return times.reduce((least, time) => Math.min(least, time), index === 0 ? START : START + 5000);
}

/** Any flow: loops, places that nothing reaches, amounts over 2⁶⁴, movements with and without steps. */
export const anyAnswer: fc.Arbitrary<FlowAnswer> = fc
  .record({
    nodes: fc.array(
      fc.record({
        kind: fc.constantFrom(...KINDS),
        column: fc.integer({ min: 1, max: 9 }),
        entity: fc.option(fc.constantFrom('Aster', 'Borage', 'a*b ~\ud800', 'Dahlia'), { nil: null }),
      }),
      { minLength: 1, maxLength: 120 },
    ),
    edges: fc.array(
      fc.record({
        from: fc.nat(),
        to: fc.nat(),
        parts: fc.array(fc.record({ units: fc.bigInt(0n, 1n << 90n), time: fc.integer({ min: 1, max: 5000 }) }), {
          minLength: 1,
          maxLength: 4,
        }),
        stepped: fc.boolean(),
      }),
      { maxLength: 200 },
    ),
  })
  .map(({ nodes, edges }) => {
    const count = nodes.length + 1;
    const byEnds = new Map<string, EdgeLike>();
    for (const edge of edges) {
      const [from, to] = [edge.from % count, 1 + (edge.to % nodes.length)];
      if (from !== to) byEnds.set(`${from}-${to}`, { ...edge, from, to });
    }
    return answerOf(nodes, [...byEnds.values()]);
  });

export const anyFlow: fc.Arbitrary<Flow> = anyAnswer.map(flowOf);

/** A random number from 0 to 1, the same from the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** So many places in twelve columns, of which the last one holds the stops. */
export function largeAnswer(places: number, movements: number): FlowAnswer {
  const random = seeded(7);
  const nodes = Array.from({ length: places - 1 }, (_, index) => {
    const stop = random() < 0.05;
    const column = stop ? 11 : 1 + Math.floor((index / places) * 10);
    return { kind: stop ? 'service' : 'address', column, entity: null };
  });
  const byEnds = new Map<string, EdgeLike>();
  while (byEnds.size < movements) {
    const from = Math.floor(random() ** 2 * (places - 1));
    const to = Math.min(places - 1, from + 1 + Math.floor(random() * 600));
    const units = BigInt(Math.floor(random() ** 4 * 1e15) + 1) * 1000n;
    const parts = [{ units, time: 1 + Math.floor((to / places) * 4990) }];
    if (from !== to) byEnds.set(`${from}-${to}`, { from, to, parts, stepped: true });
  }
  return fastAnswer(nodes, [...byEnds.values()]);
}

/** As answerOf, for many. */
function fastAnswer(nodes: readonly NodeLike[], edges: readonly EdgeLike[]): FlowAnswer {
  const answer = answerOf(nodes, []);
  const [came, went] = [new Map<number, bigint>(), new Map<number, bigint>()];
  const first = new Map<number, number>();
  for (const edge of edges) {
    came.set(edge.to, (came.get(edge.to) ?? 0n) + sumOf(edge));
    went.set(edge.from, (went.get(edge.from) ?? 0n) + sumOf(edge));
    const time = START + edge.parts[0]!.time;
    first.set(edge.to, Math.min(first.get(edge.to) ?? time, time));
  }
  const whole = answerOf([], edges.slice(0, 0));
  const moved = edges.map((edge) => {
    const time = START + edge.parts[0]!.time;
    return { from: edge.from, to: edge.to, units: `${sumOf(edge)}`, transfers: 1, first: time, last: time };
  });
  return {
    ...whole,
    columns: answer.columns,
    stolen: `${went.get(0) ?? 0n}`,
    nodes: answer.nodes.map((node, index) => ({
      ...node,
      in: `${came.get(index) ?? 0n}`,
      out: `${went.get(index) ?? 0n}`,
      firstTime: first.get(index) ?? START,
    })),
    edges: moved,
    steps: moved.map(({ units, first: time }, edge) => ({ edge, time, units })).sort((a, b) => a.time - b.time),
  };
}
