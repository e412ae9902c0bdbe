import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Alarm } from '../detect/alarm.ts';
import { SAFE_LIBRARIES } from '../detect/safe-library.ts';
import { parseAddress } from '../model/address.ts';
import { AUTHORITY_KINDS } from '../model/authority.ts';
import { requireChain } from '../model/chain.ts';
import { alarmLines, alarmRecord, alarmSummary, amountText, type Units } from './alarm-text.ts';

const ETH = 'eip155:1/slip44:60';
const TOKEN = 'eip155:1/erc20:0x7000000000000000000000000000000000000001';
const UNITS: Units = new Map([
  [ETH, { symbol: 'ETH', decimals: 18 }],
  [TOKEN, { symbol: 'ODD', decimals: null }],
]);

const DRAIN: Alarm = {
  id: 'S1/drain/eip155:1/0xhot/0xthief/7',
  signature: 'S1',
  rule: 'drain',
  severity: 'critical',
  chain: 'eip155:1',
  wallet: '0xhot',
  name: 'Hot 1',
  others: ['0xthief'],
  otherCount: 1,
  amounts: [
    { asset: ETH, amount: 5n * 10n ** 17n + 1n, usual: 10n ** 16n, held: 10n ** 18n },
    { asset: TOKEN, amount: 12n, usual: null, held: null },
  ],
  crossed: [{ what: 'times the usual', value: 50, limit: 10 }],
  txs: ['0x01', '0x02'],
  txCount: 3,
  payments: 31,
  firstTime: 1_700_000_000,
  lastTime: 1_700_000_720,
  block: 7n,
  blockHash: '0xb7',
  again: null,
  past: { payments: 400, destinations: 90, since: 1_690_000_000 },
};

test('an alarm in one sentence: exact amounts, what is usual, the line crossed', () => {
  assert.equal(
    alarmSummary(DRAIN, UNITS),
    'Hot 1 (0xhot) paid 0xthief 0.500000000000000001 ETH (of 1 ETH held, at most 0.01 ETH before), ' +
      `12 base units of ${TOKEN} in 31 payments: 50 times the most that others got (line 10)`,
  );
  const grown = alarmSummary({ ...DRAIN, again: { of: 'first', times: 3.5 } }, UNITS);
  assert.match(grown, /; grown 3\.5 times since first$/);
});

test('the evidence names the transactions, how many more there are, and the past', () => {
  const [head, evidence] = alarmLines(DRAIN, UNITS);
  assert.match(head!, /^2023-11-14T22:25:20Z {2}eip155:1 block 7: S1 CRITICAL drain: Hot 1/);
  assert.equal(
    evidence,
    '  evidence: 0x01 0x02 and 1 more, since 2023-11-14T22:13:20Z; past: 400 payments to 90 destinations since 2023-07-22T04:26:40Z',
  );
});

test('every rule has a sentence without gaps, and a record that JSON takes', () => {
  for (const rule of [...AUTHORITY_KINDS, 'drain', 'depleted', 'spread', 'assets', 'emptied', 'more'] as const) {
    const alarm: Alarm = { ...DRAIN, rule };
    assert.doesNotMatch(alarmSummary(alarm, UNITS), /%(?! of)|undefined|null|NaN/);
    const record = JSON.parse(JSON.stringify(alarmRecord(alarm, UNITS))) as Record<string, unknown>;
    assert.deepEqual([record.event, record.block, record.rule], ['alarm', '7', rule]);
    assert.equal((record.amounts as { amount: string }[])[0]!.amount, '500000000000000001');
  }
});

test('an amount is printed to its last unit', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), (amount) => {
      const [digits = ''] = amountText(amount, ETH, UNITS).split(' ');
      const [whole = '', fraction = ''] = digits.split('.');
      assert.equal(BigInt(whole + fraction.padEnd(18, '0')), amount);
      assert.equal(amountText(amount, TOKEN, UNITS), `${amount} base units of ${TOKEN}`);
    }),
  );
});

test('the libraries of Safes are addresses as they are stored', () => {
  for (const address of SAFE_LIBRARIES.keys()) {
    assert.deepEqual(parseAddress(requireChain('ethereum'), address), { ok: true, address });
  }
});
