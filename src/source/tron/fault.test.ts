import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { HaetaeError } from '../../base/errors.ts';
import { requireChain } from '../../model/chain.ts';
import { account, call, internalEntry, type Request, send, stringify, TestChain, TestServer } from './_fixture.ts';
import { openTronSource } from './open.ts';

const [ANN, BOB] = [account(1), account(2)] as const;

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => 'nothing was thrown',
    (error: unknown) => (error instanceof HaetaeError ? error.code : String(error)),
  );
}

describe('a TRON endpoint in trouble', () => {
  const chain = new TestChain();
  const server = new TestServer(chain);
  before(async () => {
    for (let i = 1; i <= 30; i++) chain.add([send(ANN, BOB, BigInt(i))]);
    await server.start();
  });
  after(() => server.stop());

  /** Answers so for the first `times` requests of a method. */
  const trouble = (times: number, answer: (response: ServerResponse, request: Request) => void): void => {
    let left = times;
    server.intercept = (request, response) => {
      if (request.path !== 'wallet/getblockbynum' || request.body.num !== 7 || left-- <= 0) return false;
      answer(response, request);
      return true;
    };
  };
  const withSource = async <T>(use: (source: Awaited<ReturnType<typeof openTronSource>>) => Promise<T>): Promise<T> => {
    server.intercept = server.intercept ?? null;
    const source = await openTronSource(server.endpoint());
    try {
      return await use(source);
    } finally {
      await source.close();
      server.intercept = null;
      server.corrupt = null;
    }
  };

  test('429 with Retry-After, 503, half an answer, a suspension by 403: waited for and asked again', async () => {
    const half = stringify(chain.blocks[7]!.json).slice(0, 200);
    const troubles: ((response: ServerResponse) => void)[] = [
      (response) => response.writeHead(429, { 'retry-after': '0' }).end(),
      (response) => response.writeHead(503).end('busy'),
      (response) => response.end(half),
    ];
    for (const answer of troubles) {
      trouble(1, answer);
      assert.equal(await withSource(async (source) => (await source.block(7n)).transfers.length), 1);
    }
    const suspended = '{"Error":"The key exceeds the frequency limit(15), and the query server is suspended for 1s"}';
    trouble(2, (response) => response.writeHead(403).end(suspended));
    assert.equal(await withSource(async (source) => (await source.block(7n)).transfers.length), 1);
  });

  test('half an answer each time, a wrong key, an answer too long', async () => {
    trouble(99, (response) => response.end('{"blockID":"00'));
    assert.equal(await withSource((source) => codeOf(source.block(7n))), 'E_SOURCE_ANSWER');
    trouble(99, (response) => response.writeHead(403).end('{"Error":"no such key"}'));
    assert.equal(await withSource((source) => codeOf(source.block(7n))), 'E_SOURCE');
    trouble(99, (response) => response.end('x'.repeat(9 * 1024 * 1024)));
    assert.equal(await withSource((source) => codeOf(source.block(7n))), 'E_SOURCE_ANSWER');
  });

  test('a pruned block, records not kept, records not yet there', async () => {
    trouble(99, (response) => response.end('{}'));
    assert.equal(await withSource((source) => codeOf(source.block(7n))), 'E_SOURCE_PRUNED');
    server.corrupt = (request, answer) => (request.path.endsWith('infobyblocknum') ? [] : answer);
    assert.equal(await withSource((source) => codeOf(source.block(7n))), 'E_SOURCE_PRUNED');
    server.corrupt = (request, answer) => (request.path.endsWith('infobyblocknum') ? [] : answer);
    assert.equal(await withSource((source) => codeOf(source.block(30n))), 'E_SOURCE_BEHIND');
  });

  test('a reorganisation between a block and its records is asked for again', async () => {
    let first = true;
    server.corrupt = (request, answer) => {
      if (!request.path.endsWith('infobyblocknum') || !first) return answer;
      first = false;
      return chain.blocks[8]!.infos;
    };
    assert.equal(await withSource(async (source) => (await source.block(7n)).transfers.length), 1);
  });

  test('another chain, and a stopped read', async () => {
    assert.equal(await codeOf(openTronSource(server.endpoint({ chain: requireChain('tron') }))), 'E_SOURCE_CHAIN');
    const stop = new AbortController();
    const source = await openTronSource(server.endpoint(), { signal: stop.signal });
    stop.abort();
    assert.equal(await codeOf(source.block(7n)), 'E_INTERRUPTED');
    await source.close();
  });

  test('an old node without getblock is asked in the older way', async () => {
    server.intercept = ({ path }, response) => {
      if (path !== 'wallet/getblock') return false;
      response.writeHead(404).end();
      return true;
    };
    assert.deepEqual(
      await withSource(async (source) => [(await source.head()).number, (await source.blockRef(3n)).number]),
      [30n, 3n],
    );
  });
});

test('moves inside contracts are taken as seen from the first block that shows some, looked for a few times', async () => {
  const chain = new TestChain();
  const server = new TestServer(chain);
  const contract = `41${'c0'.repeat(20)}`;
  const quiet = () => call(ANN, contract, 'aa');
  for (let i = 0; i < 12; i++) chain.add([quiet()]);
  chain.add([
    call(ANN, contract, 'aa', { info: { internal_transactions: [internalEntry('call', contract, BOB.hex, 1n)] } }),
  ]);
  for (let i = 0; i < 3; i++) chain.add([quiet()]);
  await server.start();
  const source = await openTronSource(server.endpoint());
  const moves = async (block: bigint) => (await source.block(block)).internalMoves;
  assert.equal(await moves(2n), 'unseen');
  assert.equal(await moves(15n), 'traced');
  assert.equal(await moves(16n), 'traced');
  assert.equal(await moves(3n), 'unseen');
  await source.close();
  await server.stop();
});
