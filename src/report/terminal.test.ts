import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { displayWidth } from '../base/visible-text.ts';
import type { MethodResult, TraceResult } from '../trace/result.ts';
import { randomSample, sampleTrace } from './sample.ts';
import { summaryText } from './terminal.ts';

const { result } = sampleTrace(randomSample(400, 5));
const plain = { width: 80, color: false };

function withHaircut(change: Partial<MethodResult>): TraceResult {
  return { ...result, methods: { haircut: { ...result.methods.haircut!, ...change } } };
}

suite('the summary on a terminal', () => {
  test('fits 80 columns and is plain ASCII but for dashes', () => {
    for (const width of [0, 40, 80, 120, 300]) {
      const text = summaryText(result, { width, color: false });
      for (const line of text.split('\n')) assert.ok(displayWidth(line) <= Math.max(80, Math.min(width, 120)), line);
      assert.match(text, /^[ -~–\n]*$/);
      assert.ok(text.endsWith('\n'));
    }
  });

  test('amounts as large as a chain can carry, without decimals, still fit', () => {
    const most = String(2n ** 256n - 1n);
    const { theft } = result;
    const wide = withHaircut({ stolen: most, buckets: { held: most } });
    const text = summaryText({ ...wide, theft: { ...theft, stolen: most, decimals: null } }, plain);
    assert.ok(text.includes(BigInt(most).toLocaleString('en')));
  });

  test('names from outside cannot move the cursor, change colours or hide', () => {
    const service = { ...result.methods.haircut!.services[0]!, name: '\u001b[2J\u202eA\r\n!! x' };
    const evil = { ...withHaircut({ services: [service] }), case: 'x\u0007' };
    const text = summaryText({ ...evil, context: { ...result.context, warnings: ['a\u001b[31mb'] } }, plain);
    assert.doesNotMatch(text, /[^ -~–\n]/);
    assert.match(text, /<U\+001B>\[2J<U\+202E>A<U\+000D><U\+000A>!! x/);
    assert.match(text, /a<U\+001B>\[31mb/);
  });

  test('services to call first: those that can be asked, then the rest, each by amount', () => {
    const text = summaryText(result, plain);
    const names = ['Alpha Exchange', 'Beta OTC', 'Whirl 100', 'Far Bridge'];
    const places = names.map((name) => text.indexOf(name));
    assert.ok(places.every((at) => at > 0));
    assert.ok(Math.max(places[0]!, places[1]!) < Math.min(places[2]!, places[3]!));
    assert.match(text, /other methods: [\d.]+ % to [\d.]+ %/);
  });

  test('the loud lines: simulated first and last, and buckets that do not sum', () => {
    const text = summaryText(result, plain);
    assert.match(text, /^!{80}\n!! SIMULATED/);
    assert.match(text, /!! SIMULATED[^\n]*\n!{80}\n$/);
    const real = summaryText({ ...result, context: { ...result.context, simulated: false } }, plain);
    assert.doesNotMatch(real, /SIMULATED/);
    const { buckets } = result.methods.haircut!;
    assert.match(summaryText(withHaircut({ buckets: { ...buckets, fee: '1' } }), plain), /!! The buckets sum to/);
  });

  test('methods that say the same of the buckets share one table', () => {
    const { haircut } = result.methods;
    const text = summaryText({ ...result, methods: { fifo: haircut!, haircut: haircut! } }, plain);
    assert.match(text, /^haircut \(version 1\), fifo \(version 1\)$/m);
    assert.match(text, /All methods give the same buckets/);
  });

  test('colour is escape codes only: without them the text is the same', () => {
    const colored = summaryText(result, { width: 80, color: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the codes are what is looked for
    const bare = colored.replace(/\u001b\[[0-9;]+m/g, '');
    assert.notEqual(bare, colored);
    assert.equal(bare, summaryText(result, plain));
  });

  test('signatures, shortages, warnings and further thefts are printed', () => {
    const [place] = result.methods.haircut!.places;
    const { chain, address, asset } = place!;
    const shortage = {
      chain,
      address,
      asset,
      time: '2023-11-15T00:00:00Z',
      amount: '1',
      sourceFile: 'f',
      sourceRow: 1,
    };
    const time = '2023-11-15T00:00:00Z';
    const signature = { id: 'S12', name: 'commingling', summary: 'two thefts meet', addresses: [address] };
    const context = {
      ...result.context,
      warnings: ['3 exact duplicate rows were dropped.'],
      signatures: [{ ...signature, firstTime: time, lastTime: time, evidence: {} }],
    };
    const first = withHaircut({ shortages: [shortage] });
    const text = summaryText({ ...first, context, furtherThefts: [{ theft: result.theft, methods: {} }] }, plain);
    for (const part of ['S12 commingling', 'SHORTAGES', '3 exact duplicate', 'THEFT 2 OF 2'])
      assert.ok(text.includes(part));
  });
});
