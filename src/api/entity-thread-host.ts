import { Worker } from 'node:worker_threads';
import { describeError, type ErrorCode, HaetaeError } from '../base/errors.ts';
import type { EntityReport } from '../exposure/entity-report.ts';
import type { Store } from '../store/port.ts';

/** What the thread asks of the store: promises and streams. */
export const THREAD_CALLS = {
  totals: 'once',
  openings: 'once',
  transfersOf: 'once',
  labelRowsByCategory: 'once',
  labelLists: 'once',
  labelRows: 'once',
  edges: 'stream',
  utxoEdges: 'stream',
  transfersTouching: 'stream',
  utxoTransactions: 'stream',
} as const satisfies Partial<Record<keyof Store, 'once' | 'stream'>>;
export type ThreadCall = keyof typeof THREAD_CALLS;

export interface ThreadQuestion {
  readonly chain: string;
  readonly address: string;
  readonly limit: number;
  /** What the thread has of another state is read anew. */
  readonly state: string;
}

export interface ThreadFault {
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly remedy: string | null;
}

export type ToThread =
  | { readonly kind: 'ask'; readonly question: ThreadQuestion }
  | { readonly kind: 'chunk' | 'end'; readonly call: number; readonly value: unknown }
  | { readonly kind: 'fault'; readonly call: number; readonly fault: ThreadFault };

export type FromThread =
  | { readonly kind: 'call'; readonly call: number; readonly method: ThreadCall; readonly words: readonly unknown[] }
  /** null: the data of the chain do not name the address. */
  | { readonly kind: 'answer'; readonly report: EntityReport | null }
  | { readonly kind: 'failed'; readonly fault: ThreadFault };

/** Rows copied to the thread before others get their turn. */
const ROWS = 2_000;

/** Entities of a small store, joined beside the thread that answers requests, which reads the store for it. One question at a time. */
export class EntityThread {
  readonly #store: Store;
  #worker: Worker | null = null;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Throws E_INDEX_STALE where the store is too large. */
  async ask(question: ThreadQuestion): Promise<EntityReport | null> {
    this.#worker ??= this.#start();
    const worker = this.#worker;
    try {
      return await new Promise<EntityReport | null>((resolve, reject) => {
        worker.removeAllListeners();
        worker.on('message', (message: FromThread) => {
          if (message.kind === 'call') void this.#serve(worker, message);
          else if (message.kind === 'answer') resolve(message.report);
          else reject(errorOf(message.fault));
        });
        worker.once('error', reject);
        worker.once('exit', () => reject(new HaetaeError('E_INTERRUPTED', 'the look-up was broken off')));
        worker.postMessage({ kind: 'ask', question } satisfies ToThread);
      });
    } catch (error) {
      // Of what it was doing nothing is known.
      if (!(error instanceof HaetaeError) || error.code === 'E_INTERRUPTED') await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    worker?.removeAllListeners();
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./entity-thread.js', import.meta.url));
    worker.unref();
    return worker;
  }

  async #serve(worker: Worker, { call, method, words }: Extract<FromThread, { kind: 'call' }>): Promise<void> {
    const send = (message: ToThread): void => worker.postMessage(message);
    try {
      const answer = (this.#store[method] as (...given: readonly unknown[]) => unknown).apply(this.#store, [...words]);
      if (THREAD_CALLS[method] === 'once') {
        send({ kind: 'end', call, value: await answer });
        return;
      }
      for await (const chunk of answer as AsyncIterable<unknown>) {
        for (const value of piecesOf(chunk)) {
          send({ kind: 'chunk', call, value });
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      send({ kind: 'end', call, value: null });
    } catch (error) {
      send({ kind: 'fault', call, fault: faultOf(error) });
    }
  }
}

function* piecesOf(chunk: unknown): Generator<unknown> {
  if (!Array.isArray(chunk)) yield chunk;
  else for (let from = 0; from < chunk.length; from += ROWS) yield chunk.slice(from, from + ROWS);
}

export function faultOf(error: unknown): ThreadFault {
  if (!(error instanceof HaetaeError)) return { code: null, message: describeError(error), remedy: null };
  return { code: error.code, message: error.message, remedy: error.remedy ?? null };
}

export function errorOf({ code, message, remedy }: ThreadFault): Error {
  return code === null ? new Error(message) : new HaetaeError(code, message, remedy === null ? {} : { remedy });
}
