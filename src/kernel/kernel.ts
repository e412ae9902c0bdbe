import { compileKernel } from './_wasm.ts';
import { twinAdjoint } from './adjoint-twin.ts';
import { WasmAdjoint } from './adjoint-wasm.ts';
import { twinBalances } from './balances-twin.ts';
import { WasmBalances } from './balances-wasm.ts';
import { twinExposure } from './exposure-twin.ts';
import { WasmExposure } from './exposure-wasm.ts';
import { twinTaint } from './taint-twin.ts';
import { WasmTaint } from './taint-wasm.ts';
import { twinUnionFind } from './union-find-twin.ts';
import { WasmUnionFind } from './union-find-wasm.ts';

/**
 * Scans over typed arrays, each in two forms that give the same bits: WebAssembly and its TypeScript twin. State lives in the
 * scan, rows come in chunks of any size and are processed strictly one after the other.
 * Views of state (`held`, `parent`, …) are live and stay valid until the next call of a method of the same scan.
 */
export interface Kernels {
  readonly form: 'wasm' | 'twin';
  unionFind(options: UnionFindOptions): UnionFind;
  balances(options: BalancesOptions): Balances;
  taint(options: TaintOptions): Taint;
  exposure(options: ExposureOptions): Exposure;
  adjoint(options: AdjointOptions): Adjoint;
}

/**
 * A chunk of movements in order (NONE, FEE, UNCATEGORISED: rows.ts); columns of `count` entries (more are ignored), plain or over shared memory.
 * `from`, `to`: a place below `places`, NONE, or FEE (as `to` only); NONE and FEE have no state.
 */
export interface Rows {
  readonly count: number;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  /** Two words a row, the little end first: the low 64 bits of the amount, in units that arrive (backward: in units that leave). */
  readonly low: Uint32Array;
  /** Likewise the high 64 bits; null where all are zero. */
  readonly high: Uint32Array | null;
  /** Amount over the payer's balance before it, 0 to 1; 1 where nobody pays. */
  readonly ratio: Float64Array;
  /** Units that arrive for each unit that leaves, for swaps; 1 by default. */
  readonly gain?: Float64Array | null;
  /** Whose account a row is written to: below `accounts`, or NONE for nobody's. By default `from` and `to`. */
  readonly payer?: Uint32Array | null;
  readonly receiver?: Uint32Array | null;
  /** In place of the scan's category table, for every row of the chunk; UNCATEGORISED for none. They hold for NONE and FEE too. */
  readonly fromCategory?: Uint8Array | null;
  readonly toCategory?: Uint8Array | null;
}

/** A part of a scan's state by name; `bytes` is a live view. */
export interface StatePiece {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Stateful {
  /** All state, to be written out before the next call; the same bytes in both forms. */
  save(): readonly StatePiece[];
  /** State saved by a scan of the same options, whole. */
  load(pieces: readonly StatePiece[]): void;
}

export interface UnionFindOptions {
  /** Members are 0 to capacity - 1. */
  readonly capacity: number;
  /** Refuses unions; without it all are made, faster. */
  readonly guard?: Guard;
}

export interface Guard {
  /** By member (missing: 0): 0 for none; clusters of two different labels may not meet. */
  readonly labels: Uint32Array;
  /** Two clusters that both have more members than this may not meet. */
  readonly sizeLimit: number;
  /** Refusals kept in `refusals`; all are counted. 100,000 by default. */
  readonly keep?: number;
}

export interface Refusal {
  /** Number of the group or pair, counted from `first` of the call. */
  readonly group: number;
  /** The members whose clusters were not joined: `a` is the first of the group. */
  readonly a: number;
  readonly b: number;
  /** Of the two clusters, at that time. */
  readonly labelA: number;
  readonly labelB: number;
  readonly sizeA: number;
  readonly sizeB: number;
}

/** The root of a cluster is its smallest member, whatever the order of unions. */
export interface UnionFind extends Stateful {
  readonly capacity: number;
  /** More members, each alone; `labels` of the new ones, from the old capacity on (missing: 0). */
  grow(capacity: number, labels?: Uint32Array): void;
  /** Group g is members[starts[g]] to members[starts[g + 1] - 1]: each is joined with the first, in order. */
  unionGroups(members: Uint32Array, starts: Uint32Array, first?: number): void;
  /** a[i] with b[i], in order. */
  unionPairs(a: Uint32Array, b: Uint32Array, first?: number): void;
  find(member: number): number;
  /** By member its root, fully compressed: a live view, or with a guard an array of its own. */
  roots(): Uint32Array;
  /** Members and label of a member's cluster; without a guard an AssertionFailure. */
  size(member: number): number;
  label(member: number): number;
  /** Whole clusters back to single members, which carry `labels` (0 by default). Parts of a cluster are a caller's fault. */
  reset(members: Uint32Array, labels?: Uint32Array): void;
  /** Unions refused, in order; the first `keep` of them. */
  readonly refusals: readonly Refusal[];
  readonly refusalCount: number;
}

export interface BalancesOptions {
  readonly places: number;
}

/** Exact balances of 128 bits, and the ratio column they give. `ratio` of the rows given is not read and may be `ratio` itself. */
export interface Balances extends Stateful {
  readonly places: number;
  /**
   * Moves the rows and writes for each x/B: amount over the payer's balance before it, rounded to within one unit in the last place; 1 where nobody
   * pays or x ≥ B, 0 where x is 0. A shortage (x > B) is credited first, then counted. A place that pays itself is left as it is but for that.
   */
  run(rows: Omit<Rows, 'ratio'>, ratio: Float64Array): void;
  balance(place: number): bigint;
  /** Money that is missing from the rows. Past 2^128 - 1 the balance stays there and is counted in `overflows`. */
  credit(place: number, amount: bigint): void;
  /** Four words a place, the little end first: a live view. */
  readonly words: Uint32Array;
  /** Rows in which more was spent than known, and by how much in all. */
  readonly shortages: number;
  readonly shortage: bigint;
  /** Balances cut at 2^128 - 1: what follows at that place is not exact. */
  readonly overflows: number;
}

export interface TaintOptions {
  readonly places: number;
  /** By place, non-zero: absorbs what arrives. None by default. */
  readonly stop?: Uint8Array;
}

/** A `credit` and a `mark` are the same here: the ratio column already knows of a credit. */
export interface TaintSeed {
  /** Row number, counted from `first` of the run, before which the seed is placed. */
  readonly before: number;
  readonly place: number;
  readonly amount: number;
}

/** Haircut of one theft in float64: linear in the seeds. Swaps change nothing of it: it counts source units (`gain` is not read). */
export interface Taint extends Stateful {
  readonly places: number;
  /** Units at a place; at a stop, those absorbed. A live view; may be written. */
  readonly taint: Float64Array;
  /** A live view; may be written. */
  readonly stop: Uint8Array;
  /** Units that went to FEE and to NONE. */
  readonly fee: number;
  readonly gone: number;
  place(place: number, amount: number): void;
  /**
   * `seeds` in order of `before`; those outside this chunk are left out, so every call may get all of them. `tainted`: units moved by each row, written.
   * Only `from`, `to` and `ratio` of the rows are read.
   */
  run(rows: TaintRows, given?: TaintRun): void;
}

export type TaintRows = Pick<Rows, 'count' | 'from' | 'to' | 'ratio'>;

export interface TaintRun {
  /** Number of the chunk's first row; 0 by default. */
  readonly first?: number;
  readonly seeds?: readonly TaintSeed[];
  readonly tainted?: Float64Array;
}

export interface ExposureOptions {
  readonly direction: 'forward' | 'backward';
  readonly places: number;
  /** Receivers (backward: payers) to be written; `places` by default. 0: none is written. */
  readonly accounts?: number;
  /** Those of this scan; others stop the money but are not written here. `count`: a multiple of 4 up to 32. */
  readonly categories: { readonly from: number; readonly count: number };
  /** By place; UNCATEGORISED by default. */
  readonly category?: Uint8Array;
  /** Rows of at most this amount are written to the account's small row instead; 0 for none. */
  readonly dust?: number;
}

/** What an account received (sent) in payments of at most `dust`. */
export interface SmallRow {
  readonly account: number;
  readonly sum: number;
  readonly count: number;
  /** By category; a live view. */
  readonly amounts: Float32Array;
}

/**
 * Which categories money came from (forward) or went to (backward), in float32, `count` lanes a place or account.
 * Forward, a row of amount x and ratio r from u to v carries the vector c: x of u's category where u has one, else r·held[u]·gain, which leaves u;
 * from NONE nothing (unknown). held[v] += c unless v has a category, received[receiver] += c, direct[receiver] += x of u's category, total[receiver] += x.
 * Backward, rows from last to first: `held` is the share of the money now at a place that will reach each category; with d the unit vector of v's category
 * where v has one, else held[v]: received[payer] += x·d, direct[payer] += x of v's category, total[payer] += x, and held[u] = (1 - r)·held[u] + r·d unless u
 * has a category. Backward is the transpose of forward. A row of a place to itself changes nothing.
 */
export interface Exposure extends Stateful {
  readonly direction: 'forward' | 'backward';
  readonly places: number;
  readonly accounts: number;
  readonly categories: { readonly from: number; readonly count: number };
  readonly dust: number;
  /** All live views that may be written; entry of category c at place p: p * count + c - from. */
  readonly held: Float32Array;
  /** Backward: sent. */
  readonly received: Float32Array;
  readonly direct: Float32Array;
  /** By account. */
  readonly total: Float64Array;
  /** By place. */
  readonly category: Uint8Array;
  /** By account: number of its small row, from 1; 0 for none. */
  readonly smallRow: Uint32Array;
  readonly smallRows: number;
  /** `number` from 1 to smallRows. */
  small(number: number): SmallRow;
  run(rows: Rows): void;
}

export interface AdjointOptions {
  readonly places: number;
  /** The account (`receiver`, by default `to`) whose arrivals are asked for; NONE where only `lambda` is seeded. */
  readonly target: number;
  /** By place; UNCATEGORISED by default. */
  readonly category?: Uint8Array;
  /** Arrivals at the target of at most this amount do not count; 0 for none. */
  readonly dust?: number;
  /** Rows that contribute more than this are kept; Infinity (none) by default. */
  readonly floor?: number;
}

/**
 * Where the money of one account came from, backward in float64. `lambda`: how much of a unit now at a place will arrive at the target.
 * Row u to v of amount x, ratio r, from last to first: l = (1 where the receiver is the target and x > dust) + (lambda[v] where v has state and no category);
 * where u has a category, x·l is its contribution, else lambda[u] = (1 - r)·lambda[u] + r·gain·l. A row of a place to itself changes nothing.
 */
export interface Adjoint extends Stateful {
  readonly places: number;
  /** Live views that may be written. */
  readonly lambda: Float64Array;
  readonly category: Uint8Array;
  /** By category (254 at most): what arrived of it at the target. */
  readonly contribution: Float64Array;
  /** Rows with a contribution above the floor, last row first; a copy. */
  contributions(): Contributions;
  /** `first`: number of the chunk's first row. Chunks come from the last to the first. */
  backward(rows: Rows, first?: number): void;
}

export interface Contributions {
  readonly row: Uint32Array;
  readonly amount: Float64Array;
}

const TWIN: Kernels = {
  form: 'twin',
  unionFind: twinUnionFind,
  balances: twinBalances,
  taint: twinTaint,
  exposure: twinExposure,
  adjoint: twinAdjoint,
};

/** `wasm`: the bytes of kernel.wasm; null for the twin, which is slower and has no limit of 4 GiB. */
export function createKernels(wasm: Uint8Array | null): Kernels {
  if (wasm === null) return TWIN;
  const module = compileKernel(wasm);
  return {
    form: 'wasm',
    unionFind: (options) => new WasmUnionFind(module, options),
    balances: (options) => new WasmBalances(module, options),
    taint: (options) => new WasmTaint(module, options),
    exposure: (options) => new WasmExposure(module, options),
    adjoint: (options) => new WasmAdjoint(module, options),
  };
}
