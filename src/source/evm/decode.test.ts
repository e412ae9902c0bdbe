import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import * as AbiEvent from 'ox/AbiEvent';
import type { Transfer } from '../../model/transfer.ts';
import { GAS_LEG, LOG_LEG, REWARD_TX_INDEX, ROOT_LEG, TIP_LEG } from '../file/layout.ts';
import { address, BASE_FEE, joined, MAKER, type MadeLog, type MadeTransaction, makeBundle, word } from './_fixture.ts';
import { decodeBlock } from './decode.ts';
import { INCOME_LEG, INCOME_TX_INDEX, L1_FEE_LEG } from './decode-fees.ts';
import { DEPOSIT, WITHDRAWAL } from './decode-wrap.ts';
import { signatureHash } from './keccak.ts';
import { DEPOSIT_TYPE } from './raw.ts';
import { verifyBlock } from './verify.ts';

const MAINNET = 'eip155:1';
const ETH = 'eip155:1/slip44:60';
const GAS_USED = 50_000n;
const TOKEN = address(500);
const [ALICE, BOB, ZERO] = [address(1), address(2), `0x${'0'.repeat(40)}`];
const TRANSFER = signatureHash('Transfer(address,address,uint256)');

function decoded(transactions: readonly MadeTransaction[], chain = MAINNET, more: object = {}) {
  const bundle = makeBundle({ transactions, ...more });
  verifyBlock(bundle, chain);
  return decodeBlock(bundle, chain);
}

/** Token rows of one transaction with these logs. */
function rowsOf(...logs: readonly MadeLog[]): readonly Transfer[] {
  return decoded([{ logs }]).transfers.filter(({ leg, tx }) => tx !== null && leg >= LOG_LEG);
}

function short({ kind, from, to, asset, amount }: Transfer): readonly unknown[] {
  return [kind, from, to, asset.slice('eip155:1/'.length), amount];
}

function log(topics: readonly string[], ...data: readonly string[]): MadeLog {
  return { address: TOKEN, topics, data: joined(...data) };
}

suite('gas', () => {
  test('is two movements, burnt and tipped, and comes first; the maker’s income stands at the end of the block', () => {
    const { transfers } = decoded([{ tx: { from: ALICE, to: BOB, value: '0x5' } }]);
    const tip = GAS_USED * 1_000_000_000n;
    assert.deepEqual(
      transfers.map((row) => [row.txIndex, row.leg, ...short(row)]),
      [
        [0, GAS_LEG, 'burn', ALICE, null, 'slip44:60', GAS_USED * BASE_FEE],
        [0, TIP_LEG, 'tip', ALICE, null, 'slip44:60', tip],
        [0, ROOT_LEG, 'transfer', ALICE, BOB, 'slip44:60', 5n],
        [INCOME_TX_INDEX, 0, 'mint', null, MAKER, 'slip44:60', tip],
      ],
    );
    assert.ok(INCOME_TX_INDEX > REWARD_TX_INDEX);
    assert.equal(transfers.at(-1)!.tx, null);
  });

  test('is all that a failed transaction pays', () => {
    const failed = { tx: { from: ALICE, to: BOB, value: '0x5' }, receipt: { status: '0x0' } };
    assert.deepEqual(
      decoded([failed]).transfers.map(({ kind }) => kind),
      ['burn', 'tip', 'mint'],
    );
  });

  test('is one movement before London', () => {
    const tx = { type: '0x0', gasPrice: '0x3', v: '0x1b', maxFeePerGas: null, maxPriorityFeePerGas: null };
    const { transfers } = decoded([{ tx: { ...tx, from: ALICE, chainId: null } }], MAINNET, {
      header: { baseFeePerGas: null },
    });
    assert.deepEqual(
      transfers.map((row) => short(row).slice(0, 3)),
      [
        ['gas', ALICE, null],
        ['mint', null, MAKER],
      ],
    );
    assert.equal(transfers[0]!.amount, 3n * GAS_USED);
  });

  test('a builder that passes its tips on in the same block has them before', () => {
    const { transfers } = decoded([
      { tx: { from: ALICE } },
      { tx: { from: BOB } },
      { tx: { from: MAKER, value: '0x1' } },
    ]);
    const income = transfers.filter(({ kind }) => kind === 'mint');
    const tip = GAS_USED * 1_000_000_000n;
    assert.deepEqual(
      income.map(({ txIndex, leg, amount }) => [txIndex, leg, amount]),
      [
        [1, INCOME_LEG, 2n * tip],
        [INCOME_TX_INDEX, 0, tip],
      ],
    );
    const order = transfers.map(({ txIndex, leg }) => [txIndex, leg] as const);
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a[0] - b[0] || a[1] - b[1]),
    );
  });
});

suite('what else a block brings and burns', () => {
  test('blob gas is burnt with the rest', () => {
    const hashes = [`0x01${'ab'.repeat(31)}`, `0x01${'cd'.repeat(31)}`];
    const blob = { type: '0x3', blobVersionedHashes: hashes, maxFeePerBlobGas: '0x9' };
    const header = {
      withdrawalsRoot: '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421',
      withdrawals: [],
      blobGasUsed: '0x40000',
      excessBlobGas: '0x0',
      parentBeaconBlockRoot: `0x${'0'.repeat(64)}`,
    };
    const receipt = { blobGasUsed: '0x40000', blobGasPrice: '0x1' };
    const { transfers } = decoded([{ tx: { ...blob, from: ALICE }, receipt }], MAINNET, { header });
    assert.equal(transfers[0]!.amount, GAS_USED * BASE_FEE + 2n * 131_072n);
    assert.throws(() => decoded([{ tx: blob, receipt: { ...receipt, blobGasPrice: '0x2' } }], MAINNET, { header }), {
      code: 'E_SOURCE_LIES',
    });
  });

  test('withdrawals of validators arrive from outside, in wei', () => {
    const withdrawals = [
      { index: '0x1', validatorIndex: '0x2', address: ALICE, amount: '0x3' },
      { index: '0x2', validatorIndex: '0x3', address: ALICE, amount: '0x4' },
    ];
    const bundle = makeBundle({ transactions: [], withdrawals });
    const { transfers } = decodeBlock(bundle, MAINNET);
    assert.deepEqual(
      transfers.map((row) => [row.tx, row.leg, ...short(row)]),
      [
        [null, 0, 'mint', null, ALICE, 'slip44:60', 3_000_000_000n],
        [null, 1, 'mint', null, ALICE, 'slip44:60', 4_000_000_000n],
      ],
    );
    assert.throws(() => verifyBlock(bundle, MAINNET), { code: 'E_SOURCE_LIES' }, 'the made root is of no withdrawals');
  });
});

suite('chains of the OP stack', () => {
  const deposit = {
    type: `0x${DEPOSIT_TYPE.toString(16)}`,
    sourceHash: word(7),
    mint: '0x64',
    value: '0x5',
    from: ALICE,
    to: BOB,
    gasPrice: '0x0',
  };

  test('a deposit brings money and pays no gas; base fee, tip and data fee have their own receivers', () => {
    const paid = { tx: { chainId: '0xa', from: BOB, value: '0x0' }, receipt: { l1Fee: '0x1e' } };
    const outcome = { depositNonce: '0x0', depositReceiptVersion: '0x1', l1Fee: '0x0' };
    const block = decoded([{ tx: deposit, receipt: outcome }, paid], 'eip155:10');
    const minted = block.transfers.filter(({ tx }) => tx === null).map(({ to, amount }) => [to, amount]);
    assert.deepEqual(
      block.transfers.slice(0, 5).map(({ leg, kind, amount }) => [leg, kind, amount]),
      [
        [GAS_LEG, 'mint', 100n],
        [ROOT_LEG, 'transfer', 5n],
        [GAS_LEG, 'burn', GAS_USED * BASE_FEE],
        [TIP_LEG, 'tip', GAS_USED * 1_000_000_000n],
        [L1_FEE_LEG, 'gas', 30n],
      ],
    );
    assert.deepEqual(
      new Map(minted as [string, bigint][]),
      new Map([
        [MAKER, GAS_USED * 1_000_000_000n],
        ['0x4200000000000000000000000000000000000019', GAS_USED * BASE_FEE],
        ['0x420000000000000000000000000000000000001a', 30n],
      ]),
    );
    assert.deepEqual(block.unchecked.length, 2, block.unchecked.join('; '));
  });
});

suite('tokens', () => {
  test('ERC-20: three topics and one word', () => {
    assert.deepEqual(rowsOf(log([TRANSFER, word(ALICE), word(BOB)], word(9n))).map(short), [
      ['token', ALICE, BOB, `erc20:${TOKEN}`, 9n],
    ]);
  });

  test('every amount of 256 bits, as ox encodes and reads it', () => {
    const event = AbiEvent.from('event Transfer(address indexed from, address indexed to, uint256 value)');
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), fc.nat(256), (any, bits) => {
        const value = any >> BigInt(bits);
        const { topics } = AbiEvent.encode(event, { from: ALICE as `0x${string}`, to: BOB as `0x${string}` });
        const [row] = rowsOf(log(topics as string[], word(value)));
        assert.deepEqual(short(row!), ['token', ALICE, BOB, `erc20:${TOKEN}`, value]);
      }),
      { numRuns: 60 },
    );
  });

  test('from nobody is minted from outside; to the zero address stays as the log says, as in file imports', () => {
    const rows = rowsOf(
      log([TRANSFER, word(ZERO), word(BOB)], word(9n)),
      log([TRANSFER, word(BOB), word(ZERO)], word(4n)),
      log([TRANSFER, word(BOB), word(ALICE)], word(0n)),
    );
    assert.deepEqual(rows.map(short), [
      ['mint', null, BOB, `erc20:${TOKEN}`, 9n],
      ['token', BOB, ZERO, `erc20:${TOKEN}`, 4n],
      ['token', BOB, ALICE, `erc20:${TOKEN}`, 0n],
    ]);
    assert.deepEqual(
      rows.map(({ leg }) => leg),
      [LOG_LEG, LOG_LEG + 1, LOG_LEG + 2],
    );
  });

  test('ERC-721: four topics, one of one', () => {
    assert.deepEqual(
      rowsOf({ address: TOKEN, topics: [TRANSFER, word(ALICE), word(BOB), word(255n)], data: '0x' }).map(short),
      [['token', ALICE, BOB, `erc721:${TOKEN}/255`, 1n]],
    );
  });

  test('nothing indexed: ERC-20 of an old kind, and CryptoKitties, whose last word is the number of the cat', () => {
    const kitties = '0x06012c8cf97bead5deae237070f9587f8e7a266d';
    const old = log([TRANSFER], word(ALICE), word(BOB), word(6n));
    assert.deepEqual(rowsOf(old, { ...old, address: kitties }).map(short), [
      ['token', ALICE, BOB, `erc20:${TOKEN}`, 6n],
      ['token', ALICE, BOB, `erc721:${kitties}/6`, 1n],
    ]);
  });

  test('too few topics, too little or too much data, a dirty address: no transfer, and counted', () => {
    const logs = [
      log([TRANSFER, word(ALICE)], word(9n)),
      log([TRANSFER, word(ALICE), word(BOB)]),
      { address: TOKEN, topics: [TRANSFER, word(ALICE), word(BOB)], data: '0x09' },
      log([TRANSFER, word(ALICE), word(BOB)], word(9n), word(9n)),
      log([TRANSFER, `0x01${word(ALICE).slice(4)}`, word(BOB)], word(9n)),
      log([TRANSFER, word(ALICE), word(BOB), word(1n)], word(1n)),
      { address: TOKEN, topics: [], data: '0x' },
    ];
    const block = decoded([{ logs }]);
    assert.deepEqual(
      block.transfers.filter(({ asset }) => asset !== ETH),
      [],
    );
    assert.match(block.unchecked.join(), /6 logs named as transfers/);
  });

  test('wrapped ether: minted by Deposit, destroyed by Withdrawal, at the wrapper only', () => {
    const weth = '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2';
    const deposit = { address: weth, topics: [DEPOSIT, word(ALICE)], data: word(3n) };
    const withdrawal = { address: weth, topics: [WITHDRAWAL, word(ALICE)], data: word(2n) };
    assert.deepEqual(rowsOf(deposit, withdrawal, { ...deposit, address: TOKEN }).map(short), [
      ['mint', null, ALICE, `erc20:${weth}`, 3n],
      ['token', ALICE, null, `erc20:${weth}`, 2n],
    ]);
  });

  test('what a blacklisted holder of Tether had is destroyed', () => {
    const destroyed = log([signatureHash('DestroyedBlackFunds(address,uint256)')], word(ALICE), word(8n));
    assert.deepEqual(rowsOf(destroyed).map(short), [['token', ALICE, null, `erc20:${TOKEN}`, 8n]]);
  });
});

const SINGLE = signatureHash('TransferSingle(address,address,address,uint256,uint256)');
const BATCH = signatureHash('TransferBatch(address,address,address,uint256[],uint256[])');

function batch(ids: readonly bigint[], amounts: readonly bigint[]): MadeLog {
  const first = 64n;
  const second = first + 32n * BigInt(ids.length + 1);
  const lists = [ids, amounts].flatMap((list) => [word(list.length), ...list.map((value) => word(value))]);
  return log([BATCH, word(TOKEN), word(ALICE), word(BOB)], word(first), word(second), ...lists);
}

suite('ERC-1155', () => {
  test('single and batch, in order, with legs of their own', () => {
    const single = log([SINGLE, word(TOKEN), word(ZERO), word(BOB)], word(3n), word(7n));
    const rows = rowsOf(batch([1n, 2n, 1n], [5n, 6n, 7n]), single, log([TRANSFER, word(ALICE), word(BOB)], word(1n)));
    assert.deepEqual(rows.map(short), [
      ['token', ALICE, BOB, `erc20:${TOKEN}`, 1n],
      ['token', ALICE, BOB, `erc1155:${TOKEN}/1`, 5n],
      ['token', ALICE, BOB, `erc1155:${TOKEN}/2`, 6n],
      ['token', ALICE, BOB, `erc1155:${TOKEN}/1`, 7n],
      ['mint', null, BOB, `erc1155:${TOKEN}/3`, 7n],
    ]);
    assert.equal(new Set(rows.map(({ leg }) => leg)).size, rows.length);
  });

  test('a batch longer than the room between two logs pushes those behind it', () => {
    const many = Array.from({ length: 700 }, (_, i) => BigInt(i));
    const rows = rowsOf(batch(many, many), batch([9n], [9n]));
    assert.equal(rows.length, 701);
    const legs = rows.map(({ leg }) => leg);
    assert.deepEqual(
      legs,
      [...new Set(legs)].sort((a, b) => a - b),
    );
    assert.equal(rows.at(-1)!.asset, `eip155:1/erc1155:${TOKEN}/9`);
  });

  test('lists of two lengths, or beyond the data, are no transfer', () => {
    const short = log([BATCH, word(TOKEN), word(ALICE), word(BOB)], word(64n), word(2n ** 200n), word(1n));
    const block = decoded([{ logs: [batch([1n, 2n], [1n]), short] }]);
    assert.deepEqual(
      block.transfers.filter(({ asset }) => asset !== ETH),
      [],
    );
    assert.match(block.unchecked.join(), /2 logs named as transfers/);
  });
});

suite('senders', () => {
  test('a key that did not sign is refused by name; only transactions of the block can be confirmed', () => {
    const bundle = makeBundle({ transactions: [{ tx: { from: ALICE } }, {}] });
    const [first, second] = bundle.block.transactions;
    const block = decodeBlock(bundle, MAINNET);
    block.confirm(new Set());
    for (const { hash } of [first!, second!]) {
      assert.throws(() => block.confirm(new Set([hash])), {
        code: 'E_SOURCE_LIES',
        context: { block: '100', field: 'from', tx: hash },
      });
    }
    assert.throws(() => block.confirm(new Set([word(1)])), /only transactions of the block/);
  });

  test('parties are all whom a transaction and its logs name', () => {
    const logs = [
      log([TRANSFER, word(ALICE), word(BOB)], word(9n)),
      log([TRANSFER, word(ZERO), word(MAKER)], word(9n)),
    ];
    const bundle = makeBundle({ transactions: [{ tx: { from: ALICE, to: TOKEN }, logs }] });
    const { parties } = decodeBlock(bundle, MAINNET);
    const own = new Set(parties(bundle.block.transactions[0]!.hash));
    assert.deepEqual(own, new Set([ALICE, BOB, TOKEN, MAKER]));
  });
});

suite('a large block', () => {
  test('of 10,000 transactions is read, checked and decoded', () => {
    const logs = [log([TRANSFER, word(ALICE), word(BOB)], word(1n))];
    const transactions = Array.from({ length: 10_000 }, (_, i) => (i % 2 === 0 ? { logs } : { tx: { value: '0x1' } }));
    const block = decoded(transactions);
    assert.equal(block.transfers.length, 30_001);
  });
});
