import { webcrypto } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { HaetaeError } from '../../base/errors.ts';
import type { CaseSummary, Store, StoredCase } from '../../store/port.ts';
import type { PictureQuestion, ThreadAnswer, ThreadCall } from './pictures-question.ts';

const MOST_WAITING = 32;
const MOST_PREWARMED = 3;
/** For so long a case of the same size and date is taken to be the one that was read. */
const FRESH_MS = 2000;
/** Larger ones take too long to read for the one who asks: they are compared beside, less often, and the next answer is right. */
const LARGE_BYTES = 8 << 20;
const LARGE_FRESH_MS = 30_000;
/** As the console asks first. */
const FIRST_QUESTION: PictureQuestion = { kind: 'flow', limit: 20_000 };

interface State {
  readonly createdAt: number;
  readonly bytes: number;
  readonly key: string;
  readonly head: ThreadCall['head'];
  readonly checkedMs: number;
}

/** To look at a case it is computed anew: in a thread of its own, which keeps those that were looked at last. Questions go one after the other. */
export class CasePictures {
  readonly #store: Pick<Store, 'cases' | 'loadCase'>;
  readonly #states = new Map<string, State>();
  #worker: Worker | null = null;
  #waiting = 0;
  #number = 0;
  #last: Promise<unknown> = Promise.resolve();
  #checking: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(store: Pick<Store, 'cases' | 'loadCase'>) {
    this.#store = store;
  }

  /** JSON. Throws E_NOT_FOUND, E_BUSY, E_BUNDLE, E_CASE. */
  async ask(id: string, question: PictureQuestion, signal: AbortSignal): Promise<Uint8Array> {
    const bytes = await this.#queue(() => this.#answer(id, question, signal));
    return bytes ?? new Uint8Array();
  }

  /** Makes the newest cases ready, in the background; one that cannot be is told when it is asked for. */
  async prewarm(): Promise<void> {
    const cases = [...(await this.#store.cases())].sort((a, b) => b.createdAt - a.createdAt);
    const never = new AbortController().signal;
    // The newest last, so that it is the last to be forgotten.
    for (const { id } of cases.slice(0, MOST_PREWARMED).reverse()) {
      try {
        await this.#queue(() => this.#answer(id, FIRST_QUESTION, never));
      } catch {
        // Who asks for it is told.
      }
    }
  }

  /** Ends the thread; a question that comes later starts another, unless `forGood`. */
  async stop(forGood = false): Promise<void> {
    this.#closed ||= forGood;
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
    if (forGood) await this.#checking;
  }

  #queue<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#waiting >= MOST_WAITING) {
      throw new HaetaeError('E_BUSY', 'other pictures are being made', {
        remedy: 'ask again in a moment',
        retry: true,
      });
    }
    this.#waiting += 1;
    const turn = this.#last.then(work);
    this.#last = turn
      .catch(() => undefined)
      .finally(() => {
        this.#waiting -= 1;
      });
    return turn;
  }

  async #answer(id: string, question: PictureQuestion | null, signal: AbortSignal): Promise<Uint8Array | null> {
    signal.throwIfAborted();
    const { state, stored } = await this.#state(id);
    if (stored === null) {
      const first = await this.#call(state, null, question);
      if (first.kind !== 'unknown') return bytesOf(first);
    }
    signal.throwIfAborted();
    // It was forgotten to make room: read now, it may be another than it was.
    const now = stored === null ? await this.#read({ ...state, id }, performance.now()) : { state, stored };
    return bytesOf(await this.#call(now.state, now.stored.files, question));
  }

  /** `stored`: where the case had to be read to know which it is, and is another than before. */
  async #state(id: string): Promise<{ state: State; stored: StoredCase | null }> {
    const summary = (await this.#store.cases()).find((each) => each.id === id);
    if (summary === undefined) throw noCase(id);
    const known = this.#states.get(id);
    const now = performance.now();
    const same = known !== undefined && known.createdAt === summary.createdAt && known.bytes === summary.bytes;
    const large = summary.bytes > LARGE_BYTES;
    if (same && now - known.checkedMs < (large ? LARGE_FRESH_MS : FRESH_MS)) return { state: known, stored: null };
    if (same && large) {
      this.#states.set(id, { ...known, checkedMs: now });
      this.#checking = this.#checking.then(() => this.#read(summary, now)).catch(() => undefined);
      return { state: known, stored: null };
    }
    const { state, stored } = await this.#read(summary, now);
    return { state, stored: state.key === known?.key ? null : stored };
  }

  async #read(
    { id, createdAt, bytes }: Pick<CaseSummary, 'id' | 'createdAt' | 'bytes'>,
    now: number,
  ): Promise<{ state: State; stored: StoredCase }> {
    // A block that was replaced can leave the evidence another, as long as before.
    const stored = await this.#load(id);
    const { title, simulated } = stored;
    const head = { id, title, simulated, createdAt: stored.createdAt };
    // Traced again to the same files, it is dated anew.
    const key = JSON.stringify([await digestOf(stored), head]);
    const state = { createdAt, bytes, key, head, checkedMs: now };
    this.#states.set(id, state);
    return { state, stored };
  }

  async #load(id: string): Promise<StoredCase> {
    const stored = await this.#store.loadCase(id);
    if (stored === null) throw noCase(id);
    return stored;
  }

  #call(state: State, files: ThreadCall['files'], question: PictureQuestion | null): Promise<ThreadAnswer> {
    this.#number += 1;
    const call: ThreadCall = { number: this.#number, key: state.key, head: state.head, files, question };
    const worker = this.#thread();
    return new Promise<ThreadAnswer>((resolve, reject) => {
      const done = (): void => {
        worker.off('message', heard);
        worker.off('exit', ended);
      };
      const heard = (answer: ThreadAnswer): void => {
        if (answer.number !== call.number) return;
        done();
        resolve(answer);
      };
      const ended = (): void => {
        done();
        reject(
          new HaetaeError('E_BUSY', 'the picture was broken off', {
            context: { case: state.head.id },
            remedy: 'ask again; a case that is too large for the memory of this machine ends so each time',
            retry: true,
          }),
        );
      };
      worker.on('message', heard);
      worker.on('exit', ended);
      worker.postMessage(call);
    });
  }

  #thread(): Worker {
    if (this.#closed) throw new HaetaeError('E_BUSY', 'the server is closing', { retry: true });
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(new URL('./pictures-thread.js', import.meta.url));
    const forget = (): void => {
      if (this.#worker === worker) this.#worker = null;
    };
    worker.on('error', forget);
    worker.on('exit', forget);
    worker.unref();
    this.#worker = worker;
    return worker;
  }
}

function bytesOf(answer: ThreadAnswer): Uint8Array | null {
  if (answer.kind === 'answer') return answer.bytes;
  if (answer.kind === 'unknown') throw new Error('the thread forgot a case that it was just given');
  const { code, message, context = {}, remedy } = answer;
  if (code === null) throw new Error(message);
  const more = { context, ...(remedy === undefined ? {} : { remedy }) };
  if (code === 'E_NOT_FOUND') throw new HaetaeError(code, message, more);
  throw new HaetaeError('E_BUNDLE', message, { ...more, context: { ...context, cause: code } });
}

function noCase(id: string): HaetaeError {
  return new HaetaeError('E_NOT_FOUND', 'no such traced case', { context: { case: id } });
}

/** Of names and bytes: hashed beside the thread that answers requests. */
async function digestOf({ files }: StoredCase): Promise<string> {
  const parts = await Promise.all(
    [...files].map(async ([name, bytes]) => {
      const hash = await webcrypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
      return `${name} ${Buffer.from(hash).toString('hex')}`;
    }),
  );
  const all = await webcrypto.subtle.digest('SHA-256', Buffer.from(parts.join('\n')));
  return Buffer.from(all).toString('hex');
}
