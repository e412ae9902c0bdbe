import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { UtxoTransaction } from '../model/transfer.ts';
import { anyChain, BITCOIN } from './_utxo-fixture.ts';
import { utxoFlowOf } from './memory.ts';
import { utxoHop } from './utxo-hop.ts';

/** Who is one transaction away, from names alone: the same outpoint is spent by, and created by, one transaction in these chains. */
function namesAway(transactions: readonly UtxoTransaction[], address: string, direction: 'out' | 'in'): string[] {
  const spent = (tx: UtxoTransaction): string[] =>
    tx.inputs.flatMap((input) => (input.outpoint === null ? [] : [input.address]));
  const created = (tx: UtxoTransaction): string[] => tx.outputs.map((output) => output.address);
  const [mine, theirs] = direction === 'out' ? [spent, created] : [created, spent];
  return transactions.filter((tx) => mine(tx).includes(address)).flatMap(theirs);
}

/** Chains in which no outpoint is spent twice, so that names say everything. */
const plainChain = anyChain().map((transactions) => {
  const seen = new Set<string>();
  return transactions.map((tx) => ({
    ...tx,
    inputs: tx.inputs.filter(({ outpoint }) => {
      const name = `${outpoint?.tx}:${outpoint?.index}`;
      const fresh = outpoint === null || !seen.has(name);
      seen.add(name);
      return fresh;
    }),
  }));
});

test('a hop over transactions finds the owners that the transactions name, each transaction once', () => {
  fc.assert(
    fc.property(plainChain, fc.constantFrom('out' as const, 'in' as const), (transactions, direction) => {
      const flow = utxoFlowOf(BITCOIN, transactions);
      const ids = Uint32Array.from({ length: flow.addresses.size }, (_, id) => id);
      const hop = utxoHop(flow, ids, direction);
      for (const id of ids) {
        const rows = Array.from({ length: hop.count }, (_, row) => row).filter((row) => hop.origin[row] === id);
        const found = rows.map((row) => flow.addresses.text(hop.peer[row]!)).sort();
        assert.deepEqual(found, namesAway(transactions, flow.addresses.text(id), direction).sort());
        assert.ok(rows.every((row, turn) => turn === 0 || hop.tx[row]! >= hop.tx[rows[turn - 1]!]!));
      }
    }),
    { numRuns: 400 },
  );
});

test('a window of steps leaves out the transactions outside it and nothing else', () => {
  fc.assert(
    fc.property(plainChain, fc.nat(24), fc.nat(24), (transactions, from, to) => {
      const flow = utxoFlowOf(BITCOIN, transactions);
      const ids = Uint32Array.from({ length: flow.addresses.size }, (_, id) => id);
      for (const direction of ['out', 'in'] as const) {
        const all = utxoHop(flow, ids, direction);
        const some = utxoHop(flow, ids, direction, { from, to });
        const inside = Array.from(all.tx).flatMap((tx, row) => (tx >= from && tx < to ? [row] : []));
        assert.deepEqual(
          [...some.output],
          inside.map((row) => all.output[row]!),
        );
        assert.deepEqual(
          [...some.peer],
          inside.map((row) => all.peer[row]!),
        );
      }
    }),
    { numRuns: 200 },
  );
});
