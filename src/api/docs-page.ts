import { ERROR_CODES, type ErrorCode } from '../base/errors.ts';
import type { OpenApi, OpenApiOperation } from './openapi.ts';
import { statusesOf } from './problem.ts';

/** The interface as one page: no script, no font, nothing from elsewhere. */
export function docsPage(document: OpenApi): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const sections = document.tags.map(({ name }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    return `<h2 id="${htmlOf(name)}">${htmlOf(name)}</h2>${own.map((each) => routeHtml(each)).join('')}`;
  });
  const links = document.tags.map(({ name }) => `<a href="#${htmlOf(name)}">${htmlOf(name)}</a>`);
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) =>
      `<details id="schema-${htmlOf(name)}"><summary>${htmlOf(name)}</summary>${jsonHtml(schema)}</details>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${htmlOf(document.info.title)} ${htmlOf(document.info.version)}: HTTP interface</title><style>${STYLE}</style></head><body>
<h1>${htmlOf(document.info.title)} ${htmlOf(document.info.version)}</h1><p>${htmlOf(document.info.description)}</p>
<p>For programs: <a href="/openapi.json">openapi.json</a></p><nav>${links.join(' ')} <a href="#schemas">schemas</a> <a href="#errors">errors</a></nav>
${sections.join('\n')}
<h2 id="schemas">schemas</h2>${schemas.join('\n')}
<h2 id="errors">errors</h2><table><tr><th>code</th><th>status</th><th>meaning</th></tr>${errorRows(document)}</table></body></html>`;
}

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}code,pre{font:13px/1.4 ui-monospace,monospace}' +
  'pre{overflow:auto;padding:.6rem;border:1px solid #8886}table{border-collapse:collapse}td,th{border:1px solid #8886;padding:.2rem .5rem;text-align:left;vertical-align:top}' +
  'summary{cursor:pointer}details{margin:.4rem 0}details>:not(summary){margin-left:1rem}b{font-family:ui-monospace,monospace}:root{color-scheme:light dark}';

interface Described {
  readonly path: string;
  readonly method: string;
  readonly operation: OpenApiOperation;
}

function routeHtml({ path, method, operation }: Described): string {
  const parameters = operation.parameters.map(
    ({ name, in: place, required, description = '', schema }) =>
      `<tr><td><code>${htmlOf(name)}</code></td><td>${htmlOf(place)}${required ? ', required' : ''}</td><td>${htmlOf(description)} <code>${htmlOf(JSON.stringify(schema))}</code></td></tr>`,
  );
  const bodies = Object.entries(operation.requestBody?.content ?? {}).map(
    ([type, content]) => `<p>Body, ${htmlOf(type)}</p>${jsonHtml(content)}`,
  );
  const answers = Object.entries(operation.responses).map(
    ([status, response]) =>
      `<tr><td>${htmlOf(status)}</td><td>${htmlOf(String(response.description ?? ''))}${Number(status) < 300 ? jsonHtml(response.content ?? {}) : ''}</td></tr>`,
  );
  return `<details id="${htmlOf(operation.operationId)}"><summary><b>${htmlOf(method.toUpperCase())} ${htmlOf(path)}</b> ${htmlOf(operation.summary)}</summary>
<p>${htmlOf(operation.description ?? '')}</p>${parameters.length > 0 ? `<table>${parameters.join('')}</table>` : ''}${bodies.join('')}<table>${answers.join('')}</table></details>`;
}

function jsonHtml(value: unknown): string {
  const text = htmlOf(JSON.stringify(value, null, 1));
  const linked = text.replace(
    /#\/components\/schemas\/([A-Za-z0-9]+)/g,
    (whole, name: string) => `<a href="#schema-${name}">${whole}</a>`,
  );
  return `<pre>${linked}</pre>`;
}

function errorRows(document: OpenApi): string {
  const used = JSON.stringify(document.paths);
  const codes = (Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) => used.includes(`${code}:`));
  return codes
    .map(
      (code) => `<tr><td>${code}</td><td>${statusesOf(code).join(', ')}</td><td>${htmlOf(ERROR_CODES[code])}</td></tr>`,
    )
    .join('');
}

function htmlOf(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
