import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { answerOf, anyFlow, largeAnswer } from './_flow-fixture.ts';
import { amountsOf, replayOf } from './amounts.ts';
import { type Flow, flowOf } from './flow.ts';
import { FIRST_SHAPES, foldOf, groupKeys } from './fold.ts';
import { advance, type History, historyOf, LONGEST_HISTORY, redo, undo } from './history.ts';
import { DUST, HIDDEN, type Picture, pictureOf } from './picture.ts';
import {
  ALL,
  close,
  closeAll,
  contentOf,
  DUST_STEPS,
  FIRST_STATE,
  hide,
  open,
  openAll,
  type PictureState,
  pin,
  show,
  showAll,
  standAlone,
  unpin,
  withContent,
  writeNote,
} from './state.ts';

type Step = (state: PictureState, flow: Flow) => PictureState;

const pick = (list: readonly string[], at: number): string[] => (list.length === 0 ? [] : [list[at % list.length]!]);

/** Anything that a person can do, on something that is there. */
const anyStep: fc.Arbitrary<Step> = fc
  .record({
    what: fc.constantFrom(
      'open',
      'openRest',
      'openAll',
      'close',
      'closeAll',
      'hide',
      'show',
      'showAll',
      'dust',
      'entity',
      'alone',
      'pin',
      'unpin',
      'note',
    ),
    at: fc.nat(1000),
  })
  .map(({ what, at }) => (state: PictureState, flow: Flow): PictureState => {
    const fold = foldOf(flow, state.byEntity);
    const groups = groupKeys(fold);
    const shapes = pictureOf(flow, fold, state).shapes.map(({ key }) => key);
    const [group] = pick(groups, at);
    if (what === 'openAll') return openAll(state);
    if (what === 'closeAll') return closeAll(state);
    if (what === 'showAll') return showAll(state);
    if (what === 'dust') return { ...state, dust: DUST_STEPS[at % DUST_STEPS.length]! };
    if (what === 'entity') return { ...state, byEntity: !state.byEntity };
    if (what === 'hide') return hide(state, pick(shapes.slice(1), at));
    if (what === 'show') return show(state, pick([...state.hidden], at));
    if (what === 'alone') return standAlone(state, pick(flow.places.map(({ key }) => key).slice(1), at));
    if (what === 'pin') return pin(state, [[shapes[at % shapes.length]!, { x: at, y: at }]]);
    if (what === 'unpin') return unpin(state, [...state.pins.keys()].slice(0, 1));
    if (what === 'note')
      return writeNote(state, {
        id: `n${at % 5}`,
        place: null,
        text: at % 3 === 0 ? '' : `note ${at}`,
        at: '',
        by: '',
      });
    if (group === undefined) return state;
    if (what === 'close') return close(state, group, groups);
    return open(state, group, what === 'open' ? 3 : ALL);
  });

const anySteps = fc.array(anyStep, { maxLength: 12 });

function walked(flow: Flow, steps: readonly Step[]): { readonly state: PictureState; readonly picture: Picture } {
  const state = steps.reduce((now, step) => step(now, flow), FIRST_STATE);
  return { state, picture: pictureOf(flow, foldOf(flow, state.byEntity), state) };
}

/** Counted from the movements alone. */
function sumOf(flow: Flow, units: readonly bigint[], is: (from: number, to: number) => boolean): bigint {
  return flow.movements.reduce((sum, { from, to }, at) => (is(from, to) ? sum + units[at]! : sum), 0n);
}

test('every place is in exactly one shape or counted as out of sight, whatever was done', () => {
  fc.assert(
    fc.property(anyFlow, anySteps, (flow, steps) => {
      const { picture } = walked(flow, steps);
      const seen = picture.shapes.flatMap(({ members }) => members);
      assert.equal(new Set(seen).size, seen.length);
      assert.equal(seen.length + picture.hidden.places + picture.hidden.dust, flow.places.length);
      for (const [at, { members }] of picture.shapes.entries())
        for (const member of members) assert.equal(picture.shapeOf[member], at);
      assert.equal(new Set(picture.shapes.map(({ key }) => key)).size, picture.shapes.length);
      assert.ok(picture.shapeOf[0]! >= 0, 'the theft is always there');
    }),
    { numRuns: 150 },
  );
});

test('sums into and out of every shape are those of its members, at any moment and whatever was done', () => {
  const anyMoment = fc.option(fc.integer({ min: -10, max: 5100 }), { nil: null });
  fc.assert(
    fc.property(anyFlow, anySteps, anyMoment, (flow, steps, since) => {
      const { picture } = walked(flow, steps);
      const replay = replayOf(flow, since === null ? null : flow.start + since);
      const amounts = amountsOf(flow, picture, replay);
      for (const [at, { members }] of picture.shapes.entries()) {
        const mine = new Set(members);
        const sums = amounts.shapes[at]!;
        assert.equal(
          sums.in,
          sumOf(flow, replay.units, (from, to) => mine.has(to) && !mine.has(from)),
        );
        assert.equal(
          sums.out,
          sumOf(flow, replay.units, (from, to) => mine.has(from) && !mine.has(to)),
        );
        assert.equal(
          sums.within,
          sumOf(flow, replay.units, (from, to) => mine.has(from) && mine.has(to)),
        );
        const drawn = picture.lines.flatMap((line, index) => (line.to === at ? [amounts.lines[index]!.units] : []));
        assert.equal(drawn.reduce((sum, units) => sum + units, 0n) + sums.inUnseen, sums.in);
      }
      const drawn = amounts.lines.reduce((sum, { units }) => sum + units, 0n);
      const within = amounts.shapes.reduce((sum, shape) => sum + shape.within, 0n);
      const { to, from, between } = amounts.unseen;
      assert.equal(
        drawn + within + to + from + between,
        sumOf(flow, replay.units, () => true),
        'every movement is drawn, within a shape, or counted as out of sight',
      );
    }),
    { numRuns: 150 },
  );
});

test('a replay grows only, and ends with the whole', () => {
  fc.assert(
    fc.property(anyFlow, fc.array(fc.integer({ min: 0, max: 5100 }), { maxLength: 6 }), (flow, moments) => {
      const whole = replayOf(flow, null);
      assert.deepEqual(replayOf(flow, flow.end).units, whole.units);
      assert.ok(replayOf(flow, flow.end).begun.every(Boolean));
      let before = replayOf(flow, flow.start - 1).units;
      for (const since of moments.sort((a, b) => a - b)) {
        const now = replayOf(flow, flow.start + since).units;
        for (const [at, units] of now.entries()) {
          assert.ok(units >= before[at]!);
          assert.ok(units <= whole.units[at]!);
        }
        before = now;
      }
    }),
    { numRuns: 80 },
  );
});

test('with steps, a moment holds exactly what had moved until then', () => {
  fc.assert(
    fc.property(anyFlow, fc.integer({ min: 0, max: 5100 }), (flow, since) => {
      const { units } = replayOf(flow, flow.start + since);
      for (const [at, stepped] of flow.stepped.entries()) {
        if (!stepped) continue;
        const until = flow.steps.filter(({ edge, time }) => edge === at && time <= flow.start + since);
        assert.equal(
          units[at],
          until.reduce((sum, step) => sum + step.units, 0n),
        );
      }
    }),
    { numRuns: 80 },
  );
});

test('undo and redo lead back through every state, at most as many as are kept', () => {
  fc.assert(
    fc.property(anyFlow, anySteps, (flow, steps) => {
      let history: History<PictureState> = historyOf(FIRST_STATE);
      const states = [FIRST_STATE];
      for (const step of steps) {
        const next = step(history.now, flow);
        history = advance(history, next);
        if (states.at(-1) !== next) states.push(next);
      }
      for (const state of [...states].reverse()) {
        assert.deepEqual(history.now, state);
        history = undo(history);
      }
      assert.deepEqual(history.now, FIRST_STATE);
      for (const state of states.slice(1)) {
        history = redo(history);
        assert.deepEqual(history.now, state);
      }
    }),
    { numRuns: 60 },
  );
  let long = historyOf(0);
  for (let at = 1; at <= 500; at += 1) long = advance(long, at);
  assert.equal(long.past.length, LONGEST_HISTORY);
});

test('what the board keeps gives the same picture again', () => {
  fc.assert(
    fc.property(anyFlow, anySteps, (flow, steps) => {
      const { state, picture } = walked(flow, steps);
      const again = withContent({ ...FIRST_STATE, dust: state.dust, byEntity: state.byEntity }, contentOf(state));
      assert.deepEqual(pictureOf(flow, foldOf(flow, again.byEntity), again), picture);
      assert.deepEqual(again.pins, state.pins);
      for (const key of [...contentOf(state).expanded, ...contentOf(state).hidden]) assert.ok(key.length <= 300);
    }),
    { numRuns: 100 },
  );
});

test('a flow of thousands starts with about sixty shapes, and opens to all of them', () => {
  const flow = flowOf(largeAnswer(3000, 6000));
  const first = pictureOf(flow, foldOf(flow, false), FIRST_STATE);
  assert.ok(first.shapes.length <= FIRST_SHAPES, `${first.shapes.length} shapes`);
  assert.ok(first.shapes.length >= FIRST_SHAPES / 2);
  assert.equal(
    first.folded.places + first.shapes.filter(({ members }) => members.length === 1).length,
    flow.places.length,
  );
  const all = pictureOf(flow, foldOf(flow, false), openAll(FIRST_STATE));
  assert.equal(all.shapes.length, flow.places.length);
  assert.equal(all.lines.length, flow.movements.length);
});

test('a group lets out its largest members first, twenty at a time', () => {
  const flow = flowOf(largeAnswer(500, 1000));
  const fold = foldOf(flow, false);
  const largest = [...fold.groups].sort((a, b) => b.units.length - a.units.length)[0]!;
  const before = pictureOf(flow, fold, FIRST_STATE).shapes.length;
  const some = pictureOf(flow, fold, open(FIRST_STATE, largest.key, 20));
  assert.equal(some.shapes.length, before + 20);
  const out = some.shapes.filter(({ outOf }) => outOf === largest.key).flatMap(({ members }) => members);
  const rest = some.shapes.find(({ key }) => key === largest.key)!.members;
  const least = out.map((at) => flow.places[at]!.weight).reduce((a, b) => (a < b ? a : b));
  for (const member of rest) assert.ok(flow.places[member]!.weight <= least);
});

test('dust and hidden places are told apart and both counted', () => {
  const flow = flowOf(
    answerOf(
      [
        { kind: 'address', column: 1, entity: null },
        { kind: 'service', column: 2, entity: 'Aster' },
        { kind: 'service', column: 2, entity: 'Borage' },
      ],
      [
        { from: 0, to: 1, parts: [{ units: 1_000_000n, time: 1 }], stepped: true },
        { from: 1, to: 2, parts: [{ units: 999_950n, time: 2 }], stepped: true },
        { from: 1, to: 3, parts: [{ units: 50n, time: 3 }], stepped: true },
      ],
    ),
  );
  const fold = foldOf(flow, false);
  const dusty = pictureOf(flow, fold, { ...FIRST_STATE, dust: 100 });
  assert.deepEqual(dusty.hidden, { places: 0, dust: 1 });
  assert.equal(dusty.shapeOf[3], DUST);
  assert.equal(amountsOf(flow, dusty, replayOf(flow, null)).unseen.to, 50n);
  const hidden = pictureOf(flow, fold, hide(FIRST_STATE, [flow.places[2]!.key]));
  assert.deepEqual(hidden.hidden, { places: 1, dust: 0 });
  assert.equal(hidden.shapeOf[2], HIDDEN);
  assert.equal(amountsOf(flow, hidden, replayOf(flow, null)).unseen.to, 999_950n);
});

test('places of one owner become one shape, and its sums leave out what moved between them', () => {
  const flow = flowOf(
    answerOf(
      [
        { kind: 'service', column: 1, entity: 'Aster' },
        { kind: 'service', column: 1, entity: 'Aster' },
      ],
      [
        { from: 0, to: 1, parts: [{ units: 10n, time: 1 }], stepped: true },
        { from: 1, to: 2, parts: [{ units: 7n, time: 2 }], stepped: true },
      ],
    ),
  );
  const picture = pictureOf(flow, foldOf(flow, true), { ...FIRST_STATE, byEntity: true });
  const [, aster] = picture.shapes;
  assert.equal(aster?.entity, 'Aster');
  assert.deepEqual(amountsOf(flow, picture, replayOf(flow, null)).shapes[1], {
    in: 10n,
    out: 0n,
    within: 7n,
    inUnseen: 0n,
    outUnseen: 0n,
    begun: true,
  });
});
