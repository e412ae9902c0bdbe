import { visibleText } from '../base/visible-text.ts';
import type { MethodResult, TraceResult } from '../trace/result.ts';
import { displayTime, groupDigits, percent, roundedAmount } from './amount.ts';
import { countAddresses, type NamedMethod, outcomeOf, shareRange, type TheftView } from './compare.ts';
import { type Html, html } from './html-escape.ts';
import { unitName } from './html-parts.ts';
import type { Words } from './words.ts';

const MOST_NAMES = 4;

/** What happened, where it is, what can be recovered and how certain that is: for a responder and for a judge. */
export function summaryHtml(result: TraceResult, view: TheftView, words: Words): Html {
  const [lead] = view.methods;
  return html`<div class="plain">
<p>${happened(result, view, words)}</p>
${lead === undefined ? null : whereItIs(view, lead, words)}
<p>${words.summary.certainFacts}</p>
<p>${words.summary.certainRule(compared(view, words))}</p>
<p class="note">${words.summary.warning}</p>
${view.poison === null ? null : html`<p>${words.summary.poison(words.summary.places(countAddresses(view.poison.result.places)))}</p>`}
</div>`;
}

function happened(result: TraceResult, view: TheftView, words: Words): string {
  const { dataFrom, dataUntil, transfersUsed } = result.context;
  const { time, title } = view.theft;
  const stolen = amountText(BigInt(view.theft.stolen), view, words);
  const when = time === '' ? '' : words.summary.at(displayTime(time));
  const first = words.summary.happened(stolen, when, visibleText(title));
  if (dataFrom === null || dataUntil === null) return `${first} ${words.summary.empty}`;
  const until = displayTime(dataUntil);
  return `${first} ${words.summary.followed(groupDigits(String(transfersUsed)), displayTime(dataFrom), until)}`;
}

function whereItIs(view: TheftView, lead: NamedMethod, words: Words): Html {
  const outcome = outcomeOf(lead.result);
  const bucket = (name: string): bigint => outcome.buckets.get(name) ?? 0n;
  const sum = words.summary;
  const money = (units: bigint): [string, string] => [amountText(units, view, words), percent(units, outcome.stolen)];
  const lines: string[] = [];
  const askable = lead.result.services.filter((service) => service.recoverable);
  const serviceCount = sum.services(new Set(askable.map((service) => service.name ?? service.address)).size);
  if (outcome.askable > 0n) lines.push(sum.askable(...money(outcome.askable), serviceCount, names(askable, words)));
  else lines.push(sum.noneAskable);
  const others = lead.result.services.filter((service) => !service.recoverable && service.bucket === 'absorbed');
  if (outcome.otherStops > 0n) lines.push(sum.otherStops(...money(outcome.otherStops), names(others, words)));
  if (bucket('inFlight') > 0n) lines.push(sum.inFlight(...money(bucket('inFlight'))));
  if (bucket('held') > 0n) {
    const addresses = countAddresses(lead.result.places);
    const edge = outcome.heldAtEdge > 0n ? ` ${sum.heldEdge(amountText(outcome.heldAtEdge, view, words))}` : '';
    lines.push(sum.held(...money(bucket('held')), sum.places(addresses)) + edge);
  }
  const lost = bucket('fee') + bucket('leak') + bucket('belowThreshold');
  if (lost > 0n) lines.push(sum.lost(...money(lost)));
  if (bucket('senior') > 0n) lines.push(sum.senior(...money(bucket('senior'))));
  return html`<p>${sum.lead(words.methods[lead.name]?.name ?? visibleText(lead.name))}</p>
<ul>${lines.map((line) => html`<li>${line}</li>\n`)}</ul>`;
}

/** The largest names of a list of services, each once. */
function names(services: MethodResult['services'], words: Words): string {
  const seen = new Map<string, bigint>();
  for (const service of services) {
    const kind = words.flow.kinds[service.stop] ?? service.stop;
    const name = service.name === null ? `${kind} ${service.address}` : service.name;
    seen.set(visibleText(name), (seen.get(visibleText(name)) ?? 0n) + BigInt(service.sourceUnits));
  }
  const ordered = [...seen].sort(([, a], [, b]) => (a > b ? -1 : a < b ? 1 : 0)).map(([name]) => name);
  const shown = ordered.length > MOST_NAMES ? ordered.slice(0, MOST_NAMES - 1) : ordered;
  const rest = ordered.length - shown.length;
  const all = rest > 0 ? [...shown, words.summary.more(rest)] : shown;
  const last = all.at(-1) ?? '';
  return all.length < 2 ? last : `${all.slice(0, -1).join(', ')}${words.summary.and}${last}`;
}

function compared(view: TheftView, words: Words): string {
  if (view.methods.length < 2) return words.summary.oneMethod;
  const outcomes = view.methods.map((method) => outcomeOf(method.result));
  const stolen = BigInt(view.theft.stolen);
  const range = (units: readonly bigint[]): string => words.summary.range(...shareRange(units, stolen)!);
  return words.summary.agree(
    range(outcomes.map((outcome) => outcome.askable)),
    range(outcomes.map((outcome) => outcome.buckets.get('held') ?? 0n)),
  );
}

function amountText(units: bigint, view: TheftView, words: Words): string {
  return `${roundedAmount(units, view.unit)} ${unitName(view.unit, words)}`;
}
