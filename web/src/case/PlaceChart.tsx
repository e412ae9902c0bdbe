import { type ReactNode, useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useSettings, useWords } from '../app/settings.tsx';
import { caseWords } from '../messages/case.ts';
import { Amount, Field, Time } from '../parts/text.tsx';
import type { CasePlace, CaseScene } from './case-data.ts';

type Series = CasePlace['series'][number];

/** Balance of an address, and how much of it each method says is stolen, through time. */
export function PlaceChart({ theft, method, place }: CaseScene & { readonly place: CasePlace }): ReactNode {
  const words = useWords(caseWords);
  const [asset, setAsset] = useState(place.series[0]!.asset);
  const series = place.series.find((each) => each.asset === asset) ?? place.series[0]!;
  const methods = methodsOf(series, method.name);
  const [at, setAt] = useState<number | null>(null);
  const point = series.points[at ?? series.points.length - 1];
  const [others, setOthers] = useState(false);
  return (
    <div className="place-chart">
      <div className="row-of no-print">
        {place.series.length < 2 ? null : (
          <Field label={words.asset}>
            {(id) => (
              <select id={id} value={series.asset} onChange={(event) => setAsset(event.target.value)}>
                {place.series.map((each) => (
                  <option key={each.asset} value={each.asset} title={each.asset}>
                    {visibleText(each.symbol)}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        {methods.length < 2 ? null : (
          <label>
            <input type="checkbox" checked={others} onChange={(event) => setOthers(event.target.checked)} />{' '}
            {words.otherMethods}
          </label>
        )}
      </div>
      {series.known ? null : <p className="note">{words.notKnownBalance}</p>}
      <Plot
        series={series}
        methods={others ? methods : methods.slice(0, 1)}
        decimals={theft.decimals}
        symbols={{ balance: series.symbol, tainted: theft.symbol }}
        onPoint={setAt}
      />
      {point === undefined ? null : (
        <dl className="facts chart-legend" aria-live="off">
          <dt>{at === null ? words.lastPoint : words.atPoint}</dt>
          <dd>
            <Time time={point.time} />
          </dd>
          <dt>
            <span className="line line-balance" aria-hidden="true" /> {words.balance}
          </dt>
          <dd>
            <Amount units={point.balance} decimals={series.decimals} symbol={series.symbol} />
          </dd>
          {(others ? methods : methods.slice(0, 1)).map((name, index) => (
            <Legend key={name} name={name} place={index} units={point.tainted[name] ?? '0'} theft={theft} />
          ))}
        </dl>
      )}
      <details>
        <summary>{words.asTable(series.points.length)}</summary>
        <PointTable series={series} method={methods[0] ?? null} theft={theft} />
      </details>
    </div>
  );
}

function Legend({
  name,
  place,
  units,
  theft,
}: {
  readonly name: string;
  /** 0: the chosen one. */
  readonly place: number;
  readonly units: string;
  readonly theft: CaseScene['theft'];
}): ReactNode {
  const words = useWords(caseWords);
  return (
    <>
      <dt>
        <span
          className={place === 0 ? 'line line-first' : 'line line-other'}
          style={{ borderTopColor: `var(${COLOURS[place] ?? '--muted'})` }}
          aria-hidden="true"
        />{' '}
        {words.stolenBy(words.methods[name] ?? name)}
      </dt>
      <dd>
        <Amount units={units} decimals={theft.decimals} symbol={theft.symbol} />
      </dd>
    </>
  );
}

/** The chosen one first; poison has no amounts. */
function methodsOf(series: Series, chosen: string): readonly string[] {
  const known = new Set(series.points.flatMap((point) => Object.keys(point.tainted)));
  known.delete('poison');
  const [first, ...others] = [chosen, ...known].filter((name, index, all) => all.indexOf(name) === index);
  return known.has(chosen) && first !== undefined ? [first, ...others] : [...known];
}

const HEIGHT = 190;
/** Of the chosen method, then of the others in their order. */
const COLOURS = [
  '--kind-theft',
  '--kind-link',
  '--kind-mixer',
  '--kind-bridge',
  '--kind-suspected-service',
  '--kind-burn',
  '--kind-service',
] as const;
/** Least step in seconds, what stands at every mark, and what beside it where the year or the day is another. The same in every language. */
const TIMES: uPlot.Axis.Values = [
  [31_536_000, '{YYYY}', null, null, null, null, null, null, 1],
  [86_400, '{MM}-{DD}', '\n{YYYY}', null, null, null, null, null, 1],
  [60, '{HH}:{mm}', '\n{YYYY}-{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', '\n{YYYY}-{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
];
const MOST_ROWS = 2000;

function Plot({
  series,
  methods,
  decimals,
  symbols,
  onPoint,
}: {
  readonly series: Series;
  readonly methods: readonly string[];
  readonly decimals: number | null;
  readonly symbols: { readonly balance: string; readonly tainted: string };
  readonly onPoint: (at: number | null) => void;
}): ReactNode {
  const words = useWords(caseWords);
  const ref = useRef<HTMLDivElement>(null);
  const { zone, theme } = useSettings();
  const key = methods.join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn anew with the colours of the theme
  useEffect(() => {
    const host = ref.current;
    if (host === null) return;
    const names = key === '' ? [] : key.split(' ');
    const plot = new uPlot(
      optionsOf(host, names, symbols, zone === 'utc', onPoint),
      dataOf(series, names, decimals),
      host,
    );
    const watch = new ResizeObserver(() => plot.setSize({ width: host.clientWidth, height: HEIGHT }));
    watch.observe(host);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [series, key, decimals, zone, theme, onPoint, symbols.balance, symbols.tainted]);
  return <div ref={ref} className="plot" role="img" aria-label={words.chartOf(visibleText(series.symbol))} />;
}

/** Floating point: positions only. */
function dataOf(series: Series, methods: readonly string[], decimals: number | null): uPlot.AlignedData {
  const whole = (units: string, places: number | null): number => Number(units) / 10 ** (places ?? 0);
  return [
    series.points.map((point) => point.time),
    series.points.map((point) => whole(point.balance, series.decimals)),
    ...methods.map((name) => series.points.map((point) => whole(point.tainted[name] ?? '0', decimals))),
  ];
}

function optionsOf(
  host: HTMLElement,
  methods: readonly string[],
  symbols: { readonly balance: string; readonly tainted: string },
  utc: boolean,
  onPoint: (at: number | null) => void,
): uPlot.Options {
  const style = getComputedStyle(host);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const stepped = uPlot.paths.stepped!({ align: 1 });
  const axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line') },
  };
  const one = symbols.balance === symbols.tainted;
  const taint = one ? 'balance' : 'taint';
  return {
    width: host.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { drag: { x: true, y: false } },
    ...(utc ? { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1000), 'UTC') } : {}),
    scales: { x: { time: true } },
    axes: [
      { ...axis, values: TIMES },
      { ...axis, scale: 'balance', size: 62, values: (_, values) => values.map(shortNumber) },
      ...(one
        ? []
        : [
            {
              ...axis,
              scale: taint,
              side: 1 as const,
              size: 62,
              grid: { show: false },
              values: (_: uPlot, values: number[]) => values.map(shortNumber),
            },
          ]),
    ],
    series: [
      {},
      { scale: 'balance', stroke: colour('--edge-strong'), width: 1, paths: stepped, points: { show: false } },
      ...methods.map((_, index) => ({
        scale: taint,
        stroke: colour(COLOURS[index] ?? '--muted'),
        width: index === 0 ? 2 : 1,
        ...(index === 0 ? {} : { dash: [3 + index, 3] }),
        paths: stepped,
        points: { show: false },
      })),
    ],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)] },
  };
}

function shortNumber(value: number): string {
  return Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 }).format(value);
}

function PointTable({
  series,
  method,
  theft,
}: {
  readonly series: Series;
  readonly method: string | null;
  readonly theft: CaseScene['theft'];
}): ReactNode {
  const words = useWords(caseWords);
  return (
    <div className="scroll low">
      <table className="plain-table">
        <caption className="unseen">{words.throughTime}</caption>
        <thead>
          <tr>
            <th scope="col">{words.time}</th>
            <th scope="col" className="right">
              {words.balance}
            </th>
            {method === null ? null : (
              <th scope="col" className="right">
                {words.stolenBy(words.methods[method] ?? method)}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {series.points.slice(0, MOST_ROWS).map((point) => (
            <tr key={point.time}>
              <td>
                <Time time={point.time} />
              </td>
              <td className="right">
                <Amount units={point.balance} decimals={series.decimals} />
              </td>
              {method === null ? null : (
                <td className="right">
                  <Amount units={point.tainted[method] ?? '0'} decimals={theft.decimals} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
