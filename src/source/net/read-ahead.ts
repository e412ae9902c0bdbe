import { HaetaeError } from '../../base/errors.ts';
import type { BlockRef } from '../chain-source.ts';

/** Blocks asked for before they are due, at most. */
const MAX_AHEAD = 8;
/** Raw bytes of answers for blocks not yet taken. Parsed they take about five times that. */
const AHEAD_BYTES = 20 * 1024 * 1024;
/** Sizes of so many blocks back stand for those to come. */
const REMEMBERED = 16;

/**
 * Blocks `from` to `to` in order, several asked for at once as long as they are small. `read` tells the length of its answers.
 * Throws E_REORG (context: block, hash) where a block's parent is not the one given before it.
 */
export async function* readAhead<T extends { readonly ref: BlockRef }>(
  from: bigint,
  to: bigint,
  read: (number: bigint, onBytes: (bytes: number) => void) => Promise<T>,
): AsyncGenerator<T> {
  const window = new Window();
  const ahead: Promise<T>[] = [];
  let next = from;
  let before: BlockRef | null = null;
  for (let due = from; due <= to; due++) {
    while (next <= to && ahead.length < window.size) {
      const number = next++;
      const block = window.measured((onBytes) => read(number, onBytes));
      // Its fault is met when it is due; until then it is nobody's.
      block.catch(() => {});
      ahead.push(block);
    }
    const block: T = await ahead.shift()!;
    if (before !== null && block.ref.parent !== before.hash) throw reorganised(block.ref);
    before = block.ref;
    yield block;
  }
}

export function reorganised(ref: BlockRef): HaetaeError {
  return new HaetaeError('E_REORG', 'the chain was reorganised while it was read', {
    context: { block: ref.number.toString(), hash: ref.hash },
    remedy: 'read again from where the blocks still agree',
    retry: true,
  });
}

class Window {
  readonly #sizes: number[] = [];

  get size(): number {
    if (this.#sizes.length === 0) return 2;
    const largest = Math.max(1, ...this.#sizes);
    return Math.min(MAX_AHEAD, Math.max(1, Math.floor(AHEAD_BYTES / largest)));
  }

  async measured<T>(read: (onBytes: (bytes: number) => void) => Promise<T>): Promise<T> {
    let bytes = 0;
    const block = await read((more) => {
      bytes += more;
    });
    this.#sizes.push(bytes);
    if (this.#sizes.length > REMEMBERED) this.#sizes.shift();
    return block;
  }
}
