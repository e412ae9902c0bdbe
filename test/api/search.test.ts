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
/** As the file has it. */
let memberScript: string;
let report: EntityReport;

async function makeDrill(): Promise<void> {
  await work.ok('drill', '--seed', '7', '--scale', '2000', '--out', work.path('drill'));
  await work.ok('import', 'transfers', work.path('drill', 'transfers.csv'), '--preset', 'haetae', '--complete');
  const bitcoin = ['--preset', 'dumplings', '--chain', 'bitcoin-regtest', '--complete'];
  await work.ok('import', 'transfers', work.path('drill', 'bitcoin.txt'), ...bitcoin);
  writeFileSync(work.path('busy.txt'), busyLines().join('\n'));
  await work.ok('import', 'transfers', work.path('busy.txt'), '--preset', 'dumplings', '--chain', 'bitcoin');
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
    if (entity.members.count < 2) continue;
    memberScript = spent.split('+')[1]!;
    return address!;
  }
  throw new Error('no transaction of two inputs');
}

type Moved = Awaited<ReturnType<Client['getAddress']>>['recent'][number];

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
  const unseen = { params: { chain: 'drill-evm', address: OFF_DRILL } };
  await assert.rejects(client.getEntity(unseen), code('E_NOT_FOUND'));
}

/** By transaction of the file: what it spends of the script and what it pays to it. */
function grossOfFile(script: string): Map<string, { readonly spent: bigint; readonly received: bigint }> {
  const sum = (ends: string): bigint =>
    ends.split('}{').reduce((all, end) => {
      const [value, of] = end.split('+');
      return of === script ? all + BigInt(value!.split('-').at(-1)!) : all;
    }, 0n);
  const lines = readFileSync(work.path('drill', 'bitcoin.txt'), 'utf8').split('\n');
  const all = lines.map((line) => line.split(':::'));
  return new Map(
    all.flatMap(([tx, , , , ins = '', outs = '']) => {
      const gross = { spent: sum(ins), received: sum(outs) };
      return gross.spent + gross.received === 0n ? [] : [[tx!, gross] as const];
    }),
  );
}

async function outputsMove(): Promise<void> {
  const page = await client.getAddress({ params: { chain: REGTEST, address: member } });
  const expected = grossOfFile(memberScript);
  assert.ok([...expected.values()].some(({ spent }) => spent > 0n));
  assert.deepEqual([page.transfers, page.transfersMore], [expected.size, false]);
  const seen = page.recent.map(({ tx, gross }) => [tx, { spent: gross!.spent, received: gross!.received }] as const);
  assert.deepEqual(
    new Map(seen),
    new Map([...expected].map(([tx, { spent, received }]) => [tx, { spent: `${spent}`, received: `${received}` }])),
  );
  const total = (what: 'spent' | 'received') => `${[...expected.values()].reduce((sum, row) => sum + row[what], 0n)}`;
  assert.deepEqual([page.sums?.spent, page.sums?.received], [total('spent'), total('received')]);
  const times = page.recent.map(({ time }) => time);
  assert.deepEqual(times, times.toSorted().toReversed());
  assert.deepEqual([page.lastTime, page.firstTime], [times[0], times.at(-1)]);
  for (const row of page.recent) await sameAsTransaction(row);
  const [account] = result.methods.haircut!.services;
  const other = await client.getAddress({ params: { chain: DRILL, address: account!.address } });
  assert.ok(other.sums === null && other.recent.every(({ gross }) => gross === null));
}

/** What a line says of the others is what the page of its transaction shows. */
async function sameAsTransaction({ tx, from, to, amount, gross }: Moved): Promise<void> {
  const { movements } = await client.getTransaction({ params: { chain: REGTEST, tx: tx! } });
  const others = (side: 'from' | 'to'): string[] => [
    ...new Set(movements.flatMap((each) => (each[side] === null || each[side] === member ? [] : [each[side]]))),
  ];
  const [payers, payees] = [others('from'), others('to')];
  assert.deepEqual([gross!.payers, gross!.payees], [payers.length, payees.length]);
  const net = BigInt(gross!.received) - BigInt(gross!.spent);
  const only = (all: string[]) => (all.length === 1 ? all[0] : null);
  const out = net <= 0n;
  assert.deepEqual([from, BigInt(amount)], out ? [member, -net] : [only(payers), net], tx!);
  assert.equal(to, !out || payees.length === 0 ? member : only(payees), tx!);
}

const BUSY = 2005;
const BUSY_SCRIPT = `0014${'ab'.repeat(20)}`;

/** Transaction n pays n + 1 to the busy script and spends what it was paid by the one before. */
function busyLines(): string[] {
  const end = (value: number, script: string) => `${value}+${script}+TxWitnessV0Keyhash`;
  const id = (number: number) => hash('sha256', `busy ${number}`);
  return Array.from({ length: BUSY }, (_, at) => {
    const payer = `${hash('sha256', `payer ${at}`)}-0-${end(10_000, `0014${'cd'.repeat(20)}`)}`;
    const ins = at === 0 ? [payer] : [payer, `${id(at - 1)}-0-${end(at, BUSY_SCRIPT)}`];
    return [id(at), '00'.repeat(32), 0, 1_600_000_000 + 600 * at, ins.join('}{'), end(at + 1, BUSY_SCRIPT)].join(':::');
  });
}

async function countingStops(): Promise<void> {
  const [tx = ''] = busyLines()[0]!.split(':::');
  const { movements } = await client.getTransaction({ params: { chain: 'bitcoin', tx } });
  const address = movements.find(({ kind }) => kind === 'output')!.to!;
  const page = await client.getAddress({ params: { chain: 'bitcoin', address } });
  assert.deepEqual([page.transfers, page.transfersMore, page.firstTime], [2000, true, null]);
  // Of 5 to 2,004: n + 1 each, and n.
  const sum = (from: number, to: number) => `${((from + to) * (to - from + 1)) / 2}`;
  assert.deepEqual([page.sums?.received, page.sums?.spent], [sum(6, 2005), sum(5, 2004)]);
  assert.equal(page.recent.length, 100);
  const [newest] = page.recent;
  assert.deepEqual(newest?.gross, { spent: '2004', received: '2005', payers: 1, payees: 0 });
  assert.deepEqual([newest?.to, newest?.amount], [address, '1']);
  assert.ok(newest?.from !== null && newest?.from !== address);
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
  test('what an address of a chain of outputs was paid and what it spent is what the file says', outputsMove);
  test('counting stops at 2,000 transactions, and sums with it', countingStops);
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
