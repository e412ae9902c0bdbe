import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { csvLine, parseCsv } from '../base/csv.ts';
import { HaetaeError } from '../base/errors.ts';
import { CsvRecords } from './_csv-records.ts';

/** The text in pieces of so many letters each. */
function read(text: string, pieces: readonly number[]): CsvRecords & { readonly found: readonly string[][] } {
  const reader = new CsvRecords('rows.csv');
  const found: string[][] = [];
  let at = 0;
  for (let turn = 0; at < text.length; turn++) {
    const size = Math.max(1, pieces[turn % pieces.length] ?? 1);
    for (const { fields } of reader.push(text.slice(at, at + size))) found.push([...fields]);
    at += size;
  }
  for (const { fields } of reader.finish()) found.push([...fields]);
  return Object.assign(reader, { found });
}

const field = fc.string({ unit: fc.constantFrom('a', '0', ',', '"', '\r', '\n', ' ', '\xe9'), maxLength: 6 });
const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 });

describe('records of a CSV file', () => {
  it('are the fields that were written, however the file is cut into pieces', () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    const end = fc.constantFrom('\n', '\r\n');
    fc.assert(
      fc.property(table, pieces, end, fc.boolean(), (rows, sizes, lineEnd, closed) => {
        const text = rows.map(csvLine).join(lineEnd) + (closed ? lineEnd : '');
        assert.deepEqual(read(text, sizes).found, rows);
        assert.deepEqual(parseCsv(text, 'rows.csv'), rows);
      }),
      { numRuns: 500 },
    );
  });

  it('end where a file that is cut there reads as the records before', () => {
    fc.assert(
      fc.property(table, fc.nat(), (rows, cut) => {
        const text = rows.map((row) => `${csvLine(row)}\n`).join('');
        const reader = new CsvRecords('rows.csv');
        const whole = reader.push(text.slice(0, cut % (text.length + 1)));
        const kept = text.slice(0, reader.end);
        assert.equal(kept === '' ? 0 : parseCsv(kept, 'rows.csv').length, whole.length);
        assert.deepEqual(
          whole.map(({ fields }) => fields),
          rows.slice(0, whole.length),
        );
      }),
    );
  });

  it('skip lines without any letter and count lines as an editor does', () => {
    const records = new CsvRecords('rows.csv').push('a,b\r\n\r\n"x\ny",2\n\n3,4\n');
    assert.deepEqual(
      records.map(({ fields, line }) => [...fields, line]),
      [
        ['a', 'b', 1],
        ['x\ny', '2', 3],
        ['3', '4', 6],
      ],
    );
  });

  it('lose nothing of text behind a closing quote, and say so', () => {
    const [torn, sound] = new CsvRecords('rows.csv').push('"a"b,c\n"a",c\n');
    assert.deepEqual(torn, { fields: ['ab', 'c'], torn: true, line: 1, end: 7 });
    assert.equal(sound?.torn, false);
  });

  it('begin behind the mark of UTF-8', () => {
    const reader = new CsvRecords('rows.csv');
    assert.deepEqual(reader.push('\xef\xbb\xbf"a",b\n')[0]?.fields, ['a', 'b']);
    assert.equal(reader.marked, true);
    assert.equal(reader.end, 9);
  });

  for (const [what, text] of [
    ['an open quote at the end', 'a,b\n1,"2\n3,4\n'],
    ['an open quote over a mebibyte', `a,b\n1,"${'x\n'.repeat(600_000)}`],
    ['UTF-16', '\xff\xfea\0,\0b\0\n\0'],
    ['gzip', '\x1f\x8b\x08\0'],
    ['a workbook', 'PK\x03\x04\x14\0'],
  ] as const) {
    it(`are refused in ${what}`, () => {
      assert.throws(
        () => read(text, [65_536]),
        (error) => error instanceof HaetaeError && error.code === 'E_FILE_READ' && error.context.file === 'rows.csv',
      );
    });
  }
});
