import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type Anvil, startAnvil } from './_anvil.ts';
import { type EsploraServer, startEsplora } from './_bitcoin-esplora.ts';
import { Desk, findings, labelService, traceJson } from './_command.ts';
import { ExplorerServer } from './_explorer.ts';
import { type Litecoind, noLitecoind, startLitecoind } from './_litecoind.ts';
import { type NodeProxy, startProxy } from './_proxy.ts';
import { type ScriptedTheft, scriptTheft } from './_theft-script.ts';
import { assertTruth } from './_truth.ts';
import { assertUtxoTruth, CHAIN as LITECOIN, scriptUtxoTheft, type UtxoScript } from './_utxo-script.ts';

const CHAIN = 'eip155:31337';

suite('a theft followed by lists of an explorer', () => {
  let anvil: Anvil;
  let proxy: NodeProxy;
  let script: ScriptedTheft;
  let explorer: ExplorerServer;
  before(async () => {
    anvil = await startAnvil();
    script = await scriptTheft(anvil);
    await anvil.mine(300);
    proxy = await startProxy(anvil.url);
    explorer = new ExplorerServer(anvil);
    await explorer.start();
  });
  after(async () => {
    await explorer.stop();
    await proxy.stop();
    await anvil.stop();
  });

  test('reads the blocks it names and no other, and every unit is where the script put it', async () => {
    const work = new Desk();
    await labelService(work, CHAIN, script.service);
    const words = ['--chain', CHAIN, '--source', proxy.url, '--source', `blockscout:${explorer.url}`];
    const result = await traceJson(work, script.drain.hash, ...words);
    assertTruth(result, script);
    const blocks = proxy.count(/^(eth_getBlockReceipts|eth_getTransactionReceipt)$/);
    assert.ok(blocks < 150, `${blocks} blocks with receipts were read of more than 300`);
    assert.match(result.context.warnings.join('\n'), /blockscout 127\.0\.0\.1/);

    await anvil.mine(40);
    await explorer.takeIn();
    const again = await traceJson(work, script.drain.hash, ...words);
    assert.deepEqual(findings(again), findings(result));
    work.remove();
  });

  test('without a limit of counterparties the same is found', async () => {
    const work = new Desk();
    await labelService(work, CHAIN, script.service);
    const words = ['--chain', CHAIN, '--source', proxy.url, '--source', `etherscan:${explorer.url}/api?apikey=k`];
    assertTruth(await traceJson(work, script.drain.hash, '--max-counterparties', 'none', ...words), script);
    work.remove();
  });
});

suite('a theft followed by an index of spends (Esplora)', { skip: noLitecoind }, () => {
  let node: Litecoind;
  let script: UtxoScript;
  let server: EsploraServer;
  before(async () => {
    node = await startLitecoind();
    script = await scriptUtxoTheft(node);
    server = await startEsplora(node);
  });
  after(async () => {
    await server.stop();
    await node.stop();
  });

  test('reads no block whole, and every litoshi is where the script put it', async () => {
    const work = new Desk();
    await labelService(work, LITECOIN, script.service);
    const words = ['--chain', LITECOIN, '--source', `esplora:${server.url}`];
    const result = await traceJson(work, script.theft, ...words);
    assertUtxoTruth(result, script);
    assert.ok(server.requests.some((path) => path.endsWith('/outspends')));
    const readBefore = server.requests.filter((path) => /^tx\/.*\/hex$/.test(path)).length;
    assert.deepEqual(findings(await traceJson(work, script.theft, ...words)), findings(result));
    const read = server.requests.filter((path) => /^tx\/.*\/hex$/.test(path)).length - readBefore;
    assert.ok(read <= 10, `the second run reads ${read} transactions`);
    work.remove();
  });
});
