import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PATH_SIZES, pathPicture } from './path-picture.ts';

const place = fc.constantFrom('a', 'b', 'c', null);
const steps = fc.array(fc.record({ from: place, to: place }), { minLength: 1, maxLength: 20 });

test('every step is a link between the places that it names, in order, and nothing lies outside the picture', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 100, max: 2000 }), (path, width) => {
      const { places, links, width: wide, height } = pathPicture(path, width);
      assert.equal(links.length, places.length - 1);
      assert.deepEqual(
        links.flatMap(({ step }) => (step === null ? [] : [step])),
        path.map((_, at) => at),
      );
      for (const [at, { step }] of links.entries()) {
        if (step === null) continue;
        assert.deepEqual([places[at]!.address, places[at + 1]!.address], [path[step]!.from, path[step]!.to]);
      }
      for (const { x, y } of places) {
        assert.ok(x >= 0 && x + PATH_SIZES.placeWidth <= wide && y >= 0 && y + PATH_SIZES.placeHeight <= height);
      }
    }),
  );
});

test('a path that goes on where it ended has no break', () => {
  const { places, links } = pathPicture(
    [
      { from: 'a', to: 'b' },
      { from: 'b', to: 'c' },
    ],
    1200,
  );
  assert.deepEqual(
    places.map(({ address, y }) => [address, y]),
    [
      ['a', 4],
      ['b', 4],
      ['c', 4],
    ],
  );
  assert.deepEqual(
    links.map(({ step }) => step),
    [0, 1],
  );
});
