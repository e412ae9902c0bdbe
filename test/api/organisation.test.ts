import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Client, createClient } from '../../src/api/client.ts';
import { ConsoleServer } from '../console/_console.ts';

const OURS = { name: 'Our <b>Exchange</b>', contact: 'desk@ours.example\n"><script>run()</script>' };
const THIEF = '0x098b716b8aaf21512996dc57eb0615e2383e2f96';
const server = new ConsoleServer();

describe('the own organisation of a server that runs', () => {
  let admin: Client;
  before(async () => {
    server.organisation = [];
    await server.start('--two-persons');
    admin = await server.client();
  });
  after(() => server.end());

  test('whoever may not make keys may read it, not set it', async () => {
    for (const role of ['viewer', 'analyst', 'approver'] as const) {
      const client = await server.client(role);
      const none = { organisation: null, source: null, changed: null, version: 0 };
      assert.deepEqual(await client.getOrganisation(), none);
      await assert.rejects(client.setOrganisation({ body: OURS }), { code: 'E_FORBIDDEN' });
    }
    await assert.rejects(createClient({ url: server.url }).getOrganisation(), { code: 'E_KEY' });
  });

  test('fields that are not of their form are refused', async () => {
    const set = (body: object) => admin.setOrganisation({ body: body as typeof OURS });
    for (const body of [
      {},
      { name: OURS.name },
      { ...OURS, name: '' },
      { ...OURS, name: 'n'.repeat(201) },
      { ...OURS, contact: 'a\u0007b' },
      { ...OURS, more: 1 },
    ])
      await assert.rejects(set(body), { code: 'E_FIELD' }, JSON.stringify(body));
    assert.equal((await admin.getOrganisation()).version, 0);
  });

  test('it is set by one person, logged, outlives a kill, and draws up notices that do not follow later changes', async () => {
    await admin.addLabel({ body: { chain: 'ethereum', address: THIEF, category: 'stolen', label: 'Thief' } });
    await admin.screenAddress({ body: { chain: 'ethereum', address: THIEF } });
    const alert = (await admin.listAlerts({ query: {} })).items[0]!.id;
    const body = {
      alert,
      to: { name: 'Theirs', contact: 'x@theirs.example' },
      address: THIEF,
      statement: 's',
      legalBasis: 'l',
      expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    };
    await assert.rejects(admin.createHold({ body }), { code: 'E_STATE' });
    assert.equal((await admin.getOverview()).holdsFrom, null);
    const set = await admin.setOrganisation({ body: { ...OURS, version: 0 } });
    assert.deepEqual([set.organisation, set.source, set.version], [OURS, 'set', 1]);
    await server.stop('SIGKILL');
    await server.start();
    assert.deepEqual(await admin.getOrganisation(), set);
    assert.equal((await admin.getOverview()).holdsFrom, OURS.name);
    const { items } = await admin.listAudit({ query: { action: 'organisation' } });
    assert.deepEqual(
      items.map(({ action, detail }) => [action, detail?.name, detail?.contact]),
      [['organisation.set', OURS.name, OURS.contact]],
    );
    assert.match(items[0]!.actor, /^key:[0-9a-f]{12}$/);
    const hold = await admin.createHold({ body });
    assert.deepEqual(hold.notice.from, OURS);
    await assert.rejects(admin.setOrganisation({ body: { name: 'Else', contact: 'c', version: 0 } }), {
      code: 'E_STATE',
    });
    await admin.setOrganisation({ body: { name: 'Else', contact: 'c', version: 1 } });
    const params = { id: hold.id };
    assert.deepEqual((await admin.getHold({ params })).notice, hold.notice);
    const page = String(await admin.getHoldHtml({ params }));
    assert.doesNotMatch(page, /<script|<b>/);
    assert.ok(page.includes('Our &lt;b&gt;Exchange&lt;/b&gt;'));
    assert.match(await server.work.ok('audit', 'verify', '--db', server.database), /^sound: /m);
  });

  test('what the server is started with stands above it', async () => {
    await server.stop();
    server.organisation = ['--organisation=Of the start', '--contact=start@ours.example'];
    await server.start();
    const own = await admin.getOrganisation();
    assert.deepEqual([own.organisation?.name, own.source], ['Of the start', 'command line']);
    await assert.rejects(admin.setOrganisation({ body: OURS }), { code: 'E_STATE' });
    await server.stop();
    server.organisation = [];
    await server.start();
    assert.equal((await admin.getOrganisation()).organisation?.name, 'Else');
  });
});
