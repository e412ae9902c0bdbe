/** 64 parts, each grown on its own: growing needs memory for one part more, not for the whole table again. */
const PART_BITS = 6;
const FIRST_SLOTS = 16;
const GROWTH = 1.5;
const FULLEST = 0.75;
/** Words of an entry: low and high word of the print, number of the output, mark. 16 bytes, so that none straddles a cache line. */
const WORDS = 4;
/** The lowest bit of a mark: the output was spent before anything created it. */
const SPENT = 1;

/** What {@link OutpointTable} finds where it gives no output. */
export const ABSENT = -1;
export const SPENT_ALREADY = -2;
export const REPLACED = -3;

/**
 * Outputs by the print of their outpoint, over typed arrays: those that may yet be spent, and those that were spent before anything created
 * them. So memory is bounded by what is open and not by the length of the chain. Prints are hashes under the store's secret key: their bits are uniform
 * whoever chose the names, and their low word is never 0. Slots follow the order of prints but for runs of collisions, so that writing the table out in order is reading it.
 */
export class OutpointTable {
  /** The mark of the entry that the last call gave or took. */
  mark = 0;
  size = 0;
  private readonly words: Uint32Array[] = [];
  /** Slots over the range of prints in a part. */
  private readonly scale = new Float64Array(1 << PART_BITS);
  /** Entries a part may take before it grows. */
  private readonly room = new Int32Array(1 << PART_BITS);

  constructor() {
    this.clear();
  }

  /** Forgets everything, and gives its memory back. */
  clear(): void {
    this.size = 0;
    this.words.length = 0;
    for (let part = 0; part < 1 << PART_BITS; part += 1) {
      this.words.push(new Uint32Array(2 * FIRST_SLOTS * WORDS));
      this.scale[part] = FIRST_SLOTS / 2 ** 32;
      this.room[part] = FIRST_SLOTS * FULLEST;
    }
  }

  /** Bytes that the entries take, free slots included. */
  get bytes(): number {
    return this.words.reduce((sum, words) => sum + words.byteLength, 0);
  }

  /** The output that is spent, which is no longer here; ABSENT; SPENT_ALREADY. */
  spend(low: number, high: number): number {
    const part = high >>> (32 - PART_BITS);
    const words = this.words[part]!;
    const at = locate(words, low, high, this.home(high));
    if (at < 0) return ABSENT;
    this.mark = words[at + 3]!;
    if ((this.mark & SPENT) === 1) return SPENT_ALREADY;
    const output = words[at + 2]!;
    this.remove(part, at);
    return output;
  }

  /**
   * Takes in an output that is created. ABSENT where its outpoint was not here, REPLACED where an output with the same outpoint was, which nobody can
   * spend any more (coinbases before BIP 30); else the output that was spent before: it is this one, and it is no longer here.
   */
  create(low: number, high: number, output: number, mark: number): number {
    const part = high >>> (32 - PART_BITS);
    const words = this.words[part]!;
    const at = locate(words, low, high, this.home(high));
    if (at < 0) {
      this.insert(part, ~at, low, high, output, mark);
      return ABSENT;
    }
    this.mark = words[at + 3]!;
    const there = words[at + 2]!;
    if ((this.mark & SPENT) === 1) {
      this.remove(part, at);
      return there;
    }
    words[at + 2] = output;
    words[at + 3] = mark;
    return REPLACED;
  }

  /** Takes in an output that is spent before anything created it; what stands there already stays. */
  spendUnseen(low: number, high: number, output: number, mark: number): void {
    const part = high >>> (32 - PART_BITS);
    const at = locate(this.words[part]!, low, high, this.home(high));
    if (at < 0) this.insert(part, ~at, low, high, output, mark | SPENT);
  }

  /** Every entry in order of print. */
  forEach(each: (low: number, high: number, output: number) => void): void {
    for (const words of this.words) {
      for (const run of runsIn(words)) {
        run.sort((a, b) => words[a + 1]! - words[b + 1]! || words[a]! - words[b]!);
        for (const at of run) each(words[at]!, words[at + 1]!, words[at + 2]!);
      }
    }
  }

  /** Where an entry would stand if it were alone: the bits below those that chose the part, scaled to the slots. */
  private home(high: number): number {
    return ((((high << PART_BITS) >>> 0) * this.scale[high >>> (32 - PART_BITS)]!) | 0) * WORDS;
  }

  private insert(part: number, free: number, low: number, high: number, output: number, mark: number): void {
    let words = this.words[part]!;
    let at = free;
    // The last slot stays free: every search ends there.
    if (this.room[part] === 0 || at + WORDS >= words.length) {
      this.grow(part);
      words = this.words[part]!;
      at = ~locate(words, low, high, this.home(high));
    }
    words[at] = low;
    words[at + 1] = high;
    words[at + 2] = output;
    words[at + 3] = mark;
    this.room[part]! -= 1;
    this.size += 1;
  }

  private remove(part: number, at: number): void {
    const words = this.words[part]!;
    let hole = at;
    for (let next = at + WORDS; words[next] !== 0; next += WORDS) {
      if (this.home(words[next + 1]!) > hole) continue;
      copyEntry(words, hole, words, next);
      hole = next;
    }
    words[hole] = 0;
    this.room[part]! += 1;
    this.size -= 1;
  }

  private grow(part: number): void {
    const old = this.words[part]!;
    const slots = Math.ceil(this.scale[part]! * 2 ** 32 * GROWTH);
    this.scale[part] = slots / 2 ** 32;
    let entries = 0;
    for (let at = 0; at < old.length; at += WORDS) if (old[at] !== 0) entries += 1;
    this.room[part] = Math.floor(slots * FULLEST) - entries;
    for (let spill = FIRST_SLOTS + (slots >>> 6); ; spill *= 2) {
      const words = new Uint32Array((slots + spill) * WORDS);
      if (!this.spread(old, words)) continue;
      this.words[part] = words;
      return;
    }
  }

  /** False where a run of collisions would leave no free slot at the end. */
  private spread(old: Uint32Array, words: Uint32Array): boolean {
    for (let at = 0; at < old.length; at += WORDS) {
      if (old[at] === 0) continue;
      const free = ~locate(words, old[at]!, old[at + 1]!, this.home(old[at + 1]!));
      if (free + 2 * WORDS >= words.length) return false;
      copyEntry(words, free, old, at);
    }
    return true;
  }
}

/** Where the entry of a print stands; where there is none, the complement of the free slot that ends the search. */
function locate(words: Uint32Array, low: number, high: number, home: number): number {
  let at = home;
  for (; words[at] !== 0; at += WORDS) if (words[at] === low && words[at + 1] === high) return at;
  return ~at;
}

function copyEntry(words: Uint32Array, target: number, from: Uint32Array, source: number): void {
  words[target] = from[source]!;
  words[target + 1] = from[source + 1]!;
  words[target + 2] = from[source + 2]!;
  words[target + 3] = from[source + 3]!;
}

/** Runs of entries without a free slot between: an entry never stands in another run than its home, so the runs are in order. */
function* runsIn(words: Uint32Array): Generator<number[]> {
  let run: number[] = [];
  for (let at = 0; at < words.length; at += WORDS) {
    if (words[at] !== 0) run.push(at);
    else if (run.length > 0) {
      yield run;
      run = [];
    }
  }
}
