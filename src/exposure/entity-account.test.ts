import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { SILENT } from '../base/progress.ts';
import type { DepositTable } from '../cluster/deposit-table.ts';
import type { AccountFlow } from '../flow/flow.ts';
import { accountFlowOf } from '../flow/memory.ts';
import { createKernels } from '../kernel/kernel.ts';
import type { Category, Label } from '../model/label.ts';
import type { Transfer, TransferKind } from '../model/transfer.ts';
import { labelOf } from './_entity-fixture.ts';
import { buildAccountEntities, DEFAULT_DEPOSIT_OPTIONS, type DepositOptions } from './entity-account.ts';
import { serviceTable } from './entity-services.ts';

const CHAIN = 'eip155:1';
const ETHER = `${CHAIN}/slip44:60`;
const TOKEN = `${CHAIN}/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7`;
const ONE = 10n ** 18n;

interface Move {
  readonly from: string;
  readonly to: string | null;
  readonly amount: bigint;
  readonly block: number | null;
  readonly asset?: string;
  readonly kind?: TransferKind;
  readonly time?: number;
}

function transfers(moves: readonly Move[]): Transfer[] {
  return moves.map(({ from, to, amount, block, asset = ETHER, kind = 'transfer', time }, index) => ({
    chain: CHAIN,
    time: time ?? 1_600_000_000 + (block ?? 0) * 13,
    block: block === null ? null : BigInt(block),
    txIndex: index,
    leg: 0,
    tx: `0x${index}`,
    kind,
    from,
    to,
    asset,
    amount,
    rounded: false,
    source: { batch: 0, file: 0, row: index + 1 },
  }));
}

function scene(moves: readonly Move[], labels: readonly Label[], rules: Partial<DepositOptions> = {}) {
  return sceneOf(accountFlowOf(CHAIN, transfers(moves)), labels, rules);
}

function sceneOf(flow: AccountFlow, labels: readonly Label[], rules: Partial<DepositOptions> = {}) {
  const services = serviceTable(labels, flow.addresses);
  const { deposits, clusters } = buildAccountEntities(flow, {
    kernels: createKernels(null),
    services,
    sizeLimit: 100,
    rules: { ...DEFAULT_DEPOSIT_OPTIONS, ...rules },
    progress: SILENT,
  });
  const together = new Map<number, string[]>();
  for (const [id, root] of clusters.roots.entries())
    together.set(root, [...(together.get(root) ?? []), flow.addresses.text(id)]);
  const clustersOfTwo = [...together.values()].filter((members) => members.length > 1).map((members) => members.sort());
  return { ...shown(deposits, (id) => flow.addresses.text(id)), clusters: clustersOfTwo.sort(), services };
}

function shown(table: DepositTable, text: (id: number) => string) {
  const deposits: Record<string, [forwards: number, toService: number, outgoing: number, senders: string]> = {};
  for (let at = 0; at < table.count; at += 1) {
    const senders = [...table.sender.subarray(table.senderStart[at], table.senderStart[at + 1])].map(text);
    deposits[text(table.address[at]!)] = [
      table.forwards[at]!,
      table.toService[at]!,
      table.outgoing[at]!,
      senders.join(),
    ];
  }
  return { deposits };
}

const HOT = labelOf('hot', 'exchange', 'Aster: Hot Wallet', CHAIN);
const pay = (from: string, to: string, amount: bigint, block: number | null, rest: Partial<Move> = {}): Move => ({
  from,
  to,
  amount,
  block,
  ...rest,
});
const PAIR = [pay('alice', 'd1', ONE, 100), pay('d1', 'hot', ONE - ONE / 100n, 110)];

suite('deposit addresses: what they pass on, soon and but for the fee', () => {
  test('Victor’s window and amount hold to the block and to the unit', () => {
    const found = { d1: [1, 1, 1, 'alice'] };
    assert.deepEqual(scene(PAIR, [HOT]).deposits, found);
    const tooMuch = [PAIR[0]!, pay('d1', 'hot', ONE - ONE / 100n - 1n, 110)];
    assert.deepEqual(scene(tooMuch, [HOT]).deposits, {});
    assert.deepEqual(scene([PAIR[0]!, pay('d1', 'hot', ONE + 1n, 110)], [HOT]).deposits, {});
    assert.deepEqual(scene([PAIR[0]!, { ...PAIR[1]!, block: 3_300 }], [HOT]).deposits, found);
    assert.deepEqual(scene([PAIR[0]!, { ...PAIR[1]!, block: 3_301 }], [HOT]).deposits, {});
  });

  test('without block numbers the window is half a day', () => {
    const at = (time: number) => [
      pay('alice', 'd1', ONE, null, { time: 1_600_000_000 }),
      pay('d1', 'hot', ONE, null, { time }),
    ];
    assert.deepEqual(Object.keys(scene(at(1_600_043_200), [HOT]).deposits), ['d1']);
    assert.deepEqual(scene(at(1_600_043_201), [HOT]).deposits, {});
  });

  test('a token is passed on whole; the gas that the exchange sends first is no deposit', () => {
    const gas = pay('hot', 'd1', ONE / 200n, 102);
    const token = { asset: TOKEN };
    const whole = [pay('alice', 'd1', 500n, 100, token), gas, pay('d1', 'hot', 500n, 110, token)];
    assert.deepEqual(scene(whole, [HOT]).deposits, { d1: [1, 1, 1, 'alice'] });
    const less = [pay('alice', 'd1', 500n, 100, token), gas, pay('d1', 'hot', 499n, 110, token)];
    assert.deepEqual(scene(less, [HOT]).deposits, {});
  });

  test('fees are no payments; payments elsewhere lower the confidence until it is none', () => {
    const fee = pay('d1', 'nobody', 5n, 110, { kind: 'gas', to: null });
    const elsewhere = pay('d1', 'shop', 1n, 120);
    assert.deepEqual(scene([...PAIR, fee], [HOT]).deposits, { d1: [1, 1, 1, 'alice'] });
    assert.deepEqual(scene([...PAIR, elsewhere], [HOT]).deposits, {});
    assert.deepEqual(scene([...PAIR, elsewhere], [HOT], { minConfidence: 0.5 }).deposits, { d1: [1, 1, 2, 'alice'] });
  });

  test('amounts above 2^64 and above 2^128 are compared exactly', () => {
    for (const big of [2n ** 90n, 2n ** 140n]) {
      const exact = [pay('alice', 'd1', big, 100), pay('d1', 'hot', big - ONE / 100n, 110)];
      assert.deepEqual(Object.keys(scene(exact, [HOT]).deposits), ['d1']);
      const over = [pay('alice', 'd1', big, 100), pay('d1', 'hot', big - ONE / 100n - 1n, 110)];
      assert.deepEqual(scene(over, [HOT]).deposits, {});
    }
  });
});

/** The same chain with other numbers for its addresses: `order` names them by id. */
function renumbered(flow: AccountFlow, order: readonly string[]): AccountFlow {
  const old = order.map((text) => flow.addresses.find(text));
  const now = (id: number): number => old.indexOf(id);
  return {
    ...flow,
    addresses: { chain: CHAIN, size: order.length, text: (id) => order[id]!, find: (text) => order.indexOf(text) },
    assets: flow.assets.map((asset) => ({
      ...asset,
      addressOf: (place) => now(asset.addressOf(place)),
      placeOf: (id) => asset.placeOf(old[id]!),
    })),
    counterparties: (id) => flow.counterparties(old[id]!),
  };
}

suite('entities of an account chain (property 17)', () => {
  const names = (...list: string[]) => fc.constantFrom(...list);
  const everybody = names('hot', 'cold', 'd1', 'd2', 'd3', 'alice', 'bob', 'carol', 'dan');
  const facts = { amount: names('7', '8').map(BigInt), asset: names(ETHER, ETHER, TOKEN), block: fc.nat(9) };
  /** Somebody pays a deposit address, which pays an exchange: mostly its own, mostly afterwards. */
  const passed = fc
    .record({ ...facts, who: names('alice', 'bob', 'carol'), deposit: names('d1', 'd2'), other: fc.nat(9) })
    .map(({ who, deposit, other, ...rest }) => {
      const main = (deposit === 'd1') === other > 0 ? 'hot' : 'cold';
      return [
        { ...rest, from: who, to: deposit },
        { ...rest, from: deposit, to: main, block: rest.block + 1 },
      ];
    });
  const noise = fc.record({ ...facts, from: everybody, to: everybody }).map((move) => [move]);
  const moves = fc
    .array(fc.oneof({ weight: 6, arbitrary: passed }, { weight: 1, arbitrary: noise }), { minLength: 1, maxLength: 14 })
    .map((lists) => lists.flat());

  test('the order of import changes nothing: not of movements, not of the numbers that addresses got by it', () => {
    const labels = [HOT, labelOf('cold', 'exchange', 'Borage', CHAIN)];
    const random = fc.infiniteStream(fc.nat(1_000_000));
    let joined = 0;
    fc.assert(
      fc.property(moves, random, (drafts, draws) => {
        const shuffled = <T>(list: readonly T[]): T[] =>
          list
            .map((item) => ({ item, key: draws.next().value as number }))
            .sort((a, b) => a.key - b.key)
            .map(({ item }) => item);
        const rows = transfers([...drafts].sort((a, b) => a.block - b.block));
        const flow = accountFlowOf(CHAIN, rows);
        const texts = Array.from({ length: flow.addresses.size }, (_, id) => flow.addresses.text(id));
        const other = renumbered(accountFlowOf(CHAIN, shuffled(rows)), shuffled(texts));
        const loose = { minConfidence: 0.3 };
        const { deposits, clusters } = sceneOf(flow, labels, loose);
        const again = sceneOf(other, labels, loose);
        assert.deepEqual([again.deposits, again.clusters], [deposits, clusters]);
        joined += clusters.length;
      }),
    );
    assert.ok(joined > 0, 'some were joined');
  });
});

suite('deposit addresses: who pays into one is one customer', () => {
  const both = [...PAIR, pay('bob', 'd1', ONE, 200), pay('d1', 'hot', ONE, 210)];

  test('senders of one deposit address are one entity; the deposit address itself is not theirs', () => {
    assert.deepEqual(scene(both, [HOT]).clusters, [['alice', 'bob']]);
  });

  test('a labelled service, a contract and a hub that pay in are nobody’s', () => {
    for (const label of [
      labelOf('bob', 'exchange', 'Borage', CHAIN),
      labelOf('bob', 'dex', 'Router', CHAIN),
      labelOf('bob', 'token', 'Coin', CHAIN),
    ])
      assert.deepEqual(scene(both, [HOT, label]).clusters, []);
    const crowd = Array.from({ length: 6 }, (_, index) => pay('bob', `friend${index}`, 5n, 300 + index));
    assert.deepEqual(scene([...both, ...crowd], [HOT], { maxCounterparties: 6 }).clusters, []);
    assert.deepEqual(scene([...both, ...crowd], [HOT], { maxCounterparties: 7 }).clusters, [['alice', 'bob']]);
  });

  test('a till that more pay than one customer has addresses joins nobody, and stays the exchange’s', () => {
    const till = scene(both, [HOT], { maxSenders: 1 });
    assert.deepEqual(till.clusters, []);
    assert.deepEqual(Object.keys(till.deposits), ['d1']);
  });

  test('of two services the one that got more; a label that says deposit is no main address', () => {
    const other = labelOf('cold', 'exchange', 'Borage', CHAIN);
    const split = [...both, pay('carol', 'd1', ONE, 300), pay('d1', 'cold', ONE, 301)];
    const { deposits } = scene(split, [HOT, other]);
    assert.deepEqual(deposits, { d1: [2, 2, 3, 'alice,bob'] });
    assert.deepEqual(scene(both, [labelOf('hot', 'exchange', 'Aster: Deposit 3', CHAIN)]).deposits, {});
  });

  test('a label for an address never seen is counted and does no harm; two services at one address are told', () => {
    const unseen = labelOf('nowhere', 'exchange', 'Borage', CHAIN);
    const against = labelOf('hot', 'mixer', 'Other name', CHAIN, { confidence: 'heuristic' });
    const { services, deposits } = scene(both, [HOT, unseen, against]);
    assert.equal(services.unseen, 1);
    assert.equal(services.contradicting, 1);
    assert.deepEqual(
      services.services.map(({ name, category }) => [name, category]),
      [['Aster', 'exchange']],
    );
    assert.deepEqual(Object.keys(deposits), ['d1']);
  });

  test('a sanctioned or stolen-funds label is about the person: such an address may pay in', () => {
    const labels = (['sanctioned', 'stolen'] as Category[]).map((category) =>
      labelOf('bob', category, 'Lazarus', CHAIN),
    );
    assert.deepEqual(scene(both, [HOT, ...labels]).clusters, [['alice', 'bob']]);
  });
});
