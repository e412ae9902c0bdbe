import { Worker } from 'node:worker_threads';
import { HaetaeError } from '../../base/errors.ts';

/** A report computes its case anew: beside the thread that answers requests, one after the other. */
const MOST_WAITING = 4;

export class CaseReports {
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** HTML. Throws E_BUSY, E_BUNDLE, E_CASE. */
  draw(files: ReadonlyMap<string, Uint8Array>, signal: AbortSignal): Promise<string> {
    if (this.#waiting >= MOST_WAITING) {
      throw new HaetaeError('E_BUSY', 'other reports are being drawn', {
        remedy: 'ask again in a minute',
        retry: true,
      });
    }
    this.#waiting += 1;
    const drawn = this.#last.then(() => drawInThread(files, signal));
    this.#last = drawn
      .catch(() => undefined)
      .finally(() => {
        this.#waiting -= 1;
      });
    return drawn;
  }
}

/** What the thread says. */
export type ReportAnswer = { readonly html: string } | { readonly code: string; readonly message: string };

async function drawInThread(files: ReadonlyMap<string, Uint8Array>, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const worker = new Worker(new URL('./cases-report-thread.js', import.meta.url), { workerData: files });
  const stop = (): void => void worker.terminate();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const answer = await new Promise<ReportAnswer>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => reject(new HaetaeError('E_INTERRUPTED', 'the report was broken off')));
    });
    if ('html' in answer) return answer.html;
    throw new HaetaeError('E_BUNDLE', answer.message, { context: { cause: answer.code } });
  } finally {
    signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}
