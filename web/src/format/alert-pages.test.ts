import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { freshOf, pagesOfRows, renewed, withItem } from './alert-pages.ts';

const item = (id: string, version = 1) => ({ id, version });

test('a page asked for again: changed rows are renewed, rows that left go, the kept one and those beyond the answer stay', () => {
  const page = { items: ['a', 'b', 'c', 'd', 'e'].map((id) => item(id)), next: 'x' };
  const answer = { items: [item('new'), item('a', 2), item('d')], next: 'y' };
  assert.deepEqual(renewed(page, answer, 'b').items, [item('a', 2), item('b'), item('d'), item('e')]);
  assert.deepEqual(renewed(page, { ...answer, next: null }, null).items, [item('a', 2), item('d')]);
});

test('a page that did not change stays the same object', () => {
  const page = { items: [item('a'), item('b')], next: null };
  assert.equal(renewed(page, { items: [item('b'), item('a')], next: null }, null), page);
});

test('renewing keeps the order and brings in nothing of its own', () => {
  const ids = fc.uniqueArray(fc.constantFrom(...'abcdefghij'), { maxLength: 10 });
  fc.assert(
    fc.property(ids, ids, fc.boolean(), (before, after, isEnd) => {
      const page = { items: before.map((id) => item(id)), next: 'n' };
      const shown = renewed(page, { items: after.map((id) => item(id, 2)), next: isEnd ? null : 'n' }, null);
      const left = shown.items.map(({ id }) => id);
      assert.deepEqual(
        left,
        before.filter((id) => left.includes(id)),
      );
      for (const id of before) if (after.includes(id)) assert.ok(left.includes(id));
      if (isEnd) assert.ok(left.every((id) => after.includes(id)));
    }),
  );
});

test('new alerts, one item renewed, and the pages of rows in sight', () => {
  assert.deepEqual(freshOf([item('c'), item('b')], new Set(['b', 'a'])), [item('c')]);
  const pages = [
    { items: [item('a'), item('b')], next: '1' },
    { items: [item('c')], next: '2' },
    { items: [item('d'), item('e')], next: null },
  ];
  const changed = withItem(pages, item('c', 3));
  assert.deepEqual(changed[1]?.items, [item('c', 3)]);
  assert.equal(changed[0], pages[0]);
  assert.deepEqual(pagesOfRows(pages, 1, 2), [0, 1]);
  assert.deepEqual(pagesOfRows(pages, 3, 9), [2]);
});
