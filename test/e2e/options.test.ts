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
