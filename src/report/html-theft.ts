import type { TouchedRow, TraceResult } from '../trace/result.ts';
import { displayTime, exactAmount, percent, ratio, roundedAmount } from './amount.ts';
import { bucketNames, comparePlaces, compareServices, type NamedMethod, outcomeOf } from './compare.ts';
import { arrangeColumns } from './flow-columns.ts';
import { buildFlow, type Flow, type FlowFacts, type PlaceNames } from './flow-graph.ts';
import { mergeFlow, type Picture } from './flow-merge.ts';
import { flowSvg, nameOf, type PictureOptions } from './flow-picture.ts';
import { type Html, type HtmlPart, html } from './html-escape.ts';
import { bucketTable, type MethodPage, placesHtml, reachHtml, servicesHtml, shortagesHtml } from './html-method.ts';
import { type Column, count, exactDigits, outside, section, slug, table, timeText, unitName } from './html-parts.ts';
import { summaryHtml } from './html-summary.ts';

export interface TheftPage extends MethodPage {
  readonly result: TraceResult;
  /** Rows of this theft by method, in the order of the trace. */
  readonly rows: ReadonlyMap<string, readonly TouchedRow[]>;
  readonly names: PlaceNames;
  /** What the evidence says beside the result; left out where only the result is at hand. */
  readonly facts: FlowFacts | undefined;
  /** Prefix of every id of this theft. */
  readonly id: string;
}

/** One theft of the case, whole: chunks of markup in the order of the page. */
export function* theftHtml(page: TheftPage): Generator<Html> {
  const { id, view, words } = page;
  const part = (name: string): string => `${id}-${name}`;
  yield section(part('summary'), words.headings.summary, summaryHtml(page.result, view, words), factsHtml(page));
  if (view.methods.length > 0) {
    yield section(part('methods'), words.headings.methods, sideBySide(page));
    yield section(part('call'), words.headings.callFirst, callFirst(page));
    yield html`<section id="${part('flow')}"><h2>${words.headings.flow}</h2>\n`;
    yield* tabs(page);
    yield html`</section>\n`;
  }
  if (view.poison !== null) yield section(part('reach'), words.headings.reach, reachHtml(page, view.poison));
}

function factsHtml({ view, words }: TheftPage): Html {
  const { theft, unit } = view;
  const kinds = words.facts.seedKinds;
  const seeds = (theft.seeds ?? []).map(
    (seed) =>
      html`<dt>${words.facts.where}</dt><dd><code>${seed.address}</code> (${seed.chain}), ${timeText(seed.time)} UTC; ${kinds[seed.kind] ?? seed.kind}</dd>`,
  );
  const sources = theft.sources.map((source) => html`<li>${outside(source)}</li>`);
  return html`<dl class="facts"><dt>${words.facts.stolen}</dt><dd>${exactAmount(BigInt(theft.stolen), unit)} ${unitName(unit, words)} <span class="small">(${theft.stolen} ${words.baseUnits(unit.symbol)})</span></dd>
<dt>${words.columns.asset}</dt><dd><code>${theft.asset}</code></dd>
<dt>${words.facts.when}</dt><dd>${displayTime(theft.time)}</dd>${seeds}</dl>
${sources.length === 0 ? null : html`<p class="small">${words.headings.theftSources}:</p><ul class="small">${sources}</ul>`}`;
}

/** Parts of the bar of one method: what can be asked for first, what is lost last. */
const PARTS = ['askable', 'inFlight', 'heldOpen', 'heldEdge', 'otherStops', 'lost', 'senior'] as const;
type Part = (typeof PARTS)[number];
const TONES: Readonly<Record<Part, string>> = {
  askable: 'ask',
  inFlight: 'bridge',
  heldOpen: 'end',
  heldEdge: 'edge',
  otherStops: 'mixer',
  lost: 'lost',
  senior: 'low',
};

function partsOf(method: NamedMethod): Record<Part, bigint> {
  const outcome = outcomeOf(method.result);
  const bucket = (name: string): bigint => outcome.buckets.get(name) ?? 0n;
  return {
    askable: outcome.askable,
    inFlight: bucket('inFlight'),
    heldOpen: bucket('held') - outcome.heldAtEdge,
    heldEdge: outcome.heldAtEdge,
    otherStops: outcome.otherStops,
    lost: bucket('fee') + bucket('leak') + bucket('belowThreshold'),
    senior: bucket('senior'),
  };
}

const MIX = { left: 150, width: 900, row: 30, bar: 20 } as const;

function sideBySide(page: TheftPage): Html {
  const { view, words, id } = page;
  const height = view.methods.length * MIX.row + 4;
  const bars = view.methods.map((method, index) => mixBar(page, method, index * MIX.row + 4));
  const used = PARTS.filter((part) => view.methods.some((method) => partsOf(method)[part] > 0n));
  const key = used.map(
    (part) =>
      html`<li><svg viewBox="0 0 20 12" aria-hidden="true"><rect width="20" height="12" ${fill(part, id)}/></svg>${words.mix[part]}</li>`,
  );
  const buckets = bucketNames(view);
  const columns: Column[] = [{ head: words.columns.bucket }, ...methodColumns(page)];
  const rows = buckets.map((bucket): HtmlPart[] => [
    words.buckets[bucket]?.name ?? bucket,
    ...view.methods.map((method) => amountCell(page, BigInt(method.result.buckets?.[bucket] ?? '0'))),
  ]);
  return html`<svg class="mix" role="img" aria-labelledby="${id}-mix" viewBox="0 0 ${MIX.left + MIX.width} ${height}"><title id="${id}-mix">${words.headings.methods}</title><defs><pattern id="${id}-mix-edge" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" class="hatch-ground"/><line y2="6" class="hatch-line"/></pattern></defs>${bars}</svg>
<ul class="key">${key}</ul>
${table(words.headings.methods, columns, rows)}
${placesSideBySide(page)}
<p class="small">${words.roundedNote}</p>`;
}

const MOST_COMPARED = 15;

function placesSideBySide(page: TheftPage): Html | null {
  const { view, words } = page;
  const places = comparePlaces(view);
  if (places.length === 0 || view.methods.length < 2) return null;
  const heading = words.comparedPlaces(count(Math.min(MOST_COMPARED, places.length)), count(places.length));
  const columns: Column[] = [
    { head: words.columns.address, kind: 'a' },
    { head: words.columns.label },
    ...methodColumns(page),
  ];
  const rows = places
    .slice(0, MOST_COMPARED)
    .map(({ place, units }): HtmlPart[] => [
      html`${place.outpoint ?? place.address} <span class="chain">${place.chain}</span>`,
      place.label === null ? '' : outside(place.label),
      ...units.map((amount) => amountCell(page, amount)),
    ]);
  return html`<h3>${heading}</h3>${table(heading, columns, rows)}`;
}

/** By their short names: seven of them stand side by side. */
function methodColumns({ view }: TheftPage): Column[] {
  return view.methods.map((method) => ({ head: method.name, kind: 'n' }));
}

/** A rounded amount with its share; the exact one when pointed at. */
function amountCell({ view, words }: TheftPage, units: bigint): HtmlPart {
  if (units === 0n) return '–';
  const exact = `${exactAmount(units, view.unit)} ${unitName(view.unit, words)}`;
  const share = percent(units, BigInt(view.theft.stolen));
  return html`<span title="${exact}">${roundedAmount(units, view.unit)}</span><br><span class="small">${share}</span>`;
}

function fill(part: Part, id: string): Html {
  return part === 'heldEdge' ? html`fill="url(#${id}-mix-edge)" class="held"` : html`class="${TONES[part]}"`;
}

function mixBar({ view, words, id }: TheftPage, method: NamedMethod, y: number): Html {
  const stolen = BigInt(method.result.stolen);
  const parts = partsOf(method);
  let x: number = MIX.left;
  const rects = PARTS.filter((part) => parts[part] > 0n).map((part) => {
    const width = ratio(parts[part], stolen) * MIX.width;
    const at = x;
    x += width;
    const share = percent(parts[part], stolen);
    const title = `${words.mix[part]}: ${exactAmount(parts[part], view.unit)} ${unitName(view.unit, words)} (${share})`;
    const text =
      width > 52
        ? html`<text class="${part === 'heldEdge' ? 'above' : 'inside'}" x="${Math.round(at + 5)}" y="${y + 14}">${share}</text>`
        : null;
    return html`<g><rect x="${at.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${MIX.bar}" ${fill(part, id)}/>${text}<title>${title}</title></g>`;
  });
  const name = words.methods[method.name]?.name ?? method.name;
  return html`<text x="0" y="${y + 14}">${name}</text>${rects}`;
}

function callFirst(page: TheftPage): Html {
  const { view, words } = page;
  const rows = compareServices(view);
  if (rows.length === 0) return html`<p>${words.noServices}</p>`;
  const columns: Column[] = [
    { head: words.columns.service },
    { head: words.columns.recoverable },
    { head: words.columns.address, kind: 'a' },
    { head: words.columns.firstLast, kind: 't' },
    { head: words.columns.transfers, kind: 'n' },
    ...methodColumns(page),
  ];
  const cells = rows.map(({ service, units }): HtmlPart[] => [
    html`<b>${outside(service.name ?? words.noName)}</b><br><span class="kind">${words.flow.kinds[service.stop] ?? service.stop}, ${service.category}</span>`,
    service.recoverable ? html`<span class="yes">${words.yes}</span>` : words.no,
    html`${service.address} <span class="chain">${service.chain}</span>`,
    html`${timeText(service.firstTime)}<br>${timeText(service.lastTime)}`,
    service.transfers.length,
    ...units.map((amount) => amountCell(page, amount)),
  ]);
  return html`<p class="small">${words.callNote} ${words.columns.units}: ${unitName(view.unit, words)}.</p>${table(words.headings.callFirst, columns, cells)}`;
}

function* tabs(page: TheftPage): Generator<Html> {
  const { view, words, id } = page;
  const ids = view.methods.map((method) => `${id}-${slug(method.name)}`);
  const title = (method: NamedMethod): string => words.methods[method.name]?.name ?? method.name;
  yield html`<p class="small">${words.whyFirst(title(view.methods[0]!))}</p><div class="tabs" role="group" aria-label="${words.tabs}">\n`;
  for (const [index, tab] of ids.entries()) {
    yield html`<input type="radio" name="${id}-method" id="${tab}"${index === 0 ? html` checked` : null} aria-label="${title(view.methods[index]!)}">`;
  }
  yield html`<div class="names">${ids.map((tab, index) => html`<label for="${tab}">${title(view.methods[index]!)}</label>`)}</div>\n`;
  for (const [index, method] of view.methods.entries()) {
    yield html`<section>`;
    yield* methodPanel(page, method, ids[index]!);
    yield html`</section>\n`;
  }
  yield html`</div>\n`;
}

function* methodPanel(page: TheftPage, method: NamedMethod, id: string): Generator<Html> {
  const { view, words } = page;
  const known = words.methods[method.name];
  const others = view.methods
    .filter((other) => other !== method)
    .map((other) => words.methods[other.name]?.name ?? other.name);
  const name = known?.name ?? method.name;
  yield html`<p><b>${name}</b>, ${words.version(method.result.version)}. ${known?.rule ?? null} <span class="small">${known?.source ?? null}</span></p>`;
  if (others.length > 0) yield html`<p class="printonly note">${words.printNote(name, others.join(', '))}</p>`;
  yield flowHtml(page, method, id);
  yield html`<h3>${words.headings.buckets}</h3>${bucketTable(page, method)}`;
  yield html`<h3>${words.headings.services}</h3>${servicesHtml(page, method)}`;
  yield html`<h3>${words.headings.places}</h3>${placesHtml(page, method)}`;
  yield html`<h3>${words.headings.shortages}</h3>${shortagesHtml(page, method)}`;
}

function flowHtml(page: TheftPage, method: NamedMethod, id: string): Html {
  const { view, words } = page;
  const rows = page.rows.get(method.name) ?? [];
  const facts = page.facts === undefined ? null : { facts: page.facts, method: method.name };
  const flow = buildFlow(view.theft, method.result, rows, page.names, facts);
  if (flow.edges.length === 0 || (rows.length === 0 && method.result.places.length === 0))
    return html`<p>${words.flow.nothing}</p>`;
  const picture = mergeFlow(flow, arrangeColumns(flow));
  const unit = { symbol: unitName(view.unit, words), decimals: view.unit.decimals };
  const options: PictureOptions = { id, method: words.methods[method.name]?.name ?? method.name, unit, words };
  return html`<div class="flowpage"><div class="flowbox">${flowSvg(picture, options)}</div>
${legend(picture, options)}${notDrawn(page, method, flow, picture)}</div>${pictureTable(picture, options)}`;
}

const LEGEND: readonly (readonly [tone: string, kind: string])[] = [
  ['way', 'address'],
  ['ask', 'service'],
  ['suspect', 'suspectedService'],
  ['mixer', 'mixer'],
  ['bridge', 'bridge'],
  ['final', 'burn'],
];

function legend(picture: Picture, { id, words }: PictureOptions): Html {
  const swatch = (shape: Html, text: string): Html =>
    html`<li><svg viewBox="0 0 20 12" aria-hidden="true">${shape}</svg>${text}</li>`;
  const kinds = LEGEND.filter(([, kind]) => picture.nodes.some((node) => node.lead.kind === kind)).map(([tone, kind]) =>
    swatch(html`<rect width="20" height="12" class="${tone}"/>`, words.flow.kinds[kind]!),
  );
  const held = picture.nodes.some((node) => node.heldUnits > 0n && !node.edgeOfData);
  const edge = picture.nodes.some((node) => node.edgeOfData);
  const back = picture.edges.some((one) => one.back);
  return html`<p class="small">${words.flow.legend}</p><ul class="key">${kinds}
${held ? swatch(html`<rect width="20" height="12" class="held solid"/>`, words.flow.legendHeld) : null}
${edge ? swatch(html`<rect width="20" height="12" fill="url(#${id}-edge)" class="held"/>`, words.flow.legendEdge) : null}
${back ? swatch(html`<path d="M0 6H20" class="back" stroke-width="3"/>`, words.flow.legendBack) : null}</ul>`;
}

/** Nothing is left out in silence: what the picture merges, omits or cannot place is counted here. */
function notDrawn({ view, words }: TheftPage, method: NamedMethod, flow: Flow, picture: Picture): Html | null {
  const amount = (units: bigint): string => `${roundedAmount(units, view.unit)} ${unitName(view.unit, words)}`;
  const transfers = (number: number): string => words.flow.transfers(count(number));
  const { merged, inner, thin } = picture;
  const lines: string[] = [];
  if (merged.members > 0) lines.push(words.flow.merged(count(merged.members), count(merged.nodes)));
  if (inner.transfers > 0) lines.push(words.flow.inner(transfers(inner.transfers), amount(inner.units)));
  if (thin.ribbons > 0) lines.push(words.flow.thin(count(thin.ribbons), transfers(thin.transfers), amount(thin.units)));
  if (flow.selfTransfers > 0) lines.push(words.flow.self(transfers(flow.selfTransfers)));
  const { buckets } = outcomeOf(method.result);
  for (const bucket of ['fee', 'belowThreshold', 'senior']) {
    const units = buckets.get(bucket) ?? 0n;
    if (units > 0n) lines.push(words.flow.other(words.buckets[bucket]!.name, amount(units)));
  }
  if (lines.length === 0) return null;
  return html`<p class="small">${words.flow.notDrawn}</p><ul class="small">${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
}

function pictureTable(picture: Picture, options: PictureOptions): Html {
  const { words, unit } = options;
  const columns: Column[] = [
    { head: words.columns.from },
    { head: words.columns.to },
    { head: `${words.columns.amount} (${unit.symbol})`, kind: 'n' },
    { head: words.columns.share, kind: 'n' },
    { head: words.columns.transfers, kind: 'n' },
    { head: words.columns.firstLast, kind: 't' },
  ];
  const time = (seconds: number): string => timeText(new Date(seconds * 1000).toISOString());
  const rows = picture.edges.map((edge): HtmlPart[] => [
    outside(nameOf(picture.nodes[edge.from]!, options)),
    outside(nameOf(picture.nodes[edge.to]!, options)),
    exactDigits(edge.units, unit),
    percent(edge.units, picture.stolen),
    edge.transfers === 0 ? words.flow.noTransfer : count(edge.transfers),
    html`${edge.first === 0 ? words.none : `${time(edge.first)} – ${time(edge.last)}`}${edge.back ? html` <span class="kind">${words.flow.back}</span>` : null}`,
  ]);
  const heading = words.flow.asTable(count(picture.edges.length));
  return html`<details><summary>${heading}</summary>${table(heading, columns, rows)}</details>`;
}
