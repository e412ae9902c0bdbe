import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { after, suite, test } from 'node:test';
import { ZipFile } from 'yazl';
import { Workplace } from './_cli.ts';

suite('a zip that is no bundle', () => {
  const work = new Workplace();
  after(() => work.remove());

  async function zipOf(name: string, ...files: readonly string[]): Promise<string> {
    const zip = new ZipFile();
    for (const file of files) zip.addBuffer(Buffer.from('{}'), file);
    zip.end();
    await pipeline(zip.outputStream, createWriteStream(work.path(name)));
    return work.path(name);
  }

  test('names that lead elsewhere, two of one name and too many are refused', async () => {
    const refused = async (path: string): Promise<string> => work.refused('E_BUNDLE', 'verify', path);
    assert.match(await refused(await zipOf('folder.zip', 'manifest.json', 'a/b.csv')), /name that no bundle gives/);
    assert.match(await refused(await zipOf('twice.zip', 'manifest.json', 'a.csv', 'a.csv')), /two files of one name/);
    const many = Array.from({ length: 102 }, (_, index) => `f${index}`);
    assert.match(await refused(await zipOf('many.zip', ...many)), /more than 101 files/);
    assert.match(await refused(await zipOf('none.zip', 'a.csv')), /no manifest\.json/);
  });

  test('a file that is no zip, and none at all', async () => {
    const text = await zipOf('up.zip', 'manifest.json');
    await work.refused('E_NOT_FOUND', 'verify', `${text}.none`);
    assert.match(await work.refused('E_BUNDLE', 'verify', process.execPath), /no zip that can be read/);
  });
});
