/** A label changes on 1,000 addresses, over a million past verdicts on disk: to find them and to have called for each. And what the book costs to open and hold. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditLog } from '../src/access/audit-log.ts';
import { SILENT } from '../src/base/progress.ts';
import { seededRandom } from '../src/base/random.ts';
import { Rescreener } from '../src/screen/rescreen.ts';
import { SubjectBook, subjectChange } from '../src/screen/subject-book.ts';
import { openRecords } from '../src/store/open-records.ts';
import type { RecordChange, Records } from '../src/store/records.ts';
import { count, printFigure, printPeakMemory } from './_print.ts';

const VERDICTS = 1_000_000;
/** Fewer than verdicts: customers come again. */
const ADDRESSES = 700_000;
const TOUCHED = 1000;
const GROUP = 10_000;
const CHAIN = 'eip155:1';
const size = `${count(VERDICTS)} past verdicts`;

const addressOf = (number: number): string =>
  `0x${Math.imul(number, 0x9e3779b1).toString(16).padStart(40, '7')}`.slice(0, 42);

async function fill(records: Records): Promise<void> {
  const random = seededRandom(7);
  for (let first = 1; first <= VERDICTS; first += GROUP) {
    const changes: RecordChange[] = [];
    for (let seq = first; seq < first + GROUP; seq += 1) {
      const customer = `p-${random.below(200_000).toString(16).padStart(32, '0')}`;
      const address = addressOf(random.below(ADDRESSES));
      changes.push(
        subjectChange({
          v: `v-${seq}-00af`,
          c: CHAIN,
          a: [address],
          k: 'address',
          d: 'a',
          s: 0,
          u: customer,
          x: null,
          as: null,
        }),
      );
    }
    await records.write(changes);
  }
}

async function openBook(records: Records): Promise<SubjectBook> {
  globalThis.gc?.();
  const before = process.memoryUsage();
  const start = performance.now();
  const book = await SubjectBook.open(records, SILENT);
  printFigure({ name: 'book of past verdicts, opened', value: (performance.now() - start) / 1000, unit: 's', size });
  globalThis.gc?.();
  const after = process.memoryUsage();
  const held = after.arrayBuffers - before.arrayBuffers;
  printFigure({ name: 'held in memory', value: held / 1e6, unit: 'MB', size, limit: { atMost: 200 } });
  return book;
}

async function change(records: Records, subjects: SubjectBook): Promise<void> {
  const audited = await AuditLog.open(records, Date.now);
  let called = 0;
  const again = async (): Promise<'same'> => {
    called += 1;
    return 'same';
  };
  const rescreener = new Rescreener({ records, audited, subjects, again });
  const addresses = Array.from({ length: TOUCHED }, (_, index) => ({ chain: CHAIN, address: addressOf(index * 17) }));
  const start = performance.now();
  const { looked } = await rescreener.touched({ addresses, cause: 'a list of today' });
  const seconds = (performance.now() - start) / 1000;
  if (looked !== called || looked < TOUCHED / 2) throw new Error(`${looked} looked at, ${called} called`);
  printFigure({
    name: 'label change to each verdict found',
    value: seconds,
    unit: 's',
    size: `${count(TOUCHED)} addresses, ${count(looked)} verdicts, ${size}`,
    limit: { atMost: 1 },
  });
  const all = performance.now();
  const everything = await rescreener.touched({ addresses: 'all', cause: 'new rules' });
  printFigure({
    name: 'every verdict called for',
    value: (performance.now() - all) / 1000,
    unit: 's',
    size: `${count(everything.looked)} verdicts`,
  });
}

const folder = mkdtempSync(join(tmpdir(), 'haetae-bench-'));
try {
  const records = await openRecords({ path: join(folder, 'records') });
  await fill(records);
  await change(records, await openBook(records));
  await records.close();
  printPeakMemory();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
