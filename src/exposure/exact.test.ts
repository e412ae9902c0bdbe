import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { accountFlowOf, utxoFlowOf } from '../flow/memory.ts';
import { createKernels } from '../kernel/kernel.ts';
import { BITCOIN, CHAIN, lanesOf, type Move, type Payment, transfersOf, utxoOf } from './_fixture.ts';
import { accountTruth, Fraction, type Got, type Truth, utxoTruth } from './_rational.ts';
import { type ExactAnswer, type ExactQuery, exactExposure } from './exact.ts';
import { passOver } from './passes.ts';
import { scanRows } from './scan-rows.ts';

const NAMES = ['thief', 'mixer', 'alice', 'bob', 'carol', 'dave', 'erin'];
/** Two categories; the others pass money on. */
const CATEGORIES = { thief: 0, mixer: 1 };
const LANES = 2;
const DUST = 5n;
const kernels = createKernels(null);

const name = fc.constantFrom(...NAMES);
const moveArbitrary: fc.Arbitrary<Move> = fc.record({
  from: fc.option(name, { freq: 8 }),
  to: name,
  amount: fc.bigInt(1n, 40n),
  fee: fc.boolean().map((fee) => fee && false),
});
const movesArbitrary = fc.array(moveArbitrary, { minLength: 1, maxLength: 30 });

/** Transactions that spend outputs at hand: each entry picks some of what is unspent and cuts it. */
const paymentsArbitrary: fc.Arbitrary<Payment[]> = fc
  .array(
    fc.record({
      take: fc.array(fc.nat(6), { maxLength: 3 }),
      cuts: fc.array(fc.tuple(name, fc.integer({ min: 0, max: 10 })), { minLength: 1, maxLength: 4 }),
      minted: fc.bigInt(1n, 200n),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((drafts) => {
    const unspent = new Map<string, bigint>();
    return drafts.map(({ take, cuts, minted }, at) => {
      const names = [...unspent.keys()];
      const spends = names.length === 0 ? [] : [...new Set(take.map((pick) => names[pick % names.length]!))];
      const whole = spends.length === 0 ? minted : spends.reduce((sum, spend) => sum + unspent.get(spend)!, 0n);
      const parts = BigInt(cuts.reduce((sum, [, cut]) => sum + cut, 1));
      const pays = cuts.map(([to, cut]) => ({ to, value: (whole * BigInt(cut)) / parts }));
      for (const spend of spends) unspent.delete(spend);
      pays.forEach(({ value }, index) => {
        unspent.set(`t${at}:${index}`, value);
      });
      return { id: `t${at}`, spends, pays };
    });
  });

function query(flow: ExactQuery['flow'], address: number, more: Partial<ExactQuery> = {}): ExactQuery {
  return {
    flow,
    lanes: lanesOf(flow.addresses, CATEGORIES),
    categories: LANES,
    asset: 0,
    address,
    dust: [Number(DUST)],
    until: flow.steps.count,
    paths: 0,
    kernels,
    ...more,
  };
}

function near(actual: number, expected: number, tolerance: number, what: string): void {
  const distance = Math.abs(actual - expected);
  assert.ok(distance <= tolerance * Math.max(1, Math.abs(expected)), `${what}: ${actual} against ${expected}`);
}

const numberOf = (fraction: Fraction | undefined): number => fraction?.number() ?? 0;

function agree({ figures }: ExactAnswer, got: Got | undefined, who: string): void {
  assert.equal(figures.large.total, got?.total ?? 0n, who);
  assert.equal(figures.small.total, got?.small ?? 0n, who);
  for (let lane = 0; lane < LANES; lane += 1) {
    near(figures.large.all[lane]!, numberOf(got?.all[lane]), 1e-9, `${who} all ${lane}`);
    near(figures.small.all[lane]!, numberOf(got?.smallAll[lane]), 1e-9, `${who} small ${lane}`);
  }
}

function eachAddress(
  flow: ExactQuery['flow'],
  truth: Truth,
  check: (id: number, got: Got | undefined, who: string) => void,
): void {
  for (let id = 0; id < flow.addresses.size; id += 1) {
    const who = flow.addresses.text(id);
    check(id, truth.got.get(who), who);
  }
}

test('one address of an account chain: the exact answer is that of the rule in fractions', () => {
  fc.assert(
    fc.property(movesArbitrary, (moves) => {
      const flow = accountFlowOf(CHAIN, transfersOf(moves));
      const truth = accountTruth(moves, CATEGORIES, LANES, DUST);
      eachAddress(flow, truth, (id, got, who) => {
        const answer = exactExposure(query(flow, id))!;
        if (answer === null) return;
        agree(answer, got, who);
        for (let lane = 0; lane < LANES; lane += 1)
          assert.ok(new Fraction(answer.figures.large.direct[lane]!).equals(got?.direct[lane] ?? new Fraction(0n)));
        const dense = exactExposure(query(flow, id, { budget: 0 }))!;
        agree(dense, got, `${who} by a pass`);
        for (let lane = 0; lane < LANES; lane += 1)
          near(dense.figures.sent.all[lane]!, answer.figures.sent.all[lane]!, 1e-9, `${who} sent, by a pass`);
      });
    }),
    { numRuns: 300 },
  );
});

test('one address of a UTXO chain: likewise', () => {
  fc.assert(
    fc.property(paymentsArbitrary, (payments) => {
      const flow = utxoFlowOf(BITCOIN, utxoOf(payments));
      const truth = utxoTruth(payments, CATEGORIES, LANES, DUST);
      eachAddress(flow, truth, (id, got, who) => {
        agree(exactExposure(query(flow, id))!, got, who);
        const dense = exactExposure(query(flow, id, { budget: 0 }))!;
        // Shares of services' money in mixed transactions are whole units there.
        for (let lane = 0; lane < LANES; lane += 1)
          near(dense.figures.large.all[lane]!, numberOf(got?.all[lane]), payments.length, `${who} by a pass`);
      });
    }),
    { numRuns: 300 },
  );
});

test('categories and unknown add up to what is held, and a category more is the sum of its parts, in fractions', () => {
  fc.assert(
    fc.property(movesArbitrary, (moves) => {
      const both = accountTruth(moves, CATEGORIES, LANES, 0n);
      const joined = accountTruth(moves, { thief: 0, mixer: 0 }, LANES, 0n);
      for (const [holder, held] of both.held) {
        const known = held.reduce((sum, part) => sum.plus(part));
        const rest = new Fraction(both.balance.get(holder)!).minus(known);
        assert.ok(rest.over >= 0n, `${holder} holds no more than its balance`);
        assert.ok((joined.held.get(holder)?.[0] ?? new Fraction(0n)).equals(known));
      }
    }),
  );
});

test('the table of a whole chain agrees with the answer for each address', () => {
  fc.assert(
    fc.property(movesArbitrary, (moves) => {
      const flow = accountFlowOf(CHAIN, transfersOf(moves));
      const { lanes, dust } = query(flow, 0);
      const rows = scanRows({ flow, lanes, dust, steps: { from: 0, to: flow.steps.count } });
      rows.openSmall();
      const options = { kernels, rows, categories: LANES };
      const received = passOver('received', options);
      const sent = passOver('sent', options);
      eachAddress(flow, accountTruth(moves, CATEGORIES, LANES, DUST), (id, got, who) => {
        const exact = exactExposure(query(flow, id));
        const account = flow.assets[0]?.placeOf(id) ?? -1;
        if (exact === null || account < 0) return;
        assert.equal(received.total[account], Number(got?.total ?? 0n), who);
        assert.equal(sent.total[account], Number(exact.figures.sent.total), `${who} sent`);
        for (let lane = 0; lane < LANES; lane += 1) {
          near(received.lanes[0]!.all[4 * account + lane]!, exact.figures.large.all[lane]!, 1e-5, who);
          near(sent.lanes[0]!.all[4 * account + lane]!, exact.figures.sent.all[lane]!, 1e-5, `${who} sent`);
          near(sent.lanes[0]!.direct[4 * account + lane]!, Number(exact.figures.sent.direct[lane]!), 1e-6, who);
        }
      });
    }),
    { numRuns: 200 },
  );
});

test('the table of a UTXO chain: likewise, to a unit a transaction', () => {
  fc.assert(
    fc.property(paymentsArbitrary, (payments) => {
      const flow = utxoFlowOf(BITCOIN, utxoOf(payments));
      const { lanes, dust } = query(flow, 0);
      const rows = scanRows({ flow, lanes, dust, steps: { from: 0, to: flow.txCount } });
      rows.openSmall();
      const options = { kernels, rows, categories: LANES };
      const received = passOver('received', options);
      const sent = passOver('sent', options);
      const unit = payments.length * 4;
      eachAddress(flow, utxoTruth(payments, CATEGORIES, LANES, DUST), (id, got, who) => {
        const { figures } = exactExposure(query(flow, id))!;
        assert.equal(received.total[id], Number(got?.total ?? 0n), who);
        near(sent.total[id]!, Number(figures.sent.total), unit, `${who} sent`);
        for (let lane = 0; lane < LANES; lane += 1) {
          near(received.lanes[0]!.all[4 * id + lane]!, numberOf(got?.all[lane]), unit, who);
          near(sent.lanes[0]!.all[4 * id + lane]!, figures.sent.all[lane]!, unit, `${who} sent`);
        }
      });
    }),
    { numRuns: 200 },
  );
});
