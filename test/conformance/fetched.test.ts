import assert from 'node:assert/strict';
import type { HaetaeError } from '../../src/base/errors.ts';
import { SILENT } from '../../src/base/progress.ts';
import type { Fetched, Store } from '../../src/store/port.ts';
import { everyStore } from './engines.ts';
import { address, allEdges, ETH, ETHEREUM, feedOf, hash, newBatch, transfer } from './feed.ts';
import { answer, blockAt, blocksOf, blockTime, movement, PEOPLE, range, spendAt, stateOf } from './living.ts';

const [A = '', B = '', C = ''] = PEOPLE;

/** The answer is refused with the code, and changes nothing. */
async function refused(store: Store, fetched: Fetched, code: string): Promise<HaetaeError> {
  const before = await stateOf(store, PEOPLE, ['u1', 'u2']);
  let fault: HaetaeError | null = null;
  await store.keepFetched(fetched).catch((error: HaetaeError) => {
    fault = error;
  });
  assert.equal((fault as HaetaeError | null)?.code, code);
  assert.deepEqual(await stateOf(store, PEOPLE, ['u1', 'u2']), before);
  return fault!;
}

everyStore('what is fetched is kept as one batch a chain, with the names of its sources', async (store) => {
  const first = answer({ transfers: [movement(9n), movement(3n, { amount: 0n, rounded: true })] });
  assert.deepEqual(await store.keepFetched(first), { added: 2, alreadyStored: 0 });
  const more = [movement(5n, { source: { batch: 0, file: 1, row: 4 } })];
  const sources = ['evm one.example.org', 'evm two.example.org'];
  assert.deepEqual(await store.keepFetched(answer({ transfers: more, sources, at: 1_700_000_001 })), {
    added: 1,
    alreadyStored: 0,
  });
  const [batch] = await store.batches();
  assert.deepEqual(await store.batches(), [
    {
      id: 1,
      contentId: `live:${ETHEREUM}`,
      preset: 'live',
      chain: ETHEREUM,
      files: sources.map((name) => ({ name, sha256: '', bytes: 0 })),
      orderRule: 'index',
      duplicateRule: 'keep',
      complete: false,
      importedAt: 1_700_000_001,
      rowsRead: 3,
      rowsKept: 3,
      refused: {},
      duplicates: 0,
      alreadyStored: 0,
      rounded: 1,
      zeroValue: 1,
      firstTime: blockTime(3n),
      lastTime: blockTime(9n),
    },
  ]);
  assert.deepEqual(await store.findBatch(`live:${ETHEREUM}`), batch);
  assert.deepEqual(await store.assets(), [ETH]);
  assert.deepEqual(
    (await store.transfersOf(ETHEREUM, A, 9)).map((row) => [row.block, row.source]),
    [
      [3n, { batch: 1, file: 0, row: 1 }],
      [5n, { batch: 1, file: 1, row: 4 }],
      [9n, { batch: 1, file: 0, row: 1 }],
    ],
  );
  assert.equal((await store.totals()).transfers, 3);
});

everyStore('an answer without rows is kept too, and chains do not mix', async (store) => {
  await store.keepFetched(answer({ blocks: [blockAt(4n)], covered: [range(A, 1n, 4n)] }));
  const other = 'eip155:10';
  await store.keepFetched(answer({ chain: other, blocks: [{ ...blockAt(4n), hash: '0xother' }], assets: [] }));
  assert.deepEqual(await store.keptBlocks(ETHEREUM, 9), [blockAt(4n)]);
  assert.deepEqual(await store.covered(ETHEREUM, [A, B]), [range(A, 1n, 4n)]);
  assert.deepEqual(await store.covered(other, null), []);
  assert.deepEqual(
    (await store.batches()).map((batch) => [batch.id, batch.contentId, batch.firstTime]),
    [
      [1, `live:${ETHEREUM}`, null],
      [2, `live:${other}`, null],
    ],
  );
  assert.deepEqual(await store.blockTimes(ETHEREUM, [3n, 4n]), new Map([[4n, blockTime(4n)]]));
});

everyStore('the same answer again changes nothing, nor do rows given twice in one', async (store) => {
  const reward = movement(4n, { tx: null, txIndex: 7, from: null, kind: 'mint' });
  const fetched = answer({
    transfers: [movement(4n), reward, movement(5n), movement(4n), reward],
    utxo: [spendAt(4n, 'u1'), spendAt(4n, 'u1')],
    blocks: blocksOf(4n, 5n),
    covered: [range(A, 4n, 5n)],
    openings: [{ address: A, asset: ETH.id, block: 3n, time: blockTime(3n), amount: 7n }],
  });
  assert.deepEqual(await store.keepFetched(fetched), { added: 4, alreadyStored: 3 });
  const before = await stateOf(store, PEOPLE, ['u1']);
  assert.deepEqual(await store.keepFetched(fetched), { added: 0, alreadyStored: 7 });
  assert.deepEqual(await stateOf(store, PEOPLE, ['u1']), before);
});

for (const [field, other] of [
  ['from', { from: C }],
  ['to', { to: C }],
  ['to', { to: null }],
  ['asset', { asset: 'eip155:1/erc20:0x01' }],
  ['amount', { amount: 5n }],
  ['time', { time: blockTime(4n) + 1 }],
  ['block', { block: 5n }],
  ['txIndex', { txIndex: 8 }],
] as const) {
  everyStore(`a movement fetched again with another ${field} is refused, and nothing is kept`, async (store) => {
    const tx = hash(77);
    await store.keepFetched(answer({ transfers: [movement(4n, { tx }), movement(6n)], blocks: [blockAt(4n)] }));
    const fetched = answer({
      transfers: [movement(9n), movement(4n, { tx, ...other })],
      blocks: [blockAt(9n)],
      covered: [range(A, 9n, 9n)],
      utxo: [spendAt(9n, 'u1')],
    });
    const { context } = await refused(store, fetched, 'E_TRANSFER_CONFLICT');
    assert.deepEqual([context.tx, context.field], [tx, field]);
    const twice = answer({ transfers: [movement(8n, { tx: hash(5) }), movement(8n, { tx: hash(5), ...other })] });
    assert.equal((await refused(store, twice, 'E_TRANSFER_CONFLICT')).context.tx, hash(5));
  });
}

everyStore('what stands in no transaction is known by its place in the block', async (store) => {
  const reward = movement(4n, { tx: null, txIndex: 7, leg: 2, from: null, kind: 'mint' });
  await store.keepFetched(answer({ transfers: [reward] }));
  const { context } = await refused(store, answer({ transfers: [{ ...reward, amount: 1n }] }), 'E_TRANSFER_CONFLICT');
  assert.deepEqual([context.tx, context.block, context.field], ['', '4', 'amount']);
  const others = [
    { ...reward, leg: 3 },
    { ...reward, txIndex: 8 },
    { ...reward, block: 5n, time: blockTime(5n) },
  ];
  assert.deepEqual(await store.keepFetched(answer({ transfers: others })), { added: 3, alreadyStored: 0 });
});

everyStore('two movements of one place with one order key are refused', async (store) => {
  await store.keepFetched(answer({ transfers: [movement(4n)] }));
  const second = movement(4n, { tx: hash(2), from: B, to: C });
  const { context } = await refused(store, answer({ transfers: [second] }), 'E_ORDER_CONFLICT');
  assert.deepEqual([context.address, context.block, context.tx, context.otherTx], [B, '4', hash(2), hash(4000)]);
  const both = [movement(6n), movement(6n, { tx: hash(2), leg: 0 })];
  await refused(store, answer({ transfers: both }), 'E_ORDER_CONFLICT');
  const apart = movement(4n, { tx: hash(2), from: C, to: address(9) });
  assert.equal((await store.keepFetched(answer({ transfers: [apart] }))).added, 1, 'other places may share it');
});

everyStore('a block kept with another hash, or not standing on the one below, is a reorganisation', async (store) => {
  await store.keepFetched(answer({ blocks: blocksOf(4n, 6n) }));
  const same = answer({ blocks: [...blocksOf(3n, 7n), blockAt(12n)], transfers: [movement(7n)] });
  await store.keepFetched(same);
  const numbers = (await store.keptBlocks(ETHEREUM, 4)).map((block) => block.number);
  assert.deepEqual(numbers, [12n, 7n, 6n, 5n]);
  assert.equal((await store.keptBlocks(ETHEREUM, 99)).length, 6);
  for (const [blocks, at] of [
    [[blockAt(8n), blockAt(6n, 5n)], '6'],
    [[blockAt(8n, 6n)], '7'],
    [[blockAt(11n, 6n)], '11'],
    [[blockAt(20n), blockAt(20n, 6n)], '20'],
  ] as const) {
    const fault = await refused(store, answer({ blocks, transfers: [movement(8n)] }), 'E_REORG');
    assert.equal(fault.context.block, at);
    assert.equal(fault.retry, true);
  }
});

everyStore('decimals that contradict those known are refused with all that came with them', async (store) => {
  await store.keepFetched(answer());
  await refused(store, answer({ assets: [{ ...ETH, decimals: 6 }], transfers: [movement(4n)] }), 'E_ASSET');
});

everyStore('a row without a block and an opening among the movements are faults of the caller', async (store) => {
  await assert.rejects(async () => store.keepFetched(answer({ transfers: [transfer({ block: null })] })), /its block/);
  const opening = movement(4n, { kind: 'opening' });
  await assert.rejects(async () => store.keepFetched(answer({ transfers: [opening] })), /opening/);
  assert.equal((await store.totals()).transfers, 0);
});

everyStore('movements of one transaction and transactions by id', async (store) => {
  const rows = [movement(4n, { leg: 1 }), movement(4n, { leg: 0, kind: 'gas', to: null }), movement(5n)];
  const utxo = [spendAt(5n, 'u2'), spendAt(4n, 'u1'), spendAt(6n, 'u3')];
  await store.keepFetched(answer({ transfers: rows, utxo }));
  await store.load(newBatch('a'), feedOf({ transfers: [movement(9n, { tx: rows[0]!.tx, leg: 5 })] }), SILENT);
  const legs = (await store.transfersOfTx(ETHEREUM, rows[0]!.tx!)).map((row) => row.leg);
  assert.deepEqual(legs, [0, 1, 5]);
  assert.deepEqual(await store.transfersOfTx('eip155:10', rows[0]!.tx!), []);
  const found = await store.utxoTransactionsById(ETHEREUM, ['u3', 'none', 'u1', 'u1']);
  assert.deepEqual(
    found.map((tx) => [tx.tx, tx.block, tx.inputs, tx.outputs]),
    [utxo[1]!, utxo[2]!].map((tx) => [tx.tx, tx.block, tx.inputs, tx.outputs]),
  );
  assert.deepEqual(await store.utxoTransactionsById(ETHEREUM, []), []);
  assert.equal((await allEdges(store)).length, 3);
});

for (const [field, other] of [
  ['inputs', { inputs: [] }],
  ['outputs', { outputs: [{ value: 1n, address: 'bc1qreceiver' }] }],
  ['time', { time: blockTime(4n) + 600 }],
  ['block', { block: 5n }],
] as const) {
  everyStore(`a transaction fetched again with other ${field} is refused`, async (store) => {
    await store.keepFetched(answer({ utxo: [spendAt(4n, 'u1')] }));
    const fetched = answer({ utxo: [spendAt(9n, 'u2'), spendAt(4n, 'u1', other)], covered: [range('u2:0', 1n, 9n)] });
    const { context } = await refused(store, fetched, 'E_TRANSFER_CONFLICT');
    assert.deepEqual([context.tx, context.field], ['u1', field]);
  });
}

everyStore('two coinbases of different blocks may share an id', async (store) => {
  const inputs = [{ outpoint: null, value: 50n, address: 'script:' }];
  const utxo = [spendAt(4n, 'u1', { inputs }), spendAt(9n, 'u1', { inputs })];
  assert.equal((await store.keepFetched(answer({ utxo }))).added, 2);
  assert.equal((await store.keepFetched(answer({ utxo }))).added, 0);
  const found = await store.utxoTransactionsById(ETHEREUM, ['u1']);
  assert.deepEqual(
    found.map((tx) => tx.block),
    [4n, 9n],
  );
});
