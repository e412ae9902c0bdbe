import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCsv } from '../../../src/base/csv.ts';
import { servicesCsv } from './services-csv.ts';

describe('services as CSV', () => {
  const service = {
    chain: 'eip155:1',
    address: '0xabc',
    asset: 'eip155:1/slip44:60',
    symbol: '@ETH',
    decimals: 18,
    name: '=HYPERLINK("http://example.org","Exchange, Inc.")',
    category: 'exchange',
    stop: 'service',
    bucket: 'absorbed',
    recoverable: true,
    firstTime: '2022-03-23T13:29:09Z',
    lastTime: '2022-03-24T00:00:00Z',
    labelSource: '-list',
    amount: '1000000000000000001',
    units: { haircut: '12', fifo: '0' },
    transfers: [1, 2],
    holds: ['hn-1-0000'],
  };

  test('holds every digit, and no cell that a spreadsheet runs', () => {
    const [head = [], line = []] = parseCsv(servicesCsv([service], ['haircut', 'fifo', 'tiho']), 'services.csv');
    const cell = (name: string): string | undefined => line[head.indexOf(name)];
    assert.equal(cell('amount'), '1000000000000000001');
    assert.equal(cell('units_haircut'), '12');
    assert.equal(cell('units_fifo'), '0');
    assert.equal(cell('units_tiho'), '');
    assert.equal(cell('name'), `'${service.name}`);
    assert.equal(cell('label_source'), "'-list");
    assert.equal(cell('symbol'), "'@ETH");
    assert.equal(cell('transactions'), '2');
    for (const text of [...head, ...line]) assert.doesNotMatch(text, /^[=+\-@\t\r\n]/);
  });
});
