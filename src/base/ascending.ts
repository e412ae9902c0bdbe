/** Index of the first entry of an ascending list that is not below `value`; its length where all are. */
export function firstAtOrAfter(list: Uint32Array, value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Lowest index from 0 to count for which `holds`, which stays true once it is; count where it never is. Where it is hot, a loop of its own is up to a third faster. */
export function lowest(count: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
