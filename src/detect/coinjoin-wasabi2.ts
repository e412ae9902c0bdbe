import { distinct, type MixView, onlyKinds, ScriptKind } from './coinjoin-view.ts';

/** Coordinators after zkSNACKs (June 2024) ran rounds of so few; zkSNACKs itself asked for 50 and more (Dumplings, Constants.cs). */
export const MIN_INPUTS = 15;
/** More than so much of the outputs are standard denominations (Dumplings, Scanner.cs). */
export const MIN_STANDARD_SHARE = 0.8;
/** The largest group; a round of single values hides nobody. */
export const MIN_LARGEST_GROUP = 2;
/** Addresses on either side (the fork of BlockSci that is kept for such mixes asks for as many). */
const MIN_ADDRESSES = 5;
const LEAST = 5_000;
const MOST = 134_375_000_000;

/** Powers of two and three, twice the powers of three, and 1, 2, 5 of each power of ten, from 5,000 to 134,375,000,000 satoshi. */
export const DENOMINATIONS: ReadonlySet<number> = standardDenominations();

export interface Wasabi2 {
  readonly standard: number;
  /** The value that comes most often, and how often. */
  readonly largest: number;
  readonly participants: number;
  /** Different denominations paid out. */
  readonly denominations: number;
}

/**
 * Wasabi 2 (WabiSabi): many P2WPKH and Taproot inputs in descending order, outputs in descending order, nearly all of them of a standard
 * denomination. The order is part of the rule: the data of a chain that keeps none cannot show it.
 */
export function findWasabi2(view: MixView): Wasabi2 | null {
  const { inputs, outputs, groups } = view;
  if (groups.equal < MIN_LARGEST_GROUP || groups.data > 0 || inputs.length < MIN_INPUTS) return null;
  let standard = 0;
  const denominations = new Set<number>();
  for (const value of outputs) {
    if (!DENOMINATIONS.has(value)) continue;
    standard += 1;
    denominations.add(value);
  }
  if (standard <= MIN_STANDARD_SHARE * outputs.length || denominations.size < 2) return null;
  if (!descending(inputs) || !descending(outputs)) return null;
  const { witnessKey, taproot } = ScriptKind;
  if (!onlyKinds(view.inputScripts, witnessKey, taproot) || !onlyKinds(view.outputScripts, witnessKey, taproot))
    return null;
  if (distinct(view.inputOwners) < MIN_ADDRESSES || distinct(view.outputOwners) < MIN_ADDRESSES) return null;
  return { standard, largest: groups.value, participants: groups.equal, denominations: denominations.size };
}

function descending(values: Float64Array): boolean {
  return values.every((value, at) => at === 0 || value <= values[at - 1]!);
}

function standardDenominations(): ReadonlySet<number> {
  const found = new Set<number>();
  for (const [first, factor] of [
    [1, 2],
    [1, 3],
    [2, 3],
    [1, 10],
    [2, 10],
    [5, 10],
  ] as const) {
    for (let value: number = first; value <= MOST; value *= factor) if (value >= LEAST) found.add(value);
  }
  return found;
}
