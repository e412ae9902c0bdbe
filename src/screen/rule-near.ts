/** The word that was most likely meant: at most two letters (of short words: one) wrong, left out, added or swapped. null where none is near. */
export function nearest(given: string, words: readonly string[]): string | null {
  const folded = given.slice(0, 60).toLowerCase().replace(/[-_ ]/g, '');
  let best: string | null = null;
  let least = folded.length <= 4 ? 2 : 3;
  for (const word of words) {
    const away = distance(folded, word.toLowerCase().replace(/[-_ ]/g, ''));
    if (away < least) {
      least = away;
      best = word;
    }
  }
  return best;
}

/** Optimal string alignment: Damerau's four edits, none of a piece twice. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}
