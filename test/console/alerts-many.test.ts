import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { Approvals } from '../../src/access/approvals.ts';
import { AuditLog } from '../../src/access/audit-log.ts';
import { requireChain } from '../../src/model/chain.ts';
import { AlertBook } from '../../src/screen/alert-book.ts';
import { openRecords, recordsFolder } from '../../src/store/open-records.ts';
import { skipWithoutBrowser, type Visit } from './_browser.ts';
import { Stage } from './_stage.ts';
import { textOf, until } from './_walk.ts';

const MANY = 100_000;
const AT_ONCE = 5_000;
const BEGIN = Date.UTC(2026, 0, 1);
const stage = new Stage();

describe('an alert table of 100,000 rows', { skip: skipWithoutBrowser() }, () => {
  before(async () => {
    await raise(stage.server.database);
    await stage.set(null);
  });
  after(() => stage.clear());
  test('it stays small in the page, loads as it is scrolled, and row N is alert N', scroll);
});

/** By the book itself, each in the audit log. */
async function raise(database: string): Promise<void> {
  const records = await openRecords({ path: recordsFolder(database) });
  const clock = Date.now;
  const audited = await AuditLog.open(records, clock);
  const approvals = await Approvals.open({ records, audited, clock, twoPersons: false });
  const book = await AlertBook.open({ records, audited, approvals, clock });
  for (let first = 1; first <= MANY; first += AT_ONCE) {
    const raised = Array.from({ length: AT_ONCE }, (_, at) => book.raise(draftOf(first + at)));
    await audited.commit(
      raised.flatMap(({ entries }) => entries),
      raised.flatMap(({ changes }) => changes),
    );
    for (const each of raised) each.settle();
  }
  await records.close();
}

function draftOf(number: number) {
  const decision: 'block' | 'review' = number % 3 === 0 ? 'block' : 'review';
  return {
    at: new Date(BEGIN + number * 1000).toISOString(),
    kind: 'verdict' as const,
    verdict: `v-${number}-0000`,
    previous: null,
    before: null,
    cause: null,
    decision,
    score: number % 100,
    chain: requireChain('eip155:1').id,
    address: `0x${number.toString(16).padStart(40, '0')}`,
    asset: null,
    symbol: null,
    decimals: null,
    amount: null,
    customer: null,
    segment: null,
    direction: null,
    tx: null,
    titles: [`Number ${number}.`],
    categories: ['sanctioned'],
  };
}

interface Row {
  readonly row: number;
  readonly number: number;
}

async function rowsOf(page: Page): Promise<Row[]> {
  return (await page.evaluate(`[...document.querySelectorAll('[role="grid"] [role="row"][aria-rowindex]')].flatMap((row) => {
    const [, number] = /Number (\\d+)\\./.exec(row.textContent) ?? [];
    return number === undefined ? [] : [{ row: Number(row.getAttribute('aria-rowindex')), number: Number(number) }];
  })`)) as Row[];
}

/** The newest stands first: row 2 (behind the head) is the last one raised. */
async function assertRows(page: Page, holding: number): Promise<void> {
  let rows: Row[] = [];
  await until(`row ${holding} in the page`, async () => {
    rows = await rowsOf(page);
    return rows.some(({ row }) => row === holding);
  });
  assert.ok(rows.length < 200, `${rows.length} rows in the page`);
  for (const { row, number } of rows) assert.equal(number, MANY - (row - 2), `row ${row}`);
}

async function loaded(page: Page): Promise<number> {
  const text = await textOf(page.getByRole('status').filter({ hasText: /loaded|Loading to the end/ }));
  return Number((/[\d,]+/.exec(text)?.[0] ?? '0').replaceAll(',', ''));
}

async function scroll(): Promise<void> {
  const visit: Visit = await stage.visit('/alerts');
  const { page } = visit;
  const grid = page.getByRole('grid', { name: 'Alerts' });
  await grid.waitFor();
  await assertRows(page, 2);
  const first = await loaded(page);
  assert.ok(first < 1000, 'not all at once');
  await grid.hover();
  await until('scrolling loads more', async () => {
    await page.mouse.wheel(0, 4000);
    return (await loaded(page)) >= first + 1000;
  });
  assert.ok((await rowsOf(page)).length < 200);
  await grid.focus();
  await page.keyboard.press('j');
  await page.keyboard.press('End');
  await until('the last alert is there', async () => (await rowsOf(page)).some(({ row }) => row === MANY + 1), 180);
  await assertRows(page, MANY + 1);
  assert.equal(await loaded(page), MANY);
  await page.keyboard.press('Home');
  await assertRows(page, 2);
  await page.keyboard.press('PageDown');
  await assertRows(page, 12);
  const session = await visit.context.newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  assert.ok(usedSize < 300e6, `${Math.round(usedSize / 1e6)} MB of heap`);
  const nodes = Number(await page.evaluate('document.querySelectorAll("*").length'));
  assert.ok(nodes < 5000, `${nodes} elements`);
  // It still answers: a filter makes it a short list of the right ones.
  await page.getByLabel('Decision').selectOption({ label: 'Block' });
  await until('filtered', async () => {
    const rows = await rowsOf(page);
    return rows.length > 0 && rows.every(({ number }) => number % 3 === 0);
  });
  await visit.picture('alerts-many');
  visit.assertClean();
  await visit.end();
}
