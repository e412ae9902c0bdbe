import { assert } from '../base/assert.ts';
import { HaetaeError } from '../base/errors.ts';
import type { UnixSeconds } from '../base/time.ts';
import type { ChainId } from '../model/chain.ts';
import type { Covered, KeptBlock, Opening } from './port.ts';

/**
 * What is covered after `given` came to `known`, ranges of one chain, in order of (place, from). A range that says a place is busy
 * takes nothing from what is covered; it goes when the place is covered later.
 */
export function addCovered(known: readonly Covered[], given: readonly Covered[]): Covered[] {
  const fetched = new Set(given.filter((range) => range.busy === null).map((range) => range.place));
  const kept = known.filter((range) => range.busy === null || !fetched.has(range.place));
  const all = [...kept, ...given];
  return [
    ...joined(all.filter((range) => range.busy === null)),
    ...joined(all.filter((range) => range.busy !== null)),
  ].sort(compareCovered);
}

/** Ranges of one place that overlap or touch become one. */
function joined(ranges: readonly Covered[]): Covered[] {
  const result: Covered[] = [];
  for (const range of ranges.toSorted(compareCovered)) {
    assert(range.from <= range.to, 'a range of blocks ends at or after its start');
    const last = result.at(-1);
    if (last === undefined || last.place !== range.place || range.from > last.to + 1n) result.push(sortedGaps(range));
    else result[result.length - 1] = union(last, range);
  }
  return result;
}

/** `a` starts first, or both start at one block. */
function union(a: Covered, b: Covered): Covered {
  const latest = a.to === b.to ? Math.max(a.toTime, b.toTime) : a.to > b.to ? a.toTime : b.toTime;
  return {
    place: a.place,
    from: a.from,
    to: a.to > b.to ? a.to : b.to,
    fromTime: a.from === b.from ? Math.min(a.fromTime, b.fromTime) : a.fromTime,
    toTime: latest,
    gaps: [...new Set([...a.gaps, ...b.gaps])].sort(),
    busy: a.busy === null || b.busy === null ? null : Math.max(a.busy, b.busy),
  };
}

function sortedGaps(range: Covered): Covered {
  return { ...range, gaps: [...new Set(range.gaps)].sort() };
}

/** (place, from); what is covered before what was given up. */
export function compareCovered(a: Covered, b: Covered): number {
  return compare(a.place, b.place) || compare(a.from, b.from) || Number(a.busy !== null) - Number(b.busy !== null);
}

/**
 * What is covered up to a block. `time` is that of the newest block at or before it of which it is known: a range that is cut ends
 * no later than that, and never before it begins.
 */
export function cutCovered(ranges: readonly Covered[], above: bigint, time: UnixSeconds | null): Covered[] {
  return ranges
    .filter((range) => range.from <= above)
    .map((range) => {
      if (range.to <= above) return range;
      const toTime = Math.max(range.fromTime, Math.min(range.toTime, time ?? range.fromTime));
      return { ...range, to: above, toTime };
    });
}

/**
 * The openings that count, in order of (address, asset, block): where everything between two openings of a place is covered, the
 * later one is explained by the earlier and the movements. Throws E_TRANSFER_CONFLICT where one opening is given with two amounts.
 */
export function usefulOpenings(chain: ChainId, openings: readonly Opening[], covered: readonly Covered[]): Opening[] {
  const ranges = new Map<string, Covered[]>();
  for (const range of covered) {
    if (range.busy === null) ranges.set(range.place, [...(ranges.get(range.place) ?? []), range]);
  }
  const result: Opening[] = [];
  for (const opening of openings.toSorted(compareOpenings)) {
    const last = result.at(-1);
    if (last === undefined || last.address !== opening.address || last.asset !== opening.asset) result.push(opening);
    else if (last.block === opening.block) requireSameAmount(chain, last, opening);
    else if (!between(ranges.get(opening.address) ?? [], last.block, opening.block)) result.push(opening);
  }
  return result;
}

function between(ranges: readonly Covered[], after: bigint, until: bigint): boolean {
  return ranges.some((range) => range.from <= after + 1n && until <= range.to);
}

function requireSameAmount(chain: ChainId, known: Opening, given: Opening): void {
  if (known.amount === given.amount) return;
  throw new HaetaeError('E_TRANSFER_CONFLICT', 'two answers give one place different balances at one block', {
    context: {
      chain,
      address: given.address,
      asset: given.asset,
      block: given.block.toString(),
      field: 'amount',
      stored: known.amount.toString(),
      fetched: given.amount.toString(),
    },
    remedy: 'ask another source which one is right. Nothing of this answer was stored',
  });
}

export function compareOpenings(a: Opening, b: Opening): number {
  return compare(a.address, b.address) || compare(a.asset, b.asset) || compare(a.block, b.block);
}

/**
 * The blocks that are new among those given. Throws E_REORG where a block has another hash than the one kept or given beside it, or
 * does not stand on the one kept or given below it. `known` holds at least the blocks of the same heights and their neighbours.
 */
export function newBlocks(chain: ChainId, known: readonly KeptBlock[], given: readonly KeptBlock[]): KeptBlock[] {
  const all = new Map(known.map((block) => [block.number, block]));
  const fresh: KeptBlock[] = [];
  for (const block of given) {
    const same = all.get(block.number);
    if (same === undefined) fresh.push(block);
    else if (same.hash !== block.hash) throw reorganised(chain, block.number, same.hash, block.hash);
    all.set(block.number, block);
  }
  for (const block of fresh) {
    requireParent(chain, all.get(block.number - 1n), block);
    requireParent(chain, block, all.get(block.number + 1n));
  }
  return fresh;
}

function requireParent(chain: ChainId, below: KeptBlock | undefined, block: KeptBlock | undefined): void {
  if (below === undefined || block === undefined || below.hash === block.parent) return;
  throw reorganised(chain, below.number, below.hash, block.parent);
}

function reorganised(chain: ChainId, block: bigint, kept: string, given: string): HaetaeError {
  return new HaetaeError('E_REORG', 'a block that is kept is no longer the one at its height', {
    context: { chain, block: block.toString(), kept, given },
    remedy: 'roll back to the last block that both have and fetch again. Nothing of this answer was stored',
    retry: true,
  });
}

function compare<T extends bigint | string>(a: T, b: T): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
