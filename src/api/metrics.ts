/** Upper ends of the latency buckets, seconds. */
const BOUNDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

interface RouteFigures {
  readonly byStatus: Map<number, number>;
  readonly buckets: Float64Array;
  seconds: number;
  count: number;
}

export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly kind: 'gauge' | 'counter';
  /** One value, or one for each value of a label. */
  readonly read: () => number | { readonly label: string; readonly values: Readonly<Record<string, number>> };
}

/** What /metrics shows: requests by route and status with their latency, and whatever else was registered. No address and no customer stands in a label. */
export class Metrics {
  readonly #routes = new Map<string, RouteFigures>();
  readonly #gauges: Gauge[] = [];

  /** Figures of a route, to be handed to `observe`. */
  of(route: string): RouteFigures {
    let figures = this.#routes.get(route);
    if (figures === undefined) {
      figures = { byStatus: new Map(), buckets: new Float64Array(BOUNDS.length + 1), seconds: 0, count: 0 };
      this.#routes.set(route, figures);
    }
    return figures;
  }

  register(gauge: Gauge): void {
    this.#gauges.push(gauge);
  }

  /** Prometheus text, format 0.0.4. */
  text(): string {
    const lines = [
      '# HELP haetae_http_requests_total Requests answered, by route and status.',
      '# TYPE haetae_http_requests_total counter',
    ];
    for (const [route, { byStatus }] of this.#routes)
      for (const [status, count] of byStatus)
        lines.push(`haetae_http_requests_total{route="${route}",status="${status}"} ${count}`);
    lines.push(
      '# HELP haetae_http_request_seconds Time from the head of a request to its answer.',
      '# TYPE haetae_http_request_seconds histogram',
    );
    for (const [route, figures] of this.#routes) lines.push(...histogramLines(route, figures));
    for (const gauge of this.#gauges) lines.push(...gaugeLines(gauge));
    return `${lines.join('\n')}\n`;
  }
}

export type { RouteFigures };

export function observe(figures: RouteFigures, status: number, milliseconds: number): void {
  const seconds = milliseconds / 1000;
  figures.byStatus.set(status, (figures.byStatus.get(status) ?? 0) + 1);
  figures.count++;
  figures.seconds += seconds;
  let bucket = 0;
  while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]!) bucket++;
  figures.buckets[bucket]!++;
}

function histogramLines(route: string, figures: RouteFigures): readonly string[] {
  let sum = 0;
  const buckets = [...BOUNDS, '+Inf'].map((bound, index) => {
    sum += figures.buckets[index]!;
    return `haetae_http_request_seconds_bucket{route="${route}",le="${bound}"} ${sum}`;
  });
  return [
    ...buckets,
    `haetae_http_request_seconds_sum{route="${route}"} ${figures.seconds}`,
    `haetae_http_request_seconds_count{route="${route}"} ${figures.count}`,
  ];
}

function gaugeLines({ name, help, kind, read }: Gauge): readonly string[] {
  const value = read();
  const head = [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`];
  if (typeof value === 'number') return [...head, `${name} ${value}`];
  const label = value.label;
  return [...head, ...Object.entries(value.values).map(([key, count]) => `${name}{${label}="${key}"} ${count}`)];
}
