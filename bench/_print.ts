/** One form for every bench: name, figure with its unit, limit, ratio measured in the same run, size of the input. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** Such as "M transfers/s" or "s". */
  readonly unit: string;
  /** What it was measured on, such as "5,000,000 transfers". */
  readonly size: string;
  readonly limit?: Limit;
  /** `value` is this bench's speed over that of `to`, both from this process. */
  readonly ratio?: { readonly to: string; readonly value: number };
}

export type Limit = { readonly atLeast: number } | { readonly atMost: number };

export function printFigure({ name, value, unit, size, limit, ratio }: Figure): void {
  const parts = [name.padEnd(34), `${digits(value)} ${unit}`.padEnd(22), verdict(value, limit).padEnd(20)];
  parts.push((ratio === undefined ? '' : `${digits(ratio.value)} × ${ratio.to}`).padEnd(24), size);
  console.log(parts.join('  ').trimEnd());
}

/** Peak resident memory of this process so far; a bench prints it last. `atMost` in MB (10^6 bytes). */
export function printPeakMemory(limit?: { readonly atMost: number }): void {
  const megabytes = (process.resourceUsage().maxRSS * 1024) / 1e6;
  printFigure({
    name: 'peak memory',
    value: megabytes,
    unit: 'MB',
    size: 'whole process',
    ...(limit ? { limit } : {}),
  });
}

/** Seconds of the fastest of `times` runs, and the last result: the least disturbed by whatever else the machine does. */
export function fastest<T>(times: number, work: () => T): { readonly seconds: number; readonly result: T } {
  let seconds = Number.POSITIVE_INFINITY;
  let result!: T;
  for (let time = 0; time < times; time += 1) {
    const start = performance.now();
    result = work();
    seconds = Math.min(seconds, (performance.now() - start) / 1000);
  }
  return { seconds, result };
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

function digits(value: number): string {
  return value >= 100 ? count(Math.round(value)) : value.toPrecision(3);
}

function verdict(value: number, limit: Limit | undefined): string {
  if (limit === undefined) return '';
  const met = 'atLeast' in limit ? value >= limit.atLeast : value <= limit.atMost;
  const sign = 'atLeast' in limit ? `≥ ${limit.atLeast}` : `≤ ${limit.atMost}`;
  return `${sign} ${met ? 'met' : 'MISSED'}`;
}
