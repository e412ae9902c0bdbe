import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { requireChain } from '../../src/model/chain.ts';
import { openBitcoinSource } from '../../src/source/bitcoin/open.ts';
import type { BlockRef, UtxoSource } from '../../src/source/chain-source.ts';
import { makeEndpoint } from '../../src/source/endpoint.ts';
import { type Litecoind, noLitecoind, startLitecoind } from './_litecoind.ts';
import { type Call, Fault, type NodeProxy, startProxy } from './_proxy.ts';

const CHAIN = requireChain('litecoin-regtest');
const PRUNED_DATA = 'Block not available (pruned data)';

interface Stage {
  node: Litecoind;
  proxy: NodeProxy;
  /** Through the proxy. */
  source: UtxoSource;
  /** A payment in block 103. */
  payment: string;
}

const stage = {} as Stage;

function throughProxy(node: Litecoind, proxy: NodeProxy): Promise<UtxoSource> {
  const url = node.url.replace(/@.*$/, `@127.0.0.1:${proxy.port}`);
  return openBitcoinSource(makeEndpoint(CHAIN, 'bitcoin-rpc', url, {}));
}

/** The hex digit at `at` of a text becomes another. */
function changed(hex: unknown, at: number): string {
  const text = String(hex);
  const place = at < 0 ? text.length + at : at;
  return `${text.slice(0, place)}${text[place] === '0' ? '1' : '0'}${text.slice(place + 1)}`;
}

async function refusedAs(field: string, ask: (source: UtxoSource) => Promise<unknown>): Promise<void> {
  // A source of its own: what was read before is kept, and would be believed.
  const source = await throughProxy(stage.node, stage.proxy);
  await assert.rejects(ask(source), (error: { code?: string; context?: Record<string, unknown> }) => {
    assert.equal(error.code, 'E_SOURCE_LIES', String(error));
    assert.equal(error.context?.field, field, String(error));
    return true;
  });
  await source.close();
}

function only(method: string, change: (call: Call, result: unknown) => unknown) {
  return (call: Call, result: unknown): unknown => (call.method === method ? change(call, result) : result);
}

function testLies(): void {
  test('one field of an answer changed at a time: each refused by its name', async () => {
    const { proxy, payment } = stage;
    const raw = (change: (hex: string) => string) =>
      only('getblock', ({ params }, result) => (params[1] === 0 ? change(String(result)) : result));
    const block = (source: UtxoSource) => source.block(103n);
    const cases: [string, NodeProxy['tamper'], (source: UtxoSource) => Promise<unknown>][] = [
      ['hash', raw((hex) => changed(hex, 3)), block],
      ['hash', raw((hex) => changed(hex, 20)), block],
      ['hash', raw((hex) => changed(hex, 100)), block],
      ['hash', raw((hex) => changed(hex, 140)), block],
      ['merkleRoot', raw((hex) => changed(hex, -3)), block],
      ['witnessCommitment', raw((hex) => hex.replace('01200000', '01200001')), block],
      ['transactions', raw((hex) => hex.slice(0, -2)), block],
      ['transactions', raw((hex) => `${hex}00`), block],
      ['transactions', raw((hex) => hex.slice(0, 40)), block],
      [
        'hash',
        only('getblockheader', ({ params }, result) => (params[1] === false ? changed(result, 9) : result)),
        (s) => s.head(),
      ],
      [
        'height',
        only('getblockheader', (_, result) => (typeof result === 'string' ? result : { ...Object(result), height: 5 })),
        (source) => source.blockRef(103n),
      ],
      [
        'txid',
        only('getrawtransaction', ({ params }, result) => (params[1] === false ? changed(result, -1) : result)),
        (s) => s.transaction(payment),
      ],
      [
        'txid',
        only('getrawtransaction', ({ params }, result) => (params[1] === false ? `${result}00` : result)),
        (s) => s.transaction(payment),
      ],
    ];
    for (const [field, tamper, ask] of cases) {
      proxy.tamper = tamper;
      await refusedAs(field, ask);
    }
    proxy.reset();
  });

  test('one block given for another: told by the height in its coinbase, or by its hash', async () => {
    const { node, proxy, payment } = stage;
    const other = await node.rpc<string>('getblockhash', 90);
    proxy.tamper = only('getblockhash', ({ params }, result) => (params[0] === 103 ? other : result));
    await refusedAs('height', (source) => source.block(103n));
    await refusedAs('height', (source) => source.blockRef(103n));
    const otherRaw = await node.rpc<string>('getblock', other, 0);
    proxy.tamper = only('getblock', () => otherRaw);
    await refusedAs('hash', (source) => source.block(103n));
    proxy.tamper = only('getrawtransaction', (_, result) =>
      typeof result === 'string' ? result : { ...Object(result), blockhash: other },
    );
    await refusedAs('blockHash', (source) => source.transaction(payment));
    proxy.reset();
  });

  test('what is not JSON-RPC, and what is no hash, is no answer', async () => {
    const { proxy, source } = stage;
    for (const [method, answer] of [
      ['getbestblockhash', 'x'],
      ['getbestblockhash', null],
      ['getblockheader', {}],
      ['getblockheader', 'zz'],
    ] as const) {
      proxy.tamper = only(method, () => answer);
      await assert.rejects(source.head(), { code: 'E_SOURCE_ANSWER' }, `${method} ${JSON.stringify(answer)}`);
    }
    proxy.reset();
  });
}

function testTrouble(): void {
  test('429, 503, half an answer and a broken one are asked again; no end of them is a clear error', async () => {
    const { proxy, source } = stage;
    const troubles = [
      { kind: 'status', status: 429, headers: { 'retry-after': '0' } },
      { kind: 'status', status: 503 },
      { kind: 'half' },
      { kind: 'break' },
      { kind: 'refuse' },
    ] as const;
    for (const trouble of troubles) {
      proxy.reset();
      proxy.trouble = (request) => (request === 1 ? trouble : null);
      assert.equal((await source.head()).number, 104n, JSON.stringify(trouble));
      assert.ok(proxy.requests >= 2);
    }
    proxy.reset();
    proxy.trouble = () => ({ kind: 'half' });
    await assert.rejects(source.head(), { code: 'E_SOURCE_ANSWER' });
    proxy.reset();
  });

  test('a server that gives no raw blocks: the same from its JSON', async () => {
    const { proxy, node, payment } = stage;
    const expected = await stage.source.block(103n);
    proxy.tamper = only('getblock', ({ params }, result) =>
      params[1] === 0 ? new Fault(-32602, 'verbosity must be 1 or 2') : result,
    );
    const source = await throughProxy(node, proxy);
    assert.deepEqual(await source.block(103n), expected);
    assert.ok(expected.transactions.some(({ tx }) => tx === payment));
    proxy.tamper = only('getblock', ({ params }, result) => {
      if (params[1] === 0) return new Fault(-32602, 'verbosity must be 1 or 2');
      const block = structuredClone(result) as { tx: { hex: string }[] };
      block.tx[1]!.hex = changed(block.tx[1]!.hex, -1);
      return block;
    });
    await refusedAs('merkleRoot', (other) => other.block(103n));
    proxy.reset();
    await source.close();
  });

  test('a pruned node: the block, and the lowest that it keeps', async () => {
    const { proxy, node } = stage;
    proxy.tamper = (call, result) => {
      if (call.method === 'getblock') return new Fault(-1, PRUNED_DATA);
      return call.method === 'getblockchaininfo' ? { ...Object(result), pruned: true, pruneheight: 104 } : result;
    };
    const source = await throughProxy(node, proxy);
    await assert.rejects(source.block(103n), (error: { code?: string; remedy?: string; context?: object }) => {
      assert.equal(error.code, 'E_SOURCE_PRUNED');
      assert.match(error.remedy ?? '', /-prune=0|Esplora/);
      assert.deepEqual(error.context, { endpoint: source.name, block: '103', lowestBlock: 104 });
      return true;
    });
    proxy.reset();
    await source.close();
  });

  test('a node that is starting, and one that has work to do', async () => {
    const { proxy, source } = stage;
    proxy.tamper = () => new Fault(-28, 'Loading block index...');
    await assert.rejects(source.head(), { code: 'E_SOURCE_UNREACHABLE', retry: true });
    proxy.tamper = () =>
      new Fault(-5, 'No such mempool transaction. Blockchain transactions are still in the process of being indexed.');
    await assert.rejects(source.blockOf('ab'.repeat(32)), { code: 'E_SOURCE_BEHIND', retry: true });
    proxy.reset();
  });
}

async function nextHead(heads: AsyncIterator<BlockRef>): Promise<BlockRef> {
  const { value, done } = await heads.next();
  assert.equal(done, false);
  return value;
}

function testReorganisations(): void {
  test('heads follow the chain through a reorganisation, and end with the signal', async () => {
    const { node, source } = stage;
    const ending = new AbortController();
    const heads = source.heads(ending.signal)[Symbol.asyncIterator]();
    const first = await nextHead(heads);
    const [next] = await node.mine(1);
    const second = await nextHead(heads);
    assert.equal(second.hash, next);
    assert.equal(second.parent, first.hash);
    await node.rpc('invalidateblock', next);
    const fallen = await nextHead(heads);
    assert.equal(fallen.hash, first.hash);
    await node.mine(2);
    let last = await nextHead(heads);
    if (last.number === second.number) last = await nextHead(heads);
    assert.equal(last.number, second.number + 1n);
    assert.notEqual(last.parent, second.hash);
    ending.abort();
    assert.equal((await heads.next()).done, true);
  });

  test('a reorganisation in the middle of reading is told, never bridged', async () => {
    const { node, source } = stage;
    const { number } = await source.head();
    const top = await node.rpc<string>('getblockhash', 54);
    const read: BlockRef[] = [];
    await assert.rejects(
      async () => {
        for await (const { ref } of source.blocks(50n, number)) {
          read.push(ref);
          if (ref.number !== 52n) continue;
          // What is read ahead, to block 55, is of the chain that ends now.
          await sleep(200);
          await node.rpc('invalidateblock', top);
          await node.mine(Number(number) - 54 + 3);
        }
      },
      { code: 'E_REORG', retry: true },
    );
    assert.equal(read.at(-1)?.number, 55n);
    for (const [i, ref] of read.entries()) assert.equal(ref.parent, read[i - 1]?.hash ?? ref.parent);
    let blocks = 0;
    for await (const { ref } of source.blocks(50n, number + 2n)) blocks += ref.hash.length > 0 ? 1 : 0;
    assert.equal(BigInt(blocks), number + 2n - 50n + 1n);
    await assert.rejects(source.transaction(stage.payment), { code: 'E_NOT_FOUND' });
    await node.rpc('reconsiderblock', top);
  });

  test('an endpoint that goes back in time without a reorganisation is refused', async () => {
    const { node, proxy } = stage;
    const source = await throughProxy(node, proxy);
    const { number } = await source.head();
    const before = await node.rpc<string>('getblockhash', Number(number) - 3);
    proxy.tamper = only('getbestblockhash', () => before);
    await assert.rejects(source.head(), { code: 'E_SOURCE_BEHIND' });
    proxy.reset();
    assert.equal((await source.head()).number, number);
    await source.close();
  });

  test('a node killed and started again', async () => {
    const { node, source } = stage;
    const { hash } = await source.head();
    await node.kill();
    await assert.rejects(source.block(3n), { code: 'E_SOURCE_UNREACHABLE', retry: true });
    await node.restart();
    assert.equal((await source.head()).hash, hash);
    assert.equal((await source.block(3n)).ref.number, 3n);
  });

  test('a node killed that forgot its last blocks: behind, until it has others', async () => {
    const { node, source } = stage;
    await node.rpc('gettxoutsetinfo');
    await node.mine(2);
    const { number } = await source.head();
    await node.kill({ forget: true });
    await node.restart();
    await assert.rejects(source.head(), { code: 'E_SOURCE_BEHIND', retry: true });
    await node.mine(3);
    assert.equal((await source.head()).number, number + 1n);
  });
}

suite('litecoind in trouble', { skip: noLitecoind }, () => {
  before(async () => {
    stage.node = await startLitecoind();
    await stage.node.mine(102);
    stage.payment = await stage.node.rpc('sendtoaddress', await stage.node.rpc('getnewaddress'), 1);
    await stage.node.mine(2);
    stage.proxy = await startProxy(stage.node.restUrl);
    stage.source = await throughProxy(stage.node, stage.proxy);
  });

  after(async () => {
    await stage.source?.close();
    await stage.proxy?.stop();
    await stage.node?.stop();
  });

  testLies();
  testTrouble();
  testReorganisations();
});
