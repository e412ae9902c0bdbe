import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { HaetaeError } from '../base/errors.ts';
import { parseTime } from '../base/time.ts';
import { METHODS } from '../taint/engine.ts';
import { caseFiles } from '../trace/case-files.ts';
import type { MethodResult, TheftResult } from '../trace/result.ts';
import { readTheftFile } from '../trace/theft-file.ts';
import { type TraceOutput, traceEvidence } from '../trace/trace.ts';
import { anyWorld, evidenceOf, type World } from './_worlds.ts';
import type { CaseFlow } from './case-flow.ts';
import { CasePicture } from './case-picture.ts';
import { traceHtml } from './html.ts';

const RUNS = { numRuns: Number(process.env.HAETAE_RUNS ?? 60) };

/** null: the theft file says what the data do not allow (a mark above a balance). */
function traced(world: World): { output: TraceOutput; picture: CasePicture } | null {
  const evidence = evidenceOf(world);
  if (evidence === null) return null;
  try {
    const output = traceEvidence(evidence, readTheftFile(evidence.theftText, 't.yaml'), 'case', '0');
    const head = { id: 'case', title: 't', simulated: true, createdAt: 1 };
    return { output, picture: new CasePicture(head, caseFiles(evidence, output)) };
  } catch (error) {
    if (error instanceof HaetaeError && error.code !== 'E_CASE') return null;
    throw error;
  }
}

interface Drawn {
  readonly flow: CaseFlow;
  readonly theft: TheftResult['theft'];
  readonly result: MethodResult;
  readonly name: string;
}

/** Every theft by every conserving method. */
function* drawn({ output, picture }: NonNullable<ReturnType<typeof traced>>): Generator<Drawn> {
  for (const { theft, methods } of [output.result, ...output.result.furtherThefts]) {
    for (const [method, result] of Object.entries(methods)) {
      if (result.buckets === null) continue;
      const flow = picture.flow({ theft: theft.id, method, limit: 1_000_000 });
      yield { flow, theft, result, name: `${theft.id} by ${method}` };
    }
  }
}

function sum(texts: readonly string[]): bigint {
  return texts.reduce((total, text) => total + BigInt(text), 0n);
}

function unitsAt(
  items: readonly { chain: string; address: string; sourceUnits: string }[],
  at: { chain: string; address: string },
) {
  return sum(
    items.flatMap((item) => (item.chain === at.chain && item.address === at.address ? [item.sourceUnits] : [])),
  );
}

/**
 * Of one theft by one method, in source units, for every address and the bar of the links: what links bring = what links take + what
 * rests there + what it lost (fee, threshold, a swap without an output, an earlier theft). The theft gives what was stolen; what rests
 * is what the result says; what is lost is what its buckets say.
 */
function checkFlow({ flow, theft, result, name }: Drawn): void {
  let lost = 0n;
  for (const [index, node] of flow.nodes.entries()) {
    const at = `${name} at ${node.kind} ${node.address}`;
    const came = sum(flow.edges.flatMap(({ to, units }) => (to === index ? [units] : [])));
    const went = sum(flow.edges.flatMap(({ from, units }) => (from === index ? [units] : [])));
    if (index === 0) {
      assert.deepEqual([came, went], [0n, BigInt(result.stolen)], at);
      continue;
    }
    assert.equal(came, BigInt(node.in), at);
    assert.equal(BigInt(node.in), BigInt(node.out) + BigInt(node.held), at);
    assert.equal(BigInt(node.held), unitsAt([...result.places, ...result.services], node), at);
    assert.ok(BigInt(node.out) >= went, at);
    lost += BigInt(node.out) - went;
    const seeded = sum(flow.edges.flatMap(({ from, to, units }) => (from === 0 && to === index ? [units] : [])));
    assert.equal(seeded, unitsAt(theft.seeds ?? [], node), at);
  }
  const takers = sum(result.services.flatMap(({ bucket, sourceUnits }) => (bucket === 'leak' ? [sourceUnits] : [])));
  const gone = ['fee', 'leak', 'belowThreshold', 'senior'].map((bucket) => result.buckets![bucket] ?? '0');
  assert.equal(lost, sum(gone) - takers, name);
}

/** Steps in order of time: nothing leaves a place before it came. */
function checkSteps({ flow, name }: Drawn): void {
  const moved = flow.edges.map(() => 0n);
  let before = 0;
  for (const { edge, time, units } of flow.steps) {
    moved[edge]! += BigInt(units);
    assert.ok(time >= before, `${name}: steps in order`);
    before = time;
  }
  assert.deepEqual(
    moved.map(String),
    flow.edges.map(({ units }) => units),
    name,
  );
}

function checkSeries({ picture }: { picture: CasePicture }, { flow, theft, result, name }: Drawn): void {
  for (const node of flow.nodes) {
    if (node.chain === '') continue;
    const { series } = picture.place({ theft: theft.id, chain: node.chain, address: node.address }, []);
    for (const { asset, points } of series) {
      const items = [...result.places, ...result.services].filter((item) => item.asset === asset);
      const units = points.map(({ tainted }) => BigInt(tainted[flow.method] ?? '0'));
      const at = `${name} at ${node.address} of ${asset}`;
      assert.ok(
        units.every((each) => each >= 0n),
        at,
      );
      assert.equal(units.at(-1) ?? 0n, unitsAt(items, node), at);
      const first = points.find(({ tainted }) => (tainted[flow.method] ?? '0') !== '0');
      assert.ok(first === undefined || first.time >= parseTime(theft.time)!, `${at}: nothing before the theft`);
    }
  }
}

const QUIET: World = {
  ...{ pays: [], spends: [], seeds: [], links: [], stops: [null, null, null], meeting: 'first' },
  ...{ maxHops: null, minAmount: null, passThrough: false },
};
const leg = (from: number, to: number, asset: number, amount: number) => ({ from, to, asset, amount });
const credit = (theft: number, at: number, asset: number, amount: number) => ({
  ...{ theft, at, asset, amount, units: amount, time: 0, mark: false },
});

/**
 * In one transaction 0 pays 10 of one theft into the service 4, and 1 pays 0 with 20 of another. What 0 got is what its loot became; so
 * what the service got is what the loot of 1 became. Later it comes out at 2.
 */
const THROUGH_A_STOP: World = {
  ...QUIET,
  pays: [{ time: 1, legs: [leg(0, 4, 0, 10), leg(1, 0, 1, 20)] }],
  seeds: [credit(0, 0, 0, 10), credit(1, 1, 1, 20)],
  links: [{ departure: 0, at: 2, asset: 1, amount: 20, later: 1, mark: false }],
  stops: ['service', null, null],
};

/** As the property found them, shrunk. */
const FOUND: Readonly<Record<string, World>> = {
  'netted, with a documented link out of an address that is no stop': {
    ...QUIET,
    pays: [
      { time: 0, legs: [leg(4, 0, 0, 1), leg(0, 0, 0, 1), leg(3, 0, 0, 1)] },
      { time: 0, legs: [leg(8, 4, 0, 1), leg(0, 8, 0, 1), leg(0, 0, 0, 1)] },
    ],
    seeds: [{ ...credit(0, 3, 0, 1), units: 3 }],
    links: [{ departure: 0, at: 0, asset: 0, amount: 1, later: 0, mark: true }],
    ...{ maxHops: 1, minAmount: '0.000003', passThrough: true },
  },
  'a documented link out of one stop into another': {
    ...THROUGH_A_STOP,
    links: [{ departure: 0, at: 5, asset: 1, amount: 20, later: 1, mark: false }],
    stops: ['service', 'mixer', null],
  },
  'a declared pass-through that destroys what another pays out': {
    ...QUIET,
    pays: [{ time: 0, legs: [leg(2, 9, 1, 1), leg(0, 0, 0, 1), leg(0, 3, 1, 1)] }],
    seeds: [credit(0, 2, 1, 1)],
    ...{ maxHops: 1, passThrough: true },
  },
};

suite('pictures of worlds that were drawn wrong', () => {
  test('two thefts swapped for each other through a stop: each goes its own way, and the link has out what went in', () => {
    const said: Record<string, readonly string[]> = {
      a: ['0 4 20', '1 0 20', '4 link 20', 'link 2 20', 'theft 1 20'],
      b: ['0 1 10', '1 0 10', 'theft 0 10'],
    };
    for (const each of drawn(traced(THROUGH_A_STOP)!)) {
      checkFlow(each);
      const { flow, theft, name } = each;
      const numbers = flow.nodes.map(({ address, kind }) =>
        kind === 'theft' || kind === 'link' ? kind : String(Number(address[2]) - 1),
      );
      const edges = flow.edges.map(({ from, to, units }) => `${numbers[from]} ${numbers[to]} ${units}`);
      assert.deepEqual(edges.sort(), said[theft.id], name);
    }
  });

  test('and the list of movements says what each brought of which theft, by every conserving method', () => {
    const { picture } = traced(THROUGH_A_STOP)!;
    const brought = ['a', 'b'].map((theft) => {
      const { items } = picture.transfers({ theft, touched: false, skip: 0, limit: 9 });
      return items.map(({ to, tainted }) => [Number(to![2]) - 1, ...Object.values(tainted)]);
    });
    const byEvery = (units: string): string[] => Array.from({ length: Object.keys(METHODS).length - 1 }, () => units);
    assert.deepEqual(brought, [
      [[4, ...byEvery('20')], [0]],
      [[4], [0, ...byEvery('10')]],
    ]);
  });

  for (const [name, world] of Object.entries(FOUND)) {
    test(name, () => {
      const made = traced(world);
      assert.ok(made !== null);
      for (const each of drawn(made)) checkFlow(each);
    });
  }
});

suite('pictures of wild worlds', () => {
  test('every place has in what goes out, rests and is lost, to the unit, by every method', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const made = traced(world);
        for (const each of made === null ? [] : drawn(made)) {
          checkFlow(each);
          checkSteps(each);
        }
      }),
      RUNS,
    );
  });

  test('the taint of a place through time ends at what the result says and never falls below nothing', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const made = traced(world);
        for (const each of made === null ? [] : drawn(made)) checkSeries(made!, each);
      }),
      { numRuns: Math.ceil(RUNS.numRuns / 3) },
    );
  });

  test('the report draws a documented link where one carried loot, and none else', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const made = traced(world);
        if (made === null) return;
        const linked = [...drawn(made)].some(({ flow }) => flow.nodes.some(({ kind }) => kind === 'link'));
        assert.equal(/documented links/.test(traceHtml(made.output)), linked);
        assert.ok(!linked || made.output.linked);
      }),
      { numRuns: Math.ceil(RUNS.numRuns / 6) },
    );
  });
});
