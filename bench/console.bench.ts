/**
 * The console in a real Chromium that draws in software: the first picture of Ronin, 5,000 addresses drawn whole, frames while it moves, script of the first load.
 * Ronin needs HAETAE_DATASETS; without Chromium nothing is measured.
 */
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { skipWithoutBrowser, type Visit } from '../test/console/_browser.ts';
import { Stage } from '../test/console/_stage.ts';
import { datasetPath } from '../test/e2e/_cli.ts';
import { COUNT_FRAMES, type Frames, STOP_FRAMES } from './_console-frames.ts';
import { count, printFigure } from './_print.ts';

const SCALE = 60_000;
const TIMES = 3;
const MOVES = 60;

const skip = skipWithoutBrowser();
if (skip === false) {
  if (datasetPath('ronin').skip === false) await measureRonin();
  else console.log('Ronin is not measured: HAETAE_DATASETS is not set');
  await measureLarge();
} else console.log(`nothing is measured: ${skip}`);

async function measureRonin(): Promise<void> {
  const stage = new Stage();
  try {
    await stage.set('ronin');
    const path = await casePath(stage);
    const visit = await stage.visit('/');
    const overview = await scriptBytes(visit.page, `${stage.url}/`, '[role="main"], main h1');
    const bare = await fastestOf(async () => {
      const start = performance.now();
      await visit.page.goto(`${stage.url}/favicon.svg`);
      return seconds(start);
    });
    const first = await fastestOf(async () => {
      await visit.page.goto('about:blank');
      const start = performance.now();
      await visit.page.goto(`${stage.url}${path}`, { waitUntil: 'commit' });
      await drawn(visit.page);
      return seconds(start);
    });
    const size = 'Ronin: 311 transfers, navigation to a drawn picture';
    printFigure({
      name: 'first picture of Ronin',
      value: first,
      unit: 's',
      size,
      limit: { atMost: 1 },
      ratio: { to: 'a bare file', value: bare / first },
    });
    const onCase = await scriptBytes(visit.page, `${stage.url}${path}`, '[data-ready="true"]');
    for (const [name, bytes] of [
      ['script of the overview, gzip', overview],
      ['script of a case, gzip', onCase],
    ] as const)
      printFigure({
        name,
        value: bytes.zipped / 1e3,
        unit: 'kB',
        size: `${bytes.files} files, first load`,
        limit: { atMost: 300 },
        ratio: { to: 'unzipped', value: bytes.zipped / bytes.plain },
      });
    await visit.end();
  } finally {
    await stage.clear();
  }
}

async function measureLarge(): Promise<void> {
  const stage = new Stage();
  try {
    await makeLarge(stage);
    await stage.set(null);
    const path = await casePath(stage);
    const visit = await stage.visit('/');
    const { page } = visit;
    page.setDefaultTimeout(120_000);
    const open = () =>
      timed(async () => {
        await page.goto(`${stage.url}${path}`, { waitUntil: 'commit' });
        await drawn(page);
      });
    const cold = await open();
    await page.goto('about:blank');
    const folded = await open();
    const button = page.getByRole('button', { name: 'Open all', exact: true });
    await button.waitFor();
    const all = await timed(async () => {
      await button.click();
      await page.locator('[data-ready="true"][data-folded="0"]').waitFor();
      await drawn(page);
    });
    const pane = page.locator('[data-ready="true"]');
    const [shapes, lines] = [await pane.getAttribute('data-shapes'), await pane.getAttribute('data-edges')].map(Number);
    const size = `${count(shapes ?? 0)} addresses, ${count(lines ?? 0)} edges`;
    printFigure({
      name: 'first picture, folded',
      value: folded,
      unit: 's',
      size: `${size}; the first time since the server began ${cold.toFixed(2)} s`,
      ratio: { to: 'the first time', value: cold / folded },
    });
    printFigure({
      name: 'all of it drawn',
      value: all,
      unit: 's',
      size,
      limit: { atMost: 3 },
      ratio: { to: 'the same folded', value: folded / all },
    });
    const rest = await framesWhile(page, async () => page.evaluate('new Promise((done) => setTimeout(done, 1000))'));
    for (const [name, act] of [
      ['frames while it is dragged', drag],
      ['frames while it is zoomed', zoom],
    ] as const) {
      const frames = await framesWhile(page, () => act(page));
      printFigure({
        name,
        value: rate(frames),
        unit: 'frames/s',
        size: `${size}, slowest ${frames.slowest.toFixed(0)} ms`,
        limit: { atLeast: 10 },
        ratio: { to: 'at rest', value: rate(frames) / rate(rest) },
      });
    }
    await printHeap(visit, size);
    await visit.end();
  } finally {
    await stage.clear();
  }
}

async function makeLarge(stage: Stage): Promise<void> {
  const { work } = stage.server;
  const folder = work.path('drill');
  await work.ok('drill', '--seed', '1', '--scale', String(SCALE), '--out', folder);
  await work.ok('import', 'transfers', `${folder}/transfers.csv`, '--preset', 'haetae');
  await work.ok('import', 'labels', `${folder}/labels.csv`);
  const methods = ['--method', 'haircut,fifo,poison', '--stop', 'mixer', '--stop', 'burn'];
  await work.ok('trace', `${folder}/theft-1.yaml`, ...methods);
}

async function casePath(stage: Stage): Promise<string> {
  const client = await stage.server.client('viewer');
  const { items } = await client.listCases({ query: { kind: 'trace' } });
  return `/cases/${items[0]!.id}`;
}

/** The picture is there, and the frame after it as well: what was asked of the canvas has been done. */
async function drawn(page: Page): Promise<void> {
  await page.locator('[data-ready="true"] canvas').first().waitFor({ state: 'attached' });
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
}

/** Of the script files that a browser with nothing kept asks for. */
async function scriptBytes(page: Page, url: string, until: string) {
  const files = new Map<string, Promise<Buffer>>();
  const context = page.context();
  const fresh = await context.newPage();
  fresh.on('response', (response) => {
    if (/\.js(\?|$)/.test(response.url())) files.set(response.url(), response.body());
  });
  await fresh.goto(url);
  await fresh.locator(until).first().waitFor();
  const bodies = await Promise.all(files.values());
  await fresh.close();
  return {
    files: bodies.length,
    plain: bodies.reduce((sum, { length }) => sum + length, 0),
    zipped: bodies.reduce((sum, body) => sum + gzipSync(body, { level: 9 }).length, 0),
  };
}

async function framesWhile(page: Page, act: () => Promise<unknown>): Promise<Frames> {
  await page.evaluate(COUNT_FRAMES);
  await act();
  return (await page.evaluate(STOP_FRAMES)) as Frames;
}

async function middleOf(page: Page): Promise<{ readonly x: number; readonly y: number }> {
  const box = await page.getByRole('application').boundingBox();
  if (box === null) throw new Error('the picture is not in the page');
  return { x: box.x + box.width / 2, y: box.y + Math.min(box.height / 2, 300) };
}

async function drag(page: Page): Promise<void> {
  const { x, y } = await middleOf(page);
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let step = 0; step < MOVES; step += 1)
    await page.mouse.move(x + 150 * Math.sin(step / 5), y + 80 * Math.cos(step / 5));
  await page.mouse.up();
}

async function zoom(page: Page): Promise<void> {
  const { x, y } = await middleOf(page);
  await page.mouse.move(x, y);
  for (let step = 0; step < MOVES / 2; step += 1) await page.mouse.wheel(0, step % 10 < 5 ? -120 : 120);
}

async function printHeap(visit: Visit, size: string): Promise<void> {
  const session = await visit.context.newCDPSession(visit.page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  printFigure({ name: 'heap of the page', value: usedSize / 1e6, unit: 'MB', size });
}

function rate({ frames, seconds: taken }: Frames): number {
  return frames / taken;
}

function seconds(start: number): number {
  return (performance.now() - start) / 1000;
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return seconds(start);
}

async function fastestOf(act: () => Promise<number>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let time = 0; time < TIMES; time += 1) best = Math.min(best, await act());
  return best;
}
