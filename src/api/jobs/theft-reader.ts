import { Worker } from 'node:worker_threads';
import { type ErrorCode, type ErrorDetails, HaetaeError } from '../../base/errors.ts';

/** The worst texts of the size that is taken need a few seconds. */
const LIMIT_MS = 30_000;
const LIMIT_MB = 512;

export interface TheftText {
  readonly text: string;
  /** Of the file, for what is said of it. */
  readonly name: string;
}

/** What a job needs to know of a theft file. */
export interface TheftOutline {
  /** Visible text, 200 letters at most. */
  readonly title: string;
  /** CAIP-2 ids of all that it names. */
  readonly chains: readonly string[];
}

/** What the thread says. */
export type TheftAnswer =
  | { readonly kind: 'read'; readonly theft: TheftOutline }
  | {
      readonly kind: 'fault';
      readonly code: ErrorCode;
      readonly message: string;
      readonly context: NonNullable<ErrorDetails['context']>;
      readonly remedy: string | undefined;
    };

/** Reads theft files beside the thread that answers requests, one after the other: a text made for it keeps a parser busy for seconds. */
export class TheftReader {
  #last: Promise<unknown> = Promise.resolve();
  #worker: Worker | null = null;
  #closed = false;

  /** Throws E_THEFT_FILE and whatever else is wrong with a theft file, with line or field; E_BUSY where the server ends. */
  read(asked: TheftText): Promise<TheftOutline> {
    const read = this.#last.then(() => this.#inThread(asked));
    this.#last = read.catch(() => undefined);
    return read;
  }

  /** Ends what is being read. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
  }

  async #inThread(asked: TheftText): Promise<TheftOutline> {
    if (this.#closed) throw ending();
    const worker = new Worker(new URL('./theft-thread.js', import.meta.url), {
      workerData: asked,
      resourceLimits: { maxOldGenerationSizeMb: LIMIT_MB },
    });
    this.#worker = worker;
    let timer: NodeJS.Timeout | undefined;
    try {
      const answer = await new Promise<TheftAnswer>((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', (error: NodeJS.ErrnoException) =>
          reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch(asked.name, 'memory') : error),
        );
        worker.once('exit', () => reject(ending()));
        timer = setTimeout(() => reject(tooMuch(asked.name, 'time')), LIMIT_MS);
      });
      if (answer.kind === 'read') return answer.theft;
      const { code, message, context, remedy } = answer;
      throw new HaetaeError(code, message, { context, ...(remedy === undefined ? {} : { remedy }) });
    } finally {
      clearTimeout(timer);
      this.#worker = null;
      await worker.terminate();
    }
  }
}

function tooMuch(file: string, what: 'time' | 'memory'): HaetaeError {
  return new HaetaeError('E_THEFT_FILE', `it takes too much ${what} to read the file`, {
    context: { file },
    remedy: 'make it smaller, or trace it by the command line: haetae trace FILE',
  });
}

function ending(): HaetaeError {
  return new HaetaeError('E_BUSY', 'the server is ending', { remedy: 'start it again later', retry: true });
}
