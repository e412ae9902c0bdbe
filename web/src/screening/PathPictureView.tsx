import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { shortAddress, visibleText } from '../../../src/base/visible-text.ts';
import { useSettings, useWords } from '../app/settings.tsx';
import { amountText } from '../format/amount.ts';
import { assetName } from '../format/asset.ts';
import { PATH_SIZES, type PathLink, type PathPlace, pathPicture } from '../format/path-picture.ts';
import { placed } from '../format/placed.ts';
import { spanText, timeText } from '../format/time.ts';
import { screeningWords } from '../messages/screening.ts';
import { Address, Amount, Time, Transaction } from '../parts/text.tsx';
import type { VerdictReason } from './verdict-types.ts';

type Path = NonNullable<VerdictReason['path']>;

/** The strongest path as a picture, and payment by payment as a list. `closed`: to be opened by who wants it. */
export function PathPictureView({
  path,
  chain,
  closed = false,
}: {
  readonly path: Path;
  readonly chain: string;
  readonly closed?: boolean;
}): ReactNode {
  const words = useWords(screeningWords);
  if (closed)
    return (
      <details className="scr-path">
        <summary>{words.pathAgain}</summary>
        <PathBody path={path} chain={chain} />
      </details>
    );
  return (
    <section className="scr-path">
      <h4>{words.path}</h4>
      <PathBody path={path} chain={chain} />
    </section>
  );
}

function PathBody({ path, chain }: { readonly path: Path; readonly chain: string }): ReactNode {
  return (
    <>
      {path.steps.length === 0 ? null : <Picture path={path} />}
      <PathList path={path} chain={chain} />
    </>
  );
}

function Picture({ path }: { readonly path: Path }): ReactNode {
  const words = useWords(screeningWords);
  const frame = useRef<HTMLDivElement>(null);
  const arrow = useId();
  const width = useWidth(frame);
  const picture = pathPicture(path.steps, width);
  const { places, links } = picture;
  const name = (place: PathPlace | undefined): string =>
    place?.address == null ? words.unknownPlace : shortAddress(place.address);
  return (
    <div className="scr-path-picture" ref={frame}>
      <svg
        role="img"
        aria-label={words.pathAlt(path.steps.length, name(places[0]), name(places.at(-1)))}
        width={picture.width}
        height={picture.height + 18}
        viewBox={`0 -9 ${picture.width} ${picture.height + 18}`}
      >
        <defs>
          <marker id={arrow} markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto">
            <path d="M0 0 L9 4 L0 8 z" className="scr-arrow" />
          </marker>
        </defs>
        {placed(links).map(({ item: link, at }) => (
          <Link key={at} link={link} path={path} arrow={arrow} />
        ))}
        {placed(places).map(({ item: place, at }) => (
          <Place key={at} place={place} path={path} last={at === places.length - 1} first={at === 0} />
        ))}
      </svg>
    </div>
  );
}

function Place(props: {
  readonly place: PathPlace;
  readonly path: Path;
  readonly first: boolean;
  readonly last: boolean;
}): ReactNode {
  const words = useWords(screeningWords);
  const { place, path, first, last } = props;
  const isOrigin = place.address === path.origin;
  const mark = isOrigin ? (path.label ?? words.origin) : first || last ? words.counterpartyMark : null;
  const kind = isOrigin ? 'scr-origin' : first || last ? 'scr-counterparty' : 'scr-between';
  return (
    <g className={`scr-place ${kind}`} transform={`translate(${place.x} ${place.y})`}>
      <title>{visibleText(`${mark === null ? '' : `${mark}\n`}${place.address ?? words.unknownPlace}`)}</title>
      <rect width={PATH_SIZES.placeWidth} height={PATH_SIZES.placeHeight} rx="6" />
      <text x={PATH_SIZES.placeWidth / 2} y={mark === null ? 28 : 19} className="scr-hash">
        {place.address === null ? words.unknownPlace : shortAddress(place.address)}
      </text>
      {mark === null ? null : (
        <text x={PATH_SIZES.placeWidth / 2} y={36} className="scr-mark">
          {cut(visibleText(mark), 20)}
        </text>
      )}
    </g>
  );
}

function Link({
  link,
  path,
  arrow,
}: {
  readonly link: PathLink;
  readonly path: Path;
  readonly arrow: string;
}): ReactNode {
  const { language, zone } = useSettings();
  const words = useWords(screeningWords);
  const step = link.step === null ? null : path.steps[link.step]!;
  const points = link.points.map(([x, y]) => `${x},${y}`).join(' ');
  if (step === null)
    return (
      <g className="scr-link scr-gap">
        <polyline points={points} />
        <text x={link.x} y={link.y - 6}>
          {words.gap}
        </text>
      </g>
    );
  const { symbol, decimals } = assetName(step.asset);
  const { short, exact } = amountText(step.amount, decimals, language);
  const waited = waitedBefore(path, link.step!);
  return (
    <g className="scr-link">
      <title>{visibleText(`${exact} ${symbol}\n${step.time}\n${step.tx ?? ''}`)}</title>
      <polyline points={points} markerEnd={`url(#${arrow})`} />
      <text x={link.x} y={link.y - 7} className="scr-sum">
        {cut(visibleText(`${short} ${symbol}`), 19)}
      </text>
      <text x={link.x} y={link.y + 16} className="scr-when">
        {waited === null ? timeText(step.time)[zone].slice(0, 16) : `+${spanText(waited)}`}
      </text>
    </g>
  );
}

function PathList({ path, chain }: { readonly path: Path; readonly chain: string }): ReactNode {
  const words = useWords(screeningWords);
  const { pathColumns: columns } = words;
  const total = assetName(path.steps[0]?.asset ?? '');
  return (
    <div className="scr-wide-content">
      <table className="scr-plain-table">
        <caption>
          {words.pathList}
          {path.steps.length === 0 ? null : (
            <>
              {' · '}
              <Amount units={path.amount} {...total} /> {words.pathAmount}
            </>
          )}
        </caption>
        <thead>
          <tr>
            {[columns.step, columns.time, columns.waited, columns.from, columns.to].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
            <th scope="col" className="right">
              {columns.amount}
            </th>
            <th scope="col">{columns.tx}</th>
          </tr>
        </thead>
        <tbody>
          {placed(path.steps).map(({ item: step, at }) => {
            const waited = waitedBefore(path, at);
            return (
              <tr key={at}>
                <td>{at + 1}</td>
                <td>
                  <Time time={step.time} />
                </td>
                <td>{waited === null ? '–' : spanText(waited)}</td>
                <td>{step.from === null ? words.unknownPlace : <Address chain={chain} address={step.from} />}</td>
                <td>{step.to === null ? words.unknownPlace : <Address chain={chain} address={step.to} />}</td>
                <td className="right">
                  <Amount units={step.amount} {...assetName(step.asset)} />
                </td>
                <td>
                  <Transaction chain={chain} tx={step.tx} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** Seconds since the payment before; null for the first, or where a time is not one. */
function waitedBefore({ steps }: Path, at: number): number | null {
  const before = steps[at - 1];
  if (before === undefined) return null;
  const seconds = (Date.parse(steps[at]!.time) - Date.parse(before.time)) / 1000;
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}

function cut(text: string, most: number): string {
  const letters = [...text];
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join('')}…`;
}

const ASSUMED = 900;

function useWidth(frame: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(ASSUMED);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const watch = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? ASSUMED));
    watch.observe(element);
    return () => watch.disconnect();
  }, [frame]);
  return width;
}
