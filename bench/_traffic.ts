import { seededRandom } from '../src/base/random.ts';
import type { FastColumns, FastSeed } from '../src/taint/fast/columns.ts';
import { OUTSIDE } from '../src/taint/step.ts';

/**
 * Seeded account traffic: places that pay what they have been paid, to places drawn at random; a place without money is
 * funded from outside instead. Amounts in satoshi, one bitcoin or so, well below 2^53 in every balance.
 */
export function traffic(seed: number, transfers: number, placeCount: number, seeds: readonly FastSeed[]): FastColumns {
  const random = seededRandom(seed);
  const balance = new Float64Array(placeCount);
  const from = new Int32Array(transfers);
  const to = new Int32Array(transfers);
  const amount = new Float64Array(transfers);
  for (let row = 0; row < transfers; row += 1) {
    const u = random.below(placeCount);
    const v = random.below(placeCount);
    const known = balance[u]!;
    const x = known === 0 ? 1 + random.below(2e8) : Math.ceil(known * random.unit());
    from[row] = known === 0 ? OUTSIDE : u;
    to[row] = v;
    amount[row] = x;
    if (known > 0) balance[u] = known - x;
    balance[v] = balance[v]! + x;
  }
  return {
    placeCount,
    from,
    to,
    amount,
    tracked: new Uint8Array(placeCount).fill(1),
    stop: new Uint8Array(placeCount),
    seeds,
  };
}

/** One theft that lands at `landings` places spread over all, a fifth of the way in. */
export function landings(count: number, transfers: number, placeCount: number): FastSeed[] {
  return Array.from({ length: count }, (_, index) => ({
    before: Math.floor(transfers / 5),
    place: Math.floor((index * placeCount) / count),
    amount: 1_000_000_007,
    mode: 'credit',
  }));
}
