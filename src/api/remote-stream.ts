/** How a stream of the other side is read. */
export interface StreamSteps {
  next(): Promise<readonly [done: boolean, value: unknown]>;
  /** Closes it there. */
  stop(): Promise<unknown>;
}

/** Reads a stream of the other side, one item ahead of who reads it, so that both work at the same time and no more than two items wait. */
export class RemoteStream implements AsyncIterableIterator<unknown> {
  readonly #steps: StreamSteps;
  #ahead: ReturnType<StreamSteps['next']> | null = null;
  #over = false;
  /** Called once, however it ends. */
  ended: () => void = () => {};

  constructor(steps: StreamSteps) {
    this.#steps = steps;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<unknown>> {
    if (this.#over) return { done: true, value: undefined };
    try {
      const [done, value] = await (this.#ahead ?? this.#steps.next());
      if (done) {
        this.#end();
        return { done: true, value: undefined };
      }
      this.#ahead = this.#steps.next();
      // Its fault is told when it is asked for.
      this.#ahead.catch(() => {});
      return { done: false, value };
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<unknown>> {
    if (!this.#over) {
      this.#end();
      await this.#steps.stop();
    }
    return { done: true, value: undefined };
  }

  #end(): void {
    this.#over = true;
    this.ended();
  }
}

/** Iterates over what a call answers, which is known to be a stream only when it has answered. */
export function streamOf(answer: Promise<unknown>): AsyncIterableIterator<unknown> {
  const stream = async (): Promise<RemoteStream> => {
    const value = await answer;
    if (value instanceof RemoteStream) return value;
    throw new TypeError('what was called answers with a value, not with a stream');
  };
  return {
    next: async () => (await stream()).next(),
    return: async () => (await stream()).return(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
