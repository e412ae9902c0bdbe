import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { LOCAL } from '../../src/access/gate.ts';
import { createClient } from '../../src/api/client.ts';
import { operationsOf, Raw, routes } from '../../src/api/route.ts';
import { sessionOf } from '../../src/api/session-cookie.ts';
import { openStand, type Stand } from './_stand.ts';

const GOOD = { chain: 'eip155:1', address: '0x098B716B8Aaf21512996dC57EB0615e2383E2f96' };

let stand: Stand;
let release: () => void = () => {};
const moreRoutes = routes({
  wait: {
    method: 'POST',
    path: '/v1/wait',
    tag: 'test',
    summary: 'Waits',
    scope: 'read',
    body: z.strictObject({}),
    response: z.strictObject({ done: z.boolean() }),
    status: 200,
    errors: [],
  },
  crash: {
    method: 'GET',
    path: '/v1/crash',
    tag: 'test',
    summary: 'Throws',
    scope: 'read',
    response: null,
    status: 204,
    errors: [],
  },
  breakOff: {
    method: 'GET',
    path: '/v1/break',
    tag: 'test',
    summary: 'Breaks off',
    scope: 'read',
    response: z.string(),
    contentType: 'text/plain',
    status: 200,
    errors: [],
  },
});
const more = operationsOf(moreRoutes, {
  wait: () =>
    new Promise((resolve) => {
      release = () => resolve({ done: true });
    }),
  crash: () => {
    throw new Error('secret detail of the program');
  },
  breakOff: () =>
    new Raw(
      (async function* () {
        yield 'x'.repeat(100_000);
        throw new Error('in the middle');
      })(),
    ),
});

before(async () => {
  stand = await openStand({ limits: { inFlight: 3 }, more });
});
after(() => stand.close());

interface Asked {
  readonly method?: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** By node:http, which lets a test set Host and Origin. */
function ask(path: string, { method = 'POST', body, headers = {} }: Asked = {}) {
  return new Promise<{
    status: number;
    headers: Record<string, unknown>;
    text: string;
    problem: Record<string, unknown>;
  }>((resolve, reject) => {
    const own = {
      authorization: `Bearer ${stand.key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    };
    const request = httpRequest(stand.url + path, { method, headers: own, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isProblem = String(response.headers['content-type']).startsWith('application/problem+json');
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          text,
          problem: isProblem ? JSON.parse(text) : {},
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

const screen = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  ask('/v1/screen/address', { body: typeof body === 'string' ? body : JSON.stringify(body), headers });

async function refuses(answer: ReturnType<typeof ask>, status: number, code: string) {
  const found = await answer;
  assert.deepEqual([found.status, found.problem.code], [status, code], found.text);
  assert.deepEqual([found.problem.status, found.problem.type], [status, `urn:haetae:error:${code}`]);
  assert.equal(found.headers['content-type'], 'application/problem+json');
  return found;
}

test('a screening is kept, answered with its bytes, and read back the same', async () => {
  const answer = await screen(GOOD);
  assert.equal(answer.status, 200);
  const { id } = JSON.parse(answer.text);
  assert.equal((await ask(`/v1/verdicts/${id}`, { method: 'GET' })).text, answer.text);
  for (const [name, value] of [
    ['x-content-type-options', 'nosniff'],
    ['cache-control', 'no-store'],
    ['content-length', String(Buffer.byteLength(answer.text))],
  ])
    assert.equal(answer.headers[name!], value);
  assert.match(String(answer.headers['content-security-policy']), /frame-ancestors 'none'/);
});

test('each wrong request has its status and code', async () => {
  await refuses(screen(GOOD, { authorization: '' }), 401, 'E_KEY');
  await refuses(screen(GOOD, { authorization: `Bearer hk_0123456789ab_${'A'.repeat(43)}` }), 401, 'E_KEY');
  await refuses(screen(GOOD, { authorization: `Bearer ${stand.viewerKey}` }), 403, 'E_FORBIDDEN');
  await refuses(screen({ ...GOOD, chain: 'nochain' }), 422, 'E_ASSET');
  await refuses(screen({ ...GOOD, address: '0x098b716B8Aaf21512996dC57EB0615e2383E2f96' }), 422, 'E_ADDRESS');
  await refuses(screen({ ...GOOD, address: '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa' }), 422, 'E_ADDRESS');
  await refuses(screen({ ...GOOD, asOf: '2022-02-30' }), 422, 'E_TIME');
  await refuses(ask('/v1/nothing', { method: 'GET' }), 404, 'E_NOT_FOUND');
  await refuses(ask('/v1/verdicts/v-99-abcd', { method: 'GET' }), 404, 'E_NOT_FOUND');
  await refuses(ask('/v1/verdicts/%zz', { method: 'GET' }), 400, 'E_FIELD');
  await refuses(ask('/v1/verdicts?limit=0', { method: 'GET' }), 400, 'E_FIELD');
  await refuses(ask('/v1/verdicts?cursor=!', { method: 'GET' }), 400, 'E_FIELD');
  const wrong = await refuses(screen({ ...GOOD, extra: 1, segment: 5 }), 400, 'E_FIELD');
  assert.deepEqual((wrong.problem.fields as { field: string }[]).map(({ field }) => field).sort(), [
    'extra',
    'segment',
  ]);
  const method = await refuses(ask('/v1/screen/address', { method: 'GET' }), 405, 'E_NOT_FOUND');
  assert.equal(method.headers.allow, 'POST');
});

test('amounts are text, whole and in range', async () => {
  const transfer = (more: object) =>
    ask('/v1/screen/transfer', { body: JSON.stringify({ ...GOOD, asset: 'ETH', direction: 'withdrawal', ...more }) });
  assert.equal((await transfer({ amount: '1.5' })).status, 200);
  await refuses(transfer({ amount: 1.5 }), 400, 'E_FIELD');
  await refuses(transfer({ amount: '0.0000000000000000001' }), 422, 'E_AMOUNT');
  await refuses(transfer({ amountBase: String(2n ** 256n) }), 422, 'E_AMOUNT');
  await refuses(transfer({ amount: '-1' }), 422, 'E_AMOUNT');
});

test('bodies: size, type, depth, keys, encoding, prototype', async () => {
  await refuses(screen('x'.repeat(10 << 20)), 413, 'E_BODY');
  await refuses(screen(GOOD, { 'content-type': 'text/plain' }), 415, 'E_BODY');
  await refuses(ask('/v1/screen/address'), 415, 'E_BODY');
  await refuses(screen(''), 400, 'E_BODY');
  await refuses(screen('{"chain":'), 400, 'E_BODY');
  await refuses(screen(`${'['.repeat(33)}${']'.repeat(33)}`), 400, 'E_BODY');
  await refuses(screen('{"__proto__":{"a":1}}'), 400, 'E_BODY');
  await refuses(screen('{"\\u005f_proto__" : 1}'), 400, 'E_BODY');
  await refuses(ask('/v1/screen/address', { body: Buffer.from([0x22, 0xff, 0x22]) }), 400, 'E_BODY');
  await refuses(screen('\uFEFF{}'), 400, 'E_BODY');
  const many = `{${Array.from({ length: 20_001 }, (_, n) => `"${n}":1`).join(',')}}`;
  await refuses(ask('/v1/screen/batch', { body: many }), 400, 'E_BODY');
});

test('a page of another site reaches nothing', async () => {
  await refuses(screen(GOOD, { host: 'evil.example' }), 403, 'E_HOST');
  await refuses(screen(GOOD, { host: '127.0.0.1:1' }), 403, 'E_HOST');
  await refuses(screen(GOOD, { origin: 'https://evil.example' }), 403, 'E_HOST');
  await refuses(screen(GOOD, { origin: 'null' }), 403, 'E_HOST');
  assert.equal((await screen(GOOD, { origin: stand.url })).status, 200);
});

test('a session may read; to change something, the page must be of the same origin', async () => {
  const signed = await ask('/v1/session', { body: JSON.stringify({ key: stand.key }) });
  const set = String(signed.headers['set-cookie']);
  assert.match(set, /^haetae_session=.+; Path=\/; HttpOnly; SameSite=Strict$/);
  const headers = { authorization: '', cookie: `a=b; haetae_session=${sessionOf(set.split(';')[0])}` };
  assert.equal((await ask('/v1/verdicts', { method: 'GET', headers })).status, 200);
  await refuses(screen(GOOD, headers), 403, 'E_HOST');
  assert.equal((await screen(GOOD, { ...headers, origin: stand.url })).status, 200);
  assert.equal((await screen(GOOD, { ...headers, 'sec-fetch-site': 'same-origin' })).status, 200);
  await refuses(screen(GOOD, { ...headers, 'sec-fetch-site': 'same-site' }), 403, 'E_HOST');
});

test('a dry look-up keeps nothing, with an idempotency key neither', async () => {
  const before = await stand.records.count('idempotency');
  const url = `${stand.url}/v1/screen/address?dry=1`;
  const headers = {
    authorization: `Bearer ${stand.key}`,
    'content-type': 'application/json',
    'idempotency-key': 'dry',
  };
  for (let time = 0; time < 2; time++) {
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(GOOD) });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('idempotency-replayed'), null);
  }
  assert.equal(await stand.records.count('idempotency'), before);
});

test('an idempotency key: one effect, one answer', async () => {
  const headers = { 'idempotency-key': 'one' };
  const [first, second] = await Promise.all([screen(GOOD, headers), screen(GOOD, headers)]);
  const third = await screen(GOOD, headers);
  assert.deepEqual([second.text, third.text], [first.text, first.text]);
  assert.equal(third.headers['idempotency-replayed'], 'true');
  await refuses(screen({ ...GOOD, segment: 'other' }, headers), 422, 'E_IDEMPOTENCY');
  await refuses(screen(GOOD, { 'idempotency-key': 'a b' }), 400, 'E_FIELD');
  await refuses(screen({ ...GOOD, chain: 'nochain' }, { 'idempotency-key': 'two' }), 422, 'E_ASSET');
  assert.equal((await screen(GOOD, { 'idempotency-key': 'two' })).status, 200);
});

test('a batch answers line by line, bad lines in their place', async () => {
  const client = createClient({ url: stand.url, key: stand.key });
  const lines = `"${GOOD.address}"\n{"chain":"bitcoin","address":"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"}\nnot json\n"0x1"\n{"address":"x","chain":"nochain"}\n`;
  const found: unknown[] = [];
  for await (const line of client.screenBatch({ query: { chain: 'ethereum' }, lines })) found.push(line);
  assert.deepEqual(
    found.map((line) => (line as { error?: { code: string } }).error?.code ?? 'fine'),
    ['fine', 'fine', 'E_BODY', 'E_ADDRESS', 'E_ASSET'],
  );
  const many = Array.from({ length: 10_001 }, () => `"${GOOD.address}"`).join('\n');
  const headers = { 'content-type': 'application/x-ndjson' };
  await refuses(ask('/v1/screen/batch?chain=ethereum', { body: many, headers }), 413, 'E_BODY');
  let count = 0;
  const addresses = Array.from({ length: 10_000 }, () => GOOD.address);
  for await (const _ of client.screenBatch({ body: { chain: 'ethereum', addresses } })) count++;
  assert.equal(count, 10_000);
});

test('the client speaks for the declarations and throws what the server says', async () => {
  const client = createClient({ url: stand.url, key: stand.key });
  const verdict = await client.screenAddress({ body: GOOD, query: { dry: '1' } });
  assert.equal(verdict.decision, 'allow');
  const { items, next } = await client.listVerdicts({ query: { limit: 1 } });
  const after = await client.listVerdicts({ query: { limit: 1, cursor: next! } });
  assert.notEqual(items[0]!.id, after.items[0]!.id);
  await assert.rejects(client.getVerdict({ params: { id: 'v-999-0000' } }), { code: 'E_NOT_FOUND' });
  await assert.rejects(createClient({ url: 'http://127.0.0.1:1' }).health(), { code: 'E_SERVER' });
});

test('a fault of the program tells the caller nothing and the log everything', async () => {
  const found = await refuses(ask('/v1/crash', { method: 'GET' }), 500, 'E_INTERNAL');
  assert.doesNotMatch(found.text, /secret/);
  const id = String(found.problem.instance).split(':').at(-1)!;
  assert.equal(stand.faults.filter((line) => line.includes(id) && line.includes('secret detail')).length, 1);
  await assert.rejects(ask('/v1/break', { method: 'GET' }), 'half an answer does not look like a whole one');
});

test('what is no HTTP gets a problem and a closed connection', async () => {
  const text = await new Promise<string>((resolve) => {
    const socket = connect(Number(new URL(stand.url).port), '127.0.0.1', () => socket.write('nonsense\r\n\r\n'));
    let all = '';
    socket.on('data', (chunk) => {
      all += chunk;
    });
    socket.on('close', () => resolve(all));
  });
  assert.match(text, /^HTTP\/1\.1 400 [\s\S]*application\/problem\+json/);
});

test('a caller that goes away in the middle of its body leaves nothing behind', async () => {
  const { port, host } = new URL(stand.url);
  await new Promise<void>((resolve) => {
    const head = `POST /v1/screen/address HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${stand.key}\r\n`;
    const socket = connect(Number(port), '127.0.0.1', () =>
      socket.write(`${head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"chain"`),
    );
    socket.on('close', () => resolve());
    const poll = setInterval(() => {
      if (stand.server.load.inFlight === 0) return;
      clearInterval(poll);
      socket.resetAndDestroy();
    }, 2);
  });
  for (let wait = 0; wait < 200 && stand.server.load.inFlight > 0; wait++)
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(stand.server.load.inFlight, 0);
});

/** As much in flight as the server takes; the answer lets all of it go. */
async function fill(): Promise<() => Promise<void>> {
  const waiting: Promise<unknown>[] = [];
  const releases: (() => void)[] = [];
  for (let n = 0; n < 3; n++) {
    waiting.push(ask('/v1/wait', { body: '{}' }));
    for (const before = release; release === before; ) await new Promise((resolve) => setTimeout(resolve, 5));
    releases.push(release);
  }
  return async () => {
    for (const each of releases) each();
    await Promise.all(waiting);
  };
}

test('over its limit the server sheds, and health still answers', async () => {
  const empty = await fill();
  const shed = await refuses(screen(GOOD), 503, 'E_BUSY');
  assert.equal(shed.headers['retry-after'], '1');
  assert.equal((await ask('/health', { method: 'GET' })).status, 200);
  await empty();
  assert.equal((await screen(GOOD)).status, 200);
  const { text } = await ask('/metrics', { method: 'GET' });
  assert.match(text, /haetae_http_requests_total\{route="wait",status="200"\} 3/);
  assert.match(text, /haetae_http_shed_total 1/);
});

test('the client asks a busy server again, for as long as it may', async () => {
  const asks = (busyMs: number, signal?: AbortSignal) =>
    createClient({ url: stand.url, key: stand.key, busyMs }).screenAddress(
      { body: GOOD, query: { dry: '1' } },
      signal === undefined ? {} : { signal },
    );
  const empty = await fill();
  await assert.rejects(asks(0), { code: 'E_BUSY' });
  const gone = new AbortController();
  const dropped = assert.rejects(asks(60_000, gone.signal), { name: 'AbortError' });
  const patient = asks(60_000);
  const before = stand.server.load.shed;
  while (stand.server.load.shed < before + 2) await new Promise((resolve) => setTimeout(resolve, 5));
  gone.abort();
  await dropped;
  await empty();
  assert.equal((await patient).decision, 'allow');
});

test('a drain finishes what is in flight and takes nothing more', async () => {
  const other = await openStand({ more });
  const { secret } = { secret: other.key };
  const before = release;
  const waiting = fetch(`${other.url}/v1/wait`, {
    method: 'POST',
    body: '{}',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
  });
  while (release === before) await new Promise((resolve) => setTimeout(resolve, 5));
  // With half a request on it, as an idle connection is closed at once.
  const kept = connect(Number(new URL(other.url).port), '127.0.0.1');
  kept.on('error', () => {});
  await once(kept, 'connect');
  kept.write('GET /v1/rules HTTP/1.1\r\n');
  await new Promise((resolve) => setTimeout(resolve, 50));
  const drained = other.server.drain(5000);
  assert.equal(other.server.ready, false);
  await assert.rejects(fetch(`${other.url}/health`));
  kept.write('Host: x\r\n\r\n');
  const [refusal] = (await once(kept, 'data')) as [Buffer];
  assert.match(refusal.toString(), /^HTTP\/1\.1 503 [\s\S]*\r\nConnection: close\r\n/);
  release();
  assert.equal((await waiting).status, 200);
  assert.equal(await drained, 0);
  assert.equal(LOCAL.id, 'local');
});
