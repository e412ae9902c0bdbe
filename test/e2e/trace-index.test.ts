import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { Workplace } from './_cli.ts';

/** Options under which the places reached differ. */
const WAYS: readonly (readonly string[])[] = [
  [],
  ['--max-hops', '3'],
  ['--max-counterparties', '5'],
  ['--max-counterparties', 'none', '--stop', 'none', '--max-transfers', '1000000'],
];

suite('a trace through the column index', () => {
  const work = new Workplace();
  const plain = new Map<string, string>();
  after(() => work.remove());

  const trace = (way: readonly string[]): Promise<string> =>
    work.ok('trace', work.path('drill', 'theft.yaml'), '--json', ...way);

  before(async () => {
    await work.ok('drill', '--seed', '21', '--scale', '1500', '--out', work.path('drill'));
    await work.ok('import', 'transfers', work.path('drill', 'transfers.csv'), '--preset', 'haetae');
    const bitcoin = ['--preset', 'dumplings', '--chain', 'bitcoin-regtest'];
    await work.ok('import', 'transfers', work.path('drill', 'bitcoin.txt'), ...bitcoin);
    await work.ok('import', 'labels', work.path('drill', 'labels.csv'));
    for (const way of WAYS) plain.set(way.join(' '), await trace(way));
    await work.ok('index', 'build');
  });

  test('gives the same bytes, on both models of chains, whatever the options', async () => {
    for (const way of WAYS) assert.equal(await trace(way), plain.get(way.join(' ')), way.join(' '));
  });

  test('does without where a page is damaged, and says so', async () => {
    const damaged: string[] = [];
    for (const [file, bytes] of filesOf(`${work.db}.index`)) {
      if (!/from|inputs/.test(file)) continue;
      const changed = Buffer.from(bytes);
      for (let at = 0; at < changed.length; at += 97) changed[at]! ^= 1;
      writeFileSync(file, changed);
      damaged.push(file);
    }
    assert.ok(damaged.length > 0, 'columns were damaged');
    const { code, out, err } = await work.run('trace', work.path('drill', 'theft.yaml'), '--json');
    assert.equal(code, 0, err);
    assert.equal(out, plain.get(''));
    const check = await work.run('index', 'check');
    assert.notEqual(check.code, 0);
    assert.match(check.err + check.out, /E_INDEX_CORRUPT/);
    await work.ok('index', 'build');
    await work.ok('index', 'check');
    assert.equal(await trace([]), plain.get(''));
  });

  test('reads the store where the index is behind it', async () => {
    const late = work.path('late.csv');
    const [header, first] = readFileSync(work.path('drill', 'transfers.csv'), 'utf8').split('\n');
    assert.ok(header !== undefined && first !== undefined);
    writeFileSync(late, `${header}\n${first}\n`);
    await work.run('import', 'transfers', late, '--preset', 'haetae');
    assert.equal(
      (JSON.parse(await trace([])) as { theft: unknown }).theft !== undefined,
      true,
      'a trace over a store that has grown',
    );
  });
});

function filesOf(folder: string): [string, Buffer][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => [file, readFileSync(file)]);
}
