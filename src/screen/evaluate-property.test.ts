import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatAmount } from '../base/money.ts';
import {
  ADDRESS,
  ETHER,
  evidenceOf,
  exposureOf,
  factsOf,
  labelOf,
  pathOf,
  requestOf,
  ruleOf,
  setOf,
  signatureOf,
  traceOf,
  verdictOf,
} from './_evidence-fixture.ts';
import { evaluate } from './evaluate.ts';
import type { Evidence } from './evaluation.ts';
import type { CounterpartyFacts, CumulativeFact, ExposureFact } from './facts.ts';
import { replayVerdict } from './replay.ts';
import type { Rule } from './rule.ts';
import { DECISIONS, type Decision } from './verdict.ts';
import { writeVerdict } from './write-verdict.ts';

const rank = (decision: Decision): number => DECISIONS.indexOf(decision);
const units = fc.bigInt({ min: 0n, max: 10n ** 21n });
const shares = fc.integer({ min: 0, max: 1_000_000 }).map((parts) => parts / 1e6);
const whole = fc.integer({ min: 0, max: 300_000 }).map((thousandths) => String(thousandths / 1000));
const hops = fc.option(fc.integer({ min: 1, max: 6 }), { nil: null });

const exposures: fc.Arbitrary<ExposureFact> = fc
  .record({
    amount: units,
    share: shares,
    hops,
    small: units,
    category: fc.constantFrom('stolen', 'sanctioned', 'mixer'),
    side: fc.constantFrom('received', 'sent'),
    asset: fc.constantFrom(ETHER, 'eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7'),
  })
  .map(({ amount, small, ...said }) =>
    exposureOf({
      ...said,
      amount: `${amount}`,
      indirect: `${amount}`,
      small: `${small}`,
      path: said.hops === null ? null : pathOf(said.hops),
    }),
  );

const facts: fc.Arbitrary<CounterpartyFacts> = fc
  .record({
    address: fc.constantFrom(
      ADDRESS,
      '0x2222222222222222222222222222222222222222',
      '0x3333333333333333333333333333333333333333',
    ),
    amount: fc.option(units.map(String), { nil: null }),
    labels: fc.array(
      fc
        .record({
          category: fc.constantFrom('sanctioned', 'stolen', 'exchange', 'mixer'),
          status: fc.constantFrom('current', 'ended', 'later'),
          atTransfer: fc.option(fc.boolean(), { nil: null }),
          confidence: fc.constantFrom('authority_data', 'web_crawl', 'unknown'),
          source: fc.constantFrom('a', 'b'),
          via: fc.option(fc.constant('0x44'), { nil: null }),
        })
        .map((said) => labelOf(said as Parameters<typeof labelOf>[0])),
      { maxLength: 3 },
    ),
    exposures: fc.array(exposures, { maxLength: 4 }),
    traces: fc.array(
      fc
        .record({
          amount: units.map(String),
          role: fc.constantFrom('holds', 'service', 'passed'),
          hops,
          case: fc.constantFrom('x', 'y'),
        })
        .map((said) => traceOf(said as Parameters<typeof traceOf>[0])),
      { maxLength: 2 },
    ),
    signatures: fc.array(
      fc.constantFrom('S3', 'S8').map((id) => signatureOf({ id })),
      { maxLength: 2 },
    ),
  })
  .map((said) => factsOf(said as Partial<CounterpartyFacts>));

const rules: fc.Arbitrary<Rule> = fc
  .record({
    when: fc.oneof(
      fc.record({ link: fc.constant('direct' as const), category: fc.constant(['sanctioned', 'stolen'] as const) }),
      fc.record(
        {
          link: fc.constant('indirect' as const),
          category: fc.constant(['stolen', 'mixer'] as const),
          share: shares,
          amount: fc.record({ ETH: whole, other: whole }),
          hops: fc.integer({ min: 1, max: 5 }),
          ageDays: fc.integer({ min: 1, max: 5 }),
          cumulative: fc.record({ days: fc.integer({ min: 1, max: 30 }), amount: fc.record({ other: whole }) }),
        },
        { requiredKeys: ['link'] },
      ),
      fc.record({ traced: fc.constant(true as const), amount: fc.record({ other: whole }) }),
      fc.record({ signature: fc.constant(['S8'] as const) }),
      fc.record({ amount: fc.record({ other: whole }) }),
    ),
    decision: fc.constantFrom(...DECISIONS),
    mode: fc.constantFrom('live' as const, 'test' as const),
    score: fc.integer({ min: 0, max: 100 }),
    id: fc.constantFrom('a', 'b', 'c', 'd'),
  })
  .map(({ when, id, ...more }) => ruleOf(id, when, more));

const earlier: fc.Arbitrary<readonly CumulativeFact[]> = fc.array(
  fc.record({
    of: fc.constant('c-1'),
    category: fc.constantFrom('stolen', 'mixer', 'any'),
    link: fc.constantFrom('direct' as const, 'indirect' as const),
    asset: fc.constant(ETHER),
    earlier: fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 27 }).map((day) => `2026-02-${String(day + 1).padStart(2, '0')}T00:00:00.000Z`),
        amount: units.map(String),
        verdict: fc.constant('v-1'),
      }),
      { maxLength: 4 },
    ),
  }),
  { maxLength: 3 },
);

const evidence: fc.Arbitrary<Evidence> = fc
  .record({
    facts: fc.array(facts, { minLength: 1, maxLength: 3 }),
    cumulative: earlier,
    kind: fc.constantFrom('address' as const, 'transfer' as const),
    amount: fc.option(units.map(String), { nil: null }),
    customer: fc.option(fc.constant('c-1'), { nil: null }),
  })
  .map(({ facts: all, cumulative, kind, amount, customer }) => {
    const transfer = { kind, amount, customer };
    const request = requestOf(kind === 'transfer' ? transfer : { ...transfer, direction: null, amount: null });
    return evidenceOf(all, { cumulative, request });
  });

const sets = fc.array(rules, { minLength: 1, maxLength: 5 }).map((all) => setOf(...all));

test('more exposure never lowers the decision', () => {
  fc.assert(
    fc.property(sets, evidence, fc.nat(), units, shares, (set, before, which, more, share) => {
      const grown = before.facts.map((item) => ({
        ...item,
        exposures: item.exposures.map((exposure, at) =>
          at === which % Math.max(1, item.exposures.length)
            ? { ...exposure, amount: `${BigInt(exposure.amount) + more}`, share: Math.max(exposure.share, share) }
            : exposure,
        ),
      }));
      const after = evaluate(set, { ...before, facts: grown });
      assert.ok(rank(after.decision) >= rank(evaluate(set, before).decision));
    }),
    { numRuns: 500 },
  );
});

test('one more exposure, trace, signature or current label never lowers it either, but for what a rule excepts', () => {
  fc.assert(
    fc.property(sets, evidence, facts, (set, before, more) => {
      const grown = before.facts.map((item) => ({
        ...item,
        labels: [...item.labels, ...more.labels],
        exposures: [...item.exposures, ...more.exposures],
        traces: [...item.traces, ...more.traces],
        signatures: [...item.signatures, ...more.signatures],
      }));
      const after = evaluate(set, { ...before, facts: grown });
      assert.ok(rank(after.decision) >= rank(evaluate(set, before).decision));
    }),
    { numRuns: 500 },
  );
});

test('a transfer in pieces of one customer never ends below the decision of the whole, where a cumulative limit stands', () => {
  const pieces = fc.array(fc.bigInt({ min: 1n, max: 10n ** 19n }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(pieces, shares, fc.integer({ min: 0, max: 29 }), (parts, share, days) => {
      const total = parts.reduce((a, b) => a + b);
      // The whole just reaches it: one base unit lost in rounding would show.
      const limit = formatAmount((total * BigInt(Math.round(share * 1e6))) / 1_000_000n, 18);
      const rule = ruleOf(
        'r',
        {
          link: 'indirect',
          category: ['stolen'],
          share: 0.1,
          amount: { ETH: limit },
          cumulative: { days: 30, amount: { ETH: limit } },
        },
        { decision: 'block' },
      );
      const all = [factsOf({ exposures: [exposureOf({ share })] })];
      const decide = (amount: bigint, at: number, cumulative: readonly CumulativeFact[]) =>
        evaluate(setOf(rule), { ...evidenceOf(all, { request: requestOf({ amount: `${amount}` }), cumulative }), at });
      const start = Date.parse('2026-03-01T00:00:00.000Z');
      const single = decide(total, start, []);
      const before: { at: string; amount: string; verdict: string }[] = [];
      let last: Decision = 'allow';
      parts.forEach((amount, at) => {
        const time = start + Math.floor((days * 86_400_000 * at) / parts.length);
        const of = { of: 'c-1', category: 'stolen', link: 'indirect' as const, asset: ETHER, earlier: [...before] };
        const found = decide(amount, time, [of]);
        last = found.decision;
        for (const accrual of found.accrues)
          before.push({ at: new Date(time).toISOString(), amount: accrual.amount, verdict: `v-${at}` });
      });
      assert.equal(single.decision, share < 0.1 ? 'allow' : 'block');
      assert.ok(rank(last) >= rank(single.decision));
    }),
    { numRuns: 500 },
  );
});

test('small payments of any sum change nothing while they do not count', () => {
  fc.assert(
    fc.property(sets, evidence, units, (set, before, small) => {
      const dusted = before.facts.map((item) => ({
        ...item,
        exposures: [
          ...item.exposures.map((exposure) => ({ ...exposure, small: `${small}` })),
          exposureOf({ category: 'stolen', amount: '0', indirect: '0', direct: '0', share: 0, small: `${small}` }),
        ],
      }));
      assert.deepEqual(evaluate(set, { ...before, facts: dusted }), evaluate(set, before));
    }),
    { numRuns: 300 },
  );
});

test('rules in test mode change no decision, no score, no search for paths, and no sum that decides', () => {
  fc.assert(
    fc.property(sets, evidence, (set, given) => {
      const live = setOf(...set.rules.filter(({ mode }) => mode === 'live'));
      const [all, without] = [evaluate(set, given), evaluate(live, given)];
      assert.deepEqual(
        [
          all.decision,
          all.score,
          all.reasons,
          all.wantsPaths,
          all.accrues.filter(({ category }) => !category.startsWith('test:')),
        ],
        [without.decision, without.score, without.reasons, without.wantsPaths, without.accrues],
      );
    }),
    { numRuns: 500 },
  );
});

test('the order of facts and of rules does not show; a replay gives the same bytes', () => {
  fc.assert(
    fc.property(sets, evidence, (set, given) => {
      const turned: Evidence = {
        ...given,
        cumulative: [...given.cumulative].reverse(),
        facts: [...given.facts].reverse().map((item) => ({
          ...item,
          labels: [...item.labels].reverse(),
          exposures: [...item.exposures].reverse(),
          traces: [...item.traces].reverse(),
          signatures: [...item.signatures].reverse(),
        })),
      };
      const found = evaluate(set, given);
      assert.deepEqual(evaluate(set, turned), found);
      const { decision, score, reasons, tested } = found;
      const { facts: all, cumulative, request } = given;
      const bytes = writeVerdict(verdictOf({ request, decision, score, reasons, tested, facts: all, cumulative }));
      assert.deepEqual(replayVerdict(bytes, set).firstDifference, null);
    }),
    { numRuns: 2000 },
  );
});
