import { Worker } from 'node:worker_threads';
import type { NumberedChunk } from '../store/numbered.ts';
import type { MadeSegment, RowSession, SessionOptions, WrittenBook } from './account-session.ts';
import { chunkOver, copyChunk, SLOT_BYTES, SLOT_ROWS } from './chunk-ring.ts';
import type { ExtraRow } from './pending-rows.ts';
import { ofThreadFault, type ThreadFault } from './thread-fault.ts';

/** Chunks on their way to the thread. */
const SLOTS = 4;

export type ToThread =
  | { readonly kind: 'rows'; readonly slot: number; readonly count: number; readonly large: NumberedChunk['large'] }
  | { readonly kind: 'extra'; readonly row: ExtraRow }
  | { readonly kind: 'book'; readonly book: WrittenBook }
  | { readonly kind: 'end' };

export type FromThread =
  | { readonly kind: 'free'; readonly slot: number }
  | { readonly kind: 'segment'; readonly segment: MadeSegment }
  | { readonly kind: 'end'; readonly nextSegment: number }
  | { readonly kind: 'fault'; readonly fault: ThreadFault };

/** A session in a thread of its own: the store is read while earlier rows are worked on. */
export class PipedSession implements RowSession {
  readonly #worker: Worker;
  readonly #slots = Array.from({ length: SLOTS }, () => new SharedArrayBuffer(SLOT_BYTES));
  readonly #free = this.#slots.map((_, slot) => slot);
  readonly #made: (segment: MadeSegment) => Promise<void>;
  /** What is done about segments that are made, one after the other. */
  #telling = Promise.resolve();
  #next: number | null = null;
  #fault: Error | null = null;
  #wake: () => void = () => {};

  constructor(options: SessionOptions, book: Promise<WrittenBook>, made: (segment: MadeSegment) => Promise<void>) {
    this.#made = made;
    this.#worker = new Worker(new URL('./account-thread.js', import.meta.url), {
      workerData: { options, slots: this.#slots },
    });
    this.#worker.on('message', (message: FromThread) => this.#hear(message));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('the thread of the index build ended')));
    book.then(
      (written) => this.#tell({ kind: 'book', book: written }),
      (error: Error) => this.#fail(error),
    );
  }

  async take(chunk: NumberedChunk, start: number, end: number): Promise<void> {
    for (let first = start; first < end; first += SLOT_ROWS) {
      const stop = Math.min(end, first + SLOT_ROWS);
      await this.#until(() => this.#free.length > 0);
      const slot = this.#free.pop()!;
      copyChunk(chunkOver(this.#slots[slot]!, 0, []), chunk, first, stop);
      const large = chunk.large
        .filter(({ row }) => row >= first && row < stop)
        .map(({ row, amount }) => ({ row: row - first, amount }));
      this.#tell({ kind: 'rows', slot, count: stop - first, large });
    }
  }

  async add(row: ExtraRow): Promise<void> {
    this.#tell({ kind: 'extra', row });
  }

  async end(): Promise<number> {
    this.#tell({ kind: 'end' });
    await this.#until(() => this.#next !== null);
    await this.#telling;
    return this.#next!;
  }

  async stop(): Promise<void> {
    this.#fault ??= new Error('the session was stopped');
    await this.#worker.terminate();
  }

  #tell(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #hear(message: FromThread): void {
    if (message.kind === 'free') this.#free.push(message.slot);
    else if (message.kind === 'end') this.#next = message.nextSegment;
    else if (message.kind === 'fault') this.#fail(ofThreadFault(message.fault));
    else {
      this.#telling = this.#telling.then(() => this.#made(message.segment));
      this.#telling.catch((error: Error) => this.#fail(error));
    }
    this.#wake();
  }

  #fail(error: Error): void {
    if (this.#next === null) this.#fault ??= error;
    this.#wake();
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.#fault !== null) throw this.#fault;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#fault !== null) throw this.#fault;
  }
}
