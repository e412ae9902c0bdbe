import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { scriptToAddress } from '../../src/model/address.ts';
import { requireChain } from '../../src/model/chain.ts';
import { openBitcoinSource } from '../../src/source/bitcoin/open.ts';
import type { RawUtxoTransaction, UtxoSource } from '../../src/source/chain-source.ts';
import { makeEndpoint } from '../../src/source/endpoint.ts';
import { type Litecoind, noLitecoind, startLitecoind } from './_litecoind.ts';
import { type NodeProxy, startProxy } from './_proxy.ts';

const CHAIN = requireChain('litecoin-regtest');

/** Block 103 pays, block 104 spends that payment. */
interface Stage {
  node: Litecoind;
  proxy: NodeProxy;
  payment: string;
  spend: string;
}

const stage = {} as Stage;

function fresh(kind: 'bitcoin-rpc' | 'bitcoin-rest' = 'bitcoin-rpc'): Promise<UtxoSource> {
  const host = `127.0.0.1:${stage.proxy.port}`;
  const url = kind === 'bitcoin-rest' ? `http://${host}` : stage.node.url.replace(/@.*$/, `@${host}`);
  return openBitcoinSource(makeEndpoint(CHAIN, kind, url, {}));
}

function withoutIndex(error: { code?: string; remedy?: string }): boolean {
  assert.equal(error.code, 'E_SOURCE_PRUNED', String(error));
  assert.match(error.remedy ?? '', /-txindex=1/);
  assert.match(error.remedy ?? '', /Esplora/);
  return true;
}

/** As Bitcoin Core from 23 on answers: the height of every output that is spent. */
async function teachHeights(): Promise<void> {
  const heights = new Map<string, number>();
  for (let height = 0; height <= 104; height++) {
    const hash = await stage.node.rpc('getblockhash', height);
    const { tx } = await stage.node.rpc<{ tx: string[] }>('getblock', hash, 1);
    for (const id of tx) heights.set(id, height);
  }
  stage.proxy.tamper = ({ method, params }, result) => {
    if (method !== 'getblock' || params[1] !== 3) return result;
    const block = structuredClone(result) as { tx: { vin: { txid?: string; prevout?: object }[] }[] };
    for (const input of block.tx.flatMap(({ vin }) => vin)) {
      if (input.txid !== undefined) input.prevout = { height: heights.get(input.txid) };
    }
    return block;
  };
}

suite('litecoind without an index of transactions', { skip: noLitecoind }, () => {
  before(async () => {
    const node = await startLitecoind({ txindex: false });
    Object.assign(stage, { node, proxy: await startProxy(node.restUrl) });
    await node.mine(2);
    const others = scriptToAddress(CHAIN, `0014${'00'.repeat(20)}`);
    await node.mine(100, others);
    // All that the wallet has comes to one address, whose coin the next payment must spend.
    const address = await node.rpc('getnewaddress');
    stage.payment = await node.rpc('sendtoaddress', address, await node.rpc('getbalance'), '', '', true);
    await node.mine(1, others);
    stage.spend = await node.rpc('sendtoaddress', address, 1);
    await node.mine(1, others);
  });

  after(async () => {
    await stage.proxy?.stop();
    await stage.node?.stop();
  });

  test('where a transaction is cannot be told, unless it still has an output unspent', async () => {
    const { payment, spend } = stage;
    for (const kind of ['bitcoin-rpc', 'bitcoin-rest'] as const) {
      const source = await fresh(kind);
      await assert.rejects(source.blockOf(payment), withoutIndex);
      await assert.rejects(source.blockOf('ab'.repeat(32)), withoutIndex);
      await assert.rejects(source.transaction(payment), withoutIndex);
      if (kind === 'bitcoin-rpc') assert.equal(await source.blockOf(spend), 104n);
      await source.close();
    }
  });

  test('inputs cannot be resolved by a block alone; they can once the blocks before were read', async () => {
    const { payment, spend } = stage;
    for (const kind of ['bitcoin-rpc', 'bitcoin-rest'] as const) {
      const source = await fresh(kind);
      const { transactions } = await source.block(104n);
      await assert.rejects(source.resolve(transactions), withoutIndex);
      const read: RawUtxoTransaction[] = [];
      for await (const block of source.blocks(0n, 104n)) read.push(...block.transactions);
      const resolved = await source.resolve(transactions);
      const spent = resolved.find(({ tx }) => tx === spend)!;
      assert.ok(spent.inputs.some(({ outpoint }) => outpoint?.tx === payment));
      for (const { outpoint, value, address } of spent.inputs) {
        const previous = read.find(({ tx }) => tx === outpoint!.tx);
        assert.deepEqual({ value, address }, previous?.outputs[outpoint!.index]);
      }
      assert.equal(await source.blockOf(payment), 103n);
      assert.equal((await source.transaction(spend)).ref.number, 104n);
      await source.close();
    }
  });

  test('a node that names the heights of what is spent needs no index', async () => {
    await teachHeights();
    const source = await fresh();
    const { transactions } = await source.block(104n);
    const resolved = await source.resolve(transactions);
    assert.ok(resolved.find(({ tx }) => tx === stage.spend)!.inputs.every(({ value }) => value > 0n));
    stage.proxy.reset();
    await source.close();
  });
});
