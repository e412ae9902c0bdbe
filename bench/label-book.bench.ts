/**
 * The book of labels over a store of a million: build, start, look-ups beside a Map of the same addresses, and a list of 1,000 that comes in.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SILENT } from '../src/base/progress.ts';
import type { LabelEntry, LabelList } from '../src/model/label.ts';
import { LabelBook } from '../src/screen/label-book.ts';
import { openStore } from '../src/store/open.ts';
import type { Store } from '../src/store/port.ts';
import { fastest, printFigure, printPeakMemory } from './_print.ts';

const LISTS = 10;
const ENTRIES = 100_000;
const SIZE = '1,000,000 labels';
const NOW = { transferAt: null, asOf: null };

const folder = mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'haetae-bench-'));
try {
  const store = await openStore({ path: join(folder, 'labels.db') });
  await bench(store);
  await store.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
printPeakMemory();

async function bench(store: Store): Promise<void> {
  for (let list = 0; list < LISTS; list += 1) await save(store, `list-${list}`, 1, list * ENTRIES, ENTRIES);
  const options = { store, folder: join(folder, 'labels.db.screen'), progress: SILENT };
  const built = await timed(async () => (await LabelBook.open(options)).close());
  printFigure({ name: 'build the snapshot', value: (LISTS * ENTRIES) / built / 1e3, unit: 'k labels/s', size: SIZE });
  let book!: LabelBook;
  const started = await timed(async () => {
    book = await LabelBook.open(options);
  });
  printFigure({ name: 'start with the snapshot', value: started, unit: 's', size: SIZE });
  lookUps(book);
  await save(store, 'list-new', 2, 500_000, 1000);
  const added = await timed(() => book.refresh());
  printFigure({ name: 'a list of 1,000 comes in', value: added, unit: 's', size: SIZE, limit: { atMost: 1 } });
  await save(store, 'list-new', 3, 600_000, 1000);
  const replaced = await timed(() => book.refresh());
  printFigure({ name: 'and its next edition', value: replaced, unit: 's', size: SIZE, limit: { atMost: 1 } });
  await book.close();
}

function lookUps(book: LabelBook): void {
  const map = new Map(Array.from({ length: LISTS * ENTRIES }, (_, number) => [address(number), number]));
  const misses = Array.from({ length: 200_000 }, (_, at) => address(LISTS * ENTRIES + at));
  const hits = Array.from({ length: 100_000 }, (_, at) => address((at * 7919) % (LISTS * ENTRIES)));
  for (const [name, asked, limit] of [
    ['an address without a label', misses, 1],
    ['one with a label', hits, 20],
  ] as const) {
    const plain = fastest(3, () => asked.filter((text) => map.has(text)).length).seconds;
    const { seconds } = fastest(3, () => asked.filter((text) => book.factsOf('eip155:1', text, NOW).length > 0).length);
    printFigure({
      name,
      value: (seconds / asked.length) * 1e6,
      unit: 'µs',
      size: SIZE,
      limit: { atMost: limit },
      ratio: { to: 'Map', value: plain / seconds },
    });
  }
}

async function save(store: Store, source: string, listDate: number, from: number, count: number): Promise<void> {
  const sha256 = `${source} ${listDate}`;
  const list: LabelList = { source, listDate, title: source, url: null, licence: null, sha256, fileName: source };
  await store.saveLabels(
    list,
    Array.from({ length: count }, (_, at) => entry(address(from + at))),
  );
}

function entry(text: string): LabelEntry {
  const said = { label: 'Some exchange 14', category: 'exchange', actor: 'some', confidence: 'web_crawl' } as const;
  const none = { abuse: null, url: null, validFrom: null, validTo: null };
  return { address: text, chain: 'eip155:1', currency: 'ETH', programmes: [], caseLost: false, ...said, ...none };
}

function address(number: number): string {
  const low = Math.imul(number + 1, 0x9e3779b1) >>> 0;
  return `0x${low.toString(16).padStart(8, '0')}${number.toString(16).padStart(32, '0')}`;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
