import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SILENT } from '../../src/base/progress.ts';
import type { UtxoTransaction } from '../../src/model/transfer.ts';
import type { Store, UtxoMove } from '../../src/store/port.ts';
import { anyUtxo } from './arbitrary.ts';
import { everyStore, withEveryFreshStore } from './engines.ts';
import { BITCOIN, ETHEREUM, feedOf, NOON, newBatch, spend } from './feed.ts';
import { answer } from './living.ts';

const NOBODY = 'bc1qnobody';

/** A count as plain as can be, of transactions in any order. */
function movesOf(held: readonly UtxoTransaction[], address: string): UtxoMove[] {
  const moves: UtxoMove[] = [];
  for (const { tx, time, block, txIndex, inputs, outputs } of held) {
    let [ins, spent, outs, received] = [0, 0n, 0, 0n];
    for (const input of inputs)
      if (input.outpoint !== null && input.address === address) [ins, spent] = [ins + 1, spent + input.value];
    for (const output of outputs)
      if (output.address === address) [outs, received] = [outs + 1, received + output.value];
    if (ins + outs > 0) moves.push({ tx, time, block, txIndex, inputs: ins, spent, outputs: outs, received });
  }
  const late = 2n ** 63n;
  return moves.sort(
    (a, b) =>
      a.time - b.time ||
      Number((a.block ?? late) - (b.block ?? late)) ||
      a.txIndex - b.txIndex ||
      Buffer.compare(Buffer.from(a.tx), Buffer.from(b.tx)),
  );
}

async function sameMoves(store: Store, held: readonly UtxoTransaction[], limits: readonly number[]): Promise<void> {
  const met = held.flatMap(({ inputs, outputs }) => [...inputs, ...outputs].map(({ address }) => address));
  for (const address of [...new Set(met)].slice(0, 8).concat(NOBODY)) {
    const expected = movesOf(held, address);
    for (const limit of [...limits, 1_000_000]) {
      const newest = expected.slice(Math.max(0, expected.length - limit));
      assert.deepEqual(await store.utxoMovesOf(BITCOIN, address, limit), newest);
    }
  }
}

everyStore(
  'what an address was paid and what it spent, by transaction: change, several inputs, coinbases',
  async (store) => {
    const [mine, theirs] = ['bc1qmine', 'bc1qtheirs'];
    const first = spend({
      tx: '01'.repeat(32),
      block: 1n,
      inputs: [{ outpoint: null, value: 70n, address: mine }],
      outputs: [{ value: 50n, address: mine }],
    });
    // The second output was never seen being created.
    const second = spend({
      tx: '02'.repeat(32),
      time: NOON + 600,
      block: 2n,
      inputs: [
        { outpoint: { tx: first.tx, index: 0 }, value: 50n, address: mine },
        { outpoint: { tx: 'ee'.repeat(32), index: 7 }, value: 2n ** 64n - 1n, address: mine },
        { outpoint: { tx: 'ee'.repeat(32), index: 8 }, value: 9n, address: theirs },
      ],
      outputs: [
        { value: 30n, address: theirs },
        { value: 6n, address: mine },
        { value: 5n, address: mine },
      ],
      row: 2,
    });
    await store.load(newBatch('late', { chain: BITCOIN }), feedOf({ utxo: [second] }, []), SILENT);
    await store.load(newBatch('early', { chain: BITCOIN }), feedOf({ utxo: [first] }, []), SILENT);
    const place = ({ tx, time, block, txIndex }: UtxoTransaction) => ({ tx, time, block, txIndex });
    const moves = [
      { ...place(first), inputs: 0, spent: 0n, outputs: 1, received: 50n },
      { ...place(second), inputs: 2, spent: 2n ** 64n + 49n, outputs: 2, received: 11n },
    ];
    assert.deepEqual(await store.utxoMovesOf(BITCOIN, mine, 9), moves);
    assert.deepEqual(await store.utxoMovesOf(BITCOIN, mine, 1), moves.slice(1));
    assert.deepEqual(await store.utxoMovesOf(BITCOIN, mine, 0), []);
    assert.deepEqual(await store.utxoMovesOf(BITCOIN, NOBODY, 9), []);
    assert.deepEqual(await store.utxoMovesOf(ETHEREUM, mine, 9), []);
  },
);

everyStore('coinbases that share an id are two moves', async (store) => {
  const coinbase = { outpoint: null, value: 0n, address: 'script:' };
  const outputs = [{ value: 50n, address: 'bc1qminer' }];
  const utxo = [91_722n, 91_880n].map((block, index) =>
    spend({ block, time: NOON + 600 * index, inputs: [coinbase], outputs, row: index + 1 }),
  );
  await store.load(newBatch('a', { chain: BITCOIN }), feedOf({ utxo }, []), SILENT);
  const moves = await store.utxoMovesOf(BITCOIN, 'bc1qminer', 9);
  assert.deepEqual(
    moves.map(({ tx, block, received }) => [tx, block, received]),
    utxo.map(({ tx, block }) => [tx, block, 50n]),
  );
});

everyStore('few or many, near or far apart: the newest come first into the count', async (store) => {
  // Gaps that grow: most of the time holds few of them, and the last second many.
  const utxo = Array.from({ length: 60 }, (_, index) => {
    const ago = index < 20 ? 0 : 2 ** (index - 20);
    const outputs = [{ value: BigInt(index), address: index % 7 === 0 ? 'bc1qseldom' : 'bc1qoften' }];
    return spend({ tx: `tx ${index}`, time: 2 ** 40 - ago, txIndex: 60 - index, inputs: [], outputs, row: index + 1 });
  });
  await store.load(newBatch('a', { chain: BITCOIN }), feedOf({ utxo }, []), SILENT);
  await sameMoves(store, utxo, [1, 2, 3, 8, 19, 20, 21, 40]);
});

test('whatever stands in transactions, moves are those that a plain count finds', async () => {
  await fc.assert(
    fc.asyncProperty(anyUtxo, fc.nat(6), async (utxo, limit) => {
      await withEveryFreshStore(async (store) => {
        await store.load(newBatch('a', { chain: BITCOIN }), feedOf({ utxo }, []), SILENT);
        await sameMoves(store, utxo, [limit]);
      });
    }),
    { numRuns: 8 },
  );
});

const PEOPLE = ['bc1qa', 'bc1qb', 'bc1qc'];
const LAST = 7;

interface Draft {
  readonly height: number;
  /** Of what lies open, and whether something never seen is spent too. */
  readonly spends: readonly number[];
  readonly unknown: boolean;
  readonly owners: readonly number[];
}

const anyDrafts: fc.Arbitrary<Draft[]> = fc.array(
  fc.record({
    height: fc.nat(LAST),
    spends: fc.array(fc.nat(40), { maxLength: 3 }),
    unknown: fc.boolean(),
    owners: fc.array(fc.nat(PEOPLE.length - 1), { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 6, maxLength: 24 },
);

/** Transactions of blocks, ten minutes apart; `branch` names those above `fork`. */
function chainOf(drafts: readonly Draft[], branch: string, fork: number): UtxoTransaction[] {
  const open: { tx: string; index: number; value: bigint; address: string }[] = [];
  const chain: UtxoTransaction[] = [];
  for (const [turn, { height, spends, unknown, owners }] of [...drafts.entries()].sort(
    ([, a], [, b]) => a.height - b.height,
  )) {
    const tx = `${turn} ${height > fork ? branch : 'main'}`;
    const spent = spends.flatMap((pick) => (open.length === 0 ? [] : open.splice(pick % open.length, 1)));
    const lost = { tx: `lost ${turn}`, index: 1, value: BigInt(turn), address: PEOPLE[turn % PEOPLE.length]! };
    const inputs = [...spent, ...(unknown ? [lost] : [])].map(({ tx: of, index, ...end }) => ({
      outpoint: { tx: of, index },
      ...end,
    }));
    const outputs = owners.map((owner, index) => ({ value: BigInt(turn * 10 + index), address: PEOPLE[owner]! }));
    open.push(...outputs.map((output, index) => ({ tx, index, ...output })));
    const place = { block: BigInt(height), time: NOON + 600 * height, txIndex: turn };
    chain.push(spend({ tx, ...place, inputs, outputs, row: turn + 1 }));
  }
  return chain;
}

test('files, what is fetched, a branch that loses and the one that wins: moves are those of what is held', async () => {
  await fc.assert(
    fc.asyncProperty(anyDrafts, fc.nat(LAST), fc.nat(LAST), fc.nat(5), async (drafts, filed, fork, limit) => {
      await withEveryFreshStore(async (store) => {
        const above = Math.max(filed, fork);
        const lost = chainOf(drafts, 'other', above);
        const upTo = (low: number, high: number, rows: readonly UtxoTransaction[]): UtxoTransaction[] =>
          rows.filter(({ block }) => Number(block) > low && Number(block) <= high);
        const file = upTo(-1, filed, lost);
        await store.load(newBatch('a', { chain: BITCOIN }), feedOf({ utxo: file }, []), SILENT);
        const fetched = upTo(filed, LAST, lost);
        for (const utxo of [fetched.slice(2), fetched.slice(0, 2)])
          await store.keepFetched(answer({ chain: BITCOIN, utxo, assets: [] }));
        await sameMoves(store, lost, [limit]);
        await store.rollBack(BITCOIN, BigInt(above));
        await sameMoves(store, upTo(-1, above, lost), [limit]);
        const won = chainOf(drafts, 'main', LAST);
        await store.keepFetched(answer({ chain: BITCOIN, utxo: upTo(above, LAST, won), assets: [] }));
        await sameMoves(store, won, [limit]);
      });
    }),
    { numRuns: 8 },
  );
});
