import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { skipWithoutBrowser, type Visit } from './_browser.ts';
import { Stage } from './_stage.ts';
import { picture, textOf, until } from './_walk.ts';

const SEED = 1;
const SCALE = 5_000;
const stage = new Stage();

describe('a drill from an empty console', { skip: skipWithoutBrowser() }, () => {
  before(() => {
    // As `npm start` without further words: nobody is named who asks.
    stage.server.organisation = [];
    return stage.set(null);
  });
  after(() => stage.clear());
  test('it is started, watched, opened, and marked as simulated wherever it shows', startDrill);
  test(
    'a hold notice is one click away from a service, names who asks on the way, and its page is for print',
    drawHold,
  );
  test('transactions that are pasted become a case', pasteTransactions);
  test('long work is cancelled', cancelWork);
  test('a file with a bad row says which row', refuseRow);
});

/** The newest piece of long work. */
function newestJob(page: Page): Locator {
  return page.getByRole('region', { name: 'Long work' }).getByRole('listitem').first();
}

async function startDrill(): Promise<void> {
  const visit = await stage.visit('/');
  const { page } = visit;
  await page.getByText('Nothing is stored yet', { exact: false }).waitFor();
  await visit.picture('empty-overview');
  await page.getByRole('link', { name: 'Cases', exact: true }).click();
  await page.getByText('Nothing was traced yet', { exact: false }).waitFor();
  await page.getByRole('button', { name: 'Try a drill' }).click();
  await page.getByLabel('Seed').fill(String(SEED));
  await page.getByLabel('Size').selectOption(String(SCALE));
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  const job = newestJob(page);
  await job.getByRole('progressbar').waitFor();
  await visit.picture('drill-progress');
  await job.getByRole('link', { name: 'Open the case' }).click({ timeout: 120_000 });
  await picture(page, 'haircut');
  await page.getByRole('heading', { level: 1, name: /Simulated/ }).waitFor();
  await visit.picture('drill-case');
  const places = ['Overview', 'Cases', 'Screening', 'Alerts', 'Holds', 'Entities', 'Rules', 'Audit log', 'Settings'];
  for (const place of places) {
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: place }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByRole('banner').first().getByText('Simulated').waitFor();
  }
  visit.assertClean();
  await visit.end();
}

async function openDrill(page: Page): Promise<void> {
  await page.getByRole('table', { name: 'Traced cases' }).getByRole('link').last().click();
  await picture(page, 'haircut');
}

/** The form of a notice to the first service that can be asked. */
async function openHold(visit: Visit): Promise<Locator> {
  const { page } = visit;
  await openDrill(page);
  await page.getByRole('tab', { name: 'Services' }).click();
  const row = page.getByRole('row').filter({ hasText: 'can be asked' }).first();
  await visit.picture('drill-services');
  await row.getByRole('button', { name: 'Draw up hold notice' }).click();
  return page.getByRole('dialog', { name: 'Draw up a hold notice' });
}

async function hasFocus(locator: Locator): Promise<boolean> {
  return locator.evaluate((node) => node === node.ownerDocument.activeElement);
}

async function drawHold(): Promise<void> {
  const analyst = await stage.visit('/cases', {}, await stage.server.key('analyst'));
  const waiting = await openHold(analyst);
  await waiting.getByText('Ask an administrator', { exact: false }).waitFor();
  assert.equal(await waiting.getByLabel('Your organisation').count(), 0);
  await waiting.getByLabel('Contact at the provider').fill('typed by the analyst');
  const visit = await stage.visit('/cases');
  const { page } = visit;
  const dialog = await openHold(visit);
  await dialog.getByLabel('Contact at the provider').fill('desk@provider.example');
  const statement = await dialog.getByLabel('What happened').inputValue();
  assert.match(statement, /^SIMULATED/);
  await dialog.getByText('First your organisation must be named', { exact: false }).waitFor();
  assert.equal(await dialog.getByRole('button', { name: 'Draw up' }).isEnabled(), false);
  await visit.picture('drill-hold-nobody');
  await dialog.getByLabel('Your organisation').fill('Responders <b>of the walk</b>');
  await dialog.getByLabel('Whom to answer').fill('desk@responders.example\n+82 2 000 0000');
  await dialog.getByRole('button', { name: 'Save the organisation' }).click();
  const from = dialog.getByRole('status').filter({ hasText: 'Responders <b>of the walk</b>' });
  await from.waitFor();
  await until('it has the focus', () => hasFocus(from));
  assert.equal(await dialog.getByLabel('Contact at the provider').inputValue(), 'desk@provider.example');
  assert.equal(await dialog.getByLabel('What happened').inputValue(), statement);
  await waiting.getByText('Responders <b>of the walk</b>').waitFor();
  assert.equal(await waiting.getByLabel('Contact at the provider').inputValue(), 'typed by the analyst');
  assert.ok(await waiting.getByRole('button', { name: 'Draw up' }).isEnabled());
  analyst.assertClean();
  await analyst.end();
  await visit.picture('drill-hold-form');
  const amount = dialog.getByLabel('Amount', { exact: true });
  const whole = await amount.inputValue();
  await amount.fill('1,00');
  await dialog.getByRole('button', { name: 'Draw up' }).click();
  await dialog.getByRole('alert').getByText('E_AMOUNT').waitFor();
  assert.ok(await hasFocus(dialog.getByRole('button', { name: 'Draw up' })), 'a refusal leaves the focus');
  await amount.fill(whole);
  await dialog.getByRole('button', { name: 'Draw up' }).click();
  const made = page.getByRole('dialog', { name: 'Hold notice drawn up' });
  await until('what was made has the focus', () => hasFocus(made.locator('[tabindex="-1"]')));
  const href = await made.getByRole('link', { name: 'Page for print' }).getAttribute('href');
  const paper = await visit.context.newPage();
  const refused: string[] = [];
  paper.on('console', (message) => refused.push(message.text()));
  const answer = await paper.goto(`${stage.url}${href}`);
  assert.match(answer?.headers()['content-type'] ?? '', /^text\/html/);
  await paper.emulateMedia({ media: 'print' });
  await paper.getByText('desk@provider.example', { exact: false }).first().waitFor();
  assert.match(await textOf(paper.locator('body')), /SIMULATED/i);
  await paper.getByText('Responders <b>of the walk</b>').waitFor();
  assert.deepEqual(refused, [], 'its style is let in by the policy it comes with');
  await paper.close();
  await made.getByRole('link', { name: 'Open in the console' }).click();
  await page.getByText('desk@provider.example', { exact: false }).first().waitFor();
  assert.match(new URL(page.url()).pathname, /^\/holds\/hn-/);
  // Each line of the contact is one.
  const contact = page.getByText('desk@responders.example', { exact: true });
  assert.equal(await contact.count(), 1);
  assert.doesNotMatch(await textOf(page.getByRole('main')), /U\+000A/);
  await page.setViewportSize({ width: 390, height: 800 });
  assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), 'on a phone nothing is cut off');
  await page.setViewportSize({ width: 1440, height: 900 });
  await visit.picture('drill-hold');
  await page.getByRole('button', { name: 'Mark as sent' }).click();
  await page.getByRole('button', { name: 'Acknowledged' }).waitFor();
  visit.assertClean();
  await visit.end();
}

/** The same seed and size give the same drill: the payments of the first theft's coin, by its own truth. */
async function truthOfDrill(): Promise<{ readonly transactions: readonly string[]; readonly stolen: string }> {
  const folder = stage.server.work.path('same-drill');
  await stage.server.work.ok('drill', '--seed', String(SEED), '--scale', String(SCALE), '--out', folder);
  const truth = JSON.parse(readFileSync(`${folder}/truth.json`, 'utf8')) as Truth;
  const { victim, stolen } = truth.thefts[0]!;
  const { address, asset, amount } = stolen[0]!;
  const rows = readFileSync(`${folder}/transfers.csv`, 'utf8')
    .split('\n')
    .map((line) => line.split(','))
    .filter((cells) => cells[7] === victim.address && cells[8] === address && cells[9] === asset);
  const sum = rows.reduce((total, cells) => total + BigInt(cells[10]!), 0n);
  assert.equal(sum.toString(), amount, 'the payments of the theft are in the drill');
  return { transactions: rows.map((cells) => cells[5]!), stolen: amount };
}

interface Truth {
  readonly thefts: readonly {
    readonly victim: { readonly address: string };
    readonly stolen: readonly { readonly address: string; readonly asset: string; readonly amount: string }[];
  }[];
}

async function pasteTransactions(): Promise<void> {
  const { transactions, stolen } = await truthOfDrill();
  const visit = await stage.visit('/cases');
  const { page } = visit;
  await page.getByRole('button', { name: 'New case' }).click();
  await page.getByLabel('Addresses or transactions').fill(transactions.join('\n'));
  await page.getByText(`${transactions.length} transactions`, { exact: true }).waitFor();
  await page.getByLabel('Chain', { exact: true }).selectOption('eip155:31337');
  await page.getByText('More', { exact: true }).click();
  await page.getByLabel('Title').fill('Pasted by hand');
  await visit.picture('new-case');
  await page.getByRole('button', { name: 'Trace', exact: true }).click();
  const job = newestJob(page).filter({ hasText: 'Pasted by hand' });
  await job.getByRole('link', { name: 'Open the case' }).click({ timeout: 120_000 });
  await page.getByRole('heading', { level: 1, name: /Pasted by hand/ }).waitFor();
  await page.getByRole('heading', { level: 1, name: /Simulated/ }).waitFor();
  const client = await stage.server.client('viewer');
  const id = decodeURIComponent(new URL(page.url()).pathname.split('/').at(-1)!);
  const view = await client.getCaseView({ params: { id } });
  assert.ok(
    view.thefts.some((theft) => theft.stolen === stolen),
    'what the truth says was stolen',
  );
  visit.assertClean();
  await visit.end();
}

async function cancelWork(): Promise<void> {
  const visit = await stage.visit('/cases');
  const { page } = visit;
  await page.getByRole('button', { name: 'Try a drill' }).click();
  await page.getByLabel('Seed').fill('7');
  await page.getByLabel('Size').selectOption('500000');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  const job = newestJob(page);
  await job.getByRole('progressbar').waitFor();
  await job.getByRole('button', { name: 'Cancel' }).click();
  await job.getByText('Cancelled').waitFor({ timeout: 60_000 });
  const { items } = await (await stage.server.client('viewer')).listCases({ query: { kind: 'trace' } });
  assert.equal(items.length, 2, 'it left nothing behind');
  visit.assertClean();
  await visit.end();
}

async function refuseRow(): Promise<void> {
  const visit = await stage.visit('/cases');
  const { page } = visit;
  await page.getByRole('button', { name: 'New case' }).click();
  const address = (digit: string): string => `0x${digit.repeat(40)}`;
  const rows = [
    'chain,time,block,tx_index,leg,tx,kind,from,to,asset,amount',
    `eip155:31337,1710000000,9000001,0,0,0x${'a'.repeat(64)},transfer,${address('1')},${address('2')},eip155:31337/slip44:1,100`,
    `eip155:31337,1710000060,9000002,0,0,0x${'b'.repeat(64)},transfer,${address('1')},${address('2')},eip155:31337/slip44:1,a hundred`,
  ];
  const name = 'three rows.csv';
  await page
    .locator('input[type="file"]')
    .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(`${rows.join('\n')}\n`) });
  await page.getByText(name).waitFor();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  const job = newestJob(page).filter({ hasText: 'Import of transfers' });
  await job.waitFor();
  await until('it has ended', async () => !/Running|Waiting/.test(await textOf(job)));
  const printed = job.getByText(/lines? printed/);
  if (!(await job.getByText('a hundred', { exact: false }).isVisible())) await printed.click();
  await visit.picture('bad-row');
  // Its row and its line, the head counted.
  assert.match(await textOf(job), /row,line[\s\S]*,2,3,not-a-number,amount,a hundred/);
  await page.getByRole('button', { name: 'New case' }).click();
  await page
    .locator('input[type="file"]')
    .setInputFiles({ name: 'bad.csv', mimeType: 'text/csv', buffer: Buffer.from(`${rows[0]}\n${rows[2]}\n`) });
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await newestJob(page).filter({ hasText: 'E_FILE_EMPTY' }).waitFor();
  await page.reload();
  await newestJob(page).filter({ hasText: 'E_FILE_EMPTY' }).waitFor();
  assert.equal(await page.getByRole('alert').count(), 0, 'what failed before the page came is not announced');
  visit.assertClean();
  await visit.end();
}
