import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isAlive, readTokenFile, type ServerAddress, tokenPath, writeTokenFile } from './token-file.ts';

const ADDRESS: ServerAddress = {
  pid: process.pid,
  url: 'http://127.0.0.1:8338',
  token: 'a'.repeat(43),
  startedAt: 1_700_000_000,
  version: '0.1.0',
};

function inFolder(work: (database: string, folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'haetae-token-'));
  try {
    const database = join(folder, 'store.duckdb');
    writeFileSync(database, '');
    work(database, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a token file is for its owner alone, is read as it was written and leaves nothing else behind', () => {
  inFolder((database, folder) => {
    const file = writeTokenFile(database, ADDRESS);
    assert.equal(statSync(file.path).mode & 0o777, 0o600);
    assert.deepEqual(readTokenFile(database), ADDRESS);
    assert.deepEqual(readdirSync(folder).sort(), ['store.duckdb', 'store.duckdb.server.json']);
    file.remove();
    assert.equal(existsSync(file.path), false);
    assert.equal(readTokenFile(database), null);
  });
});

test('a link to the database finds the same file', () => {
  inFolder((database, folder) => {
    const link = join(folder, 'link.duckdb');
    symlinkSync(database, link);
    assert.equal(tokenPath(link), tokenPath(database));
  });
});

test('a later server replaces the file of one that was killed, whose end then leaves it alone', () => {
  inFolder((database) => {
    const earlier = writeTokenFile(database, ADDRESS);
    const later = { ...ADDRESS, token: 'b'.repeat(43) };
    writeTokenFile(database, later);
    earlier.remove();
    assert.deepEqual(readTokenFile(database), later);
  });
});

test('a file open to others, cut off, or of an address elsewhere is not trusted', () => {
  inFolder((database) => {
    const { path } = writeTokenFile(database, ADDRESS);
    chmodSync(path, 0o640);
    assert.equal(readTokenFile(database), null);
    chmodSync(path, 0o600);
    const text = JSON.stringify(ADDRESS);
    for (const bad of [
      text.slice(0, -2),
      'null',
      '[]',
      '{}',
      text.replace('127.0.0.1', 'evil.example'),
      text.replace('127.0.0.1', '127.0.0.1:1@evil.example'),
      text.replace('"a', '"\\n'),
      text.replace(/"pid":\d+/, '"pid":0'),
    ]) {
      writeFileSync(path, bad);
      assert.equal(readTokenFile(database), null, bad);
    }
    assert.throws(() => writeTokenFile(database, { ...ADDRESS, url: 'http://10.0.0.1:8338' }), /loopback/);
  });
});

test('a process that runs is alive, and one of a number beyond every process is not', () => {
  assert.equal(isAlive(ADDRESS), true);
  assert.equal(isAlive({ ...ADDRESS, pid: 2 ** 30 }), false);
});
