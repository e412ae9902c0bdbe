import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Workplace } from '../e2e/_cli.ts';
import { type Anvil, startAnvil, wallet } from './_anvil.ts';
import { Desk, findings, labelService, Running, traceJson } from './_command.ts';
import { type Litecoind, noLitecoind, startLitecoind } from './_litecoind.ts';
import { type NodeProxy, startProxy } from './_proxy.ts';
import { ETHER, type ScriptedTheft, scriptTheft } from './_theft-script.ts';
import { assertTruth } from './_truth.ts';
import { assertUtxoTruth, scriptUtxoTheft, CHAIN as UTXO_CHAIN, type UtxoScript } from './_utxo-script.ts';

const CHAIN = 'eip155:31337';

interface Line {
  readonly event: string;
  readonly block?: { readonly number: string; readonly hash: string };
  readonly transfers?: readonly { readonly tx: string; readonly to: string | null; readonly amount: string }[];
  readonly transactions?: readonly { readonly tx: string }[];
  readonly depth?: string;
}

function linesOf(running: Running, event: string): Line[] {
  return (running.lines() as unknown as Line[]).filter((line) => line.event === event);
}

/** The block in which a transaction was said to move traced money. */
function toldAt(running: Running, tx: string): string | undefined {
  const told = [...linesOf(running, 'moved'), ...linesOf(running, 'spent')];
  const own = told.find((line) =>
    [...(line.transfers ?? []), ...(line.transactions ?? [])].some((row) => row.tx === tx),
  );
  return own?.block?.number;
}

const work = new Workplace();
let anvil: Anvil;
let proxy: NodeProxy;
let script: ScriptedTheft;
let running: Running;
let words: string[];
let id: string;

suite('a case is followed at the head of an EVM chain', () => {
  before(async () => {
    anvil = await startAnvil();
    script = await scriptTheft(anvil);
    await labelService(work, CHAIN, script.service);
    proxy = await startProxy(anvil.url);
    words = ['--source', proxy.url];
    id = (await traceJson(work, script.drain.hash, '--chain', CHAIN, ...words)).case;
  });
  after(async () => {
    running?.end();
    await running?.done;
    await proxy.stop();
    await anvil.stop();
    work.remove();
  });

  test('--once catches up: what moved since the trace is told, and the case is computed anew', async () => {
    const { stage, wallets, service } = script;
    const moved = await stage.pay(wallets[6]!, service, ETHER);
    const { code, out, err } = await work.run('follow', id, ...words, '--once', '--json');
    assert.equal(code, 0, err);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    assert.ok(lines.some((line) => line.event === 'retraced'));
    const found = await traceJson(work, script.drain.hash, '--chain', CHAIN, ...words);
    assertTruth(found, script);
    assert.ok(JSON.stringify(found.methods.poison).length > 0 && moved.block > 0n);
  });

  test('within the block: traced money that moves is told by its transaction, other people’s is not', async () => {
    const { stage, wallets } = script;
    running = new Running(work, ['follow', id, ...words, '--json']);
    await running.until('it follows', () => linesOf(running, 'following').length > 0);
    const fresh = wallet('a new hiding place').address;
    const moved = await stage.pay(wallets[3]!, fresh, 2n * ETHER);
    const innocent = await stage.pay(3, stage.addressOf(2), ETHER);
    const onward = await stage.pay(wallet('a new hiding place'), script.service, ETHER);
    await running.until('the last movement is told', () => toldAt(running, onward.hash) !== undefined);
    assert.equal(toldAt(running, moved.hash), moved.block.toString());
    assert.equal(toldAt(running, onward.hash), onward.block.toString());
    assert.equal(toldAt(running, innocent.hash), undefined);
    const blocks = linesOf(running, 'block').map((line) => BigInt(line.block!.number));
    assert.deepEqual(
      blocks,
      [...blocks].sort((a, b) => (a < b ? -1 : 1)),
      'no block is passed over',
    );
  });

  test('a reorganisation is undone, and the new branch is told', async () => {
    const { stage, wallets } = script;
    const open = proxy.hold();
    stage.forgetAbove((await anvil.blockNumber()) - 3n);
    await anvil.rpc('anvil_reorg', [3, []]);
    const moved = await stage.pay(wallets[3]!, wallet('elsewhere').address, 3n * ETHER);
    await stage.pay(2, stage.addressOf(3), ETHER);
    open();
    await running.until('the reorganisation is told', () => linesOf(running, 'reorganised').length > 0);
    const last = await stage.pay(wallet('elsewhere'), script.service, ETHER);
    await running.until('the new branch is told', () => toldAt(running, last.hash) !== undefined);
    assert.equal(toldAt(running, moved.hash), moved.block.toString(), 'what moved in the blocks that were read anew');
  });

  test('Ctrl-C ends it; the case says what a trace from scratch says', async () => {
    running.interrupt();
    const { err } = await running.done;
    assert.doesNotMatch(err, /^E_(?!INTERRUPTED)/m);
    const followed = await traceJson(work, script.drain.hash, '--chain', CHAIN, ...words);
    assertTruth(followed, script);
    const other = new Desk();
    try {
      await labelService(other, CHAIN, script.service);
      const scratch = await traceJson(other, script.drain.hash, '--chain', CHAIN, ...words);
      assert.deepEqual(findings(followed), findings(scratch));
    } finally {
      other.remove();
    }
  });
});

suite('a case is followed at the head of a UTXO chain', { skip: noLitecoind }, () => {
  const place = new Workplace();
  let node: Litecoind;
  let between: NodeProxy;
  let theft: UtxoScript;
  let live: Running | undefined;
  before(async () => {
    node = await startLitecoind();
    between = await startProxy(node.url);
    theft = await scriptUtxoTheft(node);
    await labelService(place, UTXO_CHAIN, theft.service);
  });
  after(async () => {
    live?.end();
    await live?.done;
    await between?.stop();
    await node?.kill();
    await node?.stop();
    place.remove();
  });

  test('within the block: a coin that was held is spent; after a reorganisation it is spent otherwise', async () => {
    const { stage, rest, service } = theft;
    const source = node.url.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${between.port}`);
    const found = await traceJson(place, theft.theft, '--chain', UTXO_CHAIN, '--source', source);
    const follower = new Running(place, ['follow', found.case, '--source', source, '--json']);
    live = follower;
    await follower.until('it follows', () => linesOf(follower, 'following').length > 0);
    const coin = rest[1]!;
    const [first] = await stage.spendInBlock([coin], [{ address: service, value: coin.value - 1_000n }]);
    await follower.until('the coin is told', () => toldAt(follower, first!.tx) !== undefined);
    const open = between.hold();
    await stage.reorganise(1);
    const [second] = await stage.spendInBlock([coin], [{ address: await stage.address(), value: coin.value - 2_000n }]);
    open();
    await follower.until('the other way is told', () => toldAt(follower, second!.tx) !== undefined);
    follower.interrupt();
    await follower.done;
    assertUtxoTruth(await traceJson(place, theft.theft, '--chain', UTXO_CHAIN, '--source', source), theft);
  });
});
