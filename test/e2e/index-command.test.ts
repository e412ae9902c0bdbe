import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Workplace } from './_cli.ts';

const DRILL_CHAIN = 'eip155:31337';

describe('haetae index', () => {
  const place = new Workplace();
  before(async () => {
    await place.ok('drill', '--seed', '3', '--scale', '3000', '--out', place.path('drill'));
    await place.ok('import', 'transfers', place.path('drill', 'transfers.csv'), '--preset', 'haetae');
  });
  after(() => place.remove());

  test('says what it takes, and that nothing is indexed yet', async () => {
    assert.match(await place.ok('index', '--help'), /build[\s\S]*status[\s\S]*check/);
    await place.refused('E_USAGE', 'index', 'mend');
    await place.refused('E_NOT_FOUND', 'index', 'build', '--chain', 'tron');
    assert.match(await place.ok('index', 'status'), /eip155:31337: not indexed; run haetae index build/);
    assert.match(await place.ok('index', 'check'), /nothing is indexed yet/);
  });

  test('builds, tells how it stands, and checks every movement', async () => {
    assert.match(await place.ok('index', 'build'), /eip155:31337: \d+ movements indexed .*all anew/);
    assert.match(
      await place.ok('index', 'status'),
      /\d+ movements, \d+ addresses, \d+ assets, .*up to \d{4}-.*; up to date/,
    );
    assert.match(await place.ok('index', 'check', '--deep'), /bytes checked, \d+ rows as in the store/);
    assert.match(await place.ok('index', 'build'), /up to date/);
    const status = JSON.parse(await place.ok('index', 'status', '--json')) as { chains: Record<string, unknown>[] };
    assert.equal(status.chains[0]!.chain, DRILL_CHAIN);
    assert.equal(status.chains[0]!.fresh, true);
  });

  test('tells of later movements, and takes them in', async () => {
    const text = readFileSync(place.path('drill', 'transfers.csv'), 'utf8').trimEnd().split('\n');
    const [header, ...rows] = text;
    const columns = header!.split(',');
    const time = columns.indexOf('time');
    const later = rows.slice(-5).map((row, leg) => {
      const fields = row.split(',');
      fields[time] = '2025-06-01T00:00:00Z';
      fields[columns.indexOf('block')] = '99000000';
      fields[columns.indexOf('leg')] = String(leg);
      fields[columns.indexOf('tx')] = `0x${'ab'.repeat(32)}`;
      return fields.join(',');
    });
    writeFileSync(place.path('later.csv'), `${[header, ...later].join('\n')}\n`);
    await place.ok('import', 'transfers', place.path('later.csv'), '--preset', 'haetae');
    assert.match(await place.ok('index', 'status'), /about 5 rows behind/);
    assert.match(await place.ok('index', 'build'), /after [12] segments that stay/);
    assert.match(await place.ok('index', 'status'), /up to 2025-06-01T00:00:00Z.*up to date/);
  });

  test('tells of damage, and builds anew what is damaged', async () => {
    const folder = join(`${place.db}.index`, DRILL_CHAIN.replace(':', '.'));
    const segments = readdirSync(folder).filter((name) => name.startsWith('segment'));
    const path = join(folder, segments.at(-1)!, 'ratio');
    const bytes = readFileSync(path);
    bytes[3]! ^= 1;
    writeFileSync(path, bytes);
    const { code, out } = await place.run('index', 'check');
    assert.equal(code, 1);
    assert.match(out, /E_INDEX_CORRUPT: .*file=.*ratio, page=0/);
    rmSync(join(folder, segments[0]!, 'from'));
    assert.match(await place.ok('index', 'status'), /damaged: segment-\d+\/from/);
    assert.match(await place.ok('index', 'build'), /was damaged: [\s\S]*all anew/);
    assert.match(await place.ok('index', 'check', '--deep'), /rows as in the store/);
    assert.ok(!existsSync(join(folder, segments[0]!)));
  });
});
