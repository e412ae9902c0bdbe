import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { paths } from '../../web/src/format/paths.ts';
import { skipWithoutBrowser, type Visit } from './_browser.ts';
import { Stage } from './_stage.ts';
import { exported, picture } from './_walk.ts';

/** All the ways at once: an element with a handler, the end of an attribute, a script, a template, marks of direction and of no width. */
const ATTACK = `'"><img src=x onerror=globalThis.ran=1><script>globalThis.ran=2</script>{{7*7}}\${7*7}\u202Eevil\u202C\u200Bx`;
/** Without the hidden marks, which the desk's own texts may not hold. */
const PLAIN = ATTACK.replaceAll(/[\u200B\u202C\u202E]/g, '');
const LONG = 'long '.repeat(2_000);
const FORMULA = `=HYPERLINK("http://evil.example","x")`;
const LINK = 'javascript:globalThis.ran=3';
const THIEF = address(1);
const NEXT = address(2);
const SERVICE = address(3);
const LISTED = address(4);
const NAMED = `actor ${ATTACK}`;
const stage = new Stage();
const ids = { entity: '', case: '', verdict: '', alert: '', desk: '', hold: '', tx: transaction(2) };

describe('hostile text stays text', { skip: skipWithoutBrowser() }, () => {
  before(async () => {
    await fillStore();
    await stage.set(null, '--allow-private-webhooks');
    await fillDesk();
  });
  after(() => stage.clear());
  test('every page, in English', () => walkPages('en'));
  test('every page, in Korean', () => walkPages('ko'));
  test('an uploaded file with a hostile name', upload);
  test('what is taken out: SVG, CSV, a hold notice', takeOut);
});

function address(number: number): string {
  return `0x${'abcdef'[number]}${number.toString(16).padStart(39, '0')}`;
}

function transaction(number: number): string {
  return `0x${number.toString(16).padStart(64, '0')}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** By the command line: labels, transfers of a file with such a name, a theft file. */
async function fillStore(): Promise<void> {
  const { work } = stage.server;
  const labels = work.path('labels.csv');
  const label = (of: string, name: string, category: string): string =>
    [
      of,
      'eip155:1',
      quoted(name),
      category,
      quoted(NAMED),
      quoted(`source ${ATTACK}`),
      'forensic',
      '',
      '',
      LINK,
    ].join();
  writeFileSync(
    labels,
    `${[
      'address,chain,label,category,actor,source,confidence,valid_from,valid_to,url',
      label(THIEF, `label ${ATTACK}`, 'stolen'),
      label(NEXT, LONG, 'user'),
      label(SERVICE, FORMULA, 'exchange'),
      label(LISTED, `listed ${ATTACK}`, 'sanctioned'),
    ].join('\n')}\n`,
  );
  await work.ok('import', 'labels', labels);
  const transfers = work.path('<img src=x onerror=globalThis.ran=4>.csv');
  const row = (number: number, from: string, to: string): string =>
    `eip155:1,${1_700_000_000 + number * 60},${18_000_000 + number},0,0,${transaction(number)},transfer,${from},${to},eip155:1/slip44:60,${9 - number}000000000000000000`;
  const rows = [row(1, address(5), THIEF), row(2, THIEF, NEXT), row(3, NEXT, SERVICE), row(4, LISTED, NEXT)];
  writeFileSync(transfers, `chain,time,block,tx_index,leg,tx,kind,from,to,asset,amount\n${rows.join('\n')}\n`);
  await work.ok('import', 'transfers', transfers, '--preset', 'haetae');
  const theft = work.path('theft.yaml');
  writeFileSync(
    theft,
    JSON.stringify({
      title: `case ${ATTACK}`,
      thefts: [
        {
          id: 'hostile',
          title: `theft ${ATTACK}`,
          chain: 'eip155:1',
          asset: 'ETH',
          sources: [`source ${ATTACK}`, LINK],
          seeds: [{ kind: 'mark', address: THIEF, baseUnits: '8000000000000000000', time: '2023-11-14T22:14:21Z' }],
        },
      ],
    }),
  );
  await work.ok('trace', theft);
}

/** Through the interface: verdicts, alerts, cases, notes, holds, rules, keys, webhooks. */
async function fillDesk(): Promise<void> {
  const client = await stage.server.client();
  ids.case = (await client.listCases({ query: { kind: 'trace' } })).items[0]!.id;
  const { items: entities } = await client.listEntities({ query: { q: 'actor' } });
  ids.entity = entities[0]!.name;
  await client.addLabel({
    body: {
      chain: 'ethereum',
      address: THIEF,
      category: 'stolen',
      label: `own ${PLAIN}`,
      note: `why ${PLAIN}`,
      actor: `own ${PLAIN}`.slice(0, 100),
      url: 'https://example.org/"><script>globalThis.ran=5</script>',
    },
  });
  const segment = `segment ${PLAIN}`.slice(0, 60);
  const verdict = await client.screenAddress({
    body: { chain: 'ethereum', address: LISTED, customer: `customer ${PLAIN}`, segment },
  });
  ids.verdict = verdict.id;
  const { items } = await client.listAlerts({ query: {} });
  ids.alert = items[0]!.id;
  const params = { id: ids.alert };
  await client.commentAlert({ params, body: { text: `comment ${PLAIN}` } });
  await client.assignAlert({ params, body: { assignee: `person ${PLAIN}`.slice(0, 100) } });
  const desk = await client.createCase({ body: { title: `desk ${PLAIN}`, alerts: [ids.alert] } });
  ids.desk = desk.id;
  await client.noteCase({ params: { id: desk.id }, body: { text: `note ${PLAIN}` } });
  const board = await client.getCaseBoard({ params: { id: ids.case } });
  const note = {
    id: 'one',
    place: `eip155:1|${THIEF}`,
    text: `pinned ${PLAIN}`,
    at: new Date().toISOString(),
    by: '',
  };
  await client.saveCaseBoard({ params: { id: ids.case }, body: { ...board, notes: [note] } });
  const hold = await client.createHold({
    body: {
      case: {
        id: ids.case,
        theft: 'hostile',
        method: 'haircut',
        chain: 'eip155:1',
        address: SERVICE,
        asset: 'eip155:1/slip44:60',
      },
      to: { name: `provider ${PLAIN}`, contact: `contact ${PLAIN}` },
      address: SERVICE,
      statement: `statement ${PLAIN}`,
      legalBasis: `basis ${PLAIN}`,
      expiresAt: new Date(Date.now() + 30 * 86_400_000).toISOString(),
    },
  });
  ids.hold = hold.id;
  const { items: sets } = await client.listRules();
  const { text } = await client.getRules({ params: { hash: sets[0]!.hash } });
  const hostile = text.replace(/^name: .*$/m, `name: ${JSON.stringify(`rules ${PLAIN}`)}`);
  await client.loadRules({ body: { text: hostile, file: `<img src=x onerror=globalThis.ran=6>.yaml` } });
  await client.createKey({
    body: { role: 'viewer', label: `key ${PLAIN}`.slice(0, 100), person: `kim ${PLAIN}`.slice(0, 100) },
  });
  await client.createWebhook({ body: { url: 'http://127.0.0.1:9/?a="><script>globalThis.ran=7</script>' } });
}

/** Pages, and a word of hostile text that must be read on each; null: none stands there. */
function pages(): readonly (readonly [string, string | null])[] {
  const query = encodeURIComponent;
  return [
    ['/', `case '"><img`],
    ['/cases', `case '"><img`],
    [`/cases/${ids.case}`, `pinned '"><img`],
    [`/cases/${ids.case}?at=p:${query(`eip155:1|${THIEF}`)}`, `label '"><img`],
    [`/cases/${ids.case}?tab=sankey`, `case '"><img`],
    [`/cases/${ids.case}?tab=services`, FORMULA],
    [`/cases/${ids.case}?tab=methods`, `case '"><img`],
    [`/cases/${ids.case}?tab=evidence`, LINK],
    [`/screening?chain=eip155:1&address=${query(ATTACK)}`, null],
    ['/alerts', null],
    [`/alerts/${ids.alert}`, `comment '"><img`],
    [`/verdicts/${ids.verdict}`, `listed '"><img`],
    ['/rules', `rules '"><img`],
    ['/holds', `provider '"><img`],
    [`/holds/${ids.hold}`, `statement '"><img`],
    ['/approvals', null],
    ['/audit', null],
    [`/desk-cases/${ids.desk}`, `note '"><img`],
    [`/search?q=${query(`'"><img`)}`, `'"><img`],
    [`/search?q=${query(ATTACK)}`, null],
    [paths.address('eip155:1', THIEF), `label '"><img`],
    [paths.address('eip155:1', NEXT), 'long long long'],
    [paths.address(ATTACK, ATTACK), null],
    [paths.transaction('eip155:1', ids.tx), ids.tx],
    ['/entities', `actor '"><img`],
    [paths.namedEntity(ids.entity), `label '"><img`],
    [paths.entity('eip155:1', THIEF), null],
    ['/settings?tab=labels', `own '"><img`],
    ['/settings?tab=keys', `key '"><img`],
    ['/settings?tab=webhooks', '127.0.0.1'],
    ['/settings?tab=sessions', null],
    [`/no-such-page/${query(ATTACK)}?${query(ATTACK)}=${query(ATTACK)}#${query(ATTACK)}`, null],
  ];
}

async function watched(visit: Visit): Promise<string[]> {
  const seen: string[] = [];
  visit.page.on('dialog', (dialog) => {
    seen.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await visit.page.exposeFunction('told', (what: string) => {
    seen.push(what);
  });
  await visit.page.addInitScript(
    `document.addEventListener('securitypolicyviolation', (event) => told('refused: ' + event.violatedDirective + ' ' + event.blockedURI))`,
  );
  return seen;
}

/** Nothing of the data became an element, a handler, a script or a way out. */
async function assertInert(page: Page, path: string): Promise<void> {
  const found = await page.evaluate(`[
    ...(globalThis.ran === undefined ? [] : ['a script ran: ' + globalThis.ran]),
    ...[...document.querySelectorAll('img[src="x"], main script, main style, main iframe, main object, main embed')].map(({ outerHTML }) => outerHTML.slice(0, 200)),
    ...[...document.querySelectorAll('*')].flatMap((each) => [...each.attributes].filter(({ name }) => name.startsWith('on')).map(({ name }) => each.tagName + ' ' + name)),
    ...[...document.querySelectorAll('a[href], form[action], area[href]')].filter((each) => !/^(https?|blob):$/.test(new URL(each.href ?? each.action, location.href).protocol)).map(({ outerHTML }) => outerHTML.slice(0, 200)),
    ...[...document.querySelectorAll('a[href]')].filter(({ href, rel }) => new URL(href).origin !== location.origin && !/noreferrer/.test(rel)).map(({ outerHTML }) => 'no noreferrer: ' + outerHTML.slice(0, 200)),
    ...[...document.querySelectorAll('main *')].filter((each) => each.children.length === 0 && /[\\u202a-\\u202e\\u2066-\\u2069\\u200b]/.test(each.textContent) && !each.matches('textarea, input, option, pre, pre *')).map(({ outerHTML }) => 'unseen marks: ' + outerHTML.slice(0, 200)),
  ]`);
  assert.deepEqual(found, [], path);
}

async function walkPages(language: 'en' | 'ko'): Promise<void> {
  const visit = await stage.visit('/', { language });
  const seen = await watched(visit);
  visit.expected.push(/status of (400|404)/);
  const { page } = visit;
  const faults: string[] = [];
  for (const [path, text] of pages()) {
    await page.goto(`${stage.url}${path}`);
    await page.getByRole('main').waitFor();
    await visit.quiet();
    try {
      if (text !== null)
        await page
          .getByRole('main')
          .getByText(text, { exact: false })
          .locator('visible=true')
          .first()
          .waitFor({ timeout: 10_000 });
      await assertInert(page, path);
    } catch (error) {
      faults.push(`${path}: ${String(error).slice(0, 1500)}`);
    }
  }
  assert.deepEqual(faults, []);
  assert.deepEqual(seen, []);
  visit.assertClean();
  await visit.end();
}

async function upload(): Promise<void> {
  const visit = await stage.visit('/cases');
  const seen = await watched(visit);
  const { page } = visit;
  await page.reload();
  await page.getByRole('button', { name: 'New case' }).click();
  const name = `<img src=x onerror=globalThis.ran=8>${ATTACK.replaceAll('/', '')}.csv`;
  const buffer = Buffer.from('address,label\n0x1,nothing\n');
  await page.locator('input[type="file"]').first().setInputFiles({ name, mimeType: 'text/csv', buffer });
  await page.getByText('onerror=globalThis.ran=8', { exact: false }).first().waitFor();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  const job = page.getByRole('region', { name: 'Long work' }).getByRole('listitem').first();
  await job
    .filter({ hasText: /Done|Failed/ })
    .filter({ hasText: 'onerror=globalThis.ran=8' })
    .waitFor({ timeout: 60_000 });
  await assertInert(page, 'upload');
  assert.deepEqual(seen, []);
  visit.assertClean();
  await visit.end();
}

async function takeOut(): Promise<void> {
  const visit = await stage.visit(`/cases/${ids.case}`);
  const { page } = visit;
  await picture(page, 'haircut');
  const svg = (await exported(page, 'Picture (SVG)')).bytes.toString();
  assert.ok(/&(lt|#60|#x3c);img/i.test(svg), 'it is in the picture, as text');
  const alone = await visit.context.newPage();
  const seen: string[] = [];
  alone.on('dialog', (dialog) => {
    seen.push(dialog.message());
    void dialog.dismiss();
  });
  const ran = async (): Promise<unknown> => alone.evaluate('globalThis.ran ?? null');
  await alone.setContent(svg);
  assert.equal(await ran(), null);
  assert.equal(await alone.locator('script, foreignObject, img').count(), 0);
  const csv = (await exported(page, 'Services (CSV)')).bytes.toString();
  assert.ok(csv.includes('HYPERLINK'));
  for (const cell of csv.split(/[,\n]/)) assert.doesNotMatch(cell, /^"?[=+@]/, 'a formula for a spreadsheet');
  const paper = await visit.context.request.get(`${stage.url}/v1/holds/${ids.hold}/html`);
  await alone.setContent(await paper.text());
  assert.equal(await ran(), null);
  assert.equal(await alone.locator('script, img').count(), 0);
  await alone.getByText(`statement '"><img`, { exact: false }).first().waitFor();
  const report = (await exported(page, 'Report (HTML)')).bytes.toString();
  await alone.setContent(report);
  assert.equal(await ran(), null);
  assert.equal(await alone.locator('script[src], img').count(), 0);
  assert.deepEqual(seen, []);
  visit.assertClean();
  await visit.end();
}
