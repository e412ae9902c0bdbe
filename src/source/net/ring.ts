import { type ErrorCode, HaetaeError } from '../../base/errors.ts';
import { interrupted, isFault } from './fault.ts';

/** How long an endpoint rests after a fault, where the fault is its own; 0: the fault is of this one call. */
const REST_MS: Partial<Record<ErrorCode, number>> = {
  E_SOURCE: 3_600_000,
  E_SOURCE_CHAIN: 3_600_000,
  E_SOURCE_LIES: 3_600_000,
  E_SOURCE_UNREACHABLE: 30_000,
  E_SOURCE_LIMIT: 30_000,
  E_SOURCE_ANSWER: 10_000,
  E_SOURCE_BEHIND: 0,
  E_SOURCE_PRUNED: 0,
  E_NOT_FOUND: 0,
};

interface Closable {
  close(): Promise<void>;
}

export interface RingMember<S> {
  readonly name: string;
  /** Opened when it is first needed, and again where that failed. */
  readonly open: () => Promise<S>;
}

interface Slot<S> extends RingMember<S> {
  source: Promise<S> | null;
  restsUntilMs: number;
}

/** Endpoints in the order of preference, and which of them are well. */
export class Ring<S extends Closable> {
  readonly name: string;
  readonly #slots: readonly Slot<S>[];
  readonly #onNotice: ((text: string) => void) | undefined;
  readonly #signal: AbortSignal | undefined;
  #closed = false;

  constructor(members: readonly RingMember<S>[], onNotice?: (text: string) => void, signal?: AbortSignal) {
    this.#slots = members.map((member) => ({ ...member, source: null, restsUntilMs: 0 }));
    this.name = members.map(({ name }) => name).join(', ');
    this.#onNotice = onNotice;
    this.#signal = signal;
  }

  /** The first answer that is not null; null where all said null. Throws the last fault where none could answer. */
  async ask<T>(call: (source: S) => Promise<T>): Promise<T> {
    let silent: { readonly answer: T } | null = null;
    let fault: unknown = null;
    for (const slot of this.#order()) {
      // "I cannot tell" and "no such thing" are answers: an endpoint that does not answer anyway need not be waited for.
      if (slot.restsUntilMs > Date.now() && (silent !== null || isFault(fault, 'E_NOT_FOUND'))) break;
      try {
        const answer = await call(await this.#source(slot));
        if (answer !== null) return answer;
        silent = { answer };
      } catch (error) {
        const failed = this.#failed(slot, error);
        if (!isFault(fault, 'E_NOT_FOUND')) fault = failed;
      }
    }
    if (silent !== null) return silent.answer;
    throw fault;
  }

  /** As `ask` for a list whose answers can be null one by one: what one leaves open the next is asked. */
  async fill<Q, T>(
    questions: readonly Q[],
    call: (source: S, rest: readonly Q[]) => Promise<readonly (T | null)[]>,
  ): Promise<readonly (T | null)[]> {
    const answers: (T | null)[] = questions.map(() => null);
    let open = questions.map((_, at) => at);
    let answered = questions.length === 0;
    let fault: unknown = null;
    for (const slot of this.#order()) {
      if (open.length === 0 || (answered && slot.restsUntilMs > Date.now())) break;
      try {
        const given = await call(
          await this.#source(slot),
          open.map((at) => questions[at]!),
        );
        open.forEach((at, i) => {
          answers[at] = given[i] ?? null;
        });
        answered = true;
        open = open.filter((at) => answers[at] === null);
      } catch (error) {
        fault = this.#failed(slot, error);
      }
    }
    if (!answered) throw fault;
    return answers;
  }

  /** What one source gives until it ends or fails; after a fault what the next gives. `start` must go on where the last one stopped. */
  async *stream<T>(start: (source: S) => AsyncIterable<T>): AsyncGenerator<T> {
    for (;;) {
      let progress = false;
      let fault: unknown = null;
      for (const slot of this.#order()) {
        const items = this.#items(slot, start);
        let step = await items.next();
        for (; !step.done; step = await items.next()) {
          progress = true;
          let taken = false;
          try {
            yield step.value;
            taken = true;
          } finally {
            if (!taken) await items.return({ fault: null });
          }
        }
        if (step.value.fault === null) return;
        fault = step.value.fault;
        if (progress) break;
      }
      if (!progress) throw fault;
    }
  }

  /** Opens all. Throws what a wrong configuration says at once, and the last fault where none could be opened. */
  async openAll(): Promise<void> {
    const opened = await Promise.allSettled(this.#slots.map((slot) => this.#source(slot)));
    const faults = opened.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    const fatal = faults.find((error) => !(error instanceof HaetaeError) || FATAL.has(error.code));
    if (fatal !== undefined || faults.length === this.#slots.length) {
      await this.close();
      throw fatal ?? faults.at(-1);
    }
    this.#slots.forEach((slot, at) => {
      const each = opened[at]!;
      if (each.status === 'rejected') this.#failed(slot, each.reason);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const open = this.#slots.flatMap(({ source }) => (source === null ? [] : [source]));
    await Promise.allSettled(open.map(async (source) => (await source).close()));
  }

  async *#items<T>(slot: Slot<S>, start: (source: S) => AsyncIterable<T>): AsyncGenerator<T, { fault: unknown }> {
    try {
      yield* start(await this.#source(slot));
      return { fault: null };
    } catch (error) {
      return { fault: this.#failed(slot, error) };
    }
  }

  /** Those that are well, then those that rest, the first to be well again first. */
  #order(): Slot<S>[] {
    const now = Date.now();
    const rest = (slot: Slot<S>): number => Math.max(0, slot.restsUntilMs - now);
    return [...this.#slots].sort((a, b) => rest(a) - rest(b));
  }

  #source(slot: Slot<S>): Promise<S> {
    if (this.#closed || this.#signal?.aborted) return Promise.reject(interrupted());
    slot.source ??= slot.open().catch((error) => {
      slot.source = null;
      throw error;
    });
    return slot.source;
  }

  /** Sends an endpoint to rest. Throws the fault where the next endpoint would change nothing. */
  #failed(slot: Slot<S>, error: unknown): HaetaeError {
    if (!(error instanceof HaetaeError)) throw error;
    const restMs = REST_MS[error.code];
    if (restMs === undefined) throw error;
    const asked = Number(error.context.retryAfterSeconds ?? 0) * 1000;
    const wasWell = slot.restsUntilMs <= Date.now();
    if (restMs > 0) slot.restsUntilMs = Date.now() + Math.max(restMs, asked);
    if (restMs > 0 && wasWell && this.#slots.length > 1) {
      this.#onNotice?.(`${slot.name}: ${error.message} (${error.code}); asking the next endpoint`);
    }
    return error;
  }
}

const FATAL: ReadonlySet<ErrorCode> = new Set(['E_SOURCE', 'E_SOURCE_CHAIN', 'E_INTERRUPTED'] as const);
