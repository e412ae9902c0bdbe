import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BoardContent } from '../../../src/trace/board.ts';
import { mergeBoards, sameContent } from './board-merge.ts';

const place = fc.constantFrom('a|1', 'a|2', 'a|3', 'group:x');
const uniqueBy = <Item>(items: readonly Item[], key: (item: Item) => string): Item[] => [
  ...new Map(items.map((item) => [key(item), item])).values(),
];
const anyContent: fc.Arbitrary<BoardContent> = fc
  .record({
    pins: fc.array(fc.record({ place, x: fc.nat(9), y: fc.nat(9) })),
    notes: fc.array(
      fc.record({
        id: fc.constantFrom('n1', 'n2', 'n3'),
        place: fc.option(place, { nil: null }),
        text: fc.constantFrom('one', 'two'),
        at: fc.constant('2026-01-01T00:00:00Z'),
        by: fc.constant('key'),
      }),
    ),
    expanded: fc.uniqueArray(place),
    hidden: fc.uniqueArray(place),
  })
  .map(({ pins, notes, expanded, hidden }) => ({
    pins: uniqueBy(pins, (pin) => pin.place),
    notes: uniqueBy(notes, (note) => note.id),
    expanded,
    hidden,
  }));

test('where one side changed nothing, the other side stands', () => {
  fc.assert(
    fc.property(anyContent, anyContent, (base, other) => {
      assert.ok(sameContent(mergeBoards(base, base, other), other));
      assert.ok(sameContent(mergeBoards(base, other, base), other));
    }),
  );
});

test('own changes survive a merge, and so does what only they changed', () => {
  fc.assert(
    fc.property(anyContent, anyContent, anyContent, (base, mine, theirs) => {
      const merged = mergeBoards(base, mine, theirs);
      const at = (content: BoardContent, key: string): string =>
        JSON.stringify(content.pins.find((pin) => pin.place === key) ?? null);
      for (const key of ['a|1', 'a|2', 'a|3', 'group:x']) {
        const changed = at(base, key) !== at(mine, key);
        assert.equal(at(merged, key), changed ? at(mine, key) : at(theirs, key));
        const added = mine.hidden.includes(key) !== base.hidden.includes(key);
        assert.equal(merged.hidden.includes(key), (added ? mine : theirs).hidden.includes(key));
      }
      assert.equal(new Set(merged.notes.map(({ id }) => id)).size, merged.notes.length);
    }),
  );
});
