import { wait } from './wait.ts';

/** Calls answered in a row before one more may be in flight again after a refusal. */
const CALM_CALLS = 20;

/**
 * What one endpoint may be asked: so many requests a second, evenly spread (a bucket of one token), so many in flight. A refusal
 * halves the number in flight; calm brings it back by ones. A pause holds everything back.
 */
export class Limiter {
  readonly #spacingMs: number;
  readonly #maxInFlight: number;
  readonly #signals: readonly (AbortSignal | undefined)[];
  readonly #waiting: (() => void)[] = [];
  #allowed: number;
  #inFlight = 0;
  #calm = 0;
  #nextMs = 0;
  #pausedUntilMs = 0;

  constructor(requestsPerSecond: number | null, maxInFlight: number, ...signals: readonly (AbortSignal | undefined)[]) {
    this.#spacingMs = requestsPerSecond === null ? 0 : 1000 / requestsPerSecond;
    this.#maxInFlight = maxInFlight;
    this.#allowed = maxInFlight;
    this.#signals = signals;
  }

  /** Runs a call that counts as `weight` requests when its turn has come. Throws E_INTERRUPTED where a signal ends the wait. */
  async run<T>(weight: number, call: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      await this.#turn(weight);
      return await call();
    } finally {
      this.#leave();
    }
  }

  /** The endpoint asked for a pause. False where one at least as long was already on. */
  pause(ms: number): boolean {
    this.#allowed = Math.max(1, this.#allowed >> 1);
    this.#calm = 0;
    const until = Date.now() + ms;
    // Several refused at once are one pause: it is told once.
    const longer = until > this.#pausedUntilMs + 250;
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, until);
    return longer;
  }

  answered(): void {
    if (this.#allowed === this.#maxInFlight || ++this.#calm < CALM_CALLS) return;
    this.#calm = 0;
    this.#allowed++;
  }

  async #enter(): Promise<void> {
    if (this.#inFlight < this.#allowed) {
      this.#inFlight++;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    this.#inFlight--;
    while (this.#inFlight < this.#allowed) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#inFlight++;
      next();
    }
  }

  async #turn(weight: number): Promise<void> {
    const mine = Math.max(Date.now(), this.#nextMs);
    this.#nextMs = mine + this.#spacingMs * weight;
    for (;;) {
      const ms = Math.max(mine, this.#pausedUntilMs) - Date.now();
      if (ms <= 0 && !this.#signals.some((signal) => signal?.aborted)) return;
      await wait(Math.max(0, ms), ...this.#signals);
    }
  }
}
