import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SILENT } from '../../src/base/progress.ts';
import type { UtxoTransaction } from '../../src/model/transfer.ts';
import { compareText } from '../../src/store/memory/order.ts';
import { MemoryStore } from '../../src/store/memory/store.ts';
import type { NumberedQuery } from '../../src/store/numbered.ts';
import type { Store } from '../../src/store/port.ts';
import { oddText } from './arbitrary.ts';
import { everyStore, withEveryFreshStore } from './engines.ts';
import { BITCOIN, feedOf, flat, NOON, newBatch, spend } from './feed.ts';
import { answer } from './living.ts';
import { addressesOf, namedEnds } from './numbered-feed.ts';

const WHOLE: NumberedQuery = { chain: BITCOIN, from: 0, to: null };
const OWN = { chain: BITCOIN };

everyStore(
  'inputs and outputs are numbered by block where every transaction names one, else by time',
  async (store) => {
    // Block 2 is dated before block 1.
    const one = spend({ tx: 'one', block: 1n, time: NOON + 60 });
    const two = spend({ tx: 'two', block: 2n, time: NOON, inputs: [{ outpoint: null, value: 1n, address: 'nobody' }] });
    await store.load(newBatch('1', OWN), feedOf({ utxo: [one, two] }, []), SILENT);
    assert.deepEqual(await store.assignIds(BITCOIN, SILENT), { addresses: 3, assets: 0, numbered: 5 });
    assert.deepEqual(await addressesOf(store, BITCOIN), ['bc1qspender', 'bc1qreceiver', 'script:6a0400']);
    const shape = async (): Promise<unknown[]> =>
      (await namedEnds(store, WHOLE)).map((end) => [end.block, end.begins, end.spends, end.owner]);
    assert.deepEqual(await shape(), [
      [1, true, true, 'bc1qspender'],
      [1, false, false, 'bc1qreceiver'],
      [1, false, false, 'script:6a0400'],
      [2, true, false, 'bc1qreceiver'],
      [2, false, false, 'script:6a0400'],
    ]);
    await store.load(
      newBatch('2', { ...OWN, ids: true }),
      feedOf({ utxo: [spend({ tx: 'three', time: NOON + 30 })] }, []),
      SILENT,
    );
    assert.deepEqual(
      (await namedEnds(store, WHOLE)).map((end) => end.block),
      [2, 2, -1, -1, -1, 1, 1, 1],
    );
    assert.deepEqual(await store.numberedChains(), [{ chain: BITCOIN, model: 'utxo' }]);
  },
);

everyStore('prints are those of the outpoints and transactions that other reads give', async (store) => {
  const [given] = [spend({ tx: 'one', block: 1n })];
  await store.load(newBatch('1', { ...OWN, ids: true }), feedOf({ utxo: [given] }, []), SILENT);
  const prints = await store.outpointFingerprints([
    { chain: BITCOIN, ...given.inputs[0]!.outpoint! },
    { chain: BITCOIN, tx: 'one', index: 0 },
    { chain: BITCOIN, tx: 'one', index: 1 },
  ]);
  for await (const chunk of store.numberedUtxo(WHOLE)) {
    assert.deepEqual(chunk.outpoint.slice(0, chunk.count), prints);
    const [found] = await flat(store.utxoTransactions(chunk.tx.slice(0, 1)));
    assert.equal(found?.tx, 'one');
  }
});

everyStore('whole transactions of a second are read, inputs and outputs in their order', async (store) => {
  const transactions = Array.from({ length: 40 }, (_, row) =>
    spend({ tx: `t${row}`, txIndex: row, time: NOON + (row >> 2), row: row + 1 }),
  );
  await store.load(newBatch('1', OWN), feedOf({ utxo: transactions }, []), SILENT);
  const found = await flat(store.utxoTransactionsAt(BITCOIN, [NOON + 7, NOON + 2]));
  assert.deepEqual(
    found.map(({ source: _, ...tx }) => tx),
    transactions.filter((tx) => [NOON + 7, NOON + 2].includes(tx.time)).map(({ source: _, ...tx }) => tx),
  );
});

/** Transactions of imports (0 to 2) and fetches (3, 4), with an index of their own so that their order is one. */
const anyParts = fc
  .record({
    named: fc.boolean(),
    rows: fc.array(
      fc.record({
        part: fc.integer({ min: 0, max: 4 }),
        block: fc.bigInt({ min: 0n, max: 5n }),
        blockless: fc.boolean(),
        swapped: fc.boolean(),
        owners: fc.array(oddText, { minLength: 1, maxLength: 3 }),
        paid: fc.array(oddText, { maxLength: 3 }),
        coinbase: fc.boolean(),
      }),
      { maxLength: 16 },
    ),
  })
  .map(({ named, rows }) =>
    rows.map(({ part, block, blockless, swapped, owners, paid, coinbase }, index) => {
      const outpoint = (position: number) =>
        coinbase && position === 0 ? null : { tx: `of ${index}`, index: position };
      const tx = spend({
        tx: `tx ${index}`,
        // A block may be dated before the one below it.
        time: NOON + 600 * Number(swapped && part < 3 ? block ^ 1n : block),
        block: !named && blockless && part < 3 ? null : block,
        txIndex: index,
        inputs: owners.map((address, position) => ({ outpoint: outpoint(position), value: BigInt(position), address })),
        outputs: paid.map((address, position) => ({ value: BigInt(index * 100 + position), address })),
        row: index + 1,
      });
      return { part, tx };
    }),
  );
type Parts = readonly { readonly part: number; readonly tx: UtxoTransaction }[];

async function storeParts(store: Store, parts: Parts): Promise<void> {
  for (const part of [3, 0, 1, 4, 2]) {
    const utxo = parts.filter((item) => item.part === part).map((item) => item.tx);
    if (part > 2) await store.keepFetched(answer({ chain: BITCOIN, utxo: utxo.toReversed(), assets: [] }));
    else await store.load(newBatch(`${part}`, { chain: BITCOIN, ids: part === 1 }), feedOf({ utxo }, []), SILENT);
    if (part === 4) await store.assignIds(BITCOIN, SILENT);
  }
  await store.assignIds(BITCOIN, SILENT);
}

function expectedEnds(parts: Parts): unknown[] {
  const byBlock = parts.every(({ tx }) => tx.block !== null);
  const place = ({ block }: UtxoTransaction): number => (block === null ? 1e9 : Number(block));
  const order = (a: UtxoTransaction, b: UtxoTransaction): number =>
    (byBlock ? 0 : a.time - b.time) || place(a) - place(b) || a.txIndex - b.txIndex || compareText(a.tx, b.tx);
  return parts
    .map(({ tx }) => tx)
    .sort(order)
    .flatMap((tx) => {
      const spent = tx.inputs.filter(({ outpoint }) => outpoint !== null).map((end) => ({ ...end, spends: true }));
      const ends = [...spent, ...tx.outputs.map((end) => ({ ...end, spends: false }))];
      return ends.map(({ address, value, spends }, index) => [tx.time, index === 0, spends, address, value]);
    });
}

test('whatever is imported and fetched of a UTXO chain comes as numbers in order, and every engine gives the same ones', () =>
  fc.assert(
    fc.asyncProperty(anyParts, async (parts) => {
      const reference = new MemoryStore();
      await storeParts(reference, parts);
      const texts = await addressesOf(reference, BITCOIN);
      await withEveryFreshStore(async (store) => {
        await storeParts(store, parts);
        const ends = await namedEnds(store, WHOLE);
        assert.deepEqual(
          ends.map((end) => [end.time, end.begins, end.spends, end.owner, end.value]),
          expectedEnds(parts),
        );
        assert.deepEqual(ends, await namedEnds(reference, WHOLE));
        assert.deepEqual(await addressesOf(store, BITCOIN), texts);
        const query = { ...WHOLE, from: NOON + 600, to: NOON + 1200 };
        assert.deepEqual(await namedEnds(store, query), await namedEnds(reference, query));
      });
    }),
    { numRuns: 12 },
  ));
