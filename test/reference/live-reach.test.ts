import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FingerprintMap } from '../../src/base/fingerprint-map.ts';
import { SILENT } from '../../src/base/progress.ts';
import type { Transfer } from '../../src/model/transfer.ts';
import { MemoryStore } from '../../src/store/memory/store.ts';
import { AccountReach, transactionsOf } from '../../src/trace/live/account-reach.ts';
import { uncovered } from '../../src/trace/live/job.ts';
import { reachAccounts } from '../../src/trace/reach.ts';
import { address, ETH, ETHEREUM, feedOf, hash, newBatch, transfer } from '../conformance/feed.ts';

const TOKEN = 'eip155:1/erc20:0x00000000000000000000000000000000000000aa';
const ASSETS = [ETH.id, TOKEN];

interface Movement {
  readonly from: number;
  readonly to: number;
  readonly asset: number;
  readonly amount: number;
}

/** Blocks of transactions of movements among few addresses, so that paths cross. */
const ledger = fc.array(
  fc.array(
    fc.array(fc.record({ from: fc.nat(5), to: fc.nat(5), asset: fc.nat(1), amount: fc.nat(3) }), {
      minLength: 1,
      maxLength: 4,
    }),
    { maxLength: 3 },
  ),
  { minLength: 1, maxLength: 8 },
);

function rowsOf(blocks: readonly (readonly (readonly Movement[])[])[]): Transfer[] {
  let row = 0;
  return blocks.flatMap((transactions, block) =>
    transactions.flatMap((legs, txIndex) =>
      legs.map(({ from, to, asset, amount }, leg) => {
        row += 1;
        return transfer({
          row,
          block: BigInt(block),
          time: 1_648_037_340 + block,
          txIndex,
          leg,
          tx: hash(block * 100 + txIndex),
          kind: asset === 0 ? 'internal' : 'token',
          from: address(from),
          to: address(to),
          asset: ASSETS[asset]!,
          amount: BigInt(amount),
        });
      }),
    ),
  );
}

describe('reach while fetching', () => {
  test('the places are those that a trace reaches in the store, hop for hop', async () => {
    await fc.assert(
      fc.asyncProperty(
        ledger,
        fc.nat(5),
        fc.nat(7),
        fc.option(fc.nat(3)),
        fc.subarray([0, 1, 2, 3, 4, 5], { maxLength: 2 }),
        async (blocks, thief, since, maxHops, stopped) => {
          const rows = rowsOf(blocks);
          const stops = stopped.filter((number) => number !== thief).map(address);
          const seed = { address: address(thief), asset: ETH.id, block: BigInt(since), tx: null };
          const reach = new AccountReach([seed], new Set(stops), { maxHops, maxCounterparties: null });
          for (const tx of transactionsOf(rows)) reach.apply(tx);
          const expected = await reachInStore(rows, address(thief), 1_648_037_340 + since, maxHops, stops);
          for (let number = 0; number < 6; number += 1) {
            for (const asset of ASSETS) {
              const key = `${address(number)}|${asset}`;
              if (address(number) === address(thief) && asset === ETH.id && reach.hops(address(number), asset) === null)
                continue;
              assert.equal(reach.hops(address(number), asset) ?? -1, expected.get(key) ?? -1, key);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('what is missing and what is covered make up what was wanted, block for block', () => {
    const range = fc
      .tuple(fc.nat(30), fc.nat(10))
      .map(([from, length]) => ({ from: BigInt(from), to: BigInt(from + length) }));
    fc.assert(
      fc.property(
        range,
        fc.array(
          range.map((item) => ({ ...item, busy: null })),
          { maxLength: 5 },
        ),
        (wanted, covered) => {
          const missing = uncovered(wanted, covered);
          for (let block = wanted.from; block <= wanted.to; block += 1n) {
            const holds = ({ from, to }: { from: bigint; to: bigint }): boolean => from <= block && block <= to;
            assert.equal(missing.some(holds), !covered.some(holds), `block ${block}`);
          }
        },
      ),
    );
  });
});

async function reachInStore(
  rows: readonly Transfer[],
  thief: string,
  time: number,
  maxHops: number | null,
  stops: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const store = new MemoryStore();
  await store.load(newBatch('ledger'), feedOf({ transfers: rows }), SILENT);
  const keys = Array.from({ length: 6 }, (_, number) => number).flatMap((number) =>
    ASSETS.map((asset) => ({ chain: ETHEREUM, address: address(number), asset })),
  );
  const prints = await store.fingerprints(keys);
  const owners = new FingerprintMap();
  owners.setAll(await store.ownerFingerprints(stops.map((stop) => ({ chain: ETHEREUM, address: stop }))), 1);
  const [seed] = await store.fingerprints([{ chain: ETHEREUM, address: thief, asset: ETH.id }]);
  const query = { seeds: [{ fingerprint: seed!, time }], stops: owners, until: null, maxHops };
  const reached = await reachAccounts(store, query, SILENT);
  return new Map(keys.map((key, index) => [`${key.address}|${key.asset}`, reached.getPrint(prints[index]!)]));
}
