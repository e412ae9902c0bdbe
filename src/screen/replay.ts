import { z } from 'zod';
import { HaetaeError } from '../base/errors.ts';
import { CATEGORIES } from '../model/label.ts';
import { evaluate } from './evaluate.ts';
import type { RuleSet } from './rule.ts';
import { DECISIONS, type Verdict } from './verdict.ts';
import { writeVerdict } from './write-verdict.ts';

export interface Replay {
  readonly same: boolean;
  /** What the stored facts and the rule set give now. */
  readonly bytes: Uint8Array;
  /** First byte that differs, and what stands there; null where none does. */
  readonly firstDifference: { readonly offset: number; readonly stored: string; readonly replayed: string } | null;
}

/**
 * Evaluates a stored verdict's facts again with the rule set it names and compares the bytes. Throws E_VERDICT where the bytes are no verdict, E_RULES where
 * the rule set is another.
 */
export function replayVerdict(bytes: Uint8Array, ruleSet: RuleSet): Replay {
  const stored = readVerdict(bytes);
  const { rules } = stored.basis;
  if (rules.hash !== ruleSet.hash) {
    throw new HaetaeError('E_RULES', 'the verdict was given by another rule set', {
      context: { verdict: stored.id, rules: rules.hash, given: ruleSet.hash },
      remedy: 'replay it with the rule set whose hash it names',
    });
  }
  const { decision, score, reasons, tested } = evaluate(ruleSet, evidenceOf(stored));
  const replayed = writeVerdict({
    ...stored,
    basis: { ...stored.basis, rules: { hash: ruleSet.hash, name: ruleSet.name } },
    decision,
    score,
    reasons,
    tested,
  });
  const offset = firstDifference(bytes, replayed);
  return {
    same: offset < 0,
    bytes: replayed,
    firstDifference:
      offset < 0 ? null : { offset, stored: excerpt(bytes, offset), replayed: excerpt(replayed, offset) },
  };
}

export function evidenceOf(verdict: Verdict): Parameters<typeof evaluate>[1] {
  const { request, at, facts, cumulative } = verdict;
  return { request, at: Date.parse(at), facts, cumulative };
}

/** Throws E_VERDICT: every field is checked, none may be missing or added. */
export function readVerdict(bytes: Uint8Array): Verdict {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new HaetaeError('E_VERDICT', 'not JSON', { remedy: REMEDY, cause });
  }
  const parsed = VERDICT.safeParse(json);
  if (parsed.success) return parsed.data as Verdict;
  const issue = parsed.error.issues[0]!;
  throw new HaetaeError('E_VERDICT', `not a verdict: ${issue.message}`, {
    context: { field: issue.path.join('.').slice(0, 120) },
    remedy: REMEDY,
  });
}

const REMEDY = 'the record is damaged or of another version: restore it from a backup';

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return at;
  return a.length === b.length ? -1 : length;
}

function excerpt(bytes: Uint8Array, offset: number): string {
  return new TextDecoder().decode(bytes.subarray(Math.max(0, offset - 20), offset + 40));
}

const text = z.string();
const maybe = z.string().nullable();
const units = z.string().regex(/^\d{1,100}$/);
const time = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z$/);
const count = z.number().int().min(0);
const share = z.number().min(0).max(1);
const link = z.enum(['direct', 'indirect']);

const PATH = z.strictObject({
  amount: units,
  origin: text,
  label: maybe,
  steps: z.array(z.strictObject({ tx: maybe, time: text, from: maybe, to: maybe, asset: text, amount: units })),
});

const LABEL = z.strictObject({
  category: z.enum(CATEGORIES),
  label: text,
  actor: maybe,
  programmes: z.array(text),
  confidence: text,
  source: text,
  file: text,
  url: maybe,
  listed: maybe,
  lastListed: maybe,
  ended: maybe,
  status: z.enum(['current', 'ended', 'later']),
  atTransfer: z.boolean().nullable(),
  caseLost: z.boolean(),
  via: maybe,
  saidOf: maybe,
});

const FACTS = z.strictObject({
  address: text,
  chain: text,
  amount: units.nullable(),
  labels: z.array(LABEL),
  entity: z.strictObject({ id: text, size: count, why: text }).nullable(),
  exposures: z.array(
    z.strictObject({
      asset: text,
      side: z.enum(['received', 'sent']),
      category: text,
      direct: units,
      indirect: units,
      small: units,
      amount: units,
      share,
      hops: count.nullable(),
      path: PATH.nullable(),
    }),
  ),
  traces: z.array(
    z.strictObject({
      case: text,
      title: text,
      theft: text,
      method: text,
      asset: text,
      amount: units,
      role: z.enum(['holds', 'service', 'passed']),
      hops: count.nullable(),
      stolenAt: text,
      simulated: z.boolean(),
    }),
  ),
  signatures: z.array(z.strictObject({ id: text, name: text, case: maybe, summary: text, lastTime: text })),
  missing: z.array(text),
});

const REASON = z.strictObject({
  rule: text,
  ruleVersion: count,
  title: text,
  decision: z.enum(DECISIONS),
  score: z.number().int().min(0).max(100),
  address: text,
  category: maybe,
  entity: maybe,
  link: link.nullable(),
  asset: maybe,
  amount: units.nullable(),
  share: share.nullable(),
  hops: count.nullable(),
  path: PATH.nullable(),
  label: LABEL.nullable(),
  method: maybe,
  listedAfterTransfer: z.boolean(),
  cumulative: z.strictObject({ days: count, amount: units, limit: units, transfers: count }).nullable(),
  text,
});

const REQUEST = z.strictObject({
  kind: z.enum(['address', 'transfer']),
  chain: text,
  address: maybe,
  direction: z.enum(['deposit', 'withdrawal']).nullable(),
  asset: maybe,
  amount: units.nullable(),
  decimals: z.number().int().min(0).max(255).nullable(),
  symbol: maybe,
  tx: maybe,
  transferAt: maybe,
  asOf: time.nullable(),
  customer: maybe,
  segment: maybe,
});

const BASIS = z.strictObject({
  labels: z.strictObject({ hash: text, lists: count }),
  rules: z.strictObject({ hash: text, name: text }),
  chain: z.strictObject({ block: maybe, time: maybe }),
  exposure: z.strictObject({ hash: text, until: maybe, behind: count }).nullable(),
  traces: z.strictObject({ hash: text, cases: count }),
  software: text,
});

const VERDICT = z.strictObject({
  format: z.literal(1),
  id: text,
  at: time,
  request: REQUEST,
  decision: z.enum(DECISIONS),
  score: z.number().int().min(0).max(100),
  reasons: z.array(REASON),
  tested: z.array(REASON),
  basis: BASIS,
  facts: z.array(FACTS),
  cumulative: z.array(
    z.strictObject({
      of: text,
      category: text,
      link,
      asset: text,
      earlier: z.array(z.strictObject({ at: time, amount: units, verdict: text })),
    }),
  ),
  previous: maybe,
  cause: maybe,
});
