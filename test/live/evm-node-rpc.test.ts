import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { describeError, HaetaeError } from '../../src/base/errors.ts';
import { requireChain } from '../../src/model/chain.ts';
import { type Endpoint, parseEndpoint } from '../../src/source/endpoint.ts';
import { Rpc } from '../../src/source/evm/rpc.ts';
import { isMethodMissing, isReverted, isTooWide, rpcFault } from '../../src/source/evm/rpc-fault.ts';
import { type Anvil, startAnvil } from './_anvil.ts';

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

interface Call {
  readonly id: number;
  readonly method: string;
}

/** A server that answers a body by a function: what nodes and providers are seen to answer, when no node can be made to. */
class Odd {
  bodies: (Call | Call[])[] = [];
  answer: (body: Call | Call[], turn: number) => unknown = () => null;
  readonly #server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const body = JSON.parse(text);
      this.bodies.push(body);
      const answer = this.answer(body, this.bodies.length);
      if (typeof answer === 'number') response.writeHead(answer).end();
      else response.end(JSON.stringify(answer));
    });
  });

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  endpoint(changes: Partial<Endpoint> = {}): Endpoint {
    const { port } = this.#server.address() as AddressInfo;
    this.bodies = [];
    return { ...parseEndpoint(`http://127.0.0.1:${port}/v3/${KEY}`, CHAIN, {}), ...changes };
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const ok = ({ id, method }: Call): unknown => ({ jsonrpc: '2.0', id, result: method });

describe('JSON-RPC: batches', () => {
  const odd = new Odd();
  before(() => odd.listen());
  after(() => odd.close());

  test('calls of one turn go together, answers are matched by id in any order', async () => {
    odd.answer = (body) => (Array.isArray(body) ? body.map(ok).reverse() : ok(body));
    const rpc = new Rpc(odd.endpoint({ batch: 4 }));
    const answers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((method) => rpc.call(method, [])));
    assert.deepEqual(answers, ['a', 'b', 'c', 'd', 'e']);
    assert.deepEqual(odd.bodies.map((body) => (Array.isArray(body) ? body.length : 0)).sort(), [0, 4]);
    assert.equal(await rpc.call('alone', [], { alone: true }), 'alone');
    rpc.close();
  });

  test('a batch that is refused is halved, and later ones are no larger', async () => {
    const refusals: ((body: Call[]) => unknown)[] = [
      () => ({ jsonrpc: '2.0', id: null, error: { code: -32600, message: 'batch too large' } }),
      () => 413,
      (body) => body.map((call) => ({ ...(ok(call) as object), fill: 'x'.repeat(2000) })),
    ];
    for (const refuse of refusals) {
      odd.answer = (body) => (!Array.isArray(body) ? ok(body) : body.length > 3 ? refuse(body) : body.map(ok));
      const rpc = new Rpc(odd.endpoint({ batch: 12, maxAnswerBytes: 5000 }));
      const names = Array.from({ length: 12 }, (_, i) => `m${i}`);
      assert.deepEqual(await Promise.all(names.map((method) => rpc.call(method, []))), names);
      odd.bodies = [];
      assert.deepEqual(await Promise.all(names.map((method) => rpc.call(method, []))), names);
      assert.ok(odd.bodies.every((body) => Array.isArray(body) && body.length <= 3));
      rpc.close();
    }
  });

  test('a call left without an answer is asked again, then named', async () => {
    odd.answer = (body, turn) => (Array.isArray(body) ? body.slice(1).map(ok) : turn < 3 ? [] : ok(body));
    const rpc = new Rpc(odd.endpoint({ batch: 4 }));
    assert.deepEqual(await Promise.all(['a', 'b'].map((method) => rpc.call(method, []))), ['a', 'b']);
    odd.answer = () => ({ jsonrpc: '2.0', id: 999, result: 'another’s' });
    const fault = await faultOf(rpc.call('eth_x', []));
    assert.equal(fault.code, 'E_SOURCE_ANSWER');
    assert.equal(fault.context.method, 'eth_x');
    rpc.close();
  });

  test('"too many requests" with status 200 is waited out, whole or for one call of a batch', async () => {
    const limit = ({ id }: Call): unknown => ({ id, error: { code: -32005, message: 'daily rate limit, slow down' } });
    odd.answer = (body, turn) => {
      if (!Array.isArray(body)) return turn === 1 ? limit(body) : ok(body);
      return body.map((call, i) => (i === 0 ? limit(call) : ok(call)));
    };
    const rpc = new Rpc(odd.endpoint());
    assert.equal(await rpc.call('a', []), 'a');
    assert.deepEqual(await Promise.all([rpc.call('b', []), rpc.call('c', [])]), ['b', 'c']);
    rpc.close();
  });
});

describe('JSON-RPC: what nodes say when they cannot', () => {
  const endpoint = parseEndpoint(`https://node.example/v3/${KEY}?k=${KEY}2`, CHAIN, {});
  const fault = (message: string, code = -32000, method = 'eth_call'): HaetaeError =>
    rpcFault(endpoint, method, code, message);

  // As read in the sources and issue threads of geth, erigon, nethermind, besu, reth, anvil and of large providers.
  test('the words are told apart', () => {
    const pruned = [
      'missing trie node 9a3f (path ) state 0x9a is not available',
      'header not found',
      'required historical state unavailable (reexec=128)',
      'historical state is not available in path scheme yet',
      'state histories haven’t been fully indexed yet, no state found',
      'distance to target block exceeds maximum proof window',
      'No state available for block 0x1',
      'pruned history unavailable',
      'Unknown block',
    ];
    for (const message of pruned) assert.equal(fault(message).code, 'E_SOURCE_PRUNED', message);
    const wide = [
      'query returned more than 10000 results',
      'block range is too wide',
      'exceed maximum block range: 5000',
    ];
    for (const message of wide) assert.ok(isTooWide(fault(message, -32005, 'eth_getLogs')), message);
    const fast = ['rate limit exceeded', 'Too Many Requests', 'exceeded its compute units per second capacity'];
    for (const message of fast) assert.equal(fault(message, -32005).context.fault, 'too-fast', message);
    const missing = [
      'the method trace_block does not exist/is not available',
      'Method not found',
      'Unsupported method: x',
    ];
    for (const message of missing) assert.ok(isMethodMissing(fault(message, -32000, 'trace_block')), message);
    assert.ok(isMethodMissing(fault('whatever', -32601)));
    assert.ok(isReverted(fault('execution reverted: ERC20', 3)));
    assert.ok(isReverted(fault('VM execution error.', -32015)));
    assert.equal(fault('BlockOutOfRangeError: block height is 4').code, 'E_SOURCE_BEHIND');
  });

  test('anvil’s one text for two faults: a block above its head, and one whose state it dropped', () => {
    const said = (asked: number): HaetaeError =>
      fault(`BlockOutOfRangeError: block height is 5 but requested was ${asked}`);
    assert.equal(said(6).code, 'E_SOURCE_BEHIND');
    for (const asked of [3, 5]) {
      assert.equal(said(asked).code, 'E_SOURCE_PRUNED');
      assert.equal(said(asked).context.fault, 'no-state');
    }
  });

  test('a key that the node quotes is not passed on', () => {
    const text = describeError(fault(`invalid project id ${KEY} at https://node.example/v3/${KEY}?k=${KEY}2`));
    assert.ok(!text.includes(KEY), text);
    assert.ok(text.includes('invalid project id'));
  });
});

describe('JSON-RPC: a real node', () => {
  let anvil: Anvil;
  before(async () => {
    anvil = await startAnvil();
    await anvil.mine(2);
  });
  after(() => anvil.stop());

  for (const kind of ['http', 'ws'] as const) {
    const at = (changes: Partial<Endpoint> = {}): Endpoint => ({
      ...parseEndpoint(`evm:${kind === 'ws' ? anvil.wsUrl : anvil.url}`, CHAIN, {}),
      ...changes,
    });

    test(`${kind}: many calls, one of a method that is not there, one above the head`, async () => {
      const rpc = new Rpc(at());
      const heights = await Promise.all(Array.from({ length: 120 }, () => rpc.call('eth_blockNumber', [])));
      assert.deepEqual(new Set(heights), new Set(['0x2']));
      assert.ok(isMethodMissing(await faultOf(rpc.call('eth_nope', []))));
      const above = rpc.call('eth_getBalance', [anvil.accounts[0]!.address, '0x99']);
      assert.equal((await faultOf(above)).code, 'E_SOURCE_BEHIND');
      rpc.close();
      assert.equal((await faultOf(rpc.call('eth_blockNumber', []))).code, 'E_INTERRUPTED');
    });

    test(`${kind}: an answer longer than allowed is refused`, async () => {
      const rpc = new Rpc(at({ maxAnswerBytes: 300 }));
      assert.ok(isTooWide(await faultOf(rpc.call('eth_getBlockByNumber', ['latest', true], { alone: true }))));
      assert.equal(await rpc.call('eth_blockNumber', []), '0x2');
      rpc.close();
    });

    test(`${kind}: a node killed and started again is found again; a dead one is named`, async () => {
      const rpc = new Rpc(at(), { attempts: 5 });
      await rpc.call('eth_blockNumber', []);
      await anvil.save();
      await anvil.kill();
      const asked = rpc.call('eth_blockNumber', []);
      await anvil.start();
      assert.equal(await asked, '0x2');
      rpc.close();
      const dead = new Rpc(parseEndpoint(`evm:${kind}://127.0.0.1:9`, CHAIN, {}), { attempts: 2 });
      assert.equal((await faultOf(dead.call('eth_blockNumber', []))).code, 'E_SOURCE_UNREACHABLE');
      dead.close();
    });
  }
});
