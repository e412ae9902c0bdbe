import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { SILENT } from '../base/progress.ts';
import { formatTime } from '../base/time.ts';
import { BURN_ENTRIES } from '../label/burn.ts';
import { readLabelFile } from '../label/open.ts';
import { labelsOf } from '../label/resolve.ts';
import { saveLabelList } from '../label/save.ts';
import type { LabelEntry, LabelList } from '../model/label.ts';
import { MemoryStore } from '../store/memory/store.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/port.ts';
import { LabelBook } from './label-book.ts';

const folder = mkdtempSync(join(tmpdir(), 'haetae-labels-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const ETHEREUM = 'eip155:1';
const BSC = 'eip155:56';
const BITCOIN = 'bip122:000000000019d6689c085ae165831e93';
const EXPLOITER = '0x098b716b8aaf21512996dc57eb0615e2383e2f96';
const OTHER = '0x910cbd523d972eb0a6f4cae4618ad62622b39dbf';
const GENESIS = '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa';
const NOW = { transferAt: null, asOf: null };
const day = (text: string): number => Date.parse(text) / 1000;

let files = 0;
function list(source: string, date: string | null): LabelList {
  files += 1;
  const listDate = date === null ? null : day(date);
  return { source, listDate, title: source, url: null, licence: null, sha256: String(files), fileName: `${files}.csv` };
}

function entry(address: string, given: Partial<LabelEntry> = {}): LabelEntry {
  return {
    address,
    chain: ETHEREUM,
    currency: 'ETH',
    label: 'L',
    category: 'sanctioned',
    actor: null,
    abuse: null,
    programmes: [],
    confidence: 'authority_data',
    url: null,
    caseLost: false,
    validFrom: null,
    validTo: null,
    ...given,
  };
}

/** The book says what the store’s own look-up says. */
async function assertSame(book: LabelBook, store: Store, asked: Iterable<readonly [string, string]>): Promise<number> {
  let hits = 0;
  for (const [chain, address] of asked) {
    for (const asOf of [null, day('2024-08-01'), day('2026-11-01')]) {
      const labels = await labelsOf(store, address, { chain, ...(asOf === null ? {} : { asOf }) });
      const facts = book.factsOf(chain, address, { transferAt: null, asOf });
      assert.deepEqual(
        facts.map((fact) => [fact.category, fact.label, fact.source, fact.status, fact.caseLost, fact.listed]),
        labels.map(({ firstListed, ...label }) => [
          ...[label.category, label.label, label.list.source, label.status, label.caseLost],
          firstListed === null ? null : formatTime(firstListed),
        ]),
        `${chain} ${address} ${asOf}`,
      );
      hits += facts.length;
    }
  }
  return hits;
}

const bookOf = (store: Store, name: string): Promise<LabelBook> =>
  LabelBook.open({ store, folder: join(folder, name), progress: SILENT });

test('a label listed only after the transfer is told apart, by edition and by the source’s own date', async () => {
  const store = new MemoryStore();
  await store.saveLabels(list('desk', '2024-01-01'), [
    entry(EXPLOITER),
    entry(OTHER, { validFrom: day('2024-06-01') }),
  ]);
  await store.saveLabels(list('undated', null), [entry(EXPLOITER, { category: 'stolen' })]);
  const book = await LabelBook.open({ store, folder: null, progress: SILENT });
  const at = (address: string, time: string | null, asOf: string | null = null): unknown[] =>
    book
      .factsOf(ETHEREUM, address, {
        transferAt: time === null ? null : day(time),
        asOf: asOf === null ? null : day(asOf),
      })
      .map(({ category, status, atTransfer }) => `${category} ${status} ${atTransfer}`);
  assert.deepEqual(at(EXPLOITER, null), ['sanctioned current null', 'stolen current null']);
  assert.deepEqual(at(EXPLOITER, '2023-01-01'), ['sanctioned current false', 'stolen current null']);
  assert.deepEqual(at(EXPLOITER, '2024-03-01'), ['sanctioned current true', 'stolen current null']);
  assert.deepEqual(at(OTHER, '2024-03-01'), ['sanctioned current false']);
  assert.deepEqual(at(OTHER, '2024-07-01'), ['sanctioned current true']);
  // Nothing that was published after the date of knowledge makes it true.
  assert.deepEqual(at(EXPLOITER, '2024-03-01', '2023-06-01'), ['stolen current null', 'sanctioned later false']);
  await book.close();
});

test('labels of one chain, of every EVM chain, of none, burn addresses, and no label', async () => {
  const store = new MemoryStore();
  await store.saveLabels(list('a', '2024-01-01'), [
    entry(EXPLOITER, { programmes: ['DPRK3'], label: 'LAZARUS GROUP' }),
    entry(OTHER, { category: 'exchange' }),
    entry(GENESIS.toLowerCase(), { chain: BITCOIN, currency: 'XBT', caseLost: true }),
  ]);
  const book = await bookOf(store, 'chains');
  const [fact] = book.factsOf(BSC, EXPLOITER, NOW);
  assert.deepEqual(
    [fact!.label, fact!.programmes, fact!.saidOf, fact!.listed, fact!.via],
    ['LAZARUS GROUP', ['DPRK3'], ETHEREUM, '2024-01-01T00:00:00Z', null],
  );
  assert.equal(book.factsOf(ETHEREUM, EXPLOITER, NOW)[0]!.saidOf, null);
  assert.deepEqual(book.factsOf(BSC, OTHER, NOW), []);
  assert.equal(book.factsOf(BITCOIN, GENESIS, NOW)[0]!.caseLost, true);
  // One letter in another case: no checksum, no hit.
  assert.deepEqual(book.factsOf(BITCOIN, GENESIS.replace('A', 'a'), NOW), []);
  assert.equal(book.factsOf(BSC, BURN_ENTRIES[0]!.address, NOW)[0]!.category, 'burn');
  assert.deepEqual(book.factsOf(ETHEREUM, `0x${'1'.repeat(40)}`, NOW), []);
  await book.close();
});

test('the snapshot is used again while its lists are in the store; what came later is read beside it', async () => {
  const store = new MemoryStore();
  await store.saveLabels(list('a', '2024-01-01'), [entry(EXPLOITER)]);
  const first = await bookOf(store, 'again');
  await first.close();
  const path = join(folder, 'again', 'labels.records');
  const { ino } = statSync(path);
  const second = await bookOf(store, 'again');
  assert.equal(second.hash, first.hash);
  await second.close();
  await store.saveLabels(list('a', '2025-01-01'), [entry(OTHER)]);
  const third = await bookOf(store, 'again');
  assert.notEqual(third.hash, first.hash);
  assert.deepEqual([third.factsOf(ETHEREUM, EXPLOITER, NOW)[0]!.status, third.lists], ['ended', 2]);
  assert.equal(third.factsOf(ETHEREUM, OTHER, NOW)[0]!.status, 'current');
  await third.close();
  assert.equal(statSync(path).ino, ino);
  // Another store in the same place: its lists are not these.
  const other = new MemoryStore();
  await other.saveLabels(list('b', '2024-01-01'), [entry(OTHER)]);
  const fourth = await bookOf(other, 'again');
  assert.deepEqual(fourth.factsOf(ETHEREUM, EXPLOITER, NOW), []);
  await fourth.close();
  assert.notEqual(statSync(path).ino, ino);
  assert.deepEqual(readdirSync(join(folder, 'again')).sort(), ['labels.index', 'labels.records']);
});

test('a damaged snapshot is built anew at the start, and told at the look-up that meets it later', async () => {
  const store = new MemoryStore();
  await store.saveLabels(list('a', '2024-01-01'), [entry(EXPLOITER), entry(OTHER)]);
  await (await bookOf(store, 'damaged')).close();
  for (const name of ['labels.records', 'labels.index']) {
    const path = join(folder, 'damaged', name);
    const bytes = readFileSync(path);
    bytes[bytes.length - 2]! ^= 1;
    writeFileSync(path, bytes);
    const book = await bookOf(store, 'damaged');
    assert.equal(book.factsOf(ETHEREUM, OTHER, NOW).length, 1, name);
    await book.close();
  }
  const path = join(folder, 'damaged', 'labels.records');
  const bytes = readFileSync(path);
  bytes[80]! ^= 1;
  writeFileSync(path, bytes);
  const book = await bookOf(store, 'damaged');
  assert.throws(() => [EXPLOITER, OTHER].map((address) => book.factsOf(ETHEREUM, address, NOW)), {
    code: 'E_INDEX_CORRUPT',
  });
  await book.close();
});

test('refresh names the addresses that a new list changes: its own, and those it no longer holds', async () => {
  const store = new MemoryStore();
  const third = `0x${'3'.repeat(40)}`;
  await store.saveLabels(list('ofac-sdn', '2024-01-01'), [entry(EXPLOITER), entry(OTHER)]);
  await store.saveLabels(list('tagpack:ofac', '2024-01-01'), [entry(third, { label: 'OFAC listed' })]);
  await store.saveLabels(list('exchange', '2024-01-01'), [
    entry(third, { category: 'exchange', chain: 'tron:0x2b6653dc' }),
  ]);
  const book = await bookOf(store, 'refresh');
  const { hash } = book;
  assert.deepEqual(await book.refresh(), { addresses: [] });
  assert.equal(book.hash, hash);
  assert.equal(book.factsOf(ETHEREUM, OTHER, NOW)[0]!.status, 'current');
  const lost = entry(GENESIS.toLowerCase(), { chain: BITCOIN, currency: 'XBT', caseLost: true });
  await store.saveLabels(list('ofac-sdn', '2025-01-01'), [entry(EXPLOITER), lost]);
  const { addresses } = await book.refresh();
  // The exploiter stays as it was; the pack that repeats OFAC ends with it.
  assert.deepEqual(
    [...addresses].sort((a, b) => (a.address < b.address ? -1 : 1)),
    [
      { chain: null, address: third, folded: false },
      { chain: null, address: OTHER, folded: false },
      { chain: BITCOIN, address: GENESIS.toLowerCase(), folded: true },
    ],
  );
  assert.notEqual(book.hash, hash);
  assert.equal(book.factsOf(ETHEREUM, OTHER, NOW)[0]!.status, 'ended');
  assert.equal(book.factsOf(ETHEREUM, OTHER, { transferAt: null, asOf: day('2024-06-01') })[0]!.status, 'current');
  assert.equal(book.factsOf(BITCOIN, GENESIS, NOW)[0]!.caseLost, true);
  await store.saveLabels(list('tron', '2025-01-01'), [
    entry(third, { category: 'exchange', chain: 'tron:0x2b6653dc' }),
  ]);
  assert.deepEqual(await book.refresh(), {
    addresses: [{ chain: 'tron:0x2b6653dc', address: third, folded: false }],
  });
  await book.close();
});

test('a large list beside the snapshot is moved into it, and answers stay', async () => {
  const store = new MemoryStore();
  await store.saveLabels(list('a', '2024-01-01'), [entry(EXPLOITER)]);
  const book = await bookOf(store, 'large');
  const many = Array.from({ length: 20_001 }, (_, at) => entry(`0x${String(at).padStart(40, '0')}`));
  await store.saveLabels(list('b', '2024-01-01'), many);
  assert.equal((await book.refresh()).addresses.length, 20_001);
  await book.refresh();
  assert.equal(book.addresses, 20_002);
  assert.equal(book.factsOf(ETHEREUM, many[7]!.address, NOW)[0]!.status, 'current');
  assert.equal(book.factsOf(ETHEREUM, EXPLOITER, NOW).length, 1);
  await book.close();
});

test('the book and the store’s own look-up agree, however lists come', async () => {
  const address = fc.constantFrom(EXPLOITER, OTHER, GENESIS, GENESIS.toLowerCase(), BURN_ENTRIES[0]!.address);
  const row = fc.record({
    address,
    category: fc.constantFrom('sanctioned', 'exchange'),
    chain: fc.constantFrom(ETHEREUM, BSC, BITCOIN, null),
    lost: fc.boolean(),
  });
  const someList = fc.record({
    source: fc.constantFrom('ofac-sdn', 'ofac-sdn/XBT', 'a', 'tagpack:ofac'),
    date: fc.constantFrom('2023-01-01', '2024-01-01', '2025-01-01', null),
    rows: fc.array(row, { maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(someList, { maxLength: 6 }), fc.nat(6), async (lists, snapshotAfter) => {
      const store = new MemoryStore();
      let book: LabelBook | null = null;
      for (const [at, { source, date, rows }] of lists.entries()) {
        if (at === snapshotAfter) book = await LabelBook.open({ store, folder: null, progress: SILENT });
        const entries = rows.map(({ address: text, category, chain, lost }) => {
          const caseLost = lost && text === GENESIS.toLowerCase();
          return entry(text, {
            category: category as 'sanctioned',
            chain,
            caseLost,
            currency: chain === BITCOIN ? 'XBT' : 'ETH',
          });
        });
        await store.saveLabels(list(source, date), entries);
        await book?.refresh();
      }
      book ??= await LabelBook.open({ store, folder: null, progress: SILENT });
      const asked = [EXPLOITER, OTHER, GENESIS, GENESIS.toLowerCase(), BURN_ENTRIES[0]!.address];
      await assertSame(
        book,
        store,
        [ETHEREUM, BSC, BITCOIN].flatMap((chain) => asked.map((text) => [chain, text] as const)),
      );
      await book.close();
    }),
    { numRuns: 40 },
  );
});

const datasets = process.env.HAETAE_DATASETS ?? '';
const packs = join(datasets, 'labels', 'tagpacks', 'packs');
const skip = datasets !== '' && existsSync(packs) ? false : 'HAETAE_DATASETS does not hold the label sets';

test('the book agrees with the store on the real lists', { skip }, async () => {
  const store = await openStore({ path: ':memory:' });
  const byAsset = join(datasets, 'sanctions', 'ofac-by-asset');
  const paths = [
    ...readdirSync(byAsset)
      .map((name) => join(byAsset, name))
      .filter((name) => name.endsWith('.txt')),
    join(datasets, 'sanctions', 'ofac-programmes', 'sanctioned-addresses.json'),
    ...['ofac.yaml', 'lazarus.yaml', 'ronin_bridge.yaml', 'tornado_cash.yaml'].map((name) => join(packs, name)),
  ].filter((path) => !path.includes('README'));
  const asked = new Map<string, readonly [string, string]>();
  for (const path of paths) {
    for (const parsed of (await readLabelFile(path)).lists) {
      await saveLabelList(store, parsed);
      for (const { chain, address } of parsed.entries) {
        asked.set(`${chain}|${address}`, [chain ?? ETHEREUM, address]);
        if (chain === ETHEREUM) asked.set(`bsc|${address}`, [BSC, address]);
      }
    }
  }
  const book = await bookOf(store, 'real');
  // Every seventh, so that the store’s look-ups (some milliseconds each) do not take long.
  const some = [...asked.values()].filter((_, at) => at % 7 === 0);
  assert.ok((await assertSame(book, store, some)) > 500);
  await book.close();
  await store.close();
});
