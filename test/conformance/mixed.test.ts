import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SILENT } from '../../src/base/progress.ts';
import type { Transfer, UtxoTransaction } from '../../src/model/transfer.ts';
import type { EdgeQuery, Store, UtxoEdgeChunk } from '../../src/store/port.ts';
import { everyStore, withEveryFreshStore } from './engines.ts';
import { address, allEdges, BITCOIN, ETHEREUM, feedOf, flat, hash, newBatch, spend, touching } from './feed.ts';
import { answer, blockTime, movement, spendAt } from './living.ts';

const load = (store: Store, name: string, transfers: Transfer[], given = {}): Promise<unknown> =>
  store.load(newBatch(name, given), feedOf({ transfers }), SILENT);

everyStore(
  'what a file holds is not fetched twice, and what was fetched is held when a file brings it',
  async (store) => {
    const [first, second, third] = [movement(4n), movement(5n), movement(6n)];
    await load(store, 'a', [{ ...first, block: null, txIndex: 9 }, second]);
    const counts = await store.keepFetched(answer({ transfers: [first, second, third] }));
    assert.deepEqual(counts, { added: 1, alreadyStored: 2 });
    const { batch } = await store.load(newBatch('b'), feedOf({ transfers: [third, movement(7n)] }), SILENT);
    assert.deepEqual([batch.id, batch.alreadyStored, batch.rowsKept], [3, 1, 1]);
    assert.equal((await allEdges(store)).length, 4);
  },
);

everyStore(
  'files without an index share a fetched movement by its content, as often as both have it',
  async (store) => {
    const ranked = { orderRule: 'row' } as const;
    const tx = hash(1);
    await load(store, 'a', [movement(4n, { tx, leg: 31 })], ranked);
    const legs = [0, 1, 2].map((leg) => movement(4n, { tx, leg }));
    assert.deepEqual(await store.keepFetched(answer({ transfers: legs })), { added: 2, alreadyStored: 1 });
    assert.deepEqual(await store.keepFetched(answer({ transfers: legs })), { added: 0, alreadyStored: 3 });
    const other = [40, 41, 42].map((leg) => movement(5n, { tx: hash(2), leg }));
    await store.keepFetched(answer({ transfers: [0, 1].map((leg) => movement(5n, { tx: hash(2), leg })) }));
    const { batch } = await store.load(newBatch('b', ranked), feedOf({ transfers: other }), SILENT);
    assert.deepEqual([batch.alreadyStored, batch.rowsKept], [2, 1]);
  },
);

everyStore('a file and a fetch that contradict each other are refused, whichever comes second', async (store) => {
  await load(store, 'a', [movement(4n)]);
  const otherAmount = answer({ transfers: [movement(9n), movement(4n, { amount: 5n })] });
  await assert.rejects(store.keepFetched(otherAmount), (error: Error & { context: Record<string, unknown> }) => {
    assert.deepEqual(
      [error.context.tx, error.context.field, error.context.storedFile],
      [hash(4000), 'amount', 'a.csv'],
    );
    return true;
  });
  await store.keepFetched(answer({ transfers: [movement(6n)] }));
  await assert.rejects(load(store, 'b', [movement(6n, { to: address(9) })]), {
    code: 'E_TRANSFER_CONFLICT',
    context: { file: 'b.csv', row: 1, tx: hash(6000), storedFile: 'evm one.example.org', storedRow: 1 },
  });
  const tied = movement(6n, { tx: hash(3) });
  await assert.rejects(load(store, 'c', [tied]), { code: 'E_ORDER_CONFLICT' });
  await assert.rejects(store.keepFetched(answer({ transfers: [movement(4n, { tx: hash(3) })] })), {
    code: 'E_ORDER_CONFLICT',
  });
  assert.deepEqual([(await store.totals()).transfers, (await store.batches()).length], [2, 2]);
});

everyStore('transactions of a file and of a fetch are one', async (store) => {
  const chain = { chain: BITCOIN };
  const held = spend({ tx: 'u1', block: null, time: blockTime(4n) });
  await store.load(newBatch('a', chain), feedOf({ utxo: [held] }, []), SILENT);
  const utxo = ['u1', 'u2'].map((tx) => spendAt(4n, tx, chain));
  const fetched = answer({ ...chain, utxo, assets: [] });
  assert.deepEqual(await store.keepFetched(fetched), { added: 1, alreadyStored: 1 });
  const again = [spend({ tx: 'u2', block: null, time: blockTime(4n) })];
  const { batch } = await store.load(newBatch('b', chain), feedOf({ utxo: again }, []), SILENT);
  assert.equal(batch.alreadyStored, 1);
  const other = answer({ ...chain, assets: [], utxo: [spendAt(4n, 'u1', { ...chain, outputs: [] })] });
  await assert.rejects(store.keepFetched(other), { code: 'E_TRANSFER_CONFLICT' });
});

/** Rows of two chains over few seconds, each with an amount of its own; `part` says where it comes from: 0 to 1 a file, 2 to 4 a fetch. */
const anyRows = fc
  .array(
    fc.record({
      other: fc.boolean(),
      block: fc.bigInt({ min: 0n, max: 3n }),
      txIndex: fc.integer({ min: 0, max: 2 }),
      part: fc.integer({ min: 0, max: 4 }),
      late: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  .map((facts) =>
    facts.map(({ other, block, txIndex, part, late }, index) => {
      const chain = other ? 'eip155:10' : ETHEREUM;
      const height = block + (late ? 50n : 0n);
      const row = movement(height, { chain, txIndex, leg: index, tx: hash(index), amount: BigInt(index + 1) });
      return { part, row };
    }),
  );

function inOrder(rows: readonly Transfer[]): Transfer[] {
  const chainOf = (row: Transfer): number => (row.chain === ETHEREUM ? 0 : 1);
  return rows.toSorted(
    (a, b) =>
      a.time - b.time ||
      chainOf(a) - chainOf(b) ||
      Number(a.block! - b.block!) ||
      a.txIndex - b.txIndex ||
      a.leg - b.leg,
  );
}

/** Puts each part where it belongs: files of one chain each, and fetches. */
async function storeParts(
  store: Store,
  rows: readonly { readonly part: number; readonly row: Transfer }[],
): Promise<void> {
  for (const part of [2, 0, 3, 1, 4]) {
    for (const chain of [ETHEREUM, 'eip155:10']) {
      const given = rows.filter((item) => item.part === part && item.row.chain === chain).map((item) => item.row);
      if (part >= 2) await store.keepFetched(answer({ chain, transfers: given.toReversed(), assets: [] }));
      else await store.load(newBatch(`${part} ${chain}`, { chain }), feedOf({ transfers: given }, []), SILENT);
    }
  }
}

test('movements of files and fetches are read as one, in order', () =>
  fc.assert(
    fc.asyncProperty(anyRows, fc.integer({ min: 0, max: 4 }), (items, from) =>
      withEveryFreshStore(async (store) => {
        await storeParts(store, items);
        const rows = inOrder(items.map((item) => item.row));
        const amounts = rows.map((row) => row.amount);
        const start = blockTime(BigInt(from));
        assert.deepEqual(
          (await allEdges(store)).map((edge) => edge.amount),
          amounts,
        );
        assert.deepEqual(
          (await allEdges(store, start, start + 100)).map((edge) => edge.amount),
          rows.filter((row) => row.time >= start && row.time <= start + 100).map((row) => row.amount),
        );
        assert.deepEqual(
          (await touching(store, rows)).map((row) => row.amount),
          amounts,
        );
        const own = rows.filter((row) => row.chain === ETHEREUM);
        assert.deepEqual(
          (await store.transfersOf(ETHEREUM, address(1), 7)).map((row) => row.amount),
          own.slice(-7).map((row) => row.amount),
        );
      }),
    ),
    { numRuns: 8 },
  ));

const WHOLE: EdgeQuery = { from: 0, until: null };

everyStore('spends of files and fetches are read as one, each transaction whole', async (store) => {
  const utxo = Array.from({ length: 60 }, (_, index): UtxoTransaction => {
    const outputs = Array.from({ length: 1 + (index % 3) }, () => ({ value: BigInt(index), address: `a${index}` }));
    return spendAt(BigInt(index >> 2), `u${index}`, {
      chain: BITCOIN,
      txIndex: index & 1,
      outputs,
      source: { batch: 0, file: 0, row: index },
    });
  });
  const part = (turn: number): UtxoTransaction[] => utxo.filter((_, index) => (index * 7) % 5 === turn);
  await store.load(newBatch('a', { chain: BITCOIN }), feedOf({ utxo: part(0) }, []), SILENT);
  for (const turn of [3, 2, 4, 1]) {
    await store.keepFetched(answer({ chain: BITCOIN, utxo: part(turn).reverse(), assets: [] }));
  }
  const seen: bigint[] = [];
  const times: number[] = [];
  const add = (chunk: UtxoEdgeChunk): void => {
    for (let index = 0; index < chunk.count; index += 1) {
      if (seen.at(-1) !== chunk.tx[index]) seen.push(chunk.tx[index]!);
      times.push(chunk.time[index]!);
    }
  };
  for await (const chunk of store.utxoEdges(WHOLE)) add(chunk);
  assert.equal(seen.length, 60, 'no transaction is split');
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  const whole = await flat(store.utxoTransactions(BigUint64Array.from(seen)));
  assert.deepEqual(
    whole.map((tx) => [tx.tx, tx.outputs.length]).sort(),
    utxo.map((tx) => [tx.tx, tx.outputs.length]).sort(),
  );
});
