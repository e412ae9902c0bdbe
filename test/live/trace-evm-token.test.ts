import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { TraceResult } from '../../src/trace/result.ts';
import type { Workplace } from '../e2e/_cli.ts';
import { type Anvil, callData, startAnvil, wallet } from './_anvil.ts';
import { Desk, labelService, traceJson } from './_command.ts';
import { ETHER, type SmallScript, type SmallTheft, scriptSmallTheft } from './_theft-script.ts';
import { assertConserved, assertTruth, METHODS, theftsOf } from './_truth.ts';

const CHAIN = 'eip155:31337';
const first = wallet('first receiver');
const second = wallet('second receiver');

let anvil: Anvil;
let clean: string;

interface Scene {
  readonly script: SmallScript;
  readonly trace: () => Promise<TraceResult>;
  readonly work: Workplace;
}

/** One theft on the chain as it was at the beginning. */
async function scene(theft: SmallTheft, act: (scene: Scene) => Promise<void>): Promise<void> {
  await anvil.rpc('evm_revert', [clean]);
  clean = await anvil.rpc('evm_snapshot');
  const work = new Desk();
  try {
    const script = await scriptSmallTheft(anvil, theft);
    await labelService(work, CHAIN, script.service);
    const trace = (): Promise<TraceResult> =>
      traceJson(work, script.drain.hash, '--chain', CHAIN, '--source', anvil.url);
    await act({ script, trace, work });
  } finally {
    work.remove();
  }
}

async function start(): Promise<void> {
  anvil = await startAnvil();
  clean = await anvil.rpc('evm_snapshot');
}

/** No place holds more of the token than its own contract says. */
async function withinBalances(result: TraceResult, token: string): Promise<Map<string, bigint>> {
  const said = new Map<string, bigint>();
  for (const { methods } of theftsOf(result)) {
    for (const method of METHODS) {
      for (const { address, asset, amount } of methods[method]!.places) {
        if (!asset.endsWith(token)) continue;
        const balance = await anvil.read(token, 'function balanceOf(address)', [address]);
        assert.ok(BigInt(amount) <= balance, `${method}: ${amount} at ${address}, which has ${balance}`);
        said.set(`${method} ${address}`, BigInt(amount));
      }
    }
  }
  return said;
}

suite('stolen tokens that are not what they say', () => {
  before(start);
  after(() => anvil.stop());

  test('a token that keeps a fee and logs the full amount: places hold what they truly have', async () => {
    const drained = 5_000n * ETHER + 77n;
    const args = [wallet('collector').address, 100_000n * ETHER];
    await scene(
      { token: { name: 'FeeToken', types: 'address, uint256', args, deposit: 100_000n * ETHER, drained } },
      async ({ script, trace }) => {
        await script.stage.anvil.transact(paid(script, first.address, 2_000n * ETHER + 33n));
        const result = await trace();
        assertConserved(result);
        assert.equal(result.theft.stolen, (drained - drained / 100n).toString(), 'what reached the thief');
        const said = await withinBalances(result, script.token!);
        // Neither has any of the token but stolen ones: all they have is what is said of them, by every method.
        for (const method of METHODS) {
          for (const address of [script.thief, first.address]) {
            const balance = await anvil.read(script.token!, 'function balanceOf(address)', [address]);
            assert.equal(said.get(`${method} ${address}`), balance, `${method} ${address}`);
          }
        }
      },
    );
  });

  test('a token that rebases between two movements: nothing is short, nobody holds more than there is', async () => {
    const supply = 1_000_000n * ETHER;
    const token = { name: 'Rebasing', types: 'uint256', args: [supply], deposit: 900_000n * ETHER };
    await scene({ token: { ...token, drained: 1_000n * ETHER } }, async ({ script, trace }) => {
      await script.stage.anvil.transact(rebase(script, 1_500_000n * ETHER));
      await script.stage.anvil.transact(paid(script, first.address, 1_200n * ETHER));
      await script.stage.anvil.transact(rebase(script, 500_000n * ETHER));
      await script.stage.anvil.transact(paid(script, second.address, 50n * ETHER));
      await fund(first.address);
      await anvil.transact({ ...paid(script, second.address, 100n * ETHER), from: first });
      const result = await trace();
      assertConserved(result);
      assert.equal(result.theft.stolen, (1_000n * ETHER).toString());
      await withinBalances(result, script.token!);
      for (const method of METHODS) assert.deepEqual(result.methods[method]!.shortages, [], method);
    });
  });

  test('decimals that revert and decimals that cannot be: base units, no whole units, and no word that moves a cursor', async () => {
    for (const name of ['MuteToken', 'BoastingToken']) {
      const supply = 10n ** 24n;
      await scene(
        { token: { name, types: 'uint256', args: [supply], deposit: supply, drained: supply / 3n } },
        async ({ script, trace, work }) => {
          await script.stage.payToken(script.thiefWallet, script.token!, first.address, supply / 7n);
          const result = await trace();
          assertTruth(result, script);
          assert.equal(result.theft.decimals, null, name);
          assert.ok(!JSON.stringify(result).includes('\\u001b'), name);
          const printed = await work.ok('trace', script.drain.hash, '--chain', CHAIN, '--source', anvil.url);
          assert.ok(!printed.includes('\u001b[2J'), name);
          await work.ok('case', 'report', result.case, '--out', work.path(`${name}.html`));
        },
      );
    }
  });

  test('an NFT that goes along with the money is one of its own', async () => {
    await scene({ ether: 10n * ETHER }, async ({ script, trace }) => {
      const { stage, thiefWallet } = script;
      const nft = await stage.deploy('Collectible', '', [], 4);
      const mint = {
        from: 4,
        to: nft,
        data: callData('function mint(address,uint256)', [script.thief, 2n ** 255n + 7n]),
      };
      await stage.act({ send: mint });
      const move = callData('function transferFrom(address,address,uint256)', [
        script.thief,
        first.address,
        2n ** 255n + 7n,
      ]);
      await stage.act({ send: { from: thiefWallet, to: nft, data: move } });
      await stage.pay(thiefWallet, first.address, 4n * ETHER);
      assertTruth(await trace(), script);
    });
  });
});

function paid({ thiefWallet, token }: SmallScript, to: string, amount: bigint): Parameters<Anvil['send']>[0] {
  return { from: thiefWallet, to: token!, data: callData('function transfer(address,uint256)', [to, amount]) };
}

function rebase({ token }: SmallScript, supply: bigint): Parameters<Anvil['send']>[0] {
  return { from: 1, to: token!, data: callData('function rebase(uint256)', [supply]) };
}

async function fund(address: string): Promise<void> {
  await anvil.transact({ from: 5, to: address, value: ETHER });
}

suite('stolen money on ways that a contract makes', () => {
  before(start);
  after(() => anvil.stop());

  test('a contract created with money, and one that destroys itself while it is created', async () => {
    await scene({ ether: 50n * ETHER }, async ({ script, trace }) => {
      const { stage, thiefWallet } = script;
      const factory = await stage.deploy('Factory');
      const make = async (value: bigint, dies: boolean): Promise<string> => {
        const data = callData('function create(address,bool)', [first.address, dies]);
        const done = await stage.act({ send: { from: thiefWallet, to: factory, value, data } });
        const { logs } = await anvil.rpc('eth_getTransactionReceipt', [done.hash]);
        const created = `0x${(logs[0].data as string).slice(-40)}`;
        stage.addToLast([stage.ether(thiefWallet, factory, value), stage.ether(factory, created, value)]);
        if (dies) stage.addToLast([stage.ether(created, first.address, value)]);
        return created;
      };
      const kept = await make(7n * ETHER + 1n, false);
      await make(5n * ETHER + 2n, true);
      await stage.act({
        send: { from: thiefWallet, to: kept, data: callData('function explode(address)', [second.address]) },
        moves: [stage.ether(kept, second.address, 7n * ETHER + 1n)],
      });
      await stage.agreesWithNode();
      assertTruth(await trace(), script);
    });
  });

  test('an inner call that is undone moved nothing, the one beside it did', async () => {
    await scene({ ether: 50n * ETHER }, async ({ script, trace }) => {
      const { stage, thiefWallet } = script;
      const splitter = await stage.deploy('Splitter');
      const value = 8n * ETHER;
      const data = callData('function halfFailing(address)', [first.address]);
      const ways = [
        stage.ether(thiefWallet, splitter, value),
        stage.ether(splitter, first.address, value / 2n),
        stage.ether(splitter, script.thief, value / 2n),
      ];
      await stage.act({ send: { from: thiefWallet, to: splitter, value, data, gas: 300_000n }, moves: ways });
      await stage.agreesWithNode();
      assertTruth(await trace(), script);
    });
  });

  test('logs that only look like transfers (too few topics, no data) change nothing', async () => {
    await scene({ ether: 20n * ETHER }, async ({ script, trace }) => {
      const { stage, thiefWallet, thief } = script;
      const noise = await stage.deploy('Noise');
      const one = [thief];
      const two = [thief, first.address];
      for (const [signature, args] of [
        ['function onlyName()', []],
        ['function oneTopic(address)', one],
        ['function noData(address,address)', two],
        ['function noTopics()', []],
      ] as const) {
        await stage.act({ send: { from: thiefWallet, to: noise, data: callData(signature, args) } });
      }
      await stage.pay(thiefWallet, first.address, 11n * ETHER);
      const result = await trace();
      assertTruth(result, script);
      assert.ok(!Object.keys(result.context.assets).some((asset) => asset.includes(noise)));
    });
  });
});

suite('stolen ether in another form', () => {
  const work = new Desk();
  let main: Anvil;
  before(async () => {
    main = await startAnvil({ chainId: 1 });
  });
  after(async () => {
    await main.stop();
    work.remove();
  });

  test('ether wrapped, moved and unwrapped elsewhere is followed through', async () => {
    const script = await scriptSmallTheft(main, { ether: 30n * ETHER });
    const { stage, thiefWallet, thief } = script;
    const weth = '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2';
    await main.rpc('anvil_setCode', [weth, await main.rpc('eth_getCode', [await stage.deploy('WETH9'), 'latest'])]);
    const asset = stage.token(weth);
    await stage.act({
      send: { from: thiefWallet, to: weth, value: 20n * ETHER },
      moves: [stage.ether(thiefWallet, weth, 20n * ETHER), { from: null, to: thief, asset, amount: 20n * ETHER }],
    });
    await stage.payToken(thiefWallet, weth, first.address, 12n * ETHER);
    await stage.pay(5, first.address, ETHER);
    const withdraw = callData('function withdraw(uint256)', [9n * ETHER]);
    await stage.act({
      send: { from: first, to: weth, data: withdraw },
      moves: [
        { from: first.address, to: null, asset, amount: 9n * ETHER },
        stage.ether(weth, first.address, 9n * ETHER),
      ],
    });
    await stage.agreesWithNode();
    assertTruth(await traceJson(work, script.drain.hash, '--chain', 'eip155:1', '--source', main.url), script);
  });
});
