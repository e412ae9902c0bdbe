import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { linkOfSelection, selectionKey, selectionOfLink } from './case-link.ts';

describe('link to a selection', () => {
  const plain = { noNullPrototype: true };
  const place = fc.record(
    {
      chain: fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('|')),
      address: fc.string({ unit: 'grapheme' }),
    },
    plain,
  );
  const selection = fc.oneof(
    fc.record({ kind: fc.constant('place' as const), place }, plain),
    fc.record({ kind: fc.constant('edge' as const), from: place, to: place }, plain),
    fc.record(
      {
        kind: fc.constant('group' as const),
        title: fc.string({ unit: 'grapheme' }),
        places: fc.array(place, { minLength: 1, maxLength: 20 }),
      },
      plain,
    ),
  );

  test('gives the selection back, through the search part of a path as well', () => {
    fc.assert(
      fc.property(selection, (wanted) => {
        const link = linkOfSelection(wanted);
        const search = new URLSearchParams({ at: link ?? '' });
        assert.deepEqual(selectionOfLink(new URLSearchParams(search.toString()).get('at')), wanted);
      }),
    );
  });

  test('any other text is no selection, and no fault', () => {
    for (const text of [null, '', 'p:', 'x:eip155:1|0x1', 'e:a|b', 'p:a|b~c|d', 'p:%', 'g:only', 'g:%~a|b'])
      assert.equal(selectionOfLink(text), null, String(text));
    fc.assert(fc.property(fc.string(), (text) => void selectionOfLink(text)));
  });

  test('a group too large for a path has none', () => {
    const places = Array.from({ length: 121 }, (_, index) => ({ chain: 'eip155:1', address: `0x${index}` }));
    assert.equal(linkOfSelection({ kind: 'group', title: 'many', places }), null);
    assert.notEqual(linkOfSelection({ kind: 'group', title: 'many', places: places.slice(1) }), null);
  });

  test('one thing has one key', () => {
    const one = { chain: 'eip155:1', address: '0x1' };
    assert.equal(selectionKey({ kind: 'place', place: one }), selectionKey({ kind: 'place', place: { ...one } }));
    assert.notEqual(selectionKey({ kind: 'place', place: one }), selectionKey({ kind: 'edge', from: one, to: one }));
  });
});
