import { lowest } from '../base/ascending.ts';
import type { UtxoFlow, UtxoSegment } from './flow.ts';
import type { HopWindow } from './hop.ts';

/** Outputs one transaction away from many addresses, end to end. */
export interface UtxoHop {
  readonly count: number;
  /** By row: index of the address asked for. */
  readonly origin: Uint32Array;
  /** Address id of the other end: itself too, where it gets change. */
  readonly peer: Uint32Array;
  readonly tx: Uint32Array;
  /** `out`: what the transaction creates and the peer owns; `in`: what the peer owned and the transaction spends. */
  readonly output: Uint32Array;
}

/**
 * Who got money in the transactions that spend outputs of an address (`out`), or whose money was spent in those that created them (`in`): address by
 * address in the order asked for, each transaction once, in order, its outputs (inputs) in order, late ones last. The window is one of steps, which are transactions.
 */
export function utxoHop(
  flow: UtxoFlow,
  addresses: Uint32Array,
  direction: 'out' | 'in',
  window: HopWindow = { from: 0, to: flow.txCount },
): UtxoHop {
  const ends = direction === 'out' ? createdBy : spentBy;
  const origins: number[] = [];
  const found: Ends[] = [];
  let count = 0;
  addresses.forEach((address, origin) => {
    for (const tx of transactionsOf(flow, address, direction, window)) {
      const part = ends(flow, tx);
      origins.push(origin);
      found.push(part);
      count += part.outputs.length;
    }
  });
  return endToEnd(flow, count, origins, found);
}

interface Ends {
  readonly tx: number;
  readonly outputs: Uint32Array;
}

function endToEnd(flow: UtxoFlow, count: number, origins: readonly number[], found: readonly Ends[]): UtxoHop {
  const hop = {
    count,
    origin: new Uint32Array(count),
    peer: new Uint32Array(count),
    tx: new Uint32Array(count),
    output: new Uint32Array(count),
  };
  let next = 0;
  found.forEach(({ tx, outputs }, index) => {
    for (const output of outputs) {
      hop.origin[next] = origins[index]!;
      hop.peer[next] = ownerOf(flow, output);
      hop.tx[next] = tx;
      hop.output[next] = output;
      next += 1;
    }
  });
  return hop;
}

/** The transactions that spend (create) outputs of an address, each once, ascending. */
function transactionsOf(
  flow: UtxoFlow,
  address: number,
  direction: 'out' | 'in',
  { from, to }: HopWindow,
): Uint32Array {
  const outputs = flow.outputsOf(address);
  const txs = new Uint32Array(outputs.length);
  let count = 0;
  for (const output of outputs) {
    const tx = direction === 'out' ? flow.spender(output) : flow.creator(output);
    if (tx >= from && tx >= 0 && tx < to) txs[count++] = tx;
  }
  const sorted = txs.subarray(0, count).sort();
  let distinct = 0;
  for (const tx of sorted) if (distinct === 0 || sorted[distinct - 1] !== tx) sorted[distinct++] = tx;
  return sorted.subarray(0, distinct);
}

/** What a transaction creates: the outputs numbered after it, then those that have their number from their spender. */
export function createdBy(flow: UtxoFlow, tx: number): Ends {
  const segment = segmentOfTx(flow, tx);
  const { late } = segment;
  const first = segment.outputStart.at(tx - segment.firstTx);
  const fresh = segment.created.at(tx - segment.firstTx);
  const from = late.length === 0 ? 0 : firstLate(segment, tx);
  let to = from;
  while (to < late.length && late.at(to) === tx) to += 2;
  const outputs = new Uint32Array(fresh + (to - from) / 2);
  for (let index = 0; index < fresh; index += 1) outputs[index] = first + index;
  for (let at = from; at < to; at += 2) outputs[fresh + (at - from) / 2] = late.at(at + 1);
  return { tx, outputs };
}

/** What a transaction spends, in the order of its inputs. */
export function spentBy(flow: UtxoFlow, tx: number): Ends {
  const { firstTx, inputStart, inputs } = segmentOfTx(flow, tx);
  const start = inputStart.at(tx - firstTx);
  return { tx, outputs: inputs.slice(start, inputStart.at(tx - firstTx + 1) - start) };
}

/** Address id of an output's owner. */
export function ownerOf(flow: UtxoFlow, output: number): number {
  const { owner, firstOutput } = segmentOfOutput(flow, output);
  return owner.at(output - firstOutput);
}

/** Base units. */
export function valueOfOutput(flow: UtxoFlow, output: number): bigint {
  const { value, firstOutput } = segmentOfOutput(flow, output);
  const at = 2 * (output - firstOutput);
  return (BigInt(value.at(at + 1)) << 32n) | BigInt(value.at(at));
}

function segmentOfOutput({ segments }: UtxoFlow, output: number): UtxoSegment {
  let at = segments.length - 1;
  while (segments[at]!.firstOutput > output) at -= 1;
  return segments[at]!;
}

function segmentOfTx({ segments }: UtxoFlow, tx: number): UtxoSegment {
  let at = segments.length - 1;
  while (segments[at]!.firstTx > tx) at -= 1;
  return segments[at]!;
}

/** The first pair of `late` whose transaction is this one or later. */
function firstLate({ late }: UtxoSegment, tx: number): number {
  return 2 * lowest(late.length / 2, (pair) => late.at(2 * pair) >= tx);
}
