/** Time of one attempt: `timeoutMs` without a byte, ten times that in all. AbortSignal.any leaks on long-lived signals, so by hand. */
export class Guard {
  timedOut = false;
  readonly #abort = new AbortController();
  readonly #parents: readonly (AbortSignal | undefined)[];
  readonly #total: NodeJS.Timeout;
  readonly #idle: NodeJS.Timeout;
  readonly #stop = (): void => this.#abort.abort();

  constructor(timeoutMs: number, ...parents: readonly (AbortSignal | undefined)[]) {
    this.#parents = parents;
    const expire = (): void => {
      this.timedOut = true;
      this.#abort.abort();
    };
    this.#idle = setTimeout(expire, timeoutMs);
    this.#total = setTimeout(expire, timeoutMs * 10);
    for (const parent of parents) parent?.addEventListener('abort', this.#stop, { once: true });
    if (this.stopped) this.#stop();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The caller's signal, not the clock, ended it. */
  get stopped(): boolean {
    return this.#parents.some((parent) => parent?.aborted);
  }

  /** A byte came. */
  alive(): void {
    this.#idle.refresh();
  }

  end(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#total);
    for (const parent of this.#parents) parent?.removeEventListener('abort', this.#stop);
  }
}
