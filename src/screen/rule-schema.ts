import { z } from 'zod';
import { CONFIDENCES } from '../model/label.ts';
import { MAX_WINDOW_DAYS } from './cumulative-book.ts';

/**
 * The form of a rule file as YAML's plain texts: every scalar comes as text, so that 0.1 stays 0.1. Its JSON Schema (what comes out) describes the file
 * for editors.
 */
const text = (most: number) => z.string().trim().min(1).max(most);
const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/, `a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.number().int().min(min).max(max));
const share = z
  .string()
  .regex(
    /^(0(\.\d{1,6})?|1(\.0{1,6})?)$/,
    'a share from 0 to 1 with at most six digits after the point: 0.1 is a tenth',
  )
  .transform(Number)
  .pipe(z.number().min(0).max(1));
/** A list, or one word in its place. */
const list = <Item extends z.ZodType<string, string>>(item: Item) =>
  z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(item).min(1).max(100));
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const amounts = z
  .record(
    z.string(),
    z
      .string()
      .regex(/^\d{1,30}(\.\d{1,30})?$/, 'an amount in whole units, written as 0.5, with no sign and no exponent'),
  )
  .refine((value) => Object.keys(value).length > 0, 'no asset is named');

const CONDITIONS = z.strictObject({
  kind: list(z.enum(['address', 'transfer'])).optional(),
  direction: list(z.enum(['deposit', 'withdrawal'])).optional(),
  segment: list(text(60)).optional(),
  asset: list(text(200)).optional(),
  category: list(text(60)).optional(),
  link: z.enum(['direct', 'indirect']).optional(),
  side: z.enum(['received', 'sent']).optional(),
  except: list(text(60)).optional(),
  bearer: z.enum(['itself', 'entity']).optional(),
  programme: list(text(60)).optional(),
  confidence: z.enum(CONFIDENCES).optional(),
  weakerThan: z.enum(CONFIDENCES).optional(),
  signature: list(z.string().regex(/^S\d{1,2}[a-z]?$/, 'a laundering signature such as S3')).optional(),
  traced: flag.optional(),
  role: list(z.enum(['holds', 'service', 'passed'])).optional(),
  amount: amounts.optional(),
  share: share.optional(),
  hops: whole(1, 1000).optional(),
  ageDays: whole(1, 36_500).optional(),
  cumulative: z.strictObject({ days: whole(1, MAX_WINDOW_DAYS), amount: amounts }).optional(),
});

const SOURCE = z.strictObject({
  title: text(300),
  url: z
    .string()
    .regex(/^https:\/\/[^\s"<>]{3,500}$/, 'an https:// address')
    .optional(),
});

const RULE = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,59}$/, 'lower-case letters, digits and hyphens, at most 60, beginning with a letter'),
  version: whole(1, 999_999),
  title: text(200),
  reason: text(2000),
  source: SOURCE,
  mode: z.enum(['live', 'test']).optional(),
  decision: z.enum(['allow', 'review', 'block']),
  score: whole(0, 100),
  when: CONDITIONS,
});

export const MAX_RULES = 1000;

export const RULE_FILE = z.strictObject({
  name: text(100),
  rules: z.array(RULE).min(1).max(MAX_RULES),
});

export type RuleText = z.output<typeof RULE>;

/** Field names at each place of the file: for the remedy of a typo. */
export const FIELDS = {
  file: Object.keys(RULE_FILE.shape),
  rule: Object.keys(RULE.shape),
  source: Object.keys(SOURCE.shape),
  when: Object.keys(CONDITIONS.shape),
  cumulative: ['days', 'amount'],
} as const;

/** JSON Schema (2020-12) of the file, for editors that check YAML. */
export function ruleFileJsonSchema(): unknown {
  return z.toJSONSchema(RULE_FILE, { io: 'output', unrepresentable: 'any' });
}
