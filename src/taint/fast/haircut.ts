import { AHEAD, touchAhead } from './_ahead.ts';
import { kindsOfPlaces, Ledger } from './_ledger.ts';
import {
  type FastColumns,
  type FastOutcome,
  type FastSeed,
  type NotEligible,
  notEligible,
  whyNotEligible,
} from './columns.ts';
import { mulDivFloor } from './mul-div.ts';

/** A balance below zero says that none is kept: what kind of place it is instead. */
const NOT_TRACKED = -1;
const STOP = -2;

/** Haircut over columns: each movement of x out of balance B with taint T carries ⌊T·x/B⌋. Definition: docs/accounting.md. */
export function fastHaircut(columns: FastColumns): FastOutcome {
  const fault = whyNotEligible(columns);
  if (fault !== null) return fault;
  const ledger = new Ledger(columns);
  // Balance and taint of a place side by side: one cache line a place.
  const state = new Float64Array(columns.placeCount * 2);
  kindsOfPlaces(columns).forEach((kind, place) => {
    if (kind !== 0) state[place * 2] = kind === 1 ? NOT_TRACKED : STOP;
  });
  let done = 0;
  for (const [at, seed] of columns.seeds.entries()) {
    const stopped = run(columns, ledger, state, done, seed.before) ?? plant(seed, at, ledger, state);
    if (stopped !== null) return stopped;
    done = seed.before;
  }
  const stopped = run(columns, ledger, state, done, columns.amount.length);
  if (stopped !== null) return stopped;
  for (let place = 0; place < columns.placeCount; place += 1) ledger.held[place] = state[place * 2 + 1]!;
  return ledger.result();
}

function plant(seed: FastSeed, at: number, ledger: Ledger, state: Float64Array): NotEligible | null {
  const slot = seed.place * 2;
  if (seed.mode === 'credit') {
    const balance = state[slot]! + seed.amount;
    if (balance > Number.MAX_SAFE_INTEGER) return notEligible('balance leaves 2^53', at);
    state[slot] = balance;
  } else if (seed.amount > state[slot]! - state[slot + 1]!) return notEligible('mark exceeds the unmarked balance', at);
  state[slot + 1] = state[slot + 1]! + seed.amount;
  ledger.stolen += seed.amount;
  return null;
}

function run(
  columns: FastColumns,
  ledger: Ledger,
  state: Float64Array,
  start: number,
  end: number,
): NotEligible | null {
  const { from, to, amount } = columns;
  const { tainted, absorbed } = ledger;
  for (let row = start; row < end; row += 1) {
    if (row % AHEAD === 0) ledger.touched += touchAhead(state, 2, from, to, row, end);
    const x = amount[row]!;
    const v = to[row]!;
    const u = from[row]!;
    if (x === 0) continue;
    if (u === v) {
      coverSelf(row, u, x, ledger, state);
      continue;
    }
    let moved = 0;
    if (u >= 0) {
      const slot = u * 2;
      const balance = state[slot]!;
      if (balance > x) {
        const taint = state[slot + 1]!;
        if (taint > 0) {
          moved = taint === balance ? x : mulDivFloor(taint, x, balance);
          state[slot + 1] = taint - moved;
        }
        state[slot] = balance - x;
      } else if (balance >= 0) {
        if (balance < x) ledger.short(row, x - balance);
        moved = state[slot + 1]!;
        state[slot] = 0;
        state[slot + 1] = 0;
      }
    }
    if (v >= 0) {
      const slot = v * 2;
      const balance = state[slot]!;
      if (balance >= 0) {
        const sum = balance + x;
        if (sum > Number.MAX_SAFE_INTEGER) return notEligible('balance leaves 2^53', row);
        state[slot] = sum;
        if (moved > 0) state[slot + 1] = state[slot + 1]! + moved;
      } else if (moved > 0) {
        if (balance === NOT_TRACKED) return notEligible('taint reaches a place that is not tracked', row);
        absorbed[v] = absorbed[v]! + moved;
      }
    } else ledger.fee += moved;
    if (moved > 0) tainted[row] = moved;
  }
  return null;
}

/** A movement of a place to itself moves nothing, but what was missing is still a shortage. */
function coverSelf(row: number, place: number, x: number, ledger: Ledger, state: Float64Array): void {
  const balance = state[place * 2]!;
  if (balance < 0 || balance >= x) return;
  ledger.short(row, x - balance);
  state[place * 2] = x;
}
