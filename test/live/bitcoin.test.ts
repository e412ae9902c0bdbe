import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { requireAddress } from '../../src/model/address.ts';
import { requireChain } from '../../src/model/chain.ts';
import { openBitcoinSource } from '../../src/source/bitcoin/open.ts';
import { scriptAddresses } from '../../src/source/bitcoin/script-address.ts';
import type { UtxoSource } from '../../src/source/chain-source.ts';
import { makeEndpoint, type SourceKind } from '../../src/source/endpoint.ts';
import { type Litecoind, noLitecoind, startLitecoind } from './_litecoind.ts';

const CHAIN = requireChain('litecoin-regtest');
const COIN = 100_000_000;

interface SaidBlock {
  readonly hash: string;
  readonly height: number;
  readonly time: number;
  readonly tx: readonly SaidTransaction[];
}

interface SaidTransaction {
  readonly txid: string;
  readonly vin: readonly { readonly txid?: string; readonly vout?: number }[];
  readonly vout: readonly {
    readonly value: number;
    readonly scriptPubKey: { readonly hex: string; readonly type: string; readonly addresses?: readonly string[] };
  }[];
}

/** One output of every kind that the node can pay to, in one transaction; gives its id. */
async function payEveryKind(node: Litecoind): Promise<string> {
  const kinds = ['legacy', 'p2sh-segwit', 'bech32'];
  const addresses: string[] = [];
  for (const kind of kinds) addresses.push(await node.rpc('getnewaddress', '', kind));
  const keys: string[] = [];
  for (let i = 0; i < 3; i++) {
    const info = await node.rpc<{ pubkey: string }>('getaddressinfo', await node.rpc('getnewaddress'));
    keys.push(info.pubkey);
  }
  for (const kind of kinds) {
    const { address } = await node.rpc<{ address: string }>('createmultisig', 2, keys, kind);
    addresses.push(address);
  }
  const taproot = Buffer.concat([Buffer.from('5120', 'hex'), Buffer.from(keys[0]!, 'hex').subarray(1)]);
  addresses.push(scriptAddresses(CHAIN)(taproot, 0, taproot.length));
  const outputs = [...addresses.map((address) => ({ [address]: 0.5 })), { data: 'c0ffee' }];
  const raw = await node.rpc('createrawtransaction', [], outputs);
  const { hex } = await node.rpc<{ hex: string }>('fundrawtransaction', raw);
  const signed = await node.rpc<{ hex: string }>('signrawtransactionwithwallet', hex);
  return node.rpc('sendrawtransaction', signed.hex, 0);
}

async function readAll(source: UtxoSource, from: bigint, to: bigint) {
  const blocks = [];
  for await (const block of source.blocks(from, to)) blocks.push(block);
  return blocks;
}

function litoshi(value: number): bigint {
  return BigInt(Math.round(value * COIN));
}

/** What the node's own decoding says of a block must be what ours says. */
function assertSame(block: Awaited<ReturnType<UtxoSource['block']>>, said: SaidBlock): void {
  assert.equal(block.ref.hash, said.hash);
  assert.equal(block.ref.time, said.time);
  assert.deepEqual(
    block.transactions.map(({ tx }) => tx),
    said.tx.map(({ txid }) => txid),
  );
  for (const [i, { vin, vout }] of said.tx.entries()) {
    const { inputs, outputs } = block.transactions[i]!;
    assert.deepEqual(
      inputs,
      vin.map(({ txid, vout: index }) => (txid === undefined ? null : { tx: txid, index })),
    );
    assert.deepEqual(
      outputs,
      vout.map(({ value, scriptPubKey: { hex, addresses } }) => ({
        value: litoshi(value),
        address: addresses?.length === 1 ? addresses[0] : `script:${hex}`,
      })),
    );
  }
}

interface Stage {
  node: Litecoind;
  /** A transaction with outputs of every kind. */
  kinds: string;
  readonly sources: UtxoSource[];
}

const stage = { sources: [] } as unknown as Stage;

function testBlocks(): void {
  test('every block is what the node says it is', async () => {
    const { node, sources } = stage;
    const said: SaidBlock[] = [];
    for (let height = 0; height <= 113; height++) {
      said.push(await node.rpc('getblock', await node.rpc('getblockhash', height), 2));
    }
    for (const source of sources) {
      const blocks = await readAll(source, 0n, 113n);
      assert.equal(blocks.length, 114);
      for (const [height, block] of blocks.entries()) assertSame(block, said[height]!);
      assert.deepEqual(
        blocks.flatMap(({ unchecked }) => unchecked),
        [],
      );
    }
  });

  test('every address that the node makes is one that the model takes', async () => {
    const { sources, kinds } = stage;
    const { transaction } = await sources[0]!.transaction(kinds);
    const found = transaction.outputs.map(({ address }) => address).filter((address) => !address.startsWith('script:'));
    assert.ok(found.length >= 7);
    for (const address of found) assert.equal(requireAddress(CHAIN, address, 'address'), address);
    assert.equal(transaction.outputs.filter(({ address }) => address === 'script:6a03c0ffee').length, 1);
    assert.ok(found.some((address) => address.startsWith('rltc1p')));
    assert.ok(found.some((address) => address.startsWith('Q')));
    assert.ok(found.some((address) => /^[mn]/.test(address)));
  });
}

function testPlaces(): void {
  test('heads, references and places', async () => {
    const { node, sources, kinds } = stage;
    for (const source of sources) {
      const head = await source.head();
      assert.equal(head.number, 113n);
      assert.equal(head.hash, await node.rpc('getbestblockhash'));
      const ref = await source.blockRef(111n);
      assert.equal(ref.hash, (await source.block(111n)).ref.hash);
      assert.equal((await source.blockRef(112n)).parent, ref.hash);
      assert.equal(await source.blockOf(kinds), 111n);
      assert.equal(await source.blockOf(kinds.toUpperCase()), 111n);
      await assert.rejects(source.blockRef(114n), { code: 'E_SOURCE_BEHIND' });
      await assert.rejects(source.block(99_999_999n), { code: 'E_SOURCE_BEHIND' });
      assert.equal(await source.spenders([`${kinds}:0`], head), null);
      assert.equal(await source.received('rltc1q', 5), null);
    }
  });

  test('inputs get the values that the node’s own transactions have', async () => {
    const { node, sources } = stage;
    for (const source of sources) {
      const blocks = await readAll(source, 111n, 112n);
      const resolved = await source.resolve(blocks.flatMap(({ transactions }) => transactions));
      const spending = resolved.filter(({ inputs }) => inputs.every(({ outpoint }) => outpoint !== null));
      assert.equal(spending.length, 2);
      for (const { inputs, outputs, tx } of spending) {
        for (const { outpoint, value, address } of inputs) {
          const said = await node.rpc<SaidTransaction>('getrawtransaction', outpoint!.tx, true);
          const output = said.vout[outpoint!.index]!;
          assert.equal(value, litoshi(output.value));
          assert.equal(address, output.scriptPubKey.addresses?.[0]);
        }
        const fee =
          inputs.reduce((sum, { value }) => sum + value, 0n) - outputs.reduce((sum, { value }) => sum + value, 0n);
        const { fee: said } = await node.rpc<{ fee: number }>('gettransaction', tx);
        assert.equal(fee, litoshi(-said));
      }
    }
  });
}

function testTransactions(): void {
  test('one transaction with its block; a coinbase; the first coinbase of all; one that is none; one that waits', async () => {
    const { node, sources, kinds } = stage;
    const genesis = await node.rpc<SaidBlock>('getblock', await node.rpc('getblockhash', 0), 2);
    const later = await node.rpc<SaidBlock>('getblock', await node.rpc('getblockhash', 50), 2);
    const waiting = await node.rpc<string>('sendtoaddress', await node.rpc('getnewaddress'), 1);
    for (const source of sources) {
      const { transaction, ref } = await source.transaction(kinds);
      assert.equal(ref.number, 111n);
      assert.equal(transaction.txIndex, 1);
      assert.equal(transaction.block, 111n);
      for (const said of [genesis, later]) {
        const { transaction: coinbase } = await source.transaction(said.tx[0]!.txid);
        assert.equal(coinbase.block, BigInt(said.height));
        assert.deepEqual(coinbase.inputs, [{ outpoint: null, value: 0n, address: 'script:' }]);
      }
      for (const none of ['ab'.repeat(32), genesis.hash, 'abc', '0x', waiting]) {
        await assert.rejects(source.transaction(none), { code: 'E_NOT_FOUND' }, none);
        await assert.rejects(source.blockOf(none), { code: 'E_NOT_FOUND' });
      }
    }
    await node.mine(1);
    for (const source of sources) assert.equal(await source.blockOf(waiting), 114n);
  });

  test('another chain is refused, both named', async () => {
    const { node } = stage;
    for (const name of ['bitcoin-regtest', 'litecoin', 'bitcoin']) {
      const endpoint = makeEndpoint(requireChain(name), 'bitcoin-rpc', node.url, {});
      await assert.rejects(
        openBitcoinSource(endpoint),
        (error: { code?: string; message: string; context?: object }) => {
          assert.equal(error.code, 'E_SOURCE_CHAIN');
          assert.match(error.message, new RegExp(`litecoin-regtest, not ${name}`));
          assert.doesNotMatch(JSON.stringify(error.context), /regtest-only/);
          return true;
        },
      );
    }
  });

  test('a wrong password is said to be one, and never shown', async () => {
    const { node } = stage;
    const endpoint = makeEndpoint(CHAIN, 'bitcoin-rpc', node.url.replace('regtest-only', 'wrong-word'), {});
    await assert.rejects(openBitcoinSource(endpoint), (error: { code?: string }) => {
      assert.equal(error.code, 'E_SOURCE');
      assert.doesNotMatch(JSON.stringify(error), /wrong-word/);
      return true;
    });
  });
}

suite('litecoind, through JSON-RPC and REST', { skip: noLitecoind }, () => {
  before(async () => {
    stage.node = await startLitecoind();
    const { node } = stage;
    await node.mine(110);
    stage.kinds = await payEveryKind(node);
    await node.mine(1);
    await node.rpc('sendtoaddress', await node.rpc('getnewaddress', '', 'legacy'), 60);
    await node.mine(2);
    for (const [kind, url] of [
      ['bitcoin-rpc', node.url],
      ['bitcoin-rest', node.restUrl],
    ] satisfies [SourceKind, string][]) {
      stage.sources.push(await openBitcoinSource(makeEndpoint(CHAIN, kind, url, {})));
    }
  });

  after(async () => {
    for (const source of stage.sources) await source.close();
    await stage.node?.stop();
  });

  testBlocks();
  testPlaces();
  testTransactions();
});
