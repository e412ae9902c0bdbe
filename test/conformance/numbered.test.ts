import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SILENT } from '../../src/base/progress.ts';
import { FEE_KINDS, type Transfer } from '../../src/model/transfer.ts';
import { MemoryStore } from '../../src/store/memory/store.ts';
import type { NumberedQuery } from '../../src/store/numbered.ts';
import type { Store } from '../../src/store/port.ts';
import { anyAmount, oddText } from './arbitrary.ts';
import { everyStore, withEveryFreshStore } from './engines.ts';
import { address, ETH, ETHEREUM, feedOf, flat, hash, NOON, newBatch, transfer } from './feed.ts';
import { answer, blockTime, movement } from './living.ts';
import { addressesOf, type NamedRow, namedRows } from './numbered-feed.ts';

const WHOLE: NumberedQuery = { chain: ETHEREUM, from: 0, to: null };
const TOKEN = `${ETHEREUM}/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7`;

everyStore('numbers are given once, in order of first appearance, and stay', async (store) => {
  const first = [
    transfer({ leg: 0, from: 'b', to: 'a' }),
    transfer({ leg: 1, from: 'a', to: 'script:6a0400', asset: TOKEN }),
    transfer({ leg: 2, from: 'c', to: 'd', amount: 0n }),
    transfer({ leg: 3, from: 'e', to: 'f', kind: 'gas' }),
    transfer({ leg: 4, from: null, to: '🧊', kind: 'mint' }),
  ];
  await store.load(newBatch('1'), feedOf({ transfers: first }), SILENT);
  assert.deepEqual(await addressesOf(store, ETHEREUM), []);
  await assert.rejects(namedRows(store, WHOLE), { code: 'E_STORE_CORRUPT', message: /have no numbers yet/ });
  assert.deepEqual(await store.assignIds(ETHEREUM, SILENT), { addresses: 5, assets: 2, numbered: 4 });
  const names = ['b', 'a', 'script:6a0400', 'e', '🧊'];
  assert.deepEqual(await addressesOf(store, ETHEREUM), names);
  assert.deepEqual(await store.numberedAssets(ETHEREUM), [ETH.id, TOKEN]);
  const later = transfer({ time: NOON - 100, from: 'zz', to: 'a', tx: hash(2) });
  await store.load(newBatch('2'), feedOf({ transfers: [later] }), SILENT);
  assert.deepEqual(await store.assignIds(ETHEREUM, SILENT), { addresses: 1, assets: 0, numbered: 1 });
  assert.deepEqual(await store.assignIds(ETHEREUM, SILENT), { addresses: 0, assets: 0, numbered: 0 });
  assert.deepEqual(await addressesOf(store, ETHEREUM), [...names, 'zz']);
  assert.deepEqual(await addressesOf(store, ETHEREUM, 4), ['🧊', 'zz']);
  assert.deepEqual(await addressesOf(store, ETHEREUM, 6), []);
  const rows = await namedRows(store, WHOLE);
  assert.deepEqual(
    rows.map((row) => [row.from, row.to, row.fee]),
    [
      ['zz', 'a', false],
      ['b', 'a', false],
      ['a', 'script:6a0400', false],
      ['e', null, true],
      [null, '🧊', false],
    ],
  );
});

everyStore('an import with ids needs no other call, and numbers no other import', async (store) => {
  const early = transfer({ time: NOON - 5, tx: hash(9), from: 'x', to: 'y' });
  await store.load(newBatch('plain'), feedOf({ transfers: [early] }), SILENT);
  const { batch } = await store.load(newBatch('1', { ids: true }), feedOf({ transfers: [transfer()] }), SILENT);
  assert.ok(!('ids' in batch));
  assert.deepEqual(await addressesOf(store, ETHEREUM), [address(1), address(2)]);
  await assert.rejects(namedRows(store, WHOLE), { code: 'E_STORE_CORRUPT' });
  assert.deepEqual(await store.assignIds(ETHEREUM, SILENT), { addresses: 2, assets: 0, numbered: 1 });
  assert.deepEqual(await store.numberedChains(), [{ chain: ETHEREUM, model: 'account' }]);
});

everyStore('chains count on their own', async (store) => {
  const other = 'eip155:10';
  const row = transfer({ chain: other, from: 'b', to: 'a' });
  await store.load(newBatch('1', { ids: true }), feedOf({ transfers: [transfer({ from: 'a', to: 'b' })] }), SILENT);
  await store.load(newBatch('2', { chain: other, ids: true }), feedOf({ transfers: [row] }, []), SILENT);
  assert.deepEqual(await addressesOf(store, ETHEREUM), ['a', 'b']);
  assert.deepEqual(await addressesOf(store, other), ['b', 'a']);
  assert.deepEqual(
    (await namedRows(store, { ...WHOLE, chain: other })).map(({ from, to }) => [from, to]),
    [['b', 'a']],
  );
  assert.deepEqual(
    (await store.numberedChains()).map(({ chain }) => chain),
    [ETHEREUM, other],
  );
});

everyStore('a roll-back takes movements and leaves numbers', async (store) => {
  const names = (block: bigint): Partial<Transfer> => ({ from: `from ${block}`, to: `to ${block}` });
  const at = (block: bigint): Transfer => movement(block, names(block));
  await store.keepFetched(answer({ transfers: [at(2n), at(1n)] }));
  await assert.rejects(namedRows(store, WHOLE), { code: 'E_STORE_CORRUPT' });
  assert.deepEqual(await store.assignIds(ETHEREUM, SILENT), { addresses: 4, assets: 1, numbered: 0 });
  await store.rollBack(ETHEREUM, 1n);
  await store.keepFetched(answer({ transfers: [at(3n)] }));
  await store.assignIds(ETHEREUM, SILENT);
  assert.deepEqual(await addressesOf(store, ETHEREUM), ['from 1', 'to 1', 'from 2', 'to 2', 'from 3', 'to 3']);
  assert.deepEqual(
    (await namedRows(store, WHOLE)).map((row) => row.to),
    ['to 1', 'to 3'],
  );
});

everyStore('contents say what an index was built from', async (store) => {
  const windows = [
    { from: blockTime(1n), to: blockTime(2n) },
    { from: blockTime(3n), to: blockTime(9n) },
    { from: 0, to: 10 },
  ];
  const { batch } = await store.load(newBatch('1'), feedOf({ transfers: [transfer(), transfer({ leg: 1 })] }), SILENT);
  await store.keepFetched(answer({ transfers: [1n, 2n, 3n].map((block) => movement(block)) }));
  const before = await store.contents(ETHEREUM, windows);
  assert.deepEqual(before.imports, [
    { batch: 1, contentId: batch.contentId, rows: 2, window: { from: NOON, to: NOON } },
  ]);
  assert.deepEqual([before.fetched.map(({ rows }) => rows), before.fetchedRows], [[2, 1, 0], 3]);
  await store.rollBack(ETHEREUM, 2n);
  const rolled = await store.contents(ETHEREUM, windows);
  assert.deepEqual([rolled.fetched[0], rolled.fetchedRows], [before.fetched[0], 2]);
  assert.equal(rolled.fetched[1]!.rows, 0);
  const other = movement(3n, { amount: 5n });
  const opening = { address: address(1), asset: ETH.id, block: 0n, time: NOON, amount: 2n ** 200n };
  await store.keepFetched(answer({ transfers: [other], openings: [opening] }));
  const after = await store.contents(ETHEREUM, windows);
  assert.deepEqual(after.fetched[0], before.fetched[0]);
  assert.equal(after.fetched[1]!.rows, before.fetched[1]!.rows);
  assert.notEqual(after.fetched[1]!.digest, before.fetched[1]!.digest);
  assert.notEqual(after.openings, before.openings);
  assert.deepEqual(await store.contents(ETHEREUM, windows), after);
});

everyStore('whole seconds are read in order, fees and movements of nothing included', async (store) => {
  const rows = Array.from({ length: 60 }, (_, row) =>
    transfer({
      time: NOON + (row >> 2),
      leg: row,
      row,
      amount: BigInt(row % 3),
      kind: row % 7 === 0 ? 'gas' : 'token',
    }),
  );
  await store.load(newBatch('1'), feedOf({ transfers: rows.filter((_, row) => row % 2 === 0) }), SILENT);
  await store.keepFetched(
    answer({ transfers: rows.filter((_, row) => row % 2 === 1).map((row) => ({ ...row, block: row.block! })) }),
  );
  const wanted = [NOON + 9, NOON, NOON + 3, NOON + 9, NOON + 999];
  const found = await flat(store.transfersAt(ETHEREUM, wanted));
  assert.deepEqual(
    found.map((row) => row.leg),
    rows.filter((row) => wanted.includes(row.time)).map((row) => row.leg),
  );
  assert.deepEqual(await flat(store.transfersAt(ETHEREUM, [])), []);
  assert.deepEqual(await flat(store.transfersAt('eip155:10', wanted)), []);
});

/** A row of an import (0 to 2) or a fetch (3, 4). Legs are all different, so the order of all rows is one. */
const anyParts = fc
  .array(
    fc.record({
      part: fc.integer({ min: 0, max: 4 }),
      block: fc.option(fc.bigInt({ min: 0n, max: 6n }), { nil: null, freq: 9 }),
      late: fc.boolean(),
      txIndex: fc.integer({ min: 0, max: 2 }),
      tx: fc.option(oddText, { nil: null }),
      kind: fc.constantFrom('transfer', 'token', 'gas', 'burn', 'mint' as const),
      from: fc.option(oddText, { nil: null }),
      to: fc.option(oddText, { nil: null }),
      asset: fc.constantFrom(ETH.id, TOKEN),
      amount: anyAmount,
    }),
    { maxLength: 30 },
  )
  .map((rows) =>
    rows.map(({ part, block: given, late, ...fields }, leg) => {
      const block = part > 2 ? (given ?? 3n) : given;
      const time = blockTime(block ?? 2n) + (late && part <= 2 ? 1000 : 0);
      const tx = fields.tx === null ? null : `${leg} ${fields.tx}`;
      return { part, row: transfer({ ...fields, block, time, tx, leg, row: leg + 1 }) };
    }),
  );
type Parts = readonly { readonly part: number; readonly row: Transfer }[];

/** Files with and without ids, fetches, a roll-back of everything above a block, all again. */
async function storeParts(store: Store, parts: Parts, undone: bigint | null): Promise<void> {
  for (const part of [3, 0, 1, 4, 2]) {
    const transfers = parts.filter((item) => item.part === part).map((item) => item.row);
    if (part > 2) await store.keepFetched(answer({ transfers: transfers.toReversed(), assets: [] }));
    else await store.load(newBatch(`${part}`, { ids: part === 1 }), feedOf({ transfers }, []), SILENT);
    if (part === 4) await store.assignIds(ETHEREUM, SILENT);
  }
  if (undone !== null) await store.rollBack(ETHEREUM, undone);
  await store.assignIds(ETHEREUM, SILENT);
}

function expectedRows(parts: Parts, undone: bigint | null): Omit<NamedRow, 'tx'>[] {
  const key = ({ time, block, txIndex, leg }: Transfer): bigint[] => [
    BigInt(time),
    block ?? 2n ** 60n,
    BigInt(txIndex),
    BigInt(leg),
  ];
  return parts
    .filter(({ part, row }) => row.amount > 0n && !(part > 2 && undone !== null && row.block! > undone))
    .map(({ row }) => row)
    .sort((a, b) => {
      const left = key(a);
      const at = key(b).findIndex((value, index) => value !== left[index]);
      return at < 0 ? 0 : left[at]! < key(b)[at]! ? -1 : 1;
    })
    .map(({ from, to, kind, asset, amount, time, block }) => {
      const fee = FEE_KINDS.has(kind);
      return { from, to: fee ? null : to, fee, asset, amount, time, block: block === null ? -1 : Number(block) };
    });
}

test('whatever is imported, fetched and rolled back comes as numbers in order, and every engine gives the same ones', () =>
  fc.assert(
    fc.asyncProperty(anyParts, fc.option(fc.bigInt({ min: 0n, max: 5n }), { nil: null }), async (parts, undone) => {
      const reference = new MemoryStore();
      await storeParts(reference, parts, undone);
      const texts = await addressesOf(reference, ETHEREUM);
      const expected = expectedRows(parts, undone);
      const from = blockTime(2n);
      await withEveryFreshStore(async (store) => {
        await storeParts(store, parts, undone);
        const rows = await namedRows(store, WHOLE);
        assert.deepEqual(
          rows.map(({ tx: _, ...row }) => row),
          expected,
        );
        assert.deepEqual(
          rows.map((row) => row.tx),
          (await namedRows(reference, WHOLE)).map((row) => row.tx),
        );
        assert.deepEqual(await addressesOf(store, ETHEREUM), texts);
        assert.deepEqual(await store.numberedAssets(ETHEREUM), await reference.numberedAssets(ETHEREUM));
        const part = await namedRows(store, { ...WHOLE, from, to: from + 24 });
        assert.deepEqual(
          part.map(({ tx: _, ...row }) => row),
          expected.filter((row) => row.time >= from && row.time <= from + 24),
        );
      });
    }),
    { numRuns: 12 },
  ));
