/** The service as it stands in production, over a database that is there. A child process. */
import { LOCAL } from '../src/access/gate.ts';
import { openApp } from '../src/api/app.ts';
import { SILENT } from '../src/base/progress.ts';
import { askedAddress, BATCH, CHAIN } from './_http-size.ts';

export interface AppStarted {
  readonly port: number;
  readonly key: string;
}

/** Batches in this process for so many seconds, or the end. */
export type AppQuestion = { readonly dry: boolean; readonly seconds: number } | { readonly end: true };

export interface AppAnswer {
  readonly addresses: number;
  readonly seconds: number;
  /** Resident at the end. */
  readonly megabytes: number;
}

const app = await openApp({
  database: process.argv[2]!,
  progress: SILENT,
  host: '127.0.0.1',
  port: 0,
  twoPersons: false,
  software: 'bench',
});
const { secret: key } = await app.parts.access.createKey({ role: 'analyst' });
process.on('message', (question: AppQuestion) => {
  answer(question).then(
    (result) => process.send!(result),
    (error: unknown) => {
      throw error;
    },
  );
});
process.send!({ port: Number(new URL(app.url).port), key } satisfies AppStarted);

async function answer(question: AppQuestion): Promise<AppAnswer> {
  const { addresses, seconds } = 'end' in question ? { addresses: 0, seconds: 0 } : await batches(question);
  const megabytes = process.memoryUsage().rss / 1e6;
  if ('end' in question) await app.close();
  return { addresses, seconds, megabytes };
}

/** One after the other, each read to its last line: one core. */
async function batches({ dry, seconds }: { readonly dry: boolean; readonly seconds: number }) {
  const asked = [0, 1, 2, 3].map((part) => Array.from({ length: BATCH }, (_, at) => askedAddress(part * BATCH + at)));
  const run = async (milliseconds: number): Promise<{ addresses: number; seconds: number }> => {
    const start = performance.now();
    let done = 0;
    for (; performance.now() - start < milliseconds; done += 1) {
      const options = { dry, atMs: Date.now(), signal: new AbortController().signal };
      for await (const _ of app.parts.desk.screenBatch(CHAIN, asked[done % asked.length]!, LOCAL, options).lines);
    }
    return { addresses: done * BATCH, seconds: (performance.now() - start) / 1000 };
  };
  await run(1000);
  return run(seconds * 1000);
}
