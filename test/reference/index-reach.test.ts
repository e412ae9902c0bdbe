import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FingerprintMap } from '../../src/base/fingerprint-map.ts';
import { SILENT } from '../../src/base/progress.ts';
import { accountFlowOf } from '../../src/flow/memory.ts';
import type { Transfer } from '../../src/model/transfer.ts';
import { MemoryStore } from '../../src/store/memory/store.ts';
import { type FlowSeed, reachFlow, touchedTimes } from '../../src/trace/index-reach.ts';
import { reachAccounts } from '../../src/trace/reach.ts';
import { address, ETH, ETHEREUM, feedOf, hash, newBatch, transfer } from '../conformance/feed.ts';

const ASSETS = [
  ETH.id,
  'eip155:1/erc20:0x00000000000000000000000000000000000000aa',
  'eip155:1/erc20:0x00000000000000000000000000000000000000bb',
];
const START = 1_648_037_340;
const PEOPLE = 7;

interface Row {
  readonly second: number;
  /** Transaction of its second; null: the row has none. */
  readonly tx: number | null;
  readonly from: number;
  readonly to: number;
  readonly asset: number;
  readonly amount: number;
  readonly fee: boolean;
}

/** Rows of few transactions a second in any order, so that a transaction's rows may stand apart, and few people, so that paths cross. */
const ledger = fc.array(
  fc.record({
    second: fc.nat(6),
    tx: fc.option(fc.nat(2)),
    from: fc.nat(PEOPLE - 1),
    to: fc.nat(PEOPLE - 1),
    asset: fc.nat(2),
    amount: fc.nat(3),
    fee: fc.boolean().map((fee) => fee),
  }),
  { minLength: 1, maxLength: 40 },
);

const query = fc.record({
  seeds: fc.array(fc.record({ person: fc.nat(PEOPLE), asset: fc.nat(2), second: fc.nat(7) }), {
    minLength: 1,
    maxLength: 3,
  }),
  maxHops: fc.option(fc.nat(4)),
  until: fc.option(fc.nat(6)),
  stopped: fc.subarray(
    Array.from({ length: PEOPLE }, (_, person) => person),
    { maxLength: 3 },
  ),
});

function rowsOf(rows: readonly Row[]): Transfer[] {
  return rows
    .map((row, index) => ({ ...row, index }))
    .map(({ second, tx, from, to, asset, amount, fee, index }) => {
      const paid = fee && tx !== null && index % 5 === 0;
      return transfer({
        row: index + 1,
        block: null,
        time: START + second,
        txIndex: 0,
        leg: index,
        tx: tx === null ? null : hash(second * 10 + tx),
        kind: paid ? 'gas' : asset === 0 ? 'internal' : 'token',
        from: address(from),
        to: paid ? null : address(to),
        asset: paid ? ETH.id : ASSETS[asset]!,
        amount: BigInt(amount),
      });
    });
}

/** A payer passes on in a transaction whose only leg in another asset goes from somebody to himself: no swap, so row by row. */
const SELF_LEG: readonly Row[] = [
  { second: 0, tx: 0, from: 0, to: 1, asset: 0, amount: 2, fee: false },
  { second: 0, tx: 0, from: 1, to: 2, asset: 0, amount: 2, fee: false },
  { second: 0, tx: 0, from: 3, to: 3, asset: 1, amount: 1, fee: false },
];

async function storeOf(rows: readonly Transfer[]): Promise<MemoryStore> {
  const store = new MemoryStore();
  await store.load(newBatch('ledger'), feedOf({ transfers: rows }), SILENT);
  return store;
}

async function printed(store: MemoryStore, people: readonly number[]): Promise<FingerprintMap> {
  const stops = new FingerprintMap();
  const owners = people.map((person) => ({ chain: ETHEREUM, address: address(person) }));
  stops.setAll(await store.ownerFingerprints(owners), 1);
  return stops;
}

describe('reach through the index', () => {
  test('the places and hops are those of one pass over everything', async () => {
    await fc.assert(
      fc.asyncProperty(ledger, query, async (ledgerRows, { seeds, maxHops, until, stopped }) => {
        const rows = rowsOf(ledgerRows);
        const store = await storeOf(rows);
        const end = until === null ? null : START + until;
        const flowSeeds = seeds.map(
          ({ person, asset, second }): FlowSeed => ({
            asset: ASSETS[asset]!,
            address: address(person),
            time: START + second,
          }),
        );
        const keys = flowSeeds.map((seed) => ({ chain: ETHEREUM, address: seed.address, asset: seed.asset }));
        const prints = await store.fingerprints(keys);
        const scanned = await reachAccounts(
          store,
          {
            seeds: flowSeeds.map(({ time }, index) => ({ fingerprint: prints[index]!, time })),
            stops: await printed(store, stopped),
            until: end,
            maxHops,
          },
          SILENT,
        );
        const flow = accountFlowOf(ETHEREUM, rows);
        const stops = new Set(stopped.map((person) => flow.addresses.find(address(person))));
        const reach = reachFlow(flow, { seeds: flowSeeds, stops, until: end, maxHops });
        const found = new Map<string, number>();
        for (const [asset, places] of reach)
          for (const [place, hops] of places)
            found.set(
              `${flow.addresses.text(flow.assets[asset]!.addressOf(place))}|${flow.assets[asset]!.asset}`,
              hops,
            );
        for (let person = 0; person < PEOPLE; person += 1) {
          for (const asset of ASSETS) {
            const key = `${address(person)}|${asset}`;
            const seeded = flowSeeds.some((seed) => seed.address === address(person) && seed.asset === asset);
            if (seeded && !found.has(key)) continue;
            const [print] = await store.fingerprints([{ chain: ETHEREUM, address: address(person), asset }]);
            assert.equal(found.get(key) ?? -1, scanned.getPrint(print!), key);
          }
        }
        const times = new Set(touchedTimes(flow, reach));
        for await (const chunk of store.transfersTouching(scanned.keys()))
          for (const row of chunk) assert.ok(times.has(row.time), 'a row the trace reads stands in a second found');
      }),
      {
        numRuns: 400,
        examples: [
          [[...SELF_LEG], { seeds: [{ person: 0, asset: 0, second: 0 }], maxHops: null, until: null, stopped: [] }],
        ],
      },
    );
  });
});
