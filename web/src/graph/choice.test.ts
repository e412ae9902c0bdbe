import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { answerOf, anyFlow } from './_flow-fixture.ts';
import { amountsOf, replayOf } from './amounts.ts';
import { chosenOf, indexOf, linesOutOf, neighbourOf, selectionOfLine, selectionOfShapes } from './choice.ts';
import { bendOf, curveOf, distanceTo } from './curve.ts';
import { flowOf } from './flow.ts';
import { foldOf } from './fold.ts';
import { pictureOf } from './picture.ts';
import { FIRST_STATE, openAll } from './state.ts';

test('what a shape is as a selection leads back to that shape', () => {
  fc.assert(
    fc.property(anyFlow, fc.boolean(), (flow, all) => {
      const picture = pictureOf(flow, foldOf(flow, false), all ? openAll(FIRST_STATE) : FIRST_STATE);
      const index = indexOf(flow);
      for (const { key, members } of picture.shapes) {
        const selection = selectionOfShapes(flow, picture, new Set([key]), 'several');
        assert.equal(selection?.kind, members.length === 1 ? 'place' : 'group');
        assert.deepEqual([...chosenOf(selection, index, picture).nodes], [key]);
      }
    }),
    { numRuns: 60 },
  );
});

test('a line of one movement is chosen as that; one of several as the places at its ends', () => {
  fc.assert(
    fc.property(anyFlow, (flow) => {
      const picture = pictureOf(flow, foldOf(flow, false), FIRST_STATE);
      for (const { key, members } of picture.lines) {
        const selection = selectionOfLine(flow, picture, key, 'several');
        if (members.length > 1) assert.equal(selection?.kind, 'group');
        else assert.equal(chosenOf(selection, indexOf(flow), picture).line, key);
      }
    }),
    { numRuns: 60 },
  );
});

test('arrows follow the largest line, back and forth, and the column up and down', () => {
  const place = (column: number) => ({ kind: 'address', column, entity: null });
  const edge = (from: number, to: number, units: bigint) => ({ from, to, parts: [{ units, time: 1 }], stepped: true });
  const flow = flowOf(
    answerOf([place(1), place(1), place(2)], [edge(0, 1, 5n), edge(0, 2, 9n), edge(1, 3, 4n), edge(2, 3, 3n)]),
  );
  const picture = pictureOf(flow, foldOf(flow, false), FIRST_STATE);
  const { lines } = amountsOf(flow, picture, replayOf(flow, null));
  const at = (index: number): number => picture.shapeOf[index]!;
  const layout = { columnOf: [0, 1, 1, 2], points: [{ y: 5 }, { y: 1 }, { y: 9 }, { y: 5 }] };
  assert.equal(neighbourOf(picture, at(0), 'right', lines, layout), at(2));
  assert.equal(neighbourOf(picture, at(3), 'left', lines, layout), at(1));
  assert.equal(neighbourOf(picture, at(1), 'down', lines, layout), at(2));
  assert.equal(neighbourOf(picture, at(1), 'up', lines, layout), null);
  assert.deepEqual(
    linesOutOf(picture, at(0), lines).map((line) => lines[line]!.units),
    [9n, 5n],
  );
});

test('the pointer is on a curve at both its ends, and as far from it as it is away', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 500 }), (x, y) => {
      const curve = curveOf({ x: 100, y: 100 }, { x: 300 + x, y }, 0.5, 10);
      assert.ok(distanceTo(curve, { x: 100, y: 100 }) < 1e-6);
      assert.ok(distanceTo(curve, { x: 290 + x, y }) < 1e-6);
      assert.ok(distanceTo(curve, { x: 100, y: -200 }) >= 200);
    }),
  );
  assert.ok(bendOf(-500, 1000) > 0, 'what runs back leaves to the right too');
});
