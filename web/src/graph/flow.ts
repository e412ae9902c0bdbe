import type { z } from 'zod';
import type { caseFlowSchema } from '../../../src/api/routes/pictures.ts';

export type FlowAnswer = z.output<typeof caseFlowSchema>;

/** A place of the flow. Amounts are source units, times seconds. */
export interface Place {
  readonly index: number;
  /** chain|address, as the board keeps it; one of a kind. */
  readonly key: string;
  readonly kind: string;
  readonly chain: string;
  readonly address: string;
  readonly name: string | null;
  readonly entity: string | null;
  readonly recoverable: boolean;
  readonly edgeOfData: boolean;
  readonly in: bigint;
  readonly out: bigint;
  readonly held: bigint;
  readonly hops: number;
  readonly column: number;
  readonly firstTime: number;
  readonly lastTime: number;
  /** What it counts where the largest come first: the larger of what came and what went; of a method without amounts, its movements. */
  readonly weight: bigint;
}

export interface Movement {
  readonly from: number;
  readonly to: number;
  readonly units: bigint;
  readonly transfers: number;
  readonly first: number;
  readonly last: number;
}

export interface Step {
  readonly edge: number;
  readonly time: number;
  readonly units: bigint;
}

export interface Flow {
  readonly theft: string;
  readonly method: string;
  readonly stolen: bigint;
  /** false: reach and no amounts. */
  readonly conserves: boolean;
  readonly columns: number;
  readonly places: readonly Place[];
  readonly movements: readonly Movement[];
  readonly steps: readonly Step[];
  /** Of each movement: true where its steps add up to it, so that a replay of it is exact. */
  readonly stepped: readonly boolean[];
  /** First and last moment known. */
  readonly start: number;
  readonly end: number;
}

/** Parses the amounts of an answer once. */
export function flowOf(answer: FlowAnswer): Flow {
  // Of a movement without a time it is known when the loot came to its end.
  const movements = answer.edges.map((edge) => {
    const { first, last } = edge.first > 0 ? edge : { first: answer.nodes[edge.to]!.firstTime, last: 0 };
    return { ...edge, units: BigInt(edge.units), first, last: last > first ? last : first };
  });
  const places = placesOf(answer, movements);
  const steps = answer.steps.map((step) => ({ ...step, units: BigInt(step.units) }));
  const times = [...places.flatMap((place) => [place.firstTime]), ...movements.map(({ last }) => last)].filter(
    (time) => time > 0,
  );
  for (const { time } of steps) times.push(time);
  const start = times.reduce((least, time) => (time < least ? time : least), times[0] ?? 0);
  return {
    theft: answer.theft,
    method: answer.method,
    stolen: BigInt(answer.stolen),
    conserves: answer.conserves,
    columns: answer.columns,
    places,
    movements,
    steps,
    stepped: steppedOf(movements, steps),
    start,
    end: times.reduce((most, time) => (time > most ? time : most), start),
  };
}

function placesOf(answer: FlowAnswer, movements: readonly Movement[]): Place[] {
  const moves = answer.nodes.map(() => 0);
  for (const { from, to, transfers } of movements) {
    moves[from]! += transfers;
    moves[to]! += transfers;
  }
  const taken = new Set<string>();
  return answer.nodes.map((node, index) => {
    let key = `${node.chain}|${node.address}`;
    if (taken.has(key)) key = `${key}#${node.kind}${index}`;
    taken.add(key);
    const amounts = { in: BigInt(node.in), out: BigInt(node.out), held: BigInt(node.held) };
    const weight = answer.conserves ? larger(amounts.in, amounts.out) : BigInt(moves[index]!);
    return { ...node, ...amounts, index, key, weight };
  });
}

function steppedOf(movements: readonly Movement[], steps: readonly Step[]): boolean[] {
  const sums = movements.map(() => 0n);
  const any = movements.map(() => false);
  for (const { edge, units } of steps) {
    sums[edge]! += units;
    any[edge] = true;
  }
  return movements.map(({ units }, index) => any[index]! && sums[index] === units);
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
