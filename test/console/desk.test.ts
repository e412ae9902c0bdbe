import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { wordsOf } from '../../web/src/format/server-text.ts';
import { faultWords } from '../../web/src/messages/faults.ts';
import { serverWords } from '../../web/src/messages/server.ts';
import { ROOT } from '../e2e/_cli.ts';
import { skipWithoutBrowser } from './_browser.ts';
import { Stage } from './_stage.ts';
import { saved, textOf, until } from './_walk.ts';

/** On the list of OFAC, 14 April 2022: the address of the Ronin theft. */
const LISTED = '0x098b716b8aaf21512996dc57eb0615e2383e2f96';
const MANY = 1_000;
const stage = new Stage();

describe('the desk: screening, alerts, rules, audit log', { skip: skipWithoutBrowser() }, () => {
  before(setDesk);
  after(() => stage.clear());
  test('a listed address: verdict, reason, source, replay', screenOne);
  test('an address behind a payment: the path is drawn and listed', screenPath);
  test('1,000 addresses from a CSV file, one with a fault', screenMany);
  test('the queue by keyboard: move, open, assign, comment, close with a reason', workQueue);
  test('alerts gathered in a case of the desk', gatherCase);
  test('rules: a fault is shown in its line, a right file is back-tested and activated', changeRules);
  test('the audit log shows what was done and verifies', readAudit);
  test('in Korean: the words of the server are told in Korean, and its own stay at hand', readKorean);
  test('a viewer is offered nothing that a viewer may not do', lookOnly);
});

const FIRST = address(1);
const SECOND = address(2);

function address(number: number): string {
  return `0x${number.toString(16).padStart(40, '0')}`;
}

/** A list of one sanctioned address, and payments from it through another. */
async function setDesk(): Promise<void> {
  const { work } = stage.server;
  const { writeFileSync } = await import('node:fs');
  const labels = work.path('sanctioned_addresses_ETH.txt');
  writeFileSync(labels, `${LISTED}\n`);
  await work.ok('import', 'labels', labels);
  const transfers = work.path('transfers.csv');
  const row = (number: number, from: string, to: string): string =>
    `eip155:1,${1_700_000_000 + number * 60},${18_000_000 + number},0,0,0x${number.toString(16).padStart(64, '0')},transfer,${from},${to},eip155:1/slip44:60,5000000000000000000`;
  const rows = [
    'chain,time,block,tx_index,leg,tx,kind,from,to,asset,amount',
    row(1, LISTED, FIRST),
    row(2, FIRST, SECOND),
  ];
  writeFileSync(transfers, `${rows.join('\n')}\n`);
  await work.ok('import', 'transfers', transfers, '--preset', 'haetae');
  await work.ok('index', 'build');
  await work.ok('exposure', 'build');
  await stage.set(null);
}

async function screen(page: Page, text: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Screening' }).click();
  await page.getByRole('textbox', { name: 'Addresses' }).fill(text);
  await page.getByRole('button', { name: 'Screen', exact: true }).click();
}

async function screenOne(): Promise<void> {
  const visit = await stage.visit('/screening');
  const { page } = visit;
  await screen(page, LISTED);
  const verdict = page.getByRole('region', { name: 'Verdict' });
  await verdict.getByText('Block').waitFor();
  const reasons = page.getByRole('region', { name: 'Reasons' });
  await reasons.getByText('OFAC SDN (ETH)', { exact: false }).first().waitFor();
  await page.getByRole('button', { name: 'Replay' }).click();
  await page.getByText('The same bytes').waitFor();
  await visit.picture('verdict-direct');
  const alert = verdict.getByRole('link', { name: /^Alert: al-/ });
  await alert.click();
  await page.getByRole('grid', { name: 'Alerts' }).waitFor();
  visit.assertClean();
  await visit.end();
}

async function screenPath(): Promise<void> {
  const visit = await stage.visit('/screening');
  const { page } = visit;
  await screen(page, SECOND);
  await page.getByRole('region', { name: 'Verdict' }).waitFor();
  const reasons = page.getByRole('region', { name: 'Reasons' });
  await reasons.getByText('Strongest path', { exact: false }).first().waitFor();
  await reasons.getByRole('img').first().waitFor();
  // The payments of the path, both of them.
  for (const number of [1, 2]) {
    const tx = `0x${number.toString(16).padStart(64, '0')}`;
    assert.ok((await reasons.getByTitle(tx).count()) > 0, tx);
  }
  await visit.picture('verdict-path');
  visit.assertClean();
  await visit.end();
}

async function screenMany(): Promise<void> {
  const visit = await stage.visit('/screening');
  const { page } = visit;
  const lines = Array.from({ length: MANY - 1 }, (_, at) => (at === 500 ? LISTED : address(1000 + at)));
  const csv = `address\n${lines.join('\n')}\n0x12345\n`;
  await page
    .getByRole('form', { name: 'Addresses' })
    .locator('input[type="file"]')
    .setInputFiles({ name: 'many.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
  const faults = page.getByRole('grid', { name: 'Faults' });
  await faults.getByRole('row').filter({ hasText: '0x12345' }).waitFor();
  assert.match(await textOf(faults.getByRole('row').last()), new RegExp(`^${MANY + 1}\\b`), 'the line of the file');
  await page.getByRole('button', { name: `Screen ${(MANY - 1).toLocaleString('en')} addresses` }).click();
  await page.getByText('All lines are answered.').waitFor({ timeout: 120_000 });
  const shown = page.getByRole('group', { name: 'Show' });
  await shown.getByRole('button', { name: /^Block\s*1$/ }).click();
  const answers = page.getByRole('grid', { name: 'Addresses and what was decided' });
  await answers.getByTitle(LISTED).first().waitFor();
  await visit.picture('batch');
  const file = await saved(page, () => page.getByRole('button', { name: 'Answers as CSV' }).click());
  assert.equal(file.bytes.toString().trim().split('\n').length, MANY + 1, 'a line each, and the head');
  visit.assertClean();
  await visit.end();
}

async function workQueue(): Promise<void> {
  const visit = await stage.visit('/alerts');
  const { page } = visit;
  const grid = page.getByRole('grid', { name: 'Alerts' });
  await grid.waitFor();
  const chosen = grid.locator('[role="row"][aria-selected="true"]');
  await grid.focus();
  await page.keyboard.press('j');
  const first = await chosen.getAttribute('aria-rowindex');
  await page.keyboard.press('j');
  await until('the next', async () => (await chosen.getAttribute('aria-rowindex')) !== first);
  await page.keyboard.press('k');
  await until('the first', async () => (await chosen.getAttribute('aria-rowindex')) === first);
  await page.keyboard.press('Enter');
  await until('it is open', async () => new URL(page.url()).pathname.startsWith('/alerts/al-'));
  await page.getByRole('group', { name: 'What to do' }).waitFor();
  await page.keyboard.press('a');
  await page.getByText('Assigned to', { exact: false }).first().waitFor();
  await until('it is assigned', async () => /Assigned/.test(await textOf(chosen)));
  await page.keyboard.press('c');
  await page.getByRole('textbox', { name: 'Comment' }).pressSequentially('asked for the source of funds');
  await page.getByRole('button', { name: 'Add comment' }).click();
  await page.getByRole('listitem').filter({ hasText: 'asked for the source of funds' }).waitFor();
  await page.getByRole('group', { name: 'What to do' }).getByRole('button').first().focus();
  await page.keyboard.press('x');
  const dialog = page.getByRole('dialog', { name: 'Close the alert' });
  await dialog.getByLabel('Outcome').selectOption('true-positive');
  await dialog.getByLabel('Reason').fill('the sender is on the list of OFAC');
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await dialog.waitFor({ state: 'detached' });
  await until('it is closed', async () => /Closed/.test(await textOf(chosen)));
  await page.getByText('the sender is on the list of OFAC').waitFor();
  await visit.picture('alert');
  visit.assertClean();
  await visit.end();
}

async function gatherCase(): Promise<void> {
  const visit = await stage.visit('/alerts');
  const { page } = visit;
  await page.getByRole('grid', { name: 'Alerts' }).getByRole('row').nth(1).click();
  await page.getByRole('group', { name: 'What to do' }).getByRole('button', { name: 'Case …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Gather in a case' });
  await dialog.getByLabel('Title').fill('Deposits of one evening');
  await dialog
    .getByRole('button', { name: /^(New case|Open the case|Add)$/ })
    .first()
    .click();
  await page
    .getByRole('link', { name: /Deposits of one evening|cs-/ })
    .first()
    .click();
  await page.getByRole('heading', { level: 1, name: /Deposits of one evening/ }).waitFor();
  await page.getByRole('textbox', { name: 'Note' }).fill('both came within the hour');
  await page.getByRole('button', { name: 'Add note' }).click();
  await page.getByRole('listitem').filter({ hasText: 'both came within the hour' }).waitFor();
  await visit.picture('desk-case');
  visit.assertClean();
  await visit.end();
}

async function changeRules(): Promise<void> {
  const visit = await stage.visit('/rules');
  const { page } = visit;
  visit.expected.push(/status of (400|422)/);
  const right = readFileSync(join(ROOT, 'rules', 'default.yaml'), 'utf8').replace(/^name: .*$/m, 'name: walked');
  const wrong = right.replace(/^( *)decision: block$/m, '$1decison: block');
  assert.notEqual(wrong, right);
  const line = wrong.split('\n').findIndex((each) => /decison/.test(each)) + 1;
  await page.getByText('Load a file of rules').click();
  const file = page.locator('input[type="file"]').first();
  const give = (text: string) =>
    file.setInputFiles({ name: 'walked.yaml', mimeType: 'text/yaml', buffer: Buffer.from(text) });
  await give(wrong);
  await page.getByRole('button', { name: 'Check and keep' }).click();
  await page.getByText(`Line ${line}`, { exact: true }).waitFor();
  await page.getByRole('alert').getByText('E_RULES').waitFor();
  await visit.picture('rules-fault');
  await give(right);
  await page.getByRole('button', { name: 'Check and keep' }).click();
  await page.getByText('Kept: walked.').waitFor();
  const set = page.getByRole('region', { name: 'walked' });
  await set.getByRole('tab', { name: 'Back-test' }).click();
  await set.getByRole('button', { name: 'Run' }).click();
  await set.getByText('past verdicts', { exact: false }).last().waitFor();
  await set.getByText(/past verdicts, 0 would be decided otherwise/).waitFor();
  await visit.picture('rules-back-test');
  await set.getByRole('button', { name: 'Let it decide …' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Let it decide', exact: true }).click();
  await page.getByRole('button', { name: /walked.*Decides now/ }).waitFor();
  visit.assertClean();
  await visit.end();
}

async function readAudit(): Promise<void> {
  const visit = await stage.visit('/audit');
  const { page } = visit;
  await page.getByRole('button', { name: 'Verify the whole log' }).click();
  await page.getByText(/^✓? ?Whole: [\d,]+ entries/).waitFor();
  for (const action of ['alert.close', 'alert.comment', 'alert.assign', 'rules.activate', 'case.create']) {
    await page.getByRole('textbox', { name: 'What' }).fill(action);
    await page.keyboard.press('Enter');
    await page.getByRole('grid', { name: 'Entries' }).getByText(action, { exact: true }).first().waitFor();
  }
  await visit.picture('audit');
  visit.assertClean();
  await visit.end();
}

async function readKorean(): Promise<void> {
  const visit = await stage.visit(`/screening?chain=${encodeURIComponent('eip155:1')}&address=${LISTED}`, {
    language: 'ko',
  });
  const { page } = visit;
  visit.expected.push(/status of (400|422)/);
  await page.getByRole('textbox', { name: '주소', exact: true }).fill(LISTED);
  await page.getByRole('button', { name: '심사하기', exact: true }).click();
  const reasons = page.getByRole('region', { name: '사유' });
  const title = 'The counterparty is a sanctioned party';
  const told = reasons.getByRole('heading', { level: 3 }).getByTitle(title, { exact: true });
  await told.first().waitFor();
  assert.equal(await told.first().textContent(), wordsOf(serverWords.ko.rule, title));
  assert.equal(await reasons.getByText('is labelled', { exact: false }).count(), 0);
  await visit.picture('verdict-ko');
  await page.getByRole('link', { name: '규칙', exact: true }).click();
  await page.getByText('규칙 파일 등록').click();
  const text = readFileSync(join(ROOT, 'rules', 'default.yaml'), 'utf8').replace('decision: block', 'decison: block');
  await page
    .locator('input[type="file"]')
    .first()
    .setInputFiles({ name: 'wrong.yaml', mimeType: 'text/yaml', buffer: Buffer.from(text) });
  await page.getByRole('button', { name: '검사', exact: true }).click();
  const fault = page.getByRole('alert').filter({ hasText: 'E_RULES' });
  const said = (await fault.textContent()) ?? '';
  assert.ok(said.startsWith(faultWords.ko.E_RULES), said);
  assert.match(said, /decison/);
  await visit.picture('rules-fault-ko');
  visit.assertClean();
  await visit.end();
}

async function lookOnly(): Promise<void> {
  const key = await stage.server.key('viewer');
  const visit = await stage.visit('/cases', {}, key);
  const { page } = visit;
  visit.expected.push(/status of 403/);
  for (const name of ['New case', 'Try a drill'])
    assert.equal(
      await page
        .getByRole('button', { name })
        .isEnabled({ timeout: 5000 })
        .catch(() => false),
      false,
      name,
    );
  const go = async (place: string): Promise<void> => {
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: place }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
  };
  await go('Screening');
  await page.getByText('Your key may not screen.').waitFor();
  await go('Alerts');
  await page.getByRole('grid', { name: 'Alerts' }).getByRole('row').nth(1).click();
  await page.getByText('Your key may read alerts, not change them.').waitFor();
  await go('Rules');
  await page.getByText('Your key may read rules, not load or test them.').waitFor();
  assert.equal(await page.getByRole('button', { name: /Let it decide/ }).count(), 0);
  await go('Audit log');
  await page.getByText('Your key may not read the audit log.').waitFor();
  await go('Settings');
  assert.equal(
    await page
      .getByRole('button', { name: /Create|Revoke|Erase/ })
      .and(page.locator(':enabled'))
      .count(),
    0,
  );
  visit.assertClean();
  await visit.end();
}
