import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { MethodResult, TouchedRow, TraceResult } from '../trace/result.ts';
import { reportChunks, reportHtml } from './html.ts';
import { randomSample, sampleTrace } from './sample.ts';

const { result, touched } = sampleTrace(randomSample(400, 5));
const page = reportHtml(result, touched);

/** The sample with everything that a report can print filled in. */
function fullResult(): { result: TraceResult; touched: TouchedRow[] } {
  const haircut = result.methods.haircut!;
  const place = { ...haircut.places[0]!, label: 'a label', category: 'scam', outpoint: `${'ab'.repeat(32)}:1` };
  const { chain, address, asset } = place;
  const shortage = {
    chain,
    address,
    asset,
    time: '2023-11-15T00:00:00Z',
    amount: '12',
    sourceFile: 'f.csv',
    sourceRow: 3,
  };
  const poison: MethodResult = {
    ...haircut,
    buckets: null,
    places: [{ ...place, amount: '0', sourceUnits: '0' }],
    services: [],
  };
  const methods = {
    haircut: {
      ...haircut,
      places: [place, ...haircut.places.slice(1)],
      shortages: [shortage],
      notes: { ambiguousSwap: 2 },
    },
    unheard: haircut,
    poison,
  };
  const time = '2023-11-15T00:00:00Z';
  const signature = {
    id: 'S3',
    name: 'fan-out',
    summary: 'seen',
    addresses: ['a', 'b', 'c', 'd'],
    firstTime: time,
    lastTime: time,
  };
  const context = {
    ...result.context,
    warnings: ['beware'],
    signatures: [{ ...signature, evidence: { outputs: '7' } }],
  };
  const second = { theft: { ...result.theft, id: 'second', title: 'second theft' }, methods: { haircut } };
  const rows = touched.filter((row) => row.method === 'haircut');
  return { result: { ...result, methods, context, furtherThefts: [second] }, touched: rows };
}

/** Names of the tags in order: what a browser would build. */
function tagsOf(markup: string): string[] {
  return [...markup.matchAll(/<(\/?[a-zA-Z!][^\s/>]*)/g)].map((match) => match[1]!);
}

suite('the HTML report', () => {
  test('needs no network and runs nothing', () => {
    assert.ok(
      page.includes(
        `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">`,
      ),
    );
    assert.doesNotMatch(page, /<script|<link|<img|<iframe|<object|<embed|<form|\son[a-z]+=|javascript:|@import/i);
    const fetched = [...page.matchAll(/(?:src|href|xlink:href)="([^"]*)"|url\(([^)]*)\)/g)].map((m) => m[1] ?? m[2]!);
    assert.ok(fetched.length > 5);
    assert.deepEqual(
      fetched.filter((target) => !target.startsWith('#')),
      [],
    );
  });

  test('is whole: every tag is closed in order, every id is unique, every reference resolves', () => {
    const full = fullResult();
    for (const markup of [page, reportHtml(full.result, full.touched)]) {
      const open: string[] = [];
      const empty = new Set(['meta', 'input', 'br', '!doctype']);
      for (const [tag, slash, name] of markup
        .replace(/<style>[\s\S]*?<\/style>/, '')
        .matchAll(/<(\/?)([a-zA-Z!][^\s/>]*)[^>]*>/g)) {
        if (empty.has(name!) || tag.endsWith('/>')) continue;
        if (slash === '') open.push(name!);
        else assert.equal(open.pop(), name, `${tag} closes`);
      }
      assert.deepEqual(open, []);
      const ids = [...markup.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]!);
      assert.equal(new Set(ids).size, ids.length);
      const uses = [...markup.matchAll(/(?:href="#|url\(#|for="|aria-labelledby=")([^")]+)/g)];
      for (const id of uses.flatMap((match) => match[1]!.split(' '))) assert.ok(ids.includes(id), id);
    }
  });

  test('text from outside stays text, wherever it stands', () => {
    const full = fullResult();
    const evil = `"'><script>alert(1)</script><b onmouseover=x>&\u202e`;
    const quiet = 'Z'.repeat(evil.length);
    const [bad, good] = [evil, quiet].map((text) => {
      const spoilt = spoil({ ...full.result }, text) as TraceResult;
      return reportHtml(
        spoilt,
        full.touched.map((row) => spoil(row, text) as TouchedRow),
      );
    });
    assert.ok(good!.split(quiet).length > 100, 'the text stands in many places');
    assert.deepEqual(tagsOf(bad!), tagsOf(good!));
    assert.doesNotMatch(bad!, /<script|<b onmouseover|\u202e/);
  });
});

suite('what the HTML report holds', () => {
  test('a tab and a picture for every method that conserves, the first one open; tables have headers', () => {
    const radios = [...page.matchAll(/<input type="radio" name="theft-1-method" id="theft-1-([^"]+)"( checked)?/g)];
    assert.deepEqual(
      radios.map((match) => [match[1], match[2] ?? '']),
      [
        ['haircut', ' checked'],
        ['dirty-first', ''],
        ['clean-first', ''],
      ],
    );
    assert.equal(page.split('<svg class="flow" role="img"').length - 1, 3);
    assert.equal(page.split('<table>').length, page.split('<caption>').length);
    assert.doesNotMatch(page, /<th(?! scope=)(?!ead)[\s>]/);
  });

  test('says loudly when it is simulated, and not otherwise', () => {
    assert.match(page, /<p class="simulated" role="alert">SIMULATED/);
    const real = reportHtml({ ...result, context: { ...result.context, simulated: false } }, touched);
    assert.doesNotMatch(real, /class="simulated"/);
  });

  test('every place is in the file, with all its digits', () => {
    const { places } = result.methods.haircut!;
    assert.ok(places.length > 25);
    for (const place of places) assert.ok(page.includes(place.address));
    const plain = page.replace(/<[^>]+>|,/g, '');
    const whole = (units: string): string =>
      units
        .padStart(19, '0')
        .replace(/(.{18})$/, '.$1')
        .replace(/\.?0+$/, '');
    for (const place of places.slice(0, 50)) assert.ok(plain.includes(whole(place.sourceUnits)), place.sourceUnits);
  });

  test('buckets that do not sum to what was stolen raise an alarm', () => {
    const haircut = result.methods.haircut!;
    const wrong = { ...haircut, buckets: { ...haircut.buckets, fee: '1' } };
    assert.match(reportHtml({ ...result, methods: { haircut: wrong } }, touched), /class="alarm"/);
    assert.doesNotMatch(page, /class="alarm"/);
  });

  test('a trace that found nothing, one without decimals, and one of poison alone are reports too', () => {
    const haircut: MethodResult = {
      ...result.methods.haircut!,
      places: [],
      services: [],
      buckets: { held: '0' },
      touched: 0,
    };
    const context = { ...result.context, dataFrom: null, dataUntil: null, assets: {} };
    const none = reportHtml({ ...result, methods: { haircut }, context }, []);
    assert.match(none, /No transfer carried any of it/);
    const bare = reportHtml({ ...result, theft: { ...result.theft, decimals: null } }, touched);
    assert.match(bare, /base units of dETH/);
    const poison = { ...haircut, buckets: null };
    assert.match(reportHtml({ ...result, methods: { poison } }, []), /Poison has no amounts/);
    assert.ok(reportHtml({ ...result, methods: {} }, []).endsWith('</html>\n'));
  });

  test('the same arguments give the same bytes, whole or in pieces', () => {
    assert.equal(reportHtml(result, touched), page);
    assert.equal([...reportChunks(result, touched)].join(''), page);
  });
});

const OWN_WORDS = new Set(['stop', 'bucket', 'kind', 'meeting', 'method', 'theft', 'id']);

/** Appends `text` to every string that comes from outside; numbers written as text and our own words stay. */
function spoil(value: unknown, text: string, key = ''): unknown {
  if (typeof value === 'string') return OWN_WORDS.has(key) || /^\d+$/.test(value) ? value : value + text;
  if (Array.isArray(value)) return value.map((entry) => spoil(entry, text, key));
  if (typeof value !== 'object' || value === null) return value;
  const open = key === 'methods' || key === 'assets' || key === 'options' || key === 'evidence' || key === 'notes';
  const entries = Object.entries(value).map(([name, entry]) => {
    const spoilt = open && name !== 'poison' ? name + text : name;
    return [spoilt, name === 'theft' && typeof entry === 'string' ? entry : spoil(entry, text, name)];
  });
  return Object.fromEntries(entries);
}
