import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const LOOK_MS = 2000;

/** Tells when the index or the exposure tables beside a store were written anew, by whatever process: their manifests are replaced as a whole. */
export class IndexWatch {
  readonly #folder: string;
  readonly #timer: NodeJS.Timeout | null;
  #seen: string;

  constructor(database: string, changed: () => void) {
    this.#folder = `${database}.index`;
    this.#seen = this.#state();
    this.#timer = database === ':memory:' ? null : setInterval(() => this.#look(changed), LOOK_MS).unref();
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #look(changed: () => void): void {
    const state = this.#state();
    if (state === this.#seen) return;
    this.#seen = state;
    changed();
  }

  /** Names, times and sizes of the small files that say what there is. */
  #state(): string {
    try {
      return readdirSync(this.#folder)
        .sort()
        .flatMap((chain) =>
          readdirSync(join(this.#folder, chain))
            .filter((name) => name.endsWith('.json'))
            .map((name) => {
              const { mtimeMs, size, ino } = statSync(join(this.#folder, chain, name));
              return `${chain}/${name} ${mtimeMs} ${size} ${ino}`;
            }),
        )
        .join('\n');
    } catch {
      // None there yet, or one is just being replaced: the next look tells.
      return '';
    }
  }
}
