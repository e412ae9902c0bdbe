import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { UtxoOutput, UtxoTransaction } from '../model/transfer.ts';

export const BITCOIN = 'bip122:000000000019d6689c085ae165831e93';
const NOON = 1_700_000_000;

/** A name's hash, so that prints and values of a test depend on nothing but the names. */
export function hashOf(name: string): Buffer {
  return createHash('sha256').update(name).digest();
}

/** What an outpoint is worth and whose it is, always the same: transactions that spend it and the one that creates it agree. */
function endOf(tx: string, index: number): UtxoOutput {
  const hash = hashOf(`${tx}:${index}`);
  const value = hash[0]! < 20 ? 0n : hash.readBigUInt64LE(8) >> BigInt(hash[1]! % 64);
  return { value, address: `addr${hash[2]! % 12}` };
}

interface Draft {
  readonly block: number;
  readonly time: number;
  readonly txIndex: number;
  readonly coinbase: boolean;
  readonly twin: boolean;
  readonly spends: readonly (readonly [tx: number, index: number])[];
  readonly outputs: number;
}

/** Drafts that may spend what comes before, after, in the same block, twice, or nowhere; with clocks that run backward. */
const anyDraft: fc.Arbitrary<Draft> = fc.record({
  block: fc.integer({ min: 0, max: 5 }),
  time: fc.integer({ min: -2, max: 2 }),
  txIndex: fc.integer({ min: 0, max: 3 }),
  coinbase: fc.integer({ min: 0, max: 5 }).map((draw) => draw === 0),
  twin: fc.integer({ min: 0, max: 3 }).map((draw) => draw === 0),
  spends: fc.array(fc.tuple(fc.integer({ min: 0, max: 24 }), fc.integer({ min: 0, max: 2 })), { maxLength: 4 }),
  outputs: fc.integer({ min: 1, max: 3 }),
});
const anyDrafts = fc.array(anyDraft, { maxLength: 24 });

/** How a source names blocks: all of them, none, or some. */
export const anyNaming = fc.constantFrom('all', 'none', 'some');

/** Transactions of a chain of which anything may be odd that data can be, but not its values and owners. Blocks have one time each. */
export function anyChain(naming: fc.Arbitrary<'all' | 'none' | 'some'> = anyNaming): fc.Arbitrary<UtxoTransaction[]> {
  return fc
    .tuple(anyDrafts, naming)
    .map(([drafts, blocks]) => drafts.map((_, turn) => transaction(drafts, turn, blocks)));
}

/** Transactions by block of a chain that grows by blocks of 12, 5 and 2 of them, so that an index has a segment for each. */
export const anyThreeBlocks: fc.Arbitrary<UtxoTransaction[][]> = fc
  .array(anyDraft, { minLength: 19, maxLength: 19, size: 'max' })
  .map((drafts) => {
    const placed = drafts.map((draft, turn) => ({ ...draft, block: turn < 12 ? 0 : turn < 17 ? 1 : 2, time: 0 }));
    const transactions = placed.map((_, turn) => transaction(placed, turn, 'all'));
    return [0, 1, 2].map((block) => transactions.filter((tx) => tx.block === BigInt(block)));
  });

function transaction(drafts: readonly Draft[], turn: number, naming: 'all' | 'none' | 'some'): UtxoTransaction {
  const draft = drafts[turn]!;
  const tx = idOf(drafts, turn);
  const inputs = draft.spends.map(([of, index]) => {
    const name = of < drafts.length ? idOf(drafts, of) : `outside${of}`;
    return { outpoint: { tx: name, index }, ...endOf(name, index) };
  });
  const named = naming === 'all' || (naming === 'some' && draft.block % 2 === 0);
  const clock = drafts.find(({ block }) => block === draft.block)!.time;
  return {
    chain: BITCOIN,
    tx,
    time: NOON + draft.block + clock,
    block: named ? BigInt(draft.block) : null,
    txIndex: draft.txIndex,
    inputs: draft.coinbase ? [{ outpoint: null, value: 0n, address: 'coinbase' }] : inputs,
    outputs: Array.from({ length: draft.outputs }, (_, index) => endOf(tx, index)),
    source: { batch: 0, file: 0, row: turn + 1 },
  };
}

/** Every id once, but coinbases of different blocks that share one (as two pairs before BIP 30 do). */
function idOf(drafts: readonly Draft[], turn: number): string {
  const draft = drafts[turn]!;
  if (!(draft.coinbase && draft.twin)) return `tx${turn}`;
  const first = drafts.findIndex(({ coinbase, twin, block }) => coinbase && twin && block === draft.block);
  return first === turn ? 'twin' : `tx${turn}`;
}
