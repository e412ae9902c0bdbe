import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { requireChain } from '../../src/model/chain.ts';
import { openBitcoinSource } from '../../src/source/bitcoin/open.ts';
import type { UtxoSource } from '../../src/source/chain-source.ts';
import { makeEndpoint } from '../../src/source/endpoint.ts';
import { openSource } from '../../src/source/open.ts';
import { type EsploraServer, startEsplora } from './_bitcoin-esplora.ts';
import { type Litecoind, noLitecoind, startLitecoind } from './_litecoind.ts';

const CHAIN = requireChain('litecoin-regtest');

interface Stage {
  node: Litecoind;
  server: EsploraServer;
  source: UtxoSource;
  /** Through the node's own RPC: what Esplora must agree with. */
  core: UtxoSource;
  /** Paid 30 times, in blocks 104 to 108. */
  busy: string;
  payments: string[];
}

const stage = {} as Stage;

function open(): Promise<UtxoSource> {
  return openBitcoinSource(makeEndpoint(CHAIN, 'esplora', stage.server.url, {}));
}

/** Every JSON answer to a path that fits is changed by `change`. */
function jsonAt(path: RegExp, change: (value: never) => unknown): EsploraServer['tamper'] {
  return (asked, answer) =>
    path.test(asked) && answer.status === 200
      ? { status: 200, body: JSON.stringify(change(JSON.parse(String(answer.body)) as never)) }
      : answer;
}

function bodyAt(path: RegExp, change: (body: Buffer) => Buffer): EsploraServer['tamper'] {
  return (asked, answer) =>
    path.test(asked) && answer.status === 200 ? { status: 200, body: change(Buffer.from(answer.body)) } : answer;
}

async function refusedAs(field: string, ask: (source: UtxoSource) => Promise<unknown>, name: string): Promise<void> {
  const source = await open();
  await assert.rejects(
    ask(source),
    (error: { code?: string; context?: Record<string, unknown> }) => {
      assert.equal(error.code, 'E_SOURCE_LIES', String(error));
      assert.equal(error.context?.field, field, String(error));
      return true;
    },
    name,
  );
  await source.close();
}

function testAnswers(): void {
  test('blocks, heads and transactions are those of the node', async () => {
    const { source, core, payments } = stage;
    assert.deepEqual(await source.head(), await core.head());
    for (const height of [0n, 1n, 103n, 106n]) {
      assert.deepEqual(await source.block(height), await core.block(height));
      assert.deepEqual(await source.blockRef(height), await core.blockRef(height));
    }
    for (const tx of payments) {
      assert.deepEqual(await source.transaction(tx), await core.transaction(tx));
      assert.equal(await source.blockOf(tx), await core.blockOf(tx));
    }
    let expected = 100n;
    for await (const { ref } of source.blocks(100n, 108n)) assert.equal(ref.number, expected++);
    await assert.rejects(source.block(109n), { code: 'E_SOURCE_BEHIND' });
    for (const none of ['ab'.repeat(32), 'x', ''])
      await assert.rejects(source.transaction(none), { code: 'E_NOT_FOUND' });
  });

  test('transactions come by proof: no block is asked for', async () => {
    const source = await open();
    stage.server.requests.length = 0;
    await source.transaction(stage.payments[3]!);
    assert.deepEqual(
      stage.server.requests.filter((path) => path.endsWith('/raw')),
      [],
    );
    await source.close();
  });

  test('a server without proofs: the block proves it', async () => {
    const { server, core, payments } = stage;
    server.tamper = (path, answer) => (path.endsWith('/merkle-proof') ? { status: 404, body: '' } : answer);
    const source = await open();
    assert.deepEqual(await source.transaction(payments[3]!), await core.transaction(payments[3]!));
    server.tamper = null;
    await source.close();
  });

  test('who spends an output, and who pays an address', async () => {
    const { source, node, busy, payments } = stage;
    const spend = await source.transaction(payments.at(-1)!);
    const spent = spend.transaction.inputs.map(({ outpoint }) => `${outpoint!.tx}:${outpoint!.index}`);
    const own = spend.transaction.outputs.findIndex(({ address }) => address === busy);
    const asked = [...spent, `${payments.at(-1)}:${own}`];
    const head = await source.head();
    assert.deepEqual(await source.spenders(asked, head), [...spent.map(() => payments.at(-1)), null]);
    await assert.rejects(source.spenders([`${payments.at(-1)}:99`], head), { code: 'E_NOT_FOUND' });
    await assert.rejects(source.spenders(['abc'], head), { code: 'E_NOT_FOUND' });
    const received = await source.received(busy, 100);
    assert.deepEqual([...received!.txs].sort(), [...payments].sort());
    assert.equal(received!.truncated, false);
    const few = await source.received(busy, 28);
    assert.equal(few!.txs.length, 28);
    assert.equal(few!.truncated, true);
    // Spent, but not yet in a block: not spent.
    const coin = { txid: payments.at(-1), vout: own };
    const raw = await node.rpc('createrawtransaction', [coin], [{ [await node.rpc<string>('getnewaddress')]: 0.009 }]);
    const signed = await node.rpc<{ hex: string }>('signrawtransactionwithwallet', raw);
    const waiting = await node.rpc<string>('sendrawtransaction', signed.hex, 0);
    assert.deepEqual(await source.spenders([`${payments.at(-1)}:${own}`], head), [null]);
    await assert.rejects(source.blockOf(waiting), { code: 'E_NOT_FOUND' });
  });
}

function testLag(): void {
  test('"unspent" is not believed of an index that does not have the block up to which it is asked', async () => {
    const { node, source, server, payments } = stage;
    const late = await startLitecoind();
    const lateServer = await startEsplora(late);
    try {
      for (let height = 1; height <= 107; height++) {
        const raw = await node.rpc('getblock', await node.rpc('getblockhash', height), 0);
        assert.equal(await late.rpc('submitblock', raw), null);
      }
      const head = await source.head();
      const { transaction } = await source.transaction(payments.at(-1)!);
      const asked = transaction.inputs.slice(0, 1).map(({ outpoint }) => `${outpoint!.tx}:${outpoint!.index}`);
      const at = (url: string) => makeEndpoint(CHAIN, 'esplora', url, {});
      const lagging = await openBitcoinSource(at(lateServer.url));
      const both = (await openSource([at(lateServer.url), at(server.url)], {})) as UtxoSource;
      const spenders = asked.map(() => payments.at(-1)!);
      // Of the block that it has, it tells the truth.
      assert.deepEqual(
        await lagging.spenders(asked, await lagging.head()),
        asked.map(() => null),
      );
      await assert.rejects(lagging.spenders(asked, head), { code: 'E_SOURCE_BEHIND' });
      assert.deepEqual(await both.spenders(asked, head), spenders);
      // Another newest block, and then a branch that goes on from it.
      await late.mine(1);
      await assert.rejects(lagging.spenders(asked, head), { code: 'E_SOURCE_BEHIND' });
      assert.deepEqual(await both.spenders(asked, head), spenders);
      await late.mine(1);
      await assert.rejects(lagging.spenders(asked, head), { code: 'E_REORG' });
      await both.close();
      await lagging.close();
    } finally {
      await lateServer.stop();
      await late.stop();
    }
  });

  test('an endpoint that is none of the kind is told with a remedy that names --source KIND:URL', async () => {
    for (const kind of ['esplora', 'bitcoin-rest', 'bitcoin-rpc'] as const) {
      const nowhere = makeEndpoint(CHAIN, kind, stage.server.url.replace('/api', '/nowhere'), {});
      await assert.rejects(openBitcoinSource(nowhere), { code: 'E_SOURCE', remedy: /--source KIND:URL/ });
    }
    const unknown = { code: 'E_NOT_FOUND', remedy: /--chain.*not yet in a block/ };
    await assert.rejects(stage.source.transaction('ab'.repeat(32)), unknown);
    await assert.rejects(stage.core.transaction('ab'.repeat(32)), unknown);
  });
}

function testLies(): void {
  test('every changed answer is refused by its name', async () => {
    const { server, payments } = stage;
    const tx = payments[3]!;
    const other = 'ab'.repeat(32);
    const proof = (change: (proof: { merkle: string[]; pos: number }) => object) =>
      jsonAt(/merkle-proof$/, change as never);
    const cases: [string, EsploraServer['tamper'], (source: UtxoSource) => Promise<unknown>][] = [
      ['merkleProof', proof((said) => ({ ...said, pos: said.pos ^ 1 })), (s) => s.transaction(tx)],
      [
        'merkleProof',
        proof((said) => ({ ...said, pos: said.pos + 2 ** said.merkle.length })),
        (s) => s.transaction(tx),
      ],
      ['merkleProof', proof((said) => ({ ...said, merkle: said.merkle.slice(1) })), (s) => s.transaction(tx)],
      ['merkleProof', proof((said) => ({ ...said, merkle: [...said.merkle, other] })), (s) => s.transaction(tx)],
      [
        'merkleProof',
        proof((said) => ({ ...said, merkle: [other, ...said.merkle.slice(1)] })),
        (s) => s.transaction(tx),
      ],
      ['txid', bodyAt(/hex$/, (body) => Buffer.from(`${String(body).slice(0, -1)}1`)), (s) => s.transaction(tx)],
      ['txid', bodyAt(/hex$/, (body) => body.subarray(0, -2)), (s) => s.transaction(tx)],
      [
        'hash',
        jsonAt(/^block\/[0-9a-f]{64}$/, (said: object) => ({ ...said, timestamp: 1_700_000_000 })),
        (s) => s.transaction(tx),
      ],
      ['hash', jsonAt(/^block\/[0-9a-f]{64}$/, (said: object) => ({ ...said, nonce: 5_000_000 })), (s) => s.head()],
      ['hash', jsonAt(/^block\/[0-9a-f]{64}$/, (said: object) => ({ ...said, bits: 0x1d00ffff })), (s) => s.head()],
      [
        'hash',
        jsonAt(/^block\/[0-9a-f]{64}$/, (said: object) => ({ ...said, merkle_root: other })),
        (s) => s.blockRef(105n),
      ],
      [
        'hash',
        jsonAt(/^block\/[0-9a-f]{64}$/, (said: object) => ({ ...said, previousblockhash: other })),
        (s) => s.blockRef(105n),
      ],
      ['height', jsonAt(/^block\/[0-9a-f]{64}$/, (said: object) => ({ ...said, height: 7 })), (s) => s.blockRef(105n)],
      [
        'merkleRoot',
        bodyAt(/raw$/, (body) => Buffer.concat([body.subarray(0, -1), Buffer.from([1])])),
        (s) => s.block(105n),
      ],
      ['transactions', bodyAt(/raw$/, (body) => body.subarray(0, body.length / 2)), (s) => s.block(105n)],
    ];
    for (const [i, [field, tamper, ask]] of cases.entries()) {
      server.tamper = tamper;
      await refusedAs(field, ask, `${i} ${field}`);
    }
    server.tamper = null;
  });
}

function testTrouble(): void {
  test('429, half an answer, and what is none', async () => {
    const { server, source } = stage;
    let left = 1;
    server.tamper = (_, answer) => (left-- > 0 ? { status: 429, body: 'slow down' } : answer);
    assert.equal((await source.head()).number, 108n);
    left = 1;
    server.tamper = (path, answer) =>
      path.startsWith('block/') && left-- > 0 ? { status: 200, body: String(answer.body).slice(0, 30) } : answer;
    assert.equal((await source.head()).number, 108n);
    for (const body of ['', 'zz', '<html>', '{}']) {
      server.tamper = (path, answer) => (path === 'blocks/tip/hash' ? { status: 200, body } : answer);
      await assert.rejects(source.head(), { code: 'E_SOURCE_ANSWER' });
    }
    server.tamper = jsonAt(/merkle-proof$/, () => ({ merkle: 5 }));
    await assert.rejects(source.transaction(stage.payments[2]!), { code: 'E_SOURCE_ANSWER' });
    server.tamper = (path, answer) => (path.endsWith('/raw') ? { status: 404, body: '' } : answer);
    const fresh = await open();
    await assert.rejects(fresh.block(104n), { code: 'E_SOURCE_BEHIND' });
    await fresh.close();
    server.tamper = null;
  });

  test('a reorganisation: the transaction is no longer in the chain', async () => {
    const { node, source, payments } = stage;
    const last = payments.at(-1)!;
    assert.equal(await source.blockOf(last), 108n);
    const before = await source.head();
    await node.rpc('invalidateblock', before.hash);
    assert.equal((await source.head()).number, 107n);
    await assert.rejects(source.blockOf(last), { code: 'E_NOT_FOUND' });
    await node.mine(2);
    assert.equal((await source.head()).number, 109n);
    assert.equal(await source.blockOf(last), 108n);
    assert.notEqual((await source.transaction(last)).ref.hash, before.hash);
  });
}

suite('an Esplora server', { skip: noLitecoind }, () => {
  before(async () => {
    stage.node = await startLitecoind();
    const { node } = stage;
    await node.mine(103);
    stage.busy = await node.rpc('getnewaddress');
    stage.payments = [];
    for (let block = 0; block < 5; block++) {
      for (let i = 0; i < 6; i++) stage.payments.push(await node.rpc('sendtoaddress', stage.busy, 0.01));
      await node.mine(1);
    }
    stage.server = await startEsplora(node);
    stage.source = await open();
    stage.core = await openBitcoinSource(makeEndpoint(CHAIN, 'bitcoin-rpc', node.url, {}));
  });

  after(async () => {
    await stage.source?.close();
    await stage.core?.close();
    await stage.server?.stop();
    await stage.node?.stop();
  });

  testAnswers();
  testLag();
  testLies();
  testTrouble();
});
