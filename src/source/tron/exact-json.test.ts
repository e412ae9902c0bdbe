import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify } from './_fixture.ts';
import { parseExact } from './exact-json.ts';

/** Whole numbers of 16 digits and more come back as text, all else as JSON.parse gives it. */
function expected(value: unknown): unknown {
  if (typeof value === 'bigint')
    return value.toString().replace('-', '').length >= 16 ? value.toString() : Number(value);
  if (Array.isArray(value)) return value.map(expected);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, expected(each)]));
  }
  return value;
}

test('no digit of a whole number is lost, and nothing else changes', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', '\\', ':', '9', ' ', ',', '{') }));
  const int = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      text,
      int,
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(
        text.filter((key) => key !== '__proto__'),
        tie('value'),
        { maxKeys: 4, noNullPrototype: true },
      ),
    ),
  }));
  fc.assert(
    fc.property(value, (json) => {
      // The fixture marks whole numbers by a word that a made-up string is most unlikely to hold.
      assert.deepEqual(parseExact(stringify(json)), expected(json));
    }),
  );
});

test('digits inside strings stay, fractions and half texts are as JSON.parse has them', () => {
  assert.deepEqual(parseExact('{"a":"x:12345678901234567890","b":9223372036854775807}'), {
    a: 'x:12345678901234567890',
    b: '9223372036854775807',
  });
  assert.deepEqual(parseExact('[1234567890123456.5,10000000000000000e2]'), [1234567890123456.5, 1e18]);
  assert.throws(() => parseExact('{"a":9223372036854775807,"b":"unclosed'), SyntaxError);
});
