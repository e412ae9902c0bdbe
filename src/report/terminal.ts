import { displayWidth, fitText, visibleText } from '../base/visible-text.ts';
import type { PlaceResult, TraceResult } from '../trace/result.ts';
import { displayTime, exactAmount, groupDigits, percent, roundedAmount } from './amount.ts';
import {
  bucketNames,
  type ComparedService,
  compareServices,
  countAddresses,
  type NamedMethod,
  outcomeOf,
  shareRange,
  type TheftView,
  viewTheft,
} from './compare.ts';
import { ENGLISH, type Words } from './words.ts';

export interface TerminalOptions {
  /** Columns; 80 at least. */
  readonly width: number;
  readonly color: boolean;
}

const MOST_SERVICES = 15;
const MOST_PLACES = 10;
const MOST_WARNINGS = 20;

/** What a responder reads first: what was stolen, where it is by each method, and whom to call. Ends in a line feed. */
export function summaryText(result: TraceResult, options: TerminalOptions, words: Words = ENGLISH): string {
  const page = new Page(options, words);
  const thefts = [result, ...result.furtherThefts];
  if (result.context.simulated) page.alarm(words.simulated);
  for (const [index, theft] of thefts.entries()) {
    if (thefts.length > 1) page.heading(words.terminal.theft(index + 1, thefts.length));
    writeTheft(page, result, viewTheft(theft), index === 0);
  }
  writeSignatures(page, result);
  writeWarnings(page, result);
  page.line('');
  page.wrapped(words.roundedTerminal, '');
  if (result.context.simulated) page.alarm(words.simulated);
  return page.text();
}

function writeTheft(page: Page, result: TraceResult, view: TheftView, first: boolean): void {
  writeFacts(page, result, view);
  if (first) writeData(page, result);
  const [lead] = view.methods;
  if (lead !== undefined) {
    writeSideBySide(page, view);
    for (const methods of groupEqual(view.methods)) writeBuckets(page, view, methods);
    writeServices(page, view);
    writePlaces(page, result, view, lead);
    writeShortages(page, lead);
  }
  const { poison } = view;
  if (poison !== null) {
    const places = page.words.summary.places(countAddresses(poison.result.places));
    page.line('');
    page.wrapped(page.words.terminal.poison(places), '');
  }
}

function writeFacts(page: Page, result: TraceResult, view: TheftView): void {
  const { words } = page;
  const { theft } = view;
  page.wrapped(theft.title, '', '1');
  page.fact(words.facts.case, result.case);
  page.fact(words.facts.stolen, `${exactAmount(BigInt(theft.stolen), view.unit)} ${unitName(view, words)}`);
  if (theft.time !== '') page.fact(words.facts.when, page.time(theft.time));
  for (const seed of theft.seeds ?? []) page.fact(words.facts.where, `${seed.address} (${seed.chain})`);
}

function writeData(page: Page, { context }: TraceResult): void {
  const { words } = page;
  const { dataFrom, dataUntil } = context;
  const data =
    dataFrom === null || dataUntil === null
      ? words.facts.noData
      : words.facts.dataLine(count(context.transfersUsed), page.time(dataFrom), page.time(dataUntil));
  page.fact(words.facts.data, data);
  page.fact('', words.facts.labels(count(context.labelsUsed)));
}

function writeSideBySide(page: Page, view: TheftView): void {
  const { words } = page;
  const names = words.terminal.abbreviations;
  const buckets = bucketNames(view);
  page.heading(words.terminal.methodsHeading);
  const cell = (text: string): string => text.padStart(9);
  page.line(
    `  ${words.columns.method.padEnd(12)}${buckets.map((name) => cell(names[name] ?? fitText(name, 8))).join('')}`,
  );
  for (const { name, result } of view.methods) {
    const stolen = BigInt(result.stolen);
    const shares = buckets.map((bucket) => cell(share(result.buckets?.[bucket] ?? '0', stolen)));
    page.line(`  ${fitText(page.clean(name), 12, '~').padEnd(12)}${shares.join('')}`);
  }
  if (view.methods.length > 1) {
    const agree = groupEqual(view.methods).length === 1;
    page.wrapped(agree ? words.terminal.methodsAgree : words.terminal.methodsDiffer, '  ');
  }
}

function share(units: string, stolen: bigint): string {
  return BigInt(units) === 0n ? '-' : percent(BigInt(units), stolen).replace(' %', '');
}

/** Methods that say the same of every bucket are printed as one table. */
function groupEqual(methods: readonly NamedMethod[]): NamedMethod[][] {
  const groups = new Map<string, NamedMethod[]>();
  for (const method of methods) {
    const { askable, heldAtEdge, stolen } = outcomeOf(method.result);
    const key = JSON.stringify([
      Object.entries(method.result.buckets ?? {}).sort(),
      method.result.notes,
      `${askable} ${heldAtEdge} ${stolen}`,
    ]);
    groups.set(key, [...(groups.get(key) ?? []), method]);
  }
  return [...groups.values()];
}

function writeBuckets(page: Page, view: TheftView, methods: readonly NamedMethod[]): void {
  const { words } = page;
  const method = methods[0]!;
  const outcome = outcomeOf(method.result);
  const known = bucketNames(view).map((name) => [words.buckets[name]?.name ?? page.clean(name), name] as const);
  const used = known.filter(([, name]) => (outcome.buckets.get(name) ?? 0n) > 0n);
  const lines = used.map(([label, name]): [string, bigint] => [label, outcome.buckets.get(name)!]);
  if (outcome.askable > 0n) lines.push([`  ${words.askable}`, outcome.askable]);
  if (outcome.heldAtEdge > 0n) lines.push([`  ${words.split.heldEdge}`, outcome.heldAtEdge]);
  const order = (label: string): number => lines.findIndex(([name]) => name === label);
  const sub = (label: string, after: string): void => {
    const [line] = lines.splice(order(label), 1);
    lines.splice(order(after) + 1, 0, line!);
  };
  if (outcome.askable > 0n) sub(`  ${words.askable}`, words.buckets.absorbed!.name);
  if (outcome.heldAtEdge > 0n) sub(`  ${words.split.heldEdge}`, words.buckets.held!.name);
  page.heading(methods.map(({ name, result }) => `${page.clean(name)} (${words.version(result.version)})`).join(', '));
  const name = unitName(view, words);
  const amounts = alignPoint(
    [...lines.map(([, units]) => units), outcome.sum].map((units) => exactAmount(units, view.unit)),
  );
  const row = (label: string, index: number, units: bigint): string =>
    `  ${padEnd(label, 32)}${amounts[index]} ${name}`.padEnd(Math.min(page.width - 10, 68)) +
    percent(units, outcome.stolen).padStart(9);
  for (const [index, [label, units]] of lines.entries()) page.line(row(label, index, units));
  page.line(page.bold(row(words.sum, lines.length, outcome.sum)));
  const zero = known.filter(([, bucket]) => (outcome.buckets.get(bucket) ?? 0n) === 0n).map(([label]) => label);
  if (zero.length > 0) page.wrapped(words.terminal.zero(zero.join(', ')), '  ', '2');
  if (outcome.sum !== outcome.stolen) {
    page.alarm(words.notConserved(exactAmount(outcome.sum, view.unit), exactAmount(outcome.stolen, view.unit)));
  }
  for (const [note, times] of Object.entries(method.result.notes)) {
    if (times > 0) page.wrapped(words.notesLine(count(times), words.notes[note] ?? page.clean(note)), '  ');
  }
}

function writeServices(page: Page, view: TheftView): void {
  const { words } = page;
  const rows = compareServices(view);
  page.heading(`${words.terminal.callHeading} (${words.terminal.by(view.methods[0]!.name)})`);
  if (rows.length === 0) page.line(`  ${words.noServices}`);
  for (const [index, row] of rows.slice(0, MOST_SERVICES).entries()) writeService(page, view, row, index + 1);
  if (rows.length > MOST_SERVICES) page.line(`  ${words.terminal.more(count(rows.length - MOST_SERVICES))}`);
}

function writeService(page: Page, view: TheftView, row: ComparedService, number: number): void {
  const { words } = page;
  const { service, units } = row;
  const stolen = BigInt(view.theft.stolen);
  const amount = `${roundedAmount(units[0]!, view.unit)} ${unitName(view, words)} ${percent(units[0]!, stolen).padStart(8)}`;
  const kind = words.flow.kinds[service.stop] ?? service.stop;
  const name =
    service.name === null ? words.suspected : `${page.clean(service.name)} (${page.clean(service.category)})`;
  const label = `${String(number).padStart(2)}. ${fitText(service.name === null && service.stop !== 'suspectedService' ? kind : name, page.width - displayWidth(amount) - 8)}`;
  page.line(`${page.bold(padEnd(label, page.width - displayWidth(amount) - 2))}  ${amount}`);
  page.wrapped(`${service.address} ${service.chain}`, '    ');
  const asked = service.recoverable ? page.green(words.askable) : words.notAskable;
  const transfers = words.flow.transfers(count(service.transfers.length));
  page.line(`    ${asked}; ${transfers}; ${page.time(service.firstTime)} – ${page.time(service.lastTime)}`);
  const range = shareRange(units.slice(1), stolen);
  if (range !== null) page.line(`    ${words.terminal.others(words.summary.range(...range))}`);
}

function writePlaces(page: Page, result: TraceResult, view: TheftView, lead: NamedMethod): void {
  const { words } = page;
  const { places } = lead.result;
  page.heading(`${words.terminal.placesHeading} (${words.terminal.by(lead.name)})`);
  if (places.length === 0) page.line(`  ${words.noPlaces}`);
  const shown = places.slice(0, MOST_PLACES);
  const amounts = alignPoint(shown.map((place) => roundedAmount(BigInt(place.sourceUnits), view.unit)));
  for (const [index, place] of shown.entries()) {
    writePlace(page, result, view, place, amounts[index]!);
    writeOtherMethods(page, view, place);
  }
  if (places.length > MOST_PLACES) page.line(`  ${words.terminal.more(count(places.length - MOST_PLACES))}`);
  if (shown.some((place) => place.edgeOfData)) page.wrapped(`[${words.edge}] ${words.edgeExplained}`, '  ');
}

function writePlace(page: Page, result: TraceResult, view: TheftView, place: PlaceResult, amount: string): void {
  const { words } = page;
  const mark = place.edgeOfData ? words.edgeMark : '';
  const units = `${amount} ${unitName(view, words)}`;
  const part = percent(BigInt(place.sourceUnits), BigInt(view.theft.stolen)).padStart(8);
  const asset = result.context.assets[place.asset];
  const held =
    place.asset === view.theft.asset || asset === undefined
      ? ''
      : ` = ${roundedAmount(BigInt(place.amount), asset)} ${page.clean(asset.symbol)}`;
  page.wrapped(`${place.outpoint ?? place.address} ${place.chain}`, '  ');
  const label = place.label === null ? '' : `  ${page.clean(place.label)}`;
  const figures = `${units}${held} ${part}  ${mark.padEnd(6)}`;
  page.line(fitText(`    ${figures}  ${words.terminal.last} ${page.time(place.lastArrival)}${label}`, page.width));
}

/** What the other methods say of a place, where they differ from the one shown. */
function writeOtherMethods(page: Page, view: TheftView, place: PlaceResult): void {
  const same = (other: PlaceResult): boolean =>
    other.address === place.address &&
    other.chain === place.chain &&
    other.asset === place.asset &&
    other.outpoint === place.outpoint;
  const units = view.methods.slice(1).map((method) => BigInt(method.result.places.find(same)?.sourceUnits ?? '0'));
  const range = shareRange(units, BigInt(view.theft.stolen));
  if (range === null || units.every((value) => value === BigInt(place.sourceUnits))) return;
  page.line(`    ${page.words.terminal.others(page.words.summary.range(...range))}`);
}

function writeShortages(page: Page, lead: NamedMethod): void {
  const { shortages } = lead.result;
  if (shortages.length === 0) return;
  const addresses = new Set(shortages.map((shortage) => shortage.address)).size;
  page.heading(page.words.terminal.shortagesHeading);
  page.wrapped(page.words.terminal.shortages(count(shortages.length), page.words.summary.places(addresses)), '  ');
}

function writeSignatures(page: Page, result: TraceResult): void {
  const { signatures } = result.context;
  if (signatures.length === 0) return;
  page.heading(page.words.terminal.signaturesHeading);
  for (const signature of signatures) {
    page.wrapped(`${signature.name}: ${signature.summary}`, `  ${page.clean(signature.id)} `);
    const when = page.words.summary.range(page.time(signature.firstTime), page.time(signature.lastTime));
    page.wrapped(page.words.terminal.seen(when), '     ');
  }
}

function writeWarnings(page: Page, result: TraceResult): void {
  const { warnings } = result.context;
  if (warnings.length === 0) return;
  page.heading(page.words.terminal.warningsHeading);
  for (const warning of warnings.slice(0, MOST_WARNINGS)) page.wrapped(warning, '  ! ');
  if (warnings.length > MOST_WARNINGS)
    page.line(`  ${page.words.terminal.more(count(warnings.length - MOST_WARNINGS))}`);
}

function unitName(view: TheftView, words: Words): string {
  const symbol = visibleText(view.unit.symbol);
  return view.unit.decimals === null ? words.baseUnits(symbol) : symbol;
}

function count(value: number): string {
  return groupDigits(String(value));
}

function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** Pads so that the decimal points stand one under the other. */
function alignPoint(amounts: readonly string[]): string[] {
  const whole = (text: string): number => text.split('.')[0]!.length;
  const fraction = (text: string): number => text.length - whole(text);
  const left = Math.max(0, ...amounts.map(whole));
  const right = Math.max(0, ...amounts.map(fraction));
  return amounts.map((text) => ' '.repeat(left - whole(text)) + text + ' '.repeat(right - fraction(text)));
}

/** Lines of a terminal: wraps, colours, and makes text from outside harmless. */
class Page {
  readonly words: Words;
  readonly width: number;
  readonly #color: boolean;
  readonly #lines: string[] = [];

  constructor(options: TerminalOptions, words: Words) {
    this.words = words;
    this.width = Math.max(80, Math.min(options.width || 80, 120));
    this.#color = options.color;
  }

  clean(text: string): string {
    return visibleText(text);
  }

  time(iso: string): string {
    return this.clean(displayTime(iso)).replace(' UTC', 'Z');
  }

  line(text: string): void {
    this.#lines.push(text.trimEnd());
  }

  heading(text: string): void {
    this.line('');
    this.wrapped(text, '', '1');
  }

  fact(name: string, value: string): void {
    this.wrapped(value, `  ${name.padEnd(9)} `);
  }

  /** Breaks at blanks, further lines indented by as much; `text` may come from outside. `code`: colour of the whole. */
  wrapped(text: string, indent: string, code = '0'): void {
    let start = indent;
    let line = '';
    const put = (): void => {
      this.line(start + (code === '0' ? line : this.#paint(line, code)));
      start = ' '.repeat(indent.length);
    };
    for (const word of visibleText(text).split(/ +/)) {
      if (line !== '' && displayWidth(indent) + displayWidth(line) + 1 + displayWidth(word) > this.width) {
        put();
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    put();
  }

  alarm(text: string): void {
    const bar = '!'.repeat(this.width);
    this.line(this.#paint(bar, '1;31'));
    for (const part of text.match(new RegExp(`.{1,${this.width - 6}}(?:\\s|$)`, 'g')) ?? [text]) {
      this.line(this.#paint(`!! ${part.trim()}`, '1;31'));
    }
    this.line(this.#paint(bar, '1;31'));
  }

  bold(text: string): string {
    return this.#paint(text, '1');
  }

  green(text: string): string {
    return this.#paint(text, '32');
  }

  text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  #paint(text: string, code: string): string {
    return this.#color ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}
