import fc from 'fast-check';
import { Uint32Column } from '../flow/column.ts';
import type { UtxoFlow, UtxoSegment } from '../flow/flow.ts';
import type { ChainId } from '../model/chain.ts';
import type { Category, Label } from '../model/label.ts';
import type { UtxoOutput, UtxoTransaction } from '../model/transfer.ts';

/** A label in force, of a list of one entry. */
export function labelOf(
  address: string,
  category: Category,
  label: string,
  chain: ChainId,
  rest: Partial<Label> = {},
): Label {
  return {
    address,
    chain,
    currency: null,
    label,
    category,
    actor: null,
    abuse: null,
    programmes: [],
    confidence: 'ownership',
    url: null,
    caseLost: false,
    validFrom: null,
    validTo: null,
    list: {
      source: 'test',
      listDate: null,
      title: 'test',
      url: null,
      licence: null,
      sha256: '0'.repeat(64),
      fileName: 'test.csv',
    },
    firstListed: null,
    lastListed: null,
    endedBy: null,
    status: 'current',
    caseFrom: null,
    ...rest,
  };
}

export const BITCOIN = 'bip122:000000000019d6689c085ae165831e93';

export interface SceneTx {
  /** Outpoints spent, by number of the transaction among all and of its output. */
  readonly spends: readonly (readonly [tx: number, index: number])[];
  readonly outputs: readonly UtxoOutput[];
}

/** Transaction `number` of a scene: one a minute, in a block of its own. What it spends stands earlier, or outside the data. */
export function sceneTx(txs: readonly SceneTx[], number: number): UtxoTransaction {
  const { spends, outputs } = txs[number]!;
  return {
    chain: BITCOIN,
    tx: `tx${number}`,
    time: 1_600_000_000 + 60 * number,
    block: BigInt(number),
    txIndex: 0,
    inputs: spends.map(([tx, index]) => ({ outpoint: { tx: `tx${tx}`, index }, ...txs[tx]!.outputs[index]! })),
    outputs,
    source: { batch: 0, file: 0, row: number },
  };
}

/** Addresses of a scene: few, so that clusters meet. Their order by text is not that of their first payment. */
export const SCENE_ADDRESSES = Array.from(
  { length: 16 },
  (_, at) => `addr${String.fromCharCode(97 + ((at * 7) % 16))}`,
);

/** Scenes in which no output is spent twice; amounts are few, so that some transactions look like CoinJoins. */
export const anyScene: fc.Arbitrary<readonly SceneTx[]> = fc
  .array(
    fc.record({
      spends: fc.array(fc.nat(1_000), { maxLength: 4 }),
      outputs: fc.array(
        fc.record({ value: fc.constantFrom(0n, 500n, 700n, 1_000n), address: fc.constantFrom(...SCENE_ADDRESSES) }),
        { minLength: 1, maxLength: 5 },
      ),
    }),
    { minLength: 1, maxLength: 28 },
  )
  .map((drafts) => {
    const unspent: (readonly [number, number])[] = [];
    return drafts.map(({ spends, outputs }, number) => {
      const taken = spends.flatMap((draw) => unspent.splice(draw % (unspent.length + 1), 1));
      for (const index of outputs.keys()) unspent.push([number, index]);
      return { outputs, spends: taken };
    });
  });

/** The same chain with other numbers for its addresses: `order` names them by id, all of the flow's among them. */
export function renumbered(flow: UtxoFlow, order: readonly string[]): UtxoFlow {
  const ids = new Map(order.map((text, id) => [text, id]));
  const now = (old: number): number => ids.get(flow.addresses.text(old))!;
  return {
    ...flow,
    addresses: { chain: flow.chain, size: order.length, text: (id) => order[id]!, find: (text) => ids.get(text) ?? -1 },
    segments: flow.segments.map((segment) => ({
      ...segment,
      owner: Uint32Column.of(segment.owner.slice(0, segment.outputCount).map(now)),
    })),
    outputsOf: (id) => {
      const old = flow.addresses.find(order[id]!);
      return old < 0 ? new Uint32Array(0) : flow.outputsOf(old);
    },
  };
}

/** A chain cut into segments of some transactions each, as appending makes them. */
export function cut(flow: UtxoFlow, txs: number): UtxoFlow {
  const [whole] = flow.segments;
  if (whole === undefined) return flow;
  const segments: UtxoSegment[] = [];
  for (let first = 0; first < whole.txCount; first += txs) {
    const count = Math.min(txs, whole.txCount - first);
    const inputs = whole.inputStart.slice(first, count + 1);
    // Unseen outputs that a transaction spends are numbered before its own: they begin where the last one's end.
    const firstOutput = first === 0 ? 0 : whole.outputStart.at(first - 1) + whole.created.at(first - 1);
    const last = first + count - 1;
    const outputCount = whole.outputStart.at(last) + whole.created.at(last) - firstOutput;
    segments.push({
      firstTx: first,
      txCount: count,
      firstOutput,
      outputCount,
      inputStart: Uint32Column.of(inputs.map((start) => start - inputs[0]!)),
      inputs: Uint32Column.of(whole.inputs.slice(inputs[0]!, inputs[count]! - inputs[0]!)),
      outputStart: Uint32Column.of(whole.outputStart.slice(first, count + 1)),
      created: Uint32Column.of(whole.created.slice(first, count)),
      value: Uint32Column.of(whole.value.slice(2 * firstOutput, 2 * outputCount)),
      owner: Uint32Column.of(whole.owner.slice(firstOutput, outputCount)),
      spentBy: Uint32Column.of(whole.spentBy.slice(firstOutput, outputCount)),
      late: whole.late,
    });
  }
  return { ...flow, segments };
}
