import type { TheftHeader } from './result.ts';

/** When the theft was, ISO 8601: as its file says, else when its first seed came in; null: a case of before results named their seeds. */
export function theftTime({ time, seeds = [] }: Pick<TheftHeader, 'time' | 'seeds'>): string | null {
  if (time !== '') return time;
  return seeds.map((seed) => seed.time).sort()[0] ?? null;
}
