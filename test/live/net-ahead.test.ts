import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { HaetaeError } from '../../src/base/errors.ts';
import type { BlockRef } from '../../src/source/chain-source.ts';
import type { Endpoint } from '../../src/source/endpoint.ts';
import { HeadMemory } from '../../src/source/net/head-memory.ts';
import { Limiter } from '../../src/source/net/limiter.ts';
import { readAhead } from '../../src/source/net/read-ahead.ts';

const MIB = 1024 * 1024;

function refOf(number: bigint, fork = ''): BlockRef {
  return { number, hash: `${number}${fork}`, parent: `${number - 1n}${fork}`, time: 0 };
}

interface Read {
  readonly given: bigint[];
  readonly mostBytes: number;
  readonly mostBlocks: number;
}

/** Reads blocks of these sizes, in megabytes, and looks how much of them was asked for and not yet given. */
async function readAll(sizes: readonly number[]): Promise<Read> {
  let bytes = 0;
  let blocks = 0;
  let mostBytes = 0;
  let mostBlocks = 0;
  const given: bigint[] = [];
  const read = async (number: bigint, onBytes: (bytes: number) => void): Promise<{ ref: BlockRef }> => {
    const size = (sizes[Number(number)] ?? 0) * MIB;
    bytes += size;
    mostBytes = Math.max(mostBytes, bytes);
    mostBlocks = Math.max(mostBlocks, ++blocks);
    await sleep(0);
    onBytes(size);
    return { ref: refOf(number) };
  };
  for await (const { ref } of readAhead(0n, BigInt(sizes.length - 1), read)) {
    given.push(ref.number);
    bytes -= (sizes[Number(ref.number)] ?? 0) * MIB;
    blocks--;
  }
  return { given, mostBytes, mostBlocks };
}

describe('reading ahead', () => {
  test('every block once and in order, whatever their sizes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 40 }), async (sizes) => {
        const { given } = await readAll(sizes);
        assert.deepEqual(
          given,
          sizes.map((_, i) => BigInt(i)),
        );
      }),
      { numRuns: 20 },
    );
  });

  test('small blocks eight at once, large ones one by one: what waits stays under 20 MB and one block', async () => {
    const small = await readAll(Array.from({ length: 50 }, () => 0.1));
    assert.equal(small.mostBlocks, 8);
    const large = await readAll(Array.from({ length: 50 }, () => 15));
    assert.ok(large.mostBytes <= 2 * 15 * MIB, `${large.mostBytes}`);
    const middle = await readAll(Array.from({ length: 50 }, () => 5));
    assert.ok(middle.mostBytes <= 20 * MIB, `${middle.mostBytes}`);
  });

  test('a fault is met at its block; a parent that does not fit is a reorganisation', async () => {
    const seen: bigint[] = [];
    const bad = async (number: bigint): Promise<{ ref: BlockRef }> => {
      if (number === 5n) throw new Error('five');
      return { ref: refOf(number) };
    };
    await assert.rejects(async () => {
      for await (const { ref } of readAhead(0n, 9n, bad)) seen.push(ref.number);
    }, /five/);
    assert.deepEqual(seen, [0n, 1n, 2n, 3n, 4n]);
    const forked = async (number: bigint): Promise<{ ref: BlockRef }> => ({
      ref: refOf(number, number > 3n ? 'b' : ''),
    });
    await assert.rejects(
      async () => {
        for await (const _ of readAhead(0n, 9n, forked));
      },
      (error) => error instanceof HaetaeError && error.code === 'E_REORG' && error.context.block === '4',
    );
  });
});

describe('heads that go back', () => {
  const memory = (): HeadMemory => new HeadMemory({ name: 'evm a' } as Endpoint);

  test('the same chain, shorter: behind. Another chain, or one not known: reported', () => {
    const same = memory();
    same.head(refOf(10n));
    assert.throws(() => same.head(refOf(9n)), /older than the one given before/);
    const other = memory();
    other.head(refOf(10n));
    assert.equal(other.head(refOf(9n, 'b')).hash, '9b');
    assert.equal(other.head(refOf(10n, 'b')).hash, '10b');
    const gap = memory();
    gap.head(refOf(10n));
    assert.equal(gap.head(refOf(5n)).number, 5n);
  });

  test('a chain of any length is remembered within bounds', () => {
    const long = memory();
    for (let number = 0n; number < 5000n; number++) long.head(refOf(number));
    assert.throws(() => long.head(refOf(4990n)), /older/);
  });
});

describe('what an endpoint may be asked', () => {
  test('a refusal halves what is in flight, calm brings it back', async () => {
    const limiter = new Limiter(null, 8);
    let now = 0;
    let most = 0;
    const call = (): Promise<void> =>
      limiter.run(1, async () => {
        most = Math.max(most, ++now);
        await sleep(1);
        now--;
        limiter.answered();
      });
    const burst = async (calls: number): Promise<number> => {
      most = 0;
      await Promise.all(Array.from({ length: calls }, call));
      return most;
    };
    assert.equal(await burst(20), 8);
    limiter.pause(0);
    limiter.pause(0);
    assert.equal(await burst(10), 2);
    await burst(200);
    assert.equal(await burst(20), 8);
  });
});
