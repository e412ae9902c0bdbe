import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LabelEntry } from '../../src/model/label.ts';
import type { LabelRow } from '../../src/store/port.ts';
import { everyStore, withEveryFreshStore } from './engines.ts';
import { ETHEREUM, labelList, NOON } from './feed.ts';

function entry(address: string, label = 'a label', caseLost = false): LabelEntry {
  return {
    address,
    chain: ETHEREUM,
    currency: 'ETH',
    label,
    category: 'sanctioned',
    actor: 'somebody',
    abuse: null,
    programmes: ['DPRK3', 'CYBER2'],
    confidence: 'authority_data',
    url: 'https://example.org/"quoted",',
    caseLost,
    validFrom: NOON,
    validTo: null,
  };
}

const brief = (rows: readonly LabelRow[]): unknown[] =>
  rows.map(({ listId, address, label }) => [listId, address, label]);

everyStore('rows of some lists come whole, in order of list and of their place in it', async (store) => {
  await store.saveLabels(labelList('one', NOON, '1'), [entry('0xb', 'first'), entry('0xa', 'second')]);
  await store.saveLabels(labelList('empty', NOON, '2'), []);
  await store.saveLabels(labelList('three', NOON - 9, '3'), [entry('0xb', 'third')]);
  assert.deepEqual(brief(await store.labelRowsOfLists([3, 1, 1])), [
    [1, '0xb', 'first'],
    [1, '0xa', 'second'],
    [3, '0xb', 'third'],
  ]);
  assert.deepEqual(await store.labelRowsOfLists([3]), [{ ...entry('0xb', 'third'), listId: 3 }]);
  assert.deepEqual(await store.labelRowsOfLists([2, 77]), []);
  assert.deepEqual(await store.labelRowsOfLists([]), []);
});

test('every store hands out all rows, those of one address together, whatever their case and list', async () => {
  const row = fc.record({
    address: fc.constantFrom('1Ab', '1ab', '1aB', '0xa', '~', 'T'),
    label: fc.constantFrom('x', 'y'),
    caseLost: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(row, { maxLength: 8 }), { maxLength: 4 }), async (lists) => {
      await withEveryFreshStore(async (store) => {
        const wanted: string[][] = [];
        for (const [at, rows] of lists.entries()) {
          const entries = rows.map(({ address, label, caseLost }) => entry(address, label, caseLost));
          await store.saveLabels(labelList(`s${at}`, NOON, String(at)), entries);
          rows.forEach((given, place) => {
            const key = [given.address.toLowerCase(), String(at + 1), String(place)];
            wanted.push([...key, given.address, given.label, String(given.caseLost)]);
          });
        }
        const found: string[][] = [];
        const met: LabelRow[] = [];
        for await (const chunk of store.labelRowsByAddress()) met.push(...chunk);
        for (const { listId, address, label, caseLost } of met) {
          found.push([address.toLowerCase(), String(listId), address, label, String(caseLost)]);
        }
        const order = (a: string[], b: string[]): number => (a[0]! < b[0]! ? -1 : a[0]! > b[0]! ? 1 : 0);
        const inOrder = wanted
          .sort((a, b) => order(a, b) || Number(a[1]) - Number(b[1]) || Number(a[2]) - Number(b[2]))
          .map(([folded, list, , ...said]) => [folded, list, ...said]);
        assert.deepEqual(found, inOrder);
      });
    }),
    { numRuns: 20 },
  );
});

everyStore('more rows than a chunk are all handed out, once', async (store) => {
  const entries = Array.from({ length: 9000 }, (_, at) => entry(`0x${(at * 7919) % 9000}`));
  await store.saveLabels(labelList('many', NOON), entries);
  const seen = new Set<string>();
  let rows = 0;
  for await (const chunk of store.labelRowsByAddress()) {
    rows += chunk.length;
    for (const { address } of chunk) seen.add(address);
  }
  assert.deepEqual([rows, seen.size], [9000, 9000]);
});
