import { z } from 'zod';
import { DECISIONS } from '../screen/verdict.ts';

const text = z.string();
const maybe = z.string().nullable();
const amount = z.string().nullable().describe('Base units, as decimal text.');

const path = z
  .strictObject({
    amount: text,
    origin: text,
    label: maybe,
    steps: z.array(z.strictObject({ tx: maybe, time: text, from: maybe, to: maybe, asset: text, amount: text })),
  })
  .meta({
    id: 'Path',
    description: 'The strongest path between the counterparty and the category, with its transactions.',
  });

const label = z
  .strictObject({
    category: text,
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
    atTransfer: z.boolean().nullable().describe('In force when the transfer was made; null: not known.'),
    caseLost: z.boolean().describe('The source lower-cased the address: a hit but for upper and lower case.'),
    via: maybe.describe('Address of the same entity that bears the label.'),
    saidOf: maybe.describe('The chain it was said of, where that is another one.'),
  })
  .meta({ id: 'Label' });

const reason = z
  .strictObject({
    rule: text,
    ruleVersion: z.int(),
    title: text,
    decision: z.enum(DECISIONS),
    score: z.int(),
    address: text,
    category: maybe,
    entity: maybe,
    link: z.enum(['direct', 'indirect']).nullable(),
    asset: maybe,
    amount,
    share: z.number().nullable(),
    hops: z.int().nullable(),
    path: path.nullable(),
    label: label.nullable(),
    method: maybe.describe('The taint method, where an amount or share goes by one.'),
    listedAfterTransfer: z.boolean(),
    cumulative: z.strictObject({ days: z.int(), amount: text, limit: text, transfers: z.int() }).nullable(),
    text,
  })
  .meta({ id: 'Reason', description: 'One rule that fired on one counterparty.' });

const request = z
  .strictObject({
    kind: z.enum(['address', 'transfer']),
    chain: text,
    address: maybe,
    direction: z.enum(['deposit', 'withdrawal']).nullable(),
    asset: maybe,
    amount,
    decimals: z.int().nullable(),
    symbol: maybe,
    tx: maybe,
    transferAt: maybe,
    asOf: maybe,
    customer: maybe.describe('Keyed pseudonym, never the reference itself.'),
    segment: maybe,
  })
  .meta({ id: 'VerdictRequest' });

const basis = z
  .strictObject({
    labels: z.strictObject({ hash: text, lists: z.int() }),
    rules: z.strictObject({ hash: text, name: text }),
    chain: z.strictObject({ block: maybe, time: maybe }),
    exposure: z.strictObject({ hash: text, until: maybe, behind: z.int() }).nullable(),
    traces: z.strictObject({ hash: text, cases: z.int() }),
    software: text,
  })
  .meta({ id: 'Basis', description: 'As of what the verdict holds.' });

const fact = z.record(z.string(), z.unknown());

/** As `Verdict` of screen/verdict.ts. Facts are all inputs of the decision, kept so that it can be replayed. */
export const verdictSchema = z
  .strictObject({
    format: z.literal(1),
    id: text,
    at: text,
    request,
    decision: z.enum(DECISIONS),
    score: z.int().min(0).max(100),
    reasons: z.array(reason),
    tested: z.array(reason),
    basis,
    facts: z.array(fact),
    cumulative: z.array(fact),
    previous: maybe,
    cause: maybe,
  })
  .meta({ id: 'Verdict' });
