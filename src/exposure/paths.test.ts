import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ChainFlow } from '../flow/flow.ts';
import { accountFlowOf, utxoFlowOf } from '../flow/memory.ts';
import { createKernels } from '../kernel/kernel.ts';
import { BITCOIN, CHAIN, ETH, lanesOf, type Move, transfersOf, USDC, utxoOf } from './_fixture.ts';
import { graphOf } from './account-graph.ts';
import { type ExactAnswer, exactExposure } from './exact.ts';

const CATEGORIES = { thief: 0, mixer: 1 };
const kernels = createKernels(null);

function ask(flow: ChainFlow, who: string, paths: number, asset = 0): ExactAnswer | null {
  return exactExposure({
    flow,
    lanes: lanesOf(flow.addresses, CATEGORIES),
    categories: 2,
    asset,
    address: flow.addresses.find(who),
    dust: [0, 0],
    until: flow.steps.count,
    paths,
    kernels,
  });
}

const known = ({ figures }: ExactAnswer): number => figures.large.all.reduce((sum, amount) => sum + amount, 0);
const carried = ({ paths }: ExactAnswer): number => paths.reduce((sum, { amount }) => sum + amount, 0);

/** Payments only ever go to a later name, so that no money comes back. */
const ORDER = ['thief', 'mixer', 'alice', 'bob', 'carol', 'dave'];
const forwardMoves: fc.Arbitrary<Move[]> = fc.array(
  fc.tuple(fc.nat(4), fc.nat(4), fc.bigInt(1n, 50n)).map(([a, b, amount]) => ({
    from: ORDER[Math.min(a, b)]!,
    to: ORDER[Math.max(a, b) + 1]!,
    amount,
  })),
  { minLength: 1, maxLength: 25 },
);

test('all paths together are all that came, strongest first, and each is a way through the movements', () => {
  fc.assert(
    fc.property(forwardMoves, (moves) => {
      const flow = accountFlowOf(CHAIN, transfersOf(moves));
      const answer = flow.addresses.find('dave') < 0 ? null : ask(flow, 'dave', 10_000);
      if (answer === null) return;
      assert.ok(Math.abs(carried(answer) - known(answer)) <= 1e-9 * Math.max(1, known(answer)));
      const graph = graphOf(flow);
      const name = (place: number): string => flow.addresses.text(graph.layout.ownerOf(place));
      answer.paths.forEach(({ steps, lane, amount }, at) => {
        assert.ok(at === 0 || amount <= answer.paths[at - 1]!.amount);
        const movements = steps.map((id) => ({ ...graph.read(id) }));
        assert.equal((CATEGORIES as Record<string, number>)[name(movements[0]!.from)], lane);
        assert.equal(name(movements.at(-1)!.to), 'dave');
        movements.slice(1).forEach((movement, before) => {
          assert.equal(movement.from, movements[before]!.to);
          assert.ok(movement.id > movements[before]!.id);
        });
        assert.ok(amount <= Math.min(...movements.map(({ arrives }) => arrives)) * (1 + 1e-12));
      });
    }),
    { numRuns: 300 },
  );
});

test('money that goes in circles: paths never carry more than came', () => {
  const name = fc.constantFrom('thief', 'mixer', 'alice', 'bob', 'carol');
  const moves = fc.array(fc.record({ from: name, to: name, amount: fc.bigInt(1n, 50n) }), {
    minLength: 2,
    maxLength: 25,
  });
  fc.assert(
    fc.property(moves, (all) => {
      const flow = accountFlowOf(CHAIN, transfersOf(all));
      const answer = flow.addresses.find('carol') < 0 ? null : ask(flow, 'carol', 50);
      if (answer !== null) assert.ok(carried(answer) <= known(answer) * (1 + 1e-9));
    }),
    { numRuns: 200 },
  );
});

test('a path through a swap: what left in one asset arrives in the other', () => {
  const moves: Move[] = [
    { from: 'thief', to: 'alice', amount: 4_000n, asset: USDC },
    { from: null, to: 'pool', amount: 100n },
    { from: 'alice', to: 'pool', amount: 3_000n, asset: USDC, tx: '0xswap', time: 1_600_000_002 },
    { from: 'pool', to: 'alice', amount: 6n, tx: '0xswap', time: 1_600_000_002 },
    { from: 'alice', to: 'bob', amount: 3n },
  ];
  const flow = accountFlowOf(CHAIN, transfersOf(moves));
  assert.equal(flow.model, 'account');
  const eth = flow.assets.findIndex(({ asset }) => asset === ETH);
  const answer = ask(flow, 'bob', 5, eth)!;
  assert.deepEqual(answer.figures.large.all, [3, 0]);
  assert.equal(answer.paths.length, 1);
  const [path] = answer.paths;
  assert.equal(path!.amount, 3);
  const graph = graphOf(flow);
  assert.deepEqual(
    path!.steps.map((id) => graph.amounts(id)),
    [
      { arrives: 4_000n, leaves: 4_000n },
      { arrives: 6n, leaves: 3_000n },
      { arrives: 3n, leaves: 3n },
    ],
  );
});

test('paths of a UTXO chain: through pooled inputs, change and all', () => {
  const payments = [
    { id: 'a', spends: [], pays: [{ to: 'thief', value: 60_000n }] },
    { id: 'm', spends: [], pays: [{ to: 'clean', value: 40_000n }] },
    {
      id: 'b',
      spends: ['a:0'],
      pays: [
        { to: 'alice', value: 30_000n },
        { to: 'thief', value: 30_000n },
      ],
    },
    {
      id: 'c',
      spends: ['b:0', 'm:0'],
      pays: [
        { to: 'bob', value: 35_000n },
        { to: 'carol', value: 35_000n },
      ],
    },
    { id: 'd', spends: ['c:0', 'c:1'], pays: [{ to: 'dave', value: 70_000n }] },
  ];
  const flow = utxoFlowOf(BITCOIN, utxoOf(payments));
  const answer = ask(flow, 'dave', 10)!;
  assert.ok(Math.abs(answer.figures.large.all[0]! - 30_000) < 1e-6);
  assert.equal(answer.paths.length, 2);
  assert.ok(Math.abs(carried(answer) - 30_000) < 1e-6);
  const owners = (steps: readonly number[]): string[] =>
    steps.map((output) => flow.addresses.text(flow.segments[0]!.owner.at(output)));
  assert.deepEqual(answer.paths.map(({ steps }) => owners(steps)).sort(), [
    ['alice', 'bob', 'dave'],
    ['alice', 'carol', 'dave'],
  ]);
});

test('paths of a UTXO chain: change that comes back is no arrival', () => {
  const payments = [
    { id: 'a', spends: [], pays: [{ to: 'thief', value: 60_000n }] },
    { id: 'b', spends: ['a:0'], pays: [{ to: 'alice', value: 50_000n }] },
    {
      id: 'c',
      spends: ['b:0'],
      pays: [
        { to: 'bob', value: 1_000n },
        { to: 'alice', value: 48_000n },
      ],
    },
  ];
  const answer = ask(utxoFlowOf(BITCOIN, utxoOf(payments)), 'alice', 10)!;
  assert.ok(Math.abs(answer.figures.large.all[0]! - 50_000) < 1e-6);
  assert.equal(answer.paths.length, 1);
  assert.ok(Math.abs(carried(answer) - 50_000) < 1e-6);
});

test('too much to look at: the vector is still exact, and paths are sought among the strong ways', () => {
  const moves: Move[] = [{ from: 'thief', to: 'hub', amount: 1_000_000n }];
  for (let at = 0; at < 400; at += 1) {
    moves.push({ from: 'hub', to: `p${at}`, amount: 1_000n });
    moves.push({ from: `p${at}`, to: 'dave', amount: at === 0 ? 900n : 500n });
  }
  const flow = accountFlowOf(CHAIN, transfersOf(moves));
  const shared = { flow, lanes: lanesOf(flow.addresses, CATEGORIES), categories: 2, asset: 0, dust: [0], kernels };
  const query = { ...shared, address: flow.addresses.find('dave'), until: flow.steps.count, paths: 3 };
  const small = exactExposure({ ...query, budget: 300 })!;
  const whole = exactExposure(query)!;
  assert.deepEqual([small.received, whole.received], ['pass', 'reached']);
  assert.ok(Math.abs(small.figures.large.all[0]! - whole.figures.large.all[0]!) < 1e-6);
  assert.ok(small.pathsFrom > 0);
  assert.deepEqual(small.paths[0], whole.paths[0]);
});
