import { SWAP_LARGE_WORDS, SWAP_WORDS } from './account-format.ts';
import { LARGE_AMOUNT, setBigint } from './amount-words.ts';
import type { SegmentWriter } from './column-file.ts';
import type { SwapFlow } from './flow.ts';

/** Writes net flows and the steps whose rows they stand for, in order. */
export class SwapWriter {
  count = 0;
  readonly #segment: SegmentWriter;
  readonly #words = new Uint32Array(SWAP_WORDS);
  readonly #ratio = new Float64Array(1);
  #large = 0;
  #lastStep = -1;

  constructor(segment: SegmentWriter) {
    this.#segment = segment;
  }

  add(flow: SwapFlow): void {
    const words = this.#words;
    words.set([flow.step, flow.fromAsset, flow.fromPlace, flow.toAsset, flow.toPlace]);
    this.#ratio[0] = flow.ratio;
    words.set(new Uint32Array(this.#ratio.buffer), 5);
    const large = flow.given >= LARGE_AMOUNT || flow.received >= LARGE_AMOUNT;
    setBigint(words, 7, 4, large ? LARGE_AMOUNT : flow.given);
    setBigint(words, 11, 4, large ? LARGE_AMOUNT : flow.received);
    words[15] = large ? this.#addLarge(flow) : 0;
    this.#segment.file('swap.flow').append(words);
    this.count += 1;
  }

  /** A step whose rows belong to a transaction of several assets, which happens at `first`. */
  addStep(step: number, first: number): void {
    if (step === this.#lastStep) return;
    this.#lastStep = step;
    this.#segment.file('swap.step').append(Uint32Array.of(step, first));
  }

  /** Its number, counted from 1. */
  #addLarge({ given, received }: SwapFlow): number {
    const words = new Uint32Array(2 * SWAP_LARGE_WORDS);
    setBigint(words, 0, SWAP_LARGE_WORDS, given);
    setBigint(words, SWAP_LARGE_WORDS, SWAP_LARGE_WORDS, received);
    this.#segment.file('swap.large').append(words);
    this.#large += 1;
    return this.#large;
  }
}
