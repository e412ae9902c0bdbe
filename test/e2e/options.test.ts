import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import type { MethodResult, TraceResult } from '../../src/trace/result.ts';
import { Workplace } from './_cli.ts';

const NATIVE = 'eip155:1/slip44:60';
const address = (digit: number): string => `0x${String(digit).repeat(40)}`;

/** 100 units land at 1 and go 1 → 2 → 3 → 4 whole, a day apart; 3 also pays 10 to 5, and 5 passes them to 6. */
const ROWS = [
  [1, 2, 100, 1],
  [2, 3, 100, 2],
  [3, 5, 10, 3],
  [5, 6, 10, 4],
  [3, 4, 90, 5],
].map(([from, to, amount, day]) => {
  const time = 1_700_000_000 + day! * 86_400;
  return `eip155:1,${time},${100 + day!},0,1,,transfer,${address(from!)},${address(to!)},${NATIVE},${amount}`;
});

suite('what a user may set for a trace', () => {
  const work = new Workplace();
  after(() => work.remove());

  before(async () => {
    writeFileSync(
      work.path('rows.csv'),
      `chain,time,block,tx_index,leg,tx,kind,from,to,asset,amount\n${ROWS.join('\n')}\n`,
    );
    const seed = `{ kind: credit, address: "${address(1)}", baseUnits: "100", time: 1700000000 }`;
    writeFileSync(work.path('theft.yaml'), `title: t\nthefts:\n  - { id: t, chain: ethereum, seeds: [${seed}] }\n`);
    await work.ok('import', 'transfers', work.path('rows.csv'), '--preset', 'haetae');
  });

  async function fifo(...words: string[]): Promise<{ method: MethodResult; held: Record<string, string> }> {
    const json = await work.ok('trace', work.path('theft.yaml'), '--method', 'fifo', '--json', ...words);
    const method = (JSON.parse(json) as TraceResult).methods.fifo!;
    return { method, held: Object.fromEntries(method.places.map((place) => [place.address[2]!, place.amount])) };
  }

  test('without options the money is followed to its end', async () => {
    assert.deepEqual((await fifo()).held, { 4: '90', 6: '10' });
  });

  test('--max-hops N follows N movements', async () => {
    assert.deepEqual((await fifo('--max-hops', '1')).held, { 2: '100' });
    assert.deepEqual((await fifo('--max-hops', '3')).held, { 4: '90', 5: '10' });
  });

  test('--until leaves the money where it was', async () => {
    const noon = new Date((1_700_000_000 + 3.5 * 86_400) * 1000).toISOString();
    assert.deepEqual((await fifo('--until', noon)).held, { 3: '90', 5: '10' });
  });

  test('--min-amount drops small parcels into their bucket', async () => {
    const { method, held } = await fifo('--min-amount', '0.00000000000000002');
    assert.deepEqual(held, { 4: '90' });
    assert.equal(method.buckets?.belowThreshold, '10');
  });

  test('--stop ADDRESS absorbs, and its service says which transfers', async () => {
    const { method, held } = await fifo('--stop', address(5));
    assert.deepEqual(held, { 4: '90' });
    assert.equal(method.buckets?.absorbed, '10');
    assert.deepEqual(
      method.services.map((service) => [service.address, service.sourceUnits, service.transfers[0]?.sourceRow]),
      [[address(5), '10', 3]],
    );
  });

  test('--max-transfers refuses a trace that would read more, with what to do', async () => {
    const words = ['trace', work.path('theft.yaml'), '--max-transfers', '3'];
    assert.match(await work.refused('E_TRACE_TOO_LARGE', ...words), /--stop/);
  });

  test('--max-counterparties makes a busy address a suspected service', async () => {
    const { method } = await fifo('--max-counterparties', '2');
    assert.deepEqual(
      method.services.map((service) => [service.address, service.category, service.stop, service.recoverable]),
      [[address(3), 'suspected', 'suspectedService', true]],
    );
  });
});

suite('what a file from outside may try', () => {
  const work = new Workplace();
  after(() => work.remove());

  test('terminal escapes in titles, headers and keys are shown, never sent', async () => {
    const clear = '\u001b[2J';
    writeFileSync(work.path('esc.csv'), `chain${clear},time\n1,2\n`);
    const refused = await work.run('import', 'transfers', work.path('esc.csv'), '--preset', 'haetae');
    assert.ok(!refused.err.includes('\u001b'));
    const seed = `{ kind: credit, address: "${address(1)}", baseUnits: "1", time: 1700000000 }`;
    writeFileSync(
      work.path('t.yaml'),
      `title: "a\\e[2Jb"\nthefts:\n  - { id: t, chain: ethereum, seeds: [${seed}] }\n`,
    );
    await work.ok('trace', work.path('t.yaml'));
    const listed = await work.ok('case', 'list');
    assert.ok(!listed.includes('\u001b'));
    assert.match(listed, /<U\+001B>/);
  });

  test('rows of different blocks under one reference are not one transaction', async () => {
    const rows = [
      [9, 1, 1000, 0],
      [1, 2, 7, 60],
      [1, 3, 1000, 120],
    ].map(([from, to, amount, after], index) => {
      const key = `${1_700_000_000 + after!},${100 + index},0,1,0x${'5a'.repeat(32)},transfer`;
      return `eip155:1,${key},${address(from!)},${address(to!)},${NATIVE},${amount}`;
    });
    const header = 'chain,time,block,tx_index,leg,tx,kind,from,to,asset,amount';
    writeFileSync(work.path('same.csv'), `${header}\n${rows.join('\n')}\n`);
    await work.ok('import', 'transfers', work.path('same.csv'), '--preset', 'haetae');
    const seed = `{ kind: credit, address: "${address(1)}", baseUnits: "5", time: 1700000030 }`;
    writeFileSync(work.path('five.yaml'), `title: t\nthefts:\n  - { id: t, chain: ethereum, seeds: [${seed}] }\n`);
    const json = await work.ok('trace', work.path('five.yaml'), '--method', 'dirty-first', '--json');
    const { places, shortages } = (JSON.parse(json) as TraceResult).methods['dirty-first']!;
    // 1 holds 1000 clean and 5 stolen when it pays 7: all five go to 2.
    assert.deepEqual(
      places.map((place) => [place.address, place.amount]),
      [[address(2), '5']],
    );
    assert.deepEqual(
      shortages.map((shortage) => shortage.amount),
      ['2'],
    );
  });

  test('one file read in two ways is refused, because its money would count twice', async () => {
    writeFileSync(work.path('m.csv'), `when,a,b,v\n2023-11-14,${address(1)},${address(2)},5\n`);
    const map = (name: string): string =>
      `name: ${name}\nchain: ethereum\nasset: native\nunit: base\norder: row\ncolumns: { time: when, from: a, to: b, amount: v }\n`;
    writeFileSync(work.path('m1.yaml'), map('one'));
    writeFileSync(work.path('m2.yaml'), map('two'));
    await work.ok('import', 'transfers', work.path('m.csv'), '--map', work.path('m1.yaml'));
    await work.refused('E_ALREADY_IMPORTED', 'import', 'transfers', work.path('m.csv'), '--map', work.path('m2.yaml'));
    await work.refused('E_ADDRESS', 'label', `${address(1).slice(0, -1)}`);
  });
});
