import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { describeError, HaetaeError } from '../../src/base/errors.ts';
import { requireChain } from '../../src/model/chain.ts';
import type { Endpoint } from '../../src/source/endpoint.ts';
import { isTooLong } from '../../src/source/net/fault.ts';
import { HttpClient, type HttpOptions } from '../../src/source/net/http.ts';
import { retryAfterMs } from '../../src/source/net/retry-after.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

const SECRET = 'k3y-of-the-user';
let server: Server;
let handle: Handler;
let count = 0;
let client: HttpClient | null = null;

function endpoint(changes: Partial<Endpoint> = {}): Endpoint {
  const { port } = server.address() as AddressInfo;
  return {
    chain: requireChain('eip155:31337'),
    kind: 'evm',
    name: `evm 127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}/v2/${SECRET}?apikey=${SECRET}`,
    headers: { 'x-key': SECRET },
    requestsPerSecond: null,
    concurrency: 8,
    batch: 100,
    timeoutMs: 2000,
    maxAnswerBytes: 100_000,
    ...changes,
  };
}

function open(changes: Partial<Endpoint> = {}, options: HttpOptions = {}, signal?: AbortSignal): HttpClient {
  client = new HttpClient(endpoint(changes), signal, options);
  return client;
}

async function fault(promise: Promise<unknown>): Promise<HaetaeError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof HaetaeError, String(error));
    assert.ok(!`${describeError(error)}${error.stack}${String(error.cause)}`.includes(SECRET), 'no key in an error');
    return error;
  }
  throw new Error('no error was thrown');
}

before(async () => {
  server = createServer((request, response) => handle(request, response, ++count));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
after(() => {
  server.close();
  server.closeAllConnections();
});

function anew(): void {
  count = 0;
}

describe('http to an endpoint: what is sent and read', () => {
  beforeEach(anew);
  afterEach(() => client?.close());
  test('the path goes behind the endpoint’s own, its query and headers are kept', async () => {
    let seen = '';
    handle = (request, response) => {
      seen = `${request.method} ${request.url} ${request.headers['x-key']}`;
      response.end('{"a":1}');
    };
    assert.deepEqual(await open().json('/block/7', { query: { page: '2' } }), { a: 1 });
    assert.equal(seen, `GET /v2/${SECRET}/block/7?apikey=${SECRET}&page=2 ${SECRET}`);
    assert.equal(await open().text(''), '{"a":1}');
    assert.equal(seen, `GET /v2/${SECRET}?apikey=${SECRET} ${SECRET}`);
    assert.deepEqual(await open().bytes('x'), Buffer.from('{"a":1}'));
  });

  test('a body is posted as JSON', async () => {
    handle = (request, response) => request.pipe(response);
    assert.deepEqual(await open().json('', { body: { method: 'x' } }), { method: 'x' });
  });

  test('a longer answer than allowed is broken off, declared or not', async () => {
    handle = (_, response, turn) => {
      if (turn === 1) response.setHeader('content-length', 200_000);
      response.end('x'.repeat(200_000));
    };
    for (const _ of [1, 2]) assert.ok(isTooLong(await fault(open().text(''))));
    assert.equal(count, 2);
  });

  test('no more in flight than allowed', async () => {
    let now = 0;
    let most = 0;
    handle = (_, response) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now--;
        response.end('1');
      }, 5);
    };
    const http = open({ concurrency: 3 });
    await Promise.all(Array.from({ length: 20 }, () => http.json('')));
    assert.equal(most, 3);
    assert.equal(count, 20);
  });

  test('requests are spread over time, and a batch counts as its calls', async () => {
    handle = (_, response) => response.end('1');
    const http = open({ requestsPerSecond: 100 });
    const start = Date.now();
    await Promise.all([1, 2, 3].map(() => http.json('', { weight: 5 })));
    assert.ok(Date.now() - start >= 95, 'two batches of five before the third');
  });
});

describe('http to an endpoint: faults', () => {
  beforeEach(anew);
  afterEach(() => client?.close());
  test('half an answer, a broken connection and 502 are asked again', async () => {
    handle = (_, response, turn) => {
      if (turn === 1) response.end('{"a":');
      else if (turn === 2) response.destroy();
      else if (turn === 3) response.writeHead(502).end('<html>');
      else response.end('{"a":2}');
    };
    assert.deepEqual(await open().json(''), { a: 2 });
    assert.equal(count, 4);
  });

  test('what stays broken is named', async () => {
    handle = (_, response) => response.end('{"a":');
    assert.equal((await fault(open({}, { attempts: 2 }).json(''))).code, 'E_SOURCE_ANSWER');
    handle = (_, response) => response.end('<html>sorry</html>');
    assert.equal((await fault(open({}, { attempts: 2 }).json(''))).code, 'E_SOURCE_ANSWER');
    handle = (_, response) => response.destroy();
    const broken = await fault(open({}, { attempts: 2 }).json(''));
    assert.equal(broken.code, 'E_SOURCE_UNREACHABLE');
    assert.equal(broken.retry, true);
    handle = (_, response) => response.writeHead(500).end();
    assert.equal((await fault(open({}, { attempts: 2 }).json(''))).context.status, 500);
  });

  test('a body cut short of its declared length is a fault, not an answer', async () => {
    handle = (_, response) => {
      response.setHeader('content-length', 50);
      response.write('{"a":1}');
      setTimeout(() => response.destroy(), 5);
    };
    assert.equal((await fault(open({}, { attempts: 2 }).json(''))).code, 'E_SOURCE_UNREACHABLE');
    assert.equal(count, 2);
  });

  test('refusals that asking again will not change are told at once', async () => {
    const codes: [number, string][] = [
      [401, 'E_SOURCE'],
      [403, 'E_SOURCE'],
      [404, 'E_NOT_FOUND'],
      [400, 'E_SOURCE_ANSWER'],
      [413, 'E_SOURCE_LIMIT'],
    ];
    for (const [status, code] of codes) {
      count = 0;
      handle = (_, response) => response.writeHead(status).end('no');
      const refused = await fault(open().json(''));
      assert.equal(refused.code, code, String(status));
      assert.equal(/--source KIND:URL/.test(refused.remedy!), status === 404);
      assert.equal(count, 1);
    }
  });

  test('an error of JSON-RPC comes as its JSON where the caller reads it', async () => {
    handle = (_, response) => response.writeHead(500).end('{"error":{"code":-5}}');
    assert.deepEqual(await open().json('', { jsonStatuses: [500] }), { error: { code: -5 } });
    handle = (_, response) => response.writeHead(500).end('oops');
    const plain = await fault(open({}, { attempts: 2 }).json('', { jsonStatuses: [500] }));
    assert.equal(plain.code, 'E_SOURCE_UNREACHABLE');
    handle = (_, response) => response.writeHead(403).end('{"message":"go away"}');
    assert.equal((await fault(open().json('', { jsonStatuses: [403] }))).code, 'E_SOURCE');
  });

  test('a silent endpoint is left after its time, a trickling one after ten times that', async () => {
    handle = () => {};
    const silent = await fault(open({ timeoutMs: 50 }, { attempts: 1 }).json(''));
    assert.match(silent.message, /did not answer in 0.05 s/);
    handle = (_, response) => {
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    };
    assert.equal((await fault(open({ timeoutMs: 60 }, { attempts: 1 }).json(''))).code, 'E_SOURCE_UNREACHABLE');
  });

  test('nothing listens; the name cannot be resolved', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const url = `http://127.0.0.1:${port}/${SECRET}`;
    const refused = await fault(open({ url }, { attempts: 2 }).json(''));
    assert.equal(refused.code, 'E_SOURCE_UNREACHABLE');
    assert.equal(refused.context.fault, 'ECONNREFUSED');
    const unknown = `http://no-such-host.invalid/${SECRET}`;
    assert.equal((await fault(open({ url: unknown }, { attempts: 1 }).json(''))).code, 'E_SOURCE_UNREACHABLE');
  });
});

describe('http to an endpoint: limits, redirects, stopping', () => {
  beforeEach(anew);
  afterEach(() => client?.close());
  test('Retry-After is kept to, told once, and the call then answers', async () => {
    const notices: string[] = [];
    handle = (_, response, turn) => {
      if (turn === 1) response.writeHead(429, { 'retry-after': '1' }).end();
      else response.end('7');
    };
    const start = Date.now();
    const http = open({}, { onNotice: (text) => notices.push(text) });
    assert.equal(await http.json(''), 7);
    assert.ok(Date.now() - start >= 990);
    assert.deepEqual(notices, [`waiting 1 s because ${endpoint().name} asked for it`]);
  });

  test('limits that do not end are E_SOURCE_LIMIT; a long wait is not sat out', async () => {
    handle = (_, response) => response.writeHead(503, { 'retry-after': '0.01' }).end();
    assert.equal((await fault(open({}, { attempts: 3 }).json(''))).code, 'E_SOURCE_LIMIT');
    assert.equal(count, 3);
    count = 0;
    handle = (_, response) => response.writeHead(429, { 'retry-after': '3600' }).end();
    const long = await fault(open().json(''));
    assert.equal(long.context.retryAfterSeconds, 3600);
    assert.equal(count, 1);
  });

  test('Retry-After in seconds, as a date, or neither', () => {
    const now = Date.UTC(2026, 0, 1);
    assert.equal(retryAfterMs('120', now), 120_000);
    assert.equal(retryAfterMs('Thu, 01 Jan 2026 00:00:30 GMT', now), 30_000);
    assert.equal(retryAfterMs('Wed, 31 Dec 2025 23:00:00 GMT', now), 0);
    for (const text of [null, '', '-5', 'soon', '1e9']) assert.equal(retryAfterMs(text, now), null);
  });

  test('a redirect on the same host is followed, one to another host is refused', async () => {
    handle = (request, response) => {
      if (request.url?.endsWith('/moved')) response.end('"here"');
      else response.writeHead(308, { location: '/moved' }).end();
    };
    assert.equal(await open().json(''), 'here');
    handle = (_, response) => response.writeHead(302, { location: 'http://localhost:1/elsewhere' }).end();
    assert.match((await fault(open().json(''))).message, /another host/);
    handle = (_, response) => response.writeHead(302, { location: '/again' }).end();
    assert.match((await fault(open().json(''))).message, /without end/);
  });

  test('a signal stops a call under way, one waiting for its turn, and one in a pause', async () => {
    handle = () => {};
    const stop = new AbortController();
    const http = open({ concurrency: 1 }, {}, stop.signal);
    const calls = [fault(http.json('')), fault(http.json(''))];
    setTimeout(() => stop.abort(), 20);
    for (const call of calls) assert.equal((await call).code, 'E_INTERRUPTED');
    handle = (_, response) => response.writeHead(429, { 'retry-after': '30' }).end();
    const paused = open();
    const waiting = fault(paused.json(''));
    setTimeout(() => paused.close(), 30);
    assert.equal((await waiting).code, 'E_INTERRUPTED');
  });
});
