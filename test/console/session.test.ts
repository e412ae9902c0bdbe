import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { skipWithoutBrowser, Visit } from './_browser.ts';
import { Stage } from './_stage.ts';

const stage = new Stage();

describe('the console and its sessions', { skip: skipWithoutBrowser() }, () => {
  before(() => stage.set('drill'));
  after(() => stage.clear());
  test('the one-time link signs in, once', signInByLink);
  test('a wrong key is refused in words, a right one leads in', signInByKey);
  test('files of the console: policy, types, caches, nothing outside', sendFiles);
  test('the policy of the page lets no script of its own in', refuseScripts);
  test('a page of another origin changes nothing (CSRF)', refuseForeignPages);
  test('a session that ends under an open page is taken up again where one was', endSession);
  test('a server that goes and comes back is found again without a touch', restartServer);
});

async function signInByLink(): Promise<void> {
  const link = stage.server.signInLink();
  const visit = await Visit.begin(stage.browser, stage.url);
  await visit.page.goto(link);
  await visit.page.getByRole('navigation', { name: 'Places' }).waitFor();
  const { pathname, search } = new URL(visit.page.url());
  assert.deepEqual([pathname, search], ['/', ''], 'the token does not stay in the address');
  const [cookie] = await visit.context.cookies();
  const kept = [cookie?.name, cookie?.httpOnly, cookie?.sameSite, cookie?.expires];
  assert.deepEqual(kept, ['haetae_session', true, 'Strict', -1]);
  assert.equal(await visit.page.evaluate('document.cookie'), '');
  visit.assertClean();
  await visit.end();
  const second = await Visit.begin(stage.browser, stage.url);
  const answer = await second.page.goto(link);
  assert.equal(answer?.status(), 401);
  assert.deepEqual(await second.context.cookies(), []);
  await second.end();
}

async function signInByKey(): Promise<void> {
  const visit = await Visit.begin(stage.browser, stage.url);
  visit.expected.push(/status of 401/);
  await visit.page.goto(`${stage.url}/cases`);
  await visit.page.getByLabel('API key').fill('hk_000000000000_nothing');
  await visit.page.getByRole('button', { name: 'Sign in' }).click();
  await visit.page.getByRole('alert').getByText('E_KEY').waitFor();
  await visit.page.getByLabel('API key').fill(stage.adminKey);
  await visit.page.getByRole('button', { name: 'Sign in' }).click();
  await visit.page.getByRole('navigation', { name: 'Places' }).waitFor();
  assert.equal(new URL(visit.page.url()).pathname, '/cases', 'it stays on the page that was asked for');
  visit.assertClean();
  await visit.end();
}

async function sendFiles(): Promise<void> {
  const page = await fetch(stage.url);
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|http|\*/);
  assert.equal(page.headers.get('cache-control'), 'no-cache');
  const html = await page.text();
  assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=/i);
  const [, script] = /src="(\/assets\/[^"]+\.js)"/.exec(html) ?? [];
  const file = await fetch(`${stage.url}${script}`);
  assert.match(file.headers.get('content-type') ?? '', /^text\/javascript/);
  assert.match(file.headers.get('cache-control') ?? '', /immutable/);
  const paths = [
    ['/v1/nothing', 404],
    ['/assets/nothing.js', 404],
    ['/assets/..%2f..%2fpackage.json', 404],
    ['/cases/some-case', 200],
  ] as const;
  for (const [path, status] of paths) assert.equal((await fetch(`${stage.url}${path}`)).status, status, path);
  const posted = await fetch(`${stage.url}/cases`, { method: 'POST', body: '{}' });
  assert.equal(posted.status, 404);
}

async function refuseScripts(): Promise<void> {
  const visit = await stage.visit();
  visit.expected.push(/Content Security Policy|ERR_UNKNOWN_URL_SCHEME/i);
  const ran = await visit.page.evaluate(`(() => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.intruder = 1';
    document.body.append(script);
    const box = document.createElement('div');
    box.innerHTML = '<img src="x:" onerror="globalThis.intruder = 2">';
    document.body.append(box);
    return new Promise((done) => setTimeout(() => done(globalThis.intruder ?? null), 200));
  })()`);
  assert.equal(ran, null);
  await visit.end();
}

async function refuseForeignPages(): Promise<void> {
  const visit = await stage.visit();
  const client = await stage.server.client();
  const foreign = await listen(`<!doctype html><form method="post" enctype="text/plain" action="${stage.url}/v1/labels">
    <input name='{"chain":"ethereum","address":"0x${'2'.repeat(40)}","category":"stolen","label":"' value='"}'></form>`);
  const label = { chain: 'ethereum', address: `0x${'1'.repeat(40)}`, category: 'stolen', label: 'forged' };
  const page = await visit.context.newPage();
  await page.goto(foreign.url);
  const answers = await page.evaluate(`Promise.all([
    { method: 'POST', mode: 'no-cors', credentials: 'include', body: ${JSON.stringify(JSON.stringify(label))} },
    { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(JSON.stringify(label))} },
    { method: 'GET', credentials: 'include' },
  ].map((each) => fetch('${stage.url}/v1/labels/own', each).then((answer) => answer.type + ' ' + answer.status, () => 'refused')))`);
  assert.deepEqual(answers, ['opaque 0', 'refused', 'refused'], 'nothing can be read from there');
  await page.evaluate('document.forms[0].submit()');
  await page.waitForURL(`${stage.url}/**`);
  assert.match(await page.content(), /E_HOST/);
  assert.deepEqual((await client.listOwnLabels({ query: {} })).items, []);
  await foreign.close();
  await visit.end();
}

async function endSession(): Promise<void> {
  const visit = await stage.visit('/settings');
  const client = await stage.server.client();
  for (const { id } of (await client.listSessions()).items) await client.endSession({ params: { id } });
  await visit.page.getByRole('link', { name: 'Cases' }).click();
  const dialog = visit.page.getByRole('dialog', { name: /session has ended/i });
  await dialog.waitFor({ timeout: 30_000 });
  await dialog.getByLabel('API key').fill(stage.adminKey);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.equal(new URL(visit.page.url()).pathname, '/cases');
  visit.assertClean();
  await visit.end();
}

async function restartServer(): Promise<void> {
  const visit = await stage.visit();
  visit.expected.push(/ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|status of 503/);
  await stage.server.stop();
  const notice = visit.page.getByText('The server does not answer', { exact: false });
  await notice.waitFor({ timeout: 40_000 });
  await stage.server.start();
  await notice.waitFor({ state: 'detached', timeout: 40_000 });
  visit.assertClean();
  await visit.end();
}

async function listen(html: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
