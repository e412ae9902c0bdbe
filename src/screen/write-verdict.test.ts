import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
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
import { readVerdict, replayVerdict } from './replay.ts';
import type { Verdict } from './verdict.ts';
import { writeVerdict } from './write-verdict.ts';

const text = new TextDecoder();

function full(word: string, share: number): Verdict {
  const facts = factsOf({
    labels: [labelOf({ label: word, url: word, programmes: [word, 'CYBER2'], atTransfer: null, via: word })],
    entity: { id: word, size: 3, why: word },
    exposures: [exposureOf({ share, hops: 2, path: pathOf(2) }), exposureOf({ category: word, share: 0 })],
    traces: [traceOf({ title: word })],
    signatures: [signatureOf({ summary: word, case: null })],
    missing: [word],
  });
  const rules = setOf(
    ruleOf('a', { link: 'direct' }, { decision: 'block', score: 90, title: word }),
    ruleOf('b', { link: 'indirect', share: 0, cumulative: { days: 3, amount: { other: '0' } } }, { mode: 'test' }),
    ruleOf('c', { link: 'indirect', cumulative: { days: 3, amount: { other: '0' } } }),
  );
  const earlier = [{ at: '2026-03-01T10:00:00.000Z', amount: '12', verdict: word }];
  const cumulative = [{ of: word, category: 'stolen', link: 'indirect' as const, asset: exposureOf().asset, earlier }];
  const request = requestOf({ segment: word, customer: word });
  const { decision, score, reasons, tested } = evaluate(rules, evidenceOf([facts], { request, cumulative }));
  return verdictOf({ request, decision, score, reasons, tested, facts: [facts, facts], cumulative, cause: word });
}

/** The same content, keys of every object in another order. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, shuffled(inner)]),
  );
}

test('the bytes are those of JSON, whatever the texts and the order of the keys that came in', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string({ unit: 'binary' }),
        fc.constantFrom('"', '\\', '\u2028', '\ud800', '\u0000', '北'),
      ),
      fc.integer({ min: 0, max: 1e6 }),
      (word, parts) => {
        const verdict = full(word, parts / 1e6);
        const bytes = writeVerdict(verdict);
        assert.equal(text.decode(bytes), JSON.stringify(verdict));
        assert.deepEqual(writeVerdict(shuffled(verdict) as Verdict), bytes);
      },
    ),
    { numRuns: 300 },
  );
});

test('a stored verdict reads back, and one that was changed does not replay or does not read', () => {
  const verdict = full('x', 0.5);
  const bytes = writeVerdict(verdict);
  assert.deepEqual(readVerdict(bytes), JSON.parse(JSON.stringify(verdict)));
  const changed = (edit: (verdict: Record<string, unknown>) => void): Uint8Array => {
    const copy = JSON.parse(text.decode(bytes)) as Record<string, unknown>;
    edit(copy);
    return new TextEncoder().encode(JSON.stringify(copy));
  };
  const rules = setOf(ruleOf('a', { link: 'direct' }, { decision: 'block', score: 90, title: 'x' }));
  const replayed = replayVerdict(bytes, rules);
  assert.equal(replayed.same, false);
  assert.ok((replayed.firstDifference?.offset ?? 0) > 0);
  for (const edit of [
    (copy: Record<string, unknown>) => delete copy.cause,
    (copy: Record<string, unknown>) => (copy.more = 1),
    (copy: Record<string, unknown>) => (copy.format = 2),
    (copy: Record<string, unknown>) => (copy.at = 'yesterday'),
    (copy: Record<string, unknown>) => (copy.score = 101),
  ])
    assert.throws(() => readVerdict(changed(edit)), { code: 'E_VERDICT' });
  assert.throws(() => readVerdict(bytes.subarray(0, 40)), { code: 'E_VERDICT' });
  assert.throws(() => readVerdict(Uint8Array.of(0xff, 0xfe)), { code: 'E_VERDICT' });
  assert.throws(() => replayVerdict(bytes, { ...rules, hash: 'b'.repeat(64) }), { code: 'E_RULES' });
});
