import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import * as Hex from 'ox/Hex';
import { type Anvil, startAnvil, wallet } from './_anvil.ts';
import { Desk, labelService, traceJson } from './_command.ts';
import { ETHER, type SmallScript, scriptSmallTheft } from './_theft-script.ts';
import { assertTruth } from './_truth.ts';

const CHAIN = 'eip155:31337';
// The node itself takes time that grows with the square for the receipts of a block: 4 s for 2,000, 105 s for 10,000.
const SIZE = 2_000;

suite('a block of two thousand transactions', () => {
  let anvil: Anvil;
  let script: SmallScript;
  before(async () => {
    anvil = await startAnvil({ args: ['--gas-limit', '400000000', '--no-request-size-limit'] });
    script = await scriptSmallTheft(anvil, { ether: 30n * ETHER });
  });
  after(() => anvil.stop());

  test('is read whole, and the one payment in it that matters is found', async () => {
    const { stage, thiefWallet } = script;
    await anvil.rpc('evm_setAutomine', [false]);
    const payment = { from: thiefWallet, to: wallet('one of many').address, value: 9n * ETHER };
    const raws = [...crowd(anvil, SIZE / 2), await anvil.sign(payment), ...crowd(anvil, SIZE / 2 - 1, SIZE / 2)];
    const hashes = await anvil.sendRaw(raws);
    await anvil.mine();
    await anvil.rpc('evm_setAutomine', [true]);
    const paid = await stage.note(
      { send: payment, moves: [stage.ether(thiefWallet, payment.to, payment.value)] },
      hashes[SIZE / 2]!,
    );
    assert.equal(
      (await anvil.rpc('eth_getBlockByNumber', [Hex.fromNumber(paid.block), false])).transactions.length,
      SIZE,
    );
    const work = new Desk();
    try {
      await labelService(work, CHAIN, script.service);
      assertTruth(await traceJson(work, script.drain.hash, '--chain', CHAIN, '--source', anvil.url), script);
    } finally {
      work.remove();
    }
  });
});

/** Small payments between innocents, signed: each of accounts 4–9 in turn. */
function crowd(anvil: Anvil, count: number, begun = 0): string[] {
  const senders = [4, 5, 6, 7, 8, 9];
  return Array.from({ length: count }, (_, position) => {
    const number = begun + position;
    const from = senders[number % senders.length]!;
    const nonce = BigInt(Math.floor(number / senders.length));
    const to = anvil.accounts[senders[(number + 1) % senders.length]!]!.address;
    return anvil.signWith({ from, to, value: 1n + BigInt(number), gas: 21_000n, nonce });
  });
}
