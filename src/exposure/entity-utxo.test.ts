import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { SILENT } from '../base/progress.ts';
import { smallestAddress } from '../cluster/canonical.ts';
import type { UtxoFlow } from '../flow/flow.ts';
import { loadKernels } from '../flow/kernel-loader.ts';
import { utxoFlowOf } from '../flow/memory.ts';
import { createKernels, type Kernels } from '../kernel/kernel.ts';
import { scriptToAddress } from '../model/address.ts';
import { requireChain } from '../model/chain.ts';
import { anyScene, BITCOIN, cut, renumbered, SCENE_ADDRESSES, type SceneTx, sceneTx } from './_entity-fixture.ts';
import { buildUtxoEntities, type Earlier, type UtxoEntities } from './entity-utxo.ts';

const twin = createKernels(null);
type Services = Readonly<Record<string, number>>;

interface Chain {
  readonly flow: UtxoFlow;
  readonly services: Services;
  readonly sizeLimit: number;
}

function entities(
  { flow, services, sizeLimit }: Chain,
  earlier: Earlier | null = null,
  kernels: Kernels = twin,
): UtxoEntities {
  const numbers = new Uint32Array(flow.addresses.size);
  for (const [address, number] of Object.entries(services))
    if (flow.addresses.find(address) >= 0) numbers[flow.addresses.find(address)] = number;
  return buildUtxoEntities(flow, { kernels, services: numbers, sizeLimit, progress: SILENT }, earlier);
}

/** What a user sees: nothing of it depends on numbers. */
function seen({ addresses }: UtxoFlow, { clusters, mixes }: UtxoEntities): unknown {
  const members = new Map<number, string[]>();
  for (const [id, root] of clusters.roots.entries())
    members.set(root, [...(members.get(root) ?? []), addresses.text(id)]);
  const named = [...members.values()].map((texts) => [smallestAddress(texts)!, ...texts.sort()]).sort();
  const refused = clusters.refusals.map(({ a, b, ...rest }) => ({
    ...rest,
    a: addresses.text(a),
    b: addresses.text(b),
  }));
  return { named, refused, mixes: [...mixes.txs] };
}

/** Every word that is kept. */
function kept({ clusters, mixes, ...rest }: UtxoEntities): unknown {
  const { roots, lastJoin, refusals } = clusters;
  return { roots: [...roots], lastJoin: [...lastJoin], refusals, mixes: [[...mixes.txs], [...mixes.kinds]], ...rest };
}

const anyServices: fc.Arbitrary<Services> = fc.dictionary(
  fc.constantFrom(...SCENE_ADDRESSES),
  fc.integer({ min: 1, max: 3 }),
  { maxKeys: 7 },
);
const anyLimit = fc.constantFrom(1, 2, 3, 100);
const all = (txs: readonly SceneTx[]): number[] => txs.map((_, number) => number);

/** The chain of some of a scene's transactions, given in some order. */
function flowOf(txs: readonly SceneTx[], numbers: readonly number[]): UtxoFlow {
  return utxoFlowOf(
    BITCOIN,
    numbers.map((number) => sceneTx(txs, number)),
  );
}

suite('entities of a UTXO chain (property 17)', () => {
  test('the order of import changes nothing: not of transactions, not of the numbers that addresses got by it', () => {
    const random = fc.infiniteStream(fc.nat(1_000_000));
    fc.assert(
      fc.property(anyScene, anyServices, anyLimit, random, (txs, services, sizeLimit, draws) => {
        const shuffled = <T>(list: readonly T[]): T[] =>
          list
            .map((item) => ({ item, key: draws.next().value as number }))
            .sort((a, b) => a.key - b.key)
            .map(({ item }) => item);
        const flow = flowOf(txs, all(txs));
        const texts = Array.from({ length: flow.addresses.size }, (_, id) => flow.addresses.text(id));
        const other = renumbered(flowOf(txs, shuffled(all(txs))), shuffled(texts));
        const chain = { services, sizeLimit };
        assert.deepEqual(seen(other, entities({ ...chain, flow: other })), seen(flow, entities({ ...chain, flow })));
      }),
    );
  });

  test('late data, transactions taken back and changed labels: what they touch is run again, with the result of a build from nothing', () => {
    const change = fc.record({
      txs: anyScene,
      before: fc.array(fc.boolean(), { minLength: 28, maxLength: 28 }),
      after: fc.array(fc.boolean(), { minLength: 28, maxLength: 28 }),
      from: fc.nat(28),
      labels: fc.tuple(anyServices, anyServices),
      relabel: fc.boolean(),
      // Where few of many addresses are affected, theirs are asked for one by one.
      strangers: fc.constantFrom(0, 1_500),
      sizeLimit: anyLimit,
    });
    fc.assert(
      fc.property(change, ({ txs, before, after, from, labels, relabel, strangers, sizeLimit }) => {
        // Both hold the same up to `from`; then each what its draws say.
        const early = all(txs).filter((number) => number < from || before[number]);
        const late = all(txs).filter((number) => number < from || after[number]);
        const [first, second] = [flowOf(txs, early), flowOf(txs, late)];
        // Ids are given once and stay: those of the first chain, then what the second brought.
        const others = Array.from({ length: strangers }, (_, index) => `stranger${index}`);
        const order = [...new Set([...texts(first), ...texts(second), ...others])];
        const services = relabel ? labels[1] : labels[0];
        const start = { flow: renumbered(first, texts(first)), services: labels[0], sizeLimit };
        const end = { flow: cut(renumbered(second, order), 5), services, sizeLimit };
        const different = early.findIndex((number, at) => late[at] !== number);
        const same = different < 0 ? early.length : different;
        const changed = order.filter((text) => labels[0][text] !== services[text]);
        const earlier = { state: entities(start), same, touched: changed.map((text) => order.indexOf(text)) };
        assert.deepEqual(kept(entities(end, earlier)), kept(entities(end)));
      }),
      { numRuns: 400 },
    );
  });

  test('in steps of any size, block by block, it is the same as at once', () => {
    fc.assert(
      fc.property(anyScene, anyServices, anyLimit, fc.integer({ min: 1, max: 6 }), (txs, services, sizeLimit, step) => {
        const order = texts(flowOf(txs, all(txs)));
        const upTo = (count: number): Chain => {
          const flow = flowOf(txs, all(txs).slice(0, count));
          return { flow: renumbered(flow, order.slice(0, flow.addresses.size)), services, sizeLimit };
        };
        let state = entities(upTo(0));
        for (let count = 0; count < txs.length; ) {
          const next = Math.min(txs.length, count + step);
          state = entities(upTo(next), { state, same: count, touched: [] });
          count = next;
        }
        assert.deepEqual(kept(state), kept(entities(upTo(txs.length))));
      }),
    );
  });

  test('WebAssembly and its twin give the same words', async () => {
    const wasm = await loadKernels();
    fc.assert(
      fc.property(anyScene, anyServices, anyLimit, (txs, services, sizeLimit) => {
        const chain = { flow: flowOf(txs, all(txs)), services, sizeLimit };
        assert.deepEqual(kept(entities(chain, null, wasm)), kept(entities(chain)));
      }),
    );
  });
});

function texts(flow: UtxoFlow): string[] {
  return Array.from({ length: flow.addresses.size }, (_, id) => flow.addresses.text(id));
}

const POOL = 100_000n;

const paid = (address: string, value = 600n) => ({ address, value });

suite('entities of a UTXO chain: what joins and what does not', () => {
  test('a Whirlpool mix joins nobody; without the rule its five wallets would be one', () => {
    // Premix coins carry a little for the miners beside the pool's 0.001 BTC; two of the five were mixed before.
    const coins = ['a', 'b', 'c', 'd', 'e'].map((name, index) => paid(name, index < 2 ? POOL : POOL + 302n));
    const txs: SceneTx[] = [
      { spends: [], outputs: coins },
      {
        spends: coins.map((_, index) => [0, index] as const),
        outputs: ['f', 'g', 'h', 'i', 'j'].map((name) => paid(name, POOL)),
      },
    ];
    const flow = flowOf(txs, all(txs));
    const { clusters, mixes } = entities({ flow, services: {}, sizeLimit: 100 });
    assert.deepEqual([...mixes.txs], [1]);
    assert.deepEqual([...clusters.roots], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const payment: SceneTx[] = [txs[0]!, { ...txs[1]!, outputs: [paid('f', 5n * POOL)] }];
    const joined = entities({ flow: flowOf(payment, [0, 1]), services: {}, sizeLimit: 100 });
    assert.deepEqual([...joined.clusters.roots], [0, 0, 0, 0, 0, 5]);
  });

  test('what has the outline of a Tx0 but for its data’s length may be of several owners: it joins nobody', () => {
    const premix = POOL + 5_000n;
    const coins = ['a', 'b', 'c'].map((name) => paid(name, 2n * POOL));
    const ends = (data: string): SceneTx['outputs'] => [
      ...['f', 'g', 'h'].map((name) => paid(name, premix)),
      paid(data, 0n),
      paid('i', 50_000n),
      paid('j', 99_000n),
    ];
    const mixesOf = (data: string): number[] => {
      const txs: SceneTx[] = [
        { spends: [], outputs: coins },
        { spends: coins.map((_, index) => [0, index] as const), outputs: ends(data) },
      ];
      return [...entities({ flow: flowOf(txs, all(txs)), services: {}, sizeLimit: 100 }).mixes.txs];
    };
    assert.deepEqual(mixesOf(`script:6a40${'aa'.repeat(64)}`), []);
    assert.deepEqual(mixesOf('script:6a04deadbeef'), [1]);
  });

  test('an anchor that anyone can spend joins nobody', () => {
    const anchor = scriptToAddress(requireChain(BITCOIN), '51024e73');
    const txs: SceneTx[] = [
      { spends: [], outputs: [paid('a'), paid(anchor), paid('b'), paid(anchor)] },
      {
        spends: [
          [0, 0],
          [0, 1],
        ],
        outputs: [paid('c')],
      },
      {
        spends: [
          [0, 2],
          [0, 3],
        ],
        outputs: [paid('d')],
      },
    ];
    const flow = flowOf(txs, all(txs));
    const { roots } = entities({ flow, services: {}, sizeLimit: 100 }).clusters;
    assert.deepEqual([...roots], [0, 1, 2, 3, 4]);
  });
});

suite('entities of a UTXO chain: the collapse guard', () => {
  test('the guard refuses two services and two large clusters, and says when and why', () => {
    const txs: SceneTx[] = [
      { spends: [], outputs: ['a', 'b', 'c', 'd', 'a', 'c', 'e'].map((name) => paid(name)) },
      {
        spends: [
          [0, 0],
          [0, 1],
        ],
        outputs: [paid('x')],
      },
      {
        spends: [
          [0, 2],
          [0, 3],
        ],
        outputs: [paid('x')],
      },
      {
        spends: [
          [0, 4],
          [0, 5],
          [0, 6],
        ],
        outputs: [paid('x')],
      },
    ];
    const flow = flowOf(txs, all(txs));
    const guarded = entities({ flow, services: { a: 1, d: 2 }, sizeLimit: 100 }).clusters;
    assert.deepEqual([...guarded.roots], [0, 0, 2, 2, 0, 5]);
    assert.deepEqual(guarded.refusals, [{ step: 3, a: 0, b: 2, labelA: 1, labelB: 2, sizeA: 2, sizeB: 2 }]);
    const large = entities({ flow, services: {}, sizeLimit: 1 }).clusters;
    assert.deepEqual(large.refusals, [{ step: 3, a: 0, b: 2, labelA: 0, labelB: 0, sizeA: 2, sizeB: 2 }]);
    const free = entities({ flow, services: { a: 1, d: 1 }, sizeLimit: 100 }).clusters;
    assert.deepEqual([...free.roots], [0, 0, 0, 0, 0, 5]);
    assert.deepEqual(free.refusals, []);
  });
});
