import { NONE, type UtxoFlow, type UtxoSegment } from '../flow/flow.ts';

/** One transaction of a UTXO chain as exposure sees it. Arrays are reused: read them before the next transaction is asked for. */
export interface UtxoTx {
  tx: number;
  inputs: number;
  /** Output numbers spent. */
  readonly input: number[];
  readonly inputValue: number[];
  /** Address ids. */
  readonly inputOwner: number[];
  outputs: number;
  /** Numbers of the outputs it creates: `fresh` of them from one number on, then those that were spent before (`late` in flow.ts). */
  readonly output: number[];
  fresh: number;
  readonly outputValue: number[];
  readonly outputOwner: number[];
  /** Sums. */
  spent: number;
  paid: number;
}

/**
 * Reads transactions one by one. Values are whole numbers below 2^53 (all bitcoins are 2.1 × 10^15 satoshi).
 */
export class UtxoReader {
  readonly #flow: UtxoFlow;
  readonly #tx: UtxoTx = {
    tx: 0,
    inputs: 0,
    input: [],
    inputValue: [],
    inputOwner: [],
    outputs: 0,
    output: [],
    fresh: 0,
    outputValue: [],
    outputOwner: [],
    spent: 0,
    paid: 0,
  };
  #segment: UtxoSegment | null = null;
  readonly #late = new Map<number, number[]>();

  constructor(flow: UtxoFlow) {
    this.#flow = flow;
    for (const { late } of flow.segments)
      for (let at = 0; at < late.length; at += 2)
        this.#late.set(late.at(at), [...(this.#late.get(late.at(at)) ?? []), late.at(at + 1)]);
  }

  read(tx: number): UtxoTx {
    const segment = this.#segmentOfTx(tx);
    const view = this.#tx;
    const at = tx - segment.firstTx;
    const start = segment.inputStart.at(at);
    view.tx = tx;
    view.inputs = segment.inputStart.at(at + 1) - start;
    view.spent = 0;
    for (let index = 0; index < view.inputs; index += 1) {
      const output = segment.inputs.at(start + index);
      const home = this.segmentOfOutput(output, segment);
      const value = outputValueOf(home, output);
      view.input[index] = output;
      view.inputValue[index] = value;
      view.inputOwner[index] = home.owner.at(output - home.firstOutput);
      view.spent += value;
    }
    this.#readOutputs(view, segment, at);
    return view;
  }

  #readOutputs(view: UtxoTx, segment: UtxoSegment, at: number): void {
    const first = segment.outputStart.at(at);
    const late = this.#late.size === 0 ? [] : (this.#late.get(view.tx) ?? []);
    view.fresh = segment.created.at(at);
    view.outputs = view.fresh + late.length;
    view.paid = 0;
    for (let index = 0; index < view.outputs; index += 1) {
      const output = index < view.fresh ? first + index : late[index - view.fresh]!;
      const home = this.segmentOfOutput(output, segment);
      const value = outputValueOf(home, output);
      view.output[index] = output;
      view.outputValue[index] = value;
      view.outputOwner[index] = home.owner.at(output - home.firstOutput);
      view.paid += value;
    }
  }

  value(output: number): number {
    return outputValueOf(this.segmentOfOutput(output, this.#segment ?? this.#flow.segments[0]!), output);
  }

  owner(output: number): number {
    const segment = this.segmentOfOutput(output, this.#segment ?? this.#flow.segments[0]!);
    return segment.owner.at(output - segment.firstOutput);
  }

  segmentOfOutput(output: number, near: UtxoSegment): UtxoSegment {
    if (output >= near.firstOutput && output < near.firstOutput + near.outputCount) return near;
    return bisect(this.#flow.segments, output, (segment) => segment.firstOutput);
  }

  #segmentOfTx(tx: number): UtxoSegment {
    const known = this.#segment;
    if (known !== null && tx >= known.firstTx && tx < known.firstTx + known.txCount) return known;
    this.#segment = bisect(this.#flow.segments, tx, (segment) => segment.firstTx);
    return this.#segment;
  }
}

function bisect(
  segments: readonly UtxoSegment[],
  number: number,
  firstOf: (segment: UtxoSegment) => number,
): UtxoSegment {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (firstOf(segments[middle]!) <= number) low = middle;
    else high = middle - 1;
  }
  return segments[low]!;
}

function outputValueOf({ value, firstOutput }: UtxoSegment, output: number): number {
  const at = 2 * (output - firstOutput);
  return value.at(at + 1) * 2 ** 32 + value.at(at);
}

/** No slot: money that goes on by itself (a service's), or never seen arriving. */
export const NO_SLOT = NONE;
