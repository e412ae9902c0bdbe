import { displayWidth, fitText, shortAddress, visibleText } from '../base/visible-text.ts';
import { compactAmount, exactAmount, groupDigits, percent, type Unit } from './amount.ts';
import { isStop } from './flow-columns.ts';
import {
  BAR_WIDTH,
  type Bar,
  countByColumn,
  LABEL_LINE,
  type Layout,
  labelLines,
  layOut,
  type Ribbon,
} from './flow-layout.ts';
import type { Picture, PictureNode } from './flow-merge.ts';
import { type Html, html } from './html-escape.ts';
import type { Words } from './words.ts';

export interface PictureOptions {
  /** Unique in the page: prefixes the ids of the drawing. */
  readonly id: string;
  readonly method: string;
  readonly unit: Unit;
  readonly words: Words;
}

/** The flow as inline SVG. Colours and patterns are classes of the page's style sheet; every bar and ribbon has a title. */
export function flowSvg(picture: Picture, options: PictureOptions): Html {
  const layout = layOut(picture);
  const { id, words } = options;
  const stolen = `${exactAmount(picture.stolen, options.unit)} ${options.unit.symbol}`;
  const narrowest = layout.ribbons.toSorted((a, b) => b.width - a.width);
  return html`<svg class="flow" role="img" viewBox="0 0 ${round(layout.width)} ${round(layout.height)}" aria-labelledby="${id}-title ${id}-desc" xmlns="http://www.w3.org/2000/svg">
<title id="${id}-title">${words.flow.svgTitle(stolen, options.method)}</title>
<desc id="${id}-desc">${words.flow.svgDesc(String(picture.nodes.length), String(picture.edges.length))}</desc>
<defs><pattern id="${id}-edge" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="5" height="5" class="hatch-ground"/><line x1="0" y1="0" x2="0" y2="5" class="hatch-line"/></pattern></defs>
<g class="heads">${columnHeads(picture, layout, words)}</g>
<g class="ribbons">${narrowest.map((ribbon) => ribbonPath(picture, ribbon, options))}</g>
<g class="bars">${picture.nodes.map((node, index) => barShape(node, layout.bars[index]!, options))}</g>
<g class="labels">${labels(picture, layout, options)}</g>
</svg>`;
}

function labels(picture: Picture, layout: Layout, options: PictureOptions): Html[] {
  const crowds = countByColumn(picture);
  const last = picture.columns.count - 1;
  return picture.nodes.map((node, index) => {
    const room = node.column === last ? layout.width - layout.columns[last]! - BAR_WIDTH - 4 : layout.labelRoom;
    const place = { room, crowd: crowds[node.column]!, stolen: picture.stolen };
    return barLabel(node, layout.bars[index]!, place, options);
  });
}

function columnHeads(picture: Picture, layout: Layout, words: Words): Html[] {
  const { steps, count } = picture.columns;
  return layout.columns.map((x, column) => {
    const here = picture.nodes.filter((node) => node.column === column);
    const step = steps[column];
    let text = words.flow.theft;
    if (step !== null && step !== undefined) text = words.flow.step(step.from, step.to);
    else if (column === count - 1) text = here.every((node) => isStop(node.lead)) ? words.flow.stops : words.flow.ends;
    return here.length === 0 ? html`` : html`<text x="${round(x)}" y="14">${text}</text>`;
  });
}

function ribbonPath(picture: Picture, ribbon: Ribbon, options: PictureOptions): Html {
  const { edge } = ribbon;
  const to = picture.nodes[edge.to]!;
  const title = html`<title>${nameOf(picture.nodes[edge.from]!, options)} → ${nameOf(to, options)}: ${amountText(edge.units, picture, options)}, ${edge.transfers === 0 ? options.words.flow.noTransfer : options.words.flow.transfers(groupDigits(String(edge.transfers)))}</title>`;
  if (edge.back) {
    return html`<path class="back" d="${backCurve(ribbon)}" stroke-width="${round(ribbon.width)}">${title}</path>`;
  }
  return html`<path class="r ${tone(to)}" d="${ribbonCurve(ribbon)}">${title}</path>`;
}

/** A band of constant height between two curves, column by column. */
function ribbonCurve({ points, width }: Ribbon): string {
  const first = points[0]!;
  let above = `M${round(first.x)} ${round(first.y)}`;
  let below = '';
  for (let index = 1; index < points.length; index += 1) {
    const [a, b] = [points[index - 1]!, points[index]!];
    const middle = round((a.x + b.x) / 2);
    above += `C${middle} ${round(a.y)} ${middle} ${round(b.y)} ${round(b.x)} ${round(b.y)}`;
    below = `C${middle} ${round(b.y + width)} ${middle} ${round(a.y + width)} ${round(a.x)} ${round(a.y + width)}${below}`;
  }
  const last = points.at(-1)!;
  return `${above}L${round(last.x)} ${round(last.y + width)}${below}Z`;
}

function backCurve({ points }: Ribbon): string {
  const [a, b] = [points[0]!, points[1]!];
  const reach = 46;
  return `M${round(a.x)} ${round(a.y)}C${round(a.x + reach)} ${round(a.y)} ${round(b.x - reach)} ${round(b.y)} ${round(b.x)} ${round(b.y)}`;
}

function barShape(node: PictureNode, bar: Bar, options: PictureOptions): Html {
  const held = bar.heldHeight;
  const shape = (y: number, height: number, fill: Html): Html =>
    html`<rect x="${round(bar.x)}" y="${round(y)}" width="${BAR_WIDTH}" height="${round(height)}"${fill}/>`;
  const through = bar.height - held;
  const rest =
    held > 0
      ? shape(
          bar.y + through,
          held,
          node.edgeOfData ? html` fill="url(#${options.id}-edge)" class="held"` : html` class="held solid"`,
        )
      : html``;
  const body = through > 0.2 ? shape(bar.y, through, html` class="b ${tone(node)}"`) : html``;
  return html`<g>${body}${rest}<title>${barTitle(node, options)}</title></g>`;
}

function barTitle(node: PictureNode, options: PictureOptions): string {
  const { words, unit } = options;
  const amount = (units: bigint): string => `${exactAmount(units, unit)} ${visibleText(unit.symbol)}`;
  const lines = [nameOf(node, options)];
  if (node.form !== 'one') lines.push(words.flow.members(groupDigits(String(node.members))));
  else if (node.lead.chain !== '') lines.push(`${node.lead.address} (${node.lead.chain})`);
  if (node.inUnits > 0n) lines.push(`${words.flow.in}: ${amount(node.inUnits)}`);
  if (node.outUnits > 0n) lines.push(`${words.flow.out}: ${amount(node.outUnits)}`);
  if (node.heldUnits > 0n)
    lines.push(`${words.flow.held}: ${amount(node.heldUnits)}${node.edgeOfData ? ` [${words.edge}]` : ''}`);
  if (isStop(node.lead)) lines.push(node.recoverable ? words.askable : words.notAskable);
  return lines.join('\n');
}

/** Mean width of a character of the label's font, in pixels. */
const CHARACTER = 5.9;
/** A short address is never cut. */
const LEAST_NAME = 12;

function barLabel(node: PictureNode, bar: Bar, place: LabelPlace, options: PictureOptions): Html {
  const x = round(bar.x + BAR_WIDTH + 4);
  const room = Math.floor(place.room / CHARACTER);
  const name = labelName(node, options);
  const figures = figuresOf(place.stolen, node, options);
  const title = html`<title>${barTitle(node, options)}</title>`;
  if (labelLines(place.crowd, bar.height) === 1) {
    const least = node.form === 'one' ? Math.min(displayWidth(name), LEAST_NAME) : displayWidth(name);
    const figure = figures.find((text) => displayWidth(text) + 1 + least <= room) ?? '';
    const short = fitText(name, Math.max(least, room - displayWidth(figure) - 1), '…');
    return html`<text x="${x}" y="${round(bar.middle + 4)}">${short} <tspan class="figure">${figure}</tspan>${title}</text>`;
  }
  const y = bar.middle - LABEL_LINE / 2 + 4;
  const figure = figures.find((text) => displayWidth(text) <= room) ?? '';
  return html`<text x="${x}" y="${round(y)}">${fitText(name, room, '…')}<tspan class="figure" x="${x}" dy="${LABEL_LINE}">${figure}</tspan>${title}</text>`;
}

interface LabelPlace {
  readonly room: number;
  readonly crowd: number;
  readonly stolen: bigint;
}

/** What a label says of amounts, the longest first. */
function figuresOf(stolen: bigint, node: PictureNode, { unit, words }: PictureOptions): string[] {
  const through = node.inUnits > node.outUnits + node.heldUnits ? node.inUnits : node.outUnits + node.heldUnits;
  const bare = compactAmount(through, unit);
  const total = `${bare} ${visibleText(unit.symbol)}`;
  if (isStop(node.lead)) return [`${total}, ${percent(through, stolen)}`, total, bare];
  if (node.heldUnits === 0n) return [total, bare];
  const held = compactAmount(node.heldUnits, unit);
  const holds = node.edgeOfData ? words.flow.holdsEdge(held) : words.flow.holds(held);
  return node.outUnits === 0n ? [holds, held] : [`${total}, ${holds}`, total, bare];
}

function labelName(node: PictureNode, { words }: PictureOptions): string {
  const { lead } = node;
  const members = groupDigits(String(node.members));
  if (lead.kind === 'theft') return words.flow.theftEnters;
  if (lead.kind === 'link') return words.flow.linked;
  if (node.form === 'run') return words.flow.run(members);
  if (node.form === 'more') return words.flow.more(members, words.flow.kindsMany[lead.kind] ?? lead.kind);
  const kind = words.flow.kinds[lead.kind] ?? lead.kind;
  if (lead.name === null) return isStop(lead) ? `${kind} ${shortAddress(lead.address)}` : shortAddress(lead.address);
  return isStop(lead)
    ? `${visibleText(lead.name)} (${kind})`
    : `${shortAddress(lead.address)} ${visibleText(lead.name)}`;
}

/** A node in words, in full. */
export function nameOf(node: PictureNode, options: PictureOptions): string {
  if (node.form !== 'one' || node.lead.chain === '') return labelName(node, options);
  return node.lead.name === null ? node.lead.address : `${node.lead.name} ${node.lead.address}`;
}

function amountText(units: bigint, picture: Picture, { unit }: PictureOptions): string {
  return `${exactAmount(units, unit)} ${visibleText(unit.symbol)} (${percent(units, picture.stolen)})`;
}

/** Class that gives the colour: what can be asked, what cannot, what is open, what is only on the way. */
export function tone(node: PictureNode): string {
  const { kind, recoverable } = node.lead;
  if (kind === 'theft') return 'theft';
  if (recoverable) return kind === 'suspectedService' ? 'suspect' : 'ask';
  if (kind === 'mixer') return 'mixer';
  if (kind === 'bridge' || kind === 'link') return 'bridge';
  if (kind === 'suspectedService') return 'suspect';
  if (kind === 'address' || kind === 'hopLimit') return node.heldUnits > 0n && node.outUnits === 0n ? 'end' : 'way';
  return 'final';
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
