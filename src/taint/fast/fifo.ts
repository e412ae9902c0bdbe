import { AHEAD, touchAhead } from './_ahead.ts';
import { CELLS, FifoRows, FRONT, NOT_TRACKED, STOP } from './_fifo-rows.ts';
import { kindsOfPlaces, Ledger } from './_ledger.ts';
import {
  type FastColumns,
  type FastOutcome,
  type FastSeed,
  type NotEligible,
  notEligible,
  whyNotEligible,
} from './columns.ts';

/** FIFO over columns: each movement of x takes the first x of the payer's row of parcels. Definition: docs/accounting.md. */
export function fastFifo(columns: FastColumns): FastOutcome {
  const fault = whyNotEligible(columns);
  if (fault !== null) return fault;
  const ledger = new Ledger(columns);
  const rows = new FifoRows(kindsOfPlaces(columns));
  let done = 0;
  for (const [at, seed] of columns.seeds.entries()) {
    const stopped = run(columns, ledger, rows, done, seed.before) ?? plant(seed, at, ledger, rows);
    if (stopped !== null) return stopped;
    done = seed.before;
  }
  const stopped = run(columns, ledger, rows, done, columns.amount.length);
  if (stopped !== null) return stopped;
  return ledger.result();
}

function plant(seed: FastSeed, at: number, ledger: Ledger, rows: FifoRows): NotEligible | null {
  const { place, amount } = seed;
  ledger.stolen += amount;
  ledger.held[place] = ledger.held[place]! + amount;
  if (seed.mode === 'mark')
    return rows.mark(place, amount) ? null : notEligible('mark exceeds the unmarked balance', at);
  if (rows.cells[place * CELLS]! + amount > Number.MAX_SAFE_INTEGER) return notEligible('balance leaves 2^53', at);
  rows.append(place, -amount);
  return null;
}

/** Movements between places without taint are settled here, on balances alone; the others go to {@link moveParcels}. */
function run(columns: FastColumns, ledger: Ledger, rows: FifoRows, start: number, end: number): NotEligible | null {
  const { from, to, amount } = columns;
  const { cells } = rows;
  for (let row = start; row < end; row += 1) {
    if (row % AHEAD === 0) ledger.touched += touchAhead(cells, CELLS, from, to, row, end);
    const x = amount[row]!;
    const u = from[row]!;
    const v = to[row]!;
    if (x === 0) continue;
    if (u === v) {
      coverSelf(row, u, x, ledger, rows);
      continue;
    }
    if (u >= 0) {
      if (cells[u * CELLS + FRONT]! !== 0) {
        const stopped = moveParcels(row, u, v, x, ledger, rows);
        if (stopped !== null) return stopped;
        continue;
      }
      const balance = cells[u * CELLS]!;
      if (balance >= x) cells[u * CELLS] = balance - x;
      else if (balance >= 0) {
        ledger.short(row, x - balance);
        cells[u * CELLS] = 0;
      }
    }
    if (v < 0) continue;
    const balance = cells[v * CELLS]!;
    if (balance < 0) continue;
    if (balance + x > Number.MAX_SAFE_INTEGER) return notEligible('balance leaves 2^53', row);
    if (cells[v * CELLS + FRONT]! === 0) cells[v * CELLS] = balance + x;
    else rows.append(v, x);
  }
  return null;
}

/** u holds parcels: its first x go to v in their order. */
function moveParcels(row: number, u: number, v: number, x: number, ledger: Ledger, rows: FifoRows): NotEligible | null {
  const missing = x - rows.cells[u * CELLS]!;
  if (missing > 0) {
    ledger.short(row, missing);
    rows.append(u, missing);
  }
  const there = v >= 0 ? rows.cells[v * CELLS]! : STOP;
  if (there + x > Number.MAX_SAFE_INTEGER) return notEligible('balance leaves 2^53', row);
  const moved = rows.move(u, there >= 0 ? v : -1, x);
  if (moved === 0) return null;
  if (there === NOT_TRACKED) return notEligible('taint reaches a place that is not tracked', row);
  ledger.tainted[row] = moved;
  ledger.held[u] = ledger.held[u]! - moved;
  if (v < 0) ledger.fee += moved;
  else if (there === STOP) ledger.absorbed[v] = ledger.absorbed[v]! + moved;
  else ledger.held[v] = ledger.held[v]! + moved;
  return null;
}

/** A movement of a place to itself moves nothing, but what was missing is still a shortage. */
function coverSelf(row: number, place: number, x: number, ledger: Ledger, rows: FifoRows): void {
  const balance = rows.cells[place * CELLS]!;
  if (balance < 0 || balance >= x) return;
  ledger.short(row, x - balance);
  rows.append(place, x - balance);
}
