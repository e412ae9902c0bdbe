import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { UtxoTransaction } from '../model/transfer.ts';
import { anyChain, BITCOIN } from './_utxo-fixture.ts';
import { chunksOf, inStoreOrder } from './_utxo-store.ts';
import type { UtxoFlow } from './flow.ts';
import { utxoFlowOf } from './memory.ts';
import { NO_EARLIER, UtxoNumbering, type UtxoSink } from './utxo-number.ts';
import { NumberList, NumberMap } from './utxo-number-map.ts';
import { OutpointTable } from './utxo-outpoints.ts';

suite('UTXO numbering', () => {
  test('gives what the plain reference gives, whatever the chain and the chunks', () => {
    fc.assert(
      fc.property(anyChain(), fc.integer({ min: 1, max: 7 }), (transactions, size) => {
        const expected = utxoFlowOf(BITCOIN, transactions);
        const { numbering, columns } = numbered(transactions, expected, size);
        sameColumns(numbering, columns, expected);
      }),
      { numRuns: 500 },
    );
  });

  test('what is open at the end is what nothing spent and what nothing created, in order of prints', () => {
    fc.assert(
      fc.property(anyChain(), (transactions) => {
        const expected = utxoFlowOf(BITCOIN, transactions);
        const { numbering } = numbered(transactions, expected, 5);
        const prints: bigint[] = [];
        numbering.open.forEach((low, high, output) => {
          prints.push((BigInt(high) << 32n) | BigInt(low));
          assert.ok(expected.spender(output) === -1 || expected.creator(output) === -1);
        });
        assert.deepEqual(
          prints,
          [...prints].sort((a, b) => (a < b ? -1 : 1)),
        );
        assert.equal(prints.length, numbering.open.size);
      }),
      { numRuns: 200 },
    );
  });
});

test('a block larger than a chunk, each of its transactions before the one it spends from, is put in order', () => {
  const count = 4000;
  const end = (tx: number, index: number) => ({ value: BigInt(tx * 100 + index), address: `addr${(tx + index) % 7}` });
  const transactions = Array.from(
    { length: count },
    (_, turn): UtxoTransaction => ({
      chain: BITCOIN,
      tx: `tx${turn}`,
      time: 1_700_000_000,
      block: 5n,
      txIndex: turn,
      inputs: turn + 1 === count ? [] : [{ outpoint: { tx: `tx${turn + 1}`, index: 3 }, ...end(turn + 1, 3) }],
      outputs: Array.from({ length: 20 }, (__, index) => end(turn, index)),
      source: { batch: 0, file: 0, row: turn + 1 },
    }),
  );
  const expected = utxoFlowOf(BITCOIN, transactions);
  const { numbering, columns } = numbered(transactions, expected, 1000);
  sameColumns(numbering, columns, expected);
  assert.equal(numbering.counts.reordered, 1);
  assert.equal(numbering.counts.unseen, 0);
});

test('rows that rise neither by block nor by time are refused, and so is a time that no chain has', () => {
  const tx = (turn: number, block: bigint, time: number): UtxoTransaction => ({
    chain: BITCOIN,
    tx: `tx${turn}`,
    time,
    block,
    txIndex: 0,
    inputs: [],
    outputs: [{ value: 1n, address: 'a' }],
    source: { batch: 0, file: 0, row: turn },
  });
  const disordered = [tx(1, 5n, 100), tx(2, 4n, 90)];
  assert.throws(() => numberedAsGiven(disordered), { code: 'E_STORE_CORRUPT' });
  assert.throws(() => numberedAsGiven([tx(1, 5n, 2 ** 33)]), { code: 'E_STORE_CORRUPT' });
  assert.throws(() => numberedAsGiven([tx(1, 2n ** 40n, 5)]), { code: 'E_STORE_CORRUPT' });
});

test('a map of numbers is a map', () => {
  const key = fc.oneof(fc.nat(40), fc.constantFrom(0xffff_fffe, 0x8000_0000, 1 << 16), fc.nat());
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.nat()), { maxLength: 200 }), (entries) => {
      const map = new NumberMap();
      for (const [name, value] of entries) map.set(name, value);
      const plain = new Map(entries);
      assert.deepEqual(
        [...map.keys()],
        [...plain.keys()].sort((a, b) => a - b),
      );
      for (const [name, value] of plain) assert.equal(map.get(name), value);
      assert.equal(map.get(12_345_678), plain.get(12_345_678) ?? -1);
    }),
  );
});

type OldTable = Map<string, number>;

test('the table of outpoints is a map, however its prints cluster', () => {
  const high = fc.oneof(fc.constantFrom(0, 1, 0xffff_ffff, 0xffff_fffe), fc.nat());
  const step = fc.record({ create: fc.integer({ min: 0, max: 2 }).map((draw) => draw > 0), low: fc.nat(150), high });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
      const table = new OutpointTable();
      const plain: OldTable = new Map();
      steps.forEach(({ create, low, high }, turn) => {
        const odd = (low | 1) >>> 0;
        const name = `${high}:${odd}`;
        const known = plain.get(name);
        if (create) {
          assert.equal(table.create(odd, high, turn, 2 * turn), known === undefined ? -1 : -3);
          plain.set(name, turn);
        } else {
          assert.equal(table.spend(odd, high), known ?? -1);
          if (known !== undefined) assert.equal(table.mark, 2 * known);
          plain.delete(name);
        }
        assert.equal(table.size, plain.size);
      });
    }),
    { numRuns: 300 },
  );
});

type Columns = { -readonly [name in keyof UtxoSink]: NumberList };

function sameColumns(numbering: UtxoNumbering, columns: Columns, expected: UtxoFlow): void {
  const segment = expected.segments[0];
  if (segment === undefined) return;
  for (const name of ['inputs', 'value', 'owner', 'inputStart', 'outputStart', 'created'] as const)
    assert.deepEqual(wordsOf(columns[name]), [...segment[name].slice(0, segment[name].length)], name);
  assert.deepEqual(wordsOf(numbering.spentBy), [...segment.spentBy.slice(0, segment.outputCount)]);
  assert.deepEqual(numbering.late, [...segment.late.slice(0, segment.late.length)]);
  assert.deepEqual(wordsOf(columns.time), times(expected));
}

function numbered(transactions: readonly UtxoTransaction[], flow: UtxoFlow, size: number) {
  return numberedAsGiven(inStoreOrder(transactions), (address) => flow.addresses.find(address), size);
}

function numberedAsGiven(transactions: readonly UtxoTransaction[], idOf = (_: string) => 0, size = 10) {
  const columns = {} as Columns;
  const names = ['inputs', 'value', 'owner', 'inputStart', 'outputStart', 'created', 'time', 'block', 'print'] as const;
  for (const name of names) columns[name] = new NumberList();
  const numbering = new UtxoNumbering(columns, NO_EARLIER);
  for (const chunk of chunksOf(transactions, idOf, size)) numbering.add(chunk);
  numbering.finish();
  return { numbering, columns };
}

function wordsOf(list: NumberList): number[] {
  return [...list.chunks()].flatMap((chunk) => [...chunk]);
}

function times(flow: UtxoFlow): number[] {
  return Array.from({ length: flow.steps.count }, (_, step) => flow.steps.time(step));
}
