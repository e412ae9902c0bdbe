import { type MixView, ScriptKind } from './coinjoin-view.ts';
import { MAX_ABOVE_POOL, POOLS } from './coinjoin-whirlpool.ts';

/** What the coordinator asks for one entry, in satoshi by pool: 5 % of the two small pools, 3.5 % of the large ones. */
const FEES: ReadonlyMap<number, number> = new Map([
  [100_000, 5_000],
  [1_000_000, 50_000],
  [5_000_000, 175_000],
  [50_000_000, 1_750_000],
]);
/** Bytes of the data output: what the coordinator needs to find its fee, in the two forms there were. */
const PAYLOADS: readonly number[] = [64, 80];
/** So many equal premix outputs speak for themselves where neither fee nor payload is known. */
const MIN_PREMIX_ALONE = 3;

export interface Tx0 {
  readonly pool: number;
  readonly premix: number;
  readonly premixValue: number;
  /** Which signs beside the outline are there. */
  readonly feeKnown: boolean;
  readonly payloadKnown: boolean;
}

/**
 * Whirlpool's Tx0, which cuts a wallet's coins into premix outputs; one owner pays all of it, and nothing is mixed. One data output, n ≥ 1
 * equal outputs a little above a pool's denomination, and besides them only the coordinator's fee and change. As a payment with a note can
 * have that outline too, one of three must be there: the pool's usual fee, a payload of the coordinator's length, or three premix outputs.
 */
export function findTx0(view: MixView): Tx0 | null {
  const { outputs, groups } = view;
  if (groups.data !== 1) return null;
  const found = premixOf(outputs);
  if (found === null) return null;
  const others = outputs.length - 1 - found.premix;
  if (others < 1 || others > 2) return null;
  const fee = FEES.get(found.pool);
  const feeKnown = fee !== undefined && outputs.includes(fee);
  const note = outputs.indexOf(0);
  if (view.outputScripts !== null && view.outputScripts[note] !== ScriptKind.data) return null;
  const payload = view.dataBytes(note);
  if (payload !== null && !PAYLOADS.includes(payload)) return null;
  const payloadKnown = payload !== null;
  if (!feeKnown && !payloadKnown && found.premix < MIN_PREMIX_ALONE) return null;
  return { ...found, feeKnown, payloadKnown };
}

/** The most equal outputs that lie a little above one pool; of as many, those of the largest pool. */
function premixOf(outputs: Float64Array): Pick<Tx0, 'pool' | 'premix' | 'premixValue'> | null {
  const counts = new Map<number, number>();
  for (const value of outputs) if (poolBelow(value) !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: Pick<Tx0, 'pool' | 'premix' | 'premixValue'> | null = null;
  for (const [premixValue, premix] of counts) {
    if (best !== null && (premix < best.premix || (premix === best.premix && premixValue < best.premixValue))) continue;
    best = { pool: poolBelow(premixValue)!, premix, premixValue };
  }
  return best;
}

function poolBelow(value: number): number | null {
  return POOLS.find((pool) => value > pool && value <= pool + MAX_ABOVE_POOL) ?? null;
}
