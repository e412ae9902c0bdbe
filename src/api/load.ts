export interface LoadLimits {
  /** Requests taken in and not yet answered. */
  readonly inFlight: number;
  /** By so much the event loop may lag behind, milliseconds. */
  readonly delayMs: number;
}

const TICK_MS = 50;

/** How busy the server is: what decides whether a request is taken in at all. */
export class Load {
  inFlight = 0;
  /** How late the last tick came. */
  delayMs = 0;
  draining = false;
  shed = 0;
  readonly #limits: LoadLimits;
  readonly #timer: NodeJS.Timeout;
  #last = performance.now();
  readonly #idle: (() => void)[] = [];

  constructor(limits: LoadLimits) {
    this.#limits = limits;
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  get over(): boolean {
    return this.draining || this.inFlight >= this.#limits.inFlight || this.delayMs > this.#limits.delayMs;
  }

  leave(): void {
    this.inFlight--;
    if (this.inFlight === 0 && this.#idle.length > 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Once nothing is in flight. */
  idle(): Promise<void> {
    if (this.inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = performance.now();
    this.delayMs = Math.max(0, now - this.#last - TICK_MS);
    this.#last = now;
  }
}
