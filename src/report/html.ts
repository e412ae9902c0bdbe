import { visibleText } from '../base/visible-text.ts';
import type { TouchedRow, TraceResult } from '../trace/result.ts';
import type { TraceOutput } from '../trace/trace.ts';
import { type TheftView, viewTheft } from './compare.ts';
import { type FlowFacts, flowFacts, placeNames } from './flow-graph.ts';
import { type Html, html } from './html-escape.ts';
import { howHtml, signaturesHtml, warningsHtml } from './html-how.ts';
import { count, outside, section, timeText } from './html-parts.ts';
import { theftHtml } from './html-theft.ts';
import { styleText } from './style.ts';
import { ENGLISH, type Words } from './words.ts';

/** Nothing is fetched and nothing runs: a reader needs no trust in where the file came from. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/**
 * One self-contained HTML file. `flow`: the transfers that carried taint, one row a theft and method, `tainted` in source units,
 * in the order of the trace. The same arguments give the same bytes.
 */
export function reportHtml(result: TraceResult, flow: readonly TouchedRow[], words: Words = ENGLISH): string {
  return [...reportChunks(result, flow, words)].join('');
}

/** As {@link reportHtml}, of a trace at hand: pictures of UTXO chains then go by the outputs that were spent. */
export function traceHtml(output: TraceOutput, words: Words = ENGLISH): string {
  return [...reportChunks(output.result, output.flow(), words, flowFacts(output, new Map()))].join('');
}

/** As {@link reportHtml}, piece by piece, for a stream. */
export function* reportChunks(
  result: TraceResult,
  flow: readonly TouchedRow[],
  words: Words = ENGLISH,
  facts?: FlowFacts,
): Generator<string> {
  const all = [result, ...result.furtherThefts];
  const thefts = all.map(viewTheft);
  const rows = groupRows(flow);
  yield headText(result, words);
  yield pageHeader(result, thefts, words).text;
  for (const [index, view] of thefts.entries()) {
    const id = `theft-${index + 1}`;
    if (index > 0) yield html`<h1 id="${id}">${words.headings.further}: ${outside(view.theft.title)}</h1>\n`.text;
    const own = rows.get(view.theft.id) ?? new Map<string, TouchedRow[]>();
    const page = {
      id,
      result,
      context: result.context,
      view,
      words,
      rows: own,
      names: placeNames(all[index]!.methods),
      facts,
    };
    for (const part of theftHtml(page)) yield part.text;
  }
  yield section('signatures', words.headings.signatures, signaturesHtml(result, words)).text;
  yield warningsHtml(result, words)?.text ?? '';
  yield howHtml(result, words).text;
  yield html`<footer class="small"><p>${words.facts.version(result.context.version)} – ${outside(result.case)}</p></footer>`
    .text;
  yield '</body></html>\n';
}

function groupRows(flow: readonly TouchedRow[]): Map<string, Map<string, TouchedRow[]>> {
  const thefts = new Map<string, Map<string, TouchedRow[]>>();
  for (const row of flow) {
    const methods = thefts.get(row.theft) ?? new Map<string, TouchedRow[]>();
    thefts.set(row.theft, methods);
    const rows = methods.get(row.method);
    if (rows === undefined) methods.set(row.method, [row]);
    else rows.push(row);
  }
  return thefts;
}

function headText(result: TraceResult, words: Words): string {
  const title = words.title(visibleText(result.case), visibleText(result.theft.title));
  const head = html`<!doctype html>
<html lang="${words.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="`.text;
  const rest = html`<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
`.text;
  return `${head}${POLICY}">\n${rest}<style>${styleText()}</style>\n</head>\n<body>\n`;
}

function pageHeader(result: TraceResult, thefts: readonly TheftView[], words: Words): Html {
  const { context } = result;
  const data =
    context.dataFrom === null || context.dataUntil === null
      ? words.facts.noData
      : words.facts.dataLine(count(context.transfersUsed), timeText(context.dataFrom), timeText(context.dataUntil));
  const links = [
    ['#theft-1-summary', words.headings.summary],
    ['#theft-1-methods', words.headings.methods],
    ['#theft-1-call', words.headings.callFirst],
    ['#theft-1-flow', words.headings.flow],
    ...thefts.slice(1).map((view, index) => [`#theft-${index + 2}`, view.theft.title]),
    ['#signatures', words.headings.signatures],
    ['#how', words.headings.how],
  ] as const;
  return html`<header>${context.simulated ? html`<p class="simulated" role="alert">${words.simulated}</p>` : null}
<h1>${outside(result.theft.title)}</h1>
<p class="small">${words.facts.case} ${outside(result.case)} · ${data} (UTC) · ${words.facts.labels(count(context.labelsUsed))} · ${words.facts.version(context.version)}</p>
<nav aria-label="${words.headings.contents}"><ul>${links.map(([href, text]) => html`<li><a href="${href!}">${text!}</a></li>`)}</ul></nav></header>\n`;
}
