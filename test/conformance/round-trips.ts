import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SILENT } from '../../src/base/progress.ts';
import { FEE_KINDS, type Transfer, type UtxoTransaction } from '../../src/model/transfer.ts';
import type { PlaceKey, Store } from '../../src/store/port.ts';
import { anyLabels, anyTransfers, anyUtxo, oddText } from './arbitrary.ts';
import { withEveryFreshStore } from './engines.ts';
import { allEdges, BITCOIN, feedOf, flat, labelList, NOON, newBatch, someCase, touching } from './feed.ts';

const bySource = (a: { source: { row: number } }, b: { source: { row: number } }): number =>
  a.source.row - b.source.row;
const inBatch = <T extends Transfer | UtxoTransaction>(rows: readonly T[], batch: number): T[] =>
  rows.map((row) => ({ ...row, source: { ...row.source, batch } }));
const placesOf = (row: Transfer): PlaceKey[] =>
  [row.from, row.to].flatMap((name) => (name === null ? [] : [{ chain: row.chain, address: name, asset: row.asset }]));

/** Everything kept comes back as it was, whatever the text and the amounts: `runs` random cases a property, in every engine. */
export function roundTrips(runs: number): void {
  movements(runs);
  utxo(runs);
  kept(runs);
}

function movements(runs: number): void {
  test('random transfers come back as they went in, amounts to 2^256 - 1 and odd text included', () =>
    fc.assert(
      fc.asyncProperty(anyTransfers, (rows) =>
        withEveryFreshStore(async (store) => {
          await store.load(newBatch('a'), feedOf({ transfers: rows }), SILENT);
          const moving = rows.filter((row) => row.amount > 0n && placesOf(row).length > 0);
          const whole = new Set(moving.map((row) => row.tx).filter((tx) => tx !== null));
          const expected = rows.filter((row) => moving.includes(row) || (row.tx !== null && whole.has(row.tx)));
          assert.deepEqual((await touching(store, moving)).sort(bySource), inBatch(expected, 1).sort(bySource));
        }),
      ),
      { numRuns: runs },
    ));

  test('edges name the same places, transactions and amounts as the rows, in order of time', () =>
    fc.assert(
      fc.asyncProperty(anyTransfers, (rows) =>
        withEveryFreshStore(async (store) => {
          await store.load(newBatch('a'), feedOf({ transfers: rows }), SILENT);
          const edges = await allEdges(store);
          assert.deepEqual(
            edges.map((edge) => edge.time),
            edges.map((edge) => edge.time).sort((a, b) => a - b),
          );
          const cap = 2n ** 128n - 1n;
          const moved = rows.filter((row) => row.amount > 0n && !FEE_KINDS.has(row.kind));
          const facts = await Promise.all(moved.map((row) => edgeFacts(store, row, cap)));
          const seen = edges.map((edge) => [
            edge.time,
            edge.amount,
            edge.from,
            edge.to,
            edge.fromOwner,
            edge.toOwner,
            edge.tx === 0n,
          ]);
          assert.deepEqual(seen.map(String).sort(), facts.map(String).sort());
          assert.equal(new Set(edges.map((edge) => edge.asset)).size, new Set(moved.map((row) => row.asset)).size);
        }),
      ),
      { numRuns: runs },
    ));
}

function utxo(runs: number): void {
  test('random UTXO transactions come back whole and in order', () =>
    fc.assert(
      fc.asyncProperty(anyUtxo, (rows) =>
        withEveryFreshStore(async (store) => {
          await store.load(newBatch('a', { chain: BITCOIN }), feedOf({ utxo: rows }, []), SILENT);
          const { txs, ends } = await utxoEnds(store);
          const found = await flat(store.utxoTransactions(BigUint64Array.from(txs)));
          assert.deepEqual(found.toSorted(bySource), inBatch(rows, 1));
          assert.deepEqual(
            found.map((tx) => tx.time),
            found.map((tx) => tx.time).toSorted((a, b) => a - b),
          );
          const inputs = rows.flatMap((tx) => tx.inputs.filter((input) => input.outpoint !== null));
          assert.equal(ends, inputs.length + rows.flatMap((tx) => tx.outputs).length);
        }),
      ),
      { numRuns: runs },
    ));
}

function kept(runs: number): void {
  test('random labels come back as they went in', () =>
    fc.assert(
      fc.asyncProperty(anyLabels, (entries) =>
        withEveryFreshStore(async (store) => {
          await store.saveLabels(labelList('random', NOON), entries);
          const expected = entries.map((row) => ({ ...row, listId: 1 }));
          const addresses = entries.map((row) => row.address);
          assert.deepEqual(await store.labelRows(addresses), expected);
          assert.deepEqual(await store.labelRowsByCategory([...new Set(entries.map((row) => row.category))]), expected);
          assert.equal((await store.totals()).labels, entries.length);
        }),
      ),
      { numRuns: runs },
    ));

  test('cases come back byte for byte, in their order of files', () =>
    fc.assert(
      fc.asyncProperty(
        oddText,
        fc.uniqueArray(fc.tuple(oddText, fc.uint8Array({ maxLength: 300 })), {
          selector: ([name]) => name,
          maxLength: 6,
        }),
        (title, files) =>
          withEveryFreshStore(async (store) => {
            const kept = { ...someCase('c', files), title };
            await store.saveCase(kept);
            const found = await store.loadCase('c');
            assert.deepEqual({ ...found, files: [...found!.files] }, { ...kept, files });
          }),
      ),
      { numRuns: runs },
    ));
}

async function edgeFacts(store: Store, row: Transfer, cap: bigint): Promise<unknown[]> {
  const place = async (name: string | null): Promise<bigint> =>
    name === null ? 0n : (await store.fingerprints([{ chain: row.chain, address: name, asset: row.asset }]))[0]!;
  const owner = async (name: string | null): Promise<bigint> =>
    name === null ? 0n : (await store.ownerFingerprints([{ chain: row.chain, address: name }]))[0]!;
  const amount = row.amount > cap ? cap : row.amount;
  const places = [await place(row.from), await place(row.to), await owner(row.from), await owner(row.to)];
  return [row.time, amount, ...places, row.tx === null];
}

async function utxoEnds(store: Store): Promise<{ txs: Set<bigint>; ends: number }> {
  const txs = new Set<bigint>();
  let ends = 0;
  for await (const chunk of store.utxoEdges({ from: 0, until: null })) {
    for (const print of chunk.tx.subarray(0, chunk.count)) txs.add(print);
    ends += chunk.count;
  }
  return { txs, ends };
}
