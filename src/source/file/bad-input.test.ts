import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { ErrorCode } from '../../base/errors.ts';
import { HaetaeError } from '../../base/errors.ts';
import { A, B, hash, importFiles, inFolder, NOW } from './_fixture.ts';

const T0 = 1_650_000_000;
const HEADER = 'hash,block_number,transaction_index,from_address,to_address,value,block_timestamp';

function line(
  index: number,
  changes: Partial<Record<'tx' | 'block' | 'index' | 'from' | 'to' | 'value' | 'time', string>> = {},
): string {
  const row = {
    tx: hash('1'),
    block: '7',
    index: String(index),
    from: A,
    to: B,
    value: '100',
    time: String(T0),
    ...changes,
  };
  return [row.tx, row.block, row.index, row.from, row.to, row.value, row.time].join(',');
}

async function refusals(lines: readonly string[], end = '\n'): Promise<string[][]> {
  return inFolder(async (folder) => {
    const file = folder.file('tx.csv', [HEADER, line(9999), ...lines].join('\n') + end);
    const { refused, counts, transfers } = await importFiles([file], { preset: 'ethereum-etl-transactions' });
    assert.equal(counts.rowsRead, lines.length + 1);
    assert.equal(transfers.length, counts.rowsRead - refused.length, 'kept and refused are all');
    const byReason: Record<string, number> = {};
    for (const [, , , reason = ''] of refused) byReason[reason] = (byReason[reason] ?? 0) + 1;
    assert.deepEqual({ ...counts.refused }, byReason);
    return refused.map(([, ...rest]) => rest);
  });
}

async function failure(code: ErrorCode, work: () => Promise<unknown>): Promise<HaetaeError> {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof HaetaeError, String(error));
    assert.equal(error.code, code, error.message);
    return error;
  }
  throw new Error(`expected ${code}`);
}

test('each bad field is refused for its reason, with row, line, field and value', async () => {
  const found = await refusals([
    line(1, { value: '-5' }),
    line(2, { value: '1.5' }),
    line(3, { value: 'ten' }),
    line(4, { value: String(2n ** 256n) }),
    line(5, { value: '' }),
    line(6, { time: 'yesterday' }),
    line(7, { time: '1438269972' }),
    line(8, { time: String(NOW + 90_000) }),
    line(9, { from: A.slice(0, -1) }),
    line(10, { from: '0x098b716b8aaf21512996dC57EB0615e2383E2F96' }),
    line(11, { tx: '0x12' }),
    line(12, { index: '1.5' }),
    line(13, { to: 'bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq' }),
  ]);
  assert.deepEqual(
    found.map(([row, at, reason, field]) => [Number(row), Number(at), reason, field]),
    [
      [2, 3, 'negative', 'value'],
      [3, 4, 'excess-digits', 'value'],
      [4, 5, 'not-a-number', 'value'],
      [5, 6, 'too-large', 'value'],
      [6, 7, 'missing-field', 'value'],
      [7, 8, 'not-a-time', 'block_timestamp'],
      [8, 9, 'before-genesis', 'block_timestamp'],
      [9, 10, 'in-the-future', 'block_timestamp'],
      [10, 11, 'address-length', 'from_address'],
      [11, 12, 'address-checksum', 'from_address'],
      [12, 13, 'bad-hash', 'hash'],
      [13, 14, 'not-an-index', 'transaction_index'],
      [14, 15, 'address-other-chain', 'to_address'],
    ],
  );
  assert.equal(found[0]?.[4], '-5');
});

test('odd and right: capitals, EIP-55, scientific notation, 2^256 - 1 and whole seconds as ISO are kept exactly', async () => {
  await inFolder(async (folder) => {
    const lines = [
      line(1, { from: `0x${'A'.repeat(40)}`, value: '1e3' }),
      line(2, { from: '0x098B716B8Aaf21512996dC57EB0615e2383E2f96', value: String(2n ** 256n - 1n) }),
      line(3, { time: '2022-04-15T05:20:00.000Z', value: ' 7 ' }),
      line(4, { time: '2022-04-15 05:20:00 UTC', value: '007' }),
    ];
    const { transfers } = await importFiles([folder.file('t.csv', [HEADER, ...lines].join('\n'))], {
      preset: 'ethereum-etl-transactions',
    });
    assert.deepEqual(
      transfers.map((row) => [row.from, row.amount, row.time]),
      [
        [A, 1000n, T0],
        ['0x098b716b8aaf21512996dc57eb0615e2383e2f96', 2n ** 256n - 1n, T0],
        [A, 7n, T0],
        [A, 7n, T0],
      ],
    );
  });
});

test('a trace without its transaction’s index, or with a path that is none, is refused and does not stop the rest', async () => {
  await inFolder(async (folder) => {
    const header =
      'block_number,transaction_hash,transaction_index,from_address,to_address,value,trace_type,call_type,trace_address,error,block_timestamp';
    const trace = (index: string, path: string): string =>
      `7,${hash('1')},${index},${A},${B},5,call,call,${path},,${T0}`;
    const lines = [trace('1', ''), trace('', ''), trace('1', 'first'), trace('1', '"[0, 1]"'), trace('1', '0')];
    const { transfers, counts } = await importFiles([folder.file('t.csv', `${header}\n${lines.join('\n')}\n`)], {
      preset: 'ethereum-etl-traces',
    });
    assert.deepEqual(
      transfers.map((row) => [row.leg, row.source.row]),
      [
        [2, 1],
        [3, 5],
        [4, 4],
      ],
    );
    assert.deepEqual(counts.refused, { 'bad-trace-address': 1, 'missing-field': 1 });
  });
});

test('a last line cut short is refused, also where the fields that are left would do', async () => {
  assert.deepEqual((await refusals([line(1).slice(0, -20)], ''))[0]?.slice(0, 3), ['2', '3', 'wrong-columns']);
  const optional = await inFolder(async (folder) => {
    const header = 'block_timestamp,hash,block_number,transaction_index,from_address,value,to_address,gas_price';
    const whole = `${T0},${hash('1')},7,0,${A},100,${B},1`;
    const file = folder.file('t.csv', `${header}\n${whole}\n${whole.replace(/,0,/, ',1,').slice(0, -45)}`);
    return importFiles([file], { preset: 'ethereum-etl-transactions' });
  });
  assert.deepEqual(optional.counts.refused, { 'wrong-columns': 1 });
});

test('lines with too many columns or that are not UTF-8 are refused, and the rows behind them keep their numbers', async () => {
  const found = await refusals([`${line(1)},x`, line(2), `${line(3)},x,y,z`, line(4, { value: 'no' })]);
  assert.deepEqual(
    found.map(([row, at, reason]) => [row, at, reason]),
    [
      ['2', '3', 'wrong-columns'],
      ['4', '5', 'wrong-columns'],
      ['5', '6', 'not-a-number'],
    ],
  );
  await inFolder(async (folder) => {
    const broken = Buffer.concat([
      Buffer.from(`${HEADER}\n${line(1)}\n`),
      Buffer.from([0xff, 0xfe, 0x41]),
      Buffer.from(`\n${line(2)}\n${line(3, { value: 'no' })}\n`),
    ]);
    const { counts, transfers, refused } = await importFiles([folder.file('t.csv', broken)], {
      preset: 'ethereum-etl-transactions',
    });
    assert.equal(counts.rowsRead, 4);
    assert.deepEqual(
      transfers.map((row) => [row.txIndex, row.source.row]),
      [
        [1, 1],
        [2, 3],
      ],
    );
    assert.deepEqual(refused.map(([, row, at]) => [row, at]).sort(), [
      ['2', '3'],
      ['4', '5'],
    ]);
  });
});

test('a quote left open in the last line costs that row; further up it is the file’s fault, for it swallows rows', async () => {
  const found = await refusals([line(1, { to: `"${B}"` }), `${line(2)}`.replace(B, `"${B}`)], '');
  assert.deepEqual(
    found.map(([row, at, reason]) => [row, at, reason]),
    [['3', '4', 'wrong-columns']],
  );
  await inFolder(async (folder) => {
    const file = folder.file('t.csv', [HEADER, line(1).replace(A, `"${A}`), line(2), line(3)].join('\n'));
    await failure('E_FILE_READ', () => importFiles([file], { preset: 'ethereum-etl-transactions' }));
  });
});

test('quoted fields may hold commas and line ends; line numbers count the lines, row numbers the rows', async () => {
  await inFolder(async (folder) => {
    const header = `${HEADER},note`;
    const text = [header, `${line(1)},"a, ""b"""`, '', `${line(2)},"two\nlines"`, `${line(3, { value: 'no' })},x`].join(
      '\n',
    );
    const { transfers, refused } = await importFiles([folder.file('t.csv', text)], {
      preset: 'ethereum-etl-transactions',
    });
    assert.deepEqual(
      transfers.map((row) => row.source.row),
      [1, 2],
    );
    assert.deepEqual(
      refused.map(([, row, at]) => [row, at]),
      [['3', '6']],
    );
  });
});

test('Windows line ends, a byte order mark, other delimiters and other capitals in the header are read', async () => {
  await inFolder(async (folder) => {
    for (const mark of [',', ';', '\t', '|']) {
      const text = `\ufeff${[HEADER.toUpperCase(), line(1), line(2)].join('\r\n').replaceAll(',', mark)}\r\n`;
      const { transfers } = await importFiles([folder.file('t.csv', text)], { preset: 'ethereum-etl-transactions' });
      assert.equal(transfers.length, 2, JSON.stringify(mark));
    }
  });
});

test('a whole file at fault says what is wrong with it, and what to do', async () => {
  await inFolder(async (folder) => {
    const preset = 'ethereum-etl-transactions';
    const good = [HEADER, line(1), ''].join('\n');
    const missing = await failure('E_COLUMN_MISSING', () =>
      importFiles([folder.file('a.csv', good.replace('value', 'worth'))], { preset }),
    );
    assert.match(missing.message, /value/);
    assert.match(String(missing.context.found), /worth/);
    const unknown = await failure('E_PRESET_UNKNOWN', () =>
      importFiles([folder.file('a.csv', good)], { preset: 'ethereum' }),
    );
    assert.match(unknown.remedy ?? '', /ethereum-etl-traces/);
    await failure('E_FILE_READ', () => importFiles([folder.path('nowhere.csv')], { preset }));
    await failure('E_FILE_READ', () => importFiles([folder.file('a.parquet', 'PAR2 no')], { preset }));
    await failure('E_FILE_READ', () => importFiles([folder.file('b.parquet', 'PAR1 cut short')], { preset }));
    const packed = gzipSync(good.repeat(50));
    await failure('E_FILE_READ', () =>
      importFiles([folder.file('cut.csv.gz', packed.subarray(0, packed.length - 12))], { preset }),
    );
    await failure('E_FILE_READ', () => importFiles([folder.file('fake.csv.gz', good)], { preset }));
    await failure('E_FILE_EMPTY', () => importFiles([folder.file('empty.csv', '')], { preset }));
    await failure('E_FILE_EMPTY', () => importFiles([folder.file('head.csv', `${HEADER}\n`)], { preset }));
    const none = await failure('E_FILE_EMPTY', () =>
      importFiles([folder.file('bad.csv', `${HEADER}\n${line(1, { value: '-1' })}\n`)], { preset }),
    );
    assert.match(none.message, /negative \(1\)/);
    assert.ok(existsSync(String(none.context.refused)));
    await failure('E_USAGE', () => importFiles([], { preset }));
    await failure('E_USAGE', () => importFiles([folder.file('a.csv', good)], {}));
    await failure('E_USAGE', () => importFiles([folder.file('a.csv', good)], { preset, order: 'inferred' }));
  });
});

test('names of files and columns with quotes, brackets, stars and question marks are names', async () => {
  await inFolder(async (folder) => {
    const file = folder.file(`a'b"[c]*?.csv`, [HEADER, line(1)].join('\n'));
    folder.file(`a'b"c.csv`, 'decoy');
    const { transfers } = await importFiles([file], { preset: 'ethereum-etl-transactions' });
    assert.equal(transfers.length, 1);
    const map = folder.file('m.yaml', `columns: { time: "t'\\"x", from: f, to: to, amount: a }\nunit: base\n`);
    const odd = folder.file('odd.csv', `"t'""x",f,to,a\n${T0},${A},${B},5\n`);
    assert.equal((await importFiles([odd], { mapFile: map })).transfers.length, 1);
  });
});

test('exact repeats are dropped or kept by the option, and counted either way', async () => {
  await inFolder(async (folder) => {
    const file = folder.file('t.csv', [HEADER, line(1), line(2), line(1), line(1)].join('\n'));
    const preset = 'ethereum-etl-transactions';
    const dropped = await importFiles([file], { preset });
    assert.deepEqual([dropped.transfers.length, dropped.counts.duplicates, dropped.counts.rowsRead], [2, 2, 4]);
    assert.deepEqual(
      dropped.transfers.map((row) => row.source.row),
      [1, 2],
    );
    const kept = await importFiles([file], { preset, duplicates: 'keep' });
    assert.deepEqual([kept.transfers.length, kept.counts.duplicates], [4, 2]);
  });
});
