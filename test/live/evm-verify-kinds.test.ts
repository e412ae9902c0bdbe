import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { suite, test } from 'node:test';
import * as Secp256k1 from 'ox/Secp256k1';
import * as TxEnvelopeEip4844 from 'ox/TxEnvelopeEip4844';
import { decodeBlock } from '../../src/source/evm/decode.ts';
import { transactionHash } from '../../src/source/evm/transaction.ts';
import { verifyBlock } from '../../src/source/evm/verify.ts';
import { settleBlock } from '../../src/source/settle.ts';
import { type Anvil, startAnvil, wallet } from './_anvil.ts';
import { answersOf, balancesOf, bundleOf } from './_evm-bundle.ts';
import { CHAIN, everybody } from './_evm-scene.ts';

async function onAnvil(args: readonly string[], run: (anvil: Anvil) => Promise<void>): Promise<void> {
  const anvil = await startAnvil({ args });
  try {
    await run(anvil);
  } finally {
    await anvil.stop();
  }
}

async function newest(anvil: Anvil) {
  const number = await anvil.blockNumber();
  const bundle = bundleOf(await answersOf(anvil, number), number, 'parity');
  return { number, bundle, block: decodeBlock(bundle, CHAIN) };
}

/** Commitment and proofs of a blob of zeros are all the point at infinity (EIP-4844); a proof a cell since EIP-7594. */
const INFINITY = `0xc0${'00'.repeat(47)}` as const;
const CELLS = 128;

function blobTransaction(anvil: Anvil): string {
  const digest = createHash('sha256')
    .update(Buffer.from(INFINITY.slice(2), 'hex'))
    .digest('hex');
  const envelope = TxEnvelopeEip4844.from({
    chainId: anvil.chainId,
    nonce: 0n,
    to: anvil.accounts[1]!.address,
    value: 5n,
    gas: 21_000n,
    maxFeePerGas: 100n * 10n ** 9n,
    maxPriorityFeePerGas: 10n ** 9n,
    maxFeePerBlobGas: 10n ** 9n,
    blobVersionedHashes: [`0x01${digest.slice(2)}`],
    sidecars: {
      blobs: [`0x${'00'.repeat(131_072)}`],
      commitments: [INFINITY],
      cellProofs: Array.from({ length: CELLS }, () => INFINITY),
    },
  });
  const { privateKey } = anvil.accounts[0]!;
  const signature = Secp256k1.sign({ payload: TxEnvelopeEip4844.getSignPayload(envelope), privateKey });
  return TxEnvelopeEip4844.serialize(envelope, { signature });
}

suite('evm: transactions that are rare on a real node', () => {
  test('a blob: hash, signature and price fit, and its gas is burnt to the wei', () =>
    onAnvil(['--hardfork', 'osaka'], async (anvil) => {
      const [hash] = await anvil.sendRaw([blobTransaction(anvil)]);
      await anvil.receipt(hash!);
      const { number, bundle, block } = await newest(anvil);
      const [tx] = bundle.block.transactions;
      assert.equal(tx!.type, 3);
      assert.equal(transactionHash(tx!), hash);
      block.confirm(new Set([hash!]));
      // anvil puts the blobs themselves under the root; a chain puts the transaction without them (EIP-4844).
      assert.throws(() => verifyBlock(bundle, CHAIN), {
        code: 'E_SOURCE_LIES',
        context: { block: '1', field: 'transactionsRoot' },
      });
      const places = everybody(bundle, block);
      const had = await balancesOf(anvil, places, number - 1n);
      const has = await balancesOf(anvil, places, number);
      assert.deepEqual(settleBlock(block, places, had, has).added, []);
    }));

  test('a sender that a test node impersonates signed nothing: the node makes up a hash, and is refused', () =>
    onAnvil([], async (anvil) => {
      const someone = wallet('impersonated').address;
      await anvil.rpc('anvil_setBalance', [someone, '0xde0b6b3a7640000']);
      await anvil.rpc('anvil_impersonateAccount', [someone]);
      const ask = { from: someone, to: anvil.accounts[1]!.address, value: '0x1' };
      const tx = await anvil.rpc('eth_sendTransaction', [ask]);
      await anvil.receipt(tx);
      const { bundle } = await newest(anvil);
      assert.throws(() => verifyBlock(bundle, CHAIN), {
        code: 'E_SOURCE_LIES',
        context: { block: '1', field: 'hash', tx },
      });
    }));
});
