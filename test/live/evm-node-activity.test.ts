import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { describeError, HaetaeError } from '../../src/base/errors.ts';
import { requireChain } from '../../src/model/chain.ts';
import type { AccountSource, Activity } from '../../src/source/chain-source.ts';
import { parseEndpoint } from '../../src/source/endpoint.ts';
import { type ActivityList, openExplorer } from '../../src/source/evm/explorer.ts';
import { openEvmSource } from '../../src/source/evm/node.ts';
import { openSource } from '../../src/source/open.ts';
import { type Anvil, callData, startAnvil, wallet } from './_anvil.ts';
import { bytecode } from './_contracts.ts';
import { Fault, NO_SUCH_METHOD, type NodeProxy, startProxy } from './_proxy.ts';

const CHAIN = requireChain('eip155:31337');
const KEY = 'k3y-0f-the-user';

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

describe('activity of an address, from a plain node', () => {
  const thief = wallet('thief');
  let anvil: Anvil;
  let proxy: NodeProxy;
  let source: AccountSource;
  let head: bigint;
  /** Blocks in which the script below touched the thief. */
  const truth: bigint[] = [];

  before(async () => {
    anvil = await startAnvil();
    proxy = await startProxy(anvil.url);
    source = await openEvmSource(parseEndpoint(proxy.url, CHAIN, {}));
    const token = await anvil.deploy(bytecode('Token'), 'string,uint8,uint256', ['TOK', 6, 1000n]);
    const acts = [
      { from: 0, to: thief.address, value: 10n ** 18n },
      { from: 0, to: token.created!, data: callData('function transfer(address,uint256)', [thief.address, 90n]) },
      {
        from: thief,
        to: token.created!,
        data: callData('function transfer(address,uint256)', [wallet('a').address, 40n]),
      },
      { from: thief, to: wallet('b').address, value: 5n },
      { from: thief, to: wallet('b').address, value: 0n },
    ];
    for (const act of acts) {
      await anvil.mine(397);
      truth.push((await anvil.transact(act)).block);
      await anvil.transact({ from: 1, to: wallet('bystander').address, value: 3n });
    }
    await anvil.mine(397);
    head = await anvil.blockNumber();
  });
  afterEach(() => proxy.reset());
  after(async () => {
    await source.close();
    await proxy.stop();
    await anvil.stop();
  });

  const without = (...methods: string[]): void => {
    proxy.tamper = ({ method }, result) => (methods.includes(method) ? NO_SUCH_METHOD : result);
  };

  test('by traces, and by nonce and balance: the same blocks, with what each may lack', async () => {
    const traced = await source.activity(thief.address, 0n, head, 100);
    assert.deepEqual(traced?.blocks, truth);
    assert.equal(traced?.truncated, false);
    assert.match(traced?.gaps.join() ?? '', /withdrawals/);
    without('trace_filter');
    const bisected = await source.activity(thief.address, 1n, head, 100);
    assert.deepEqual(bisected?.blocks, truth);
    assert.match(bisected?.gaps.join() ?? '', /came and left again/);
    const later = await source.activity(thief.address, truth[1]! + 1n, head + 0n, 100);
    assert.equal(later === null || later.blocks.join() === truth.slice(2).join(), true);
  });

  test('ranges that the node finds too wide are halved', async () => {
    let widest = 0n;
    proxy.tamper = ({ method, params }, result) => {
      if (method !== 'eth_getLogs') return method === 'trace_filter' ? NO_SUCH_METHOD : result;
      const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string };
      const blocks = BigInt(toBlock) - BigInt(fromBlock) + 1n;
      if (blocks > 300n) return new Fault(-32005, 'query returned more than 10000 results');
      if (blocks > widest) widest = blocks;
      return result;
    };
    assert.deepEqual((await source.activity(thief.address, 0n, head, 100))?.blocks, truth);
    assert.ok(widest > 100n);
  });

  test('a busy address is given up; a short range, and a pruned node, are for a scan', async () => {
    const busy = await source.activity(thief.address, 0n, head, 3);
    assert.equal(busy?.truncated, true);
    without('trace_filter');
    assert.equal((await source.activity(thief.address, 0n, head, 3))?.truncated, true);
    assert.equal(await source.activity(thief.address, head - 100n, head, 100), null);
    proxy.tamper = ({ method, params }, result) => {
      if (method === 'trace_filter') return NO_SUCH_METHOD;
      const old = method === 'eth_getBalance' && BigInt(params[1] as string) < head - 128n;
      return old ? new Fault(-32000, 'missing trie node 12ab') : result;
    };
    assert.equal(await source.activity(thief.address, 0n, head, 100), null);
  });

  test('an answer that names blocks outside of what was asked is refused', async () => {
    proxy.tamper = ({ method }, result) =>
      method === 'eth_getLogs' ? (result as object[]).map((log) => ({ ...log, blockNumber: '0xffffff' })) : result;
    assert.equal((await faultOf(source.activity(thief.address, 0n, head, 100))).code, 'E_SOURCE_ANSWER');
  });
});

/** A server that follows the documented answers of the account module of Etherscan and Blockscout: no explorer can be had offline. */
class Account {
  readonly asked: URLSearchParams[] = [];
  /** Blocks by action. */
  lists: Record<string, readonly number[]> = {};
  height = 1_000_000;
  blockscout = false;
  trouble:
    | ((
        turn: number,
        query: URLSearchParams,
      ) => { status?: number; headers?: Record<string, string>; body: string } | null)
    | null = null;
  readonly #server: Server = createServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://x').searchParams;
    this.asked.push(query);
    const trouble = this.trouble?.(this.asked.length, query);
    if (trouble) response.writeHead(trouble.status ?? 200, trouble.headers).end(trouble.body);
    else response.end(JSON.stringify(this.#answer(query)));
  });

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  word(kind: 'blockscout' | 'etherscan'): string {
    return `${kind}:http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/?apikey=${KEY}`;
  }

  open(kind: 'blockscout' | 'etherscan' = 'etherscan', notices: string[] = []): ActivityList {
    return openExplorer(parseEndpoint(this.word(kind), CHAIN, {}), undefined, {
      onNotice: (text) => notices.push(text),
    });
  }

  reset(): void {
    this.asked.length = 0;
    this.lists = {};
    this.height = 1_000_000;
    this.trouble = null;
    this.blockscout = false;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(query: URLSearchParams): unknown {
    if (query.get('action') === 'getblocknobytime') {
      const height = String(this.height);
      return { status: '1', message: 'OK', result: this.blockscout ? { blockNumber: height } : height };
    }
    const list = this.lists[query.get('action') ?? ''];
    if (list === undefined) return { status: '0', message: 'Unknown action', result: null };
    const from = Number(query.get('startblock'));
    const to = Number(query.get('endblock'));
    const rows = list.filter((block) => block >= from && block <= to).slice(0, Number(query.get('offset')));
    const message = rows.length === 0 ? 'No transactions found' : 'OK';
    return {
      status: rows.length === 0 ? '0' : '1',
      message,
      result: rows.map((n) => ({ blockNumber: String(n), hash: '0x' })),
    };
  }
}

const EMPTY = { txlist: [], txlistinternal: [], tokentx: [], tokennfttx: [], token1155tx: [] };
const ADDRESS = wallet('listed').address;

const server = new Account();
let opened: ActivityList[] = [];

function open(kind?: 'blockscout' | 'etherscan', notices?: string[]): ActivityList {
  const list = server.open(kind, notices);
  opened.push(list);
  return list;
}

function ask(list: ActivityList, limit = 10_000): Promise<Activity | null> {
  return list.activity(ADDRESS, 100n, 900_000n, limit);
}

describe('activity of an address, from an explorer', () => {
  before(() => server.listen());
  beforeEach(() => server.reset());
  afterEach(() => {
    for (const list of opened) list.close();
    opened = [];
  });
  after(() => server.close());

  test('all lists, page after page, each block once', async () => {
    const many = Array.from({ length: 2500 }, (_, i) => 200 + Math.floor(i / 2));
    server.lists = { ...EMPTY, txlist: many, txlistinternal: [150], tokentx: [201, 5000], token1155tx: [800_000] };
    const found = await ask(open());
    const wanted = [...new Set([150, ...many, 5000, 800_000])].map(BigInt);
    assert.deepEqual(found?.blocks, wanted);
    assert.equal(found?.truncated, false);
    assert.ok(found?.gaps.length === 1 && !found.gaps[0]!.includes(KEY));
    assert.ok(server.asked.every((query) => query.get('apikey') === KEY && query.get('chainid') === '31337'));
  });

  test('Blockscout: without the lists it does not have, which is said', async () => {
    server.blockscout = true;
    server.lists = { txlist: [150], txlistinternal: [], tokentx: [160] };
    const found = await ask(open('blockscout'));
    assert.deepEqual(found?.blocks, [150n, 160n]);
    assert.match(found?.gaps.join() ?? '', /ERC-721.*ERC-1155/);
    server.lists = { tokentx: [160] };
    assert.equal(await ask(open('blockscout')), null, 'no list of transactions is no list');
  });

  test('what it has not yet taken in is read from the node; too much of that is no list', async () => {
    server.lists = { ...EMPTY, txlist: [150, 899_999] };
    server.height = 899_997;
    assert.deepEqual((await ask(open()))?.blocks, [150n, 899_996n, 899_997n, 899_998n, 899_999n, 900_000n]);
    server.height = 500_000;
    assert.equal(await ask(open()), null);
  });

  test('a busy address', async () => {
    server.lists = { ...EMPTY, txlist: Array.from({ length: 5000 }, (_, i) => 200 + i) };
    const found = await ask(open(), 1500);
    assert.equal(found?.truncated, true);
    assert.equal(found?.blocks.length, 1500);
  });

  test('429, 503, half an answer, an HTML page, and a limit told with status 200 are waited out', async () => {
    server.lists = { ...EMPTY, txlist: [150] };
    const troubles = [
      { status: 429, headers: { 'retry-after': '1' }, body: '' },
      { status: 503, body: 'busy' },
      { body: '{"status":"1","message":"OK","result":[{"blockN' },
      { body: '<!doctype html><title>Just a moment…</title>' },
      { body: '{"status":"0","message":"NOTOK","result":"Max calls per sec rate limit reached (3/sec)"}' },
    ];
    const notices: string[] = [];
    server.trouble = (turn) => (turn % 2 === 0 ? (troubles[turn / 2 - 1] ?? null) : null);
    assert.deepEqual((await ask(open('etherscan', notices)))?.blocks, [150n]);
    assert.ok(notices.length >= 1 && notices.every((text) => !text.includes(KEY)));
  });

  test('a refused key, a page out of order, rows without a block', async () => {
    server.trouble = () => ({ body: '{"status":"0","message":"NOTOK","result":"Invalid API Key"}' });
    assert.equal((await faultOf(ask(open()))).code, 'E_SOURCE');
    server.trouble = null;
    server.lists = { ...EMPTY, txlist: Array.from({ length: 2000 }, (_, i) => 5000 - i) };
    assert.equal((await faultOf(ask(open()))).code, 'E_SOURCE_ANSWER');
    server.trouble = (_, query) => (query.get('action') === 'txlist' ? { body: '{"status":"1","result":[{}]}' } : null);
    assert.equal((await faultOf(ask(open()))).code, 'E_SOURCE_ANSWER');
  });

  test('an explorer needs a node beside it, and a broken one does not stop the node', async () => {
    const explorer = parseEndpoint(server.word('blockscout'), CHAIN, {});
    assert.match((await faultOf(openSource([explorer], {}))).message, /a node is needed/);
    const anvil = await startAnvil();
    const notices: string[] = [];
    const node = parseEndpoint(anvil.url, CHAIN, {});
    const source = (await openSource([explorer, node], { onNotice: (text) => notices.push(text) })) as AccountSource;
    server.lists = { ...EMPTY, txlist: [150] };
    assert.deepEqual((await source.activity(ADDRESS, 100n, 900_000n, 10))?.blocks, [150n]);
    server.trouble = () => ({ body: '{"status":"0","message":"NOTOK","result":"Invalid API Key"}' });
    assert.equal(await source.activity(ADDRESS, 0n, 100n, 10), null, 'the node says: read every block');
    assert.equal(notices.length, 1);
    await source.close();
    await anvil.stop();
  });
});
