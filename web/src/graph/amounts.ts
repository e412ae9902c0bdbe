import type { Flow } from './flow.ts';
import { type Picture, UNSEEN, WITHIN } from './picture.ts';

/** What every movement came to until a moment. */
export interface Replay {
  /** Seconds; null: the whole. */
  readonly moment: number | null;
  /** Source units of each movement. */
  readonly units: readonly bigint[];
  /** Of each movement: it had begun. */
  readonly begun: readonly boolean[];
  /** Some amounts between the first and the last moment of a movement are drawn in a straight line, as its steps are not known. */
  readonly estimated: boolean;
}

/** `moment`: seconds; null, or nothing later known: the whole. */
export function replayOf(flow: Flow, moment: number | null): Replay {
  if (moment === null || moment >= flow.end)
    return {
      moment: null,
      units: flow.movements.map(({ units }) => units),
      begun: flow.movements.map(() => true),
      estimated: false,
    };
  const units = flow.movements.map(() => 0n);
  for (const step of flow.steps) {
    if (step.time > moment) break;
    if (flow.stepped[step.edge]) units[step.edge]! += step.units;
  }
  let estimated = false;
  const begun = flow.movements.map(({ first }) => first <= moment);
  for (const [index, movement] of flow.movements.entries()) {
    if (flow.stepped[index] || !begun[index]) continue;
    units[index] = straightLine(movement.units, movement.first, movement.last, moment);
    if (movement.last > moment && flow.conserves) estimated = true;
  }
  return { moment, units, begun, estimated };
}

function straightLine(units: bigint, first: number, last: number, moment: number): bigint {
  if (moment >= last || last <= first) return units;
  return (units * BigInt(Math.floor(moment - first))) / BigInt(Math.ceil(last - first));
}

/** Source units. What came and went is by the movements from and to other shapes, hidden ones too; `rest`: came less went. */
export interface ShapeAmounts {
  readonly in: bigint;
  readonly out: bigint;
  /** Between its own members. */
  readonly within: bigint;
  /** Of in and out, what has its other end out of sight. */
  readonly inUnseen: bigint;
  readonly outUnseen: bigint;
  readonly begun: boolean;
}

export interface Amounts {
  readonly shapes: readonly ShapeAmounts[];
  readonly lines: readonly { readonly units: bigint; readonly begun: boolean }[];
  /** What went from shapes to places out of sight, came back from them, and moved between them. */
  readonly unseen: { readonly to: bigint; readonly from: bigint; readonly between: bigint };
}

type Mutable<Value> = { -readonly [Name in keyof Value]: Value[Name] };

/** Sums of a picture: nothing is lost, whatever is folded or hidden. */
export function amountsOf(flow: Flow, picture: Picture, replay: Replay): Amounts {
  const shapes = picture.shapes.map(
    ({ firstTime }): Mutable<ShapeAmounts> => ({
      in: 0n,
      out: 0n,
      within: 0n,
      inUnseen: 0n,
      outUnseen: 0n,
      begun: replay.moment === null || firstTime <= replay.moment,
    }),
  );
  const lines = picture.lines.map(() => ({ units: 0n, begun: false }));
  const unseen = { to: 0n, from: 0n, between: 0n };
  for (const [index, { from, to }] of flow.movements.entries()) {
    if (!replay.begun[index]) continue;
    const units = replay.units[index]!;
    const source = shapes[picture.shapeOf[from]!];
    const target = shapes[picture.shapeOf[to]!];
    if (source !== undefined) source.begun = true;
    if (target !== undefined) target.begun = true;
    const line = picture.lineOf[index]!;
    if (line === WITHIN) source!.within += units;
    else if (line === UNSEEN) addUnseen(unseen, source, target, units);
    else {
      lines[line]!.units += units;
      lines[line]!.begun = true;
      source!.out += units;
      target!.in += units;
    }
  }
  return { shapes, lines, unseen };
}

function addUnseen(
  unseen: Mutable<Amounts['unseen']>,
  source: Mutable<ShapeAmounts> | undefined,
  target: Mutable<ShapeAmounts> | undefined,
  units: bigint,
): void {
  if (source !== undefined) {
    source.out += units;
    source.outUnseen += units;
    unseen.to += units;
  }
  if (target !== undefined) {
    target.in += units;
    target.inUnseen += units;
    unseen.from += units;
  }
  if (source === undefined && target === undefined) unseen.between += units;
}
