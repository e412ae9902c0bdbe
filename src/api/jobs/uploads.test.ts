import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { HaetaeError } from '../../base/errors.ts';
import { Uploads } from './uploads.ts';

const hasCode = (code: string) => (error: unknown) => error instanceof HaetaeError && error.code === code;

test('the largest piece there may be is kept byte for byte; what is no base64 is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'haetae-uploads-'));
  try {
    const uploads = Uploads.open(join(folder, 'uploads'));
    const bytes = Buffer.alloc(4 * 2 ** 20, 'haetae ');
    const { id } = await uploads.begin({ name: 'large.bin', bytes: bytes.length + 1 }, 0);
    const text = bytes.toString('base64');
    for (const wrong of [`${text.slice(0, -1)}!`, text.slice(0, -1), `=${text.slice(1)}`, `${text}AAAA`])
      await assert.rejects(uploads.add(id, 0, wrong, 0), hasCode('E_FIELD'));
    assert.equal((await uploads.add(id, 0, text, 0)).received, bytes.length);
    await uploads.add(id, bytes.length, 'YQ==', 0);
    const kept = readFileSync(uploads.claim(id).path);
    assert.ok(kept.equals(Buffer.concat([bytes, Buffer.from('a')])));
    await uploads.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
