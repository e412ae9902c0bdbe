import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvLine, parseCsv } from './csv.ts';

test('any records survive writing and reading', () => {
  const record = fc.array(fc.string({ unit: 'binary' }), { minLength: 2, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), (records) => {
      const text = records.map((fields) => `${csvLine(fields)}\n`).join('');
      assert.deepEqual(parseCsv(text, 'x'), records);
    }),
  );
});

test('an open quote is refused with its line', () => {
  assert.throws(() => parseCsv('a,b\n"c,d\n', 'x.csv'), { code: 'E_FILE_READ', context: { file: 'x.csv', line: 2 } });
});
