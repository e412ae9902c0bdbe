import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { describeError, HaetaeError } from '../../src/base/errors.ts';
import { requireChain } from '../../src/model/chain.ts';
import type { AccountSource } from '../../src/source/chain-source.ts';
import { parseEndpoint } from '../../src/source/endpoint.ts';
import { openSource } from '../../src/source/open.ts';
import { type Anvil, startAnvil } from './_anvil.ts';
import { Fault, type NodeProxy, startProxy } from './_proxy.ts';

const CHAIN = requireChain('eip155:31337');
const KEY = 'k3y-0f-the-user';
const NATIVE = `${CHAIN.id}/slip44:1`;

let anvil: Anvil;
let first: NodeProxy;
let second: NodeProxy;
let notices: string[] = [];
let sources: AccountSource[] = [];

async function open(...urls: string[]): Promise<AccountSource> {
  const endpoints = urls.map((url) => parseEndpoint(`evm:${url}/${KEY}`, CHAIN, {}));
  const source = (await openSource(endpoints, { onNotice: (text) => notices.push(text) })) as AccountSource;
  sources.push(source);
  return source;
}

async function faultOf(promise: Promise<unknown>): Promise<HaetaeError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof HaetaeError, String(error));
    assert.ok(!`${describeError(error)}${error.stack}`.includes(KEY), 'no key in an error');
    return error;
  }
  throw new Error('no error was thrown');
}

before(async () => {
  anvil = await startAnvil();
  await anvil.transact({ from: 0, to: anvil.accounts[1]!.address, value: 5n });
  await anvil.mine(40);
  first = await startProxy(anvil.url);
  second = await startProxy(anvil.url);
});
async function tidy(): Promise<void> {
  for (const source of sources) await source.close();
  assert.ok(notices.every((text) => !text.includes(KEY)));
  notices = [];
  sources = [];
  first.reset();
  second.reset();
}
after(async () => {
  await first.stop();
  await second.stop();
  await anvil.stop();
});

describe('several endpoints as one source', () => {
  afterEach(tidy);
  test('a dead one is noted once and left alone; the name tells both', async () => {
    const source = await open('http://127.0.0.1:9', first.url);
    assert.equal((await source.head()).number, 41n);
    assert.equal(
      (await source.block(1n)).transfers.some(({ amount }) => amount === 5n),
      true,
    );
    assert.equal(notices.length, 1);
    assert.match(notices[0]!, /^evm 127\.0\.0\.1:9: .*asking the next/);
    assert.match(source.name, /^evm 127\.0\.0\.1:9, evm 127/);
  });

  test('all dead; one of another chain; none', async () => {
    const dead = await faultOf(open('http://127.0.0.1:9', 'http://127.0.0.1:11'));
    assert.equal(dead.code, 'E_SOURCE_UNREACHABLE');
    const here = parseEndpoint(first.url, CHAIN, {});
    const other = await startAnvil({ chainId: 7 });
    const wrong = await faultOf(openSource([here, parseEndpoint(other.url, CHAIN, {})], {}));
    await other.stop();
    assert.equal(wrong.code, 'E_SOURCE_CHAIN');
    assert.equal((await faultOf(open(anvil.url))).code, 'E_SOURCE', 'a path where no node is');
    assert.equal((await faultOf(openSource([], {}))).code, 'E_SOURCE');
  });

  test('one that lies is left, and the next answers', async () => {
    const source = await open(first.url, second.url);
    first.tamper = ({ method }, result) =>
      method === 'eth_getBlockByNumber' ? { ...(result as object), gasUsed: '0x1' } : result;
    const block = await source.block(1n);
    assert.equal(
      block.transfers.some(({ amount }) => amount === 5n),
      true,
    );
    assert.match(notices.join(), /E_SOURCE_LIES/);
    first.calls.clear();
    await source.block(2n);
    assert.equal(first.calls.size, 0, 'a liar rests');
  });

  test('blocks go on with the next at the one that failed', async () => {
    const source = await open(first.url, second.url);
    first.trouble = (_, calls) => {
      const number = calls.find(({ method }) => method === 'eth_getBlockByNumber')?.params[0];
      return typeof number === 'string' && Number(number) >= 15 ? { kind: 'status', status: 502 } : null;
    };
    const numbers: bigint[] = [];
    for await (const { ref } of source.blocks(1n, 41n)) numbers.push(ref.number);
    assert.deepEqual(
      numbers,
      Array.from({ length: 41 }, (_, i) => BigInt(i + 1)),
    );
    assert.ok(first.count(/getBlockByNumber/) > 0 && second.count(/getBlockByNumber/) >= 27);
  });
});

describe('several endpoints: answers that differ', () => {
  afterEach(tidy);
  test('what one cannot tell, the next is asked for: balances one by one', async () => {
    const source = await open(first.url, second.url);
    const pruned = ({ method, params }: { method: string; params: readonly unknown[] }, result: unknown): unknown =>
      method === 'eth_getBalance' && params[0] === anvil.accounts[1]!.address
        ? new Fault(-32000, 'missing trie node 12ab')
        : result;
    first.tamper = pruned;
    const places = [0, 1, 2].map((i) => ({ address: anvil.accounts[i]!.address, asset: NATIVE }));
    const balances = await source.balances(places, 1n);
    assert.deepEqual(balances.slice(1), [10_000n * 10n ** 18n + 5n, 10_000n * 10n ** 18n]);
    assert.equal(second.count(/eth_getBalance/), 1);
    second.tamper = pruned;
    assert.equal((await source.balances(places, 1n))[1], null);
    assert.equal(notices.length, 0);
  });

  test('"no such transaction" is asked of all that are well, and stays that', async () => {
    const source = await open(first.url, second.url, 'http://127.0.0.1:9');
    const fault = await faultOf(source.blockOf(`0x${'1'.repeat(64)}`));
    assert.equal(fault.code, 'E_NOT_FOUND');
    assert.equal(first.count(/getTransactionByHash/) + second.count(/getTransactionByHash/), 2);
  });

  test('a head behind what another endpoint gave before is not believed', async () => {
    const source = await open(first.url, second.url);
    assert.equal((await source.head()).number, 41n);
    const older = await anvil.rpc('eth_getBlockByNumber', ['0x28', false]);
    first.trouble = () => ({ kind: 'refuse' });
    second.tamper = ({ method, params }, result) =>
      method === 'eth_getBlockByNumber' && params[0] === 'latest' ? older : result;
    assert.equal((await faultOf(source.head())).code, 'E_SOURCE_BEHIND');
  });

  test('heads change over to the next endpoint', async () => {
    const source = await open(first.url, second.url);
    const stop = new AbortController();
    const seen: bigint[] = [];
    for await (const { number } of source.heads(stop.signal)) {
      seen.push(number);
      if (seen.length === 2) stop.abort();
      first.trouble = () => ({ kind: 'refuse' });
      await anvil.mine();
    }
    assert.deepEqual(seen, [41n, 42n]);
  });
});
