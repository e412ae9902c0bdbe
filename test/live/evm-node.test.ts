import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { HaetaeError } from '../../src/base/errors.ts';
import { requireChain } from '../../src/model/chain.ts';
import type { AccountBlock, AccountSource } from '../../src/source/chain-source.ts';
import { parseEndpoint } from '../../src/source/endpoint.ts';
import { openEvmSource } from '../../src/source/evm/node.ts';
import { type Anvil, callData, type Receipt, startAnvil, wallet } from './_anvil.ts';
import { bytecode } from './_contracts.ts';
import { Fault, NO_SUCH_METHOD, type NodeProxy, startProxy } from './_proxy.ts';

const CHAIN = requireChain('eip155:31337');
const NATIVE = `${CHAIN.id}/slip44:1`;

let anvil: Anvil;
let proxy: NodeProxy;
let source: AccountSource;
const notices: string[] = [];

async function open(url: string): Promise<AccountSource> {
  return openEvmSource(parseEndpoint(`evm:${url}`, CHAIN, {}), { onNotice: (text) => notices.push(text), attempts: 2 });
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

async function all(blocks: AsyncIterable<AccountBlock>): Promise<AccountBlock[]> {
  const list: AccountBlock[] = [];
  for await (const block of blocks) list.push(block);
  return list;
}

const missing = (...methods: string[]): void => {
  proxy.tamper = ({ method }, result) => (methods.includes(method) ? NO_SUCH_METHOD : result);
};

before(async () => {
  anvil = await startAnvil();
  proxy = await startProxy(anvil.url);
  source = await open(proxy.url);
});
after(async () => {
  await source.close();
  await proxy.stop();
  await anvil.stop();
});

describe('evm node: opening', () => {
  afterEach(() => proxy.reset());
  test('a node of another chain is refused, both chains named', async () => {
    const other = parseEndpoint(`eip155:1=${anvil.url}`, null, {});
    const fault = await faultOf(openEvmSource(other));
    assert.equal(fault.code, 'E_SOURCE_CHAIN');
    assert.equal(fault.context.wanted, 'eip155:1');
    assert.equal(fault.context.given, 'eip155:31337');
  });

  test('nobody there, or no node', async () => {
    assert.equal((await faultOf(open('http://127.0.0.1:9'))).code, 'E_SOURCE_UNREACHABLE');
    proxy.trouble = () => ({ kind: 'half' });
    assert.equal((await faultOf(open(proxy.url))).code, 'E_SOURCE_ANSWER');
  });
});

describe('evm node: blocks', () => {
  afterEach(() => proxy.reset());
  let paid: Receipt;
  let token: Receipt;
  const to = wallet('receiver').address;

  before(async () => {
    paid = await anvil.transact({ from: 0, to, value: 5n });
    token = await anvil.deploy(bytecode('Token'), 'string,uint8,uint256', ['TOK', 6, 1000n]);
    await anvil.transact({
      from: 0,
      to: token.created!,
      data: callData('function transfer(address,uint256)', [to, 7n]),
    });
    await anvil.mine(10);
  });

  test('a block of one payment, and the way to it by its transaction', async () => {
    const number = await source.blockOf(paid.hash.toUpperCase().replace('0X', '0x'));
    assert.equal(number, paid.block);
    const block = await source.block(number);
    const moved = block.transfers.filter(({ kind }) => kind === 'transfer');
    assert.deepEqual(
      moved.map((each) => [each.from, each.to, each.amount, each.asset, each.tx]),
      [[anvil.accounts[0]!.address, to, 5n, NATIVE, paid.hash]],
    );
    assert.equal(block.internalMoves, 'traced');
    assert.deepEqual(await source.blockRef(number), block.ref);
  });

  test('all blocks in order, each on the one before', async () => {
    const head = await source.head();
    const blocks = await all(source.blocks(0n, head.number));
    assert.equal(BigInt(blocks.length), head.number + 1n);
    assert.deepEqual(blocks.at(-1)?.ref, head);
    blocks.slice(1).forEach((block, i) => {
      assert.equal(block.ref.parent, blocks[i]?.ref.hash);
    });
    const moved = blocks.flatMap(({ transfers }) => transfers).filter((each) => each.asset.includes('erc20'));
    assert.deepEqual(
      moved.map(({ kind, amount }) => [kind, amount]),
      [
        ['mint', 1000n],
        ['token', 7n],
      ],
    );
  });

  test('without whole receipts, and by every kind of trace, the block is the same', async () => {
    const plain = await source.block(token.block);
    proxy.reset();
    const ways: [string[], 'traced' | 'unseen'][] = [
      [['eth_getBlockReceipts'], 'traced'],
      [['trace_block'], 'traced'],
      [['trace_block', 'debug_traceBlockByHash'], 'traced'],
      [['trace_block', 'debug_traceBlockByHash', 'debug_traceBlockByNumber'], 'unseen'],
    ];
    for (const [methods, internalMoves] of ways) {
      missing(...methods);
      const other = await open(proxy.url);
      const block = await other.block(token.block);
      assert.deepEqual(block.transfers, plain.transfers);
      assert.equal(block.internalMoves, internalMoves);
      await other.block(paid.block);
      for (const method of methods) assert.equal(proxy.calls.get(method), 1, `${method} is asked for once`);
      proxy.reset();
      await other.close();
    }
    assert.equal(notices.filter((text) => text.includes('no traces')).length, 1);
  });
});

describe('evm node: answers that are not there', () => {
  afterEach(() => proxy.reset());
  let paid: Receipt;

  before(async () => {
    paid = await anvil.transact({ from: 0, to: wallet('receiver').address, value: 5n });
    await anvil.mine(2);
  });

  test('a hash that is no transaction', async () => {
    for (const tx of ['0x12', 'nonsense', `0x${'1'.repeat(64)}`, (await source.head()).hash]) {
      assert.equal((await faultOf(source.blockOf(tx))).code, 'E_NOT_FOUND', tx);
    }
    const none = await faultOf(source.blockOf(`0x${'1'.repeat(64)}`));
    assert.match(none.remedy!, /--chain.*not yet in a block/);
  });

  test('a transaction said to be in a block that does not hold it', async () => {
    proxy.tamper = ({ method }, result) =>
      method === 'eth_getTransactionByHash' ? { ...(result as object), blockNumber: '0x3' } : result;
    const fault = await faultOf(source.blockOf(paid.hash));
    assert.equal(fault.code, 'E_SOURCE_LIES');
    assert.equal(fault.context.block, '3');
  });

  test('above the head: behind; null below the head: pruned', async () => {
    const { number } = await source.head();
    assert.equal((await faultOf(source.blockRef(number + 5n))).code, 'E_SOURCE_BEHIND');
    assert.equal((await faultOf(source.block(number + 5n))).code, 'E_SOURCE_BEHIND');
    proxy.tamper = ({ method }, result) => (method === 'eth_getBlockByNumber' ? null : result);
    assert.equal((await faultOf(source.block(2n))).code, 'E_SOURCE_PRUNED');
  });

  test('traces too slow for one block are not given up for the next', async () => {
    const other = await open(proxy.url);
    proxy.tamper = ({ method }, result) =>
      method === 'trace_block' ? new Fault(-32000, 'execution timed out') : result;
    assert.equal((await other.block(paid.block)).internalMoves, 'unseen');
    proxy.reset();
    assert.equal((await other.block(paid.block)).internalMoves, 'traced');
    await other.close();
  });

  test('a hash that is not the block’s is the fault, not the receipts that it has not', async () => {
    proxy.tamper = ({ method }, result) =>
      method === 'eth_getBlockByNumber' ? { ...(result as object), hash: `0x${'1'.repeat(64)}` } : result;
    const fault = await faultOf(source.block(paid.block));
    assert.equal(fault.code, 'E_SOURCE_LIES');
    assert.equal(fault.context.field, 'hash');
  });

  test('a lie names the endpoint, the block and the field', async () => {
    proxy.tamper = ({ method }, result) =>
      method === 'eth_getBlockByNumber' ? { ...(result as object), timestamp: '0x1' } : result;
    const fault = await faultOf(source.block(paid.block));
    assert.equal(fault.code, 'E_SOURCE_LIES');
    assert.equal(fault.context.block, paid.block.toString());
    assert.match(String(fault.context.endpoint), /^evm 127/);
    assert.ok(fault.context.field !== undefined);
  });
});

describe('evm node: state', () => {
  afterEach(() => proxy.reset());
  const holder = wallet('holder').address;
  const erc20 = (contract: string | null): string => `${CHAIN.id}/erc20:${contract}`;
  let token: Receipt;
  let mute: Receipt;

  before(async () => {
    token = await anvil.deploy(bytecode('Token'), 'string,uint8,uint256', ['TOK', 6, 1000n]);
    mute = await anvil.deploy(bytecode('MuteToken'), 'uint256', [50n]);
    await anvil.transact({
      from: 0,
      to: token.created!,
      data: callData('function transfer(address,uint256)', [holder, 7n]),
    });
    await anvil.transact({ from: 0, to: holder, value: 9n });
  });

  test('balances at the end of a block, native and tokens, before and after', async () => {
    const places = [
      { address: holder, asset: NATIVE },
      { address: holder, asset: erc20(token.created) },
      { address: holder, asset: erc20(holder) },
      { address: holder, asset: `${CHAIN.id}/iso4217:USD` },
    ];
    const head = await anvil.blockNumber();
    assert.deepEqual(await source.balances(places, head), [9n, 7n, 0n, null]);
    assert.deepEqual(await source.balances(places, token.block - 1n), [0n, 0n, 0n, null]);
    // A contract that is there and has no balanceOf says nothing.
    const mutest = await anvil.deploy(bytecode('Factory'));
    assert.deepEqual(await source.balances([{ address: holder, asset: erc20(mutest.created) }], mutest.block), [null]);
  });

  test('a pruned node has no old balances; the newest it has', async () => {
    const head = await anvil.blockNumber();
    proxy.tamper = ({ method, params }, result) =>
      method === 'eth_getBalance' && params[1] !== `0x${head.toString(16)}`
        ? new Fault(-32000, 'missing trie node 12ab (path ) state 0x12ab is not available')
        : result;
    const places = [{ address: holder, asset: NATIVE }];
    assert.deepEqual(await source.balances(places, 1n), [null]);
    assert.deepEqual(await source.balances(places, head), [9n]);
  });

  test('a node that does not know a recent block lags; it is not pruned', async () => {
    const head = await anvil.blockNumber();
    proxy.tamper = ({ method }, result) =>
      method === 'eth_getBalance' ? new Fault(-32000, 'header not found') : result;
    assert.equal((await faultOf(source.balances([{ address: holder, asset: NATIVE }], head))).code, 'E_SOURCE_BEHIND');
    await anvil.mine(100);
    assert.deepEqual(await source.balances([{ address: holder, asset: NATIVE }], head), [null]);
  });

  test('tokens that say nothing, too much or in an old form', async () => {
    const boast = await anvil.deploy(bytecode('BoastingToken'), 'uint256', [50n]);
    const ids = [NATIVE, ...[token, mute, boast].map(({ created }) => erc20(created)), erc20(holder)];
    const tokens = await source.tokens(ids);
    assert.deepEqual(
      tokens.map(({ id }) => id),
      ids,
    );
    assert.deepEqual(
      tokens.map(({ decimals }) => decimals),
      [18, 6, null, null, null],
    );
    assert.equal(tokens[1]?.symbol, 'TOK');
    assert.equal(tokens[2]?.symbol, mute.created?.slice(0, 10));
    assert.ok(!tokens[3]?.symbol.includes('\x1b'));
    proxy.tamper = ({ method, params }, result) =>
      method === 'eth_call' && (params[0] as { data: string }).data === '0x95d89b41'
        ? `0x${Buffer.from('MKR').toString('hex').padEnd(64, '0')}`
        : result;
    assert.equal((await source.tokens([erc20(token.created)]))[0]?.symbol, 'MKR');
  });
});
