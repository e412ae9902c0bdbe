import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import type { Client } from '../../src/api/client.ts';
import { requireChain } from '../../src/model/chain.ts';
import { paths } from '../../web/src/format/paths.ts';
import { datasetPath } from '../e2e/_cli.ts';
import { type Look, skipWithoutBrowser, type Visit } from './_browser.ts';
import { Stage } from './_stage.ts';

const EVERY: readonly Look[] = (['en', 'ko'] as const).flatMap((language) =>
  (['light', 'dark'] as const).map((theme) => ({ language, theme })),
);
/** Each page in both languages and both themes; in every mixture of them where pictures are taken. */
const LOOKS = {
  ronin: [EVERY[0]!, EVERY[3]!],
  drill: [EVERY[1]!, EVERY[2]!],
} as const;
/** What a drill makes different. */
const OF_A_DRILL = /^(overview|cases|case-.*|hold|search|address-outputs|transaction|entities)$/;

for (const job of ['ronin', 'drill'] as const) {
  const stage = new Stage();
  const { skip } = job === 'ronin' ? datasetPath('ronin') : { skip: false as const };
  describe(`every page over ${job}`, { skip: skipWithoutBrowser() || skip }, () => {
    let pages: readonly (readonly [string, string])[] = [];
    before(async () => {
      await stage.set(job);
      const all = await fill(stage, job);
      pages = job === 'ronin' ? all : all.filter(([name]) => OF_A_DRILL.test(name));
    });
    after(() => stage.clear());
    for (const look of process.env.HAETAE_PICTURES === undefined ? LOOKS[job] : EVERY)
      test(`${look.language}, ${look.theme}: sound, accessible, in its language`, () =>
        seePages(stage, job, pages, look));
  });
}

/** A verdict, an alert, a case of the desk and a hold notice, so that no page is empty; every page by name and path. */
async function fill(stage: Stage, job: string): Promise<readonly (readonly [string, string])[]> {
  const client = await stage.server.client();
  const { items } = await client.listCases({ query: { kind: 'trace' } });
  const id = items[0]!.id;
  const view = await client.getCaseView({ params: { id } });
  const { chain, address } = view.thefts[0]!.seeds[0]!;
  await client.addLabel({
    body: { chain, address, category: 'stolen', label: 'Wallet of the thief', note: 'for the walk' },
  });
  const verdict = await client.screenAddress({ body: { chain, address } });
  const alert = (await client.listAlerts({ query: {} })).items[0]!;
  await client.commentAlert({ params: { id: alert.id }, body: { text: 'asked for the source of funds' } });
  const desk = await client.createCase({ body: { title: 'Deposits of one evening', alerts: [alert.id] } });
  const hold = await client.createHold({
    body: {
      alert: alert.id,
      to: { name: 'Exchange', contact: 'desk@exchange.example' },
      address,
      statement: 'It holds what was stolen.',
      legalBasis: 'A request.',
      expiresAt: new Date(Date.now() + 30 * 86_400_000).toISOString(),
    },
  });
  const { items: moved } = await client.listCaseTransfers({ params: { id }, query: { touched: 'true', limit: 100 } });
  const tx = moved.find((each) => each.tx !== null);
  const actors = (await client.listEntities({ query: {} })).items[0]?.name;
  const tabs = ['flow', 'sankey', 'services', 'methods', 'evidence'];
  return [
    ['overview', '/'],
    ['cases', '/cases'],
    ...tabs.map((tab) => [`case-${tab}`, `${paths.case(id)}?tab=${tab}`] as const),
    ['case-place', `${paths.case(id)}?at=p:${encodeURIComponent(`${chain}|${address}`)}`],
    ['case-poison', `${paths.case(id)}?method=poison`],
    ['screening', '/screening'],
    ['alerts', '/alerts'],
    ['alert', paths.alert(alert.id)],
    ['verdict', paths.verdict(verdict.id)],
    ['rules', '/rules'],
    ['holds', '/holds'],
    ['hold', paths.hold(hold.id)],
    ['approvals', '/approvals'],
    ['audit', '/audit'],
    ['desk-case', paths.deskCase(desk.id)],
    ['search', paths.search(job === 'ronin' ? 'ronin' : 'drill')],
    ['address', paths.address(chain, address)],
    ...(await addressOfOutputs(client, id)),
    ...(tx === undefined ? [] : [['transaction', paths.transaction(tx.chain, tx.tx!)] as const]),
    ['entities', '/entities'],
    ...(actors === undefined ? [] : [['named-entity', paths.namedEntity(actors)] as const]),
    ['entity', paths.entity(chain, address)],
    ...['labels', 'organisation', 'keys', 'sessions', 'webhooks', 'customers', 'files', 'about'].map(
      (tab) => [`settings-${tab}`, `/settings?tab=${tab}`] as const,
    ),
  ];
}

/** Of a chain of outputs, where the case comes to one. */
async function addressOfOutputs(client: Client, id: string): Promise<readonly (readonly [string, string])[]> {
  const query = { chain: requireChain('bitcoin-regtest').id, touched: 'true', limit: 1 } as const;
  const { items } = await client.listCaseTransfers({ params: { id }, query });
  return items.map(({ chain, to }) => ['address-outputs', paths.address(chain, to!)]);
}

async function seePages(
  stage: Stage,
  job: string,
  pages: readonly (readonly [string, string])[],
  look: Look,
): Promise<void> {
  const visit = await stage.visit('/', look);
  // An address without an entity is told so by the server.
  visit.expected.push(/status of 404 .*\/v1\/entities\/of\//);
  const english = look.language === 'ko' ? await englishOnly() : new Set<string>();
  const faults: string[] = [];
  for (const [name, path] of pages) {
    await go(visit, path, look);
    faults.push(...(await faultsOf(visit, name, look, english)));
    await visit.picture(`${job}-${name}-${look.language}-${look.theme}`);
    if (look.language === 'en' && look.theme === 'light' && (name === 'case-flow' || name === 'verdict')) {
      await visit.page.emulateMedia({ media: 'print' });
      await visit.picture(`${job}-${name}-print`);
      await visit.page.emulateMedia({ media: 'screen' });
    }
  }
  assert.deepEqual(faults, []);
  visit.assertClean();
  await visit.end();
}

/** As a person goes, without a reload where the shell is there already. */
async function go(visit: Visit, path: string, { language }: Look): Promise<void> {
  const { page } = visit;
  await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await visit.quiet();
  if (/tab=flow|at=p|method=poison/.test(path)) await page.locator('[data-ready="true"]').waitFor();
  await page
    .getByText(language === 'ko' ? '불러오는 중' : /^Loading/)
    .first()
    .waitFor({ state: 'detached' });
}

async function faultsOf(
  visit: Visit,
  name: string,
  { language }: Look,
  english: ReadonlySet<string>,
): Promise<string[]> {
  const { page } = visit;
  const faults: string[] = [];
  const lang = await page.evaluate('document.documentElement.lang');
  if (lang !== language) faults.push(`lang is ${lang}`);
  const heads = await page.getByRole('heading', { level: 1 }).count();
  if (heads !== 1) faults.push(`${heads} headings of the first level`);
  const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  if (Number(wide) > 1) faults.push(`wider than the window by ${wide}`);
  faults.push(...(await visit.axe()));
  for (const text of await shownTexts(page)) if (english.has(text)) faults.push(`not translated: ${text}`);
  return faults.map((fault) => `${name}: ${fault}`);
}

/** What stands on the page, piece by piece, and what is said to screen readers or on hover. Text from outside is in bdi, code, time. */
async function shownTexts(page: Page): Promise<string[]> {
  return (await page.evaluate(`(() => {
    const texts = new Set();
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node !== null; node = walk.nextNode())
      if (!node.parentElement.closest('bdi, code, time, pre, textarea, script, [lang="en"]')) texts.add(node.data.trim());
    for (const each of document.querySelectorAll('[aria-label], [title], [placeholder]'))
      for (const name of ['aria-label', 'title', 'placeholder']) texts.add((each.getAttribute(name) ?? '').trim());
    return [...texts].filter((text) => text !== '');
  })()`)) as string[];
}

type Words = Readonly<Record<string, unknown>>;

function textsOf(words: unknown, path = ''): Map<string, string> {
  if (typeof words === 'string') return new Map([[path, words]]);
  if (typeof words === 'function') return new Map([[path, '()']]);
  const found = new Map<string, string>();
  if (typeof words !== 'object' || words === null) return found;
  for (const [name, part] of Object.entries(words))
    for (const [key, text] of textsOf(part, `${path}.${name}`)) found.set(key, text);
  return found;
}

/** The message files as they are built with the tests. */
async function messages(): Promise<readonly { readonly part: string; readonly en: Words; readonly ko: Words }[]> {
  const folder = join(dirname(fileURLToPath(import.meta.url)), '../../web/src/messages');
  const parts = readdirSync(join(folder, 'en')).filter((name) => name.endsWith('.js'));
  return Promise.all(
    parts.map(async (part) => {
      const read = async (language: 'en' | 'ko') =>
        ((await import(pathToFileURL(join(folder, language, part)).href)) as Record<string, Words>)[language]!;
      return { part, en: await read('en'), ko: await read('ko') };
    }),
  );
}

async function englishOnly(): Promise<Set<string>> {
  const texts = new Set<string>();
  for (const { en, ko } of await messages()) {
    const korean = new Set(textsOf(ko).values());
    for (const text of textsOf(en).values())
      if (/[a-z]{3}/.test(text) && /^[A-Z]|\s/.test(text) && !korean.has(text)) texts.add(text);
  }
  return texts;
}

/** Names, units and forms that are the same in both. */
const SAME =
  /^$|^\(\)$|^[^a-zA-Z]*$|^(FIFO|TIHO|CSV|JSON|PNG|SVG|UTC|English|Haetae|한국어|URL|API|Enter|Esc|SHA-256|TLP:.*|0x.*|key:.*|haetae .*)$/;

/** Keys of the keyboard are called the same. */
const KEYS = /\.key(s|List)\.\d+\.0$/;

test('the messages of both languages: the same keys, and no text left as it was', async () => {
  const faults: string[] = [];
  for (const { part, en, ko } of await messages()) {
    const [english, korean] = [textsOf(en), textsOf(ko)];
    assert.deepEqual([...korean.keys()].sort(), [...english.keys()].sort(), part);
    for (const [key, text] of english)
      if (korean.get(key) === text && !SAME.test(text) && !KEYS.test(key)) faults.push(`${part}${key}: ${text}`);
  }
  assert.deepEqual(faults, []);
});
