import { z } from 'zod';
import { routes } from '../route.ts';

const decision = z.enum(['allow', 'review', 'block']);
const hash = z.string().regex(/^(active|[0-9a-f]{4,64})$/);
const params = z.strictObject({
  hash: hash.describe('SHA-256 of the text, or the beginning of it; active: the set that decides.'),
});
const text = z.string().min(1).max(1_000_000).describe('YAML, as docs/rules.md describes it.');

const entry = z.strictObject({
  hash: z.string(),
  name: z.string(),
  rules: z.number().int(),
  loadedAt: z.string(),
  loadedBy: z.string(),
  active: z.strictObject({ at: z.string(), by: z.string() }).nullable(),
});

const rule = z.strictObject({
  id: z.string(),
  version: z.number().int(),
  title: z.string(),
  reason: z.string(),
  source: z.strictObject({ title: z.string(), url: z.string().nullable() }),
  mode: z.enum(['live', 'test']),
  decision,
  score: z.number().int(),
  when: z.record(z.string(), z.unknown()).describe('Its conditions, by name.'),
});

const activation = z.strictObject({
  state: z.enum(['done', 'pending']),
  approval: z
    .string()
    .nullable()
    .describe('Id of the proposal that a second person must approve; null where it is done.'),
  rules: entry,
});

const outcome = z.strictObject({
  decision,
  score: z.number(),
  reasons: z.array(z.strictObject({ rule: z.string(), decision, address: z.string(), text: z.string() })),
});

const backTest = z.strictObject({
  rules: z.strictObject({ hash: z.string(), name: z.string() }),
  verdicts: z.number().int(),
  differing: z.number().int(),
  decisions: z.array(z.strictObject({ before: decision, after: decision, verdicts: z.number().int() })),
  fired: z.array(
    z.strictObject({
      rule: z.string(),
      before: z.number().int(),
      after: z.number().int(),
      tested: z.number().int(),
    }),
  ),
  differences: z.array(z.strictObject({ verdict: z.string(), at: z.string(), before: outcome, after: outcome })),
  unknown: z.strictObject({
    withoutPaths: z.number().int().describe('The rules ask for paths that were not sought then.'),
    withoutSums: z.number().int().describe('They count toward a sum of which nothing earlier is kept.'),
    unreadable: z.number().int(),
    batchLines: z.number().int().describe('Lines of batches that were a plain allow: they have no verdict to test.'),
  }),
});

export const ruleRoutes = routes({
  listRules: {
    method: 'GET',
    path: '/v1/rules',
    tag: 'rules',
    summary: 'Every rule set that was loaded, newest first, and which one decides',
    scope: 'read',
    response: z.strictObject({ items: z.array(entry) }),
    status: 200,
    errors: [],
  },
  getRules: {
    method: 'GET',
    path: '/v1/rules/:hash',
    tag: 'rules',
    summary: 'One rule set: its text, and each rule with its reason and source',
    scope: 'read',
    params,
    response: z.strictObject({ entry, text: z.string(), rules: z.array(rule) }),
    status: 200,
    errors: ['E_RULES'],
  },
  loadRules: {
    method: 'POST',
    path: '/v1/rules',
    tag: 'rules',
    summary: 'Check a rule file and keep it; it decides nothing until it is activated',
    scope: 'rules',
    body: z.strictObject({
      text,
      file: z.string().min(1).max(200).optional().describe('Its name, for error messages.'),
      dry: z.boolean().optional().describe('Only check it.'),
    }),
    response: z.strictObject({
      hash: z.string(),
      name: z.string(),
      rules: z.number().int(),
      entry: entry.nullable().describe('null where it was only checked.'),
    }),
    status: 200,
    errors: ['E_RULES', 'E_STORE_WRITE', 'E_CLOCK'],
    maxBody: 2_200_000,
  },
  activateRules: {
    method: 'POST',
    path: '/v1/rules/:hash/activate',
    tag: 'rules',
    summary: 'Let a rule set decide from now on',
    description: 'Where two persons are asked for, this proposes it, and an approval by another person activates it.',
    scope: 'rules',
    params,
    response: activation,
    status: 200,
    errors: ['E_RULES', 'E_STATE', 'E_SECOND_PERSON', 'E_STORE_WRITE', 'E_CLOCK'],
    idempotent: true,
  },
  backTestRules: {
    method: 'POST',
    path: '/v1/rules/back-test',
    tag: 'rules',
    summary: 'What a rule set would have made of past verdicts',
    scope: 'rules',
    body: z
      .strictObject({
        hash: hash.optional().describe('Of a set that was loaded.'),
        text: text.optional(),
        from: z.iso.datetime({ offset: true }).optional().describe('Verdicts given from then on.'),
        until: z.iso.datetime({ offset: true }).optional().describe('And before then.'),
        limit: z.number().int().min(0).max(1000).optional().describe('Differences listed. Default 100.'),
      })
      .refine((body) => (body.hash === undefined) !== (body.text === undefined), 'give either hash or text'),
    response: backTest,
    status: 200,
    errors: ['E_RULES'],
    maxBody: 2_200_000,
  },
});
