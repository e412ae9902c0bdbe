import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FingerprintMap } from '../../src/base/fingerprint-map.ts';
import { SILENT } from '../../src/base/progress.ts';
import { utxoFlowOf } from '../../src/flow/memory.ts';
import { createdBy } from '../../src/flow/utxo-hop.ts';
import type { UtxoTransaction } from '../../src/model/transfer.ts';
import { MemoryStore } from '../../src/store/memory/store.ts';
import { reachUtxoFlow } from '../../src/trace/index-reach-utxo.ts';
import { reachUtxo } from '../../src/trace/reach.ts';
import { BITCOIN, feedOf, newBatch } from '../conformance/feed.ts';

const START = 1_648_037_340;
const OWNERS = 5;
const owner = (number: number): string => `script:0${number}`;
const id = (number: number): string => number.toString(16).padStart(64, '0');

interface Plan {
  /** Which of the outputs made so far are spent. */
  readonly picks: readonly number[];
  readonly owners: readonly number[];
  /** Seconds by which the block's time stands before the last one's. */
  readonly back: number;
}

const plans: fc.Arbitrary<Plan[]> = fc.array(
  fc.record({
    picks: fc.array(fc.nat(30), { maxLength: 3 }),
    owners: fc.array(fc.nat(OWNERS - 1), { minLength: 1, maxLength: 3 }),
    back: fc.constantFrom(0, 0, 0, 2),
  }),
  { minLength: 1, maxLength: 14 },
);

function chainOf(given: readonly Plan[]): UtxoTransaction[] {
  const open: { tx: string; index: number; address: string }[] = [];
  return given.map(({ picks, owners, back }, number) => {
    const inputs = [...new Set(picks.map((pick) => pick % Math.max(1, open.length)))]
      .sort((a, b) => b - a)
      .flatMap((at) => open.splice(at, 1))
      .map(({ tx, index, address }) => ({ outpoint: { tx, index }, value: 1n, address }));
    owners.forEach((person, index) => {
      open.push({ tx: id(number + 1), index, address: owner(person) });
    });
    return {
      chain: BITCOIN,
      tx: id(number + 1),
      time: START + 2 * number - back,
      block: BigInt(number),
      txIndex: 0,
      inputs: inputs.length === 0 ? [{ outpoint: null, value: 3n, address: 'coinbase' }] : inputs,
      outputs: owners.map((person) => ({ value: 1n, address: owner(person) })),
      source: { batch: 0, file: 0, row: number + 1 },
    };
  });
}

describe('reach of outputs through the index', () => {
  test('the transactions are those of passes over everything', async () => {
    await fc.assert(
      fc.asyncProperty(
        plans,
        fc.array(fc.tuple(fc.nat(13), fc.nat(2)), { minLength: 1, maxLength: 3 }),
        fc.subarray([0, 1, 2, 3, 4], { maxLength: 2 }),
        fc.option(fc.nat(30)),
        fc.option(fc.nat(4)),
        async (given, picked, stopped, until, maxHops) => {
          const chain = chainOf(given);
          const seeds = picked.map(([tx, index]) => {
            const made = chain[tx % chain.length]!;
            return { chain: BITCOIN, tx: made.tx, index: index % made.outputs.length };
          });
          const end = until === null ? null : START + until;
          const store = new MemoryStore();
          await store.load(newBatch('blocks', { chain: BITCOIN }), feedOf({ utxo: chain }), SILENT);
          const stops = new FingerprintMap();
          const owners = stopped.map((person) => ({ chain: BITCOIN, address: owner(person) }));
          stops.setAll(await store.ownerFingerprints(owners), 1);
          const query = { seeds: [], stops, until: end, maxHops };
          const scanned = await reachUtxo(store, await store.outpointFingerprints(seeds), query, SILENT);
          const expected: string[] = [];
          for await (const chunk of store.utxoTransactions(scanned.transactions.keys()))
            for (const tx of chunk) expected.push(tx.tx);
          const flow = utxoFlowOf(BITCOIN, chain);
          const numbers = new Map(chain.map((tx, number) => [tx.tx, number]));
          const outputs = seeds.map(({ tx, index }) => createdBy(flow, numbers.get(tx)!).outputs[index]!);
          const ids = stopped.map((person) => flow.addresses.find(owner(person)));
          const reach = reachUtxoFlow(flow, { seeds: outputs, stops: new Set(ids), until: end, maxHops });
          assert.deepEqual([...reach.transactions].map((tx) => chain[tx]!.tx).sort(), expected.sort());
          assert.equal(reach.outputs.size, scanned.outpoints.size);
        },
      ),
      { numRuns: 500 },
    );
  });
});
