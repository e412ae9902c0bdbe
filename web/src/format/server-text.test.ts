import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { HaetaeError } from '../../../src/base/errors.ts';
import {
  addressRequest,
  evidenceOf,
  exposureOf,
  factsOf,
  labelOf,
  pathOf,
  signatureOf,
  traceOf,
} from '../../../src/screen/_evidence-fixture.ts';
import { evaluate } from '../../../src/screen/evaluate.ts';
import type { Evidence } from '../../../src/screen/evaluation.ts';
import { missingOf } from '../../../src/screen/exposure-chain.ts';
import type { CounterpartyFacts } from '../../../src/screen/facts.ts';
import { readDefaultRules } from '../../../src/screen/rule-default.ts';
import { readRules } from '../../../src/screen/rule-file.ts';
import { rules as translated } from '../messages/ko/default-rules.ts';
import { serverWords } from '../messages/server.ts';
import { form, type ServerWords, wordsOf } from './server-text.ts';

const { ko, en } = serverWords;
const HANGUL = /[\uac00-\ud7a3]/;
const shipped = readRules(await readDefaultRules(), 'default.yaml');

test('every text of the shipped rules has its words, and no other text has any', () => {
  const texts = new Set([shipped.name, ...shipped.rules.flatMap(({ title, reason }) => [title, reason])]);
  assert.deepEqual([...texts].sort(), Object.keys(translated).sort());
  for (const text of texts) assert.match(wordsOf(ko.rule, text) ?? '', HANGUL, text);
});

test('a title says no more than the English one: whether a limit was reached may not be known', () => {
  const adding = Object.entries(translated).filter(([text]) => text.endsWith('in small shares adds up'));
  assert.equal(adding.length, 2);
  for (const [, words] of adding) assert.doesNotMatch(words, /한도|소액/);
});

test('a rule that was changed is shown as it is written', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(translated)),
      fc.nat(),
      fc.string({ minLength: 1, maxLength: 3 }),
      (text, place, more) => {
        const at = place % (text.length + 1);
        const changed = text.slice(0, at) + more + text.slice(at);
        assert.equal(wordsOf(ko.rule, changed), null);
      },
    ),
  );
  assert.equal(wordsOf(ko.rule, 'constructor'), null);
});

test('English says nothing otherwise, and no text but a known one is told in other words', () => {
  fc.assert(
    fc.property(fc.constantFrom(...(Object.keys(ko) as (keyof ServerWords)[])), fc.string(), (kind, text) => {
      assert.equal(wordsOf(en[kind], text), null);
      // What only begins as a known sentence is another one.
      assert.equal(wordsOf(ko[kind], `${text}\n#`), null);
    }),
  );
});

test('a form takes a whole text and gives its parts, empty where one is not there', () => {
  const phrases = { forms: [form(/^a(\d)?(b)?$/, (...parts) => parts.join('|'))] };
  assert.equal(wordsOf(phrases, 'a1b'), '1|b');
  assert.equal(wordsOf(phrases, 'a'), '|');
  assert.equal(wordsOf(phrases, 'a1bc'), null);
});

test('what could not be looked at: the sentences of faults of the index and its tables', () => {
  const faults = ['the index is behind the store', 'there is no exposure table of this chain'];
  for (const message of faults)
    for (const ofTable of [false, true]) {
      const said = missingOf(new HaetaeError('E_INDEX_STALE', message), ofTable);
      const words = wordsOf(ko.missing, said) ?? '';
      assert.match(words, HANGUL, said);
      assert.ok(words.includes(ofTable ? 'haetae exposure build' : 'haetae index build'), words);
    }
  // One that is not known stays whole: half of it in each language says less.
  assert.equal(wordsOf(ko.missing, missingOf(new HaetaeError('E_INTERNAL', 'a new fault'))), null);
});

/** Every sentence that the shipped rules say of these facts. */
function sentences(facts: Partial<CounterpartyFacts>, more: Partial<Evidence> = {}): readonly string[] {
  const { reasons, tested } = evaluate(shipped, evidenceOf([factsOf(facts)], more));
  return [...reasons, ...tested].map(({ text }) => text);
}

test('what a rule found: the sentences of labels, exposures, traces and signatures, with their values', () => {
  const address = { request: addressRequest() };
  const exposure = exposureOf({ category: 'sanctioned', share: 0.6, hops: 1, path: pathOf(1) });
  const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
    [sentences({ labels: [labelOf()] }), ['Lazarus Group', 'DPRK3', 'ofac-sdn', '2022-04-14', '제재 대상']],
    [sentences({ labels: [labelOf({ caseLost: true, listed: null })] }), ['등재일 미상', '대소문자']],
    [sentences({ labels: [labelOf({ via: '0x9', saidOf: 'bitcoin' })] }), ['0x9', '같은 주체', 'bitcoin']],
    [sentences({ labels: [labelOf({ label: 'a; b (confidence x) lists it, undated' })] }), ['a; b (confidence x)']],
    [sentences({ labels: [labelOf({ listed: '2026-03-01T11:30:00Z' })] }), ['2026-03-01']],
    [sentences({ exposures: [exposure] }), ['Ronin Bridge Exploiter', '직접', 'ETH']],
    [sentences({ exposures: [exposureOf({ category: 'mixer', side: 'sent' })] }, address), ['믹서', '보낸 금액']],
    [sentences({ exposures: [exposureOf({ hops: 3, path: pathOf(3) })] }, address), ['지급 3건을 거쳐', '탈취 자금']],
    [sentences({ traces: [traceOf()] }), ['Theft from a bridge', '2026-02-20', '지급 4건']],
    [sentences({ traces: [traceOf({ simulated: true, role: 'passed', hops: null })] }), ['모의 탈취']],
    [sentences({ signatures: [signatureOf()] }, address), ['S8', '40 peels', '2026-02-27']],
  ];
  for (const [texts, parts] of cases) {
    assert.ok(texts.length > 0);
    for (const text of texts) {
      const words = wordsOf(ko.reason, text);
      assert.ok(words !== null, text);
      for (const part of parts) assert.ok(words.includes(part), `${part} in ${words}`);
      assert.doesNotMatch(words, /undefined|is labelled|of what/);
    }
  }
});

test('why a verdict was looked at again: own labels, news, and several at once', () => {
  const own = 'own label l-1 added: scam, Fake shop; of many';
  const one = wordsOf(ko.cause, own) ?? '';
  assert.ok(
    one.includes('l-1') && one.includes('추가') && one.includes('사기') && one.endsWith('Fake shop; of many'),
    one,
  );
  for (const text of [`${own}, through others`, 'new labels', 'new movements; new blocks or exposures'])
    assert.match(wordsOf(ko.cause, text) ?? '', HANGUL, text);
  assert.equal(wordsOf(ko.cause, 'new labels; something else'), null);
});

test('options of a trace: every name and value; a list with an unknown name stays as it is', () => {
  for (const text of [
    'suspectedServiceAbove',
    '1000 counterparties',
    'exchange, mixer',
    'haircut, fifo',
    'end of data',
  ])
    assert.match(wordsOf(ko.option, text) ?? '', HANGUL, text);
  assert.equal(wordsOf(ko.option, 'exchange, constructor'), null);
});
