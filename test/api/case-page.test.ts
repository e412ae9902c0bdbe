import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import { type App, openApp } from '../../src/api/app.ts';
import { type Client, createClient } from '../../src/api/client.ts';
import { CasePictures } from '../../src/api/handlers/case-pictures.ts';
import { boardRoutes } from '../../src/api/routes/boards.ts';
import { pictureRoutes } from '../../src/api/routes/pictures.ts';
import type { HaetaeError } from '../../src/base/errors.ts';
import { SILENT } from '../../src/base/progress.ts';
import { Workplace } from '../e2e/_cli.ts';
import { ronin, traceDrill, traceRonin } from './_cases.ts';

const never = new AbortController().signal;

function appOver(work: Workplace): Promise<App> {
  const options = { host: '127.0.0.1', port: 0, twoPersons: false, software: '0', progress: SILENT, log: () => {} };
  const organisation = { name: 'Responders', contact: 'desk@example.org' };
  return openApp({ ...options, organisation, database: work.db });
}

async function bytesOf(app: App, path: string): Promise<Buffer> {
  const answer = await fetch(app.url + path, { headers: { authorization: `Bearer ${app.token}` } });
  assert.equal(answer.status, 200, path);
  return Buffer.from(await answer.arrayBuffer());
}

/** Each answer holds to its own schema. */
async function checkAnswers(client: Client, id: string): Promise<void> {
  const params = { id };
  const view = pictureRoutes.getCaseView.response.parse(await client.getCaseView({ params }));
  assert.equal(view.id, id);
  const files = await client.listCaseFiles({ params });
  assert.equal(view.digest, files.digest);
  for (const theft of view.thefts) {
    for (const { name } of theft.methods) {
      const query = { theft: theft.id, method: name };
      const flow = pictureRoutes.getCaseFlow.response.parse(await client.getCaseFlow({ params, query }));
      assert.deepEqual([flow.theft, flow.method], [theft.id, name]);
    }
    const { items } = pictureRoutes.listCaseServices.response.parse(
      await client.listCaseServices({ params, query: { theft: theft.id } }),
    );
    for (const { chain, address } of [...items.slice(0, 3), ...theft.seeds.slice(0, 3)]) {
      const query = { theft: theft.id, chain, address };
      const place = pictureRoutes.getCasePlace.response.parse(await client.getCasePlace({ params, query }));
      const page = await client.listCaseTransfers({ params, query: { ...query, limit: 7 } });
      const list = pictureRoutes.listCaseTransfers.response.parse(page);
      assert.equal(list.total, place.transfers);
      assert.equal(list.items.length, Math.min(7, list.total));
    }
  }
}

async function checkBundle(app: App, work: Workplace, id: string): Promise<void> {
  const path = `/v1/cases/${encodeURIComponent(id)}/bundle`;
  const zip = await bytesOf(app, path);
  assert.ok(zip.equals(await bytesOf(app, path)), 'the same case gives the same bytes');
  const { digest } = await createClient({ url: app.url, key: app.token }).listCaseFiles({ params: { id } });
  writeFileSync(work.path('whole.zip'), zip);
  assert.match(await work.ok('verify', work.path('whole.zip'), '--expect', digest), new RegExp(`^OK ${id}`));
  const file = await bytesOf(app, `/v1/cases/${encodeURIComponent(id)}/files/transfers.csv`);
  const start = zip.indexOf(file);
  assert.ok(start > 0, 'entries are stored as they are');
  zip[start + 40] = zip[start + 40]! ^ 1;
  writeFileSync(work.path('changed.zip'), zip);
  assert.match(
    await work.refused('E_BUNDLE', 'verify', work.path('changed.zip')),
    /transfers\.csv differs at byte 40\b/,
  );
  writeFileSync(work.path('cut.zip'), zip.subarray(0, zip.length >> 1));
  assert.match(await work.refused('E_BUNDLE', 'verify', work.path('cut.zip')), /no zip that can be read/);
}

interface Desk {
  readonly work: Workplace;
  readonly app: App;
  readonly client: Client;
  readonly id: string;
}

let desk: Promise<Desk> | null = null;

/** A drill, traced once for the suites of this file; the last of them closes it. */
function deskOfDrill(): Promise<Desk> {
  desk ??= (async () => {
    const work = new Workplace();
    await traceDrill(work, 11, 500);
    const app = await appOver(work);
    const client = createClient({ url: app.url, key: app.token });
    const { id } = (await client.listCases({ query: { kind: 'trace' } })).items[0]!;
    return { work, app, client, id };
  })();
  return desk;
}

suite('the case page over a real app, with a drill', () => {
  let work: Workplace;
  let app: App;
  let client: Client;
  let id: string;
  before(async () => {
    ({ work, app, client, id } = await deskOfDrill());
  });

  test('each answer holds to its own schema', () => checkAnswers(client, id));

  test('the bundle is one file that verifies, and one changed byte of it is named', () => checkBundle(app, work, id));

  test('a case that is none, and what a case does not have, are not found', async () => {
    const refused = { code: 'E_NOT_FOUND' };
    for (const ask of [
      'getCaseView',
      'getCaseFlow',
      'listCaseTransfers',
      'listCaseServices',
      'getCaseBundle',
    ] as const) {
      await assert.rejects(client[ask]({ params: { id: 'none' }, query: {} } as never), refused, ask);
    }
    await assert.rejects(client.getCaseBoard({ params: { id: 'none' } }), refused);
    await assert.rejects(client.getCaseFlow({ params: { id }, query: { method: 'none' } }), refused);
    await assert.rejects(
      client.getCasePlace({ params: { id }, query: { chain: 'eip155:1', address: '0x1' } }),
      refused,
    );
  });

  test('a label added later stands at the place', async () => {
    const [service] = (await client.listCaseServices({ params: { id }, query: {} })).items;
    const { chain, address } = service!;
    const label = { category: 'exchange' as const, label: 'Found out later', confidence: 'forensic' as const };
    await client.addLabel({ body: { chain, address, ...label } });
    const place = await client.getCasePlace({ params: { id }, query: { chain, address } });
    assert.equal(place.labels.at(-1)!.label, 'Found out later');
    assert.ok(place.labels.length > 1);
  });

  test('a hold notice stands at the service that it was drawn up for, wherever the assets are with the provider', async () => {
    const { items, methods } = await client.listCaseServices({ params: { id }, query: {} });
    const [service] = items;
    const { thefts } = await client.getCaseView({ params: { id } });
    const { chain, address, asset } = service!;
    const from = { id, theft: thefts[0]!.id, method: methods[0]!, chain, address, asset };
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const text = { statement: 'Please hold.', legalBasis: 'None yet.', expiresAt, tlp: 'TLP:AMBER' as const };
    const to = { name: 'An exchange', contact: 'abuse@example.org' };
    const hold = await client.createHold({ body: { case: from, to, address: 'their hot wallet 3', ...text } });
    const after = (await client.listCaseServices({ params: { id }, query: {} })).items;
    assert.deepEqual(after[0]!.holds, [hold.id]);
    assert.ok(after.every((item, index) => index === 0 || !item.holds.includes(hold.id) || item.address === address));
  });

  test('a board is kept with its version, and who wrote a note is not for the client to say', async () => {
    const params = { id };
    const empty = boardRoutes.getCaseBoard.response.parse(await client.getCaseBoard({ params }));
    assert.equal(empty.version, 0);
    const forged = { id: 'n1', place: null, text: 'Call them', at: '2020-01-01T00:00:00Z', by: 'somebody else' };
    const pins = [{ place: 'eip155:1|0x1', x: 1.5, y: -2 }];
    const content = { pins, notes: [forged], expanded: ['group:A'], hidden: [], version: 0 };
    const saved = boardRoutes.saveCaseBoard.response.parse(await client.saveCaseBoard({ params, body: content }));
    const [note] = saved.notes;
    assert.equal(saved.version, 1);
    assert.equal(note!.text, 'Call them');
    assert.notEqual(note!.by, 'somebody else');
    assert.notEqual(note!.at, forged.at);
    assert.deepEqual(await client.getCaseBoard({ params }), saved);
    await assert.rejects(client.saveCaseBoard({ params, body: content }), { code: 'E_STATE' });
    const again = await client.saveCaseBoard({ params, body: { ...saved, notes: [{ ...note!, by: 'forged' }] } });
    assert.deepEqual(again.notes, saved.notes);
    const last = (await client.listAudit({ query: { limit: 1 } })).items[0]!;
    assert.deepEqual([last.action, last.subject, last.detail], ['board.save', id, { version: 2, pins: 1, notes: 1 }]);
  });
});

suite('the thread that draws cases', () => {
  let app: App;
  let id: string;
  before(async () => {
    ({ app, id } = await deskOfDrill());
  });
  after(async () => {
    await app.close();
    (await deskOfDrill()).work.remove();
  });

  test('a thread that ended is started anew, and what waited is told to ask again', async () => {
    const pictures = new CasePictures(app.parts.store);
    const first = await pictures.ask(id, { kind: 'view' }, never);
    const cut = pictures.ask(id, { kind: 'flow', limit: 10 }, never);
    cut.catch(() => undefined);
    while (!(await ended(pictures))) await new Promise((resolve) => setImmediate(resolve));
    await cut.catch((error: unknown) => assert.equal((error as HaetaeError).code, 'E_BUSY'));
    assert.deepEqual(await pictures.ask(id, { kind: 'view' }, never), first);
    await pictures.stop(true);
    await assert.rejects(pictures.ask(id, { kind: 'view' }, never), { code: 'E_BUSY' });
  });

  test('more than may wait are sent away', async () => {
    const pictures = new CasePictures(app.parts.store);
    const asked = Array.from({ length: 100 }, () =>
      pictures.ask(id, { kind: 'view' }, never).then(
        () => 'answered',
        (error: HaetaeError) => error.code,
      ),
    );
    const told = await Promise.all(asked);
    assert.deepEqual([...new Set(told)].sort(), ['E_BUSY', 'answered']);
    await pictures.stop(true);
  });

  test('a case that is kept again with other evidence is drawn anew, whatever its id', async () => {
    const { store } = app.parts;
    const pictures = new CasePictures(store);
    const other = (await store.loadCase(id))!;
    await store.saveCase({ ...other, id: 'followed', title: 'Before' });
    const ask = async () => JSON.parse(Buffer.from(await pictures.ask('followed', { kind: 'view' }, never)).toString());
    assert.equal((await ask()).title, 'Before');
    // The bundle's README is of the files and in no result: one byte more, the same picture, another digest.
    const before = (await ask()).digest;
    const readme = Buffer.concat([other.files.get('README.txt')!, Buffer.from('\n')]);
    await store.saveCase({ ...other, id: 'followed', files: new Map(other.files).set('README.txt', readme) });
    const changed = await ask();
    assert.notEqual(changed.digest, before);
    // Traced again to the same files: only its date is another.
    const same = (await store.loadCase('followed'))!;
    await store.saveCase({ ...same, createdAt: same.createdAt + 3600 });
    const dated = await ask();
    assert.deepEqual({ ...dated, createdAt: changed.createdAt }, changed);
    assert.equal(Date.parse(dated.createdAt), Date.parse(changed.createdAt) + 3_600_000);
    await pictures.stop(true);
  });
});

/** Ends the thread while something is asked of it. */
async function ended(pictures: CasePictures): Promise<boolean> {
  await new Promise((resolve) => setImmediate(resolve));
  await pictures.stop();
  return true;
}

suite('the case page over a real app, with Ronin', { skip: ronin.skip }, () => {
  const work = new Workplace();
  let app: App;
  before(async () => {
    if (ronin.skip !== false) return;
    await traceRonin(work);
    app = await appOver(work);
  });
  after(async () => {
    await app?.close();
    work.remove();
  });

  test('each answer holds to its own schema, and the bundle verifies', async () => {
    const client = createClient({ url: app.url, key: app.token });
    const { id } = (await client.listCases({ query: { kind: 'trace' } })).items[0]!;
    await checkAnswers(client, id);
    await checkBundle(app, work, id);
  });
});
