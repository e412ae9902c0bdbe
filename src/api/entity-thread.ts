import { parentPort } from 'node:worker_threads';
import type { EntityIndex } from '../exposure/entity.ts';
import { openEntities } from '../exposure/entity-open.ts';
import { type EntityReport, reportEntity } from '../exposure/entity-report.ts';
import { flowOfStore } from '../exposure/flow-of-store.ts';
import type { ChainFlow } from '../flow/flow.ts';
import type { Store } from '../store/port.ts';
import {
  errorOf,
  type FromThread,
  faultOf,
  THREAD_CALLS,
  type ThreadCall,
  type ThreadFault,
  type ThreadQuestion,
  type ToThread,
} from './entity-thread-host.ts';

interface Waiting {
  readonly chunk: (value: unknown) => void;
  readonly end: (value: unknown) => void;
  readonly fault: (fault: ThreadFault) => void;
}

const port = parentPort!;
const waiting = new Map<number, Waiting>();
let calls = 0;

function call(method: ThreadCall, words: readonly unknown[], chunk: (value: unknown) => void): Promise<unknown> {
  calls += 1;
  const id = calls;
  return new Promise((resolve, reject) => {
    waiting.set(id, { chunk, end: resolve, fault: (fault) => reject(errorOf(fault)) });
    port.postMessage({ kind: 'call', call: id, method, words } satisfies FromThread);
  }).finally(() => waiting.delete(id));
}

/** What is read is small: all of it may wait here. */
async function* stream(method: ThreadCall, words: readonly unknown[]): AsyncGenerator<unknown> {
  const chunks: unknown[] = [];
  await call(method, words, (value) => void chunks.push(value));
  yield* chunks;
}

const store = Object.fromEntries(
  Object.entries(THREAD_CALLS).map(([name, how]) => [
    name,
    (...words: readonly unknown[]) =>
      how === 'once' ? call(name as ThreadCall, words, () => {}) : stream(name as ThreadCall, words),
  ]),
) as unknown as Store;

let opened: { readonly key: string; readonly flow: ChainFlow; readonly index: EntityIndex } | null = null;

async function answer({ chain, address, limit, state }: ThreadQuestion): Promise<EntityReport | null> {
  const key = `${chain} ${state}`;
  if (opened?.key !== key) {
    opened = null;
    const flow = await flowOfStore(store, chain);
    opened = { key, flow, index: await openEntities({ store, flow, parts: [], folder: null }) };
  }
  const { flow, index } = opened;
  const id = flow.addresses.find(address);
  return id < 0 ? null : reportEntity({ store, flow, index, address: id, limit });
}

port.on('message', (message: ToThread) => {
  if (message.kind === 'ask') {
    answer(message.question).then(
      (report) => port.postMessage({ kind: 'answer', report } satisfies FromThread),
      (error: unknown) => port.postMessage({ kind: 'failed', fault: faultOf(error) } satisfies FromThread),
    );
    return;
  }
  const waits = waiting.get(message.call);
  if (message.kind === 'fault') waits?.fault(message.fault);
  else waits?.[message.kind](message.value);
});
