import { distinct, type MixView, onlyKinds, ScriptKind } from './coinjoin-view.ts';

/** A round's base denomination: about 0.1 BTC, less what was paid in fees before (Dumplings: 0.1 ± 0.02 BTC), in satoshi. */
export const MIN_BASE = 8_000_000;
export const MAX_BASE = 12_000_000;
/** Fewer equal outputs are no round of the coordinator (Dumplings, Constants.cs). */
export const MIN_EQUAL = 10;
/** … unless the fee goes to one of the two addresses that the coordinator used up to block 610,000 (Dumplings, Constants.cs). */
export const MIN_EQUAL_WITH_COORDINATOR = 3;
export const COORDINATORS: ReadonlySet<string> = new Set([
  'bc1qs604c7jv6amk4cxqlnvuxv26hv3e48cds4m0ew',
  'bc1qa24tsgchvuxsaccp8vrnkfd85hrcpafg20kmjw',
]);
/** A base is what fees leave of a larger amount. Payouts are multiples of this, in satoshi. */
const ROUND = 100_000;
/** At least one participant's change and the coordinator's fee. */
const MIN_SINGLE = 2;

export interface Wasabi1 {
  readonly base: number;
  readonly participants: number;
  readonly paysCoordinator: boolean;
  /** Equal outputs at about two, four … times the base: the levels that large inputs are mixed at. */
  readonly levels: number;
}

/**
 * Wasabi 1 (ZeroLink): equal outputs of about 0.1 BTC, at least as many inputs, all P2WPKH and each output of another address; change and
 * the coordinator's fee beside them. Either the coordinator's address is paid (to the end of 2019), or there are ten and more of an amount
 * that is not round, and others at twice, four times … as much (levels came with version 1.1, early in 2019).
 */
export function findWasabi1(view: MixView): Wasabi1 | null {
  const { inputs, outputs, groups } = view;
  const { equal, value: base } = groups;
  if (base < MIN_BASE || base > MAX_BASE || equal < MIN_EQUAL_WITH_COORDINATOR) return null;
  if (groups.single < MIN_SINGLE || groups.data > 0 || inputs.length < equal) return null;
  if (!onlyKinds(view.inputScripts, ScriptKind.witnessKey)) return null;
  if (!onlyKinds(view.outputScripts, ScriptKind.witnessKey)) return null;
  const paysCoordinator = outputs.some((_, at) => view.pays(at, COORDINATORS));
  const levels = countLevels(outputs, base);
  if (!paysCoordinator && (equal < MIN_EQUAL || levels === 0 || base % ROUND === 0)) return null;
  if (distinct(view.inputOwners) < equal || distinct(view.outputOwners) < outputs.length) return null;
  return { base, participants: equal, paysCoordinator, levels };
}

/** A level is twice the one below less the fees, which are well under a hundredth. */
function countLevels(outputs: Float64Array, base: number): number {
  const counts = new Map<number, number>();
  for (const value of outputs) counts.set(value, (counts.get(value) ?? 0) + 1);
  let levels = 0;
  for (const [value, count] of counts) {
    const times = Math.log2(value / base);
    if (count >= 2 && times > 0.5 && Math.abs(value / (base * 2 ** Math.round(times)) - 1) < 0.01) levels += 1;
  }
  return levels;
}
