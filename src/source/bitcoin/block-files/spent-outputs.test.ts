import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { RawUtxoTransaction } from '../../chain-source.ts';
import type { Spent } from './scratch.ts';
import { SpentOutputs } from './spent-outputs.ts';

const id = (number: number): string => number.toString(16).padStart(64, '0');

/** Transactions of one block: each pays `outputs` outputs and spends these (transaction, output). */
interface Planned {
  readonly number: number;
  readonly outputs: number;
  readonly spends: readonly (readonly [number, number])[];
}

function raw(block: number, plans: readonly Planned[]): RawUtxoTransaction[] {
  return plans.map(({ number, outputs, spends }, txIndex) => ({
    chain: 'c',
    tx: id(number),
    block: BigInt(block),
    time: 0,
    txIndex,
    inputs: spends.length === 0 ? [null] : spends.map(([tx, index]) => ({ tx: id(tx), index })),
    outputs: Array.from({ length: outputs }, (_, index) => output(number, index)),
  }));
}

function output(number: number, index: number) {
  return { value: BigInt(1000 * number + index), address: `a${number}-${index}` };
}

async function allSpent(
  blocks: readonly (readonly Planned[])[],
  recent: number,
  known: ReadonlyMap<string, readonly ReturnType<typeof output>[]> = new Map(),
): Promise<Map<string, Spent>> {
  const outputs = new SpentOutputs({ recent, memoryMb: 100 });
  const all = new Map<string, Spent>();
  try {
    for (const [at, plans] of blocks.entries()) {
      const given = await outputs.take(at, raw(at, plans));
      given.forEach((spent, index) => {
        if (spent !== null) all.set(`${at} ${index}`, spent);
      });
    }
    const ask = async (txs: readonly string[]) =>
      new Map(txs.flatMap((tx) => (known.has(tx) ? [[tx, known.get(tx)!]] : [])));
    for await (const { block, txIndex, spent } of outputs.lookedUp(ask)) {
      assert.equal(all.has(`${block} ${txIndex}`), false, 'given once');
      all.set(`${block} ${txIndex}`, spent);
    }
  } finally {
    outputs.close();
  }
  return all;
}

/** Blocks of transactions that spend each output at most once; -1 stands for one that was made before all of them. */
const chain = fc
  .array(fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.array(fc.nat(30), { maxLength: 3 })), { maxLength: 5 }), {
    maxLength: 8,
  })
  .map((blocks) => {
    let next = 1;
    const coins: [number, number][] = [];
    return blocks.map((transactions) =>
      transactions.map(([outputs, picks]) => {
        const number = next++;
        const spends = picks.map((pick): [number, number] =>
          pick < coins.length ? coins.splice(pick, 1)[0]! : [100_000 + next, pick],
        );
        for (let i = 0; i < outputs; i++) coins.push([number, i]);
        return { number, outputs, spends };
      }),
    );
  });

suite('what inputs spend', () => {
  test('is the output that was made, at hand or on disk; null where none was', async () => {
    await fc.assert(
      fc.asyncProperty(chain, fc.constantFrom(0, 1, 4, 1000), async (blocks, recent) => {
        const found = await allSpent(blocks, recent);
        for (const [at, plans] of blocks.entries()) {
          for (const [index, { spends }] of plans.entries()) {
            const due = spends.length === 0 ? [null] : spends.map(([tx, i]) => (tx < 100_000 ? output(tx, i) : null));
            assert.deepEqual(found.get(`${at} ${index}`), due);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test('outputs of before are asked for, and only those', async () => {
    const blocks = [
      [{ number: 1, outputs: 1, spends: [] }],
      [
        {
          number: 2,
          outputs: 1,
          spends: [
            [1, 0],
            [9, 1],
            [8, 0],
          ] as const,
        },
      ],
    ];
    const found = await allSpent(blocks, 0, new Map([[id(9), [output(9, 0), output(9, 1)]]]));
    assert.deepEqual(found.get('1 0'), [output(1, 0), output(9, 1), null]);
  });

  test('two coinbases of one id, as in Bitcoin blocks 91,722 and 91,880: either output is the same', async () => {
    const twice = { number: 5, outputs: 2, spends: [] };
    const spend = { number: 6, outputs: 1, spends: [[5, 1]] as const };
    for (const recent of [0, 2, 100]) {
      const found = await allSpent([[twice], [twice], [spend]], recent);
      assert.deepEqual(found.get('2 0'), [output(5, 1)], String(recent));
    }
  });

  test('nothing is left on the disk', async () => {
    const own = mkdtempSync(join(tmpdir(), 'haetae-test-'));
    const before = process.env.TMPDIR;
    process.env.TMPDIR = own;
    try {
      await allSpent([[{ number: 2, outputs: 1, spends: [[1, 0]] }]], 0);
      assert.deepEqual(readdirSync(own), []);
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
      rmSync(own, { recursive: true });
    }
  });
});
