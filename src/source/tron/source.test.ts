import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { HaetaeError } from '../../base/errors.ts';
import type { AccountSource } from '../chain-source.ts';
import {
  account,
  call,
  internalEntry,
  type Json,
  send,
  type TestBlock,
  TestChain,
  TestServer,
  transferLog,
  word,
} from './_fixture.ts';
import { openTronSource } from './open.ts';

const [ANN, BOB, EVE] = [account(1), account(2), account(3)] as const;
const TOKEN = `41${'7e'.repeat(20)}`;

function richBlock() {
  const log = transferLog(TOKEN, ANN.hex, BOB.hex, 10n);
  const inside = internalEntry('call', TOKEN, EVE.hex, 4n);
  return [
    send(ANN, BOB, 5n, { info: { fee: 3n, receipt: { net_fee: 3n } } }),
    call(ANN, TOKEN, `a9059cbb${word(BOB.hex)}${word(10n)}`, {
      info: { fee: 9n, receipt: { energy_fee: 9n, result: 'SUCCESS' }, log: [log], internal_transactions: [inside] },
    }),
    send(BOB, EVE, 2n ** 60n + 1n),
  ];
}

async function faultOf(attempt: Promise<unknown>): Promise<HaetaeError> {
  try {
    await attempt;
  } catch (error) {
    assert.ok(error instanceof HaetaeError, String(error));
    return error;
  }
  assert.fail('nothing was thrown');
}

describe('a TRON source', () => {
  const chain = new TestChain();
  const server = new TestServer(chain);
  let source: AccountSource;
  before(async () => {
    chain.add(richBlock());
    chain.add([send(ANN, BOB, 1n)]);
    chain.add([]);
    await server.start();
    source = await openTronSource(server.endpoint());
  });
  after(async () => {
    await source.close();
    await server.stop();
  });

  test('head, references, blocks in order, the block of a transaction', async () => {
    const head = await source.head();
    assert.equal(head.number, 3n);
    assert.equal(head.hash, chain.blocks[3]!.id);
    assert.deepEqual(await source.blockRef(3n), head);
    const blocks = [];
    for await (const block of source.blocks(0n, 3n)) blocks.push(block);
    assert.deepEqual(
      blocks.map(({ ref }) => ref.hash),
      chain.blocks.map(({ id }) => id),
    );
    assert.deepEqual(
      blocks.map(({ transfers }) => transfers.length),
      [0, 6, 1, 0],
    );
    assert.equal(blocks[1]!.ref.time + 3, blocks[2]!.ref.time);
    assert.equal(await source.blockOf(chain.blocks[2]!.txs[0]!.id), 2n);
    assert.equal((await faultOf(source.blockOf('ff'.repeat(32)))).code, 'E_NOT_FOUND');
    assert.equal((await faultOf(source.blockOf('no hash'))).code, 'E_NOT_FOUND');
  });

  test('order keys are unique and ascending', async () => {
    const { transfers } = await source.block(1n);
    const keys = transfers.map(({ txIndex, leg }) => txIndex * 2 ** 31 + leg);
    assert.deepEqual(
      keys,
      [...new Set(keys)].sort((a, b) => a - b),
    );
  });

  test('above the head it is behind', async () => {
    const fault = await faultOf(source.block(99n));
    assert.deepEqual([fault.code, fault.retry, fault.context.block], ['E_SOURCE_BEHIND', true, 99]);
    assert.equal((await faultOf(source.blockRef(99n))).code, 'E_SOURCE_BEHIND');
  });

  test('signatures are confirmed; a foreign key is named, not refused', async () => {
    const taken = send(ANN, EVE, 1n, { signers: [EVE] });
    chain.add([taken, send(BOB, EVE, 1n, { permissionId: 2n })]);
    const block = await source.block(4n);
    assert.ok(block.unchecked.some((note) => note.includes('under a permission')));
    block.confirm(new Set([taken.id]));
    block.confirm(new Set([taken.id]));
    assert.equal(block.unchecked.filter((note) => note.includes(`signed by ${EVE.address}`)).length, 1);
  });
});

describe('the head of a TRON source', () => {
  const chain = new TestChain();
  const server = new TestServer(chain);
  let source: AccountSource;
  before(async () => {
    for (let i = 0; i < 4; i++) chain.add([]);
    await server.start();
    source = await openTronSource(server.endpoint());
  });
  after(async () => {
    await source.close();
    await server.stop();
  });

  test('new heads are told as they come, until the signal', async () => {
    const stop = new AbortController();
    const seen: bigint[] = [];
    for await (const head of source.heads(stop.signal)) {
      seen.push(head.number);
      if (seen.length === 2) stop.abort();
      else chain.add([]);
    }
    assert.deepEqual(seen, [4n, 5n]);
  });

  test('a head that goes back is behind; another branch is a reorganisation', async () => {
    const last = await source.head();
    const kept = chain.blocks.slice();
    chain.reorganise(last.number - 1n);
    assert.equal((await faultOf(source.head())).code, 'E_SOURCE_BEHIND');
    chain.reorganise(last.number - 2n);
    chain.add([], 1n);
    assert.equal((await source.head()).number, last.number - 1n);
    chain.blocks.splice(0, chain.blocks.length, ...kept);
    chain.blocks[3] = branch(chain, 3);
    const read = async (): Promise<void> => {
      for await (const block of source.blocks(1n, 5n)) assert.ok(block.ref.number < 4n);
    };
    assert.equal((await faultOf(read())).code, 'E_REORG');
    chain.blocks.splice(0, chain.blocks.length, ...kept);
  });
});

/** Another block at a height, on the same parent. */
function branch(chain: TestChain, height: number): TestBlock {
  const other = new TestChain();
  other.blocks.splice(0, 1, ...chain.blocks.slice(0, height));
  return other.add([], 7n);
}

/** One field of one answer changed at a time: where, how, and the name under which it must be refused. */
type Change = (answer: Json) => void;
const block: (change: Change) => [string, Change] = (change) => ['wallet/getblockbynum', change];
const infos: (change: (info: Json) => void, at?: number) => [string, Change] = (change, at = 0) => [
  'wallet/gettransactioninfobyblocknum',
  (answer) => change((answer as unknown as Json[])[at]!),
];
const header = (answer: Json): Json => (answer.block_header as Json).raw_data as Json;
const tx = (answer: Json, at = 0): Json => (answer.transactions as Json[])[at]!;
const shown = (answer: Json, at = 0): Json => ((tx(answer, at).raw_data as Json).contract as Json[])[0]!;
const value = (answer: Json, at = 0): Json => (shown(answer, at).parameter as Json).value as Json;
const flipped = (text: unknown): string => String(text).replace(/.$/, (last) => (last === '0' ? '1' : '0'));

const LIES: readonly (readonly [field: string, change: [string, Change]])[] = [
  ['blockID', block((b) => (b.blockID = flipped(b.blockID)))],
  ['blockID', block((b) => (header(b).timestamp = 1_700_000_009_000n))],
  ['blockID', block((b) => (header(b).parentHash = flipped(header(b).parentHash)))],
  ['blockID', block((b) => (header(b).witness_address = BOB.hex))],
  ['blockID', block((b) => (header(b).version = 99n))],
  ['blockID', block((b) => (header(b).txTrieRoot = '00'.repeat(32)))],
  ['block_header.raw_data.number', block((b) => (header(b).number = 2n))],
  ['witness_signature', block((b) => ((b.block_header as Json).witness_signature = '00'.repeat(65)))],
  ['txTrieRoot', block((b) => (b.transactions as Json[]).pop())],
  ['txTrieRoot', block((b) => (b.transactions as Json[]).reverse())],
  ['txTrieRoot', block((b) => (tx(b).signature = [flipped((tx(b).signature as string[])[0])]))],
  ['txTrieRoot', block((b) => (tx(b).ret = [{ contractRet: 'REVERT' }]))],
  ['txTrieRoot', block((b) => (tx(b).ret = [{ contractRet: 'MADE_UP' }]))],
  ['txTrieRoot', block((b) => (tx(b).ret = []))],
  ['txID', block((b) => (tx(b).txID = flipped(tx(b).txID)))],
  ['txID', block((b) => (tx(b).raw_data_hex = String(tx(b).raw_data_hex).replace(ANN.hex, EVE.hex)))],
  ['raw_data.contract.type', block((b) => (shown(b).type = 'TransferAssetContract'))],
  ['raw_data.contract.Permission_id', block((b) => (shown(b).Permission_id = 2n))],
  ['raw_data.data', block((b) => ((tx(b).raw_data as Json).data = 'aa'))],
  ['raw_data.contract.parameter.value.owner_address', block((b) => (value(b).owner_address = EVE.hex))],
  ['raw_data.contract.parameter.value.to_address', block((b) => (value(b).to_address = EVE.hex))],
  ['raw_data.contract.parameter.value.amount', block((b) => (value(b).amount = 6n))],
  ['raw_data.contract.parameter.value.amount', block((b) => (value(b, 2).amount = 2n ** 60n + 2n))],
  ['raw_data.contract.parameter.value.amount', block((b) => delete value(b).amount)],
  ['raw_data.contract.parameter.value.contract_address', block((b) => (value(b, 1).contract_address = EVE.hex))],
  ['raw_data.contract.parameter.value.data', block((b) => (value(b, 1).data = 'aa'))],
  ['raw_data.contract.parameter.value.call_value', block((b) => (value(b, 1).call_value = 1n))],
  ['transactionInfo.id', infos((i) => (i.id = 'ab'.repeat(32)))],
  ['transactionInfo.id', ['wallet/gettransactioninfobyblocknum', (a) => (a as unknown as Json[]).pop()]],
  [
    'transactionInfo.id',
    ['wallet/gettransactioninfobyblocknum', (a) => (a as unknown as Json[]).push((a as unknown as Json[])[0]!)],
  ],
  [
    'transactionInfo.id',
    ['wallet/gettransactioninfobyblocknum', (a) => (a as unknown as Json[]).push({ id: 'cd'.repeat(32) })],
  ],
  ['transactionInfo.blockNumber', infos((i) => (i.blockNumber = 2n))],
  ['transactionInfo.blockTimeStamp', infos((i) => (i.blockTimeStamp = 1n))],
  ['transactionInfo.fee', infos((i) => (i.fee = 2n))],
  ['transactionInfo.fee', infos((i) => (i.fee = 10n), 1)],
  ['transactionInfo.receipt.result', infos((i) => (i.receipt = { energy_fee: 9n, result: 'REVERT' }), 1)],
  ['transactionInfo.result', infos((i) => (i.result = 'FAILED'), 1)],
  ['transactionInfo.contract_address', infos((i) => (i.contract_address = EVE.hex), 1)],
];

/** Not of the API's form: refused, but no lie. */
const MALFORMED: readonly [string, Change][] = [
  block((b) => delete b.blockID),
  block((b) => delete tx(b).raw_data_hex),
  block((b) => (tx(b).raw_data_hex = 'xyz')),
  block((b) => (tx(b).ret = [{ contractRet: 'SUCCESS', unknown_to_the_protocol: 1 }])),
  block((b) => (header(b).timestamp = 1.5)),
  block((b) => (b.Error = 'class org.tron.core.exception.JsonRpcException : secret')),
  infos((i) => (i.fee = '12x')),
  infos((i) => (i.log = 'none')),
];

describe('a TRON endpoint that changes one field', () => {
  const chain = new TestChain();
  const server = new TestServer(chain);
  let source: AccountSource;
  before(async () => {
    chain.add(richBlock());
    chain.add([]);
    await server.start();
    source = await openTronSource(server.endpoint());
  });
  after(async () => {
    await source.close();
    await server.stop();
  });

  const changed = async ([path, change]: [string, Change]): Promise<HaetaeError> => {
    server.corrupt = (request, answer) => {
      if (request.path === path && request.body.num === 1) change(answer as Json);
      return answer;
    };
    return faultOf(source.block(1n));
  };

  for (const [i, [field, change]] of LIES.entries()) {
    test(`is refused by name: ${field} (${i + 1})`, async () => {
      const fault = await changed(change);
      assert.deepEqual([fault.code, fault.context.field, fault.context.block], ['E_SOURCE_LIES', field, 1]);
    });
  }

  test('answers that are not of the API’s form are refused, without what they quote', async () => {
    for (const change of MALFORMED) {
      const fault = await changed(change);
      assert.equal(fault.code, 'E_SOURCE_ANSWER', JSON.stringify(fault.context));
      assert.ok(!JSON.stringify(fault).includes('secret'));
    }
  });

  test('and honest again it is believed', async () => {
    server.corrupt = null;
    assert.equal((await source.block(1n)).transfers.length, 6);
  });
});
