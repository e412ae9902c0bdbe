import { lowest } from '../base/ascending.ts';
import type { UnixSeconds } from '../base/time.ts';

/** Amounts of one asset in time order, with running sums: how much until when, by binary search. */
export class Flow {
  readonly #times: UnixSeconds[] = [];
  readonly #sums: bigint[] = [];

  /** Times must not fall. */
  add(time: UnixSeconds, amount: bigint): void {
    this.#times.push(time);
    this.#sums.push(this.total + amount);
  }

  get total(): bigint {
    return this.#sums.at(-1) ?? 0n;
  }

  get first(): UnixSeconds | null {
    return this.#times[0] ?? null;
  }

  /** Sum of what came strictly before a time. */
  before(time: UnixSeconds): bigint {
    const index = lowest(this.#times.length, (at) => this.#times[at]! >= time);
    return index === 0 ? 0n : this.#sums[index - 1]!;
  }

  /** Sum over first ≤ time ≤ last. */
  within(first: UnixSeconds, last: UnixSeconds): bigint {
    return this.before(last + 1) - this.before(first);
  }

  /** When the running sum first reached an amount; null where it never did. */
  reached(amount: bigint): UnixSeconds | null {
    return this.#times[lowest(this.#sums.length, (at) => this.#sums[at]! >= amount)] ?? null;
  }
}

/** Flows by key, made on first use. */
export class Flows {
  readonly #flows = new Map<string, Flow>();

  at(key: string): Flow {
    let flow = this.#flows.get(key);
    if (flow === undefined) {
      flow = new Flow();
      this.#flows.set(key, flow);
    }
    return flow;
  }

  find(key: string): Flow | undefined {
    return this.#flows.get(key);
  }
}
