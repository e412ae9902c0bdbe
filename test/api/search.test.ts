import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type App, openApp } from '../../src/api/app.ts';
import { type Client, createClient } from '../../src/api/client.ts';
import { parseCsv } from '../../src/base/csv.ts';
import { SILENT } from '../../src/base/progress.ts';
import type { EntityReport } from '../../src/exposure/entity-report.ts';
import type { TraceResult } from '../../src/trace/result.ts';
import { Workplace } from '../e2e/_cli.ts';

const DRILL = 'eip155:31337';
const REGTEST = 'bip122:0f9188f13cb7b2c71f2a335e3a4fc328';
const OFF_DRILL = `0x${'12'.repeat(20)}`;
const code = (expected: string) => (fault: { code?: string }) => fault.code === expected;

function open(database: string): Promise<App> {
  return openApp({
    database,
    host: '127.0.0.1',
    port: 0,
    twoPersons: false,
    organisation: { name: 'Our Exchange', contact: 'desk@ours.example' },
    software: 'test',
    progress: SILENT,
    log: () => {},
  });
}

const HOSTILE = ['<img src=x onerror=alert(1)>', 'שלום עליכם', `${'long '.repeat(18)}name`];

const work = new Workplace();
let app: App;
let client: Client;
let result: TraceResult;
let rows: Record<string, string>[];
let member: string;
let report: EntityReport;

async function makeDrill(): Promise<void> {
  await work.ok('drill', '--seed', '7', '--scale', '2000', '--out', work.path('drill'));
  await work.ok('import', 'transfers', work.path('drill', 'transfers.csv'), '--preset', 'haetae', '--complete');
  const bitcoin = ['--preset', 'dumplings', '--chain', 'bitcoin-regtest', '--complete'];
  await work.ok('import', 'transfers', work.path('drill', 'bitcoin.txt'), ...bitcoin);
  await work.ok('import', 'labels', work.path('drill', 'labels.csv'));
  const csv = HOSTILE.map((label, at) => `0x${String(at).repeat(40)},ethereum,${label},scam`);
  writeFileSync(work.path('hostile.csv'), ['address,chain,label,category', ...csv].join('\n'));
  await work.ok('import', 'labels', work.path('hostile.csv'));
  result = JSON.parse(await work.ok('trace', work.path('drill', 'theft.yaml'), '--all', '--json')) as TraceResult;
  const [header, ...records] = parseCsv(readFileSync(work.path('drill', 'transfers.csv'), 'utf8'), 'transfers.csv');
  rows = records
    .filter((record) => record.length > 1)
    .map((record) => Object.fromEntries(header!.map((name, at) => [name, record[at] ?? ''])));
  app = await open(work.db);
  client = createClient({ url: app.url, key: app.token });
  member = await memberOfCluster();
  await app.close();
  report = JSON.parse(await work.ok('entity', member, '--json', '--limit', '100')) as EntityReport;
  app = await open(work.db);
  client = createClient({ url: app.url, key: app.token });
}

/** Of a transaction of several inputs. */
async function memberOfCluster(): Promise<string> {
  for (const line of readFileSync(work.path('drill', 'bitcoin.txt'), 'utf8').split('\n')) {
    const [tx = '', , , , spent = ''] = line.split(':::');
    if (new Set(spent.split('}{').map((input) => input.split('+')[1])).size !== 2) continue;
    const page = await client.getTransaction({ params: { chain: REGTEST, tx } });
    const [address] = page.movements.flatMap(({ from }) => from ?? []);
    const entity = await client.getEntity({ params: { chain: REGTEST, address: address! } });
    if (entity.members.count >= 2) return address!;
  }
  throw new Error('no transaction of two inputs');
}

const find = (q: string, limit = 30) => client.search({ query: { q, limit } });

async function caseByTitle(): Promise<void> {
  const { items } = await client.listCases({ query: { kind: 'trace' } });
  const [traced] = items;
  assert.ok(traced);
  for (const q of [traced.id, traced.title.slice(2, 12).toUpperCase(), traced.id.slice(0, 8)]) {
    const hit = (await find(q)).items.find(({ kind }) => kind === 'case');
    assert.deepEqual([hit?.id, hit?.simulated], [traced.id, true], q);
  }
}

async function addressFound(): Promise<void> {
  const service = result.methods.haircut!.services[0]!;
  for (const q of [service.address.toUpperCase().replace('0X', '0x'), `${DRILL}:${service.address}`]) {
    const [first] = (await find(q)).items;
    assert.deepEqual([first?.kind, first?.id, first?.chain], ['address', service.address, DRILL]);
  }
  const place = result.methods.haircut!.places[0]!;
  for (const address of [service.address, place.address]) {
    const { items } = await find(address.slice(0, 14));
    assert.ok(
      items.some(({ kind, id }) => kind === 'address' && id === address),
      address,
    );
  }
  const [stranger] = (await find(OFF_DRILL)).items;
  assert.equal(stranger?.id, OFF_DRILL);
}

async function addressMoves(): Promise<void> {
  const { address } = result.methods.haircut!.services[0]!;
  const own = rows.filter(({ from, to }) => from === address || to === address);
  const page = await client.getAddress({ params: { chain: 'drill-evm', address } });
  assert.deepEqual(
    [page.transfers, page.transfersMore, page.recent.length],
    [Math.min(own.length, 2000), own.length > 2000, Math.min(100, own.length)],
  );
  assert.ok(page.cases.length > 0);
  assert.ok(page.labels.every((label) => label.current));
  await assert.rejects(client.getAddress({ params: { chain: 'nochain', address } }), code('E_ASSET'));
  await assert.rejects(client.getAddress({ params: { chain: 'drill-evm', address: '0x12' } }), code('E_ADDRESS'));
}

async function transactionFound(): Promise<void> {
  const tx = result.methods.haircut!.services.flatMap(({ transfers }) => transfers)[0]!.tx!;
  const [hit] = (await find(tx)).items;
  assert.deepEqual([hit?.kind, hit?.id, hit?.chain], ['transaction', tx, DRILL]);
  const page = await client.getTransaction({ params: { chain: DRILL, tx } });
  const own = rows.filter((row) => row.tx === tx);
  assert.deepEqual(page.movements.map(({ amount }) => amount).sort(), own.map(({ amount }) => amount).sort());
  assert.deepEqual(
    page.cases.map(({ simulated }) => simulated),
    [true],
  );
  await assert.rejects(client.getTransaction({ params: { chain: DRILL, tx: 'ff'.repeat(32) } }), code('E_NOT_FOUND'));
}

async function entityOfOutputs(): Promise<void> {
  const page = await client.getEntity({ params: { chain: REGTEST, address: member } });
  assert.equal(page.model, 'utxo');
  assert.deepEqual([page.entity, page.members.count], [report.entity, report.members.count]);
  assert.deepEqual(
    page.members.first.map(({ address }) => address),
    report.members.first,
  );
  const [join] = page.joins!.first;
  const { movements } = await client.getTransaction({ params: { chain: REGTEST, tx: join!.tx! } });
  const inputs = new Set(movements.flatMap(({ from }) => from ?? []));
  assert.ok(join!.members.every((address) => inputs.has(address)));
  const address = await client.getAddress({ params: { chain: REGTEST, address: member } });
  assert.ok(address.transfers > 0 && address.recent.every(({ to }) => to === member));
  const unseen = { params: { chain: 'drill-evm', address: OFF_DRILL } };
  await assert.rejects(client.getEntity(unseen), code('E_NOT_FOUND'));
}

async function hostileNames(): Promise<void> {
  for (const label of HOSTILE) {
    const { items } = await find(label.slice(0, 12));
    assert.ok(
      items.some(({ kind, id }) => kind === 'entity' && id === label.trim()),
      label,
    );
    const named = await client.getNamedEntity({ params: { name: label } });
    assert.equal(named.labels[0]?.label, label.trim());
  }
  const body = {
    chain: 'ethereum',
    address: OFF_DRILL,
    category: 'stolen' as const,
    label: 'Purse Snatcher',
    confidence: 'forensic' as const,
  };
  const added = await client.addLabel({ body });
  assert.equal((await find('purse sn')).items[0]?.id, 'Purse Snatcher');
  await client.expireLabel({ params: { id: added.id }, body: { reason: 'wrong' } });
  const named = await client.getNamedEntity({ params: { name: 'PURSE SNATCHER' } });
  assert.deepEqual(
    named.labels.map(({ current }) => current),
    [false],
  );
  await assert.rejects(client.getNamedEntity({ params: { name: 'nobody at all' } }), code('E_NOT_FOUND'));
  const page = await client.listEntities({ query: { q: 'snatcher' } });
  assert.deepEqual(
    page.items.map(({ name, addresses }) => [name, addresses]),
    [['Purse Snatcher', 1]],
  );
  const first = await client.listEntities({ query: { limit: 3 } });
  const second = await client.listEntities({ query: { limit: 3, cursor: first.next! } });
  const names = [...first.items, ...second.items].map(({ name }) => name);
  assert.equal(new Set(names).size, 6);
}

async function idsByBeginning(): Promise<void> {
  const transfer = { chain: 'ethereum', asset: 'ETH', direction: 'deposit' as const, amount: '3' };
  await client.addLabel({
    body: { chain: 'ethereum', address: OFF_DRILL, category: 'sanctioned', label: 'Listed', confidence: 'forensic' },
  });
  await client.screenTransfer({ body: { ...transfer, address: OFF_DRILL } });
  const [verdict] = (await client.listVerdicts({ query: {} })).items;
  const [alert] = (await client.listAlerts({ query: {} })).items;
  const opened = await client.createCase({ body: { title: 'A desk case', alerts: [] } });
  for (const [kind, id] of [
    ['verdict', verdict!.id],
    ['alert', alert!.id],
    ['desk-case', opened.id],
  ] as const) {
    for (const q of [id, id.slice(0, -2)])
      assert.ok(
        (await find(q)).items.some((hit) => hit.kind === kind && hit.id === id),
        q,
      );
  }
  assert.equal((await find('desk CASE')).items[0]?.id, opened.id);
  assert.deepEqual(await find('   '), { items: [], more: false });
  assert.equal((await find('e', 2)).items.length, 2);
  assert.equal((await find('e', 2)).more, true);
}

async function holdFromCase(): Promise<void> {
  const service = result.methods.haircut!.services.find(({ recoverable, name }) => recoverable && name !== null)!;
  const { chain, address, asset } = service;
  const from = { id: result.case, theft: result.theft.id, method: 'haircut', chain, address, asset };
  const body = {
    to: { name: 'Their Exchange', contact: 'compliance@theirs.example' },
    address,
    statement: 'Stolen from our customer.',
    legalBasis: 'Article 1',
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
  };
  const drawn = await client.createHold({ body: { ...body, case: from } });
  const { notice } = drawn;
  assert.deepEqual(
    [drawn.alert, drawn.case, drawn.alertAt, notice.what.amount],
    [null, result.case, null, service.amount],
  );
  assert.deepEqual(new Set(notice.what.transactions), new Set(service.transfers.flatMap(({ tx }) => tx ?? [])));
  assert.equal(notice.why.stolenAt, result.theft.time);
  assert.equal(notice.why.reasons[0]?.label?.source, service.labelSource);
  const { digest } = await client.listCaseFiles({ params: { id: result.case } });
  assert.deepEqual(
    [notice.why.case?.digest, notice.why.case?.share, notice.why.case?.simulated],
    [digest, service.share, true],
  );
  const sentOut = await fetch(`${app.url}/v1/holds/${drawn.id}/notice`, {
    headers: { authorization: `Bearer ${app.token}` },
  });
  const { digest: own, ...rest } = (await sentOut.json()) as Record<string, unknown>;
  assert.equal(own, hash('sha256', JSON.stringify(rest)));
  await client.sendHold({ params: { id: drawn.id }, body: {} });
  const held = await client.acknowledgeHold({ params: { id: drawn.id }, body: { by: 'J. Doe' } });
  const passed = (Date.parse(held.acknowledged!.at) - Date.parse(result.theft.time)) / 1000;
  assert.ok(Math.abs(held.timeToHold!.fromTheft! - passed) <= 1);
  assert.equal(held.timeToHold!.fromAlert, null);
  assert.deepEqual(
    (await client.listHolds({ query: { case: result.case } })).items.map(({ id }) => id),
    [drawn.id],
  );
  assert.deepEqual((await client.listHolds({ query: { case: 'other' } })).items, []);
  const page = await client.getHoldHtml({ params: { id: drawn.id } });
  assert.match(page, /SIMULATED: a drill/);
  assert.ok(page.includes(digest));
  if (process.env.HAETAE_HOLD_PAGE !== undefined) writeFileSync(process.env.HAETAE_HOLD_PAGE, page);
  assert.equal((await find(drawn.id)).items[0]?.kind, 'hold');

  const refused = (more: object, expected: string) =>
    assert.rejects(client.createHold({ body: { ...body, ...more } as never }), code(expected));
  await refused({}, 'E_FIELD');
  await refused({ case: from, alert: 'al-1-0000' }, 'E_FIELD');
  await refused({ case: { ...from, address: OFF_DRILL } }, 'E_NOT_FOUND');
  await refused({ case: { ...from, theft: 'another' } }, 'E_NOT_FOUND');
  await refused({ case: { ...from, id: 'another' } }, 'E_NOT_FOUND');
  await refused({ case: { ...from, method: 'constructor' } }, 'E_FIELD');
  await refused({ case: { ...from, address: 'x' } }, 'E_ADDRESS');
  await refused({ case: from, amount: `${BigInt(service.amount) + 1n}` }, 'E_AMOUNT');
}

async function entitiesOfIndex(): Promise<void> {
  await app.close();
  await work.ok('index', 'build');
  app = await open(work.db);
  client = createClient({ url: app.url, key: app.token });
  const asked = { params: { chain: REGTEST, address: member } };
  await assert.rejects(client.getEntity(asked), code('E_STATE'));
  await app.close();
  await work.ok('exposure', 'build');
  app = await open(work.db);
  client = createClient({ url: app.url, key: app.token });
  const page = await client.getEntity(asked);
  assert.deepEqual([page.entity, page.members.count], [report.entity, report.members.count]);
}

suite('search and pages over a drill', () => {
  before(makeDrill);
  after(async () => {
    await app?.close();
    work.remove();
  });
  test('a case is found by a part of its title and by its id', caseByTitle);
  test('an address is found whole, with its chain, and by its beginning', addressFound);
  test('what an address moved is what the file says', addressMoves);
  test('a transaction is found whole, and its page has the movements of the file', transactionFound);
  test('entities of a chain of outputs: members, joins and labels as the command tells them', entityOfOutputs);
  test('hostile names are found and come back as they are, and own labels at once', hostileNames);
  test('verdicts, alerts and desk cases are found by their beginning', idsByBeginning);
  test('a hold from a case: drawn up, sent, acknowledged; time from the theft', holdFromCase);
  test('with an index, entities are those that were built; without them the answer says what to run', entitiesOfIndex);
});

const folder = process.env.HAETAE_DATASETS ?? '';
const accounts = join(folder, 'labels/etherscan-accounts.json');
const packFolder = join(folder, 'labels/tagpacks/packs');
const sanctions = join(folder, 'sanctions/ofac-by-asset');
const skip =
  folder !== '' && [accounts, packFolder, sanctions].every((path) => existsSync(path))
    ? false
    : 'HAETAE_DATASETS has no label sets';

suite('search over real label packs', { skip }, () => {
  const own = new Workplace();
  let served: App;
  before(async () => {
    const packs = ['lazarus.yaml', 'exchange-wallets-binance.yaml', 'walletexplorer.yaml'].map((name) =>
      join(packFolder, name),
    );
    await own.ok('import', 'labels', accounts, ...packs, join(sanctions, 'sanctioned_addresses_ETH.json'));
    served = await open(own.db);
  });
  after(async () => {
    await served?.close();
    own.remove();
  });

  test('Lazarus by name, and an address that OFAC lists by its beginning', async () => {
    const client = createClient({ url: served.url, key: served.token });
    const { items } = await client.search({ query: { q: 'lazarus' } });
    assert.ok(items.some(({ kind, detail }) => kind === 'entity' && detail.includes('sanctioned')));
    const thief = '0x098b716b8aaf21512996dc57eb0615e2383e2f96';
    const beginning = await client.search({ query: { q: '0x098B716B' } });
    assert.deepEqual(
      beginning.items.map(({ id, chain }) => [id, chain]),
      [[thief, 'eip155:1']],
    );
    const page = await client.getAddress({ params: { chain: 'ethereum', address: thief } });
    assert.ok(page.labels.some(({ category, source }) => category === 'sanctioned' && source.startsWith('ofac-sdn')));
    assert.deepEqual([page.transfers, page.firstTime, page.exposure], [0, null, null]);
  });
});
