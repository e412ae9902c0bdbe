import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { datasetPath } from '../e2e/_cli.ts';
import { skipWithoutBrowser } from './_browser.ts';
import { Stage } from './_stage.ts';
import { chooseMethod, colours, digitsOf, exported, picture, pressUntil, textOf, until, written } from './_walk.ts';

const THIEF = '0x098b716b8aaf21512996dc57eb0615e2383e2f96';
const ETH = 18;
const stage = new Stage();
const { skip } = datasetPath('ronin');
let results: Results;
let id = '';
let leading = '';

interface Results {
  readonly theft: { readonly id: string; readonly stolen: string };
  readonly methods: Readonly<Record<string, MethodResult>>;
}

interface MethodResult {
  readonly buckets: Readonly<Record<string, string>> | null;
  readonly places: readonly Held[];
}

interface Held {
  readonly chain: string;
  readonly address: string;
  readonly sourceUnits: string;
}

describe('the Ronin case in the console', { skip: skipWithoutBrowser() || skip }, () => {
  before(setStage);
  after(() => stage.clear());
  test('from the overview to the first picture', openCase);
  test('a group opens and closes, undo and redo, what is left out is counted', openGroups);
  test('each method shows its own picture, with the amounts of results.json', switchMethods);
  test('an address: labels with sources, chart, transactions, what each method says', readAddress);
  test('the table instead of the picture, by keyboard alone', useTable);
  test('Sankey, services and methods side by side', seeOtherViews);
  test('the bundle that is taken out is verified by the digest that the page shows', verifyBundle);
  test('SVG, PNG, CSV and the HTML report', takeFiles);
  test('the slider replays the case', replay);
  test('a note survives a reload, and a link shows the same', keepNote);
});

async function setStage(): Promise<void> {
  await stage.set('ronin');
  const client = await stage.server.client('viewer');
  const { items } = await client.listCases({ query: { kind: 'trace' } });
  id = items[0]!.id;
  const view = await client.getCaseView({ params: { id } });
  leading = view.thefts[0]!.methods[0]!.name;
  results = (await client.getCaseResults({ params: { id } })) as Results;
}

const casePath = (query = ''): string => `/cases/${id}${query}`;
const holders = (method: string): readonly Held[] => results.methods[method]!.places;

async function openCase(): Promise<void> {
  const visit = await stage.visit('/');
  const { page } = visit;
  await page.getByRole('main').getByRole('link', { name: 'Ronin bridge 2022' }).first().click();
  const pane = await picture(page, leading);
  assert.equal(new URL(page.url()).pathname, casePath());
  await page.getByRole('heading', { level: 1, name: /Ronin bridge 2022/ }).waitFor();
  assert.match((await textOf(page.getByRole('main'))).replaceAll('\n', ' '), /173,600 ETH/);
  const canvas = page.getByRole('application');
  await until('a picture of more than one colour', async () => (await colours(page, await canvas.screenshot())) > 20);
  assert.ok(Number(await pane.getAttribute('data-shapes')) > 3);
  await visit.picture('ronin-first');
  visit.assertClean();
  await visit.end();
}

async function openGroups(): Promise<void> {
  const visit = await stage.visit(casePath());
  const { page } = visit;
  const pane = await picture(page, leading);
  const shapes = async (): Promise<number> => Number(await pane.getAttribute('data-shapes'));
  const folded = async (): Promise<number> => Number(await pane.getAttribute('data-folded'));
  const [few, inGroups] = [await shapes(), await folded()];
  assert.ok(inGroups > 0, 'it starts with groups');
  await page.getByRole('button', { name: 'Open all', exact: true }).click();
  await until('all is open', async () => (await folded()) === 0);
  const all = await shapes();
  assert.ok(all > few, `${all} signs, ${few} before`);
  await page.getByRole('button', { name: 'Undo' }).click();
  await until('as before', async () => (await shapes()) === few && (await folded()) === inGroups);
  await page.getByRole('button', { name: 'Redo' }).click();
  await until('open again', async () => (await shapes()) === all);
  await page.getByLabel('Leave out below').selectOption({ label: '1 %' });
  await until('the small ones are gone', async () => (await shapes()) < all);
  const left = Number(await pane.getAttribute('data-hidden'));
  assert.equal((await shapes()) + left, all, 'every place is drawn or counted');
  await page.getByText(`left out as small: ${left} addresses`).waitFor();
  await page.getByRole('button', { name: 'Show all' }).click();
  await until('nothing is left out', async () => (await shapes()) === all);
  visit.assertClean();
  await visit.end();
}

/** Of the table under the picture: what rests with each address, all digits. */
async function restsOf(page: Page): Promise<Map<string, string>> {
  const grid = page.getByRole('grid', { name: /^Signs/ });
  await grid.waitFor();
  const rests = new Map<string, string>();
  await grid.press('Home');
  for (let last = ''; ; ) {
    const rows =
      (await page.evaluate(`[...document.querySelectorAll('[role="grid"] [role="row"][aria-rowindex]')].map((row) => [
      row.getAttribute('aria-rowindex'),
      row.querySelector('a[href^="/addresses/"]')?.getAttribute('title')?.split('\\n')[1] ?? '',
      [...row.querySelectorAll('button[title]')].map(({ title }) => title.split('\\n')[0]).filter((text) => / ETH$/.test(text)).at(2) ?? '',
    ])`)) as [string, string, string][];
    for (const [, address, rest] of rows) if (address !== '') rests.set(address, rest.replace(/ ETH$/, ''));
    const end = rows.at(-1)?.[0] ?? '';
    if (end === last) return rests;
    last = end;
    await grid.press('PageDown');
    await grid.press('PageDown');
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  }
}

async function switchMethods(): Promise<void> {
  const visit = await stage.visit(casePath());
  const { page } = visit;
  await picture(page, leading);
  await page.getByRole('button', { name: 'Table', exact: true }).click();
  const titles = { haircut: 'Haircut (pro rata)', fifo: 'FIFO' };
  const seen: Record<string, Map<string, string>> = {};
  for (const method of ['haircut', 'fifo'] as const) {
    await chooseMethod(page, titles[method], method);
    const openAll = page.getByRole('button', { name: 'Open all', exact: true });
    if (await openAll.isEnabled()) await openAll.click();
    const wanted = new Map<string, bigint>();
    for (const { address, sourceUnits } of holders(method))
      wanted.set(address, (wanted.get(address) ?? 0n) + BigInt(sourceUnits));
    const shown = await restsOf(page);
    seen[method] = shown;
    for (const [address, units] of wanted)
      assert.equal(shown.get(address), written(units, ETH), `${method} ${address}`);
    assert.equal(
      [...wanted.values()].reduce((sum, units) => sum + units, 0n),
      BigInt(results.theft.stolen),
    );
  }
  assert.notDeepEqual(seen.haircut, seen.fifo, 'the rules differ, and so does what is seen');
  await chooseMethod(page, 'Poison', 'poison');
  await page.getByText('This is reach, not an amount', { exact: false }).waitFor();
  visit.assertClean();
  await visit.end();
}

async function readAddress(): Promise<void> {
  const visit = await stage.visit(casePath('?method=fifo'));
  const { page } = visit;
  await picture(page, 'fifo');
  const canvas = page.getByRole('application');
  await canvas.focus();
  const side = page.getByRole('complementary', { name: 'What is pointed at' });
  // The theft itself first, then along the largest line: to the wallet that it was paid into.
  await page.keyboard.press('ArrowRight');
  await side.getByText('The theft itself', { exact: false }).waitFor();
  await page.keyboard.press('ArrowRight');
  await side.getByRole('link', { name: THIEF }).waitFor();
  await side.getByText('OFAC', { exact: false }).first().waitFor();
  await side.getByRole('heading', { name: 'Labels' }).waitFor();
  assert.match(await textOf(side), /Source\s+\S/);
  await side.getByRole('heading', { name: 'Balance and stolen part through time' }).waitFor();
  await side
    .getByRole('img', { name: /^Chart of the balance in ETH/ })
    .first()
    .waitFor();
  const held = holders('haircut').find(({ address }) => address === THIEF)!.sourceUnits;
  const row = side.getByRole('row', { name: /^(▸ )?Haircut/ });
  assert.equal(await digitsOf(row.getByRole('button').last()), written(held, ETH));
  await side.getByRole('heading', { name: 'Transactions' }).waitFor();
  assert.ok((await side.getByRole('link', { name: /^0x[0-9a-f]{4,}…/ }).count()) > 10);
  const outside = await page.evaluate(
    `[...document.querySelectorAll('a[target="_blank"]')].map(({ href, rel }) => [new URL(href).protocol, rel])`,
  );
  for (const [protocol, rel] of outside as [string, string][]) {
    assert.match(protocol, /^https?:$/);
    assert.match(rel, /noreferrer/);
  }
  await visit.picture('ronin-address');
  visit.assertClean();
  await visit.end();
}

async function useTable(): Promise<void> {
  const visit = await stage.visit(casePath());
  const { page } = visit;
  await picture(page, leading);
  const focused = (expression: string) => async (): Promise<boolean> =>
    (await page.evaluate(`(() => { const at = document.activeElement; return Boolean(${expression}); })()`)) as boolean;
  await pressUntil(page, 'Tab', focused(`at.tagName === 'BUTTON' && at.textContent === 'Table'`), 80);
  await page.keyboard.press('Enter');
  const grid = page.getByRole('grid', { name: /^Signs/ });
  await grid.waitFor();
  await pressUntil(page, 'Tab', focused(`at.getAttribute('role') === 'grid'`), 40);
  await page.keyboard.press('j');
  await page.keyboard.press('ArrowDown');
  const side = page.getByRole('complementary', { name: 'What is pointed at' });
  await side.waitFor();
  const chosen = grid.locator('[role="row"][aria-selected="true"]');
  const first = await textOf(chosen);
  await page.keyboard.press('k');
  await until('another row', async () => (await textOf(chosen)) !== first);
  visit.assertClean();
  await visit.end();
}

async function seeOtherViews(): Promise<void> {
  const visit = await stage.visit(casePath('?method=haircut'));
  const { page } = visit;
  await page.getByRole('tab', { name: 'Sankey' }).click();
  await page.getByRole('button', { name: 'Show as a table' }).waitFor();
  await visit.picture('ronin-sankey');
  await page.getByRole('button', { name: 'Show as a table' }).click();
  await page.getByRole('table').first().waitFor();
  await page.getByRole('tab', { name: 'Services' }).click();
  assert.deepEqual(
    Object.values(results.methods)
      .map(({ places }) => places.length > 0)
      .includes(true),
    true,
  );
  await page.getByText('No service or other stop was reached.').waitFor();
  await page.getByRole('tab', { name: 'Methods compared' }).click();
  const table = page.getByRole('table', { name: 'The methods side by side' });
  const conserving = Object.values(results.methods).filter(({ buckets }) => buckets !== null).length;
  assert.equal(await table.getByRole('row').count(), conserving + 1);
  // Each row sums to what was stolen.
  for (const row of (await table.getByRole('row').all()).slice(1)) {
    const sum = await row.getByRole('button', { name: / ETH$/ }).last().getAttribute('title');
    assert.match(sum ?? '', /^173,600 ETH/);
  }
  await page.getByRole('tab', { name: 'Evidence' }).click();
  await page.getByRole('cell', { name: 'manifest.json' }).waitFor();
  visit.assertClean();
  await visit.end();
}

async function verifyBundle(): Promise<void> {
  const visit = await stage.visit(casePath());
  const { page } = visit;
  await picture(page, leading);
  const digest = await digitsOf(page.getByTitle(/^[0-9a-f]{64}/));
  const bundle = await exported(page, 'Evidence bundle (zip)');
  assert.equal(bundle.name, `${id}.zip`);
  const file = stage.server.work.path('taken.zip');
  const { copyFileSync } = await import('node:fs');
  copyFileSync(bundle.path, file);
  const said = await stage.server.work.ok('verify', file, '--expect', digest);
  assert.match(said, /computed anew, byte for byte the same/);
  const wrong = digest.replace(/^./, (first) => (first === '0' ? '1' : '0'));
  await stage.server.work.refused('E_BUNDLE', 'verify', file, '--expect', wrong);
  visit.assertClean();
  await visit.end();
}

async function takeFiles(): Promise<void> {
  const visit = await stage.visit(casePath('?method=fifo'));
  const { page } = visit;
  await picture(page, 'fifo');
  const svg = (await exported(page, 'Picture (SVG)')).bytes.toString();
  assert.match(svg.slice(0, 300), /^(<\?xml[^>]*>\s*)?<svg[^>]* xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  assert.ok(svg.includes('Ronin bridge 2022'));
  assert.ok(!/<script|<foreignObject|\son[a-z]+=|(href|src)=/i.test(svg), 'nothing in it acts or asks');
  const png = (await exported(page, 'Picture (PNG)')).bytes;
  assert.equal(png.toString('latin1', 1, 4), 'PNG');
  assert.ok((await colours(page, png)) > 20, 'the picture is in it');
  const touched = (await exported(page, 'Touched transfers (CSV)')).bytes;
  const client = await stage.server.client('viewer');
  const { files } = await client.listCaseFiles({ params: { id } });
  assert.equal(touched.length, files.find(({ name }) => name === 'touched.csv')!.bytes);
  const report = (await exported(page, 'Report (HTML)')).bytes.toString();
  assert.match(report.slice(0, 100), /^<!doctype html>/i);
  assert.ok(report.includes('173,600 ETH withdrawn from the Ronin bridge'));
  assert.ok(!/<script[^>]*src=|<link[^>]*href="http/i.test(report), 'the report asks nobody for anything');
  const services = await exported(page, 'Services (CSV)');
  assert.match(services.name, /\.csv$/);
  visit.assertClean();
  await visit.end();
}

async function replay(): Promise<void> {
  const visit = await stage.visit(casePath());
  const { page } = visit;
  const pane = await picture(page, leading);
  const slider = page.getByRole('slider', { name: 'Moment' });
  const lines = async (): Promise<number> => Number(await pane.getAttribute('data-edges'));
  const whole = await lines();
  await slider.focus();
  await page.keyboard.press('Home');
  await until('only the beginning', async () => (await lines()) < whole);
  const first = await lines();
  assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /^2022-03-23T13:29/);
  const middle = Math.floor(Number(await slider.getAttribute('max')) / 2);
  await slider.fill(String(middle));
  await until('more came', async () => (await lines()) > first);
  assert.ok((await lines()) <= whole);
  await page.getByRole('button', { name: 'To the end' }).click();
  await until('the whole', async () => (await lines()) === whole);
  await page.getByLabel('Speed').selectOption({ label: 'Fast' });
  await page.getByRole('button', { name: 'Play' }).click();
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await until('it plays to the end', async () => (await page.getByRole('button', { name: 'Play' }).count()) === 1);
  assert.equal(await lines(), whole);
  visit.assertClean();
  await visit.end();
}

async function keepNote(): Promise<void> {
  const visit = await stage.visit(casePath());
  const { page } = visit;
  const pane = await picture(page, leading);
  await page.getByRole('application').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('n');
  const dialog = page.getByRole('dialog', { name: 'New note' });
  await dialog.getByLabel('Text').fill('first wallet of the thief');
  await dialog.getByRole('button', { name: 'Keep' }).click();
  await until('it is kept', async () => (await pane.getAttribute('data-board')) === 'saved');
  await page.reload();
  await picture(page, leading);
  await page.getByText('first wallet of the thief').waitFor();
  await chooseMethod(page, 'FIFO', 'fifo');
  const link = page.url();
  assert.match(link, /method=fifo/);
  const other = await visit.context.newPage();
  await other.goto(link);
  await picture(other, 'fifo');
  assert.equal(await other.getByRole('radio', { name: 'FIFO', exact: true }).isChecked(), true);
  await other.getByText('first wallet of the thief').waitFor();
  await other.goto(`${stage.url}${casePath('?theft=ronin-usdc-as-eth&method=haircut')}`);
  await picture(other, 'haircut');
  assert.match((await textOf(other.getByRole('main'))).replaceAll('\n', ' '), /8,564\.68/);
  visit.assertClean();
  await visit.end();
}
