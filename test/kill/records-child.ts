/**
 * A process that opens records and does one thing, for tests that kill it or give it damaged files:
 * `node records-child.js open|write FOLDER [FIRST]`. `write` never ends; it prints the number of each write that was acknowledged.
 */
import { writeSync } from 'node:fs';
import { describeError, HaetaeError } from '../../src/base/errors.ts';
import { openRecords } from '../../src/store/open-records.ts';
import { orderKey, type RecordChange, type Records } from '../../src/store/records.ts';

/** Writes under way at any time. */
const WRITERS = 16;

/** One write: three rows in three tables, of one number and of a size that varies with it. */
export function groupOf(number: number): readonly RecordChange[] {
  const value = Buffer.alloc(50 + ((number * 7919) % 6000), `${number} `);
  return (['verdict', 'subject', 'audit'] as const).map((table) => ({ table, key: orderKey(number), value }));
}

async function write(records: Records, first: number): Promise<never> {
  let number = first;
  const writer = async (): Promise<never> => {
    for (;;) {
      const own = number;
      number += 1;
      await records.write(groupOf(own));
      // At once, and past no buffer of this process: what was said was on disk before.
      writeSync(1, `${own}\n`);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
  throw new Error('a writer ended');
}

async function main([action = '', folder = '', first = '0']: readonly string[]): Promise<void> {
  const records = await openRecords({ path: folder });
  if (action === 'write') return write(records, Number(first));
  let rows = 0;
  for await (const chunk of records.scan('verdict')) rows += chunk.length;
  console.log(`open ${rows}`);
  await records.close();
}

if (process.argv[1]?.endsWith('records-child.js')) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    console.log(error instanceof HaetaeError ? describeError(error) : `FAULT ${String(error)}`);
  }
}
