import type { PlaceResult, ServiceResult, TraceContext } from '../trace/result.ts';
import { percent, roundedAmount, type Unit } from './amount.ts';
import { bucketNames, type NamedMethod, outcomeOf, type TheftView } from './compare.ts';
import { type Html, type HtmlPart, html } from './html-escape.ts';
import { type Column, count, exactDigits, outside, table, timeText, unitName } from './html-parts.ts';
import type { Words } from './words.ts';

const FIRST_PLACES = 25;
/** Beyond this a browser slows down; the CSV files hold every row, and the page says how many it left out. */
const MOST_PLACES = 10_000;
const MOST_TRANSFERS = 1000;

export interface MethodPage {
  readonly view: TheftView;
  readonly context: TraceContext;
  readonly words: Words;
}

/** Every bucket of one method with all its digits, and the check that they sum to what was stolen. */
export function bucketTable(page: MethodPage, method: NamedMethod): Html {
  const { view, words } = page;
  const outcome = outcomeOf(method.result);
  const line = (name: HtmlPart, units: bigint): HtmlPart[] => [
    name,
    exactDigits(units, view.unit),
    percent(units, outcome.stolen),
  ];
  const rows = bucketNames(view).flatMap((bucket) => {
    const units = outcome.buckets.get(bucket) ?? 0n;
    const main = line(words.buckets[bucket]?.name ?? bucket, units);
    const part = (name: string, of: bigint): HtmlPart[][] =>
      of > 0n && of < units ? [line(html`<span class="sub">${name}</span>`, of)] : [];
    if (bucket === 'held') return [main, ...part(words.split.heldEdge, outcome.heldAtEdge)];
    if (bucket !== 'absorbed') return [main];
    return [main, ...part(words.split.askable, outcome.askable), ...part(words.split.otherStops, outcome.otherStops)];
  });
  const conserved = outcome.sum === outcome.stolen;
  const columns: Column[] = [
    { head: words.columns.bucket },
    { head: `${words.columns.amount} (${unitName(view.unit, words)})`, kind: 'n' },
    { head: words.columns.share, kind: 'n' },
  ];
  const check = conserved
    ? html`<p class="check">${words.conserved}</p>`
    : html`<p class="alarm">${words.notConserved(String(outcome.sum), String(outcome.stolen))}</p>`;
  return html`${table(words.headings.buckets, columns, [...rows, line(words.sum, outcome.sum)])}${check}${notes(page, method)}`;
}

function notes({ words }: MethodPage, method: NamedMethod): Html | null {
  const lines = Object.entries(method.result.notes).filter(([, times]) => times > 0);
  if (lines.length === 0) return null;
  return html`<ul>${lines.map(([note, times]) => html`<li>${words.notesLine(count(times), words.notes[note] ?? note)}</li>`)}</ul>`;
}

export function servicesHtml(page: MethodPage, method: NamedMethod): Html {
  const { services } = method.result;
  if (services.length === 0) return html`<p>${page.words.noServices}</p>`;
  return html`${services.map((service) => serviceHtml(page, service))}`;
}

function serviceHtml(page: MethodPage, service: ServiceResult): Html {
  const { words, view } = page;
  const unit = assetUnit(page, service.asset);
  const kind = words.flow.kinds[service.stop] ?? service.stop;
  const asked = service.recoverable ? words.askable : words.notAskable;
  const shown = service.transfers.slice(0, MOST_TRANSFERS);
  const left = service.transfers.slice(MOST_TRANSFERS);
  const stolenUnits = BigInt(service.sourceUnits);
  return html`<details class="service"><summary><b>${outside(service.name ?? words.noName)}</b> <span class="kind">${kind}, ${service.category}</span> <span class="amount">${roundedAmount(stolenUnits, view.unit)} ${unitName(view.unit, words)}, ${percent(stolenUnits, BigInt(view.theft.stolen))}</span> <span class="${service.recoverable ? 'yes' : 'kind'}">${asked}</span> <span class="kind">${words.showTransfers(words.flow.transfers(count(service.transfers.length)))}</span></summary>
<dl><dt>${words.columns.address}</dt><dd><code>${service.address}</code> (${service.chain})</dd>
<dt>${words.columns.amount}</dt><dd>${exactDigits(BigInt(service.amount), unit)} ${unitName(unit, words)}</dd>
<dt>${words.columns.units}</dt><dd>${exactDigits(stolenUnits, view.unit)} ${unitName(view.unit, words)}</dd>
<dt>${words.columns.firstLast}</dt><dd>${timeText(service.firstTime)} – ${timeText(service.lastTime)}</dd>
<dt>${words.columns.label}</dt><dd>${service.labelSource === null ? words.none : outside(service.labelSource)}</dd></dl>
${transfersTable(page, shown, unit)}${left.length === 0 ? null : leftOut(page, left.length, sumOf(left.map((row) => row.tainted)), unit)}</details>\n`;
}

function transfersTable({ words }: MethodPage, transfers: ServiceResult['transfers'], unit: Unit): Html {
  const columns: Column[] = [
    { head: words.columns.time, kind: 't' },
    { head: words.columns.from, kind: 'a' },
    { head: `${words.columns.amount} (${unitName(unit, words)})`, kind: 'n' },
    { head: words.columns.tainted, kind: 'n' },
    { head: words.columns.tx, kind: 'a' },
    { head: words.columns.file },
    { head: words.columns.row, kind: 'n' },
  ];
  const rows = transfers.map((row) => [
    timeText(row.time),
    row.from,
    exactDigits(BigInt(row.amount), unit),
    exactDigits(BigInt(row.tainted), unit),
    row.tx ?? words.noTx,
    outside(row.sourceFile),
    row.sourceRow,
  ]);
  return table(words.columns.transfers, columns, rows);
}

export function placesHtml(page: MethodPage, method: NamedMethod): Html {
  const { words } = page;
  const places = method.result.places;
  if (places.length === 0) return html`<p>${words.noPlaces}</p>`;
  const first = places.slice(0, FIRST_PLACES);
  const rest = places.slice(FIRST_PLACES, MOST_PLACES);
  const left = places.slice(MOST_PLACES);
  const all = count(places.length);
  const edge = places.some((place) => place.edgeOfData) ? html`<p class="small">${words.edgeExplained}</p>` : null;
  const leftNote =
    left.length === 0
      ? null
      : leftOut(page, left.length, sumOf(left.map((place) => place.sourceUnits)), page.view.unit);
  const caption = rest.length === 0 ? words.allPlaces(all) : words.firstPlaces(count(first.length), all);
  const more = html`<details><summary>${words.restPlaces(count(FIRST_PLACES + 1), count(FIRST_PLACES + rest.length))}</summary>${placesTable(page, rest, words.headings.places)}${leftNote}</details>`;
  return html`<p class="small">${caption}</p>${placesTable(page, first, caption)}${rest.length === 0 ? null : more}${edge}`;
}

function placesTable(page: MethodPage, places: readonly PlaceResult[], caption: string): Html {
  const { words, view } = page;
  const swapped = places.some((place) => place.asset !== view.theft.asset);
  const stolen = BigInt(view.theft.stolen);
  const columns: Column[] = [
    { head: words.columns.address, kind: 'a' },
    ...(swapped ? [{ head: words.columns.amount, kind: 'n' as const }] : []),
    { head: `${words.columns.units} (${unitName(view.unit, words)})`, kind: 'n' },
    { head: words.columns.share, kind: 'n' },
    { head: words.columns.hops, kind: 'n' },
    { head: words.columns.lastArrival, kind: 't' },
    { head: words.columns.edge },
    { head: words.columns.label },
  ];
  const rows = places.map((place): HtmlPart[] => {
    const unit = assetUnit(page, place.asset);
    const units = BigInt(place.sourceUnits);
    return [
      html`${place.outpoint ?? place.address}${place.outpoint === undefined ? null : html`<br>${place.address}`} <span class="chain">${place.chain}</span>`,
      ...(swapped ? [html`${exactDigits(BigInt(place.amount), unit)} ${unitName(unit, words)}`] : []),
      exactDigits(units, view.unit),
      percent(units, stolen),
      place.hops,
      timeText(place.lastArrival),
      place.edgeOfData ? html`<b class="edge">${words.edge}</b>` : '',
      labelCell(place),
    ];
  });
  return table(caption, columns, rows);
}

/** Poison: the places reached, with no amounts. */
export function reachHtml(page: MethodPage, poison: NamedMethod): Html {
  const { words } = page;
  const columns: Column[] = [
    { head: words.columns.address, kind: 'a' },
    { head: words.columns.asset },
    { head: words.columns.hops, kind: 'n' },
    { head: words.columns.since, kind: 't' },
    { head: words.columns.label },
  ];
  const rows = poison.result.places
    .slice(0, MOST_PLACES)
    .map((place): HtmlPart[] => [
      html`${place.outpoint ?? place.address} <span class="chain">${place.chain}</span>`,
      page.context.assets[place.asset]?.symbol ?? place.asset,
      place.hops,
      timeText(place.lastArrival),
      labelCell(place),
    ]);
  const left = poison.result.places.length - rows.length;
  const note = left > 0 ? html`<p>${words.rowsLeftOut(count(left), words.none)}</p>` : null;
  const all = words.allPlaces(count(poison.result.places.length));
  return html`<p>${words.flow.poison}</p><details><summary>${all}</summary>${table(words.headings.reach, columns, rows)}${note}</details>`;
}

export function shortagesHtml(page: MethodPage, method: NamedMethod): Html {
  const { words } = page;
  const { shortages } = method.result;
  if (shortages.length === 0) return html`<p>${words.noShortages}</p>`;
  const columns: Column[] = [
    { head: words.columns.address, kind: 'a' },
    { head: words.columns.time, kind: 't' },
    { head: words.columns.amount, kind: 'n' },
    { head: words.columns.file },
    { head: words.columns.row, kind: 'n' },
  ];
  const rows = shortages.slice(0, MOST_PLACES).map((shortage): HtmlPart[] => {
    const unit = assetUnit(page, shortage.asset);
    return [
      shortage.address,
      timeText(shortage.time),
      html`${exactDigits(BigInt(shortage.amount), unit)} ${unitName(unit, words)}`,
      outside(shortage.sourceFile),
      shortage.sourceRow,
    ];
  });
  const left = shortages.length - rows.length;
  const note = left > 0 ? html`<p>${words.rowsLeftOut(count(left), words.none)}</p>` : null;
  const summary = words.shortagesCount(count(shortages.length));
  return html`<p>${words.shortagesNote}</p><details><summary>${summary}</summary>${table(words.headings.shortages, columns, rows)}${note}</details>`;
}

function labelCell(place: PlaceResult): HtmlPart {
  if (place.label === null) return '';
  return html`${outside(place.label)}${place.category === null ? null : html` <span class="kind">${place.category}</span>`}`;
}

export function assetUnit({ context, view }: MethodPage, asset: string): Unit {
  if (asset === view.theft.asset) return view.unit;
  return context.assets[asset] ?? { symbol: asset, decimals: null };
}

function leftOut({ words }: MethodPage, rows: number, units: bigint, unit: Unit): Html {
  return html`<p class="note">${words.rowsLeftOut(count(rows), `${roundedAmount(units, unit)} ${unitName(unit, words)}`)}</p>`;
}

function sumOf(units: readonly string[]): bigint {
  return units.reduce((sum, text) => sum + BigInt(text), 0n);
}
