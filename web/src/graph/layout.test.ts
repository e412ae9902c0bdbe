import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { answerOf, anyFlow, largeAnswer } from './_flow-fixture.ts';
import { flowOf } from './flow.ts';
import { foldOf } from './fold.ts';
import { BOX, layoutOf } from './layout.ts';
import { pictureOf } from './picture.ts';
import { type Axis, FIRST_STATE, openAll } from './state.ts';
import { fractionOf, momentsOf, ticksOf } from './time-scale.ts';

const anyAxis = fc.constantFrom<Axis>('hops', 'log', 'linear');

test('every shape stands in the box, the theft left of what it feeds, and the same flow gives the same points', () => {
  fc.assert(
    fc.property(anyFlow, anyAxis, fc.boolean(), (flow, axis, all) => {
      const picture = pictureOf(flow, foldOf(flow, false), all ? openAll(FIRST_STATE) : FIRST_STATE);
      const weights = picture.lines.map(() => 1);
      const asked = { picture, weights, axis, start: flow.start, end: flow.end, pins: new Map() };
      const { points } = layoutOf(asked);
      assert.deepEqual(layoutOf(asked).points, points);
      for (const { x, y } of points) {
        assert.ok(x >= 0 && x <= BOX.width, `x ${x}`);
        assert.ok(y >= 0 && y <= BOX.height, `y ${y}`);
      }
      assert.ok(picture.shapes.every((_, at) => points[at]!.x >= points[0]!.x));
    }),
    { numRuns: 120 },
  );
});

test('by movements, columns keep their order; by time, an earlier arrival is never right of a later one', () => {
  fc.assert(
    fc.property(anyFlow, anyAxis, (flow, axis) => {
      const picture = pictureOf(flow, foldOf(flow, false), FIRST_STATE);
      const weights = picture.lines.map(() => 1);
      const { points } = layoutOf({ picture, weights, axis, start: flow.start, end: flow.end, pins: new Map() });
      for (const [a, one] of picture.shapes.entries())
        for (const [b, other] of picture.shapes.entries()) {
          const before = axis === 'hops' ? one.column < other.column : one.firstTime < other.firstTime;
          if (before) assert.ok(points[a]!.x <= points[b]!.x);
        }
    }),
    { numRuns: 60 },
  );
});

test('shapes of one column do not cover each other', () => {
  const flow = flowOf(largeAnswer(300, 600));
  const picture = pictureOf(flow, foldOf(flow, false), FIRST_STATE);
  const weights = picture.lines.map(() => 1);
  const { points } = layoutOf({ picture, weights, axis: 'hops', start: flow.start, end: flow.end, pins: new Map() });
  for (const [a, one] of points.entries())
    for (const other of points.slice(a + 1))
      if (Math.abs(one.x - other.x) < 1) assert.ok(Math.abs(one.y - other.y) > 20);
});

test('two pairs that would cross are put in order', () => {
  const parts = [{ units: 1n, time: 1 }];
  const place = (column: number) => ({ kind: 'address', column, entity: null });
  const edge = (from: number, to: number) => ({ from, to, parts, stepped: true });
  const flow = flowOf(
    answerOf([place(1), place(1), place(2), place(2)], [edge(0, 1), edge(0, 2), edge(1, 4), edge(2, 3)]),
  );
  const picture = pictureOf(flow, foldOf(flow, false), FIRST_STATE);
  const { points } = layoutOf({
    picture,
    weights: picture.lines.map(() => 1),
    axis: 'hops',
    start: flow.start,
    end: flow.end,
    pins: new Map(),
  });
  const y = (place: number): number => points[picture.shapeOf[place]!]!.y;
  assert.equal(Math.sign(y(1) - y(2)), Math.sign(y(4) - y(3)));
});

test('a pin stays where it was put; on an axis of time it keeps its height only', () => {
  const flow = flowOf(largeAnswer(200, 400));
  const picture = pictureOf(flow, foldOf(flow, false), FIRST_STATE);
  const key = picture.shapes[3]!.key;
  const asked = {
    picture,
    weights: picture.lines.map(() => 1),
    start: flow.start,
    end: flow.end,
    pins: new Map([[key, { x: 77, y: 66 }]]),
  };
  assert.deepEqual(layoutOf({ ...asked, axis: 'hops' }).points[3], { x: 77, y: 66 });
  const byTime = layoutOf({ ...asked, axis: 'linear' }).points[3]!;
  assert.equal(byTime.y, 66);
  assert.equal(byTime.x, fractionOf(picture.shapes[3]!.firstTime, flow.start, flow.end, 'linear') * BOX.width);
});

test('scales of time go from the first moment to the last and never back', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4e9 }),
      fc.integer({ min: 1, max: 1e9 }),
      fc.constantFrom<Axis>('log', 'linear'),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 9 }),
      (start, span, axis, parts) => {
        const at = (part: number): number => fractionOf(start + part * span, start, start + span, axis);
        assert.equal(at(0), 0);
        assert.ok(Math.abs(at(1) - 1) < 1e-9);
        const sorted = [...parts].sort((a, b) => a - b).map(at);
        for (const [index, value] of sorted.entries()) assert.ok(index === 0 || value >= sorted[index - 1]!);
        for (const tick of ticksOf(start, start + span, axis)) assert.ok(tick.at >= 0 && tick.at <= 1);
      },
    ),
  );
});

test('moments of a replay are of what moved, few enough, and end with the last', () => {
  const times = Array.from({ length: 5000 }, (_, index) => 10_000 - index);
  const moments = momentsOf([...times, 0], 1500);
  assert.equal(moments.length, 1500);
  assert.equal(moments.at(-1), 10_000);
  assert.equal(moments[0], 5001);
  assert.ok(moments.every((moment, index) => index === 0 || moment > moments[index - 1]!));
  assert.deepEqual(momentsOf([3, 1, 3, 2], 10), [1, 2, 3]);
});
