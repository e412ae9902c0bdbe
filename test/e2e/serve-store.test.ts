import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Workplace } from './_cli.ts';

const SERVER = join(dirname(fileURLToPath(import.meta.url)), '_store-server.js');

async function serveStore(database: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [SERVER, database], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout!, 'data');
  return child;
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** What differs from run to run: where the files are, how long it took, whether that was long enough to tell how far it is, when it was. */
function lasting(text: string, place: Workplace): string {
  return text
    .replaceAll(place.folder, 'FOLDER')
    .replace(/^[^:\n]+: [\d,]+( of [\d,]+ \(\d+ %\))?, \d+ s\n/gm, '')
    .replace(/in \d+\.\d s/g, 'in N s')
    .replace(/\d+(\.\d+)? (ms|s)\b/g, 'N s');
}

async function pricesSame(places: readonly Workplace[], same: (...words: string[]) => Promise<string>): Promise<void> {
  for (const place of places) {
    writeFileSync(place.path('prices.csv'), 'asset,day,usd\nETH,2024-01-01,2000\nETH,2024-01-02,\nETH,2024-01-03,x\n');
    writeFileSync(place.path('other.csv'), 'asset,day,usd\nETH,2024-01-01,3000\n');
  }
  assert.match(await same('import', 'prices', 'prices.csv', '--source', 'desk'), /1 prices \(desk\)/);
  assert.match(await same('import', 'prices', 'prices.csv'), /already imported \(desk\)/);
  await same('import', 'prices', 'other.csv');
  assert.match(await same('status'), /prices desk 2024-01-01 to 2024-01-01 prices.csv: 1/);
}

describe('the command line while a server holds the store', () => {
  const alone = new Workplace();
  const served = new Workplace();
  let server: ChildProcess;
  before(async () => {
    server = await serveStore(served.db);
  });
  after(async () => {
    await end(server, 'SIGKILL');
    alone.remove();
    served.remove();
  });

  async function same(...words: string[]): Promise<string> {
    const [one, other] = [await alone.run(...words), await served.run(...words)];
    assert.equal(other.code, one.code, `${words.join(' ')}\n${other.err}`);
    assert.equal(lasting(other.out, served), lasting(one.out, alone), words.join(' '));
    assert.equal(lasting(other.err, served), lasting(one.err, alone), words.join(' '));
    return other.out;
  }

  test('every command prints what it prints without', async () => {
    for (const place of [alone, served]) {
      await place.ok('drill', '--seed', '3', '--scale', '2000', '--out', place.path('drill'));
      writeFileSync(place.path('cut.csv'), readFileSync(place.path('drill', 'transfers.csv')).subarray(0, 5000));
    }
    assert.match(await same('import', 'transfers', 'drill/transfers.csv', '--preset', 'haetae'), /rows kept|kept/);
    assert.match(await same('import', 'transfers', 'drill/transfers.csv', '--preset', 'haetae'), /already imported/);
    await same('import', 'transfers', 'cut.csv', '--preset', 'haetae');
    await same('import', 'transfers', 'missing.csv', '--preset', 'haetae');
    await same('import', 'labels', 'drill/labels.csv');
    assert.match(await same('status'), /import 1 haetae/);
    await same('index', 'build');
    assert.match(await same('index', 'check', '--deep'), /rows as in the store/);
    await same('index', 'status');
    const [, address] = /^(0x[0-9a-f]{40}),/im.exec(readFileSync(alone.path('drill', 'labels.csv'), 'utf8')) ?? [];
    await same('label', address!);
    await same('exposure', address!, '--json');
    await same('entity', address!);
    await same('trace', 'drill/theft.yaml', '--json');
    await pricesSame([alone, served], same);
    await same('backup', 'copy');
    assert.equal(existsSync(served.path('copy', 'manifest.json')), true);
    await same('case', 'list');
  });

  test('what needs the files themselves says so', async () => {
    assert.match(await served.refused('E_STORE_LOCKED', 'restore', 'copy', '--replace'), /end haetae serve/);
    assert.match(await served.refused('E_SERVER', 'serve', '--port', '0'), /already/);
  });

  test('an import whose command is killed leaves nothing, and the server goes on', async () => {
    const totals = await served.ok('status');
    await served.ok('drill', '--seed', '9', '--scale', '60000', '--out', served.path('large'));
    const run = spawn(
      process.execPath,
      [
        join(dirname(SERVER), '../../src/main.js'),
        ...['import', 'transfers', 'large/transfers.csv', '--preset', 'haetae', '--db', served.db],
      ],
      { cwd: served.folder, stdio: 'ignore' },
    );
    await new Promise((resolve) => setTimeout(resolve, 900));
    await end(run, 'SIGKILL');
    assert.equal(run.signalCode, 'SIGKILL', 'it was killed before it had ended');
    assert.equal(await served.ok('status'), totals);
  });

  test('a server that was killed leaves its token file, and commands work by themselves', async () => {
    const totals = await served.ok('status');
    await end(server, 'SIGKILL');
    const tokenFile = `${served.db}.server.json`;
    assert.equal(existsSync(tokenFile), true);
    assert.equal(await served.ok('status'), totals);
    // The number of the process may have gone to another one, and the port too.
    const left = JSON.parse(readFileSync(tokenFile, 'utf8')) as object;
    writeFileSync(tokenFile, JSON.stringify({ ...left, pid: process.pid }));
    assert.equal(await served.ok('status'), totals);
    server = await serveStore(served.db);
    assert.equal(await served.ok('status'), totals);
    await end(server, 'SIGTERM');
    assert.equal(server.exitCode, 0);
    assert.equal(existsSync(tokenFile), false);
  });
});
