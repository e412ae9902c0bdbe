import type { NextHead } from '../net/follow-heads.ts';
import { wait } from '../net/wait.ts';
import type { Rpc } from './rpc.ts';
import { isMethodMissing } from './rpc-fault.ts';

/** The head is also asked for without an event this often: a subscription can fall silent. */
const SILENCE_POLLS = 15;

/** By eth_subscribe over WebSocket, again after every break; by asking where the node has no subscriptions. */
export function newHeads(rpc: Rpc, pollMs: number): NextHead {
  let subscribed = false;
  let possible = true;
  let news = false;
  let wake: () => void = () => {};
  const onEvent = (event: unknown): void => {
    if (event === null) subscribed = false;
    news = true;
    wake();
  };
  return async (signal) => {
    if (possible && !subscribed) {
      subscribed = true;
      try {
        await rpc.subscribe(['newHeads'], onEvent);
        // Heads that came between the last look and the subscription.
        return !signal.aborted;
      } catch (error) {
        subscribed = false;
        if (!isMethodMissing(error)) throw error;
        possible = false;
      }
    }
    if (!news) await silence(possible ? pollMs * SILENCE_POLLS : pollMs, signal, (resolve) => (wake = resolve));
    news = false;
    return !signal.aborted;
  };
}

async function silence(ms: number, signal: AbortSignal, onWake: (resolve: () => void) => void): Promise<void> {
  const woken = new AbortController();
  onWake(() => woken.abort());
  await wait(ms, signal, woken.signal).catch(() => {});
}
