import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { AccountBlock } from '../chain-source.ts';
import {
  APPROVAL_TOPIC,
  account,
  base58,
  buildTx,
  call,
  field,
  hex,
  internalEntry,
  lengthed,
  send,
  stringify,
  TestChain,
  type TestTx,
  transferLog,
  unhex,
  word,
} from './_fixture.ts';
import { readBlock } from './block.ts';
import { parseExact } from './exact-json.ts';
import { blockSchema, infosSchema } from './schema.ts';

const [ANN, BOB, EVE] = [account(1), account(2), account(3)] as const;
const TOKEN = `41${'7e'.repeat(20)}`;
const CONTRACT = `41${'c0'.repeat(20)}`;
const TRX = 195;

function read(txs: readonly TestTx[], keepsInternal = true): AccountBlock {
  const chain = new TestChain();
  const block = chain.add(txs);
  const context = { endpoint: { name: 'tron test' }, chain: chain.chain, keepsInternal: () => keepsInternal };
  const answer = blockSchema.parse(parseExact(stringify(block.json)));
  return readBlock(context, 1n, answer, infosSchema.parse(parseExact(stringify(block.infos))));
}

/** kind, from, to, asset without the chain, amount, leg */
function rows(block: AccountBlock): readonly unknown[] {
  return block.transfers.map(({ kind, from, to, asset, amount, leg, txIndex }) => [
    txIndex,
    leg,
    kind,
    from,
    to,
    asset.slice(asset.indexOf('/') + 1),
    amount,
  ]);
}

const trx = `slip44:${TRX}`;

test('TRX transfers and fees, failed ones pay only the fee', () => {
  const block = read([
    send(ANN, BOB, 5_000_000n, { info: { fee: 267_000n, receipt: { net_fee: 267_000n } } }),
    send(BOB, EVE, 2n ** 62n + 1n),
    call(ANN, CONTRACT, '', {
      value: 9n,
      contractRet: 'REVERT',
      info: { fee: 30n, result: 'FAILED', receipt: { energy_fee: 30n, result: 'REVERT' } },
    }),
  ]);
  assert.deepEqual(rows(block), [
    [0, 0, 'gas', ANN.address, null, trx, 267_000n],
    [0, 2, 'transfer', ANN.address, BOB.address, trx, 5_000_000n],
    [1, 2, 'transfer', BOB.address, EVE.address, trx, 2n ** 62n + 1n],
    [2, 0, 'gas', ANN.address, null, trx, 30n],
  ]);
});

test('TRC-20 logs, mints, approvals; value sent with a call; TRC-10 by number and by word', () => {
  const zero = `41${'00'.repeat(20)}`;
  const named = (name: string): TestTx =>
    buildTx({
      type: 2,
      name: 'TransferAssetContract',
      signers: [ANN],
      fields: [
        ['asset_name', 1, hex(Buffer.from(name))],
        ['owner_address', 2, ANN.hex],
        ['to_address', 3, BOB.hex],
        ['amount', 4, 7n],
      ],
    });
  const approval = {
    address: TOKEN.slice(2),
    topics: [APPROVAL_TOPIC, word(ANN.hex), word(EVE.hex)],
    data: word(2n ** 256n - 1n),
  };
  const block = read([
    call(ANN, TOKEN, `a9059cbb${word(BOB.hex)}${word(10n)}`, {
      value: 3n,
      info: {
        log: [transferLog(TOKEN, ANN.hex, BOB.hex, 10n), approval, transferLog(TOKEN, zero, EVE.hex, 2n ** 200n)],
      },
    }),
    named('1002000'),
    named('Old Token'),
  ]);
  assert.deepEqual(rows(block), [
    [0, 2, 'internal', ANN.address, base58(TOKEN), trx, 3n],
    [0, 1_000_000, 'token', ANN.address, BOB.address, `trc20:${base58(TOKEN)}`, 10n],
    [0, 1_000_002, 'mint', null, EVE.address, `trc20:${base58(TOKEN)}`, 2n ** 200n],
    [1, 2, 'transfer', ANN.address, BOB.address, 'trc10:1002000', 7n],
    [2, 2, 'transfer', ANN.address, BOB.address, 'trc10:Old%20Token', 7n],
  ]);
  const [signal] = block.signals;
  assert.deepEqual(
    [signal?.kind, signal?.account, signal?.grantee, signal?.amount, signal?.logIndex],
    ['approval', ANN.address, EVE.address, 2n ** 256n - 1n, 1],
  );
  assert.ok(block.unchecked.some((note) => note.includes('named by a word')));
  assert.deepEqual(
    new Set(block.parties(block.transfers[0]!.tx!)),
    new Set([ANN.address, base58(TOKEN), BOB.address, EVE.address, base58(zero)]),
  );
});

test('moves inside contracts: calls, creations, heirs, staking by code; rejected and promised ones move nothing', () => {
  const entries = [
    internalEntry('call', CONTRACT, BOB.hex, 40n),
    internalEntry('call', CONTRACT, EVE.hex, 41n, { rejected: true }),
    internalEntry('call', CONTRACT, BOB.hex, 0n),
    internalEntry('call', CONTRACT, EVE.hex, 0n, {
      callValueInfo: [{}, { callValue: 2n ** 60n + 3n, tokenId: '1000001' }],
    }),
    internalEntry('suicide', CONTRACT, CONTRACT, 5n),
    internalEntry('freezeBalanceV2ForEnergy', CONTRACT, CONTRACT, 60n),
    internalEntry('unfreezeBalanceV2ForEnergy', CONTRACT, CONTRACT, 61n),
    internalEntry('delegateResourceOfEnergy', CONTRACT, EVE.hex, 62n),
    internalEntry('withdrawExpireUnfreezeWhileUnfreezing', CONTRACT, CONTRACT, 63n),
    internalEntry('withdrawReward', CONTRACT, CONTRACT, 64n),
    internalEntry('somethingNew', CONTRACT, EVE.hex, 65n),
  ];
  const block = read([call(ANN, CONTRACT, 'deadbeef', { info: { internal_transactions: entries } })]);
  const c = base58(CONTRACT);
  assert.deepEqual(rows(block), [
    [0, 1000, 'internal', c, BOB.address, trx, 40n],
    [0, 1004, 'internal', c, EVE.address, 'trc10:1000001', 2n ** 60n + 3n],
    [0, 1005, 'internal', c, null, trx, 5n],
    [0, 500_000, 'adjust', c, null, trx, 60n],
    [0, 500_003, 'mint', null, c, trx, 63n],
    [0, 500_004, 'mint', null, c, trx, 64n],
  ]);
  assert.equal(block.internalMoves, 'traced');
  assert.ok(block.unchecked.includes('entries inside contracts of an unknown kind are left out'));
});

/** Contracts whose only field is the owner. */
const owned = (type: number, name: string, info = {}): TestTx =>
  buildTx({ type, name, fields: [['owner_address', 1, ANN.hex]], signers: [ANN], info });

test('staking, rewards and what was staked coming back; delegating and voting move nothing', () => {
  const frozen = (type: number, name: string): TestTx =>
    buildTx({
      type,
      name,
      fields: [
        ['owner_address', 1, ANN.hex],
        ['frozen_balance', 2, 11n],
      ],
      signers: [ANN],
    });
  const block = read([
    frozen(11, 'FreezeBalanceContract'),
    frozen(54, 'FreezeBalanceV2Contract'),
    owned(12, 'UnfreezeBalanceContract', { unfreeze_amount: 12n }),
    owned(13, 'WithdrawBalanceContract', { withdraw_amount: 2n ** 55n + 1n }),
    owned(55, 'UnfreezeBalanceV2Contract', { withdraw_expire_amount: 14n }),
    owned(56, 'WithdrawExpireUnfreezeContract', { withdraw_expire_amount: 15n }),
    owned(59, 'CancelAllUnfreezeV2Contract', { withdraw_expire_amount: 16n }),
    owned(57, 'DelegateResourceContract'),
    owned(4, 'VoteWitnessContract'),
  ]);
  assert.deepEqual(
    block.transfers.map(({ txIndex, kind, from, to, amount }) => [txIndex, kind, from ?? to, amount]),
    [
      [0, 'adjust', ANN.address, 11n],
      [1, 'adjust', ANN.address, 11n],
      [2, 'mint', ANN.address, 12n],
      [3, 'mint', ANN.address, 2n ** 55n + 1n],
      [4, 'mint', ANN.address, 14n],
      [5, 'mint', ANN.address, 15n],
      [6, 'mint', ANN.address, 16n],
    ],
  );
});

test('a contract’s creation pays its computed address; a token’s issue mints what is not locked', () => {
  const fields = [['owner_address', 1, ANN.hex]] as const;
  const inner = lengthed(2, [...field(1, ANN.hex), ...field(5, 99n)]);
  const create = buildTx({
    type: 30,
    name: 'CreateSmartContract',
    fields,
    signers: [ANN],
    extra: { bytes: inner, json: { new_contract: { origin_address: ANN.hex, call_value: 99 } } },
  });
  const address = `41${hex(keccak_256(Uint8Array.from([...unhex(create.id), ...unhex(ANN.hex)])).subarray(12))}`;
  const issue = buildTx({
    type: 6,
    name: 'AssetIssueContract',
    signers: [ANN],
    info: { assetIssueID: '1000777', fee: 1_024_000_000n },
    fields: [
      ['owner_address', 1, ANN.hex],
      ['name', 2, '5758'],
      ['total_supply', 4, 1000n],
    ],
    extra: {
      bytes: lengthed(5, [...field(1, 300n), ...field(2, 9n)]),
      json: { frozen_supply: [{ frozen_amount: 300, frozen_days: 9 }] },
    },
  });
  const block = read([{ ...create, info: { ...create.info, contract_address: address } }, issue]);
  assert.deepEqual(rows(block), [
    [0, 2, 'internal', ANN.address, base58(address), trx, 99n],
    [1, 0, 'gas', ANN.address, null, trx, 1_024_000_000n],
    [1, 2, 'mint', null, ANN.address, 'trc10:1000777', 700n],
  ]);
});

test('exchanges and the market: what leaves is seen, what comes is named as unseen', () => {
  const swap = buildTx({
    type: 44,
    name: 'ExchangeTransactionContract',
    signers: [ANN],
    fields: [
      ['owner_address', 1, ANN.hex],
      ['exchange_id', 2, 3n],
      ['token_id', 3, hex(Buffer.from('_'))],
      ['quant', 4, 50n],
      ['expected', 5, 1n],
    ],
  });
  const unknown = owned(99, 'ContractOfLaterDays');
  const block = read([swap, unknown]);
  assert.deepEqual(rows(block), [[0, 2, 'adjust', ANN.address, null, trx, 50n]]);
  assert.ok(block.unchecked.includes('only state tells: the other side of an exchange'));
  assert.ok(block.unchecked.includes('only state tells: what contracts of the unknown type 99 move'));
});

test('keys that an account gives its rights to are signals', () => {
  const key = (who: string): number[] => lengthed(7, [...field(1, who), ...field(2, 1n)]);
  const update = buildTx({
    type: 46,
    name: 'AccountPermissionUpdateContract',
    signers: [ANN],
    fields: [['owner_address', 1, ANN.hex]],
    extra: { bytes: [...lengthed(2, key(EVE.hex)), ...lengthed(4, [...key(EVE.hex), ...key(ANN.hex)])], json: {} },
  });
  assert.deepEqual(
    read([update]).signals.map(({ kind, account: of, grantee }) => [kind, of, grantee]),
    [['ownershipTransferred', ANN.address, EVE.address]],
  );
});

test('logs of another form, calls whose logs are missing, and unseen inside moves are named', () => {
  const single = {
    ...transferLog(TOKEN, ANN.hex, BOB.hex, 1n),
    topics: [...(transferLog(TOKEN, ANN.hex, BOB.hex, 1n).topics as string[]), word(5n)],
    data: '',
  };
  const block = read(
    [
      call(ANN, TOKEN, 'deadbeef', { info: { log: [single, { address: TOKEN.slice(2) }] } }),
      call(ANN, TOKEN, `a9059cbb${word(BOB.hex)}${word(10n)}`),
    ],
    false,
  );
  assert.equal(block.internalMoves, 'unseen');
  assert.deepEqual(block.transfers, []);
  assert.deepEqual(block.unchecked, [
    'logs, fees and moves inside contracts: a TRON block commits to none of them',
    'moves inside contracts: the endpoint has shown none so far, and may keep none',
    'Transfer logs of another form than TRC-20 are left out',
    'token transfers were called with success of which no log tells',
  ]);
});

test('a contract that no node would have accepted is refused', () => {
  const nowhere = {
    fields: [
      ['owner_address', 1, ANN.hex],
      ['amount', 3, 5n],
    ],
  } as const;
  for (const tx of [send(ANN, BOB, -5n), send(ANN, BOB, 5n, nowhere)]) {
    assert.throws(() => read([tx]), { code: 'E_SOURCE_ANSWER' });
  }
});
