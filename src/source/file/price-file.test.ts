import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { formatAmount, parseAmount } from '../../base/money.ts';
import { type ParsedPrices, type PriceFileOptions, parsePriceBytes } from './price-file.ts';

const NOW = Date.parse('2026-11-01T00:00:00Z') / 1000;
const ETHER = 'eip155:1/slip44:60';
const BITCOIN = 'bip122:000000000019d6689c085ae165831e93/slip44:0';

function read(text: string, name = 'prices.csv', options: Partial<PriceFileOptions> = {}): ParsedPrices {
  return parsePriceBytes(new TextEncoder().encode(text), name, { now: NOW, ...options });
}

const rows = (parsed: ParsedPrices): string[] => parsed.prices.map(({ asset, day, usd }) => `${asset} ${day} ${usd}`);

suite('a file of prices', () => {
  test('our own form takes CAIP-19 ids and coins, and keeps file and source', () => {
    const text =
      '\ufeffasset,day,usd\r\nETH,2022-03-23,3.0385e3\r\neip155:10/slip44:60,2022-03-24,3108.062\r\nBTC,2022-03-23,42892.96\r\n';
    const parsed = read(text, 'own.csv', { source: ' desk ' });
    assert.deepEqual(rows(parsed), [
      `${ETHER} 2022-03-23 3038.5`,
      `${ETHER} 2022-03-24 3108.062`,
      `${BITCOIN} 2022-03-23 42892.96`,
    ]);
    const sha256 = createHash('sha256').update(text).digest('hex');
    assert.deepEqual(parsed.list, {
      source: 'desk',
      fileName: 'own.csv',
      sha256,
      importedAt: NOW,
      empty: 0,
      refused: 0,
    });
  });

  test('each refused row has its line and reason, empty cells and repeats are counted', () => {
    const text = [
      'asset,day,usd,note',
      'ETH,2022-03-23,3000,"two',
      'lines"',
      'ETH,2022-03-24,abc,',
      '',
      'ETH,2022-02-30,1,',
      'ETH,2022-03-25T12:00:00Z,1,',
      'ETH,2022-03-25T00:00:00+09:00,1,',
      'ETH,2026-11-02,1,',
      'XYZ,2022-03-23,1,',
      'ETH,2022-03-26',
      'ETH,2022-03-26,,',
      'ETH,2022-03-23,3000.0,',
      'ETH,2022-03-23,3001,',
      'ETH,2022-03-26,0,',
      'ETH,2022-03-26,-4,',
      '=1+1,2022-03-26,4,',
    ].join('\n');
    const parsed = read(text);
    assert.deepEqual(rows(parsed), [`${ETHER} 2022-03-23 3000`]);
    assert.deepEqual(
      parsed.refused.map(({ line, reason, value }) => `${line} ${reason} ${value}`),
      [
        '4 not-a-number abc',
        '6 not-a-day 2022-02-30',
        '7 not-a-utc-day 2022-03-25T12:00:00Z',
        '8 not-a-utc-day 2022-03-25T00:00:00+09:00',
        '9 day-to-come 2026-11-02',
        '10 asset-not-known XYZ',
        '11 row-too-short ETH,2022-03-26',
        '14 second-price-of-the-day 3001',
        '15 zero 0',
        '16 negative -4',
        '17 asset-not-known =1+1',
      ],
    );
    assert.equal(parsed.list.empty, 1);
    assert.equal(parsed.repeated, 1);
    assert.equal(parsed.list.refused, 11);
  });
});

suite('forms of files of prices', () => {
  test('the closing price is taken, not the adjusted one; the asset is that of the file’s name or as given', () => {
    const text = 'Date,Adj Close,Close,Open\n2022-01-01,1,2,3\n';
    assert.deepEqual(rows(read(text, 'x-ETH-USD-1d.csv')), [`${ETHER} 2022-01-01 2`]);
    assert.deepEqual(rows(read(text, 'x.csv', { asset: 'BTC' })), [`${BITCOIN} 2022-01-01 2`]);
    for (const name of ['x.csv', 'ETH-USDT.csv', 'ETH-USD-BTC-USD.csv', 'ETHUSD.csv']) {
      assert.throws(() => read(text, name), { code: 'E_PRICES', message: /of which asset/ });
    }
    assert.throws(() => read(text, 'WAT-USD.csv'), { code: 'E_ASSET' });
  });

  test('header lines Price, Ticker, Date: a column for each ticker, in dollars only', () => {
    const text = (ticker: string): string =>
      `Price,Close,Close,High\nTicker,ETH-USD,${ticker},ETH-USD\nDate,,,\n2022-01-01,1.5,2.5,9\n2022-01-02,,3,9\n`;
    const parsed = read(text('BTC-USD'));
    assert.deepEqual(rows(parsed), [`${ETHER} 2022-01-01 1.5`, `${BITCOIN} 2022-01-01 2.5`, `${BITCOIN} 2022-01-02 3`]);
    assert.equal(parsed.list.empty, 1);
    assert.throws(() => read(text('BTC-EUR')), { code: 'E_PRICES', message: /US dollars/ });
    assert.throws(() => read(text('BTC-USD'), 'x.csv', { asset: 'ETH' }), { code: 'E_PRICES', message: /--asset/ });
  });

  test('another form is read by its columns', () => {
    const text = 'When,Last,Coin\n2022-01-01,1.5,ETH\n';
    const map = { day: 'when', usd: 'Last', asset: 'coin' };
    assert.deepEqual(rows(read(text, 'x.csv', { map })), [`${ETHER} 2022-01-01 1.5`]);
    assert.deepEqual(rows(read(text, 'x.csv', { map: { day: 'When', usd: 'Last' }, asset: 'BTC' })), [
      `${BITCOIN} 2022-01-01 1.5`,
    ]);
    assert.throws(() => read(text, 'x.csv', { map: { day: 'Day', usd: 'Last' }, asset: 'BTC' }), {
      code: 'E_COLUMN_MISSING',
    });
    assert.throws(() => read(text, 'x.csv', { map, asset: 'BTC' }), { code: 'E_PRICES' });
    assert.throws(() => read(text), { code: 'E_PRICES', message: /known form/ });
  });

  test('a file of which nothing is taken, none at all, and one that is no text', () => {
    assert.throws(() => read('asset,day,usd\nETH,2022-03-23,x\n'), { code: 'E_FILE_EMPTY' });
    assert.throws(() => read(''), { code: 'E_PRICES' });
    assert.throws(() => read('asset,day,usd\n"ETH'), { code: 'E_FILE_READ' });
    assert.throws(() => parsePriceBytes(new Uint8Array([0x1f, 0x8b, 0xff]), 'x.gz', { now: NOW }), {
      code: 'E_FILE_READ',
    });
  });
});

const datasets = process.env.HAETAE_DATASETS;
const skip = datasets === undefined ? 'HAETAE_DATASETS is not set: the real prices are not at hand' : false;

suite('the real files of prices', { skip }, () => {
  test('every line is a price with all its digits, or an empty cell', () => {
    const folder = join(datasets!, 'prices');
    const files = readdirSync(folder).filter((name) => name.endsWith('.csv'));
    assert.equal(files.length, 4);
    for (const name of files) {
      const bytes = readFileSync(join(folder, name));
      const parsed = parsePriceBytes(bytes, name, { now: NOW });
      const lines = bytes.toString().trim().split(/\r?\n/);
      const header = lines[0]!.split(',');
      const data = lines.filter((line) => /^\d{4}-/.test(line)).map((line) => line.split(','));
      const close = header.indexOf('Close');
      const filled = data.filter((cells) => cells[close] !== '');
      assert.equal(parsed.prices.length, filled.length, name);
      assert.equal(parsed.list.empty, data.length - filled.length, name);
      assert.deepEqual(parsed.refused, []);
      const asset = name.includes('BTC') ? BITCOIN : ETHER;
      for (const [index, cells] of filled.entries()) {
        const { usd, ...rest } = parsed.prices[index]!;
        assert.deepEqual(rest, { asset, day: cells[0] });
        // As printed, but for zeros at the end.
        const printed = cells[close]!.includes('.') ? cells[close]!.replace(/\.?0+$/, '') : cells[close]!;
        assert.equal(usd, printed);
        assert.equal(formatAmount(parseAmount(usd, 30) as bigint, 30), usd);
      }
    }
  });
});
