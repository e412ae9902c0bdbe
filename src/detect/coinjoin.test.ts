import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { type CoinJoinColumns, type CoinJoinInput, coinJoinOf, coinJoinOfColumns } from './coinjoin.ts';
import { pushedBytes, ScriptKind, scriptKind } from './coinjoin-view.ts';

type End = readonly [value: number, address: string];

/** An address as long as a real one of its kind; the detectors read kind and sameness, never a checksum. */
const key = (name: number | string): string => `bc1q${String(name).padStart(38, 'q')}`;
const multisig = (name: number | string): string => `bc1q${String(name).padStart(58, 'q')}`;
const old = (name: number | string): string => `1${String(name).padStart(33, 'q')}`;
const note = (bytes: number): string =>
  `script:6a${bytes > 75 ? '4c' : ''}${bytes.toString(16).padStart(2, '0')}${'ab'.repeat(bytes)}`;

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

function tx(inputs: readonly End[], outputs: readonly End[]): CoinJoinInput {
  const end = ([value, address]: End) => ({ value: BigInt(value), address });
  return {
    inputs: inputs.map((input, index) => ({ ...end(input), outpoint: { tx: '', index } })),
    outputs: outputs.map(end),
  };
}

function kindOf(inputs: readonly End[], outputs: readonly End[]): string | null {
  return coinJoinOf(tx(inputs, outputs))?.kind ?? null;
}

const POOL = 5_000_000;
const poolIn = (count = 5, newcomers = 2): End[] =>
  many(count, (at) => [at < newcomers ? POOL + 4_000 : POOL, key(`in${at}`)]);
const poolOut = (count = 5): End[] => many(count, (at) => [POOL, key(`out${at}`)]);

suite('Whirlpool', () => {
  test('is found with five to ten participants, whatever the outputs’ scripts', () => {
    for (const count of [5, 8, 10]) assert.equal(kindOf(poolIn(count), poolOut(count)), 'whirlpool');
    assert.equal(kindOf(poolIn(), [...poolOut(4), [POOL, multisig('vault')]]), 'whirlpool');
    const { mix, severalOwners, denomination, anonymitySet } = coinJoinOf(tx(poolIn(8), poolOut(8)))!;
    assert.deepEqual([mix, severalOwners, denomination, anonymitySet], [true, true, 5_000_000n, 8]);
  });

  test('near misses are none', () => {
    const none = (inputs: readonly End[], outputs: readonly End[]) =>
      assert.notEqual(kindOf(inputs, outputs), 'whirlpool');
    none(poolIn(4), poolOut(4));
    none(poolIn(11), poolOut(11));
    none(poolIn(5, 0), poolOut());
    none(poolIn(5, 5), poolOut());
    none(poolIn(6), poolOut());
    none([...poolIn(4), [POOL - 1, key('short')]], poolOut());
    none([...poolIn(4), [POOL + 110_001, key('far')]], poolOut());
    none([...poolIn(4), [POOL, key('in3')]], poolOut());
    none(poolIn(), [...poolOut(4), [POOL, key('out3')]]);
    none(poolIn(), [...poolOut(4), [POOL, key('in0')]]);
    const other = (ends: End[]): End[] => ends.map(([value, address]) => [value + 1_000_000, address]);
    none(other(poolIn()), other(poolOut()));
  });
});

suite('Whirlpool Tx0', () => {
  const premix = (count: number): End[] => many(count, (at) => [1_004_000, key(`p${at}`)]);
  const from: End[] = [[60_000_000, key('wallet')]];
  const fee: End = [50_000, key('fee')];
  const change: End = [30_000_000, key('change')];

  test('is a preparation by one owner and no mix', () => {
    const found = coinJoinOf(tx(from, [[0, note(80)], fee, change, ...premix(20)]))!;
    assert.deepEqual([found.kind, found.mix, found.severalOwners, found.anonymitySet], ['tx0', false, false, null]);
    assert.deepEqual([found.denomination, found.confidence], [1_000_000n, 'high']);
    assert.equal(kindOf(from, [[0, note(64)], fee, change, ...premix(1)]), 'tx0');
    assert.equal(kindOf(from, [[0, note(80)], [1_234, key('fee')], change, ...premix(1)]), 'tx0');
    assert.equal(kindOf(from, [[0, note(80)], fee, ...premix(1)]), 'tx0');
  });

  test('near misses are none', () => {
    assert.equal(kindOf(from, [fee, change, ...premix(20)]), null);
    assert.equal(kindOf(from, [[0, note(20)], fee, change, ...premix(20)]), null);
    assert.equal(kindOf(from, [[0, key('nothing')], fee, change, ...premix(20)]), null);
    assert.equal(kindOf(from, [[0, note(80)], [0, note(80)], fee, change, ...premix(20)]), null);
    assert.equal(kindOf(from, [[0, note(80)], fee, change, [7, key('other')], ...premix(20)]), null);
    assert.equal(kindOf(from, [[0, note(80)], fee, change, [1_000_000, key('exact')]]), null);
  });
});

suite('Wasabi 1', () => {
  const BASE = 10_989_580;
  const inputs = (count = 30): End[] => many(count, (at) => [12_000_000 + at * 77_777, key(`in${at}`)]);
  const round = (equal: number, base = BASE): End[] => [
    ...many(equal, (at): End => [base, key(`o${at}`)]),
    ...many(3, (at): End => [2 * base - 1_820, key(`double${at}`)]),
    ...many(equal + 4, (at): End => [400_000 + at * 31_337, key(`change${at}`)]),
  ];
  const COORDINATOR = 'bc1qs604c7jv6amk4cxqlnvuxv26hv3e48cds4m0ew';

  test('is found by its base, its levels or the coordinator’s address', () => {
    const found = coinJoinOf(tx(inputs(), round(20)))!;
    assert.deepEqual([found.kind, found.mix, found.anonymitySet], ['wasabi1', true, 20]);
    assert.equal(found.denomination, BigInt(BASE));
    const early = round(4, 10_000_000).filter(([value]) => value < 19_000_000);
    assert.equal(kindOf(inputs(6), [...early, [9_999, COORDINATOR]]), 'wasabi1');
  });

  test('near misses are none', () => {
    const none = (ins: readonly End[], outs: readonly End[]) => assert.notEqual(kindOf(ins, outs), 'wasabi1');
    none(inputs(), round(9));
    none(inputs(), round(20, 10_000_000));
    none(inputs(), round(20, 12_100_001));
    none(inputs(19), round(20));
    none([[12_000_000, old('p2pkh')], ...inputs(29)], round(20));
    none(inputs(), [...round(20), [5_000, multisig('x')]]);
    none(inputs(), [...round(20), [5_000, key('o0')]]);
    none(
      inputs(),
      round(20).filter(([value]) => value < 19_000_000),
    );
  });
});

suite('Wasabi 2', () => {
  const down = (ends: End[]): End[] => ends.sort(([a], [b]) => b - a);
  const inputs = (count = 60): End[] => down(many(count, (at) => [3_000_000 + at * 12_345, key(`in${at}`)]));
  const STANDARD = [8_192, 100_000, 131_072, 531_441, 1_062_882, 2_000_000, 14_348_907];
  const outputs = (other = 4): End[] =>
    down([
      ...many(63, (at): End => [STANDARD[at % STANDARD.length]!, key(`o${at}`)]),
      ...many(other, (at): End => [77_777 + at, key(`change${at}`)]),
    ]);

  test('is found by denominations and order, with low confidence: it is not measured', () => {
    const found = coinJoinOf(tx(inputs(), outputs()))!;
    assert.deepEqual([found.kind, found.mix, found.anonymitySet, found.confidence], ['wasabi2', true, 9, 'low']);
  });

  test('near misses are none', () => {
    const none = (ins: readonly End[], outs: readonly End[]) => assert.equal(kindOf(ins, outs), null);
    none(inputs(14), outputs());
    none([...inputs()].reverse(), outputs());
    none(inputs(), [...outputs()].reverse());
    none(inputs(), outputs(20));
    none(
      inputs().map(([value]) => [value, key('one owner')]),
      outputs(),
    );
    none(
      inputs().map(([value], at) => [value, old(at)]),
      outputs(),
    );
    const equal = outputs(0).map(([, address]): End => [100_000, address]);
    none(inputs(), equal);
  });
});

/** Each maker puts in one address and earns 0.002 %; the taker puts in two, and pays them and the miners. */
function joinMarket(participants: number, amount = 60_000_000, earned = 1_200): { inputs: End[]; outputs: End[] } {
  const changes = many(participants, (at) => 1_000_000 + at * 7_654_321);
  const makers = changes.slice(1).map((change, at): End => [amount + change - earned, key(`maker${at}`)]);
  const taker = amount + changes[0]! + earned * (participants - 1) + 9_000;
  const half = Math.floor(taker / 2) - 123_457;
  return {
    inputs: [[half, key('taker0')], ...makers, [taker - half, key('taker1')]],
    outputs: [
      ...changes.map((change, at): End => [change, key(`change${at}`)]),
      ...many(participants, (at): End => [amount, key(`out${at}`)]),
    ],
  };
}

suite('JoinMarket', () => {
  test('is found with two to ten participants, by accounts that balance', () => {
    for (const participants of [2, 3, 4, 5, 9, 10]) {
      const { inputs, outputs } = joinMarket(participants);
      const found = coinJoinOf(tx(inputs, outputs))!;
      assert.deepEqual([found.kind, found.mix, found.anonymitySet], ['joinmarket', true, participants]);
      assert.equal(found.confidence, participants >= 5 ? 'high' : 'medium');
      assert.ok(found.evidence.some((sign) => sign.startsWith(`${participants - 1} of ${participants} participants`)));
    }
  });

  test('may pay a stranger with another script type, and sweep an account', () => {
    const { inputs, outputs } = joinMarket(7);
    const [, ...rest] = outputs;
    const payment: End = [60_000_000, old('shop')];
    assert.equal(kindOf(inputs, [...rest.slice(0, -1), payment]), 'joinmarket');
    // Of about 0.1 BTC and ten participants it is no Wasabi 1.
    const tenth = joinMarket(11, 10_332_842, 210);
    assert.equal(kindOf(tenth.inputs, tenth.outputs), 'joinmarket');
  });
});

suite('JoinMarket’s near misses', () => {
  test('are no mix', () => {
    const noMix = (inputs: readonly End[], outputs: readonly End[]) =>
      assert.notEqual(coinJoinOf(tx(inputs, outputs))?.mix, true);
    const near = (participants: number, amount: number, earned: number) => {
      const { inputs, outputs } = joinMarket(participants, amount, earned);
      noMix(inputs, outputs);
    };
    // Everyone pays, no maker earns; makers earn more than anybody pays; too little for any maker.
    near(6, 60_000_000, -2_000);
    near(2, 60_000_000, -2_000);
    near(6, 60_000_000, 70_000);
    near(6, 27_299, 1);
    near(3, 99_999, 1);
    const { inputs, outputs } = joinMarket(6);
    // An address that pays is paid; two outputs to one address; two groups of equal outputs; more change than participants.
    noMix(inputs, [[outputs[0]![0], key('maker1')], ...outputs.slice(1)]);
    noMix(inputs, [...outputs.slice(0, -1), [60_000_000, key('out0')]]);
    noMix(inputs, [[outputs[1]![0], key('again')], ...outputs.slice(1)]);
    noMix(inputs, [[600, key('more')], ...outputs]);
    // Fewer addresses than participants, or too little money for each.
    noMix(
      many(5, (at): End => [200_000_000, key(`in${at}`)]),
      outputs,
    );
    noMix([[500_000_000, key('all')], ...many(6, (at): End => [1_000, key(`in${at}`)])], outputs);
  });

  test('the bare outline is joint: maybe of several owners, no mix', () => {
    const { inputs, outputs } = joinMarket(6, 27_299, 1);
    const { kind, mix, severalOwners, anonymitySet, confidence } = coinJoinOf(tx(inputs, outputs))!;
    assert.deepEqual([kind, mix, severalOwners, anonymitySet, confidence], ['joint', false, true, null, 'low']);
  });

  test('a Stonewall, whose sets each pay half of the fee, is no mix', () => {
    const one: End[] = [
      [700_000, key('a')],
      [900_000, key('b')],
    ];
    const parts: End[] = [
      [300_000, key('a')],
      [400_000, key('aa')],
      [900_000, key('b')],
    ];
    const outputs: End[] = [
      [500_000, key('paid')],
      [500_000, key('own')],
      [199_000, key('change a')],
      [399_000, key('change b')],
    ];
    for (const inputs of [one, parts]) assert.notEqual(coinJoinOf(tx(inputs, outputs))?.mix, true);
  });

  test('a sale of two inscriptions, signed by buyer and seller, is no mix', () => {
    const inputs: End[] = [
      [600, key('buyer dummy')],
      [546, key('seller')],
      [546, key('seller two')],
      [900_000, key('buyer')],
    ];
    const outputs: End[] = [
      [10_600, key('fresh')],
      [300_000, key('seller pay')],
      [300_000, key('seller pay two')],
      [250_000, key('buyer change')],
    ];
    assert.notEqual(coinJoinOf(tx(inputs, outputs))?.mix, true);
  });
});

suite('ordinary transactions', () => {
  test('equal payouts by one owner, a coinbase, amounts of another chain and empty lists are none', () => {
    const payouts: End[] = many(12, (at) => [10_000_000, key(`customer${at}`)]);
    assert.equal(kindOf([[200_000_000, key('hot')]], [...payouts, [79_000_000, key('hot')]]), null);
    const hot: End[] = many(20, () => [10_000_000, key('hot')]);
    assert.equal(kindOf(hot, [...payouts, [79_000_000, key('hot')]]), null);
    const { inputs, outputs } = tx(poolIn(), poolOut());
    assert.equal(coinJoinOf({ inputs: inputs.map((input) => ({ ...input, outpoint: null })), outputs }), null);
    const wide = outputs.map((output) => ({ ...output, value: output.value * 10n ** 30n }));
    assert.equal(coinJoinOf({ inputs, outputs: wide }), null);
    assert.equal(coinJoinOf({ inputs: [], outputs: [] }), null);
    assert.equal(coinJoinOf({ inputs: [], outputs }), null);
  });

  test('the kinds of scripts that addresses tell', () => {
    const { keyHash, scriptHash, witnessKey, witnessScript, taproot, data, unknown } = ScriptKind;
    // The first five are examples of BIP173, BIP350 and the Bitcoin wiki.
    const kinds: [string, number][] = [
      ['bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', witnessKey],
      ['bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3', witnessScript],
      ['bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0', taproot],
      ['1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2', keyHash],
      ['3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy', scriptHash],
      ['script:6a0401020304', data],
      ['script:21ac', unknown],
      ['', unknown],
    ];
    for (const [address, kind] of kinds) assert.equal(scriptKind(address), kind, address);
    assert.deepEqual([note(64), note(80), 'script:6a', 'script:6a0401', 'script:51'].map(pushedBytes), [
      64,
      80,
      null,
      null,
      null,
    ]);
  });
});

const value = fc.constantFrom(
  0,
  546,
  5_000,
  50_000,
  100_000,
  104_000,
  1_000_000,
  1_004_000,
  POOL,
  POOL + 4_000,
  10_989_580,
  21_977_340,
);
const address = fc.oneof(
  fc.nat(20).map(key),
  fc.nat(3).map(old),
  fc.constantFrom(note(80), note(20), multisig(1), 'script:51', ''),
);
const end = fc.tuple(fc.oneof(value, fc.nat(2 ** 31 - 1)), address);
const ends = (most: number) => fc.array(end, { maxLength: most });
const fixtures: { inputs: readonly End[]; outputs: readonly End[] }[] = [
  { inputs: poolIn(), outputs: poolOut() },
  ...[2, 3, 5, 9].map((participants) => joinMarket(participants)),
];

suite('of any transaction', () => {
  test('the answer is none, or one that holds together', () => {
    fc.assert(
      fc.property(ends(20), ends(30), (inputs, outputs) => {
        const found = coinJoinOf(tx(inputs, outputs));
        if (found === null) return;
        const { denomination, anonymitySet, mix, severalOwners, kind, evidence } = found;
        assert.ok(denomination > 0n && evidence.length > 0);
        assert.equal(mix, kind !== 'tx0' && kind !== 'joint');
        assert.equal(severalOwners, kind !== 'tx0');
        assert.equal(mix, anonymitySet !== null);
        assert.ok(evidence.every((sign) => !/NaN|undefined|Infinity/.test(sign)));
        const equal = outputs.filter(([amount]) => BigInt(amount) === denomination).length;
        if (anonymitySet !== null) assert.equal(equal, anonymitySet);
      }),
      { numRuns: 2000 },
    );
  });

  test('the order of the ends changes nothing but for Wasabi 2', () => {
    const some = fc.oneof(fc.record({ inputs: ends(12), outputs: ends(12) }), fc.constantFrom(...fixtures));
    fc.assert(
      fc.property(some, fc.infiniteStream(fc.nat()), ({ inputs, outputs }, keys) => {
        const turned = <T>(list: readonly T[]): T[] =>
          list
            .map((item) => ({ item, at: keys.next().value }))
            .sort((a, b) => a.at - b.at)
            .map(({ item }) => item);
        assert.deepEqual(coinJoinOf(tx(turned(inputs), turned(outputs))), coinJoinOf(tx(inputs, outputs)));
      }),
      { numRuns: 1000 },
    );
  });

  test('the columns say the same where scripts do not matter, but for JoinMarket by one account', () => {
    const plain = fc.tuple(
      value.filter((amount) => amount > 0),
      fc.nat(20).map(key),
    );
    const list = (most: number) => fc.array(plain, { maxLength: most });
    const some = fc.oneof(fc.record({ inputs: list(20), outputs: list(20) }), fc.constantFrom(...fixtures));
    fc.assert(
      fc.property(some, fc.boolean(), ({ inputs, outputs }, big) => {
        const whole = coinJoinOf(tx(inputs, outputs));
        const bare = coinJoinOfColumns(columnsOf(inputs, outputs, big));
        if (whole?.evidence.some((sign) => /^1 of ([5-9]|\d\d) participants/.test(sign)))
          assert.equal(bare?.kind, 'joint');
        else assert.deepEqual(essence(bare), essence(whole));
      }),
      { numRuns: 1000 },
    );
  });
});

function essence(found: ReturnType<typeof coinJoinOf>): unknown {
  return found && [found.kind, found.denomination, found.anonymitySet, found.confidence];
}

function columnsOf(inputs: readonly End[], outputs: readonly End[], big: boolean): CoinJoinColumns {
  const owners = [...new Set([...inputs, ...outputs].map(([, owner]) => owner))];
  const numbers = (list: readonly End[]) => Uint32Array.from(list, ([, owner]) => owners.indexOf(owner));
  const values = (list: readonly End[]) =>
    big ? BigUint64Array.from(list, ([amount]) => BigInt(amount)) : Float64Array.from(list, ([amount]) => amount);
  return {
    inputValues: values(inputs),
    inputOwners: numbers(inputs),
    outputValues: values(outputs),
    outputOwners: numbers(outputs),
  };
}
