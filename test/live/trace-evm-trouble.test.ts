import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Workplace } from '../e2e/_cli.ts';
import { type Anvil, startAnvil, wallet } from './_anvil.ts';
import { Desk, findings, labelService, Running, traceJson } from './_command.ts';
import { Fault, NO_SUCH_METHOD, type NodeProxy, startProxy } from './_proxy.ts';
import { ETHER, type ScriptedTheft, scriptSmallTheft, scriptTheft } from './_theft-script.ts';
import { assertTruth, theftsOf, unseen } from './_truth.ts';

const CHAIN = 'eip155:31337';
const MISSING = new Fault(-32000, 'missing trie node 7c1f (path ) state is not available');

interface Scene {
  readonly anvil: Anvil;
  readonly proxy: NodeProxy;
  readonly script: ScriptedTheft;
}

async function play(): Promise<Scene> {
  const anvil = await startAnvil();
  const proxy = await startProxy(anvil.url);
  return { anvil, proxy, script: await scriptTheft(anvil) };
}

async function leave({ anvil, proxy }: Scene): Promise<void> {
  await proxy.stop();
  await anvil.stop();
}

/** A place of work of its own, with the service's label. */
async function inNewPlace<Result>(script: ScriptedTheft, work: (place: Workplace) => Promise<Result>): Promise<Result> {
  const place = new Desk();
  try {
    await labelService(place, CHAIN, script.service);
    return await work(place);
  } finally {
    place.remove();
  }
}

suite('a living EVM chain is reorganised in the middle of a case', () => {
  let scene: Scene;
  before(async () => {
    scene = await play();
  });
  after(() => leave(scene));

  test('blocks that were read and are gone leave no trace: the result is that of a new store, and the truth', async () => {
    const { anvil, proxy, script } = scene;
    const { stage, wallets, service } = script;
    const words = [script.drain.hash, '--chain', CHAIN, '--source', proxy.url];
    await inNewPlace(script, async (work) => {
      assertTruth(await traceJson(work, ...words), script);
      stage.forgetAbove((await anvil.blockNumber()) - 5n);
      await anvil.rpc('anvil_reorg', [5, []]);
      // What went to the service on the branch that died goes elsewhere on this one.
      const gatherer = wallets.at(-1)!;
      await stage.pay(gatherer, stage.addressOf(4), 11n * ETHER);
      await stage.together([stage.payment(gatherer, service, 2n * ETHER), stage.payment(5, gatherer.address, ETHER)]);
      await stage.pay(6, stage.addressOf(5), ETHER);
      await stage.agreesWithNode();
      const after = await traceJson(work, ...words);
      assertTruth(after, script);
      const fresh = await inNewPlace(script, (other) => traceJson(other, ...words));
      assert.deepEqual(findings(after), findings(fresh));
    });
  });

  test('a reorganisation that takes the theft itself away is told', async () => {
    const { anvil, proxy, script } = scene;
    await inNewPlace(script, async (work) => {
      await traceJson(work, script.drain.hash, '--chain', CHAIN, '--source', proxy.url);
      const depth = Number((await anvil.blockNumber()) - script.drain.block) + 1;
      await anvil.rpc('anvil_reorg', [depth, []]);
      await anvil.mine(2);
      const message = await work.refused(
        'E_NOT_FOUND',
        'trace',
        script.drain.hash,
        '--chain',
        CHAIN,
        '--source',
        proxy.url,
      );
      assert.match(message, new RegExp(script.drain.hash));
    });
  });
});

suite('a reorganisation deeper than any that may be an accident', () => {
  let anvil: Anvil;
  before(async () => {
    anvil = await startAnvil();
  });
  after(() => anvil.stop());

  test('is a clear stop, and the store keeps what it has', async () => {
    const script = await scriptSmallTheft(anvil, { ether: 5n * ETHER });
    await anvil.mine(1_100);
    await script.stage.pay(script.thiefWallet, wallet('late').address, ETHER);
    await inNewPlace(script, async (work) => {
      const words = [script.drain.hash, '--chain', CHAIN, '--source', anvil.url];
      assertTruth(await traceJson(work, ...words, '--theft-out', work.path('theft.yaml')), script);
      await anvil.rpc('anvil_reorg', [1_090, []]);
      await anvil.mine(2);
      await work.refused('E_REORG_DEEP', 'trace', ...words);
      assertTruth(await traceJson(work, work.path('theft.yaml')), script);
    });
  });
});

suite('a fetch is broken off and goes on', () => {
  let scene: Scene;
  before(async () => {
    scene = await play();
    await scene.anvil.save();
  });
  afterEach(() => scene.proxy.reset());
  after(() => leave(scene));

  test('the node is killed in the middle and comes back: the command goes on, or does so when given again', async () => {
    const { anvil, proxy, script } = scene;
    await inNewPlace(script, async (work) => {
      const words = ['trace', script.drain.hash, '--chain', CHAIN, '--source', proxy.url, '--json'];
      proxy.delayMs = 15;
      const running = new Running(work, words);
      await running.until('a fetch is under way', () => proxy.requests >= 15);
      await anvil.kill('SIGKILL');
      await sleep(200);
      await anvil.restart();
      proxy.delayMs = 0;
      const { code, out, err } = await running.done;
      if (code !== 0) assert.match(err, /^E_SOURCE_UNREACHABLE: /m);
      assertTruth(JSON.parse(code === 0 ? out : await work.ok(...words)), script);
    });
  });

  test('of two sources one dies in the middle: the other goes on', async () => {
    const { anvil, proxy, script } = scene;
    const second = await startProxy(anvil.url);
    try {
      await inNewPlace(script, async (work) => {
        proxy.trouble = (request) => (request > 12 ? { kind: 'refuse' } : null);
        const sources = ['--source', proxy.url, '--source', second.url];
        assertTruth(await traceJson(work, script.drain.hash, '--chain', CHAIN, ...sources), script);
        assert.ok(proxy.requests > 12 && second.requests > 0, 'the first was asked until it died, then the second');
      });
    } finally {
      await second.stop();
    }
  });

  test('Ctrl-C keeps what was read: the same command goes on from there', async () => {
    const { proxy, script } = scene;
    await inNewPlace(script, async (work) => {
      const words = ['trace', script.drain.hash, '--chain', CHAIN, '--source', proxy.url, '--json'];
      proxy.delayMs = 25;
      const running = new Running(work, words);
      await running.until('a fetch is under way', () => proxy.requests >= 15);
      running.interrupt();
      const { code, out } = await running.done;
      assert.notEqual(code, 0);
      assert.equal(out, '');
      proxy.delayMs = 0;
      assertTruth(JSON.parse(await work.ok(...words)), script);
    });
  });

  test('too much asked, out of service, half answers, broken lines: waited for, as long as the node says', async () => {
    const { proxy, script } = scene;
    await inNewPlace(script, async (work) => {
      const troubles = new Map([
        [3, { kind: 'status', status: 429, headers: { 'retry-after': '1' } } as const],
        [6, { kind: 'status', status: 503 } as const],
        [8, { kind: 'half' } as const],
        [10, { kind: 'break' } as const],
        [12, { kind: 'refuse' } as const],
      ]);
      const at: number[] = [];
      proxy.trouble = (request) => {
        at[request] = performance.now();
        return troubles.get(request) ?? null;
      };
      const words = [script.drain.hash, '--chain', CHAIN, '--source', proxy.url];
      assertTruth(await traceJson(work, ...words), script);
      assert.ok(proxy.requests > 12, 'every trouble was met');
    });
  });
});

suite('a node that sees less than it should', () => {
  let scene: Scene;
  before(async () => {
    scene = await play();
  });
  afterEach(() => scene.proxy.reset());
  after(() => leave(scene));

  test('without traces the balances tell: the truth as far as they go, and the result says so', async () => {
    const { proxy, script } = scene;
    await inNewPlace(script, async (work) => {
      proxy.tamper = ({ method }, result) => (/^(trace|debug)_/.test(method) ? NO_SUCH_METHOD : result);
      const found = await traceJson(work, script.drain.hash, '--chain', CHAIN, '--source', proxy.url);
      // The splitter's payees stand in its call data alone: whoever does not look there cannot know whom it paid.
      const payee = `${script.wallets[5]!.address}|${script.stage.native}`;
      const reached = theftsOf(found).flatMap(({ methods }) => methods.poison!.places);
      const known = reached.some(({ address, asset }) => `${address}|${asset}` === payee);
      assertTruth(found, known ? script : unseen(script, [script.splitter!]));
      assert.match(found.context.warnings.join('\n'), /trace|inner|internal|balance/i);
    });
  });

  test('a pruned node is refused, naming the block', async () => {
    const { proxy, script } = scene;
    await inNewPlace(script, async (work) => {
      proxy.tamper = ({ method, params }, result) =>
        /getBalance|eth_call|trace|debug/.test(method) && !params.includes('latest') ? MISSING : result;
      const words = [script.drain.hash, '--chain', CHAIN, '--source', proxy.url];
      const { code, out, err } = await work.run('trace', ...words, '--json');
      // Where the state of the past is gone, traces and balances are both missing: internal moves cannot be seen.
      if (code === 0) assert.match(JSON.parse(out).context.warnings.join('\n'), /state|balance|pruned|internal/i);
      else assert.match(err, /^E_SOURCE_PRUNED: /m);
    });
  });
});
