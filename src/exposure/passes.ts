import type { Exposure as ExposureScan, Kernels } from '../kernel/kernel.ts';
import type { Side } from './rows-account.ts';
import { type Blocks, type Moves, movesOf, type ScanRows, sum } from './scan-rows.ts';

/** A run of categories that fits a pass: those from `from` on, `count` lanes (a multiple of 4; the last may be empty). */
export interface Lanes {
  readonly from: number;
  readonly count: number;
}

/** Figures of a run of categories: entry of category c at account a is a × count + c - from. */
export interface LaneFigures extends Lanes {
  readonly all: Float32Array;
  /** Of `all`, what came (went) in one movement from (to) an address of the category. */
  readonly direct: Float32Array;
  /** By place: what it holds of each category; of the side of payers: which share of what it holds will get there. */
  readonly held: Float32Array;
}

/** One side of a chain: by account, small ones after the others, what was received or sent in all, and of each category. Base units. */
export interface SideFigures {
  readonly total: Float64Array;
  readonly lanes: readonly LaneFigures[];
}

/** Bytes of a pass's memory: a WebAssembly memory ends at 4 GiB. */
const MEMORY = 3.5 * 2 ** 30;

/** Cuts the categories into runs, each of which fits a pass over so many places and accounts. */
export function laneRuns(categories: number, places: number, accounts: number): Lanes[] {
  const fixed = places + 12 * accounts;
  const perLane = 4 * places + 8 * accounts;
  const fitting = Math.floor((MEMORY - fixed) / perLane / 4) * 4;
  const whole = Math.ceil(categories / 4) * 4;
  const count = Math.max(4, Math.min(whole, fitting, 32));
  const runs: Lanes[] = [];
  for (let from = 0; from < whole; from += count) runs.push({ from, count: Math.min(count, whole - from) });
  return runs;
}

/** Figures of a shorter history, with the blocks its accounts and places were numbered in. */
export interface SavedSide {
  readonly figures: SideFigures;
  readonly blocks: Blocks;
}

export interface PassOptions {
  readonly kernels: Kernels;
  readonly rows: ScanRows & { readonly blocks: Blocks };
  readonly categories: number;
  /** Told of rows done, of how many passes. */
  readonly progress?: (done: number) => void;
}

/**
 * One side of a chain in as few passes as memory allows. Received: rows in order, from what a shorter history left where `saved` is given. Sent: rows
 * from the last to the first, always all of them.
 */
export function passOver(side: Side, options: PassOptions, saved?: SavedSide): SideFigures {
  const { kernels, rows, categories } = options;
  const accounts = rows.accounts + (side === 'received' ? rows.small.count : 0);
  const lanes: LaneFigures[] = [];
  let total = new Float64Array(0);
  for (const run of saved?.figures.lanes ?? laneRuns(categories, rows.places, accounts)) {
    const scan = kernels.exposure({
      direction: side === 'received' ? 'forward' : 'backward',
      places: rows.places,
      accounts,
      categories: { from: run.from, count: run.count },
      ...(rows.category === null ? {} : { category: rows.category }),
    });
    const known = saved?.figures.lanes.find(({ from }) => from === run.from);
    if (saved !== undefined && known !== undefined) restore(scan, rows, saved, known);
    for (const chunk of rows.chunks(side, side === 'received' ? 'forward' : 'backward')) {
      scan.run(chunk);
      options.progress?.(chunk.count);
    }
    lanes.push({ from: run.from, count: run.count, all: scan.received, direct: scan.direct, held: scan.held });
    total = scan.total as Float64Array<ArrayBuffer>;
  }
  return { total, lanes };
}

/** Puts the figures of a shorter history where a longer one numbers their accounts. */
function restore(
  scan: ExposureScan,
  rows: ScanRows & { readonly blocks: Blocks },
  saved: SavedSide,
  figures: LaneFigures,
): void {
  const before = sum(saved.blocks.accounts);
  const accounts: Moves = [...movesOf(saved.blocks.accounts, rows.blocks.accounts)];
  accounts.push({ from: before, to: rows.accounts, count: saved.figures.total.length - before });
  const places = movesOf(saved.blocks.places, rows.blocks.places);
  move(saved.figures.total, scan.total, accounts, 1);
  move(figures.all, scan.received, accounts, figures.count);
  move(figures.direct, scan.direct, accounts, figures.count);
  move(figures.held, scan.held, places, figures.count);
}

function move<Numbers extends Float32Array | Float64Array | Uint32Array>(
  source: Numbers,
  target: Numbers,
  moves: Moves,
  width: number,
): void {
  for (const { from, to, count } of moves)
    target.set(source.subarray(from * width, (from + count) * width), to * width);
}
