import type { TraceResult } from '../trace/result.ts';
import { type Html, type HtmlPart, html } from './html-escape.ts';
import { type Column, count, outside, section, table, timeText } from './html-parts.ts';
import type { Words } from './words.ts';

export function signaturesHtml(result: TraceResult, words: Words): Html {
  const { signatures } = result.context;
  if (signatures.length === 0) return html`<p>${words.noSignatures}</p>`;
  const columns: Column[] = [
    { head: words.columns.signature },
    { head: words.columns.seen },
    { head: words.columns.figures },
    { head: words.columns.firstLast, kind: 't' },
    { head: words.columns.addresses, kind: 'a' },
  ];
  const rows = signatures.map((signature): HtmlPart[] => [
    html`<b>${signature.id}</b> ${outside(signature.name)}`,
    outside(signature.summary),
    html`${Object.entries(signature.evidence).map(([name, value]) => html`${outside(name)}: ${outside(value)}<br>`)}`,
    html`${timeText(signature.firstTime)}<br>${timeText(signature.lastTime)}`,
    addressList(signature.addresses, words),
  ]);
  return table(words.headings.signatures, columns, rows);
}

const FEW_ADDRESSES = 3;

function addressList(addresses: readonly string[], words: Words): Html {
  const lines = (part: readonly string[]): Html[] => part.map((address) => html`${address}<br>`);
  if (addresses.length <= FEW_ADDRESSES) return html`${lines(addresses)}`;
  const rest = addresses.slice(FEW_ADDRESSES);
  return html`${lines(addresses.slice(0, FEW_ADDRESSES))}<details><summary>${words.summary.more(rest.length)}</summary>${lines(rest)}</details>`;
}

export function warningsHtml(result: TraceResult, words: Words): Html | null {
  const { warnings } = result.context;
  if (warnings.length === 0) return null;
  const lines = warnings.map((warning) => html`<li>${outside(warning)}</li>`);
  return section('warnings', words.headings.warnings, html`<ul>${lines}</ul>`);
}

/** Methods, buckets, options, order, assets and sources: what another needs to check or repeat the work. */
export function howHtml(result: TraceResult, words: Words): Html {
  const { context } = result;
  const options: HtmlPart[][] = [
    ...Object.entries(context.options).map(([name, value]): HtmlPart[] => [outside(name), outside(value)]),
    [words.meetingLabel, html`${context.meeting}: ${words.meeting[context.meeting] ?? null}`],
  ];
  const orderRules = context.orderRules.map((rule) => html`<li>${outside(rule)}</li>`);
  const optionColumns = [{ head: words.columns.option }, { head: words.columns.value }];
  return section(
    'how',
    words.headings.how,
    html`<h3>${words.headings.methodList}</h3>${methodTable(result, words)}`,
    html`<h3>${words.headings.glossary}</h3>${glossary(words)}`,
    html`<h3>${words.headings.options}</h3>${table(words.headings.options, optionColumns, options)}`,
    html`<h3>${words.headings.order}</h3><ul>${orderRules}</ul>`,
    html`<h3>${words.headings.assets}</h3>${assetTable(result, words)}`,
    html`<h3>${words.headings.sources}</h3>${sourceTable(result, words)}`,
  );
}

function methodTable(result: TraceResult, words: Words): Html {
  const columns = [{ head: words.columns.method }, { head: words.columns.rule }, { head: words.columns.source }];
  const rows = Object.entries(result.methods).map(([name, { version }]): HtmlPart[] => {
    const known = words.methods[name];
    return [
      html`${known?.name ?? name} <span class="small">${name}, ${words.version(version)}</span>`,
      known?.rule ?? '',
      known?.source ?? '',
    ];
  });
  return table(words.headings.methodList, columns, rows);
}

function glossary(words: Words): Html {
  const columns = [{ head: words.columns.bucket }, { head: words.columns.meaning }];
  return table(
    words.headings.glossary,
    columns,
    Object.values(words.buckets).map(({ name, means }) => [name, means]),
  );
}

function assetTable(result: TraceResult, words: Words): Html {
  const columns: Column[] = [
    { head: words.columns.symbol },
    { head: words.columns.decimals },
    { head: words.columns.asset, kind: 'a' },
  ];
  const rows = Object.entries(result.context.assets).map(([id, { symbol, decimals }]): HtmlPart[] => [
    outside(symbol),
    decimals ?? words.unknownDecimals,
    id,
  ]);
  return table(words.headings.assets, columns, rows);
}

function sourceTable(result: TraceResult, words: Words): Html {
  const columns: Column[] = [
    { head: words.columns.file },
    { head: words.columns.preset },
    { head: words.columns.chain },
    { head: words.columns.rowsRead, kind: 'n' },
    { head: words.columns.rowsKept, kind: 'n' },
    { head: words.columns.sha256, kind: 'a' },
  ];
  const rows = result.context.sources.flatMap(({ files, preset, chain, rowsRead, rowsKept }) =>
    files.map((file, index): HtmlPart[] => [
      outside(file.name),
      outside(preset),
      chain,
      index === 0 ? count(rowsRead) : '',
      index === 0 ? count(rowsKept) : '',
      file.sha256,
    ]),
  );
  return table(words.headings.sources, columns, rows);
}
