/** What is done to one thing is done one after the other; what is done to different things does not wait. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const turn = before.then(work, work);
    const done = (): void => this.#forget(key, kept);
    const kept: Promise<void> = turn.then(done, done);
    this.#last.set(key, kept);
    return turn;
  }

  #forget(key: string, turn: Promise<unknown>): void {
    if (this.#last.get(key) === turn) this.#last.delete(key);
  }
}
