import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import type { TraceResult } from '../../src/trace/result.ts';
import { Workplace } from '../e2e/_cli.ts';
import { type Anvil, startAnvil } from './_anvil.ts';
import { Desk, filesWith, findings, labelService, traceJson } from './_command.ts';
import { type NodeProxy, startProxy } from './_proxy.ts';
import { arrivalsAt } from './_stage.ts';
import { ETHER, type ScriptedTheft, scriptTheft } from './_theft-script.ts';
import { assertTruth, theftsOf } from './_truth.ts';

const CHAIN = 'eip155:31337';
const KEY = 's3cretKeyOfTheEndpoint';
/** What must be asked to read a block. */
const READS = /eth_getBlockReceipts|eth_getTransactionReceipt|trace_block|debug_traceBlock|eth_getLogs/;

let anvil: Anvil;
let proxy: NodeProxy;
let script: ScriptedTheft;
let result: TraceResult;
let source: string;
const work = new Workplace();
/** The same store, in this process. */
const desk = new Desk(work);

suite('a theft on a living EVM chain, from its hash alone', () => {
  before(async () => {
    anvil = await startAnvil();
    proxy = await startProxy(anvil.url);
    script = await scriptTheft(anvil);
    source = `${proxy.url}/v3/${KEY}?apikey=${KEY}`;
    await labelService(work, CHAIN, script.service);
  });

  test('every method puts every unit where the script put it', async () => {
    result = await traceJson(
      work,
      script.drain.hash,
      '--chain',
      CHAIN,
      '--source',
      source,
      '--theft-out',
      work.path('theft.yaml'),
    );
    assert.equal(theftsOf(result).length, 3, 'one theft an asset');
    assertTruth(result, script);
    assert.ok(theftsOf(result).every((theft) => theft.methods.poison!.buckets === null));
  });

  test('the theft file drawn up from the transaction is one that can be read, and gives the same', async () => {
    const text = readFileSync(work.path('theft.yaml'), 'utf8');
    assert.ok(text.includes(script.thief) && text.includes(script.drain.hash));
    assert.deepEqual(findings(await traceJson(desk, work.path('theft.yaml'))), findings(result));
  });

  test('the same command again reads nothing again', async () => {
    const first = proxy.count(READS);
    assert.ok(first > 0);
    proxy.reset();
    const again = await traceJson(desk, script.drain.hash, '--chain', CHAIN, '--source', source);
    assert.deepEqual(findings(again), findings(result));
    // The block of the theft may be read to draw up the theft: receipts and traces.
    assert.ok(proxy.count(READS) <= 2, JSON.stringify([...proxy.calls]));
    proxy.reset();
    await traceJson(desk, work.path('theft.yaml'), '--source', source);
    assert.equal(proxy.count(READS), 0, JSON.stringify([...proxy.calls]));
  });

  test('the store alone gives the same, and so does the thief named beside the transaction', async () => {
    const stored = [script.drain.hash, '--chain', CHAIN];
    assert.deepEqual(findings(await traceJson(desk, ...stored)), findings(result));
    const since = ['--since', script.drain.block.toString(), '--chain', CHAIN, '--source', source];
    const stolen = async (...words: string[]): Promise<unknown> =>
      theftsOf(await traceJson(desk, ...words, ...since)).map(({ theft }) => theft.stolen);
    assert.deepEqual(await stolen(script.drain.hash, script.thief), await stolen(script.thief));
  });

  test('what happened since is read, and nothing else', async () => {
    proxy.reset();
    const { stage, wallets, service } = script;
    await stage.pay(wallets[5]!, service, 3n * ETHER);
    await stage.pay(2, stage.addressOf(3), ETHER);
    const later = await traceJson(desk, script.drain.hash, '--chain', CHAIN, '--source', source);
    assertTruth(later, script);
    // Two new blocks, the block of the theft, receipts and traces each; a gap of one block is no reason to read more.
    assert.ok(proxy.count(READS) <= 8, JSON.stringify([...proxy.calls]));
    result = later;
  });

  test('an address and a block in place of a hash: everything that came to it from then on', async () => {
    const other = new Desk();
    try {
      await labelService(other, CHAIN, script.service);
      const since = ['--since', script.drain.block.toString()];
      const found = await traceJson(other, script.thief, '--chain', CHAIN, '--source', proxy.url, ...since);
      assertTruth(found, script, arrivalsAt(script.stage, script.thief, script.drain.block));
    } finally {
      other.remove();
    }
  });

  test('an endpoint that pushes new heads (WebSocket) gives the same', async () => {
    const other = new Desk();
    try {
      await labelService(other, CHAIN, script.service);
      const pushed = await traceJson(other, script.drain.hash, '--chain', CHAIN, '--source', anvil.wsUrl);
      assert.deepEqual(findings(pushed), findings(result));
    } finally {
      other.remove();
    }
  });
});

suite('a theft on a living EVM chain: what may not be seen', () => {
  after(async () => {
    await proxy.stop();
    await anvil.stop();
    desk.remove();
    work.remove();
  });

  test('the key of an endpoint is in no output, no case, no bundle and no store', async () => {
    assert.ok(!JSON.stringify(result).includes(KEY));
    const plain = await work.run('trace', script.drain.hash, '--chain', CHAIN, '--source', source);
    assert.equal(plain.code, 0, plain.err);
    assert.ok(!`${plain.out}${plain.err}`.includes(KEY));
    mkdirSync(work.path('out'));
    await desk.ok('case', 'export', result.case, '--out', work.path('out', 'bundle'));
    await desk.ok('case', 'report', result.case, '--out', work.path('out', 'report.html'));
    assert.match(await desk.ok('verify', work.path('out', 'bundle')), /^OK /);
    assert.deepEqual(filesWith(work.folder, KEY), []);
  });

  test('nor in an error, whatever goes wrong', async () => {
    const words = ['trace', script.drain.hash, '--chain', CHAIN, '--source', source];
    proxy.trouble = () => ({ kind: 'status', status: 401 });
    const denied = await desk.run(...words);
    proxy.trouble = null;
    proxy.tamper = () => ({ an: 'answer of another interface' });
    const strange = await desk.run(...words);
    proxy.tamper = null;
    const nowhere = await work.run(...words.slice(0, -1), `http://user:${KEY}@127.0.0.1:1/${KEY}?key=${KEY}`);
    for (const { code, out, err } of [denied, strange, nowhere]) {
      assert.notEqual(code, 0);
      assert.match(err, /^E_SOURCE/m);
      assert.match(err, /remedy: /);
      assert.ok(!`${out}${err}`.includes(KEY), err);
    }
  });
});
