import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { caseWords } from '../messages/case.ts';
import { type FlowForSankey, sankeyFlow } from './sankey-flow.ts';

function place(column: number, units: string, kind = 'address'): FlowForSankey['nodes'][number] {
  return { kind, chain: 'c', address: `a${column}`, name: null, recoverable: false, in: units, held: '0', column };
}

const anyFlow: fc.Arbitrary<FlowForSankey> = fc
  .record({
    columns: fc.integer({ min: 2, max: 40 }),
    places: fc.array(
      fc.tuple(fc.nat(), fc.bigInt({ min: 0n, max: 10n ** 24n }), fc.constantFrom('address', 'mixer', 'service')),
      {
        minLength: 1,
        maxLength: 80,
      },
    ),
    edges: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.bigInt({ min: 0n, max: 10n ** 24n })), { maxLength: 200 }),
  })
  .map(({ columns, places, edges }) => {
    const nodes = [
      place(0, '0', 'theft'),
      ...places.map(([at, units, kind]) => place(1 + (at % (columns - 1)), String(units), kind)),
    ];
    return {
      stolen: String(10n ** 24n),
      columns,
      nodes,
      edges: edges.map(([from, to, units]) => ({
        from: from % nodes.length,
        to: to % nodes.length,
        units: String(units),
        transfers: 1,
      })),
    };
  });

describe('flow for a Sankey', () => {
  test('what several places are called begins with their number, which stays whole where the name is cut', () => {
    for (const { runBar, restBar, kindsMany } of Object.values(caseWords))
      for (const title of [runBar(1845, 'bcrt1'), restBar(1845, kindsMany.address!)]) assert.match(title, /^1,845/);
  });

  test('every place is in one bar, every unit of every edge in one of ribbons, back and inner', () => {
    fc.assert(
      fc.property(anyFlow, (flow) => {
        const { bars, ribbons, back, inner } = sankeyFlow(flow);
        const members = bars.flatMap((bar) => bar.members).sort((a, b) => a - b);
        assert.deepEqual(members, [...flow.nodes.keys()]);
        const shown = [...ribbons, ...back].reduce((sum, { units }) => sum + units, 0n) + inner.units;
        assert.equal(
          shown,
          flow.edges.reduce((sum, { units }) => sum + BigInt(units), 0n),
        );
        const transfers = [...ribbons, ...back].reduce((sum, ribbon) => sum + ribbon.transfers, 0) + inner.transfers;
        assert.equal(transfers, flow.edges.length);
      }),
    );
  });

  test('ribbons lead to a later band, so there is no loop; a step has few bars', () => {
    fc.assert(
      fc.property(anyFlow, (flow) => {
        const { bars, ribbons } = sankeyFlow(flow, { bands: 3, bars: 4, least: 50 });
        for (const { from, to } of ribbons) assert.ok(bars[from]!.band < bars[to]!.band);
        // At most the kept ones and one bar for each kind that was merged.
        const steps = Math.max(...bars.map(({ band }) => band));
        assert.ok(steps <= 8, String(steps));
        for (let band = 0; band <= steps; band += 1) assert.ok(bars.filter((bar) => bar.band === band).length <= 8 + 5);
      }),
    );
  });

  test('an edge to a place reached before is not drawn, and said', () => {
    const flow = {
      stolen: '10',
      columns: 4,
      nodes: [place(0, '0', 'theft'), place(1, '7'), place(2, '5'), place(3, '2', 'service')],
      edges: [
        { from: 0, to: 1, units: '7', transfers: 0 },
        { from: 1, to: 2, units: '5', transfers: 2 },
        { from: 2, to: 1, units: '3', transfers: 1 },
        { from: 2, to: 3, units: '2', transfers: 1 },
      ],
    };
    const { bars, ribbons, back } = sankeyFlow(flow);
    assert.equal(ribbons.length, 3);
    assert.deepEqual(back, [{ from: 2, to: 1, units: 3n, transfers: 1 }]);
    assert.deepEqual(
      bars.map((bar) => [bar.form, bar.in, bar.out]),
      [
        ['one', 0n, 7n],
        ['one', 10n, 5n],
        ['one', 5n, 5n],
        ['one', 2n, 0n],
      ],
    );
  });

  test('a long chain becomes few steps, and what passes inside a step is counted', () => {
    const length = 200;
    const flow = {
      stolen: '10',
      columns: length + 1,
      nodes: [place(0, '0', 'theft'), ...Array.from({ length }, (_, index) => place(index + 1, '10'))],
      edges: Array.from({ length }, (_, index) => ({ from: index, to: index + 1, units: '10', transfers: 1 })),
    };
    const { bars, ribbons, inner } = sankeyFlow(flow, { bands: 6, bars: 9, least: 200 });
    assert.equal(bars.length, 8);
    assert.equal(ribbons.length, 7);
    assert.equal(inner.units, BigInt((length - 7) * 10));
  });
});
