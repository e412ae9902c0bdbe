import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import type { AccountFlow, ChainFlow } from '../flow/flow.ts';
import { accountFlowOf, utxoFlowOf } from '../flow/memory.ts';
import { createKernels } from '../kernel/kernel.ts';
import { nativeAsset } from '../model/asset.ts';
import { BITCOIN, CHAIN, ETH, lanesOf, type Move, transfersOf, USDC, utxoOf } from './_fixture.ts';
import { buildExposure } from './build.ts';
import { DEFAULT_CATEGORIES } from './categories.ts';
import { type CategoryTable, categoriesOfLabels } from './categorise.ts';
import { type DustRule, dustOf } from './dust.ts';
import { exactExposure } from './exact.ts';
import { type ExposureTable, openExposure } from './open.ts';
import { exposureFolder } from './table-file.ts';
import { type Updated, updateExposure } from './update.ts';

const kernels = createKernels(null);
const folder = mkdtempSync(join(tmpdir(), 'haetae-exposure-'));
after(() => rmSync(folder, { recursive: true }));
let databases = 0;
const database = (): string => {
  databases += 1;
  return join(folder, `${databases}.duckdb`);
};

const MIXER = DEFAULT_CATEGORIES.names.indexOf('mixer');
const STOLEN = DEFAULT_CATEGORIES.names.indexOf('stolen');
const LANES = { thief: STOLEN, mixer: MIXER };
const ONE = 10n ** 18n;
const NO_DUST: DustRule = { limits: new Map() };

function tableOf(flow: ChainFlow, lanes: Readonly<Record<string, number>> = LANES): CategoryTable {
  return { ...categoriesOfLabels([], flow.addresses, DEFAULT_CATEGORIES), lanes: lanesOf(flow.addresses, lanes) };
}

interface Chain {
  readonly flow: ChainFlow;
  readonly history: readonly string[];
}

function update(at: string, { flow, history }: Chain, lanes = LANES): Updated {
  const assets = [nativeAsset(flow.chain)];
  return updateExposure({ database: at, flow, history, table: tableOf(flow, lanes), dust: NO_DUST, assets, kernels });
}

function opened<Result>(at: string, { flow, history }: Chain, work: (table: ExposureTable) => Result): Result {
  const table = openExposure(at, flow, history);
  try {
    return work(table);
  } finally {
    table.close();
  }
}

const ether = (from: string | null, to: string, amount: bigint): Move => ({ from, to, amount: amount * ONE });
/** To three digits after the point: the table is in single floats. */
const ether3 = (units: number): number => Math.round(units / 1e15) / 1e3;
const moves: Move[] = [
  ether(null, 'alice', 10n),
  ether('thief', 'alice', 30n),
  ether('alice', 'bob', 20n),
  ether('mixer', 'bob', 5n),
  ether('bob', 'mixer', 10n),
  ether('alice', 'thief', 4n),
];
const chain: Chain = { flow: accountFlowOf(CHAIN, transfersOf(moves)), history: ['a'] };

test('a table says what the rule says', () => {
  const at = database();
  const { facts, how } = update(at, chain);
  assert.equal(how, 'anew');
  assert.deepEqual(facts.counts.neverSeen, 0);
  const { received, sent, category } = opened(at, chain, (table) => table.exposureOf('bob', ETH))!;
  assert.equal(category, null);
  assert.equal(received.amount, 25e18);
  assert.deepEqual(
    received.categories.map((each) => [each.category, ether3(each.direct), ether3(each.indirect)]),
    [
      ['stolen', 0, 15],
      ['mixer', 5, 0],
    ],
  );
  assert.ok(Math.abs(received.unknown.amount - 5e18) < 1e13);
  // Bob sent all he sent to the mixer; what Alice sent him went there by 10 of 25.
  assert.deepEqual(
    sent.categories.map((each) => [each.category, ether3(each.direct), ether3(each.share * 1e18)]),
    [['mixer', 10, 1]],
  );
  const alice = opened(at, chain, (table) => table.exposureOf('alice', ETH))!;
  assert.deepEqual(
    alice.sent.categories.map((each) => [each.category, ether3(each.direct), ether3(each.indirect)]),
    [
      ['stolen', 4, 0],
      ['mixer', 0, 8],
    ],
  );
  assert.equal(
    opened(at, chain, (table) => table.exposureOf('mixer', ETH)!.category),
    'mixer',
  );
  assert.equal(
    opened(at, chain, (table) => table.exposureOf('nobody', ETH)),
    null,
  );
  assert.equal(
    opened(at, chain, (table) => table.exposureOf('bob', USDC)),
    null,
  );
});

test('nothing changed: nothing is done; a label changed or another history: all anew, with the reason', () => {
  const at = database();
  update(at, chain);
  assert.equal(update(at, chain).how, 'current');
  const relabelled = update(at, chain, { thief: STOLEN, mixer: MIXER, bob: MIXER } as typeof LANES);
  assert.deepEqual([relabelled.how, relabelled.why], ['anew', 'labels changed']);
  const rolled = update(at, { ...chain, history: ['b'] }, { thief: STOLEN, mixer: MIXER, bob: MIXER } as typeof LANES);
  assert.deepEqual([rolled.how, rolled.why], ['anew', 'the index was rolled back or built anew']);
  assert.throws(() => openExposure(at, chain.flow, ['c']), /E_INDEX_STALE|another state/);
  assert.throws(() => openExposure(database(), chain.flow, ['c']), /no exposure table/);
});

test('a table damaged on disk is told, and computed anew', () => {
  const at = database();
  update(at, chain);
  const home = exposureFolder(at, CHAIN);
  const inside = join(home, readdirSync(home).find((name) => name.startsWith('table-'))!, 'received.all.0');
  const bytes = readFileSync(inside);
  bytes[200]! ^= 1;
  writeFileSync(inside, bytes);
  assert.throws(() => opened(at, chain, (table) => table.exposureOf('bob', ETH)), { code: 'E_INDEX_CORRUPT' });
  assert.match(update(at, chain).why ?? '', /damaged/);
  assert.ok(opened(at, chain, (table) => table.exposureOf('bob', ETH)));
  const manifest = join(home, 'table.json');
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"steps":6', '"steps":5'));
  assert.throws(() => openExposure(at, chain.flow, chain.history), { code: 'E_INDEX_CORRUPT' });
  assert.equal(update(at, chain).how, 'anew');
  assert.ok(opened(at, chain, (table) => table.exposureOf('bob', ETH)));
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"version":1', '"version":7'));
  assert.throws(() => openExposure(at, chain.flow, chain.history), { code: 'E_INDEX_VERSION' });
});

const name = fc.constantFrom('thief', 'mixer', 'alice', 'bob', 'carol', 'dave');
const manyMoves: fc.Arbitrary<Move[][]> = fc
  .array(
    fc.record({
      from: fc.option(name, { freq: 6 }),
      to: name,
      amount: fc.bigInt(1n, 10n ** 15n),
      asset: fc.constantFrom(ETH, ETH, USDC),
      swapped: fc.boolean().chain((swap) => (swap ? fc.bigInt(1n, 10n ** 15n) : fc.constant(null))),
    }),
    { minLength: 2, maxLength: 40 },
  )
  .map((drafts) =>
    drafts.map(({ swapped, ...move }, at) => {
      const shared = { tx: `0x${at}`, time: 1_600_000_000 + at };
      const back = { from: move.to, to: move.from, asset: move.asset === ETH ? USDC : ETH };
      return [{ ...move, ...shared }, ...(swapped === null ? [] : [{ ...back, ...shared, amount: swapped }])];
    }),
  );

test('figures that grow are those of the whole, bit for bit (property 15)', () => {
  fc.assert(
    fc.property(manyMoves, fc.nat(), (all, cut) => {
      const options = (moved: readonly Move[][]) => {
        const flow = accountFlowOf(CHAIN, transfersOf(moved.flat()));
        return { flow, table: tableOf(flow), dust: flow.assets.map(() => 1e6), kernels };
      };
      const part = buildExposure(options(all.slice(0, 1 + (cut % (all.length - 1)))));
      const { received, smallCount, small } = buildExposure(options(all), part);
      const batch = buildExposure(options(all));
      const bare = batch.received.lanes[0]!;
      const grown = received.lanes[0]!;
      assert.equal(smallCount, batch.smallCount);
      assert.deepEqual(grown.held, bare.held);
      batch.small.forEach((number, account) => {
        const both: [number, number][] = [[account, account]];
        if (number > 0) both.push([batch.small.length + number - 1, small.length + small[account]! - 1]);
        for (const [a, b] of both) {
          assert.equal(received.total[b], batch.received.total[a]);
          assert.deepEqual(grown.all.slice(16 * b, 16 * b + 16), bare.all.slice(16 * a, 16 * a + 16));
          assert.deepEqual(grown.direct.slice(16 * b, 16 * b + 16), bare.direct.slice(16 * a, 16 * a + 16));
        }
      });
    }),
    { numRuns: 200 },
  );
});

test('across assets and swaps: table, movements one by one, and a pass for one address agree (property 6)', () => {
  fc.assert(
    fc.property(manyMoves, (all) => {
      const flow = accountFlowOf(CHAIN, transfersOf(all.flat()));
      const table = tableOf(flow);
      const dust = flow.assets.map(() => 1e6);
      const figures = buildExposure({ flow, table, dust, kernels });
      let first = 0;
      flow.assets.forEach((asset, index) => {
        for (let place = 0; place < asset.placeCount; place += 1) {
          const address = asset.addressOf(place);
          const query = { flow, lanes: table.lanes, categories: 16, asset: index, address, dust, paths: 0, kernels };
          const exact = exactExposure({ ...query, until: flow.steps.count })!.figures;
          const dense = exactExposure({ ...query, until: flow.steps.count, budget: 0 })!.figures;
          // The table keeps shares in single precision: what is left of much that passed through is certain to a part of all of it.
          const near = (a: number, b: number, tolerance: number, of: bigint = 0n): void =>
            assert.ok(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b), Number(of)), `${a} against ${b}`);
          assert.equal(figures.received.total[first + place], Number(exact.large.total));
          assert.equal(figures.sent.total[first + place], Number(exact.sent.total));
          for (const lane of [STOLEN, MIXER]) {
            const at = 16 * (first + place) + lane;
            near(dense.large.all[lane]!, exact.large.all[lane]!, 1e-9);
            near(dense.small.all[lane]!, exact.small.all[lane]!, 1e-9);
            near(dense.sent.all[lane]!, exact.sent.all[lane]!, 1e-9);
            near(figures.received.lanes[0]!.all[at]!, exact.large.all[lane]!, 1e-5, exact.large.total);
            near(figures.received.lanes[0]!.direct[at]!, Number(exact.large.direct[lane]), 1e-6);
            near(figures.sent.lanes[0]!.all[at]!, exact.sent.all[lane]!, 1e-5, exact.sent.total);
            near(figures.sent.lanes[0]!.direct[at]!, Number(exact.sent.direct[lane]), 1e-6);
          }
        }
        first += asset.placeCount;
      });
    }),
    // A fault is shown as it was drawn: to shrink it takes minutes.
    { numRuns: 100, endOnFailure: true },
  );
});

test('a table on disk that grows is that of the whole', () => {
  fc.assert(
    fc.property(manyMoves, fc.nat(), (all, cut) => {
      const at = database();
      const first = 1 + (cut % (all.length - 1));
      const part: Chain = { flow: accountFlowOf(CHAIN, transfersOf(all.slice(0, first).flat())), history: ['a'] };
      const whole: Chain = { flow: accountFlowOf(CHAIN, transfersOf(all.flat())), history: ['a', 'b'] };
      update(at, part);
      const grown = update(at, whole);
      // Assets, like addresses, are numbered as they appear: a longer history never renumbers.
      assert.equal(grown.how, 'grown');
      const batch = database();
      update(batch, whole);
      for (const who of ['thief', 'mixer', 'alice', 'bob', 'carol', 'dave'])
        for (const asset of [ETH, USDC])
          assert.deepEqual(
            opened(at, whole, (table) => table.exposureOf(who, asset)),
            opened(batch, whole, (table) => table.exposureOf(who, asset)),
          );
      rmSync(`${at}.index`, { recursive: true });
      rmSync(`${batch}.index`, { recursive: true });
    }),
    { numRuns: 5 },
  );
});

test('a UTXO table that grows is that of the whole', () => {
  const payments = [
    { id: 'a', spends: [], pays: [{ to: 'thief', value: 50_000n }] },
    {
      id: 'b',
      spends: ['a:0'],
      pays: [
        { to: 'alice', value: 30_000n },
        { to: 'bob', value: 19_000n },
      ],
    },
    { id: 'c', spends: ['b:0'], pays: [{ to: 'carol', value: 29_000n }] },
    {
      id: 'd',
      spends: ['b:1', 'c:0'],
      pays: [
        { to: 'dave', value: 40_000n },
        { to: 'bob', value: 7_000n },
      ],
    },
  ];
  const whole: Chain = { flow: utxoFlowOf(BITCOIN, utxoOf(payments)), history: ['a', 'b'] };
  const part: Chain = { flow: utxoFlowOf(BITCOIN, utxoOf(payments.slice(0, 2))), history: ['a'] };
  const at = database();
  const batch = database();
  update(at, part);
  assert.equal(update(at, whole).how, 'grown');
  update(batch, whole);
  const asset = nativeAsset(BITCOIN).id;
  for (const who of ['alice', 'bob', 'carol', 'dave'])
    assert.deepEqual(
      opened(at, whole, (table) => table.exposureOf(who, asset)),
      opened(batch, whole, (table) => table.exposureOf(who, asset)),
    );
  const dave = opened(at, whole, (table) => table.exposureOf('dave', asset))!.received;
  // All money is the thief's: what Dave got is wholly stolen, none of it directly.
  assert.deepEqual(
    dave.categories.map((each) => [each.category, each.direct, each.indirect]),
    [['stolen', 0, 40_000]],
  );
});

test('amounts made to break counters give no NaN and no infinity', () => {
  const huge = 2n ** 255n;
  const flow = accountFlowOf(
    CHAIN,
    transfersOf([
      { from: 'thief', to: 'alice', amount: huge },
      { from: 'thief', to: 'alice', amount: 2n ** 128n - 1n },
      { from: 'alice', to: 'bob', amount: huge },
      { from: 'alice', to: 'bob', amount: 1n },
      { from: 'bob', to: 'mixer', amount: 5n },
    ]),
  );
  const { received, sent } = buildExposure({ flow, table: tableOf(flow), dust: [1e14], kernels });
  for (const { total, lanes } of [received, sent]) {
    assert.ok(total.every(Number.isFinite));
    for (const { all, direct, held } of lanes)
      for (const figures of [all, direct, held]) assert.ok(figures.every(Number.isFinite));
  }
});

/** The figures of one address, computed from nothing. */
function figuresOf(all: readonly Move[], who: string, at = database()): unknown {
  const built: Chain = { flow: accountFlowOf(CHAIN, transfersOf(all)), history: ['a'] };
  update(at, built);
  return opened(at, built, (table) => table.exposureOf(who, ETH));
}

function withoutSmall(exposure: unknown): unknown {
  return JSON.parse(JSON.stringify(exposure, (key, value) => (key === 'small' ? undefined : value)));
}

test('dust unasked for changes no figure of the receiver’s own money, to the bit; ten thousand times does', () => {
  const dust = dustOf(nativeAsset(CHAIN), NO_DUST);
  assert.equal(dust, 1e14);
  const before = figuresOf(moves, 'bob');
  const speck: Move = { from: 'mixer', to: 'bob', amount: BigInt(dust) };
  for (const place of [0, 3, moves.length]) {
    const dusted = figuresOf([...moves.slice(0, place), speck, ...moves.slice(place)], 'bob') as {
      received: { small: number; categories: { category: string; small: number; smallCounts: boolean }[] };
    };
    assert.deepEqual(withoutSmall(dusted), withoutSmall(before));
    assert.equal(dusted.received.small, 1e14, 'it is shown');
    assert.deepEqual(dusted.received.categories.find(({ category }) => category === 'mixer')?.smallCounts, false);
  }
  const many = figuresOf([...moves, ...new Array<Move>(10_000).fill(speck)], 'bob') as {
    received: { amount: number; categories: { category: string; amount: number; smallCounts: boolean }[] };
  };
  const mixer = many.received.categories.find(({ category }) => category === 'mixer')!;
  assert.equal(mixer.smallCounts, true);
  assert.ok(Math.abs(mixer.amount - 6e18) < 1e14 && Math.abs(many.received.amount - 26e18) < 1e14);
});

test('an address that got nothing but dust has nothing said of its own money', () => {
  const exposure = figuresOf([...moves, { from: 'mixer', to: 'fresh', amount: 5n * 10n ** 13n }], 'fresh') as {
    received: { amount: number; small: number };
  };
  assert.deepEqual([exposure.received.amount, exposure.received.small], [0, 5e13]);
});

test('a swap carries exposure from one asset to the other, and no pool stops it', () => {
  const swap: Move[] = [
    { from: 'thief', to: 'alice', amount: 3000n * 10n ** 6n, asset: USDC },
    { from: null, to: 'alice', amount: 1000n * 10n ** 6n, asset: USDC },
    { from: null, to: 'pool', amount: 100n * ONE },
    { from: 'alice', to: 'pool', amount: 4000n * 10n ** 6n, asset: USDC, tx: '0xswap', time: 1_600_000_003 },
    { from: 'pool', to: 'alice', amount: 2n * ONE, tx: '0xswap', time: 1_600_000_003 },
    ether('alice', 'bob', 1n),
  ];
  const dexLane = DEFAULT_CATEGORIES.names.indexOf('dex');
  const flow = accountFlowOf(CHAIN, transfersOf(swap)) as AccountFlow;
  assert.ok(flow.swaps.count > 0);
  const table = tableOf(flow, { thief: STOLEN, pool: dexLane } as unknown as typeof LANES);
  const figures = buildExposure({ flow, table, dust: [0, 0], kernels });
  const eth = flow.assets.findIndex(({ asset }) => asset === ETH);
  const offset = eth === 0 ? 0 : flow.assets[0]!.placeCount;
  const at = (who: string): number => offset + flow.assets[eth]!.placeOf(flow.addresses.find(who));
  const all = (who: string, lane: number): number => figures.received.lanes[0]!.all[16 * at(who) + lane]!;
  assert.ok(Math.abs(all('alice', STOLEN) - 1.5e18) < 1e12);
  assert.ok(Math.abs(all('bob', STOLEN) - 0.75e18) < 1e12);
  assert.equal(all('bob', dexLane), 0);
  assert.equal(figures.received.total[at('pool')], 100e18, 'its own swap is no payment to a service');
});

test('a UTXO table that grows begins anew where the payer and the payee of an earlier payment turn out to be one', () => {
  const payments = [
    { id: 'a', spends: [], pays: [{ to: 'alice', value: 50_000n }] },
    { id: 'b', spends: ['a:0'], pays: [{ to: 'bob', value: 49_000n }] },
    { id: 'c', spends: ['b:0'], pays: [{ to: 'carol', value: 48_000n }] },
  ];
  const at = database();
  const run = (count: number, joined: boolean): Updated => {
    const flow = utxoFlowOf(BITCOIN, utxoOf(payments.slice(0, count)));
    const [alice, bob] = ['alice', 'bob'].map((name) => flow.addresses.find(name));
    return updateExposure({
      database: at,
      flow,
      history: ['a', 'b', 'c'].slice(0, count),
      table: tableOf(flow),
      dust: NO_DUST,
      assets: [nativeAsset(BITCOIN)],
      kernels,
      entityOf: (address) => (joined && address === bob ? alice! : address),
    });
  };
  run(2, false);
  assert.deepEqual([run(2, false).how, run(3, false).how], ['current', 'grown']);
  assert.equal(run(3, true).how, 'anew');
  const whole: Chain = { flow: utxoFlowOf(BITCOIN, utxoOf(payments)), history: ['a', 'b', 'c'] };
  const bob = opened(at, whole, (table) => table.exposureOf('bob', nativeAsset(BITCOIN).id))!;
  assert.deepEqual([bob.received.larger, bob.sent.larger], [0, 48_000]);
});
