import { parentPort, workerData } from 'node:worker_threads';
import type { FromThread, ToThread } from './account-pipe.ts';
import { SegmentSession, type SessionOptions, type WrittenBook } from './account-session.ts';
import { chunkOver } from './chunk-ring.ts';
import { toThreadFault } from './thread-fault.ts';

/** Turns rows into segments beside the thread that reads the store. */
const port = parentPort!;
const { options, slots } = workerData as { options: SessionOptions; slots: readonly SharedArrayBuffer[] };
const tell = (message: FromThread): void => port.postMessage(message);
let bookWritten: (book: WrittenBook) => void = () => {};
const book = new Promise<WrittenBook>((resolve) => {
  bookWritten = resolve;
});
const session = new SegmentSession(options, book, async (segment) => tell({ kind: 'segment', segment }));
/** What came before must be done first. */
let work = Promise.resolve();

port.on('message', (message: ToThread) => {
  if (message.kind === 'book') bookWritten(message.book);
  else
    work = work
      .then(() => handle(message))
      .catch((error: unknown) => tell({ kind: 'fault', fault: toThreadFault(error) }));
});

async function handle(message: Exclude<ToThread, { kind: 'book' }>): Promise<void> {
  if (message.kind === 'rows') {
    const { slot, count, large } = message;
    await session.take(chunkOver(slots[slot]!, count, large), 0, count);
    tell({ kind: 'free', slot });
  } else if (message.kind === 'extra') await session.add(message.row);
  else {
    const nextSegment = await session.end();
    tell({ kind: 'end', nextSegment });
    port.close();
  }
}
