import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { MAX_AMOUNT } from '../../base/money.ts';
import type { Transfer } from '../../model/transfer.ts';
import { A, B, C, hash, importFiles, inFolder, NOW, parquet, TOKEN } from './_fixture.ts';
import { PRESETS } from './preset.ts';

const ETH = 'eip155:1/slip44:60';
const USDC = `eip155:1/erc20:${TOKEN}`;
const T0 = 1_650_000_000;

/** What a test says of a movement: tx index, leg, kind, from, to, amount. */
function brief(transfers: readonly Transfer[]): unknown[] {
  return transfers.map(({ txIndex, leg, kind, from, to, amount }) => [txIndex, leg, kind, from, to, amount]);
}

const CANONICAL = 'chain,time,block,tx_index,leg,tx,kind,from,to,asset,amount';

test('haetae: our own CSV is read back exactly, whatever the kind and however large the amount', async () => {
  await inFolder(async (folder) => {
    const lines = [
      `eip155:1,${T0},7,0,2,${hash('1')},transfer,${A},${B},${ETH},1000000000000000000`,
      `eip155:1,${T0},7,0,0,${hash('1')},gas,${A},,${ETH},21000`,
      `eip155:1,${T0},7,1,1000003,${hash('2')},mint,,${B},${USDC},${MAX_AMOUNT}`,
      `eip155:1,${T0},7,1,1000004,${hash('2')},token,${B},${C},${USDC},${2n ** 128n}`,
      `eip155:1,${T0 + 12},,0,5,,transfer,${A},${B},eip155:1/iso4217:USD,0`,
    ];
    const { transfers, counts, assets, batch } = await importFiles(
      [folder.file('t.csv', `${CANONICAL}\n${lines.join('\n')}\n`)],
      { preset: 'haetae' },
    );
    assert.deepEqual(brief(transfers), [
      [0, 0, 'gas', A, null, 21000n],
      [0, 2, 'transfer', A, B, 10n ** 18n],
      [1, 1000003, 'mint', null, B, MAX_AMOUNT],
      [1, 1000004, 'token', B, C, 2n ** 128n],
      [0, 5, 'transfer', A, B, 0n],
    ]);
    assert.equal(transfers[4]?.block, null);
    assert.equal(transfers[4]?.tx, null);
    assert.deepEqual(
      transfers.map((row) => row.source.row),
      [2, 1, 3, 4, 5],
    );
    assert.deepEqual(assets.map((asset) => asset.id).sort(), [USDC, 'eip155:1/iso4217:USD', ETH]);
    assert.deepEqual(counts, { rowsRead: 5, refused: {}, duplicates: 0, rounded: 0, zeroValue: 1 });
    assert.equal(batch.chain, 'eip155:1');
  });
});

test('haetae: the first row names the chain of the import, and rows of another are refused by name', async () => {
  await inFolder(async (folder) => {
    const row = (chain: string, leg: number): string =>
      `${chain},${T0},7,0,${leg},${hash('1')},transfer,${A},${B},${chain}/slip44:714,5`;
    const file = folder.file('t.csv', `${CANONICAL}\n${row('eip155:56', 1)}\n${row('eip155:1', 2)}\n`);
    const { batch, counts } = await importFiles([file], { preset: 'haetae' });
    assert.equal(batch.chain, 'eip155:56');
    assert.deepEqual(counts.refused, { 'other-chain': 1 });
  });
});

const TX_HEADER =
  'hash,nonce,block_hash,block_number,transaction_index,from_address,to_address,value,gas,gas_price,input,block_timestamp';

test('ethereum-etl-transactions: with receipts, gas is paid by failed transactions too and a creation pays the new contract', async () => {
  await inFolder(async (folder) => {
    const receipts = 'receipt_gas_used,receipt_effective_gas_price,receipt_status,receipt_contract_address';
    const lines = [
      `${hash('1')},0,${hash('f')},7,0,${A},${B},100,21000,9,0x,${T0},21000,3,1,`,
      `${hash('2')},1,${hash('f')},7,1,${A},${B},200,50000,9,0x,${T0},50000,2,0,`,
      `${hash('3')},2,${hash('f')},7,2,${A},,300,50000,9,0x,${T0},40000,1,1,${C}`,
    ];
    const file = folder.file('tx.csv', `${TX_HEADER},${receipts}\n${lines.join('\n')}\n`);
    const { transfers, counts } = await importFiles([file], { preset: 'ethereum-etl-transactions' });
    assert.deepEqual(brief(transfers), [
      [0, 0, 'gas', A, null, 63000n],
      [0, 2, 'transfer', A, B, 100n],
      [1, 0, 'gas', A, null, 100000n],
      [2, 0, 'gas', A, null, 40000n],
      [2, 2, 'transfer', A, C, 300n],
    ]);
    assert.deepEqual(counts.refused, {});
  });
});

test('ethereum-etl-transactions: without receipts, a creation’s value goes to the address that sender and nonce give', async () => {
  await inFolder(async (folder) => {
    const sender = '0x970e8128ab834e8eac17ab8e3812f010678cf791';
    const lines = [
      `${hash('1')},1,${hash('f')},7,0,${sender},,300,50000,9,0x,${T0}`,
      `${hash('2')},2,${hash('f')},7,1,${sender},,0,50000,9,0x,${T0}`,
    ];
    const { transfers } = await importFiles([folder.file('tx.csv', `${TX_HEADER}\n${lines.join('\n')}\n`)], {
      preset: 'ethereum-etl-transactions',
    });
    assert.deepEqual(brief(transfers), [
      [0, 2, 'transfer', sender, '0x8bda78331c916a08481428e4b07c96d3e916d165', 300n],
      [1, 2, 'transfer', sender, null, 0n],
    ]);
  });
});

test('ethereum-etl-transactions: without receipts only value moves; with base fees of a blocks file gas is burn and tip', async () => {
  await inFolder(async (folder) => {
    const plain = folder.file(
      'tx.csv',
      `${TX_HEADER}\n${hash('1')},0,${hash('f')},7,0,${A},${B},100,21000,9,0x,${T0}\n`,
    );
    const { transfers } = await importFiles([plain], { preset: 'ethereum-etl-transactions' });
    assert.deepEqual(brief(transfers), [[0, 2, 'transfer', A, B, 100n]]);

    const header = TX_HEADER.replace(',block_timestamp', '');
    const timeless = folder.file(
      'old.csv',
      `${header},receipt_gas_used,receipt_effective_gas_price\n${hash('1')},0,${hash('f')},7,0,${A},${B},100,21000,9,0x,21000,9\n`,
    );
    const blocks = folder.file('blocks.csv', `number,timestamp,base_fee_per_gas\n7,${T0},7\n`);
    const timed = await importFiles([timeless, blocks], { preset: 'ethereum-etl-transactions' });
    assert.deepEqual(brief(timed.transfers), [
      [0, 0, 'burn', A, null, 147000n],
      [0, 1, 'tip', A, null, 42000n],
      [0, 2, 'transfer', A, B, 100n],
    ]);
    assert.ok(timed.transfers.every((row) => row.time === T0));
    assert.deepEqual(timed.blocks, [{ chain: 'eip155:1', block: 7n, time: T0 }]);
  });
});

const TOKEN_HEADER = 'token_address,from_address,to_address,value,transaction_hash,log_index,block_number';

test('ethereum-etl-token-transfers: times and indices come from files beside them, from the store, or the row is refused', async () => {
  await inFolder(async (folder) => {
    const zero = `0x${'0'.repeat(40)}`;
    const lines = [
      `${TOKEN},${A},${B},5,${hash('1')},31,7`,
      `${TOKEN},${zero},${A},6,${hash('2')},40,7`,
      `${TOKEN},${A},${C},7,${hash('1')},32,7`,
      `${TOKEN},${A},${C},8,${hash('3')},1,9`,
    ];
    const tokens = folder.file('token.csv', `${TOKEN_HEADER}\n${lines.join('\n')}\n`);
    const asked: bigint[] = [];
    const alone = await importFiles([tokens], {
      preset: 'ethereum-etl-token-transfers',
      blockTimes: async (_chain, blocks) => {
        asked.push(...blocks);
        return new Map([[7n, T0]]);
      },
    });
    assert.deepEqual(asked, [7n, 9n]);
    assert.deepEqual(brief(alone.transfers), [
      [31, 1000031, 'token', A, B, 5n],
      [31, 1000032, 'token', A, C, 7n],
      [40, 1000040, 'mint', null, A, 6n],
    ]);
    assert.deepEqual(alone.counts.refused, { 'no-block-time': 1 });
    assert.deepEqual(alone.refused, [[tokens, '4', '5', 'no-block-time', 'block_timestamp', 'block 9']]);
    const txs = [
      `${hash('1')},0,${hash('f')},7,4,${A},${B},0,1,1,0x,${T0}`,
      `${hash('2')},0,${hash('f')},7,2,${A},${B},0,1,1,0x,${T0}`,
      `${hash('3')},0,${hash('f')},9,0,${A},${B},0,1,1,0x,${T0 + 24}`,
    ];
    const beside = folder.file('tx.csv', `${TX_HEADER}\n${txs.join('\n')}\n`);
    const { transfers } = await importFiles([beside, tokens], { preset: 'ethereum-etl-token-transfers' });
    assert.deepEqual(
      transfers.map((row) => [row.time, row.txIndex, row.leg]),
      [
        [T0, 2, 1000040],
        [T0, 4, 1000031],
        [T0, 4, 1000032],
        [T0 + 24, 0, 1000001],
      ],
    );
  });
});

const TRACE_HEADER =
  'block_number,transaction_hash,transaction_index,from_address,to_address,value,input,output,trace_type,call_type,reward_type,gas,gas_used,subtraces,trace_address,error,status,trace_id';

test('ethereum-etl-traces: calls in call order; what failed, failed calls’ descendants and code borrowed move nothing', async () => {
  await inFolder(async (folder) => {
    const trace = (
      from: string,
      to: string,
      value: number,
      type: string,
      call: string,
      path: string,
      error = '',
      status = 1,
    ): string => `7,${hash('1')},3,${from},${to},${value},0x,0x,${type},${call},,1,1,0,${path},${error},${status},x`;
    const lines = [
      trace(A, B, 100, 'call', 'call', ''),
      trace(B, C, 1, 'call', 'call', '1'),
      trace(B, C, 2, 'call', 'delegatecall', '0'),
      trace(B, A, 3, 'call', 'call', '"0,0"'),
      trace(B, A, 4, 'call', 'call', '10'),
      trace(B, A, 5, 'call', 'call', '2', 'Reverted', 0),
      trace(A, C, 6, 'call', 'call', '"2,0"'),
      trace(C, A, 7, 'suicide', '', '3'),
      trace(C, B, 8, 'create', '', '4'),
      `7,,,,${C},5,,,reward,,block,,,0,,,1,reward_7_0`,
      `7,,,,${B},4,,,reward,,uncle,,,0,,,1,reward_7_1`,
    ];
    const file = folder.file('traces.csv', `${TRACE_HEADER}\n${lines.join('\n')}\n`);
    const blockTimes = async () => new Map([[7n, T0]]);
    const { transfers, counts } = await importFiles([file], { preset: 'ethereum-etl-traces', blockTimes });
    assert.deepEqual(brief(transfers), [
      [3, 2, 'transfer', A, B, 100n],
      [3, 4, 'internal', B, A, 3n],
      [3, 5, 'internal', B, C, 1n],
      [3, 8, 'internal', C, A, 7n],
      [3, 9, 'internal', C, B, 8n],
      [3, 10, 'internal', B, A, 4n],
      [1_000_000_000, 0, 'mint', null, C, 5n],
      [1_000_000_000, 1, 'mint', null, B, 4n],
    ]);
    assert.deepEqual(counts.refused, { 'moves-nothing': 3 });
  });
});

test('a transactions row and the root of its trace are one movement: same hash, index, leg, kind and amount', async () => {
  await inFolder(async (folder) => {
    const tx = folder.file('tx.csv', `${TX_HEADER}\n${hash('1')},0,${hash('f')},7,3,${A},${B},100,1,1,0x,${T0}\n`);
    const traces = folder.file(
      'tr.csv',
      `${TRACE_HEADER}\n7,${hash('1')},3,${A},${B},100,0x,0x,call,call,,1,1,0,,,1,x\n`,
    );
    const [one] = (await importFiles([tx], { preset: 'ethereum-etl-transactions' })).transfers;
    const blockTimes = async () => new Map([[7n, T0]]);
    const [other] = (await importFiles([traces], { preset: 'ethereum-etl-traces', blockTimes })).transfers;
    assert.deepEqual(one, other);
  });
});

test('ethereum-etl-blocks: times only, and that is not an empty import', async () => {
  await inFolder(async (folder) => {
    const file = folder.file('blocks.csv', `number,hash,timestamp\n7,${hash('1')},${T0}\n8,${hash('2')},${T0 + 12}\n`);
    const { blocks, transfers, counts } = await importFiles([file], { preset: 'ethereum-etl-blocks' });
    assert.equal(transfers.length, 0);
    assert.deepEqual(blocks.map(({ block, time }) => [block, time]).sort(), [
      [7n, T0],
      [8n, T0 + 12],
    ]);
    assert.equal(counts.rowsRead, 2);
  });
});

test('aws-ethereum: values in floating point above 2^53 are kept, marked and counted', async () => {
  await inFolder(async (folder) => {
    const row = (digit: string, index: number, value: string): string =>
      `SELECT '${hash(digit)}' AS hash, ${index}::BIGINT AS transaction_index, '${A}' AS from_address, '${B}' AS to_address, ${value}::DOUBLE AS value,
        1::BIGINT AS gas_price, 21000::BIGINT AS receipt_gas_used, 1::BIGINT AS receipt_status, TIMESTAMP '2022-03-23 13:29:09' AS block_timestamp, 7::BIGINT AS block_number`;
    const path = await parquet(
      folder.path('tx.parquet'),
      [row('1', 0, '5000'), row('2', 1, '123456789e15'), row('3', 2, '9.3e15')].join(' UNION ALL '),
    );
    const { transfers, counts } = await importFiles([path], { preset: 'aws-ethereum-transactions' });
    const moved = transfers.filter((transfer) => transfer.kind === 'transfer');
    assert.deepEqual(
      moved.map(({ amount, rounded }) => [amount, rounded]),
      [
        [5000n, false],
        [123456789n * 10n ** 15n, true],
        [9_300_000_000_000_000n, true],
      ],
    );
    assert.equal(moved[0]?.time, Date.UTC(2022, 2, 23, 13, 29, 9) / 1000);
    assert.equal(counts.rounded, 2);
  });
});

test('ethereum-etl as Parquet with text amounts: row numbers, odd rows and refusals as with CSV', async () => {
  await inFolder(async (folder) => {
    const path = await parquet(
      folder.path('tx.parquet'),
      `SELECT '0x' || lpad(printf('%x', i), 64, '0') AS hash, i // 10 AS block_number, i % 10 AS transaction_index, '${A}' AS from_address,
        CASE WHEN i = 5 THEN 'nonsense' WHEN i = 6 THEN upper('${B}') ELSE '${B}' END AS to_address, i::VARCHAR AS value, ${T0} + i AS block_timestamp
       FROM range(3000) AS t (i)`,
    );
    const { transfers, counts, refused } = await importFiles([path], { preset: 'ethereum-etl-transactions' });
    assert.equal(transfers.length, 2999);
    assert.deepEqual(refused, [[path, '6', '6', 'address-characters', 'to_address', 'nonsense']]);
    assert.deepEqual(counts.refused, { 'address-characters': 1 });
    assert.equal(transfers.find((row) => row.source.row === 7)?.to, B);
    assert.ok(transfers.every((row) => row.amount === BigInt(row.source.row - 1)));
  });
});

test('a large CSV is read again instead of copied, and gives the very same', async () => {
  await inFolder(async (folder) => {
    const lines = Array.from({ length: 5000 }, (_, i) => {
      const value = i % 7 === 0 ? '0' : i % 11 === 0 ? '1e3' : i % 501 === 0 ? 'x' : String(i);
      const end = i % 997 === 0 ? ',' : '';
      const from = i % 300 === 0 ? A.toUpperCase().replace('X', 'x') : A;
      return `0x${i.toString(16).padStart(64, '0')},0,${hash('f')},${7 + Math.floor(i / 10)},${i % 10},${from},${B},${value},1,1,0x,${T0 + Math.floor(i / 10)}${end}`;
    });
    lines.push(lines[4242] ?? '', (lines[1] ?? '').slice(0, 50));
    const file = folder.file('tx.csv', `${TX_HEADER}\n${lines.join('\n')}\n`);
    const preset = 'ethereum-etl-transactions';
    const copied = await importFiles([file], { preset });
    const again = await importFiles([file], { preset, copyBelow: 0 });
    assert.deepEqual(again, copied);
    assert.ok(copied.counts.zeroValue > 500 && copied.refused.length > 10);
    assert.equal(copied.counts.duplicates, 1);
    const clean = folder.file(
      'clean.csv',
      `${TX_HEADER}\n${lines.filter((_, i) => i % 7 === 0 && i % 997 !== 0 && i < 5000).join('\n')}\n`,
    );
    assert.deepEqual(await importFiles([clean], { preset, copyBelow: 0 }), await importFiles([clean], { preset }));
  });
});

test('every preset has a name of its own, and the register is what the help prints', () => {
  assert.equal(new Set(PRESETS.map((preset) => preset.name)).size, PRESETS.length);
  for (const preset of PRESETS) assert.ok(preset.description.length > 10 && preset.description.length < 120);
});

test('a repeated import has the same identity; another option or another byte has not', async () => {
  await inFolder(async (folder) => {
    const text = `${CANONICAL}\neip155:1,${T0},7,0,2,${hash('1')},transfer,${A},${B},${ETH},1\n`;
    const id = async (name: string, content: string, options = {}): Promise<string> =>
      (await importFiles([folder.file(name, content)], { preset: 'haetae', ...options })).batch.contentId;
    const first = await id('a.csv', text);
    assert.equal(await id('b.csv', text, { now: NOW + 99 }), first);
    assert.notEqual(await id('a.csv', text, { duplicates: 'keep' }), first);
    assert.notEqual(await id('a.csv', text.replace(/1\n$/, '2\n')), first);
  });
});

test('.gz is read like the file inside it', async () => {
  await inFolder(async (folder) => {
    const text = `${TX_HEADER}\n${hash('1')},0,${hash('f')},7,0,${A},${B},100,21000,9,0x,${T0}\n`;
    const { transfers } = await importFiles([folder.file('tx.csv.gz', gzipSync(text))], {
      preset: 'ethereum-etl-transactions',
    });
    assert.deepEqual(brief(transfers), [[0, 2, 'transfer', A, B, 100n]]);
  });
});
