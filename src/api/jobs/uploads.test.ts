import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { HaetaeError } from '../../base/errors.ts';
import { Uploads } from './uploads.ts';

const hasCode = (code: string) => (error: unknown) => error instanceof HaetaeError && error.code === code;

async function withUploads(work: (uploads: Uploads) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'haetae-uploads-'));
  try {
    const uploads = Uploads.open(join(folder, 'uploads'));
    await work(uploads);
    await uploads.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const MINUTE = 60_000;
const MOST = 8;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

test('the largest piece there may be is kept byte for byte; what is no base64 is refused', async () => {
  await withUploads(async (uploads) => {
    const bytes = Buffer.alloc(4 * 2 ** 20, 'haetae ');
    const { id } = await uploads.begin({ name: 'large.bin', bytes: bytes.length + 1 }, 0);
    const text = bytes.toString('base64');
    for (const wrong of [`${text.slice(0, -1)}!`, text.slice(0, -1), `=${text.slice(1)}`, `${text}AAAA`])
      await assert.rejects(uploads.add(id, 0, wrong, 0), hasCode('E_FIELD'));
    assert.equal((await uploads.add(id, 0, text, 0)).received, bytes.length);
    await uploads.add(id, bytes.length, 'YQ==', 0);
    const kept = readFileSync(uploads.claim(id).path);
    assert.ok(kept.equals(Buffer.concat([bytes, Buffer.from('a')])));
  });
});

test('names that are the same on disk do not meet: each upload has a folder of its own', async () => {
  await withUploads(async (uploads) => {
    const names = ['이체.csv', '라벨.csv', '_.csv', '../이체.csv'];
    const begun = await Promise.all(names.map((name) => uploads.begin({ name, bytes: 1 }, 0)));
    for (const [at, { id }] of begun.entries()) await uploads.add(id, 0, base64(String(at)), 0);
    const claimed = begun.map(({ id }) => uploads.claim(id));
    assert.deepEqual(
      claimed.map(({ path }) => [basename(path), readFileSync(path, 'utf8')]),
      names.map((_, at) => ['_.csv', String(at)]),
    );
    assert.deepEqual(
      claimed.map(({ name }) => name),
      ['이체.csv', '라벨.csv', '_.csv', '이체.csv'],
    );
    await uploads.remove(begun[0]!.id);
    assert.deepEqual(
      claimed.map(({ path }) => existsSync(path)),
      [false, true, true, true],
    );
  });
});

test('where all places are taken, the one idle for longest yields after three minutes; never one in use or with a piece under way', async () => {
  await withUploads(async (uploads) => {
    const ids: string[] = [];
    for (let count = 0; count < MOST; count += 1)
      ids.push((await uploads.begin({ name: 'a.csv', bytes: 2 }, count)).id);
    const another = (at: number) => uploads.begin({ name: 'b.csv', bytes: 2 }, at);
    // The first is used by a job, the second was sent to, the third has a piece on its way.
    await uploads.add(ids[0]!, 0, base64('ab'), 0);
    uploads.claim(ids[0]!);
    await uploads.add(ids[1]!, 0, base64('a'), 2 * MINUTE);
    await assert.rejects(another(2 * MINUTE), hasCode('E_BUSY'));
    const piece = uploads.add(ids[2]!, 0, base64('a'), 4 * MINUTE);
    const fresh = await another(4 * MINUTE);
    assert.equal((await piece).received, 1);
    await assert.rejects(uploads.add(ids[3]!, 0, base64('a'), 4 * MINUTE), hasCode('E_NOT_FOUND'));
    assert.deepEqual(readdirSync(uploads.folder).sort(), [...ids.filter((id) => id !== ids[3]), fresh.id].sort());
    // Four more were idle since the start; then there is none that may yield.
    for (let count = 0; count < 4; count += 1) await another(4 * MINUTE);
    await assert.rejects(another(4 * MINUTE), hasCode('E_BUSY'));
    assert.equal((await uploads.add(ids[1]!, 1, base64('b'), 4 * MINUTE)).received, 2);
  });
});

test('a file for which no room could be made takes the place of none', async () => {
  await withUploads(async (uploads) => {
    const { id } = await uploads.begin({ name: 'a.csv', bytes: 1 }, 0);
    const large = { name: 'b.csv', bytes: 4 * 2 ** 30 };
    for (let count = 0; count < 1; count += 1) await uploads.begin(large, 10 * MINUTE);
    await assert.rejects(uploads.begin({ ...large, bytes: large.bytes + 1 }, 10 * MINUTE), hasCode('E_BUSY'));
    assert.equal((await uploads.add(id, 0, base64('a'), 10 * MINUTE)).received, 1);
  });
});

test('an upload is given up by the one who began it or an admin; its place is free at once', async () => {
  await withUploads(async (uploads) => {
    const kim = { person: 'kim', role: 'analyst' } as const;
    const begin = () => uploads.begin({ name: 'a.csv', bytes: 1 }, 0, 'kim');
    const begun = await Promise.all(Array.from({ length: MOST }, begin));
    const [first, second, used] = begun.map(({ id }) => id);
    await assert.rejects(begin(), hasCode('E_BUSY'));
    await assert.rejects(uploads.giveUp(first!, { person: 'lee', role: 'approver' }), hasCode('E_FORBIDDEN'));
    await uploads.giveUp(first!, kim);
    await uploads.giveUp(second!, { person: 'lee', role: 'admin' });
    await assert.rejects(uploads.giveUp(first!, kim), hasCode('E_NOT_FOUND'));
    await Promise.all([begin(), begin()]);
    await uploads.add(used!, 0, base64('a'), 0);
    uploads.claim(used!);
    await assert.rejects(uploads.giveUp(used!, kim), hasCode('E_STATE'));
    assert.equal(readdirSync(uploads.folder).length, MOST);
  });
});
