import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { MethodResult, TheftResult, TraceResult } from '../../src/trace/result.ts';
import { CONSERVING, datasetPath, ROOT, Workplace } from './_cli.ts';

const ETHER = 10n ** 18n;
const data = datasetPath('ronin');

/** Printed by the exploiter's own rows: README of the data set. */
const EXPLOITER = '0x098b716b8aaf21512996dc57eb0615e2383e2f96';

function sum(values: Iterable<string>): bigint {
  let total = 0n;
  for (const value of values) total += BigInt(value);
  return total;
}

function conserved(method: MethodResult, stolen: bigint): void {
  assert.equal(method.stolen, stolen.toString());
  assert.equal(sum(Object.values(method.buckets ?? {})), stolen);
  assert.equal(sum(method.places.map((place) => place.sourceUnits)), BigInt(method.buckets?.held ?? -1));
}

const work = new Workplace();
const theftFile = join(ROOT, 'examples', 'ronin.theft.yaml');
let result: TraceResult;

suite('Ronin, from import to case', { skip: data.skip }, () => {
  before(async () => {
    if (data.skip !== false) return;
    const printed = await work.ok('import', 'transfers', join(data.path, 'transfers.csv'), '--preset', 'ronin');
    assert.match(printed, /436 rows read, 436 kept/);
    assert.match(printed, /of value zero: 125/);
    const json = await work.ok('trace', theftFile, '--all', '--json', '--touched', work.path('touched.csv'));
    result = JSON.parse(json) as TraceResult;
  });

  test('every conserving method ends in buckets that sum to 173,600 ETH to the wei, the second leg likewise', () => {
    assert.deepEqual(Object.keys(result.methods).sort(), [...CONSERVING, 'poison'].sort());
    const second = (result.furtherThefts[0] as TheftResult).methods;
    for (const method of CONSERVING) {
      conserved(result.methods[method]!, 173_600n * ETHER);
      // What 0x6656… and 0xe708… pay the exploiter: 300 + 3390 + 1180.14… and 330 + 3364.53… ETH.
      conserved(second[method]!, 8_564_680_189_130_745_900_000n);
    }
    assert.equal(result.methods.poison?.buckets, null);
  });

  test('the listed addresses and those below them appear, at the edge of the data', () => {
    const listed = new Set(
      [...readFileSync(join(data.path, 'ofac-addresses.txt'), 'utf8').matchAll(/x([0-9a-fA-F]{40})/g)].map(
        (match) => `0x${match[1]!.toLowerCase()}`,
      ),
    );
    assert.equal(listed.size, 8);
    const held = new Map(result.methods.haircut!.places.map((place) => [place.address, place]));
    for (const address of listed) assert.ok(held.has(address), address);
    // The receivers below the listed intermediaries, from the rows themselves.
    const rows = readFileSync(join(data.path, 'transfers.csv'), 'utf8').trim().split('\n').slice(1);
    const intermediaries = [...listed].filter((address) => address !== EXPLOITER);
    for (const row of rows) {
      const [, from = '', to = '', amount = ''] = row.split(',');
      if (!intermediaries.includes(`0x${from.slice(2)}`) || Number(amount) === 0) continue;
      assert.ok(held.has(`0x${to.slice(2)}`), `${to} is missing`);
    }
    assert.ok([...held.values()].every((place) => place.edgeOfData));
  });

  test('no place holds more than it ever received, and what the exploiter holds fits its rows', () => {
    // 173,600 seeded + 8,565.90308226759764805 received − 182,163.95603 sent.
    const balance = 173_600n * ETHER + 8_565_903_082_267_597_648_050n - 182_163_956_030_000_000_000_000n;
    for (const method of CONSERVING) {
      const both = [result, ...result.furtherThefts].map(
        (theft) => theft.methods[method]!.places.find((place) => place.address === EXPLOITER)?.amount ?? '0',
      );
      assert.ok(sum(both) <= balance, `${method}: ${both}`);
    }
  });

  test('--touched lists transfers of the file with taint between zero and the amount', () => {
    const [header, ...lines] = readFileSync(work.path('touched.csv'), 'utf8').trim().split('\n');
    assert.equal(header, 'method,source_file,source_row,tx,from,to,asset,amount,tainted');
    assert.ok(lines.length > 100);
    for (const line of lines) {
      const fields = line.split(',');
      assert.equal(fields[1], 'transfers.csv');
      assert.ok(BigInt(fields[8]!) > 0n && BigInt(fields[8]!) <= BigInt(fields[7]!), line);
    }
  });
});

suite('Ronin, from case to report and verified bundle', { skip: data.skip }, () => {
  after(() => work.remove());

  test('the bundle verifies against its digest, and fails by file and byte after any one byte is changed', async () => {
    const printed = await work.ok('case', 'export', result.case, '--out', work.path('bundle'));
    const digest = /digest ([0-9a-f]{64})/.exec(printed)?.[1] ?? '';
    assert.match(await work.ok('verify', work.path('bundle'), '--expect', digest), /^OK /);
    for (const name of readdirSync(work.path('bundle'))) {
      const bytes = readFileSync(work.path('bundle', name));
      if (bytes.length === 0) continue;
      cpSync(work.path('bundle'), work.path('forged'), { recursive: true });
      const at = Math.floor(bytes.length / 2);
      bytes[at]! ^= 1;
      writeFileSync(work.path('forged', name), bytes);
      const message = await work.refused('E_BUNDLE', 'verify', work.path('forged'), '--expect', digest);
      if (name !== 'manifest.json') assert.match(message, new RegExp(`differs at byte ${at}`), name);
    }
    assert.match(await work.refused('E_BUNDLE', 'verify', work.path('bundle'), '--expect', '0'.repeat(64)), /digest/);
  });

  test('the report is one file that asks for nothing from outside', async () => {
    await work.ok('case', 'report', result.case, '--out', work.path('report.html'), '--csv', work.path('csv'));
    const html = readFileSync(work.path('report.html'), 'utf8');
    assert.match(html, /default-src 'none'/);
    assert.match(html, /<svg/);
    assert.doesNotMatch(html, /<(script|link|iframe)\b|src="http|url\(http/i);
    assert.match(html, /173,600|173600/);
    assert.deepEqual(readdirSync(work.path('csv')).sort(), ['places.csv', 'services.csv', 'touched.csv']);
  });

  test('the same trace again gives the same bytes and no second case', async () => {
    const again = await work.ok('trace', theftFile, '--all', '--json');
    assert.deepEqual(JSON.parse(again), result);
    assert.equal((await work.ok('case', 'list')).trim().split('\n').length, 1);
  });
});
