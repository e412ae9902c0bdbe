import { NONE } from './flow.ts';
import type { FileSegment, FileUtxoFlow } from './utxo-flow.ts';
import type { EarlierOutputs } from './utxo-number.ts';
import type { NumberMap } from './utxo-number-map.ts';
import { ABSENT } from './utxo-outpoints.ts';

/** Entries looked at beside the place where a print is expected, to begin with. */
const FIRST_SPAN = 8;
const RANGE = 2 ** 32;

/** What segments on disk left open. Each keeps its list; what later ones closed is looked up in theirs. */
export class EarlierSegments implements EarlierOutputs {
  readonly txCount: number;
  readonly outputCount: number;
  readonly #flow: FileUtxoFlow;

  constructor(flow: FileUtxoFlow) {
    this.#flow = flow;
    this.txCount = flow.txCount;
    this.outputCount = flow.outputCount;
  }

  find(low: number, high: number, gone: NumberMap): number {
    const { segments } = this.#flow;
    for (let number = segments.length - 1; number >= 0; number -= 1) {
      const at = indexOfPrint(segments[number]!, low, high);
      if (at < 0) continue;
      const output = segments[number]!.openOutput.at(at);
      if (!gone.has(output) && !this.#endedAfter(number, output)) return output;
    }
    return ABSENT;
  }

  isSpent(output: number): boolean {
    return this.#homeOf(output).spenderOf(output) !== NONE;
  }

  isSame(output: number, valueLow: number, valueHigh: number, owner: number): boolean {
    const home = this.#homeOf(output);
    const at = output - home.firstOutput;
    return home.value.at(2 * at) === valueLow && home.value.at(2 * at + 1) === valueHigh && home.owner.at(at) === owner;
  }

  #endedAfter(number: number, output: number): boolean {
    for (let later = number + 1; later < this.#flow.segments.length; later += 1)
      if (this.#flow.segments[later]!.closedBy(output) !== null) return true;
    return this.#flow.createdLate.has(output);
  }

  #homeOf(output: number): FileSegment {
    return this.#flow.segments.findLast(({ firstOutput }) => firstOutput <= output)!;
  }
}

/**
 * Where a print stands in a segment's list of what is open; -1 where it is not there. Prints are uniform, so where one stands is nearly known: the search
 * begins there and reads a page or two.
 */
function indexOfPrint({ openPrint }: FileSegment, low: number, high: number): number {
  const count = openPrint.length / 2;
  if (count === 0) return -1;
  const isBefore = (at: number): boolean => {
    const highThere = openPrint.at(2 * at + 1);
    return highThere < high || (highThere === high && openPrint.at(2 * at) < low);
  };
  const guess = Math.min(count - 1, Math.floor((high / RANGE) * count));
  let first = guess;
  for (let span = FIRST_SPAN; first > 0 && !isBefore(first); span *= 2) first = Math.max(0, first - span);
  let end = guess;
  for (let span = FIRST_SPAN; end < count && isBefore(end); span *= 2) end = Math.min(count, end + span);
  while (first < end) {
    const middle = (first + end) >>> 1;
    if (isBefore(middle)) first = middle + 1;
    else end = middle;
  }
  return first < count && openPrint.at(2 * first) === low && openPrint.at(2 * first + 1) === high ? first : -1;
}
