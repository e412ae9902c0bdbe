import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { requireChain } from '../../model/chain.ts';
import { type MadeTransaction, makeBlock, makeCoinbase, txidOf } from './_fixture.ts';
import { decodeBlock } from './block.ts';
import { rulesOf } from './rules.ts';

const RULES = rulesOf(requireChain('litecoin-regtest'));
const HEIGHT = 900;
const P2WPKH = `0014${'11'.repeat(20)}`;
const WITNESS = ['30'.repeat(71), '02'.repeat(33)];
const PAYMENT: MadeTransaction = {
  inputs: [{ tx: 'ab'.repeat(32), index: 1, witness: WITNESS }],
  outputs: [{ value: 7n, script: P2WPKH }],
};
const HOGEX: MadeTransaction = {
  inputs: [{ tx: 'cd'.repeat(32), index: 0 }],
  outputs: [{ value: 100n, script: `5820${'33'.repeat(32)}` }],
  hogEx: true,
};

function decode(others: readonly MadeTransaction[], extension: string) {
  const transactions = [makeCoinbase(HEIGHT, P2WPKH, others), ...others];
  const made = makeBlock({ transactions, extension, work: 'scrypt' });
  return decodeBlock(made.bytes, { hash: made.hash, number: BigInt(HEIGHT) }, RULES, { name: 'test' }).block;
}

suite('Litecoin’s extension block', () => {
  test('its transaction is read, its data is left aside and said to be', () => {
    for (const extension of ['01c0ffee', '']) {
      const block = decode([PAYMENT, HOGEX], extension);
      assert.equal(block.transactions[2]?.tx, txidOf(HOGEX));
      assert.match(block.transactions[2].outputs[0]?.address ?? '', /^rltc1g/);
      assert.equal(block.unchecked.length, 1);
      assert.match(block.unchecked[0]!, /MWEB/);
    }
  });

  test('witnesses beside the mark count in the commitment, the mark does not', () => {
    const both = { ...HOGEX, inputs: [{ tx: 'cd'.repeat(32), index: 0, witness: WITNESS }] };
    assert.equal(decode([PAYMENT, both], '01').transactions[2]?.tx, txidOf(both));
  });

  test('data without the transaction, and the transaction in the middle, are refused', () => {
    const lie = { code: 'E_SOURCE_LIES' };
    assert.throws(() => decode([PAYMENT], '01c0ffee'), lie);
    assert.throws(() => decode([HOGEX, PAYMENT], '01c0ffee'), lie);
  });
});
