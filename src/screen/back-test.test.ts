import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRecords } from '../store/open-records.ts';
import { jsonChange, orderKey, type RecordChange } from '../store/records.ts';
import { AT, evidenceOf, exposureOf, factsOf, labelOf, ruleOf, setOf, verdictOf } from './_evidence-fixture.ts';
import { backTest } from './back-test.ts';
import { evaluate } from './evaluate.ts';
import type { CounterpartyFacts } from './facts.ts';
import { writeVerdict } from './write-verdict.ts';

const DIRECT = ruleOf('direct', { link: 'direct', category: ['sanctioned'] }, { decision: 'block', score: 90 });
const NEAR = ruleOf('near', { link: 'indirect', category: ['stolen'], share: 0.3, hops: 3 });
const SUM = ruleOf('sum', { link: 'indirect', category: ['stolen'], cumulative: { days: 30, amount: { ETH: '5' } } });

function given(seq: number, facts: Partial<CounterpartyFacts>): RecordChange {
  const all = [factsOf(facts)];
  const { decision, score, reasons, tested } = evaluate(setOf(DIRECT), evidenceOf(all));
  const id = `v-${seq}-00ff`;
  const at = new Date(AT + seq * 60_000).toISOString();
  const verdict = verdictOf({ id, at, decision, score, reasons, tested, facts: all });
  return { table: 'verdict', key: orderKey(seq), value: writeVerdict(verdict) };
}

test('another rule set over past verdicts: what changes, by which rules, and what cannot be known', async () => {
  const records = await openRecords({ path: ':memory:' });
  await records.write([
    given(1, { labels: [labelOf()] }),
    given(2, { exposures: [exposureOf()] }),
    given(3, {}),
    given(4, { exposures: [exposureOf({ hops: 2 })] }),
    { table: 'verdict', key: orderKey(5), value: new TextEncoder().encode('{"format":1,') },
    jsonChange('batch', orderKey(1), { at: new Date(AT).toISOString(), plain: 40 }),
  ]);
  const options = { from: null, until: null };
  const found = await backTest(records, { ...options, ruleSet: setOf(NEAR, SUM) });
  assert.deepEqual(
    [found.verdicts, found.differing, found.decisions],
    [
      4,
      3,
      [
        { before: 'block', after: 'allow', verdicts: 1 },
        { before: 'allow', after: 'review', verdicts: 2 },
        { before: 'allow', after: 'allow', verdicts: 1 },
      ],
    ],
  );
  assert.deepEqual(found.fired, [
    { rule: 'direct', before: 1, after: 0, tested: 0 },
    { rule: 'near', before: 0, after: 2, tested: 0 },
  ]);
  assert.deepEqual(found.unknown, { withoutPaths: 2, withoutSums: 2, unreadable: 1, batchLines: 40 });
  assert.deepEqual(
    found.differences.map(({ verdict, before, after }) => [verdict, before.decision, after.decision]),
    [
      ['v-1-00ff', 'block', 'allow'],
      ['v-2-00ff', 'allow', 'review'],
      ['v-4-00ff', 'allow', 'review'],
    ],
  );
  const same = await backTest(records, { ...options, ruleSet: setOf(DIRECT) });
  assert.equal(same.differing, 0);
  const some = await backTest(records, { ruleSet: setOf(NEAR), from: AT + 120_000, until: AT + 240_000, limit: 0 });
  assert.deepEqual([some.verdicts, some.differing, some.differences], [2, 1, []]);
  await records.close();
});
