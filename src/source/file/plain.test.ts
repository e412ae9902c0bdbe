import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { parseAmount } from '../../base/money.ts';
import { parseTime } from '../../base/time.ts';
import { withDuckdb } from './_fixture.ts';
import { type FieldName, field, type Plan } from './layout.ts';
import { plainField } from './plain.ts';
import { makePlan } from './plan.ts';
import { requirePreset } from './preset.ts';

const BASE_PLAN = makePlan(requirePreset('ethereum-etl-transactions'), {}).plan;

function planOf(decimals: number): Plan {
  return { ...BASE_PLAN, unit: 'decimal', amountDecimals: decimals };
}

/** What SQL makes of each text: its value where it calls the text plain, else null. */
async function readPlain(
  connection: DuckDBConnection,
  texts: readonly string[],
  name: FieldName,
  plan: Plan,
): Promise<unknown[]> {
  await connection.run('CREATE OR REPLACE TEMP TABLE given (n INTEGER, x VARCHAR)');
  const appender = await connection.createAppender('given', 'main', 'temp');
  texts.forEach((text, n) => {
    appender.appendInteger(n);
    appender.appendVarchar(text);
    appender.endRow();
  });
  appender.closeSync();
  const read = plainField(field(name, 'need', 'x'), { name: 'x', sql: 'x', type: 'VARCHAR' }, plan, 4e9);
  const result = await connection.runAndReadAll(
    `SELECT CASE WHEN coalesce(${read.plain}, false) THEN ${read.value} END FROM given ORDER BY n`,
  );
  return result.getRows().map(([value]) => value);
}

const digits = fc.string({ unit: fc.constantFrom('0', '1', '5', '9'), maxLength: 45 });
const amountText = fc.oneof(
  fc
    .integer({ min: 1, max: 140 })
    .chain((bits) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) }))
    .map(String),
  fc.tuple(digits, digits).map(([whole, behind]) => `${whole}.${behind}`),
  fc.tuple(digits, fc.integer({ min: -30, max: 30 })).map(([whole, exponent]) => `${whole}e${exponent}`),
  fc.string({ unit: fc.constantFrom('0', '7', '.', '-', '+', 'e', 'E', '_', ' ', 'x', ',', '²', '٣'), maxLength: 12 }),
);

test('an amount that SQL calls plain is exactly what parseAmount reads', async () => {
  await withDuckdb(async (connection) => {
    for (const decimals of [0, 2, 6, 8, 18, 30, 37, 38, 77]) {
      const texts = fc.sample(amountText, { numRuns: 1500, seed: decimals });
      const plan = decimals === 0 ? BASE_PLAN : planOf(decimals);
      const read = await readPlain(connection, texts, 'amount', plan);
      let plain = 0;
      read.forEach((value, i) => {
        if (value === null) return;
        plain += 1;
        assert.equal(value, parseAmount(texts[i]!, decimals), `${texts[i]} with ${decimals} decimals`);
      });
      if (decimals < 30) assert.ok(plain > 100, `${plain} of 1500 were plain with ${decimals} decimals`);
    }
  });
});

const timeText = fc.oneof(
  fc.integer({ min: -10, max: 100_000_000_000 }).map(String),
  fc.date({ min: new Date('1969-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }).chain((date) => {
    const iso = date.toISOString().slice(0, 19);
    return fc
      .constantFrom('', 'Z', ' UTC', '+00:00', '+02:00', '.5', '.000Z', '.000 UTC', ' Z', ' ')
      .map((end) => iso + end);
  }),
  fc
    .tuple(
      fc.constantFrom('2023-02-28', '2024-02-30', '2023-13-01', '23-01-01', '2023-1-1'),
      fc.constantFrom(' 10:00:00', 'T24:00:00', ' 23:59:60', ''),
    )
    .map(([day, clock]) => day + clock),
  fc.string({ unit: fc.constantFrom('1', '2', '-', ':', 'T', ' ', '.', '_', 'e'), maxLength: 25 }),
);

test('a time that SQL calls plain is exactly what parseTime reads', async () => {
  await withDuckdb(async (connection) => {
    const texts = fc.sample(
      fc.oneof(
        timeText,
        timeText.map((text) => text.replace('T', ' ')),
      ),
      { numRuns: 4000, seed: 1 },
    );
    const read = await readPlain(connection, texts, 'time', BASE_PLAN);
    read.forEach((value, i) => {
      if (value !== null) assert.equal(Number(value), parseTime(texts[i]!), texts[i]);
    });
    assert.ok(read.filter((value) => value !== null).length > 200);
  });
});

test('an index that SQL calls plain is written in plain digits; addresses and hashes are lower-case hex of the right length', async () => {
  await withDuckdb(async (connection) => {
    const indices = ['0', '17', '007', '1.5', '1e3', '-1', ' 3', '2000000000', '2000000001', '1_0', '0x1', ''];
    const read = await readPlain(connection, indices, 'txIndex', BASE_PLAN);
    assert.deepEqual(
      read.map((value) => (value === null ? null : Number(value))),
      [0, 17, null, null, null, null, null, 2e9, null, null, null, null],
    );
    const address = `0x${'ab'.repeat(20)}`;
    const addresses = [
      address,
      address.toUpperCase(),
      `${address}0`,
      address.slice(1),
      `${address.slice(0, -1)}g`,
      `${address}\n`,
    ];
    assert.deepEqual(await readPlain(connection, addresses, 'from', BASE_PLAN), [
      address,
      null,
      null,
      null,
      null,
      null,
    ]);
    assert.deepEqual(await readPlain(connection, [`0x${'ab'.repeat(32)}`, address], 'tx', BASE_PLAN), [
      `0x${'ab'.repeat(32)}`,
      null,
    ]);
  });
});

test('a double above 2^53 is read as its shortest decimal text, as JavaScript prints it', async () => {
  await withDuckdb(async (connection) => {
    const doubles = fc
      .sample(fc.double({ min: 0, max: 1e40, noNaN: true }), { numRuns: 1000, seed: 3 })
      .map((x) => Math.floor(x));
    doubles.push(2 ** 53, 2 ** 53 + 2, 1.1e18, 123456.789e18, 173600e18, 1e17, 9.9e16, 0.5);
    await connection.run(
      `CREATE TEMP TABLE given AS SELECT * FROM (VALUES ${doubles.map((x, n) => `(${n}, ${x.toExponential(20)}::DOUBLE)`)}) AS t (n, x)`,
    );
    const read = plainField(field('amount', 'need', 'x'), { name: 'x', sql: 'x', type: 'DOUBLE' }, BASE_PLAN, 4e9);
    const result = await connection.runAndReadAll(
      `SELECT CASE WHEN ${read.plain} THEN ${read.value} END, ${read.raw}, ${read.rounded} FROM given ORDER BY n`,
    );
    result.getRows().forEach(([value, raw, rounded], i) => {
      const x = doubles[i]!;
      const exact = parseAmount(String(x), 0);
      if (value !== null) assert.equal(value, exact, String(x));
      else assert.deepEqual(parseAmount(String(raw), 0), exact, String(raw));
      assert.equal(rounded, x > 2 ** 53);
    });
  });
});
