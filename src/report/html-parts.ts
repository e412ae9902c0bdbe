import { formatAmount } from '../base/money.ts';
import { visibleText } from '../base/visible-text.ts';
import { displayTime, exactAmount, groupDigits, type Unit } from './amount.ts';
import { type Html, type HtmlPart, html } from './html-escape.ts';
import type { Words } from './words.ts';

/** Digits after the point that are printed large; the rest follows small, so that an exact column stays readable. */
const LARGE_DIGITS = 4;

export interface Column {
  readonly head: string;
  /** `n`: a number, to the right; `a`: an address or hash; `t`: a time. */
  readonly kind?: 'n' | 'a' | 't';
}

/** A table with a caption for those who do not see it; the first cell of each row is its header. */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly HtmlPart[])[]): Html {
  const heads = columns.map((column) => html`<th scope="col"${kindClass(column)}>${column.head}</th>`);
  const body = rows.map(
    (cells) => html`<tr>${cells.map((cell, index) => tableCell(cell, index, columns[index]!))}</tr>\n`,
  );
  return html`<div class="scroll"><table><caption>${caption}</caption><thead><tr>${heads}</tr></thead><tbody>
${body}</tbody></table></div>`;
}

function kindClass(column: Column): Html {
  return column.kind === undefined ? html`` : html` class="${column.kind}"`;
}

function tableCell(cell: HtmlPart, index: number, column: Column): Html {
  return index === 0
    ? html`<th scope="row"${kindClass(column)}>${cell}</th>`
    : html`<td${kindClass(column)}>${cell}</td>`;
}

/** Every digit of an amount: the first four after the point large, the others small. */
export function exactDigits(units: bigint, unit: Unit): Html {
  const decimals = unit.decimals ?? 0;
  if (decimals <= LARGE_DIGITS) return html`<span class="x">${exactAmount(units, unit)}</span>`;
  const tail = decimals > 12 ? 'w' : 'v';
  if (units === 0n) return html`<span class="x">0<small class="${tail}"></small></span>`;
  const [whole = '', fraction = ''] = formatAmount(units, decimals).split('.');
  const large = `${groupDigits(whole)}.${fraction.slice(0, LARGE_DIGITS).padEnd(LARGE_DIGITS, '0')}`;
  return html`<span class="x">${large}<small class="${tail}">${fraction.slice(LARGE_DIGITS)}</small></span>`;
}

/** Symbol of a unit, or that amounts are in its base units. */
export function unitName(unit: Unit, words: Words): string {
  return unit.decimals === null ? words.baseUnits(visibleText(unit.symbol)) : visibleText(unit.symbol);
}

export function timeText(iso: string): string {
  return displayTime(iso).replace(' UTC', '');
}

export function count(value: number): string {
  return groupDigits(String(value));
}

/** An id for anchors and radio buttons, from any text. */
export function slug(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9-]+/g, '-');
}

/** A name from outside, kept apart from the direction of the text around it. */
export function outside(text: string): Html {
  return html`<bdi>${text}</bdi>`;
}

export function section(id: string, heading: string, ...parts: readonly HtmlPart[]): Html {
  return html`<section id="${id}"><h2>${heading}</h2>\n${parts}</section>\n`;
}
