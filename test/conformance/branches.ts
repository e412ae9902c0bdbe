import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Transfer, UtxoTransaction } from '../../src/model/transfer.ts';
import { MemoryStore } from '../../src/store/memory/store.ts';
import type { Fetched, Store } from '../../src/store/port.ts';
import { withEveryFreshStore } from './engines.ts';
import { ETH, ETHEREUM, hash } from './feed.ts';
import { answer, blocksOf, blockTime, movement, PEOPLE, range, spendAt, stateOf } from './living.ts';

/** A chain of 14 blocks and another branch of it that leaves it after a block. A transaction may stand in both, elsewhere. */
interface World {
  readonly fork: bigint;
  /** Rows of each block: payer, payee, amount; negative amounts make a row without a transaction, zero one that both branches hold. */
  readonly rows: readonly (readonly (readonly [from: number, to: number, kind: number])[])[];
}

const LAST = 14n;
const anyWorld: fc.Arbitrary<World> = fc.record({
  fork: fc.bigInt({ min: 0n, max: LAST }),
  rows: fc.array(
    fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })), {
      maxLength: 3,
    }),
    { minLength: Number(LAST) + 1, maxLength: Number(LAST) + 1 },
  ),
});

function blockRows(world: World, block: bigint, other: boolean): Transfer[] {
  const moved = other && block > world.fork;
  const branch = moved ? 'other' : 'main';
  return world.rows[Number(block)]!.map(([from, to, kind], index) => {
    // In the other branch a shared transaction stands at another place of its block, and the rest are other transactions.
    const txIndex = moved ? 10 - index : index;
    const name = kind === 0 ? hash(Number(block) * 100 + index) : `${branch} ${block} ${index}`;
    return movement(block, {
      txIndex,
      tx: kind === 1 ? null : name,
      kind: kind === 1 ? 'mint' : 'transfer',
      from: kind === 1 ? null : PEOPLE[from]!,
      to: PEOPLE[to]!,
      amount: BigInt(Number(block) * 1000 + index * 10 + (moved ? 1 : 0)),
    });
  });
}

function blockSpends(world: World, block: bigint, other: boolean): UtxoTransaction[] {
  const branch = other && block > world.fork ? 'other' : 'main';
  return world.rows[Number(block)]!.map((_, index) =>
    spendAt(block, `${branch} ${block} ${index}`, { txIndex: index }),
  );
}

function allSpends(world: World): string[] {
  return world.rows.flatMap((_, block) =>
    [false, true].flatMap((other) => blockSpends(world, BigInt(block), other).map((tx) => tx.tx)),
  );
}

/** What a fetch of these blocks for one person gives: whole blocks, and the balance before them (here its height). */
function fetchOf(world: World, [first, second, who]: Chunk, other: boolean): Fetched {
  const [from, to] = first < second ? [first, second] : [second, first];
  const blocks = blocksOf(from, to, other ? world.fork : null);
  const place = PEOPLE[who]!;
  const before = { address: place, asset: ETH.id, block: from - 1n, time: blockTime(from - 1n), amount: from };
  return answer({
    transfers: blocks.flatMap(({ number }) => blockRows(world, number, other)),
    utxo: blocks.flatMap(({ number }) => blockSpends(world, number, other)),
    blocks,
    covered: [range(place, from, to)],
    openings: from === 0n ? [] : [before],
  });
}

/** An answer without what it says of later blocks. */
function cut(fetched: Fetched, above: bigint): Fetched {
  const low = <T extends { readonly block: bigint | null }>(rows: readonly T[]): T[] =>
    rows.filter((row) => row.block! <= above);
  return {
    ...fetched,
    transfers: low(fetched.transfers),
    utxo: low(fetched.utxo),
    // An opening stands before what moved first in the next block.
    openings: fetched.openings.filter((opening) => opening.block < above),
    blocks: fetched.blocks.filter((block) => block.number <= above),
    covered: fetched.covered
      .filter((item) => item.from <= above)
      .map((item) => (item.to <= above ? item : range(item.place, item.from, above))),
  };
}

type Chunk = readonly [bigint, bigint, number];
const anyHeight = fc.bigInt({ min: 0n, max: LAST });
const anyChunks = fc.array(fc.tuple(anyHeight, anyHeight, fc.integer({ min: 0, max: 3 })), { maxLength: 4 });

async function keepAll(store: Store, answers: readonly Fetched[]): Promise<void> {
  for (const fetched of answers) await store.keepFetched(fetched);
}

/** What a store holds that never saw the part of the chain that was undone; its fetches came in another order. */
async function withScratch(
  world: World,
  after: readonly Chunk[],
  before: readonly Chunk[],
  work: (state: unknown) => Promise<void>,
): Promise<void> {
  const scratch = new MemoryStore();
  await scratch.keepFetched(answer());
  await keepAll(scratch, after.map((chunk) => fetchOf(world, chunk, true)).reverse());
  await keepAll(
    scratch,
    before.map((chunk) => cut(fetchOf(world, chunk, false), world.fork)),
  );
  await work(await stateOf(scratch, PEOPLE, allSpends(world)));
}

/** `runs` random chains: see the title. */
export function branches(runs: number): void {
  test('rolling back and fetching the other branch is having fetched only that, in any order (property 14)', () =>
    fc.assert(
      fc.asyncProperty(
        anyWorld,
        anyChunks.chain((chunks) =>
          fc.tuple(fc.constant(chunks), fc.shuffledSubarray(chunks, { minLength: chunks.length })),
        ),
        anyChunks,
        (world, [before, shuffled], after) =>
          withScratch(world, after, shuffled, async (expected) =>
            withEveryFreshStore(async (store) => {
              await store.keepFetched(answer());
              await keepAll(
                store,
                before.map((chunk) => fetchOf(world, chunk, false)),
              );
              await store.rollBack(ETHEREUM, world.fork);
              await keepAll(
                store,
                after.map((chunk) => fetchOf(world, chunk, true)),
              );
              assert.deepEqual(await stateOf(store, PEOPLE, allSpends(world)), expected);
            }),
          ),
      ),
      { numRuns: runs },
    ));
}
