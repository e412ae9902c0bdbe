/** A moment in UTC and in the zone of the reader. */
export interface TimeText {
  readonly utc: string;
  readonly local: string;
}

/** `time`: ISO 8601, or seconds since 1970. What is no time comes back as it is. */
export function timeText(time: string | number): TimeText {
  const date = new Date(typeof time === 'number' ? time * 1000 : time);
  if (Number.isNaN(date.getTime())) return { utc: String(time), local: String(time) };
  return { utc: `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`, local: localText(date) };
}

function localText(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const offset = -date.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone}`;
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** "3 hours ago". */
export function ageText(time: string | number, now: number, language: string): string {
  const seconds = (typeof time === 'number' ? time * 1000 : Date.parse(time)) / 1000 - now / 1000;
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  for (const [unit, length] of STEPS)
    if (Math.abs(seconds) >= length) return format.format(Math.round(seconds / length), unit);
  return format.format(Math.round(seconds), 'second');
}

/** "2 d 03:04:05" of a span in seconds. */
export function spanText(seconds: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const clock = `${two((seconds % 86_400) / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
  return days === 0 ? clock : `${days} d ${clock}`;
}
