import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { TheftHeader, TouchedRow } from '../trace/result.ts';
import { arrangeColumns, isStop } from './flow-columns.ts';
import { buildFlow, type Flow } from './flow-graph.ts';
import { BAR_WIDTH, countByColumn, LABEL_LINE, labelLines, layOut } from './flow-layout.ts';
import { mergeFlow, type Picture } from './flow-merge.ts';
import { randomSample, SAMPLE_CHAIN, type SampleCase, sampleTrace } from './sample.ts';

const UNIT = 10n ** 18n;
const TIME = 1_700_000_000;

function flowOf(sample: SampleCase, method: string): { flow: Flow; rows: TouchedRow[]; picture: Picture } {
  const { result, touched } = sampleTrace(sample);
  const rows = touched.filter((row) => row.method === method);
  const flow = buildFlow(result.theft, result.methods[method]!, rows);
  return { flow, rows, picture: mergeFlow(flow, arrangeColumns(flow)) };
}

function pathOf(pairs: readonly (readonly [from: string, to: string, amount: bigint])[]): SampleCase {
  const movements = pairs.map(([from, to, amount], index) => ({ from, to, amount: amount * UNIT, time: TIME + index }));
  return { seed: { from: '', to: 'a', amount: 100n * UNIT, time: TIME }, movements, stops: new Map() };
}

const anySample = fc.record({ transfers: fc.integer({ min: 1, max: 600 }), seed: fc.integer({ min: 0, max: 1e9 }) });
const anyMethod = fc.constantFrom('haircut', 'dirty-first', 'clean-first');

suite('the flow and what is merged of it', () => {
  test('every place of the flow gets what it passes on and keeps, to the unit', () => {
    fc.assert(
      fc.property(anySample, anyMethod, ({ transfers, seed }, method) => {
        const { flow } = flowOf(randomSample(transfers, seed), method);
        for (const node of flow.nodes.slice(1)) {
          if (!isStop(node)) assert.equal(node.inUnits, node.outUnits + node.heldUnits);
        }
        const [theft] = flow.nodes;
        assert.equal(theft!.outUnits, flow.stolen);
      }),
      { numRuns: 20 },
    );
  });

  test('every transfer is drawn or counted, and every address stands in one bar', () => {
    fc.assert(
      fc.property(anySample, anyMethod, ({ transfers, seed }, method) => {
        const { flow, rows, picture } = flowOf(randomSample(transfers, seed), method);
        const drawn = picture.edges.reduce((sum, edge) => sum + edge.transfers, 0);
        const counted = picture.inner.transfers + picture.thin.transfers + flow.selfTransfers;
        assert.equal(drawn + counted, rows.length + 1, 'the seed is one more ribbon');
        assert.equal(
          picture.nodes.reduce((sum, node) => sum + node.members, 0),
          flow.nodes.length,
        );
        assert.equal(
          picture.nodes.reduce((sum, node) => sum + node.heldUnits, 0n),
          flow.nodes.reduce((sum, node) => sum + node.heldUnits, 0n),
        );
      }),
      { numRuns: 20 },
    );
  });

  test('ribbons that are not marked as running back lead to the right', () => {
    fc.assert(
      fc.property(anySample, anyMethod, ({ transfers, seed }, method) => {
        const { picture } = flowOf(randomSample(transfers, seed), method);
        for (const edge of picture.edges) {
          const forward = picture.nodes[edge.from]!.column < picture.nodes[edge.to]!.column;
          assert.equal(forward, !edge.back);
        }
      }),
      { numRuns: 20 },
    );
  });
});

suite('the layout of the flow picture', () => {
  test('bars and labels of a column never overlap and stay inside the drawing', () => {
    fc.assert(
      fc.property(anySample, anyMethod, ({ transfers, seed }, method) => {
        const { picture } = flowOf(randomSample(transfers, seed), method);
        const layout = layOut(picture);
        const crowds = countByColumn(picture);
        const boxes = picture.nodes.map((node, index) => {
          const bar = layout.bars[index]!;
          const label = labelLines(crowds[node.column]!, bar.height) * LABEL_LINE;
          const half = Math.max(bar.height, label) / 2;
          return { column: node.column, top: bar.middle - half, foot: bar.middle + half, x: bar.x };
        });
        for (const box of boxes) {
          assert.ok(box.top >= 14 && box.foot <= layout.height, 'vertical');
          assert.ok(box.x >= 0 && box.x + BAR_WIDTH < layout.width, 'horizontal');
        }
        for (let column = 0; column < picture.columns.count; column += 1) {
          const here = boxes.filter((box) => box.column === column).sort((a, b) => a.top - b.top);
          for (let i = 1; i < here.length; i += 1) assert.ok(here[i]!.top >= here[i - 1]!.foot - 0.01);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('5,000 transfers give few enough bars and columns to read', () => {
    const { flow, picture } = flowOf(randomSample(5000, 7), 'haircut');
    assert.ok(flow.nodes.length > 1000, `the flow itself is large: ${flow.nodes.length}`);
    assert.ok(picture.nodes.length <= 110, `${picture.nodes.length} bars`);
    assert.ok(picture.edges.length <= 220, `${picture.edges.length} ribbons`);
    assert.ok(picture.columns.count <= 8);
    assert.ok(layOut(picture).height < 1300);
  });

  test('a service is never merged with a mixer', () => {
    const { picture } = flowOf(randomSample(3000, 3), 'dirty-first');
    const stops = picture.nodes.filter((node) => isStop(node.lead));
    assert.deepEqual(
      new Set(stops.map((node) => node.lead.kind)).size,
      new Set(['service', 'mixer', 'bridge', 'suspectedService', 'burn']).size,
    );
  });

  test('a circle is broken: the payment back is marked', () => {
    const circle = pathOf([
      ['a', 'b', 60n],
      ['b', 'c', 60n],
      ['c', 'a', 10n],
    ]);
    const { picture } = flowOf(circle, 'dirty-first');
    const back = picture.edges.filter((edge) => edge.back);
    assert.equal(back.length, 1);
    assert.equal(picture.nodes[back[0]!.from]!.lead.address, 'c');
    assert.equal(picture.nodes[back[0]!.to]!.lead.address, 'a');
    assert.deepEqual(
      picture.nodes.map((node) => node.column),
      [0, 1, 2, 3],
    );
  });

  test('a chain of 300 addresses is squeezed into runs, and says so', () => {
    const chain = pathOf(Array.from({ length: 300 }, (_, i) => [i === 0 ? 'a' : `p${i}`, `p${i + 1}`, 100n] as const));
    const { flow, picture } = flowOf(chain, 'haircut');
    assert.equal(flow.nodes.length, 302);
    assert.ok(picture.nodes.length < 12);
    const runs = picture.nodes.filter((node) => node.form === 'run');
    assert.ok(runs.length >= 3);
    assert.equal(
      picture.merged.members,
      runs.reduce((sum, node) => sum + node.members, 0),
    );
    const end = picture.nodes.find((node) => node.lead.address === 'p300')!;
    assert.deepEqual([end.form, end.heldUnits], ['one', 100n * UNIT]);
  });
});

suite('how rows become a flow', () => {
  test('a UTXO transaction takes from the inputs what each still has', () => {
    const { result, touched } = sampleTrace(
      pathOf([
        ['a', 'b', 30n],
        ['a', 'c', 50n],
        ['b', 'd', 30n],
        ['c', 'd', 20n],
      ]),
    );
    const rows = touched.filter((row) => row.method === 'haircut');
    const joined = { ...rows[2]!, from: 'b|c', tainted: String(50n * UNIT), amount: String(50n * UNIT) };
    const flow = buildFlow(result.theft, result.methods.haircut!, [rows[0]!, rows[1]!, joined]);
    const into = flow.edges.filter((edge) => flow.nodes[edge.to]!.address === 'd');
    assert.deepEqual(
      into.map((edge) => [flow.nodes[edge.from]!.address, edge.units / UNIT]),
      [
        ['b', 30n],
        ['c', 20n],
      ],
    );
  });

  test('without seeds in the result, the theft is where more leaves than came', () => {
    const { result, touched } = sampleTrace(pathOf([['a', 'b', 60n]]));
    const flow = buildFlow(
      withoutSeeds(result.theft),
      result.methods.haircut!,
      touched.filter((row) => row.method === 'haircut'),
    );
    const seed = flow.edges.find((edge) => edge.from === 0)!;
    assert.deepEqual([flow.nodes[seed.to]!.address, seed.units], ['a', 100n * UNIT]);
  });
});

suite('what no row of the data shows', () => {
  test('a swap through two pools joins what went into one and came out of the other', () => {
    const { result, touched } = sampleTrace(
      pathOf([
        ['a', 'pool', 60n],
        ['reserve', 'a', 0n],
        ['a', 'b', 100n],
      ]),
    );
    const [paid, , on] = touched.filter((row) => row.method === 'dirty-first');
    const swap = { ...paid!, from: 'reserve', to: 'a', asset: `${SAMPLE_CHAIN}/erc20:0x1` };
    const moved = { ...paid!, tx: '0xff', from: 'a', to: 'b', tainted: String(100n * UNIT) };
    assert.equal(on, undefined);
    const held = { ...result.methods.haircut!.places[0]!, address: 'b', sourceUnits: String(100n * UNIT) };
    const method = { ...result.methods.haircut!, places: [held] };
    const expected = ['a b 100 1', 'a pool 60 1', 'pool reserve 60 0', 'reserve a 60 1', 'theft a 100 1'];
    for (const header of [result.theft, withoutSeeds(result.theft)]) {
      for (const rows of [
        [paid!, swap, moved],
        [swap, paid!, moved],
      ]) {
        const flow = buildFlow(header, method, rows);
        const named = (index: number): string => flow.nodes[index]!.address || flow.nodes[index]!.kind;
        const edges = flow.edges.map(
          (edge) => `${named(edge.from)} ${named(edge.to)} ${edge.units / UNIT} ${edge.transfers}`,
        );
        assert.deepEqual(edges.sort(), expected);
      }
    }
  });

  test('a documented link is one bar between the stop it left and the place where it came out', () => {
    const stop = { stop: 'bridge', name: 'Far Bridge', category: 'bridge', recoverable: false } as const;
    const sample = { ...pathOf([['a', 'b', 60n]]), stops: new Map([['b', stop]]) };
    const { result, touched } = sampleTrace(sample);
    const method = result.methods.haircut!;
    const [into] = touched.filter((row) => row.method === 'haircut');
    const out = { ...into!, from: 'y', to: 'z', time: TIME + 9 };
    const held = { ...method.places[0]!, address: 'z', sourceUnits: String(60n * UNIT) };
    const linked = { ...method, services: [], places: [...method.places, held] };
    for (const header of [result.theft, withoutSeeds(result.theft)]) {
      const flow = buildFlow(header, linked, [into!, out]);
      const named = (index: number): string => flow.nodes[index]!.address || flow.nodes[index]!.kind;
      const edges = flow.edges.map(
        (edge) => `${named(edge.from)} ${named(edge.to)} ${edge.units / UNIT} ${edge.transfers}`,
      );
      assert.deepEqual(edges.sort(), ['a b 60 1', 'b link 60 0', 'link y 60 0', 'theft a 100 1', 'y z 60 1']);
      const { of } = arrangeColumns(flow);
      const column = (address: string): number => of[flow.nodes.findIndex((node) => node.address === address)]!;
      assert.deepEqual(['a', 'b', 'link', 'y', 'z'].map(column), [1, 2, 3, 4, 5]);
    }
  });
});

function withoutSeeds(header: TheftHeader): TheftHeader {
  const { seeds: _, ...rest } = header;
  return rest;
}
