/**
 * A process that opens a store and does one thing, for tests that kill it or starve it: `node child.js PATH hold|load|linger|follow [ROWS]`.
 * `linger` stops when every row is written and only the commit is missing. `follow` fetches blocks and rolls back for ever.
 * Prints `open`, then what came of it.
 */
import { describeError, HaetaeError } from '../../src/base/errors.ts';
import { SILENT } from '../../src/base/progress.ts';
import { openStore } from '../../src/store/open.ts';
import type { FeedChunk, Store, TransferFeed } from '../../src/store/port.ts';
import { address, ETHEREUM, feedOf, hash, NOON, newBatch, transfer } from './feed.ts';
import { blockAnswer } from './living.ts';

const CHUNK_ROWS = 20_000;
/** Past the transfers that tests store before. */
const FIRST = 100;

function* rowsOf(count: number): Generator<FeedChunk> {
  for (let start = 0; start < count; start += CHUNK_ROWS) {
    const length = Math.min(CHUNK_ROWS, count - start);
    const transfers = Array.from({ length }, (_, index) => {
      const row = FIRST + start + index;
      return transfer({ time: NOON + row, tx: hash(row), to: address(row), row: row + 1 });
    });
    console.log(`staged ${start + length}`);
    yield { transfers, utxo: [], blocks: [] };
  }
}

function feed(count: number, linger: boolean): TransferFeed {
  const plain = feedOf({});
  return {
    ...plain,
    finish: async (kept) => {
      console.log('written');
      if (linger) await new Promise((resolve) => setTimeout(resolve, 600_000));
      return plain.finish(kept);
    },
    async *rows() {
      yield* rowsOf(count);
    },
  };
}

/** Twenty blocks more, then back to the tenth, again and again: whoever kills it finds whole blocks. */
async function follow(store: Store): Promise<never> {
  for (;;) {
    const [newest] = await store.keptBlocks(ETHEREUM, 1);
    for (let block = (newest?.number ?? 0n) + 1n; block <= 30n; block += 1n) {
      await store.keepFetched(blockAnswer(block));
      console.log(`kept ${block}`);
    }
    await store.rollBack(ETHEREUM, 10n);
    console.log('rolled back');
  }
}

const [path = '', action = 'hold', rows = '0'] = process.argv.slice(2);
try {
  const store = await openStore({ path, memoryLimitMb: 200 });
  console.log('open');
  if (action === 'hold') setInterval(() => {}, 1000);
  else if (action === 'follow') await follow(store);
  else {
    const { batch } = await store.load(newBatch('child'), feed(Number(rows), action === 'linger'), SILENT);
    console.log(`kept ${batch.rowsKept}`);
    await store.close();
  }
} catch (error) {
  console.log(error instanceof HaetaeError ? describeError(error) : `FAULT ${String(error)}`);
  process.exitCode = 1;
}
