import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CATEGORIES, type LabelEntry, type LabelList } from '../model/label.ts';
import { MemoryStore } from '../store/memory/store.ts';
import { foldName, LabelNames } from './label-names.ts';

function listOf(source: string, sha256: string): LabelList {
  return { source, listDate: null, title: source, url: null, licence: null, sha256, fileName: `${source}.csv` };
}

function entryOf(address: string, label: string, actor: string | null, more: Partial<LabelEntry> = {}): LabelEntry {
  const none = { currency: null, abuse: null, programmes: [], url: null, validFrom: null, validTo: null };
  const said = { chain: 'eip155:1', category: 'exchange' as const, confidence: 'unknown', caseLost: false };
  return { address, label, actor, ...none, ...said, ...more };
}

/** The state is the number of lists, as the book of labels has a hash over them. */
async function namesOver(store: MemoryStore, most?: number): Promise<{ names: LabelNames; look: () => Promise<void> }> {
  const held = { state: '' };
  const look = async (): Promise<void> => {
    held.state = String((await store.labelLists()).length);
  };
  await look();
  return { names: new LabelNames({ store, state: () => held.state, ...(most === undefined ? {} : { most }) }), look };
}

const entries = fc.array(
  fc.record({
    address: fc.constantFrom('0xaa01', '0xAA01', '0xaa02', '0xab03', '1Bitcoin', '1bitcoin'),
    label: fc.constantFrom('Binance 14', 'ＢＩＮＡＮＣＥ 14', 'Thief', '<b>x</b>', 'İstanbul', '\u202egnitekram'),
    actor: fc.constantFrom(null, 'Binance', 'binance', 'Lazarus  Group', 'Lazarus Group'),
    category: fc.constantFrom(...CATEGORIES),
  }),
  { maxLength: 30 },
);

test('names, counts and beginnings are those of a plain scan, in whatever steps the lists came', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(entries, { maxLength: 4 }),
      fc.constantFrom('bin', 'LAZARUS g', 'x', '14', '0xA'),
      async (lists, text) => {
        const store = new MemoryStore();
        const { names, look } = await namesOver(store);
        const seen: LabelEntry[] = [];
        for (const [at, rows] of lists.entries()) {
          const list = rows.map(({ address, label, actor, category }) => entryOf(address, label, actor, { category }));
          await store.saveLabels(listOf(`s${at}`, String(at)), list);
          seen.push(...list);
          await look();
          const owners = new Map<string, Set<string>>();
          for (const { actor, label, address } of seen) {
            const key = foldName(actor ?? label);
            owners.set(key, (owners.get(key) ?? new Set()).add(address));
          }
          const found = await names.owners(() => true, null, 1000);
          assert.deepEqual(
            new Map(found.map(({ folded, addresses }) => [folded, addresses.length])),
            new Map([...owners].map(([key, set]) => [key, set.size])),
          );
          const matches = (await names.named(text, 1000)).map(({ name }) => name.folded);
          const all = new Set(seen.flatMap(({ actor, label }) => [foldName(label), foldName(actor ?? label)]));
          const wanted = [...all].filter((folded) => folded.includes(foldName(text)));
          assert.deepEqual([...matches].sort(), wanted.sort());
          const beginning = await names.beginning('0XAA0', 1000);
          const labelled = new Set(seen.map(({ address }) => address).filter((each) => /^0xaa0/i.test(each)));
          assert.deepEqual(new Set(beginning.map(({ address }) => address)), labelled);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('the whole comes before its beginning and that before a part; sanctioned before others; pages hold', async () => {
  const store = new MemoryStore();
  const plain = ['Lazarus', 'Lazarus Bank', 'Not Lazarus'].map((label, at) => entryOf(`0x0${at}`, label, null));
  const grave = entryOf('0x09', 'Lazarus Group', null, { category: 'sanctioned' });
  await store.saveLabels(listOf('s', '1'), [...plain, grave]);
  const { names } = await namesOver(store);
  const found = await names.named('lazarus', 10);
  assert.deepEqual(
    found.map(({ name, rank }) => [name.text, rank]),
    [
      ['Lazarus', 0],
      ['Lazarus Group', 1],
      ['Lazarus Bank', 1],
      ['Not Lazarus', 2],
    ],
  );
  const texts: string[] = [];
  for (let after: { addresses: number; number: number } | null = null; ; ) {
    const [name] = await names.owners(() => true, after, 1);
    if (name === undefined) break;
    texts.push(name.text);
    after = { addresses: name.addresses.length, number: name.number };
  }
  assert.deepEqual(texts.sort(), [...plain, grave].map(({ label }) => label).sort());
});

test('what has no room is counted', async () => {
  const store = new MemoryStore();
  const rows = ['a', 'b', 'c'].map((letter) => entryOf(`0x${letter}`, `Name ${letter}`, null));
  await store.saveLabels(listOf('s', '1'), rows);
  const { names } = await namesOver(store, 2);
  assert.equal((await names.named('name', 10)).length, 2);
  assert.equal(names.leftOut, 1);
});
