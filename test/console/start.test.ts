import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Workplace } from '../e2e/_cli.ts';

const MAIN = join(dirname(fileURLToPath(import.meta.url)), '../../src/main.js');

interface Started {
  readonly child: ChildProcess;
  readonly printed: () => string;
  readonly ended: Promise<number | null>;
}

function start(work: Workplace, ...words: string[]): Started {
  const env = { ...process.env };
  delete env.HAETAE_DATASETS;
  const child = spawn(process.execPath, [MAIN, 'start', '--out', work.path('out'), '--no-open', ...words], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (text += String(piece)));
  return { child, printed: () => text, ended: new Promise((resolve) => child.once('exit', resolve)) };
}

async function until(started: Started, form: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const found = form.exec(started.printed());
    if (found !== null) return found;
    assert.equal(started.child.exitCode, null, started.printed());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('haetae start makes a case, serves the console until Ctrl-C, and says so to a second one', async () => {
  const work = new Workplace();
  try {
    const first = start(work, '--port=0');
    const [, url] = await until(first, /listening on (\S+)/);
    await until(first, /sign in once with a browser: \S+token=/);
    assert.match(first.printed(), /SIMULATED[\s\S]*case +\S+ in /);
    const page = await fetch(url!);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<div id="console">/);
    const second = start(work, '--port=0');
    assert.equal(await second.ended, 0, second.printed());
    assert.match(second.printed(), new RegExp(`runs already: ${url}`));
    first.child.kill('SIGINT');
    assert.equal(await first.ended, 0, first.printed());
    assert.match(first.printed(), /stopped; everything acknowledged is on disk/);
  } finally {
    work.remove();
  }
});

test('haetae start --once ends after the summary', async () => {
  const work = new Workplace();
  try {
    const once = start(work, '--once');
    assert.equal(await once.ended, 0, once.printed());
    assert.match(once.printed(), /report +\S+\.html/);
    assert.doesNotMatch(once.printed(), /listening/);
  } finally {
    work.remove();
  }
});
