import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type App, openApp } from '../../src/api/app.ts';
import { type Client, createClient } from '../../src/api/client.ts';
import { SILENT } from '../../src/base/progress.ts';
import type { MethodResult, TraceResult } from '../../src/trace/result.ts';
import { datasetPath, ROOT, Workplace } from './_cli.ts';

const ETHER = 'eip155:1/slip44:60';

async function serve(database: string): Promise<{ readonly app: App; readonly client: Client }> {
  const app = await openApp({
    database,
    host: '127.0.0.1',
    port: 0,
    twoPersons: false,
    software: 'test',
    progress: SILENT,
  });
  return { app, client: createClient({ url: app.url, key: app.token }) };
}

const sum = (units: Iterable<string>): bigint => [...units].reduce((total, text) => total + BigInt(text), 0n);

/** Against the results as the case gives them: each state from its own words. */
async function checkMoney(client: Client, id: string): Promise<void> {
  const { money } = await client.getOverview();
  const own = money.filter((row) => row.case === id);
  const result = (await client.getCaseResults({ params: { id } })) as unknown as TraceResult;
  const thefts = [result, ...result.furtherThefts];
  assert.deepEqual(
    own.map(({ theft }) => theft),
    thefts.map(({ theft }) => theft.id),
  );
  for (const [index, row] of own.entries()) {
    const { theft, methods } = thefts[index]!;
    assert.equal(row.method, 'haircut');
    const { buckets, services }: MethodResult = methods.haircut!;
    assert.equal(row.stolen, theft.stolen);
    assert.equal(row.held, buckets!.held);
    assert.equal(row.bridged, buckets!.inFlight);
    const at = (wanted: (service: (typeof services)[number]) => boolean): string =>
      sum(services.filter(wanted).map(({ sourceUnits }) => sourceUnits)).toString();
    assert.equal(
      row.services,
      at((service) => service.recoverable),
    );
    assert.equal(
      row.mixed,
      at((service) => service.stop === 'mixer'),
    );
    assert.equal(sum([row.held, row.services, row.mixed, row.bridged, row.other]).toString(), row.stolen);
  }
}

suite('the overview of a service with a drill', () => {
  const work = new Workplace();
  const open: { app: App; client: Client } = { app: null as never, client: null as never };
  before(async () => {
    await work.ok('drill', '--seed', '7', '--scale', '2000', '--out', work.path('drill'));
    await work.ok('import', 'transfers', work.path('drill', 'transfers.csv'), '--preset', 'haetae', '--complete');
    const bitcoin = ['--preset', 'dumplings', '--chain', 'bitcoin-regtest', '--complete'];
    await work.ok('import', 'transfers', work.path('drill', 'bitcoin.txt'), ...bitcoin);
    await work.ok('import', 'labels', work.path('drill', 'labels.csv'));
    await work.ok('trace', work.path('drill', 'theft.yaml'), '--all', '--json');
    Object.assign(open, await serve(work.db));
  });
  after(async () => {
    await open.app?.close();
    work.remove();
  });
  whatIsKept(open);
  whatIsDone(open);
  whatIsPriced(open);
});

suite('how far the exposures of a service are behind', () => {
  const work = new Workplace();
  after(() => work.remove());

  const exposureNow = async () => {
    const { app, client } = await serve(work.db);
    try {
      return (await client.getOverview()).exposure;
    } finally {
      await app.close();
    }
  };
  const build = async (): Promise<void> => {
    await work.ok('index', 'build');
    await work.ok('exposure', 'build');
  };

  test('movements that are stored and not indexed count, until the index and the table are built again', async () => {
    await work.ok('drill', '--seed', '7', '--scale', '500', '--out', work.path('drill'));
    const [head, ...lines] = readFileSync(work.path('drill', 'transfers.csv'), 'utf8').trimEnd().split('\n');
    const half = lines.length >> 1;
    for (const [name, part] of [
      ['early.csv', lines.slice(0, half)],
      ['late.csv', lines.slice(half)],
    ] as const)
      writeFileSync(work.path(name), `${[head, ...part].join('\n')}\n`);
    await work.ok('import', 'transfers', work.path('early.csv'), '--preset', 'haetae');
    await work.ok('import', 'labels', work.path('drill', 'labels.csv'));
    await build();
    const early = await exposureNow();
    assert.equal(early?.behind, 0);
    await work.ok('import', 'transfers', work.path('late.csv'), '--preset', 'haetae');
    assert.deepEqual(await exposureNow(), { ...early, behind: 1 });
    await build();
    const late = await exposureNow();
    assert.equal(late?.behind, 0);
    assert.ok(late!.until! > early!.until!);
  });

  test('rows that move nothing, after all that do, are not missing once the index was built', async () => {
    const [head, ...lines] = readFileSync(work.path('drill', 'transfers.csv'), 'utf8').trimEnd().split('\n');
    const [last] = lines.map((line) => line.split(',')).sort((a, b) => Number(b[1]) - Number(a[1]));
    const [chain, time, block] = last!;
    const paid = lines.map((line) => line.split(',')).find((cells) => cells[8] !== '')!;
    const tx = `0x${'ab'.repeat(32)}`;
    const nothing = [chain, Number(time) + 3600, Number(block) + 300, 0, 0, tx, ...paid.slice(6, 10), 0];
    writeFileSync(work.path('nothing.csv'), `${head}\n${nothing.join(',')}\n`);
    const before = await exposureNow();
    await work.ok('import', 'transfers', work.path('nothing.csv'), '--preset', 'haetae');
    assert.deepEqual(await exposureNow(), { ...before, behind: 1 });
    await build();
    assert.deepEqual(await exposureNow(), { ...before, behind: 0 });
  });
});

interface Opened {
  readonly app: App;
  readonly client: Client;
}

function whatIsKept(open: Opened): void {
  test('the five states of each theft are those of the case, and sum to what was stolen', async () => {
    const { app, client } = open;
    const [summary] = await app.parts.store.cases();
    const overview = await client.getOverview();
    assert.ok(overview.money.length > 0);
    assert.equal(overview.drill, true);
    assert.equal(overview.holdsFrom, null, 'nobody was named who asks');
    assert.deepEqual(overview.cases, { traced: 1, simulated: 1, desk: 0 });
    await checkMoney(client, summary!.id);
    assert.ok(overview.money.some(({ services }) => services !== '0'));
  });

  test('chains, labels and rules are as the store and the books have them', async () => {
    const { app, client } = open;
    const overview = await client.getOverview();
    const batches = await app.parts.store.batches();
    assert.deepEqual(
      overview.chains.map(({ name }) => name),
      ['bitcoin-regtest', 'drill-evm'],
    );
    for (const row of overview.chains) {
      const [batch] = batches.filter(({ chain }) => chain === row.chain);
      assert.deepEqual([row.rows, row.simulated, row.fetchedUntil], [batch!.rowsKept, true, null]);
      const times = [row.firstTime!, row.lastTime!, row.importedAt!].map((time) => Date.parse(time) / 1000);
      assert.deepEqual(times, [batch!.firstTime, batch!.lastTime, batch!.importedAt]);
    }
    const lists = await app.parts.store.labelLists();
    assert.equal(overview.labels.lists, lists.length);
    assert.equal(overview.labels.hash, app.parts.labels.hash);
    const [active] = (await client.listRules()).items.filter((rules) => rules.active !== null);
    assert.deepEqual([overview.rules?.hash, overview.rules?.name], [active!.hash, active!.name]);
    assert.equal(overview.exposure, null);
    assert.equal(overview.jobs, 0);
  });
}

function whatIsDone(open: Opened): void {
  test('work that comes is counted, and what is done no longer', async () => {
    const { client } = open;
    const before = await client.getOverview();
    const address = '0x00000000000000000000000000000000000bad01';
    await client.addLabel({
      body: { chain: 'ethereum', address, category: 'sanctioned', label: 'Listed', confidence: 'authority_data' },
    });
    await client.screenTransfer({
      body: { chain: 'ethereum', asset: 'ETH', direction: 'deposit', address, amount: '3' },
    });
    const opened = await client.createCase({ body: { title: 'of the desk', alerts: [] } });
    const during = await client.getOverview();
    assert.deepEqual(during.alerts, {
      open: { hour: 1, day: 0, week: 0, older: 0 },
      assigned: before.alerts.assigned,
      blocked: 1,
    });
    assert.equal(during.cases.desk, 1);
    assert.ok(during.audit.entries > before.audit.entries);
    assert.equal(during.labels.entries, before.labels.entries + 1);
    await client.closeCase({ params: { id: opened.id }, body: { reason: 'done' } });
    const [alert] = (await client.listAlerts({ query: {} })).items;
    await client.closeAlert({ params: { id: alert!.id }, body: { outcome: 'true-positive', reason: 'as listed' } });
    const later = await client.getOverview();
    assert.deepEqual([later.cases.desk, later.alerts.blocked], [0, 0]);
  });
}

function whatIsPriced(open: Opened): void {
  test('prices imported while it runs are found, each with its day and its source', async () => {
    const { app, client } = open;
    assert.deepEqual((await client.getOverview()).prices, { assets: 0, until: null });
    await app.parts.store.savePrices(
      { source: 'desk', fileName: 'prices.csv', sha256: '0'.repeat(64), importedAt: 1, empty: 0, refused: 0 },
      [{ asset: ETHER, day: '2022-03-23', usd: '3000.5' }],
    );
    const items = [
      { asset: ETHER, time: '2022-03-23T13:29:09Z' },
      { asset: ETHER, time: '2022-03-26T23:59:59Z' },
      { asset: ETHER, time: '2022-03-27T00:00:00Z' },
      { asset: 'eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7', time: '2022-03-23' },
    ];
    const found = { usd: '3000.5', day: '2022-03-23', source: 'desk' };
    const none = { usd: null, day: null, source: null };
    assert.deepEqual(await client.listPrices({ body: { items } }), {
      items: [found, found, none, none].map((price, index) => ({ ...items[index], ...price })),
    });
    assert.deepEqual((await client.getOverview()).prices, { assets: 1, until: '2022-03-23' });
    await assert.rejects(client.listPrices({ body: { items: [{ asset: ETHER, time: 'noon' }] } }), { code: 'E_TIME' });
  });
}

const ronin = datasetPath('ronin');
const prices = datasetPath('prices');

suite('the overview of Ronin, with real prices', { skip: ronin.skip || prices.skip }, () => {
  const work = new Workplace();
  let app: App;
  let client: Client;
  let printed: string;
  before(async () => {
    if (ronin.skip !== false) return;
    await work.ok('import', 'transfers', join(ronin.path, 'transfers.csv'), '--preset', 'ronin');
    await work.ok('trace', join(ROOT, 'examples', 'ronin.theft.yaml'), '--all', '--json');
    const files = readdirSync(prices.path).map((name) => join(prices.path, name));
    printed = await work.ok('import', 'prices', ...files);
    assert.match(await work.ok('import', 'prices', ...files), /^(.*already imported.*\n( {2}.*\n)?){4}$/);
    ({ app, client } = await serve(work.db));
  });
  after(async () => {
    await app?.close();
    work.remove();
  });

  test('173,600 ETH and what is held of them, to the wei', async () => {
    const overview = await client.getOverview();
    assert.equal(overview.drill, false);
    assert.equal(overview.money[0]?.stolen, `${173_600n * 10n ** 18n}`);
    await checkMoney(client, overview.money[0]!.case);
  });

  test('prices of the day of the theft: the cell of the file, its source named', async () => {
    assert.match(printed, /no price \(empty cells\): 1149/);
    const { items } = await client.listPrices({
      body: {
        items: [
          { asset: ETHER, time: '2022-03-23T13:29:09Z' },
          { asset: ETHER, time: '2021-12-31T00:00:00Z' },
        ],
      },
    });
    // Lines of the two files: only the second has 2022-03-23; both have 2021-12-31, and the first name goes before.
    assert.deepEqual(
      items.map(({ day, source }) => [day, source]),
      [
        ['2022-03-23', 'shresth-ETH-USD.csv'],
        ['2021-12-31', 'benjaminpo-ETH-USD-1d.csv'],
      ],
    );
    const cell = (name: string, day: string): string | undefined => {
      const lines = readFileSync(join(prices.path, name), 'utf8').split(/\r?\n/);
      return lines.find((line) => line.startsWith(`${day},`))?.split(',')[lines[0]!.split(',').indexOf('Close')];
    };
    for (const { usd, day, source } of items) assert.equal(usd, cell(source!, day!));
    assert.deepEqual((await client.getOverview()).prices, { assets: 2, until: '2026-06-24' });
  });
});
