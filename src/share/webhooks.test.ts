import assert from 'node:assert/strict';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { AuditLog } from '../access/audit-log.ts';
import { SYSTEM } from '../access/principal.ts';
import { openRecords } from '../store/open-records.ts';
import type { Records } from '../store/records.ts';
import { waitAfter } from './webhook-record.ts';
import { verifyWebhook } from './webhook-signature.ts';
import { type WebhookParts, Webhooks } from './webhooks.ts';

interface Got {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A receiver that keeps what it got; `answer` may be changed. */
async function receiver(
  answer: Answer,
): Promise<{ url: string; got: Got[]; answer: Answer; server: Server; close(): Promise<void> }> {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      held.answer(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  const held = { url: `http://127.0.0.1:${port}/hook`, got, answer, server, close };
  return held;
}

const ok: Answer = (response) => void response.writeHead(204).end();
const broken: Answer = (response) => void response.writeHead(500).end('no');

interface Bench {
  readonly records: Records;
  readonly audited: AuditLog;
  readonly skip: { ms: number };
  readonly parts: WebhookParts;
}

async function bench(more: Partial<WebhookParts> = {}): Promise<Bench> {
  const records = await openRecords({ path: ':memory:' });
  const skip = { ms: 0 };
  const clock = (): number => Date.now() + skip.ms;
  const audited = await AuditLog.open(records, clock);
  return { records, audited, skip, parts: { records, audited, clock, allowPrivate: true, timeoutMs: 400, ...more } };
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  // Long: the machine may be busy with other work.
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail(`not in a minute: ${what}`);
}

async function tell(desk: Bench, webhooks: Webhooks, data: unknown): Promise<void> {
  const changes = webhooks.outbox({ type: 'alert.raised', at: new Date(0).toISOString(), data });
  await desk.audited.commit([], changes);
}

test('an event is signed, delivered once, removed and counted', async () => {
  const desk = await bench();
  const hook = await receiver(ok);
  const webhooks = await Webhooks.open(desk.parts);
  const { endpoint, secret } = await webhooks.create({ url: hook.url, events: [] }, SYSTEM);
  webhooks.start();
  await tell(desk, webhooks, { id: 'al-1-0000' });
  await until('delivered', async () => (await desk.records.count('delivery')) === 0 && hook.got.length > 0);
  const [{ headers, body }] = hook.got as [Got];
  const header = String(headers['haetae-signature']);
  const now = Math.floor(Date.now() / 1000);
  assert.equal(verifyWebhook(secret, header, body, now), 'valid');
  assert.equal(verifyWebhook(secret, header, body, now + 400), 'outside-window');
  assert.equal(headers['haetae-event'], 'alert.raised');
  assert.match(String(headers['haetae-delivery']), /^wd-\d+-[0-9a-f]{4}$/);
  assert.deepEqual(Object.keys(JSON.parse(body) as object), ['id', 'type', 'at', 'data']);
  assert.equal(hook.got.length, 1);
  assert.equal(webhooks.get(endpoint.id).delivered, 1);
  assert.ok(!JSON.stringify(webhooks.list()).includes(secret));
  await webhooks.stop();
  assert.equal((await Webhooks.open(desk.parts)).get(endpoint.id).delivered, 1);
  await hook.close();
});

test('what is not acknowledged is kept over restarts, retried with back-off, and delivered in the end', async () => {
  const desk = await bench();
  const hook = await receiver(broken);
  const first = await Webhooks.open(desk.parts);
  const { endpoint } = await first.create({ url: hook.url, events: ['alert.raised'] }, SYSTEM);
  first.start();
  await tell(desk, first, 1);
  const shown = async (webhooks: Webhooks) => (await webhooks.deliveries(endpoint.id, { limit: 10 })).items[0];
  await until('tried once', async () => (await shown(first))?.attempts === 1);
  await first.stop();
  const delivery = await shown(first);
  assert.deepEqual([delivery?.state, delivery?.lastStatus], ['pending', 500]);
  assert.ok(Date.parse(delivery!.nextAt!) - Date.parse(delivery!.lastAt!) >= 1000);
  const second = await Webhooks.open(desk.parts);
  second.start();
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(hook.got.length, 1);
  await second.stop();
  desk.skip.ms += 2000;
  hook.answer = ok;
  second.start();
  await until('acknowledged', async () => (await desk.records.count('delivery')) === 0);
  assert.equal(hook.got[0]?.headers['haetae-delivery'], hook.got[1]?.headers['haetae-delivery']);
  assert.equal(hook.got[0]?.body, hook.got[1]?.body);
  await second.stop();
  await hook.close();
});

test('after three days it has failed, is shown, and can be sent again', async () => {
  const desk = await bench();
  const hook = await receiver(broken);
  const webhooks = await Webhooks.open(desk.parts);
  const { endpoint } = await webhooks.create({ url: hook.url, events: [] }, SYSTEM);
  await tell(desk, webhooks, 1);
  desk.skip.ms += 3 * 86_400_000 + 1000;
  webhooks.start();
  const failed = async () => (await webhooks.deliveries(endpoint.id, { state: 'failed', limit: 5 })).items;
  await until('given up', async () => (await failed()).length === 1);
  hook.answer = ok;
  await webhooks.resend(endpoint.id, (await failed())[0]!.id, SYSTEM);
  await until('delivered', async () => (await desk.records.count('delivery')) === 0);
  await webhooks.stop();
  await hook.close();
});

test('what was never committed is never sent', async () => {
  const desk = await bench();
  const hook = await receiver(ok);
  const webhooks = await Webhooks.open(desk.parts);
  await webhooks.create({ url: hook.url, events: [] }, SYSTEM);
  webhooks.start();
  webhooks.outbox({ type: 'alert.raised', at: '', data: 'lost' });
  await tell(desk, webhooks, 'kept');
  await until('delivered', () => hook.got.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(
    hook.got.map(({ body }) => (JSON.parse(body) as { data: string }).data),
    ['kept'],
  );
  await webhooks.stop();
  await hook.close();
});

test('a silent, an endless, a redirecting and a closed receiver fail in words; none holds up another', async () => {
  const desk = await bench();
  const good = await receiver(ok);
  const elsewhere = await receiver(ok);
  const silent = await receiver(() => {});
  const endless = await receiver((response) => {
    response.writeHead(400);
    const more = (): void => {
      while (response.write('x'.repeat(65536)));
      response.once('drain', more);
    };
    more();
  });
  const moved = await receiver((response) => void response.writeHead(302, { location: elsewhere.url }).end());
  const gone = await receiver(ok);
  await gone.close();
  const webhooks = await Webhooks.open(desk.parts);
  const faults: [string, RegExp][] = [
    [silent.url, /no answer in 0\.4 s/],
    [endless.url, /answers 400/],
    [moved.url, /redirects/],
    [gone.url, /cannot be reached \(ECONNREFUSED\)/],
  ];
  const made = [];
  for (const [url, fault] of faults)
    made.push({ fault, id: (await webhooks.create({ url, events: [] }, SYSTEM)).endpoint.id });
  await webhooks.create({ url: good.url, events: [] }, SYSTEM);
  webhooks.start();
  await tell(desk, webhooks, 1);
  await until('the good one', () => good.got.length === 1);
  for (const { id, fault } of made) {
    const last = async () => (await webhooks.deliveries(id, { limit: 1 })).items[0]?.lastFault ?? null;
    await until(String(fault), async () => (await last()) !== null);
    assert.match((await last())!, fault);
  }
  assert.equal(elsewhere.got.length, 0);
  await webhooks.stop();
  await Promise.all([good, elsewhere, silent, endless, moved].map((hook) => hook.close()));
});

test('private addresses are refused when created and when sent, also behind a name that changed', async () => {
  const hook = await receiver(ok);
  const { port } = new URL(hook.url);
  const answers = ['8.8.8.8'];
  const desk = await bench({ allowPrivate: false, resolve: async () => answers });
  const webhooks = await Webhooks.open(desk.parts);
  const create = (url: string) => webhooks.create({ url, events: [] }, SYSTEM);
  const refused = (fault: { code?: string }) => fault.code === 'E_WEBHOOK';
  await assert.rejects(create(hook.url), refused);
  await assert.rejects(create(`https://127.0.0.1:${port}/`), refused);
  const { endpoint } = await create(`https://hooks.example:${port}/`);
  answers[0] = '127.0.0.1';
  await assert.rejects(create(`https://hooks.example:${port}/`), refused);
  webhooks.start();
  await tell(desk, webhooks, 1);
  const last = async () => (await webhooks.deliveries(endpoint.id, { limit: 1 })).items[0]?.lastFault ?? null;
  await until('tried', async () => (await last()) !== null);
  assert.match((await last())!, /E_WEBHOOK/);
  await webhooks.stop();
  await hook.close();
});

test('a connection goes to the address that was checked, whatever the name says', async () => {
  const hook = await receiver(ok);
  const { port } = new URL(hook.url);
  let asked = 0;
  const resolve = async (): Promise<string[]> => {
    asked += 1;
    return ['127.0.0.1'];
  };
  const desk = await bench({ resolve });
  const webhooks = await Webhooks.open(desk.parts);
  await webhooks.create({ url: `http://no-such-name.invalid:${port}/`, events: [] }, SYSTEM);
  webhooks.start();
  await tell(desk, webhooks, 1);
  await until('delivered', () => hook.got.length === 1);
  assert.equal(hook.got[0]?.headers.host, `no-such-name.invalid:${port}`);
  assert.equal(asked, 2);
  await webhooks.stop();
  await hook.close();
});

test('a rotated secret and the former both verify; a deleted webhook leaves nothing', async () => {
  const desk = await bench();
  const hook = await receiver(ok);
  const webhooks = await Webhooks.open(desk.parts);
  const { endpoint, secret } = await webhooks.create({ url: hook.url, events: [] }, SYSTEM);
  const rotated = await webhooks.rotate(endpoint.id, SYSTEM);
  webhooks.start();
  await webhooks.test(endpoint.id, SYSTEM);
  await until('delivered', () => hook.got.length === 1);
  const { headers, body } = hook.got[0]!;
  for (const known of [secret, rotated.secret]) {
    assert.equal(verifyWebhook(known, String(headers['haetae-signature']), body, Date.now() / 1000), 'valid');
  }
  await webhooks.stop();
  await tell(desk, webhooks, 'late');
  await webhooks.remove(endpoint.id, SYSTEM);
  assert.deepEqual([await desk.records.count('delivery'), await desk.records.count('webhook')], [0, 0]);
  assert.deepEqual(webhooks.outbox({ type: 'alert.raised', at: '', data: 1 }), []);
  await hook.close();
});

test('five hundred events reach two endpoints, each once', async () => {
  const desk = await bench({ timeoutMs: 5000 });
  const hooks = [await receiver(ok), await receiver(ok)];
  const webhooks = await Webhooks.open(desk.parts);
  for (const { url } of hooks) await webhooks.create({ url, events: [] }, SYSTEM);
  webhooks.start();
  for (let event = 0; event < 500; event += 1) await tell(desk, webhooks, event);
  await until('all', async () => (await desk.records.count('delivery')) === 0);
  for (const { got } of hooks) assert.equal(new Set(got.map(({ headers }) => headers['haetae-delivery'])).size, 500);
  assert.deepEqual(
    hooks.map(({ got }) => got.length),
    [500, 500],
  );
  await webhooks.stop();
  await Promise.all(hooks.map((hook) => hook.close()));
});

test('waits double from a second to an hour, give or take a quarter', () => {
  assert.deepEqual(
    [1, 2, 3, 12, 13, 1000].map((attempts) => waitAfter(attempts, 0.5)),
    [1000, 2000, 4000, 2_048_000, 3_600_000, 3_600_000],
  );
  assert.deepEqual([waitAfter(3, 0), waitAfter(3, 1), waitAfter(1, 0)], [3000, 5000, 1000]);
});
