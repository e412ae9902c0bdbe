import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatAmount, formatShare, MAX_AMOUNT, parseAmount } from './money.ts';

test('decimal text becomes base units exactly', () => {
  assert.equal(parseAmount('1.5', 3), 1500n);
  assert.equal(parseAmount('8565.90308226759764805', 18), 8565903082267597648050n);
  assert.equal(parseAmount('1e-05', 18), 10n ** 13n);
  assert.equal(parseAmount('7.777e-07', 18), 777700000000n);
  assert.equal(parseAmount('1.50', 1), 15n);
  assert.equal(parseAmount('1e3', 0), 1000n);
  assert.equal(parseAmount('100e-2', 0), 1n);
  assert.equal(parseAmount('.5', 1), 5n);
  assert.equal(parseAmount('-0', 2), 0n);
  assert.equal(parseAmount(MAX_AMOUNT.toString(), 0), MAX_AMOUNT);
});

test('what is no exact amount is refused by name', () => {
  assert.equal(parseAmount('1.5', 0), 'excess-digits');
  assert.equal(parseAmount('1e-19', 18), 'excess-digits');
  assert.equal(parseAmount('-1', 0), 'negative');
  assert.equal(parseAmount((MAX_AMOUNT + 1n).toString(), 0), 'too-large');
  assert.equal(parseAmount('1e400', 0), 'too-large');
  for (const text of ['', '.', 'abc', '1,5', '0x10', '1e', 'NaN', 'Infinity', '1_000', '--1']) {
    assert.equal(parseAmount(text, 2), 'not-a-number', text);
  }
});

test('format and parse are inverse for every amount and number of decimals', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, MAX_AMOUNT), fc.integer({ min: 0, max: 77 }), (units, decimals) => {
      assert.equal(parseAmount(formatAmount(units, decimals), decimals), units);
    }),
  );
});

test('scientific notation says the same as the plain digits', () => {
  fc.assert(
    fc.property(fc.bigInt(1n, 10n ** 30n), fc.integer({ min: -18, max: 20 }), (digits, exponent) => {
      const exact = exponent >= 0 ? digits * 10n ** BigInt(exponent + 18) : digits * 10n ** BigInt(18 + exponent);
      assert.equal(parseAmount(`${digits}e${exponent}`, 18), exact);
    }),
  );
});

test('shares are rounded half up and never divide by zero', () => {
  assert.equal(formatShare(1n, 3n), '33.33 %');
  assert.equal(formatShare(2n, 3n), '66.67 %');
  assert.equal(formatShare(1n, 0n), '0 %');
});
