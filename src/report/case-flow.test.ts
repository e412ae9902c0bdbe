import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { type CaseFlow, caseFlow } from './case-flow.ts';
import { isStop } from './flow-columns.ts';
import { buildFlow, type Flow } from './flow-graph.ts';
import { randomSample, sampleTrace } from './sample.ts';

const anySample = fc.record({ transfers: fc.integer({ min: 1, max: 400 }), seed: fc.integer({ min: 0, max: 1e9 }) });
const anyMethod = fc.constantFrom('haircut', 'dirty-first', 'clean-first');

function drawn(
  sample: { transfers: number; seed: number },
  method: string,
  limit: number,
): { flow: Flow; seen: CaseFlow } {
  const { result, touched } = sampleTrace(randomSample(sample.transfers, sample.seed));
  const rows = touched.filter((row) => row.method === method);
  const flow = buildFlow(result.theft, result.methods[method]!, rows);
  const fee = result.methods[method]!.buckets!.fee!;
  const asked = { theft: result.theft, method, conserves: true, theftTime: 1, feeUnits: fee, limit };
  return { flow, seen: caseFlow(flow, asked) };
}

suite('the flow as the console draws it', () => {
  test('without a limit nothing is lost: what rests and what fees took is what was stolen', () => {
    fc.assert(
      fc.property(anySample, anyMethod, (sample, method) => {
        const { flow, seen } = drawn(sample, method, 50_000);
        const held = seen.nodes.reduce((sum, node) => sum + BigInt(node.held), 0n);
        assert.equal(held + BigInt(seen.feeUnits), flow.stolen);
        const moved = seen.edges.map(() => 0n);
        for (const { edge, units } of seen.steps) moved[edge]! += BigInt(units);
        assert.deepEqual(
          moved.map(String),
          seen.edges.map(({ units }) => units),
        );
        assert.equal(
          seen.steps.length,
          seen.edges.reduce((sum, { transfers }) => sum + transfers, 0),
          'every movement of an edge is a step',
        );
      }),
      { numRuns: 30 },
    );
  });

  test('under a limit the largest stay, with the theft and every stop, and the rest is counted', () => {
    fc.assert(
      fc.property(anySample, anyMethod, fc.integer({ min: 1, max: 60 }), (sample, method, limit) => {
        const { flow, seen } = drawn(sample, method, limit);
        const stops = flow.nodes.filter(isStop).length;
        assert.equal(seen.nodes.length, Math.min(flow.nodes.length, Math.max(limit, stops + 1)));
        assert.equal(seen.nodes[0]!.kind, 'theft');
        assert.ok(seen.edges.length <= limit * 4);
        assert.deepEqual(seen.dropped, {
          nodes: flow.nodes.length - seen.nodes.length,
          edges: flow.edges.length - seen.edges.length,
        });
        for (const { from, to } of seen.edges)
          assert.ok(seen.nodes[from] !== undefined && seen.nodes[to] !== undefined);
        for (const { edge } of seen.steps) assert.ok(seen.edges[edge] !== undefined);
      }),
      { numRuns: 60 },
    );
  });

  test('hops are the fewest: no edge leads more than one further, and some edge leads to each', () => {
    fc.assert(
      fc.property(anySample, anyMethod, (sample, method) => {
        const { seen } = drawn(sample, method, 50_000);
        for (const { from, to } of seen.edges) assert.ok(seen.nodes[to]!.hops <= seen.nodes[from]!.hops + 1);
        for (const [index, node] of seen.nodes.entries()) {
          const before = seen.edges.filter(({ to }) => to === index).map(({ from }) => seen.nodes[from]!.hops);
          assert.ok(index === 0 || before.includes(node.hops - 1), `${node.address} at ${node.hops}`);
        }
      }),
      { numRuns: 30 },
    );
  });
});
