import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, afterEach, before, suite, test } from 'node:test';
import type { Workplace } from '../e2e/_cli.ts';
import { type Anvil, startAnvil, wallet } from './_anvil.ts';
import { Desk, labelService, traceJson } from './_command.ts';
import { corrupted, type NodeProxy, type Path, startProxy } from './_proxy.ts';
import { ETHER, type SmallScript, scriptSmallTheft } from './_theft-script.ts';
import { assertTruth } from './_truth.ts';

const CHAIN = 'eip155:31337';

let anvil: Anvil;
let proxy: NodeProxy;
let script: SmallScript;
const places: Workplace[] = [];

async function begin(): Promise<void> {
  anvil = await startAnvil();
  proxy = await startProxy(anvil.url);
  script = await scriptSmallTheft(anvil, { ether: 30n * ETHER });
  await script.stage.pay(script.thiefWallet, wallet('receiver').address, 7n * ETHER);
  await anvil.mine(3);
}

async function end(): Promise<void> {
  for (const place of places.splice(0)) place.remove();
  await proxy.stop();
  await anvil.stop();
}

function newPlace(): Workplace {
  const place = new Desk();
  places.push(place);
  return place;
}

/** A trace that must be refused with this code; then the same without the trouble must be right in the same store. */
async function refusedThenRight(code: string, trouble: () => void): Promise<string> {
  const work = newPlace();
  await labelService(work, CHAIN, script.service);
  const words = ['trace', script.drain.hash, '--chain', CHAIN, '--source', proxy.url];
  trouble();
  const message = await work.refused(code, ...words);
  assert.match(message, /remedy: /);
  proxy.reset();
  assertTruth(await traceJson(work, ...words.slice(1)), script);
  return message;
}

suite('words that do not fit the chain', () => {
  before(begin);
  after(end);

  test('a hash that is no transaction, and one that is a block', async () => {
    const words = ['--chain', CHAIN, '--source', proxy.url];
    const none = `0x${'ab'.repeat(32)}`;
    assert.match(await newPlace().refused('E_NOT_FOUND', 'trace', none, ...words), new RegExp(none));
    const block = (await anvil.rpc('eth_getBlockByNumber', ['0x1', false])).hash as string;
    await newPlace().refused('E_NOT_FOUND', 'trace', block, ...words);
    await newPlace().refused('E_NOT_FOUND', 'trace', script.drain.hash.slice(0, 40), ...words);
  });

  test('a node of another chain', async () => {
    const words = ['trace', script.drain.hash, '--chain', 'eip155:1', '--source', proxy.url];
    assert.match(await newPlace().refused('E_SOURCE_CHAIN', ...words), /eip155:1\b.*31337|31337.*eip155:1\b/s);
  });

  test('an address of another chain, and an address with a wrong checksum', async () => {
    const words = ['--chain', CHAIN, '--source', proxy.url, '--since', '1'];
    for (const address of [
      '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa',
      'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t',
      // The last letter is small in the address whose checksum holds.
      '0xde0B295669a9FD93d5F28D9Ec85E40f4cb697BAE',
    ]) {
      const { code, err } = await newPlace().run('trace', address, ...words);
      assert.notEqual(code, 0, address);
      assert.match(err, /^E_(NOT_FOUND|ADDRESS): /m);
    }
  });

  test('a transaction that moved nothing to anybody, and one that failed', async () => {
    const { stage } = script;
    const empty = await stage.pay(6, wallet('nobody').address, 0n);
    const refuser = await stage.deploy('Refuser');
    const failed = await stage.act({ send: { from: 6, to: refuser, value: ETHER }, fails: true });
    for (const hash of [empty.hash, failed.hash]) {
      const words = ['trace', hash, '--chain', CHAIN, '--source', proxy.url];
      assert.match(await newPlace().refused('E_SEED', ...words), /nobody gained/);
    }
  });

  test('endpoints that are none', async () => {
    for (const source of ['ftp://127.0.0.1/', 'not a url', 'file:///etc/passwd', '127.0.0.1:8545']) {
      await newPlace().refused('E_SOURCE', 'trace', script.drain.hash, '--chain', CHAIN, '--source', source);
    }
    const work = newPlace();
    writeFileSync(work.path('sources.yaml'), `- chain: ${CHAIN}\n  url: http://127.0.0.1:1/\n  keyy: secret\n`);
    const words = ['trace', script.drain.hash, '--chain', CHAIN, '--sources', work.path('sources.yaml')];
    assert.match(await work.refused('E_SOURCE', ...words), /keyy|sources\.yaml/);
  });
});

suite('a node that behaves badly', () => {
  before(begin);
  afterEach(() => proxy.reset());
  after(end);

  test('answers cut in half, every time', async () => {
    await refusedThenRight('E_SOURCE_(ANSWER|UNREACHABLE)', () => {
      proxy.trouble = (_, calls) => (calls.some((call) => /Receipt/.test(call.method)) ? { kind: 'half' } : null);
    });
  });

  test('never in service', async () => {
    await refusedThenRight('E_SOURCE_(UNREACHABLE|LIMIT)', () => {
      proxy.trouble = (request) => (request > 6 ? { kind: 'status', status: 503 } : null);
    });
  });

  test('too much asked, for an hour', async () => {
    const message = await refusedThenRight('E_SOURCE_LIMIT', () => {
      proxy.trouble = (request) =>
        request > 6 ? { kind: 'status', status: 429, headers: { 'retry-after': '3600' } } : null;
    });
    assert.match(message, /3600|hour|later/i);
  });

  test('it lags behind what the store has read from it before, or goes back in time', async () => {
    const work = newPlace();
    await labelService(work, CHAIN, script.service);
    const words = ['trace', script.drain.hash, '--chain', CHAIN, '--source', proxy.url];
    assertTruth(await traceJson(work, ...words.slice(1)), script);
    const behind = `0x${(script.drain.block - 1n).toString(16)}`;
    const old = await anvil.rpc('eth_getBlockByNumber', [behind, false]);
    proxy.tamper = ({ method, params }, result) => {
      if (method === 'eth_blockNumber') return behind;
      if (method === 'eth_getBlockByNumber' && params[0] === 'latest') return old;
      const above =
        typeof params[0] === 'string' && /^0x[0-9a-f]{1,8}$/.test(params[0]) && BigInt(params[0]) > BigInt(behind);
      return above || method === 'eth_getTransactionByHash' ? null : result;
    };
    const { code, err } = await work.run(...words);
    assert.notEqual(code, 0);
    assert.match(err, /^E_(SOURCE_BEHIND|NOT_FOUND): /m);
    proxy.reset();
    assertTruth(await traceJson(work, ...words.slice(1)), script);
  });

  test('one field that is not what the hash says: refused by block and field, and nothing of it is kept', async () => {
    const samples: readonly [RegExp, Path, RegExp][] = [
      [/eth_getBlockByNumber/, ['transactions', 0, 'value'], /value|transactionsRoot|hash/],
      [/eth_getBlockByNumber/, ['stateRoot'], /stateRoot|hash/],
      [/eth_getBlockReceipts/, [0, 'cumulativeGasUsed'], /receiptsRoot|cumulativeGasUsed|gasUsed/],
      [/trace_block/, [1, 'action', 'value'], /value|balance|trace/],
    ];
    const number = `0x${script.drain.block.toString(16)}`;
    const { hash } = await anvil.rpc('eth_getBlockByNumber', [number, false]);
    for (const [method, path, field] of samples) {
      const message = await refusedThenRight('E_SOURCE_(LIES|ANSWER)', () => {
        proxy.tamper = (call, result) => {
          const wanted = method.test(call.method) && [number, hash].includes(call.params[0]);
          return wanted ? (corrupted(result, path) ?? result) : result;
        };
      });
      assert.match(message, new RegExp(`block=${script.drain.block}\\b`), path.join('.'));
      assert.match(message, new RegExp(`field=\\S*(${field.source})`), path.join('.'));
    }
  });
});
