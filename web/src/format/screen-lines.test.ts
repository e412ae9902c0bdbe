import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCsv } from '../../../src/base/csv.ts';
import { answersCsv, type ChainChoice, judgeLine, readWritten, SCREEN_LIMITS } from './screen-lines.ts';

const RONIN = '0x098B716B8Aaf21512996dC57EB0615e2383E2f96';
const GENESIS = '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa';
const SEGWIT = 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4';
const TRON = 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t';
const CHOICE: ChainChoice = { evm: 'ethereum', other: 'bitcoin' };

function judged(text: string, choice = CHOICE) {
  return readWritten(text, 'pasted').lines.map((line) => judgeLine(line, choice));
}

test('pasted lines, commas and chains beside addresses', () => {
  const lines = judged(`${RONIN}, ${GENESIS}\n\n${TRON}\n${RONIN} bsc\npolygon,${RONIN}\neip155:10:${RONIN}`);
  assert.deepEqual(
    lines.map(({ line, on, by, fault }) => [line, on, by, fault]),
    [
      [1, 'ethereum', 'choice', null],
      [1, 'bitcoin', 'choice', null],
      [3, 'tron', 'form', null],
      [4, 'bsc', 'line', null],
      [5, 'polygon', 'line', null],
      [6, 'optimism', 'line', null],
    ],
  );
});

test('a form that one chain alone has tells the chain, whatever was chosen; one of several goes by the choice', () => {
  const other = { evm: 'bsc', other: 'litecoin' };
  assert.deepEqual([judged(SEGWIT, other)[0]?.on, judged(SEGWIT, other)[0]?.by], ['bitcoin', 'form']);
  const several = judged(GENESIS, other)[0];
  assert.deepEqual([several?.fault, several?.of], ['several', ['bitcoin', 'bitcoincash']]);
  assert.equal(judged(GENESIS, { evm: 'bsc', other: 'bitcoincash' })[0]?.on, 'bitcoincash');
  assert.equal(judged(RONIN, other)[0]?.on, 'bsc');
});

test('bad lines say what is wrong and stay in their place', () => {
  const lines = judged(
    `${RONIN.replace('098B', '098b')}\n${GENESIS.replace('1A', '1B')}\nmars:1:${RONIN}\n${RONIN} bitcoin`,
  );
  assert.deepEqual(
    lines.map(({ line, fault }) => [line, fault]),
    [
      [1, 'checksum'],
      [2, 'no-form'],
      [3, 'chain'],
      [4, 'other-chain'],
    ],
  );
});

test('a CSV file: columns by their names in any order, others named as not looked at, empty cells faults', () => {
  const text = `\uFEFFnote,Chain,"ADDRESS"\r\n"two\nlines",ethereum,${RONIN}\r\n,,\r\n=1+1,,${GENESIS}\r\n`;
  const { lines, ignored } = readWritten(text, 'a.csv');
  assert.deepEqual(ignored, ['note']);
  assert.deepEqual(lines, [
    { line: 2, text: RONIN, chain: 'ethereum' },
    { line: 4, text: '', chain: null },
    { line: 5, text: GENESIS, chain: null },
  ]);
  assert.equal(judgeLine(lines[1]!, CHOICE).fault, 'empty');
  assert.throws(() => readWritten('address\n"open', 'a.csv'), { code: 'E_FILE_READ' });
});

test('no word that was pasted is lost: each is a line, the chain of one, or counted as beyond the limit', () => {
  const word = fc.constantFrom(RONIN, GENESIS, 'x', 'bsc', 'eip155:1', '"q"', '=1');
  fc.assert(
    fc.property(fc.array(fc.array(word, { maxLength: 5 }), { maxLength: 8 }), (rows) => {
      const { lines, beyond } = readWritten(rows.map((row) => row.join(' ')).join('\n'), 'pasted');
      const said = lines.reduce((count, { chain }) => count + (chain === null ? 1 : 2), 0);
      assert.equal(beyond, 0);
      assert.equal(said, rows.flat().length);
      assert.equal(
        lines.filter(({ text }) => text === RONIN).length,
        rows.flat().filter((each) => each === RONIN).length,
      );
    }),
  );
});

test('lines beyond the limit are counted', () => {
  const { lines, beyond } = readWritten(`${'x\n'.repeat(SCREEN_LIMITS.lines)}y\nz`, 'pasted');
  assert.deepEqual([lines.length, beyond], [SCREEN_LIMITS.lines, 2]);
});

test('answers as CSV: what begins like a formula does not, and every field reads back', () => {
  const [line] = judged('=HYPERLINK("http://x")');
  const text = answersCsv(
    [
      {
        line: line!,
        decision: null,
        score: null,
        verdict: null,
        reasons: [{ rule: 'r', text: '@sum, "x"' }],
        fault: '+1',
      },
    ],
    () => null,
  );
  const [, cells] = parseCsv(text, 'answers.csv');
  assert.ok(cells!.every((cell) => !/^[=+\-@]/.test(cell)));
  assert.equal(cells!.length, 9);
  const [, unasked] = parseCsv(
    answersCsv(
      [{ line: line!, decision: null, score: null, verdict: null, reasons: [], fault: null }],
      ({ fault }) => fault,
    ),
    'answers.csv',
  );
  assert.equal(unasked!.at(-1), 'no-form');
});
