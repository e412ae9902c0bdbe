import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { HaetaeError } from '../../base/errors.ts';
import { openRecords } from '../open-records.ts';
import { orderKey, type RecordChange, type Records } from '../records.ts';

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'haetae-records-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const put = (key: string, length = 100): RecordChange => ({ table: 'verdict', key, value: Buffer.alloc(length, key) });
const hasCode = (code: string) => (error: unknown) => error instanceof HaetaeError && error.code === code;

test('chunks of a scan stay small where values are large', () =>
  withFolder(async (folder) => {
    const records = await openRecords({ path: folder });
    for (let index = 0; index < 20; index += 1) await records.write([put(orderKey(index), 1 << 20)]);
    for (const reverse of [false, true]) {
      let rows = 0;
      for await (const chunk of records.scan('verdict', { reverse })) {
        assert.ok(chunk.length <= 5, `${chunk.length} MB in one chunk`);
        rows += chunk.length;
      }
      assert.equal(rows, 20);
    }
    await records.close();
  }));

test('the folder and its files are for their owner alone', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'new', 'records');
    const records = await openRecords({ path });
    const modes = await Promise.all(
      ['', 'data.mdb', 'lock.mdb'].map(async (name) => (await stat(join(path, name))).mode & 0o777),
    );
    assert.deepEqual(modes, [0o700, 0o600, 0o600]);
    await records.close();
  }));

test('what was written is there after the folder is opened again', () =>
  withFolder(async (folder) => {
    const first = await openRecords({ path: folder });
    await first.write([put('a'), put('b')]);
    await first.write([{ table: 'verdict', key: 'a', value: null }]);
    await first.close();
    const second = await openRecords({ path: folder });
    assert.deepEqual(
      (await second.list('verdict')).map(({ key }) => key),
      ['b'],
    );
    await second.close();
  }));

test('records of a later version are not touched', () =>
  withFolder(async (folder) => {
    const later = await openRecords({ path: folder });
    await later.write([{ table: 'meta', key: 'format', value: Buffer.from('2') }]);
    await later.close();
    for (const readOnly of [false, true]) {
      await assert.rejects(
        openRecords({ path: folder, readOnly }),
        (error) => hasCode('E_RECORDS')(error) && (error as HaetaeError).context.format === 2,
      );
    }
  }));

test('reading only: E_NOT_FOUND where nothing is, and no write', () =>
  withFolder(async (folder) => {
    await assert.rejects(openRecords({ path: join(folder, 'none'), readOnly: true }), hasCode('E_NOT_FOUND'));
    const writer = await openRecords({ path: join(folder, 'some') });
    await writer.write([put('a')]);
    await writer.close();
    const reader = await openRecords({ path: join(folder, 'some'), readOnly: true });
    assert.notEqual(await reader.get('verdict', 'a'), null);
    await assert.rejects(reader.write([put('b')]), hasCode('E_STORE_WRITE'));
    assert.equal(await reader.count('verdict'), 1);
    await reader.close();
  }));

const childFile = new URL('../../../test/kill/records-child.js', import.meta.url).pathname;

/** What damage may do: refused with a code, or read; never the end of the process. */
async function tryDamaged(folder: string): Promise<string> {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [childFile, 'open', folder], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  assert.equal(signal, null, `${stdout}${stderr}`);
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout.trim();
}

async function filled(path: string): Promise<void> {
  const records = await openRecords({ path });
  for (let first = 0; first < 2000; first += 500)
    await records.write(Array.from({ length: 500 }, (_, index) => put(orderKey(first + index), 300)));
  await records.close();
}

test('a damaged file is refused with a code', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'records');
    const file = join(path, 'data.mdb');
    await filled(path);
    const sound = await readFile(file);
    const damages: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
      ['another file', () => Buffer.from('this is a letter to a friend, not a database\n'.repeat(400))],
      ['cut in its first page', (bytes) => bytes.subarray(0, 100)],
      ['cut after its first pages', (bytes) => bytes.subarray(0, 8192)],
      ['cut in the middle', (bytes) => bytes.subarray(0, bytes.length >> 1)],
      ['first pages zeroed', (bytes) => Buffer.concat([Buffer.alloc(8192), bytes.subarray(8192)])],
      ['first page zeroed', (bytes) => Buffer.concat([Buffer.alloc(4096), bytes.subarray(4096)])],
    ];
    for (const [name, damage] of damages) {
      await rm(path, { recursive: true });
      await mkdir(path);
      await writeFile(file, damage(Buffer.from(sound)));
      assert.match(await tryDamaged(path), /^E_RECORDS/, name);
    }
  }));

test('an empty file is what a kill left before the first page: new records', () =>
  withFolder(async (folder) => {
    await writeFile(join(folder, 'data.mdb'), '');
    assert.equal(await tryDamaged(folder), 'open 0');
  }));

/** A file system of its own, where this process may mount one. */
async function withSmallDisk(
  t: TestContext,
  megabytes: number,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], {
      encoding: 'utf8',
    });
    if (mounted.status !== 0) {
      t.skip(`no small file system can be mounted here: ${(mounted.stderr ?? String(mounted.error)).trim()}`);
      return;
    }
    try {
      await work(folder);
    } finally {
      spawnSync('umount', ['-l', folder]);
    }
  });
}

async function keysOf(records: Records): Promise<string[]> {
  return (await records.list('verdict')).map(({ key }) => key);
}

test('a full disk: E_STORE_WRITE, nothing of the write is kept, and after space is freed writes work again', (t) =>
  withSmallDisk(t, 6, async (folder) => {
    const path = join(folder, 'records');
    const ballast = join(folder, 'ballast');
    await writeFile(ballast, Buffer.alloc(2_000_000, 1));
    let records = await openRecords({ path });
    const kept: string[] = [];
    let failed = 0;
    for (let number = 0; failed < 3 && number < 5000; number += 1) {
      const group = [
        put(`${orderKey(number)}.a`, 3000),
        put(`${orderKey(number)}.b`, 9000),
        put(`${orderKey(number)}.c`, 10),
      ];
      try {
        await records.write(group);
        kept.push(...group.map(({ key }) => key));
      } catch (error) {
        assert.ok(hasCode('E_STORE_WRITE')(error), String(error));
        assert.equal((error as HaetaeError).retry, true);
        failed += 1;
      }
    }
    assert.equal(failed, 3);
    assert.deepEqual(await keysOf(records), kept);
    // One that can never go in, in many pieces: the engine runs out of space half way.
    const huge = Array.from({ length: 400 }, (_, index) => put(`huge.${orderKey(index)}`, 20_000));
    await assert.rejects(records.write(huge), hasCode('E_STORE_WRITE'));
    assert.deepEqual(await keysOf(records), kept);
    await rm(ballast);
    const after = [put('z.a', 3000), put('z.b', 9000)];
    await records.write(after);
    kept.push('z.a', 'z.b');
    assert.deepEqual(await keysOf(records), kept);
    await records.close();
    records = await openRecords({ path });
    assert.deepEqual(await keysOf(records), kept);
    for (const key of kept)
      assert.equal(
        Buffer.from((await records.get('verdict', key))!).toString('latin1', 0, 5),
        key.slice(0, 5).padEnd(5, key),
      );
    await records.close();
  }));

test('a full disk at the very start is said so', (t) =>
  withSmallDisk(t, 1, async (folder) => {
    await writeFile(join(folder, 'ballast'), Buffer.alloc(1 << 20, 1)).catch(() => {});
    await assert.rejects(openRecords({ path: join(folder, 'records') }), hasCode('E_STORE_WRITE'));
    await rm(join(folder, 'ballast'));
    const records = await openRecords({ path: join(folder, 'records') });
    await records.write([put('a')]);
    await records.close();
  }));

test('many writers at once on a disk that fills: each write is there or was refused', (t) =>
  withSmallDisk(t, 4, async (folder) => {
    const records = await openRecords({ path: join(folder, 'records') });
    const kept: string[] = [];
    const ends = await Promise.allSettled(
      Array.from({ length: 600 }, async (_, number) => {
        const group = ['a', 'b', 'c'].map((part) => put(`${orderKey(number)}.${part}`, 4000));
        await records.write(group);
        kept.push(...group.map(({ key }) => key));
      }),
    );
    assert.ok(ends.some(({ status }) => status === 'rejected'));
    assert.deepEqual(await keysOf(records), kept.sort());
    await records.close();
  }));

test('a folder that cannot be made or read is a fault with a code', (t) =>
  withFolder(async (folder) => {
    await writeFile(join(folder, 'file'), 'x');
    await assert.rejects(openRecords({ path: join(folder, 'file') }), (error) => error instanceof HaetaeError);
    await assert.rejects(openRecords({ path: join(folder, 'file', 'below') }), (error) => error instanceof HaetaeError);
    if (process.getuid?.() === 0) return t.diagnostic('root may read everything: the rest is not looked at');
    await chmod(folder, 0o500);
    await assert.rejects(openRecords({ path: join(folder, 'records') }), (error) => error instanceof HaetaeError);
  }));

test('a file cut while nobody held it', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'records');
    await filled(path);
    const { size } = await stat(join(path, 'data.mdb'));
    await truncate(join(path, 'data.mdb'), size - 4096);
    // The last page may be a free one: then all is still there.
    assert.match(await tryDamaged(path), /^(E_RECORDS|open 2000$)/);
  }));
