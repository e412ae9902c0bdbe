import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { SILENT } from '../base/progress.ts';
import { exposureFolder } from '../exposure/table-file.ts';
import { buildIndex } from '../flow/build-index.ts';
import { chainFolder } from '../flow/manifest.ts';
import type { UtxoTransaction } from '../model/transfer.ts';
import {
  BITCOIN,
  BTC,
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

const [THIEF, MIXER, ALICE, BOB, CAROL, SHOP] = [1, 2, 3, 4, 5, 6];
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

async function world() {
  const made = await openWorld();
  folders.push(dirname(made.database));
  return made;
}

const ether = (from: number | null, to: number, amount: bigint): Move => ({ from, to, amount: amount * ONE });
// As in docs/exposure.md: Alice has 30 of 40 from the thief, so 15 of the 20 that Bob gets from her are his; 5 come straight from the mixer.
const MOVES = [
  ether(null, ALICE, 10n),
  ether(THIEF, ALICE, 30n),
  ether(ALICE, BOB, 20n),
  ether(MIXER, BOB, 5n),
  ether(BOB, MIXER, 10n),
];

async function accounts() {
  const made = await world();
  await keep(made.store, ETHEREUM, { transfers: transfersOf(MOVES) });
  await label(made.store, ETHEREUM, [person(THIEF), 'stolen', 'Bridge exploiter'], [person(MIXER), 'mixer', 'Mixer']);
  return made;
}

/** To three digits after the point: the table is in single floats. */
const ether3 = (units: string): number => Math.round(Number(units) / 1e15) / 1e3;

const openBook = ({ store, database }: Awaited<ReturnType<typeof world>>) =>
  ExposureBook.open({ store, database, progress: SILENT });

test('exposures by side and category, in whole base units, with the basis', async () => {
  const made = await accounts();
  await buildAll(made.store, made.database, ETHEREUM);
  const book = await openBook(made);
  const { facts, missing } = book.exposuresOf(ETHEREUM, person(BOB), ETH);
  assert.deepEqual(missing, []);
  assert.deepEqual(
    facts.map(({ side, category, direct, indirect, share }) => [
      side,
      category,
      ether3(direct),
      ether3(indirect),
      share,
    ]),
    [
      ['received', 'stolen', 0, 15, 0.6],
      ['received', 'mixer', 5, 0, 0.2],
      ['sent', 'mixer', 10, 0, 1],
    ],
  );
  assert.match(facts[0]!.amount, /^\d+$/);
  assert.deepEqual(book.exposuresOf(ETHEREUM, person(BOB), null).facts, facts);
  assert.deepEqual(book.exposuresOf(ETHEREUM, person(99), null), { facts: [], missing: [] });
  const { chain, exposure } = book.basisOf(ETHEREUM);
  assert.deepEqual(chain, { block: '5', time: '2020-09-13T12:26:44Z' });
  assert.deepEqual([exposure!.until, exposure!.behind, exposure!.hash.length], ['2020-09-13T12:26:44Z', 0, 64]);
  await book.close();
  await made.store.close();
});

test('paths: the strongest of each category, with their transactions and hops', async () => {
  const made = await accounts();
  await buildAll(made.store, made.database, ETHEREUM);
  const book = await openBook(made);
  const { facts, missing } = await book.pathsOf(ETHEREUM, person(BOB), ETH);
  assert.deepEqual(missing, []);
  const [stolen, mixed, sent] = facts;
  assert.deepEqual([stolen!.hops, mixed!.hops, sent!.hops], [2, 1, 1]);
  assert.equal(stolen!.indirect, '15000000000000000000');
  assert.deepEqual(stolen!.path, {
    amount: '15000000000000000000',
    origin: person(THIEF),
    label: 'Bridge exploiter',
    steps: [
      {
        tx: transfersOf(MOVES)[1]!.tx,
        time: '2020-09-13T12:26:41Z',
        from: person(THIEF),
        to: person(ALICE),
        asset: ETH,
        amount: '30000000000000000000',
      },
      {
        tx: transfersOf(MOVES)[2]!.tx,
        time: '2020-09-13T12:26:42Z',
        from: person(ALICE),
        to: person(BOB),
        asset: ETH,
        amount: '20000000000000000000',
      },
    ],
  });
  assert.deepEqual(
    sent!.path!.steps.map(({ from, to }) => [from, to]),
    [[person(BOB), person(MIXER)]],
  );
  await book.close();
  await made.store.close();
});

test('what is not there, behind or damaged is said with its remedy, and nothing throws', async () => {
  const made = await accounts();
  let book = await openBook(made);
  assert.match(book.exposuresOf(ETHEREUM, person(BOB), ETH).missing.join(), /not indexed.*haetae index build/);
  assert.deepEqual((await book.pathsOf(ETHEREUM, person(BOB), ETH)).facts, []);
  assert.equal(book.entityOf(ETHEREUM, person(BOB)), null);
  assert.deepEqual(book.basisOf(ETHEREUM), { chain: { block: null, time: '2020-09-13T12:26:44Z' }, exposure: null });
  await buildIndex(made.store, made.database, { chain: ETHEREUM, progress: SILENT, threads: 1 });
  assert.deepEqual(await book.refresh(), { addresses: 'all' });
  assert.match(book.exposuresOf(ETHEREUM, person(BOB), ETH).missing.join(), /no exposure table.*haetae exposure build/);
  await buildTable(made.store, made.database, ETHEREUM);
  assert.deepEqual(await book.refresh(ETHEREUM), { addresses: 'all' });
  assert.equal(book.exposuresOf(ETHEREUM, person(BOB), ETH).facts.length, 3);
  await keep(made.store, ETHEREUM, { transfers: transfersOf([ether(BOB, CAROL, 4n), ether(SHOP, CAROL, 1n)], 5) });
  await buildIndex(made.store, made.database, { chain: ETHEREUM, progress: SILENT, threads: 1 });
  // The small segments were joined: the table that is open answers on, and the basis says that it is behind.
  assert.deepEqual(await book.refresh(), { addresses: [] });
  assert.equal(book.basisOf(ETHEREUM).exposure!.behind, 1);
  assert.equal(book.exposuresOf(ETHEREUM, person(BOB), ETH).facts.length, 3);
  assert.equal((await book.pathsOf(ETHEREUM, person(BOB), ETH)).facts[0]!.hops, 2);
  await buildTable(made.store, made.database, ETHEREUM);
  const { addresses } = await book.refresh();
  assert.ok(addresses !== 'all' && addresses.some(({ address }) => address === person(SHOP)));
  assert.equal(book.basisOf(ETHEREUM).exposure!.behind, 0);
  assert.equal(book.exposuresOf(ETHEREUM, person(CAROL), ETH).facts.length, 2);
  await book.close();
  damageTable(made.database);
  book = await openBook(made);
  const damaged = book.exposuresOf(ETHEREUM, person(BOB), ETH);
  assert.deepEqual(damaged.facts, []);
  assert.match(damaged.missing.join(), /haetae exposure build/);
  await book.close();
  writeFileSync(join(chainFolder(made.database, ETHEREUM), 'manifest.json'), '{}');
  book = await openBook(made);
  assert.match(book.exposuresOf(ETHEREUM, person(BOB), ETH).missing.join(), /haetae index build/);
  await book.close();
  await made.store.close();
});

function damageTable(database: string): void {
  const folder = exposureFolder(database, ETHEREUM);
  const table = readdirSync(folder).find((name) => name.startsWith('table-'))!;
  const file = join(folder, table, 'received.total');
  const bytes = readFileSync(file);
  bytes[3] = bytes[3]! ^ 0xff;
  truncateSync(file);
  writeFileSync(file, bytes);
}

test('a table that another process wrote anew is answered from after a refresh, and until then the one before is', async () => {
  const made = await accounts();
  await buildAll(made.store, made.database, ETHEREUM);
  const book = await openBook(made);
  await label(made.store, ETHEREUM, [person(ALICE), 'scam', 'Fraud']);
  await buildTable(made.store, made.database, ETHEREUM);
  const categories = () => book.exposuresOf(ETHEREUM, person(BOB), ETH).facts.map(({ category }) => category);
  assert.deepEqual(categories(), ['stolen', 'mixer', 'mixer']);
  assert.deepEqual(await book.refresh(), { addresses: 'all' });
  assert.deepEqual(categories(), ['scam', 'mixer', 'mixer']);
  assert.deepEqual(await book.refresh(), { addresses: [] });
  await book.close();
  await made.store.close();
});

test('entities of a UTXO chain: common inputs, and their labelled members', async () => {
  const made = await world();
  const paid = (tx: string, inputs: readonly [string, number, string][], outputs: readonly string[], at: number) => ({
    chain: BITCOIN,
    tx: tx.repeat(64),
    time: START + 600 * at,
    block: BigInt(at),
    txIndex: 0,
    inputs: inputs.map(([of, index, address]) => ({
      outpoint: { tx: of.repeat(64), index },
      value: 1_000_000n,
      address,
    })),
    outputs: outputs.map((address) => ({ value: 1_000_000n, address })),
    source: { batch: 0, file: 0, row: at },
  });
  const utxo: UtxoTransaction[] = [
    paid('a', [], ['1a', '1b', '1c'], 1),
    paid(
      'b',
      [
        ['a', 0, '1a'],
        ['a', 1, '1b'],
      ],
      ['1d'],
      2,
    ),
    paid('c', [['b', 0, '1d']], ['1e'], 3),
  ];
  await keep(made.store, BITCOIN, { utxo });
  await label(made.store, BITCOIN, ['1b', 'ransomware', 'Locker']);
  await buildAll(made.store, made.database, BITCOIN);
  const book = await openBook(made);
  assert.deepEqual(book.entityOf(BITCOIN, '1a'), {
    fact: { id: '1a', size: 2, why: 'common inputs' },
    labelled: ['1b'],
  });
  assert.equal(book.entityOf(BITCOIN, '1c'), null);
  // A label of one speaks of both, also one that says nothing of money.
  await label(made.store, BITCOIN, ['1a', 'user', 'A person']);
  const same = await book.relabelled([{ chain: BITCOIN, address: '1a' }], () => true);
  assert.deepEqual(same.touched.map(({ address }) => address).sort(), ['1a', '1b']);
  assert.deepEqual(book.entityOf(BITCOIN, '1b')!.labelled, ['1a']);
  const [fact] = book.exposuresOf(BITCOIN, '1e', BTC).facts;
  // 1d got one million from 1a and one from 1b, who are one; it pays all that arrived on.
  assert.deepEqual([fact!.category, fact!.indirect, fact!.share], ['ransomware', '1000000', 1]);
  const paths = await book.pathsOf(BITCOIN, '1e', null);
  assert.deepEqual([paths.facts[0]!.hops, paths.facts[0]!.path!.steps[1]!.tx], [2, 'c'.repeat(64)]);
  await book.close();
  await made.store.close();
});
