import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { HaetaeError } from '../../src/base/errors.ts';
import { requireChain } from '../../src/model/chain.ts';
import type { AccountSource, BlockRef } from '../../src/source/chain-source.ts';
import { parseEndpoint } from '../../src/source/endpoint.ts';
import { openEvmSource } from '../../src/source/evm/node.ts';
import { openSource } from '../../src/source/open.ts';
import { type Anvil, startAnvil, wallet } from './_anvil.ts';
import { type NodeProxy, startProxy } from './_proxy.ts';

const CHAIN = requireChain('eip155:31337');

let anvil: Anvil;
let proxy: NodeProxy;

async function open(url: string): Promise<AccountSource> {
  return openEvmSource(parseEndpoint(`evm:${url}`, CHAIN, {}), { attempts: 2 });
}

async function faultOf(promise: Promise<unknown>): Promise<HaetaeError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof HaetaeError, String(error));
    return error;
  }
  throw new Error('no error was thrown');
}

/** Takes heads while `act` runs, until one fits. */
async function headsUntil(
  source: AccountSource,
  fits: (ref: BlockRef, seen: readonly BlockRef[]) => boolean,
  act: (ref: BlockRef) => unknown,
): Promise<BlockRef[]> {
  const stop = new AbortController();
  const seen: BlockRef[] = [];
  for await (const ref of source.heads(stop.signal)) {
    seen.push(ref);
    if (fits(ref, seen)) stop.abort();
    else await act(ref);
  }
  return seen;
}

before(async () => {
  anvil = await startAnvil();
  proxy = await startProxy(anvil.url);
  await anvil.mine(5);
});
after(async () => {
  await proxy.stop();
  await anvil.stop();
});

describe('evm node: heads', () => {
  afterEach(() => proxy.reset());
  for (const kind of ['http', 'ws'] as const) {
    test(`${kind}: the present head first, then each as it comes, a reorganised one too, none twice`, async () => {
      const source = await open(kind === 'ws' ? anvil.wsUrl : anvil.url);
      const start = await anvil.blockNumber();
      let turn = 0;
      const seen = await headsUntil(
        source,
        () => turn === 4,
        async () => {
          turn++;
          if (turn < 3) await anvil.mine();
          // A block in place of the newest: the same height, another hash.
          else if (turn === 3)
            await anvil.rpc('anvil_reorg', [
              1,
              [[{ from: anvil.accounts[0]?.address, to: anvil.accounts[1]?.address, value: `0x${kind.length}` }, 0]],
            ]);
          else await anvil.mine();
        },
      );
      await source.close();
      assert.equal(seen[0]?.number, start);
      assert.equal(new Set(seen.map(({ hash }) => hash)).size, seen.length, 'none twice');
      assert.deepEqual(
        seen.map(({ number }) => number - start),
        [0n, 1n, 2n, 2n, 3n],
      );
    });
  }

  test('a WebSocket that breaks is opened again', async () => {
    const source = await open(anvil.wsUrl);
    await anvil.save();
    let turn = 0;
    const seen = await headsUntil(
      source,
      () => turn === 2,
      async () => {
        turn++;
        if (turn === 1) await anvil.restart();
        await anvil.mine();
      },
    );
    assert.equal(seen.length, 3);
    await source.close();
  });

  test('one source outlives its only node', async () => {
    const notices: string[] = [];
    const endpoint = parseEndpoint(anvil.url, CHAIN, {});
    const source = (await openSource([endpoint], { onNotice: (text) => notices.push(text) })) as AccountSource;
    await anvil.save();
    let turn = 0;
    const seen = await headsUntil(
      source,
      () => turn === 1,
      async () => {
        turn++;
        await anvil.restart();
        await anvil.mine();
      },
    );
    assert.equal(seen.length, 2);
    await source.close();
  });
});

describe('evm node: a node that lags, a chain that is reorganised', () => {
  afterEach(() => proxy.reset());
  test('an older head of the same chain is "behind", until it has caught up', async () => {
    const source = await open(proxy.url);
    const head = await source.head();
    const older = await anvil.rpc('eth_getBlockByNumber', [`0x${(head.number - 1n).toString(16)}`, false]);
    proxy.tamper = ({ method, params }, result) =>
      method === 'eth_getBlockByNumber' && params[0] === 'latest' ? older : result;
    const fault = await faultOf(source.head());
    assert.equal(fault.code, 'E_SOURCE_BEHIND');
    assert.equal(fault.context.before, head.number.toString());
    proxy.reset();
    assert.deepEqual(await source.head(), head);
    await source.close();
  });

  test('a lower head of another chain is reported', async () => {
    const source = await open(anvil.url);
    await anvil.mine(3);
    const before = await source.head();
    const blocks: bigint[] = [];
    for await (const { ref } of source.blocks(before.number - 3n, before.number)) blocks.push(ref.number);
    await anvil.rpc('anvil_rollback', [3]);
    assert.equal((await faultOf(source.head())).code, 'E_SOURCE_BEHIND', 'the same chain, only shorter');
    await anvil.transact({ from: 0, to: wallet('other').address, value: 1n });
    const after = await source.head();
    assert.ok(after.number < before.number);
    await source.close();
  });

  test('a reorganisation while blocks are read stops them', async () => {
    const source = await open(anvil.url);
    // anvil takes its blocks away before it puts others in their place: who asks in between meets a node that is behind, and may try again.
    let fault = await readThroughReorganisation(source);
    for (let tries = 1; fault.code === 'E_SOURCE_BEHIND' && tries < 10; tries += 1)
      fault = await readThroughReorganisation(source);
    assert.equal(fault.code, 'E_REORG');
    await source.close();
  });

  test('a block replaced between two answers is read again, not called a lie', async () => {
    const source = await open(proxy.url);
    await anvil.transact({ from: 0, to: wallet('other').address, value: 1n });
    const head = await anvil.blockNumber();
    const old = (await anvil.rpc('eth_getBlockByNumber', [`0x${head.toString(16)}`, true])) as { hash: string };
    await anvil.rpc('anvil_reorg', [
      1,
      [[{ from: anvil.accounts[0]?.address, to: anvil.accounts[2]?.address, value: '0x9' }, 0]],
    ]);
    let first = true;
    proxy.tamper = ({ method, params }, result) => {
      if (method !== 'eth_getBlockByNumber' || params[1] !== true || !first) return result;
      first = false;
      return old;
    };
    const block = await source.block(head);
    assert.notEqual(block.ref.hash, old.hash);
    assert.ok(block.transfers.some(({ amount }) => amount === 9n));
    await source.close();
  });
});

async function readThroughReorganisation(source: AccountSource): Promise<HaetaeError> {
  await anvil.mine(40);
  const head = await anvil.blockNumber();
  const read: bigint[] = [];
  const fault = await faultOf(
    (async () => {
      for await (const { ref } of source.blocks(head - 35n, head)) {
        read.push(ref.number);
        if (read.length !== 10) continue;
        const call = { from: anvil.accounts[0]?.address, to: anvil.accounts[1]?.address, value: '0x7' };
        await anvil.rpc('anvil_reorg', [30, [[call, 0]]]);
      }
    })(),
  );
  assert.ok(read.length >= 10 && read.length < 36);
  if (fault.code !== 'E_REORG') return fault;
  assert.match(String(fault.context.hash), /^0x[0-9a-f]{64}$/);
  assert.equal(fault.context.block, (read.at(-1)! + 1n).toString());
  return fault;
}
