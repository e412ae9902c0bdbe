import { hash } from 'node:crypto';
import { Html, html } from '../report/html-escape.ts';
import { type HoldCase, type HoldNotice, type HoldReason, isSimulatedNotice } from './hold-notice.ts';

const STYLE = `
:root{color-scheme:light}
body{font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans CJK KR",sans-serif;color:#1b1f24;background:#fff;max-width:820px;margin:0 auto;padding:24px}
header{border-bottom:3px solid #a40000;margin-bottom:16px}
.simulated{border:2px solid #a40000;color:#a40000;font-weight:700;padding:6px 10px}
.tlp{float:right;font-weight:700;border:2px solid #1b1f24;padding:2px 8px}
h1{font-size:1.5rem;margin:0 0 4px}
h2{font-size:1.1rem;margin:22px 0 6px;border-bottom:1px solid #d5dae0}
dl{display:grid;grid-template-columns:11em 1fr;gap:4px 12px;margin:0}
dt{color:#57606a}
dd{margin:0;overflow-wrap:anywhere;white-space:pre-line}
table{border-collapse:collapse;width:100%;font-size:.85rem}
th,td{text-align:left;vertical-align:top;padding:3px 6px;border-bottom:1px solid #d5dae0;overflow-wrap:anywhere}
code{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.85em}
section{break-inside:avoid-page}
footer{margin-top:28px;border-top:1px solid #d5dae0;font-size:.8rem;color:#57606a;overflow-wrap:anywhere}
@media print{body{padding:0;max-width:none}@page{margin:18mm}h2{break-after:avoid}tr{break-inside:avoid}}
`;

/** Nothing is fetched and nothing runs; of styles this one alone counts. In the page itself, and for the server that sends it. */
export const HOLD_POLICY = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`;

/** For print: one page of HTML that needs nothing else. The same notice gives the same bytes. */
export function holdHtml(notice: HoldNotice): string {
  const { from, to, what, where, why } = notice;
  const shown = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${HOLD_POLICY}">
<meta name="viewport" content="width=device-width"><title>Hold notice ${notice.id}</title><style>${style()}</style></head><body>
${isSimulatedNotice(notice) ? html`<p class="simulated">SIMULATED: a drill. No real theft, no real money.</p>` : null}<header><span class="tlp">${notice.tlp}</span><h1>Request to hold virtual assets</h1><p>${notice.id}, issued ${timeText(notice.issuedAt)}</p></header>
<section><dl>${row('To', `${to.name}\n${to.contact}`)}${row('From', from.name)}${row('Answer to', from.contact)}${row('Until', timeText(notice.expiresAt))}</dl></section>
<section><h2>What</h2><dl>${row('Amount', amountText(what))}${row('Chain', what.chain)}${row('Asset', what.asset ?? 'not stated')}${row('Transactions', what.transactions.join('\n') || 'none stated')}</dl></section>
<section><h2>Where</h2><dl>${row('Address with you', where.address)}${row('Addresses concerned', where.concerned.join('\n'))}</dl></section>
<section><h2>Why</h2><dl>${row('Statement', why.statement)}${why.stolenAt === null ? null : row('Stolen at', timeText(why.stolenAt))}${findingRows(why)}</dl></section>
${caseHtml(why.case ?? null)}${why.reasons.map(reasonHtml)}
<section><h2>Legal basis</h2><dl>${row('Stated', notice.legalBasis)}</dl></section>
<footer><p>Times are UTC. SHA-256 of the notice in JSON, without its field digest: <code>${notice.digest}</code></p></footer>
</body></html>
`;
  return shown.text;
}

function findingRows({ alert, verdict, decidedAt }: HoldNotice['why']): Html | null {
  if (alert === null) return null;
  const when = decidedAt === null ? '' : ` of ${timeText(decidedAt)}`;
  return row('Finding', `alert ${alert}${verdict === null ? '' : `, verdict ${verdict}${when}`}`);
}

function caseHtml(about: HoldCase | null): Html | null {
  if (about === null) return null;
  const rows = about.payments.map(
    ({ tx, time, from, amount, tainted }) =>
      html`<tr><td>${timeText(time)}</td><td>${from || '–'}</td><td>${amount}</td><td>${tainted}</td><td>${tx ?? '–'}</td></tr>`,
  );
  return html`<section><h2>Traced case</h2><dl>${row('Theft', `${about.title}\n(case ${about.id}, theft ${about.theft})`)}${row('Method', about.method)}${row('Reached you', `${about.reached} base units, ${about.share} of what was stolen`)}${row('First, last', `${timeText(about.firstTime)}, ${timeText(about.lastTime)}`)}${row('Evidence', `${about.digest}\nDigest of the evidence bundle. Ask for the bundle and check it: haetae verify BUNDLE --expect DIGEST`)}</dl>
<p>Payments to the address, amounts in base units:</p><table><thead><tr><th>Time</th><th>From</th><th>Amount</th><th>Of it stolen, by all thefts of the case</th><th>Transaction</th></tr></thead><tbody>${rows}</tbody></table></section>
`;
}

function reasonHtml(reason: HoldReason, index: number): Html {
  const { label, path } = reason;
  return html`<section><h2>Reason ${index + 1}: ${reason.title}</h2><p>${reason.text}</p><dl>${row('Address', reason.address)}${reason.category === null ? null : row('Category', `${reason.category}${reason.link === null ? '' : `, ${reason.link}`}`)}${
    label === null
      ? null
      : [
          row('Label', label.label),
          row('Source', [label.source, label.url].filter((text) => text !== null).join(' – ')),
          row('Listed', label.listed === null ? 'undated' : timeText(label.listed)),
          row('Confidence', label.confidence),
          label.programmes.length === 0 ? null : row('Programmes', label.programmes.join(', ')),
        ]
  }</dl>${path === null ? null : pathHtml(path)}</section>
`;
}

function pathHtml(path: NonNullable<HoldReason['path']>): Html {
  const rows = path.steps.map(
    (step) =>
      html`<tr><td>${timeText(step.time)}</td><td>${step.from ?? '–'}</td><td>${step.to ?? '–'}</td><td>${step.amount} ${step.asset}</td><td>${step.tx ?? '–'}</td></tr>`,
  );
  return html`<p>Strongest path, amounts in base units:</p><table><thead><tr><th>Time</th><th>From</th><th>To</th><th>Amount</th><th>Transaction</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function amountText(what: HoldNotice['what']): string {
  if (what.amount === null) return 'all that is there';
  const units = `${what.amount} base units`;
  return what.amountText === null ? units : `${what.amountText} ${what.symbol ?? ''} (${units})`;
}

function row(name: string, text: string): Html {
  // Line feeds are ours to keep; all else that hides is made visible.
  const lines = text.split('\n').map((line, index) => (index === 0 ? html`${line}` : html`<br>${line}`));
  return html`<dt>${name}</dt><dd>${lines}</dd>`;
}

function style(): Html {
  return new Html(STYLE);
}

function timeText(iso: string): string {
  return iso.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');
}
