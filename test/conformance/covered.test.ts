import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Covered, Opening } from '../../src/store/port.ts';
import { everyStore, withEveryFreshStore } from './engines.ts';
import { ETH, ETHEREUM } from './feed.ts';
import { answer, blockAt, blocksOf, blockTime, PEOPLE, range } from './living.ts';

const [A = '', B = ''] = PEOPLE;
const OUTPOINT = `${'ab'.repeat(32)}:1`;

everyStore('ranges that touch or overlap are one, with the gaps of both', async (store) => {
  const steps: readonly (readonly [given: Covered[], expected: Covered[]])[] = [
    [[range(A, 1n, 5n, { gaps: ['b'] })], [range(A, 1n, 5n, { gaps: ['b'] })]],
    [[range(A, 6n, 9n, { gaps: ['a', 'a'] })], [range(A, 1n, 9n, { gaps: ['a', 'b'] })]],
    [[range(A, 20n, 30n)], [range(A, 1n, 9n, { gaps: ['a', 'b'] }), range(A, 20n, 30n)]],
    [
      [range(A, 22n, 25n, { gaps: ['c'] })],
      [range(A, 1n, 9n, { gaps: ['a', 'b'] }), range(A, 20n, 30n, { gaps: ['c'] })],
    ],
    [
      [range(A, 8n, 19n), range(A, 40n, 41n)],
      [range(A, 1n, 30n, { gaps: ['a', 'b', 'c'] }), range(A, 40n, 41n)],
    ],
  ];
  for (const [given, expected] of steps) {
    await store.keepFetched(answer({ covered: given }));
    assert.deepEqual(await store.covered(ETHEREUM, [A]), expected);
  }
  await store.keepFetched(answer({ covered: [range(OUTPOINT, 4n, 4n), range(B, 2n, 2n)] }));
  assert.deepEqual(await store.covered(ETHEREUM, [OUTPOINT, OUTPOINT]), [range(OUTPOINT, 4n, 4n)]);
  const all = await store.covered(ETHEREUM, null);
  assert.deepEqual(
    all.map((item) => item.place),
    [A, A, B, OUTPOINT].sort(),
  );
  assert.deepEqual(await store.covered(ETHEREUM, []), []);
});

everyStore('a busy place takes nothing from what is covered, and is covered later', async (store) => {
  const busy = range(A, 1n, 900n, { busy: 5000 });
  await store.keepFetched(answer({ covered: [busy, range(B, 1n, 3n)] }));
  assert.deepEqual(await store.covered(ETHEREUM, null), [busy, range(B, 1n, 3n)]);
  await store.keepFetched(answer({ covered: [{ ...busy, place: B }] }));
  assert.deepEqual(await store.covered(ETHEREUM, [B]), [range(B, 1n, 3n), { ...busy, place: B }]);
  await store.keepFetched(answer({ covered: [range(A, 1n, 950n, { busy: 6000 })] }));
  assert.deepEqual(await store.covered(ETHEREUM, [A]), [range(A, 1n, 950n, { busy: 6000 })]);
  await store.keepFetched(answer({ covered: [range(A, 10n, 20n), range(B, 4n, 900n)] }));
  assert.deepEqual(await store.covered(ETHEREUM, null), [range(A, 10n, 20n), range(B, 1n, 900n)]);
});

function opening(block: bigint, amount: bigint, given: Partial<Opening> = {}): Opening {
  return { address: A, asset: ETH.id, block, time: blockTime(block), amount, ...given };
}

everyStore('an opening inside what is covered gives way to the one before it', async (store) => {
  const token = 'eip155:1/erc20:0x01';
  const large = opening(10n, 2n ** 200n, { asset: token });
  await store.keepFetched(answer({ covered: [range(A, 11n, 20n)], openings: [opening(10n, 5n), large] }));
  await store.keepFetched(answer({ covered: [range(B, 5n, 10n)], openings: [opening(4n, 1n, { address: B })] }));
  assert.deepEqual(await store.openings(ETHEREUM, [A]), [large, opening(10n, 5n)]);
  await store.keepFetched(answer({ covered: [range(A, 2n, 8n)], openings: [opening(1n, 9n)] }));
  assert.deepEqual(
    await store.openings(ETHEREUM, [A]),
    [large, opening(1n, 9n), opening(10n, 5n)],
    'blocks 9 and 10 lack',
  );
  await store.keepFetched(answer({ covered: [range(A, 9n, 10n)], openings: [opening(8n, 3n)] }));
  assert.deepEqual(await store.openings(ETHEREUM, [A]), [large, opening(1n, 9n)]);
  await store.keepFetched(answer({ openings: [opening(15n, 2n), opening(40n, 0n)] }));
  assert.deepEqual(await store.openings(ETHEREUM, [A, A]), [large, opening(1n, 9n), opening(40n, 0n)]);
  assert.equal((await store.openings(ETHEREUM, null)).length, 4);
  assert.deepEqual(await store.openings(ETHEREUM, []), []);
  const other = store.keepFetched(answer({ openings: [opening(1n, 8n)], covered: [range(A, 60n, 61n)] }));
  await assert.rejects(other, { code: 'E_TRANSFER_CONFLICT' });
  assert.equal((await store.covered(ETHEREUM, [A])).length, 1);
});

everyStore('a cut range ends at the time of its last block, or of the last one known before', async (store) => {
  const covered = [range(A, 2n, 9n), range(B, 7n, 9n), range(OUTPOINT, 1n, 6n, { busy: 9 })];
  await store.keepFetched(answer({ covered, blocks: [...blocksOf(3n, 5n), ...blocksOf(8n, 9n)] }));
  await store.rollBack(ETHEREUM, 9n);
  assert.deepEqual((await store.covered(ETHEREUM, [A, B])).length, 2);
  await store.rollBack(ETHEREUM, 8n);
  assert.deepEqual(await store.covered(ETHEREUM, [A, B]), [range(A, 2n, 8n), range(B, 7n, 8n)]);
  await store.rollBack(ETHEREUM, 7n);
  assert.deepEqual(await store.covered(ETHEREUM, [A, B]), [
    range(A, 2n, 7n, { toTime: blockTime(5n) }),
    range(B, 7n, 7n, { toTime: blockTime(7n) }),
  ]);
  assert.deepEqual(await store.keptBlocks(ETHEREUM, 2), [blockAt(5n), blockAt(4n)]);
  await store.rollBack(ETHEREUM, 2n);
  assert.deepEqual(await store.covered(ETHEREUM, null), [
    range(A, 2n, 2n),
    range(OUTPOINT, 1n, 2n, { busy: 9, toTime: blockTime(1n) }),
  ]);
});

const anyRange = fc
  .record({
    place: fc.constantFrom(A, B),
    from: fc.integer({ min: 0, max: 30 }),
    length: fc.integer({ min: 0, max: 6 }),
  })
  .map(({ place, from, length }) => range(place, BigInt(from), BigInt(from + length)));
const anyStep = fc.oneof(
  { weight: 6, arbitrary: fc.array(anyRange, { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 36 }) },
);

/** The plain statement: a place's covered blocks as a set. */
function modelRanges(place: string, blocks: ReadonlySet<number>): Covered[] {
  const ranges: [number, number][] = [];
  for (const block of [...blocks].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === block - 1) last[1] = block;
    else ranges.push([block, block]);
  }
  return ranges.map(([from, to]) => range(place, BigInt(from), BigInt(to)));
}

test('what is covered is the set of blocks fetched, whatever the order and the roll-backs', () =>
  fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 8 }), (steps) =>
      withEveryFreshStore(async (store) => {
        const model = new Map([A, B].map((place) => [place, new Set<number>()]));
        await store.keepFetched(answer({ blocks: blocksOf(0n, 40n) }));
        for (const step of steps) {
          if (typeof step === 'number') {
            await store.rollBack(ETHEREUM, BigInt(step));
            await store.keepFetched(answer({ blocks: blocksOf(0n, 40n) }));
            for (const blocks of model.values()) for (const block of blocks) if (block > step) blocks.delete(block);
          } else {
            await store.keepFetched(answer({ covered: step }));
            for (const { place, from, to } of step)
              for (let block = from; block <= to; block += 1n) model.get(place)!.add(Number(block));
          }
          for (const [place, blocks] of model)
            assert.deepEqual(await store.covered(ETHEREUM, [place]), modelRanges(place, blocks));
        }
      }),
    ),
    { numRuns: 12 },
  ));

test('the openings left do not depend on the order of fetching', () =>
  fc.assert(
    fc.asyncProperty(
      fc
        .array(fc.tuple(anyRange, fc.boolean()), { maxLength: 6 })
        .chain((parts) => fc.tuple(fc.constant(parts), fc.shuffledSubarray(parts, { minLength: parts.length }))),
      ([parts, shuffled]) =>
        withEveryFreshStore(async (store) => {
          const answers = (list: typeof parts): ReturnType<typeof answer>[] =>
            list.map(([covered, opened]) => {
              const { place, from } = covered;
              const openings = opened && from > 0n ? [opening(from - 1n, from, { address: place })] : [];
              return answer({ covered: [covered], openings });
            });
          await withEveryFreshStore(async (other) => {
            for (const item of answers(parts)) await store.keepFetched(item);
            for (const item of answers(shuffled)) await other.keepFetched(item);
            const openings = await store.openings(ETHEREUM, null);
            assert.deepEqual(openings, await other.openings(ETHEREUM, null));
            const covered = await store.covered(ETHEREUM, null);
            for (const { address: place, block } of openings) {
              const inside = covered.find((item) => item.place === place && item.from <= block && block <= item.to);
              const earlier = openings.some(
                (item) =>
                  item.address === place &&
                  inside !== undefined &&
                  inside.from - 1n <= item.block &&
                  item.block < block,
              );
              assert.ok(!earlier, 'no opening stands behind another with all between covered');
            }
          });
        }),
    ),
    { numRuns: 6 },
  ));
