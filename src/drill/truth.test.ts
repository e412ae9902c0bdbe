import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { requireTime } from '../base/time.ts';
import { scriptToAddress } from '../model/address.ts';
import { requireChain } from '../model/chain.ts';
import { Balances, fileLines, type ReadRow, type ReadTx, readRows, readUtxo, sum, Unspent } from './_replay.ts';
import { ACCOUNT_CHAIN, UTXO_CHAIN } from './asset.ts';
import { createDrill, type Drill } from './drill.ts';
import { INFLOWS, OUTFLOWS, type TruthTheft } from './truth.ts';

const regtest = requireChain(UTXO_CHAIN);
const addressOf = (script: string): string => scriptToAddress(regtest, script);

/** The thieves' addresses on one chain, as the truth lists them. */
function controlled(theft: TruthTheft, chain: string): Set<string> {
  return new Set(theft.controlled.filter((place) => place.chain === chain).map((place) => place.address));
}

function labelled(drill: Drill, category: string): Set<string> {
  const rows = [...fileLines(drill, 'labels.csv')].map((line) => line.split(','));
  return new Set(rows.filter((row) => row[3] === category).map((row) => row[0]!));
}

/** Checks one drill from its text alone. */
function check(drill: Drill): void {
  const rows = [...readRows(drill)];
  const balances = new Balances();
  for (const row of rows) balances.apply(row);
  const txs = [...readUtxo(drill)];
  const unspent = new Unspent();
  for (const tx of txs) unspent.apply(tx);
  for (const theft of drill.truth.thefts) {
    checkAccounts(drill, theft, rows, balances);
    checkUtxo(theft, txs, unspent);
  }
}

function checkAccounts(drill: Drill, theft: TruthTheft, rows: readonly ReadRow[], balances: Balances): void {
  const own = controlled(theft, ACCOUNT_CHAIN);
  for (const flow of theft.flows.filter(({ chain }) => chain === ACCOUNT_CHAIN)) {
    const crossing = rows.filter((row) => row.asset === flow.asset && own.has(row.from) !== own.has(row.to));
    const total = (some: readonly ReadRow[]): bigint => some.reduce((all, row) => all + row.amount, 0n);
    const into = crossing.filter((row) => own.has(row.to));
    const out = crossing.filter((row) => own.has(row.from));
    const side = (values: Readonly<Record<string, string>>): bigint =>
      Object.values(values).reduce((all, value) => all + BigInt(value), 0n);
    assert.equal(side(flow.in), total(into));
    assert.equal(side(flow.out), total(out));
    assert.equal(BigInt(flow.held), total(into) - total(out));
    assert.equal(BigInt(flow.in.stolen), total(into.filter((row) => row.from === theft.victim.address)));
    assert.equal(BigInt(flow.out.fee), total(out.filter((row) => row.to === '')));
    for (const [name, category] of [
      ['mixer', 'mixer'],
      ['bridge', 'bridge'],
      ['swapOut', 'dex'],
    ] as const) {
      const places = labelled(drill, category);
      assert.equal(BigInt(flow.out[name]), total(out.filter((row) => places.has(row.to))), name);
    }
    const deposits = new Set(theft.exchanges.flatMap(({ addresses }) => addresses));
    assert.equal(BigInt(flow.out.exchange), total(out.filter((row) => deposits.has(row.to))));
  }
  for (const address of own) {
    for (const { asset } of theft.flows) {
      const place = theft.held.find((held) => held.address === address && held.asset === asset);
      assert.equal(BigInt(place?.amount ?? 0), balances.of(address, asset), `${address} holds ${asset}`);
    }
  }
}

function checkUtxo(theft: TruthTheft, txs: readonly ReadTx[], unspent: Unspent): void {
  const own = controlled(theft, UTXO_CHAIN);
  const mine = <T extends { readonly script: string }>(ends: readonly T[]): T[] =>
    ends.filter(({ script }) => own.has(addressOf(script)));
  const flow = theft.flows.find(({ chain }) => chain === UTXO_CHAIN)!;
  let paidIn = 0n;
  let lost = 0n;
  for (const { inputs, outputs } of txs) {
    const gone = sum(mine(inputs));
    const back = sum(mine(outputs));
    if (gone === 0n) paidIn += back;
    else lost += gone - back;
  }
  assert.equal(BigInt(flow.in.bridgeOut), paidIn);
  assert.equal(
    OUTFLOWS.reduce((all, name) => all + BigInt(flow.out[name]), 0n),
    lost,
  );
  const held = [...unspent.coins].filter(([, { script }]) => own.has(addressOf(script)));
  const told = theft.held.filter(({ chain }) => chain === UTXO_CHAIN);
  assert.deepEqual(told.map(({ outpoint }) => outpoint!).sort(), held.map(([outpoint]) => outpoint).sort());
  assert.equal(
    BigInt(flow.held),
    held.reduce((all, [, { value }]) => all + value, 0n),
  );
}

describe('drill truth', () => {
  test('the files bear it out: no overdraft, no double spend, every spend matches, every unit accounted for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 100, max: 1_500 }), (seed, scale) => {
        check(createDrill({ seed, scale }));
      }),
      { numRuns: 6, seed: 20_220_323 },
    );
  });

  test('only coins from before the data have no output in them, and there are few', () => {
    const drill = createDrill({ seed: 3, scale: 4_000 });
    const unspent = new Unspent();
    let inputs = 0;
    for (const tx of readUtxo(drill)) {
      const before = unspent.outside;
      unspent.apply(tx);
      inputs += tx.inputs.length;
      assert.ok(unspent.outside - before <= 1 && (unspent.outside === before || tx.inputs.length === 1));
    }
    assert.ok(unspent.outside > 0 && unspent.outside < inputs / 5, `${unspent.outside} of ${inputs}`);
  });

  test('inflows and outflows of each asset are named in full', () => {
    for (const { flows } of createDrill({ seed: 4, scale: 1_000 }).truth.thefts) {
      for (const flow of flows) {
        assert.deepEqual(Object.keys(flow.in), [...INFLOWS]);
        assert.deepEqual(Object.keys(flow.out), [...OUTFLOWS]);
      }
    }
  });

  test('commingled units leave one theft and arrive in the other, to the unit', () => {
    const [first, second] = createDrill({ seed: 5, scale: 1_000 }).truth.thefts;
    const native = (theft: TruthTheft | undefined) =>
      theft!.flows.find(({ asset }) => asset.endsWith('31337/slip44:1'))!;
    assert.equal(native(second).out.commingledOut, native(first).in.commingledIn);
    assert.ok(BigInt(native(first).in.commingledIn) > 0n);
  });

  test('every crossing of the bridge is in both files', () => {
    const drill = createDrill({ seed: 6, scale: 1_000 });
    const outputs = new Map<string, string>();
    for (const { tx, outputs: ends } of readUtxo(drill)) {
      for (const [index, { value, script }] of ends.entries())
        outputs.set(`${tx}:${index}`, `${value} ${addressOf(script)}`);
    }
    const paid = new Map([...readRows(drill)].map((row) => [`${row.tx} ${row.leg}`, row.amount]));
    assert.ok(drill.truth.crossings.some(({ theft }) => theft === null));
    for (const { from, to } of drill.truth.crossings) {
      assert.equal(paid.get(`${from.tx} 0`), BigInt(from.amount));
      assert.equal(outputs.get(to.outpoint), `${to.amount} ${to.address}`);
      assert.ok(requireTime(to.time, 'to') > requireTime(from.time, 'from'));
    }
  });

  test('honest actors that look like thieves are named, and are not thieves', () => {
    const { thefts, decoys } = createDrill({ seed: 9, scale: 1_000 }).truth;
    const thieves = new Set(thefts.flatMap((theft) => theft.controlled.map(({ address }) => address)));
    assert.deepEqual([...new Set(decoys.map(({ resembles }) => resembles))].sort(), ['S1', 'S2', 'S3', 'S4', 'S8']);
    assert.ok(
      decoys.every(({ addresses }) => addresses.length > 0 && addresses.every(({ address }) => !thieves.has(address))),
    );
  });
});
