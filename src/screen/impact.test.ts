import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { SILENT } from '../base/progress.ts';
import type { ChainId } from '../model/chain.ts';
import type { Category } from '../model/label.ts';
import type { UtxoTransaction } from '../model/transfer.ts';
import type { Store } from '../store/port.ts';
import {
  BITCOIN,
  buildAll,
  buildTable,
  ETH,
  ETHEREUM,
  keep,
  label,
  type Move,
  ONE,
  openWorld,
  person,
  START,
  transfersOf,
} from './_exposure-fixture.ts';
import { ExposureBook } from './exposure-book.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const PEOPLE = Array.from({ length: 14 }, (_, number) => person(number + 1));
const USDC = 'eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48';
/** Categories that join nobody and are no service, so that who belongs to whom does not depend on them. */
const CATEGORIES: readonly Category[] = ['stolen', 'scam', 'ransomware', 'darknet'];

interface Figure {
  readonly amount: number;
  readonly share: number;
}

/** By side and category, of one address. */
function figuresOf(book: ExposureBook, chain: ChainId, address: string): Map<string, Figure> {
  const { facts } = book.exposuresOf(chain, address, null);
  return new Map(
    facts.map(({ asset, side, category, amount, share }) => [
      `${asset} ${side} ${category}`,
      { amount: Number(amount), share },
    ]),
  );
}

/** What differs by more than a trace of what the address moved, and more than a little dust. */
function differs(a: Map<string, Figure>, b: Map<string, Figure>, dust: number): string | null {
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    const [one, two] = [a.get(key), b.get(key)].map((figure) => figure ?? { amount: 0, share: 0 });
    const most = Math.max(one!.amount, two!.amount);
    // The table adds in single floats.
    if (Math.abs(one!.amount - two!.amount) > Math.max(1e-5 * most, dust))
      return `${key}: ${one!.amount} ${two!.amount}`;
  }
  return null;
}

/** Relabels in an open book, and compares with a table that is built of the same labels. */
async function assertAsRebuilt(
  { store, database }: { readonly store: Store; readonly database: string },
  chain: ChainId,
  addresses: readonly string[],
  changes: readonly (readonly [address: string, category: Category, label: string])[],
  dust: number,
): Promise<number> {
  const open = () => ExposureBook.open({ store, database, progress: SILENT });
  await buildAll(store, database, chain);
  const book = await open();
  const before = new Map(addresses.map((address) => [address, figuresOf(book, chain, address)]));
  await label(store, chain, ...changes);
  const found = await book.relabelled(
    changes.map(([address]) => ({ chain, address })),
    () => true,
  );
  assert.equal(found.left, 0);
  const touched = new Set(found.touched.map(({ address }) => address));
  const patched = new Map(addresses.map((address) => [address, figuresOf(book, chain, address)]));
  await buildTable(store, database, chain);
  const rebuilt = await open();
  for (const address of addresses) {
    const now = figuresOf(rebuilt, chain, address);
    if (touched.has(address)) assert.equal(differs(patched.get(address)!, now, dust), null, `${address} is as rebuilt`);
    else assert.equal(differs(before.get(address)!, now, dust), null, `${address} is missed`);
  }
  // Nothing else changed, so a refresh finds what was told already.
  assert.deepEqual(await book.refresh(), { addresses: [] });
  await book.close();
  await rebuilt.close();
  return touched.size;
}

const anyLabels = fc.uniqueArray(
  fc.record({ who: fc.nat(PEOPLE.length - 1), category: fc.constantFrom(...CATEGORIES) }),
  { minLength: 1, maxLength: 3, selector: ({ who }) => who },
);
const anyMoves: fc.Arbitrary<readonly Move[]> = fc.array(
  fc.record({
    from: fc.option(fc.integer({ min: 1, max: PEOPLE.length }), { freq: 6 }),
    to: fc.integer({ min: 1, max: PEOPLE.length }),
    amount: fc.oneof(
      fc.bigInt(1n, 50n).map((units) => units * ONE),
      fc.constant(10n ** 13n),
    ),
    asset: fc.constantFrom(ETH, ETH, ETH, USDC),
  }),
  { minLength: 40, maxLength: 120, size: 'max' },
);

test('account chains: relabelled subjects are as a table of the new labels has them, and none is missed', async () => {
  let touched = 0;
  await fc.assert(
    fc.asyncProperty(anyMoves, anyLabels, anyLabels, async (moves, first, second) => {
      const made = await openWorld();
      folders.push(dirname(made.database));
      await keep(made.store, ETHEREUM, { transfers: transfersOf(moves) });
      const entries = (labels: typeof first) =>
        labels.map(({ who, category }) => [PEOPLE[who]!, category, `${category} ${who}`] as const);
      await label(made.store, ETHEREUM, ...entries(first));
      touched += await assertAsRebuilt(made, ETHEREUM, PEOPLE, entries(second), 1e14);
      await made.store.close();
    }),
    { numRuns: 6 },
  );
  assert.ok(touched > 10);
});

/** Many, so that common inputs do not make one entity of all. */
const OWNERS = Array.from({ length: 40 }, (_, number) => `1owner${number}`);
const anyPayments = fc.array(
  fc.record({
    spends: fc.oneof(
      { weight: 4, arbitrary: fc.array(fc.nat(1_000), { minLength: 1, maxLength: 1 }) },
      fc.array(fc.nat(1_000), { maxLength: 3 }),
    ),
    outputs: fc.array(fc.record({ value: fc.bigInt(100_000n, 900_000n), to: fc.nat(OWNERS.length - 1) }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
  { minLength: 60, maxLength: 120, size: 'max' },
);

function utxoOf(payments: typeof anyPayments extends fc.Arbitrary<infer Value> ? Value : never): UtxoTransaction[] {
  const unspent: { tx: string; index: number; value: bigint; address: string }[] = [];
  return payments.map(({ spends, outputs }, at) => {
    const tx = at.toString(16).padStart(64, '0');
    const inputs = spends
      .flatMap((draw) => unspent.splice(draw % (unspent.length + 1), 1))
      .map(({ tx: of, index, value, address }) => ({ outpoint: { tx: of, index }, value, address }));
    const paid = outputs.map(({ value, to }) => ({ value, address: OWNERS[to]! }));
    for (const [index, output] of paid.entries()) unspent.push({ tx, index, ...output });
    const source = { batch: 0, file: 0, row: at };
    return {
      chain: BITCOIN,
      tx,
      time: START + 600 * at,
      block: BigInt(at + 1),
      txIndex: 0,
      inputs,
      outputs: paid,
      source,
    };
  });
}

test('UTXO chains: likewise, with whole entities relabelled by one of them', async () => {
  let touched = 0;
  await fc.assert(
    fc.asyncProperty(anyPayments, anyLabels, anyLabels, async (payments, first, second) => {
      const made = await openWorld();
      folders.push(dirname(made.database));
      await keep(made.store, BITCOIN, { utxo: utxoOf(payments) });
      const entries = (labels: typeof first) =>
        labels.map(({ who, category }) => [OWNERS[who]!, category, `${category} ${who}`] as const);
      await label(made.store, BITCOIN, ...entries(first));
      touched += await assertAsRebuilt(made, BITCOIN, OWNERS, entries(second), 1_000);
      await made.store.close();
    }),
    { numRuns: 6 },
  );
  assert.ok(touched > 10);
});

test('subjects are named and computed, others answered nearly; what changes nobody is answered at once', async () => {
  const made = await openWorld();
  folders.push(dirname(made.database));
  const moves = [1, 2, 3, 4].map((from): Move => ({ from, to: from + 1, amount: BigInt(10 - from) * ONE }));
  await keep(made.store, ETHEREUM, { transfers: transfersOf(moves) });
  await buildAll(made.store, made.database, ETHEREUM);
  const book = await ExposureBook.open({ store: made.store, database: made.database, progress: SILENT });
  await label(made.store, ETHEREUM, [person(2), 'stolen', 'Thief']);
  const changes = [{ chain: ETHEREUM, address: person(2) }];
  const found = await book.relabelled(changes, (_, address) => address === person(4) || address === person(1));
  const named = found.touched.map(({ address }) => address).sort();
  // The one that the money came to by way of another, and the one that paid the thief.
  assert.deepEqual(named, [person(1), person(4)]);
  const [received] = book.exposuresOf(ETHEREUM, person(4), ETH).facts;
  assert.deepEqual([received!.category, received!.indirect, received!.share], ['stolen', `${7n * ONE}`, 1]);
  const paths = await book.pathsOf(ETHEREUM, person(4), ETH);
  assert.deepEqual([paths.facts[0]!.hops, paths.facts[0]!.path!.label], [2, 'Thief']);
  // Who was never screened is answered by what is known at once.
  const [other] = book.exposuresOf(ETHEREUM, person(3), ETH).facts;
  assert.deepEqual([other!.category, other!.direct, other!.share], ['stolen', `${8n * ONE}`, 1]);
  assert.deepEqual(await book.relabelled(changes, () => true), { touched: [], left: 0 });
  await book.close();
  // Opened again beside the table of the old labels: the change is caught up with.
  const again = await ExposureBook.open({ store: made.store, database: made.database, progress: SILENT });
  assert.deepEqual(
    again.exposuresOf(ETHEREUM, person(4), ETH).facts.map(({ side, category, share }) => [side, category, share]),
    [['received', 'stolen', 1]],
  );
  await again.close();
  await made.store.close();
});
