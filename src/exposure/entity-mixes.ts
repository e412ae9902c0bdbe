import { type CoinJoin, type CoinJoinKind, coinJoinOf, coinJoinOfColumns } from '../detect/coinjoin.ts';
import { groupOutputs } from '../detect/coinjoin-view.ts';
import { COORDINATORS } from '../detect/coinjoin-wasabi1.ts';
import type { UtxoFlow, UtxoSegment } from '../flow/flow.ts';
import { createdBy, ownerOf, spentBy, valueOfOutput } from '../flow/utxo-hop.ts';
import { SPENDS_AT_ONCE } from './entity-spends.ts';

/** Transactions whose inputs may be of several owners, ascending, and which kind each is. */
export interface Mixes {
  readonly txs: Uint32Array;
  /** Places in MIX_KINDS. */
  readonly kinds: Uint8Array;
}

/** `outline`: no protocol that is known, but as many equal outputs as several owners would make. */
export type MixKind = CoinJoinKind | 'outline';
export const MIX_KINDS: readonly MixKind[] = [
  'whirlpool',
  'wasabi1',
  'wasabi2',
  'joinmarket',
  'tx0',
  'joint',
  'outline',
];

/** Equal outputs to different addresses, from at least as many paying addresses, from which on a transaction is left out as `outline`. */
export const OUTLINE = 5;

/**
 * The mixes among transactions `from` to before `to`. Only what has two inputs, three outputs and two equal ones is looked at by the
 * detectors, first as columns, then, where these see anything, with scripts. Beside what they find, a transaction with the outline of a mix is
 * left out: a payout that looks alike loses a join that others make good, a mix that is taken for one owner joins strangers for ever.
 */
export function findMixes(flow: UtxoFlow, from: number, to: number): Mixes {
  const scan = new MixScan(flow);
  for (const segment of flow.segments) {
    const first = Math.max(from, segment.firstTx) - segment.firstTx;
    const end = Math.min(to, segment.firstTx + segment.txCount) - segment.firstTx;
    for (let at = first; at < end; at += SPENDS_AT_ONCE) scan.chunk(segment, at, Math.min(SPENDS_AT_ONCE, end - at));
  }
  return { txs: Uint32Array.from(scan.txs), kinds: Uint8Array.from(scan.kinds) };
}

/** Those before a transaction. */
export function mixesBefore({ txs, kinds }: Mixes, tx: number): Mixes {
  const count = txs.filter((mix) => mix < tx).length;
  return { txs: txs.slice(0, count), kinds: kinds.slice(0, count) };
}

export function joinMixes(a: Mixes, b: Mixes): Mixes {
  const txs = new Uint32Array(a.txs.length + b.txs.length);
  const kinds = new Uint8Array(txs.length);
  txs.set(a.txs);
  txs.set(b.txs, a.txs.length);
  kinds.set(a.kinds);
  kinds.set(b.kinds, a.kinds.length);
  return { txs, kinds };
}

/** What a transaction is, told by its columns and texts. */
export function coinJoinAt(flow: UtxoFlow, tx: number): CoinJoin | null {
  const end = (output: number): { value: bigint; address: string } => ({
    value: valueOfOutput(flow, output),
    address: flow.addresses.text(ownerOf(flow, output)),
  });
  return coinJoinOf({
    inputs: Array.from(spentBy(flow, tx).outputs, end),
    outputs: Array.from(createdBy(flow, tx).outputs, end),
  });
}

class MixScan {
  readonly txs: number[] = [];
  readonly kinds: number[] = [];
  readonly #flow: UtxoFlow;
  readonly #coordinators: ReadonlySet<number>;

  constructor(flow: UtxoFlow) {
    this.#flow = flow;
    this.#coordinators = new Set(
      [...COORDINATORS].map((address) => flow.addresses.find(address)).filter((id) => id >= 0),
    );
  }

  chunk(segment: UtxoSegment, at: number, count: number): void {
    const inputStart = segment.inputStart.slice(at, count + 1);
    const outputStart = segment.outputStart.slice(at, count + 1);
    const created = segment.created.slice(at, count);
    const first = outputStart[0]!;
    const outputs = outputStart[count - 1]! + created[count - 1]! - first;
    const words = segment.value.slice(2 * (first - segment.firstOutput), 2 * outputs);
    for (let index = 0; index < count; index += 1) {
      const made = created[index]!;
      if (made < 3 || inputStart[index + 1]! - inputStart[index]! < 2) continue;
      const start = outputStart[index]! - first;
      if (hasEqual(words, start, made)) this.#look(segment.firstTx + at + index);
    }
  }

  #look(tx: number): void {
    const flow = this.#flow;
    const inputs = spentBy(flow, tx).outputs;
    const { outputs } = createdBy(flow, tx);
    const ends = {
      inputValues: Float64Array.from(inputs, (output) => Number(valueOfOutput(flow, output))),
      inputOwners: inputs.map((output) => ownerOf(flow, output)),
      outputValues: Float64Array.from(outputs, (output) => Number(valueOfOutput(flow, output))),
      outputOwners: outputs.map((output) => ownerOf(flow, output)),
    };
    const kind = this.#kindOf(tx, ends) ?? (hasOutline(ends) ? 'outline' : null);
    if (kind === null) return;
    this.txs.push(tx);
    this.kinds.push(MIX_KINDS.indexOf(kind));
  }

  /** A mix of a known protocol, or what may be one. */
  #kindOf(tx: number, ends: Ends): MixKind | null {
    const known = ends.outputOwners.some((owner) => this.#coordinators.has(owner));
    // Whatever columns take it for: one that looks like a Tx0 without its data's length may be of several owners.
    if (!known && coinJoinOfColumns(ends) === null) return null;
    const found = coinJoinAt(this.#flow, tx);
    return found?.severalOwners === true ? found.kind : null;
  }
}

interface Ends {
  readonly inputValues: Float64Array;
  readonly inputOwners: Uint32Array;
  readonly outputValues: Float64Array;
  readonly outputOwners: Uint32Array;
}

function hasOutline({ inputOwners, outputValues, outputOwners }: Ends): boolean {
  const { equal, value } = groupOutputs(outputValues);
  if (equal < OUTLINE || new Set(inputOwners).size < equal) return false;
  return new Set(outputOwners.filter((_, at) => outputValues[at] === value)).size === equal;
}

/** Whether two of the values are equal; words of two, from value `start` on. */
function hasEqual(words: Uint32Array, start: number, count: number): boolean {
  if (count > 16) {
    const values = Float64Array.from(
      { length: count },
      (_, index) => words[2 * (start + index)]! + words[2 * (start + index) + 1]! * 4_294_967_296,
    ).sort();
    for (let index = 1; index < count; index += 1) if (values[index] === values[index - 1]) return true;
    return false;
  }
  for (let one = 2 * start; one < 2 * (start + count); one += 2) {
    for (let other = one + 2; other < 2 * (start + count); other += 2)
      if (words[one] === words[other] && words[one + 1] === words[other + 1]) return true;
  }
  return false;
}
