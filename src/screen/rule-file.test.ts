import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { HaetaeError } from '../base/errors.ts';
import { readDefaultRules } from './rule-default.ts';
import { readRules } from './rule-file.ts';
import { ruleFileJsonSchema } from './rule-schema.ts';

const SOUND = `name: mine
rules:
  - id: one
    version: 2
    title: First
    reason: because
    source:
      title: a book
      url: https://example.org/a
    decision: block
    score: 90
    when:
      link: direct
      category: sanctioned
      programme: [DPRK]
  - id: two
    version: 1
    title: Second
    reason: because
    source: { title: another }
    mode: test
    decision: review
    score: 0
    when:
      link: indirect
      category: [stolen, mixer]
      share: 0.25
      hops: 3
      amount: { ETH: 0.5, other: 10 }
      cumulative:
        days: 30
        amount: { ETH: 0.5, other: 1 }
`;

function faultOf(text: string): HaetaeError {
  try {
    readRules(text, 'mine.yaml');
  } catch (error) {
    assert.ok(error instanceof HaetaeError, String(error));
    assert.equal(error.code, 'E_RULES');
    assert.equal(error.context.file, 'mine.yaml');
    assert.ok(error.remedy);
    return error;
  }
  throw new Error('no fault was found');
}

test('a sound file becomes a rule set, named by the hash of its text', () => {
  const set = readRules(SOUND, 'mine.yaml');
  assert.equal(set.hash, createHash('sha256').update(SOUND).digest('hex'));
  assert.deepEqual(set.rules[0], {
    id: 'one',
    version: 2,
    title: 'First',
    reason: 'because',
    source: { title: 'a book', url: 'https://example.org/a' },
    mode: 'live',
    decision: 'block',
    score: 90,
    when: { link: 'direct', category: ['sanctioned'], programme: ['DPRK'] },
  });
  assert.equal(set.rules[1]?.mode, 'test');
  assert.deepEqual(set.rules[1]?.when, {
    link: 'indirect',
    category: ['stolen', 'mixer'],
    share: 0.25,
    hops: 3,
    amount: { ETH: '0.5', other: '10' },
    cumulative: { days: 30, amount: { ETH: '0.5', other: '1' } },
  });
});

const TYPOS: readonly (readonly [
  what: string,
  from: string,
  to: string,
  below: number,
  field: string,
  said: RegExp,
])[] = [
  ['a field of the file', 'name: mine', 'nme: mine', 0, 'nme', /did you mean name/],
  ['a field of a rule', '    decision: block', '    desicion: block', 0, 'rules[0].desicion', /did you mean decision/],
  ['a condition', '      hops: 3', '      hop: 3', 0, 'rules[1].when.hop', /did you mean hops/],
  ['a field of a source', '      url:', '      uri:', 0, 'rules[0].source.uri', /did you mean url/],
  ['a field of a sum', '        days: 30', '        day: 30', 0, 'rules[1].when.cumulative.day', /did you mean days/],
  [
    'a category',
    'category: sanctioned',
    'category: sanctionned',
    0,
    'rules[0].when.category[0]',
    /did you mean sanctioned/,
  ],
  ['a category of exposure', '[stolen, mixer]', '[stolen, coinjoin]', 0, 'rules[1].when.category[1]', /not keep apart/],
  ['a decision', 'decision: block', 'decision: blok', 0, 'rules[0].decision', /did you mean block/],
  ['a mode', 'mode: test', 'mode: tset', 0, 'rules[1].mode', /did you mean test/],
  ['a link', 'link: indirect', 'link: undirect', 0, 'rules[1].when.link', /did you mean (in)?direct/],
  ['an id twice', 'id: two', 'id: one', 0, 'rules[1].id', /first in line 3/],
  ['an id', 'id: two', 'id: Two Rules', 0, 'rules[1].id', /lower-case/],
  ['a score', 'score: 90', 'score: 900', 0, 'rules[0].score', /100/],
  ['a negative score', 'score: 90', 'score: -1', 0, 'rules[0].score', /whole number from 0 to 100/],
  ['a version', 'version: 2', 'version: two', 0, 'rules[0].version', /whole number/],
  ['hops in pieces', 'hops: 3', 'hops: 2.5', 0, 'rules[1].when.hops', /whole number/],
  ['hops of none', 'hops: 3', 'hops: 0', 0, 'rules[1].when.hops', /1/],
  ['a share in per cent', 'share: 0.25', 'share: 25', 0, 'rules[1].when.share', /from 0 to 1/],
  [
    'an amount',
    'amount: { ETH: 0.5, other: 10 }',
    'amount: { ETH: 0,5, other: 10 }',
    0,
    'rules[1].when.amount.5',
    /has no value/,
  ],
  [
    'an amount with an exponent',
    '{ ETH: 0.5, other: 10 }',
    '{ ETH: 1e3, other: 10 }',
    0,
    'rules[1].when.amount.ETH',
    /whole units/,
  ],
  [
    'an asset',
    '{ ETH: 0.5, other: 10 }',
    '{ ETHH: 0.5, other: 10 }',
    0,
    'rules[1].when.amount.ETHH',
    /did you mean ETH/,
  ],
  ['a reason', '    reason: because\n', '', -3, 'rules[0].reason', /reason is missing/],
  ['a source', '    source: { title: another }\n', '', -4, 'rules[1].source', /source is missing/],
  ['a url', 'https://', 'http://', 0, 'rules[0].source.url', /https/],
  ['a condition twice', '      hops: 3', '      hops: 3\n      hops: 4', 1, '', /twice/],
  [
    'no threshold',
    '      share: 0.25\n      hops: 3\n      amount: { ETH: 0.5, other: 10 }\n      cumulative:\n        days: 30\n        amount: { ETH: 0.5, other: 1 }\n',
    '',
    -3,
    'rules[1].when',
    /small payment/,
  ],
  [
    'a sum above the single amount',
    '{ ETH: 0.5, other: 1 }',
    '{ ETH: 0.6, other: 1 }',
    0,
    'rules[1].when.cumulative.amount.ETH',
    /pass under/,
  ],
  [
    'a sum that leaves one out',
    '{ ETH: 0.5, other: 1 }',
    '{ ETH: 0.5 }',
    0,
    'rules[1].when.cumulative.amount',
    /pass under/,
  ],
  [
    'a sum above the single amount of the rest',
    '{ ETH: 0.5, other: 1 }',
    '{ ETH: 0.5, other: 1, TRX: 11 }',
    0,
    'rules[1].when.cumulative.amount.TRX',
    /pass under/,
  ],
  ['hops of a direct rule', 'programme: [DPRK]', 'hops: 2', 0, 'rules[0].when.hops', /indirect/],
  ['a programme of an indirect rule', 'hops: 3', 'programme: DPRK', 0, 'rules[1].when.programme', /direct/],
  ['a window', 'days: 30', 'days: 401', 0, 'rules[1].when.cumulative.days', /400/],
];

for (const [what, from, to, below, field, said] of TYPOS) {
  test(`a typo in ${what} is named with its line and field`, () => {
    assert.ok(SOUND.includes(from));
    const line = SOUND.slice(0, SOUND.indexOf(from)).split('\n').length + below;
    const fault = faultOf(SOUND.replace(from, to));
    assert.deepEqual({ line: fault.context.line, field: fault.context.field ?? '' }, { line, field });
    assert.match(`${fault.message}; ${fault.remedy}`, said);
  });
}

test('what is no file of rules is refused: not YAML, a list, empty, aliases, too large, too many rules, no condition', () => {
  const rule = (id: number): string =>
    SOUND.slice(SOUND.indexOf('  - id: one'), SOUND.indexOf('  - id: two')).replace('id: one', `id: r${id}`);
  assert.match(faultOf('name: [').message, /not YAML/);
  assert.match(faultOf('['.repeat(100_000)).message, /nested deeper/);
  faultOf('- a\n- b\n');
  faultOf('');
  faultOf('name: x\nrules: []\n');
  assert.match(faultOf('name: &a x\nrules: [*a, *a]\n').message, /aliases/);
  assert.match(faultOf(`name: ${'x'.repeat(1_000_001)}`).message, /1 MB/);
  const many = Array.from({ length: 1001 }, (_, id) => rule(id)).join('');
  faultOf(`name: x\nrules:\n${many}`);
  assert.match(
    faultOf(SOUND.replace(/ {4}when:\n {6}link: direct\n.*\n.*\n/, '    when: {}\n')).message,
    /no condition/,
  );
});

test('any text at all gives a rule set or E_RULES', () => {
  const cut = fc.record({
    from: fc.nat(SOUND.length),
    length: fc.nat(12),
    put: fc.string({ unit: 'binary', maxLength: 6 }),
  });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        cut.map(({ from, length, put }) => SOUND.slice(0, from) + put + SOUND.slice(from + length)),
      ),
      (text) => {
        try {
          readRules(text, 'any.yaml');
        } catch (error) {
          assert.ok(error instanceof HaetaeError && error.code === 'E_RULES', String(error));
        }
      },
    ),
    { numRuns: 1500 },
  );
});

test('the default rules load; each has a source with a link, and only sure findings block', async () => {
  const set = readRules(await readDefaultRules(), 'default.yaml');
  assert.ok(set.rules.length >= 20);
  for (const rule of set.rules) assert.ok(rule.source.url, rule.id);
  const blocking = set.rules.filter(({ decision }) => decision === 'block').map(({ id }) => id);
  assert.deepEqual(blocking, ['sanctioned', 'sanctioned-one-payment', 'stolen-held', 'stolen']);
});

test('the JSON Schema names every condition', () => {
  const schema = JSON.stringify(ruleFileJsonSchema());
  for (const word of ['category', 'hops', 'ageDays', 'cumulative', 'segment', 'signature', 'https://json-schema.org']) {
    assert.ok(schema.includes(word), word);
  }
});
