import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, suite, test } from 'node:test';
import { Workplace } from './_cli.ts';

suite('haetae import prices', () => {
  const work = new Workplace();
  const put = (name: string, ...lines: string[]): void => writeFileSync(work.path(name), `${lines.join('\n')}\n`);
  after(() => work.remove());

  test('says what was taken, what was not, and where sources contradict each other', async () => {
    put('one.csv', 'asset,day,usd', 'ETH,2022-01-01,100', 'ETH,2022-01-02,100', 'ETH,2022-01-03,');
    put(
      'two.csv',
      'asset,day,usd',
      'ETH,2022-01-01,105',
      'ETH,2022-01-02,106.5',
      '=1+1,2022-01-02,5',
      'ETH,2022-01-02,x',
    );
    const one = await work.ok('import', 'prices', 'one.csv', '--source', 'first');
    assert.match(one, /^one\.csv: 2 prices \(first\)\n {2}eip155:1\/slip44:60 from 2022-01-01 to 2022-01-02\n/);
    assert.match(one, /no price \(empty cells\): 1/);
    const two = await work.run('import', 'prices', 'two.csv', '--refused', 'refused.csv');
    assert.equal(two.code, 0);
    assert.match(
      two.err,
      /refused 1: asset-not-known\n {2}refused 1: not-a-number\n {2}line 4: asset-not-known: =1\+1\n {2}line 5: /,
    );
    assert.match(two.err, /1 prices differ by more than 5 %.*\n.* 2022-01-02: 106\.5, but 100 by first \(6\.50 %\)\n/);
    assert.equal(
      readFileSync(work.path('refused.csv'), 'utf8'),
      "file,line,reason,value\ntwo.csv,4,asset-not-known,'=1+1\ntwo.csv,5,not-a-number,x\n",
    );
  });

  test('the same bytes are one import, and never prices of two assets', async () => {
    put('plain.csv', 'Date,Close', '2022-01-01,7');
    await work.ok('import', 'prices', 'plain.csv', '--asset', 'BTC');
    assert.match(await work.ok('import', 'prices', 'plain.csv', '--asset', 'BTC', '--source', 'x'), /already imported/);
    await work.refused('E_ALREADY_IMPORTED', 'import', 'prices', 'plain.csv', '--asset', 'LTC');
    assert.equal((await work.ok('status')).match(/plain\.csv: 1\n/g)?.length, 1);
  });

  test('another form by --map; one bad file does not keep the others out', async () => {
    put('mapped.csv', 'When;x,Last', '2022-01-01,8');
    const map = ['--asset', 'DOGE', '--map', 'day=When;x,usd=last'];
    assert.match(await work.ok('import', 'prices', 'mapped.csv', ...map), /1 prices/);
    for (const bad of ['day=A', 'day=A,usd=', 'day=A,usd=B,price=C', 'x']) {
      await work.refused('E_USAGE', 'import', 'prices', 'mapped.csv', '--map', bad);
    }
    put('good.csv', 'asset,day,usd', 'LTC,2022-01-01,9');
    put('bad.csv', 'a,b', '1,2');
    const message = await work.refused('E_PRICES', 'import', 'prices', 'bad.csv', 'good.csv');
    assert.match(message, /1 of 2 files were not taken; the others are stored/);
    assert.match(await work.ok('status'), /good\.csv 2022-01-01 to 2022-01-01 good\.csv: 1/);
    await work.refused('E_FILE_WRITE', 'import', 'prices', 'good.csv', '--refused', 'none/such.csv');
  });
});
