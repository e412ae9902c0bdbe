import type { Axis } from './state.ts';

const LOG_UNIT_SECONDS = 600;

/** Where a moment stands from 0 to 1 between the first and the last. On the log axis the first hours have most of the room. */
export function fractionOf(time: number, start: number, end: number, axis: Axis): number {
  if (end <= start) return 0;
  const span = end - start;
  const since = Math.min(span, Math.max(0, time - start));
  return axis === 'log' ? Math.log1p(since / LOG_UNIT_SECONDS) / Math.log1p(span / LOG_UNIT_SECONDS) : since / span;
}

export interface Tick {
  /** 0 to 1. */
  readonly at: number;
  /** Seconds since the theft. */
  readonly since: number;
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const LOG_TICKS = [
  0,
  10 * MINUTE,
  HOUR,
  6 * HOUR,
  DAY,
  3 * DAY,
  7 * DAY,
  30 * DAY,
  90 * DAY,
  365 * DAY,
  1461 * DAY,
  3652 * DAY,
];
const ROUND = [MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY, 1461 * DAY];
const MOST_TICKS = 8;

/** Round spans since the theft, for the head of an axis of time. */
export function ticksOf(start: number, end: number, axis: Axis): Tick[] {
  const span = end - start;
  if (axis === 'hops' || span <= 0) return [];
  const tick = (since: number): Tick => ({ at: fractionOf(start + since, start, end, axis), since });
  if (axis === 'log') return LOG_TICKS.filter((since) => since <= span).map(tick);
  const step = ROUND.find((each) => span / each <= MOST_TICKS) ?? Math.ceil(span / MOST_TICKS / DAY) * DAY;
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, index) => tick(index * step));
}

/** Moments at which something moved, at most so many, evenly chosen, the last one always. */
export function momentsOf(times: readonly number[], most: number): number[] {
  const sorted = [...new Set(times.filter((time) => time > 0))].sort((a, b) => a - b);
  if (sorted.length <= most) return sorted;
  return Array.from({ length: most }, (_, index) => sorted[Math.round((index * (sorted.length - 1)) / (most - 1))]!);
}

/** Index of the last moment that is not after `time`; the first where all are. null: the whole, or nothing after `time` is known. */
export function placeOfMoment(moments: readonly number[], time: number | null): number | null {
  if (time === null) return null;
  const next = moments.findIndex((moment) => moment > time);
  return next < 0 ? null : Math.max(0, next - 1);
}
