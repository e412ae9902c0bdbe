import type { BlockRef } from '../chain-source.ts';
import { isFault } from './fault.ts';
import { wait } from './wait.ts';

/** An endpoint behind a balancer lags now and then; one that does so longer than this is at fault. */
const MAX_LAG_MS = 60_000;

/** Waits until a head may be new: false once the signal has ended. */
export type NextHead = (signal: AbortSignal) => Promise<boolean>;

/** By asking again after so many milliseconds. */
export function everyMs(ms: number): NextHead {
  return async (signal) => {
    await wait(ms, signal).catch(() => {});
    return !signal.aborted;
  };
}

/** Heads as they come, first the present one, none twice in a row. Ends with the signal. Throws as `head` does. */
export async function* followHeads(
  head: () => Promise<BlockRef>,
  next: NextHead,
  signal: AbortSignal,
): AsyncGenerator<BlockRef> {
  let last: string | null = null;
  let behindSince: number | null = null;
  while (!signal.aborted) {
    try {
      const ref = await head();
      behindSince = null;
      if (signal.aborted) return;
      if (ref.hash !== last) yield ref;
      last = ref.hash;
    } catch (error) {
      if (signal.aborted) return;
      if (!isFault(error, 'E_SOURCE_BEHIND')) throw error;
      behindSince ??= Date.now();
      if (Date.now() - behindSince > MAX_LAG_MS) throw error;
    }
    if (!(await next(signal))) return;
  }
}
