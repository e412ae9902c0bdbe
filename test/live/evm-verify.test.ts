import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { AccountBlock } from '../../src/source/chain-source.ts';
import { decodeBlock } from '../../src/source/evm/decode.ts';
import { verifyBlock } from '../../src/source/evm/verify.ts';
import { settleBlock } from '../../src/source/settle.ts';
import { wallet } from './_anvil.ts';
import { balancesOf, bundleOf } from './_evm-bundle.ts';
import { CHAIN, everybody, FORKS, NATIVE, ONE, type Scene, scene } from './_evm-scene.ts';

for (const hardfork of FORKS) {
  suite(`evm: a block of everything on ${hardfork}`, () => {
    let at: Scene;
    before(async () => {
      at = await scene(hardfork);
    });
    after(() => at.anvil.stop());

    test('checks out, and every balance is what the movements say, whichever traces', async () => {
      for (const form of ['parity', 'geth'] as const) {
        const bundle = bundleOf(at.answers, at.number, form);
        const ref = verifyBlock(bundle, CHAIN);
        assert.equal(ref.hash, bundle.block.hash);
        const decoded = decodeBlock(bundle, CHAIN);
        assert.equal(decoded.internalMoves, 'traced');
        assert.deepEqual(decoded.unchecked, []);
        const places = everybody(bundle, decoded);
        const had = await balancesOf(at.anvil, places, at.number - 1n);
        const has = await balancesOf(at.anvil, places, at.number);
        assert.deepEqual(settleBlock(decoded, places, had, has).added, []);
      }
    });

    test('holds what it was made to hold', () => {
      const bundle = bundleOf(at.answers, at.number, 'parity');
      const { transfers } = decodeBlock(bundle, CHAIN);
      const got = wallet('receiver').address;
      const inside = transfers.filter(({ kind }) => kind === 'internal');
      const paid = inside.filter(({ to }) => to === got).map(({ amount }) => amount);
      assert.deepEqual(bundle.receipts.map(({ status }) => status).filter((status) => status === 0).length, 1);
      // Half of one ether, and half of a half of it; nothing of the two that reverted.
      assert.deepEqual(paid, [ONE / 2n, ONE / 4n]);
      assert.deepEqual(
        inside.filter(({ to }) => to === null).map(({ amount }) => amount),
        [ONE],
      );
      assert.equal(transfers.filter(({ asset }) => asset !== NATIVE).length, 1);
      const fees = transfers.filter(({ kind }) => kind === (FORKS.indexOf(hardfork) < 2 ? 'gas' : 'burn'));
      assert.equal(fees.length, bundle.block.transactions.length);
    });

    test('both forms of traces give the same rows, in order, no two with one key', () => {
      const [parity, geth] = (['parity', 'geth'] as const).map((form) =>
        decodeBlock(bundleOf(at.answers, at.number, form), CHAIN),
      ) as [AccountBlock, AccountBlock];
      assert.deepEqual(parity.transfers, geth.transfers);
      const order = parity.transfers.map(({ txIndex, leg }) => txIndex * 2 ** 31 + leg);
      assert.deepEqual(
        order,
        [...new Set(order)].sort((a, b) => a - b),
      );
    });

    test('signatures are the senders’', () => {
      const bundle = bundleOf(at.answers, at.number, null);
      decodeBlock(bundle, CHAIN).confirm(new Set(bundle.block.transactions.map((tx) => tx.hash)));
    });

    test('without traces balances tell the same, and it is said', async () => {
      const bundle = bundleOf(at.answers, at.number, null);
      verifyBlock(bundle, CHAIN);
      const decoded = decodeBlock(bundle, CHAIN);
      assert.equal(decoded.internalMoves, 'unseen');
      const places = everybody(bundle, decoded);
      const had = await balancesOf(at.anvil, places, at.number - 1n);
      const has = await balancesOf(at.anvil, places, at.number);
      const settled = settleBlock(decoded, places, had, has);
      assert.ok(settled.added.length > 0);
      assert.ok(settled.gaps.length > 0);
      for (const [i, { address }] of places.entries()) {
        const sum = settled.transfers
          .filter((row) => row.asset === NATIVE)
          .reduce(
            (s, row) => s + (row.to === address ? row.amount : 0n) - (row.from === address ? row.amount : 0n),
            0n,
          );
        assert.equal(sum, has[i]! - had[i]!, address);
      }
    });
  });
}
