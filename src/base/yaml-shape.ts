import { type CST, Lexer, Parser } from 'yaml';

/** No file of ours nests so deep or has so many fields in one place. */
const DEEPEST = 50;
const MOST_FIELDS = 500;
/** Of the lexer: they stand for no text. */
const MARKS: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\u001f']);

/**
 * Why a text is no YAML that may be parsed, with its line; null: it may. A parser calls itself for each level and compares each field with those
 * before it: a text made for it ends the process or takes minutes. What is looked at here takes no stack and time by length alone.
 */
export function yamlShapeFault(text: string): string | null {
  const offset = tooDeepAt(text);
  if (offset !== null) return said(text, offset, `nested deeper than ${DEEPEST} levels`);
  for (const document of new Parser().parse(text)) {
    const fault = document.type === 'document' ? documentFault(document) : null;
    if (fault !== null) return said(text, fault.offset, fault.reason);
  }
  return null;
}

/** Of brackets alone, before anything is built of them. */
function tooDeepAt(text: string): number | null {
  let depth = 0;
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') depth += 1;
    if (token === ']' || token === '}') depth = Math.max(0, depth - 1);
    if (depth > DEEPEST) return offset;
    if (!MARKS.has(token)) offset += token.length;
  }
  return null;
}

function documentFault({ value }: CST.Document): { readonly offset: number; readonly reason: string } | null {
  const left: { token: CST.Token | null | undefined; depth: number }[] = [{ token: value, depth: 1 }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { token, depth } = next;
    if (token === null || token === undefined || !('items' in token)) continue;
    if (depth > DEEPEST) return { offset: token.offset, reason: `nested deeper than ${DEEPEST} levels` };
    const isMap = token.type === 'block-map' || (token.type === 'flow-collection' && token.start.source === '{');
    if (isMap && token.items.length > MOST_FIELDS)
      return { offset: token.offset, reason: `more than ${MOST_FIELDS} fields in one place` };
    for (const { key, value } of token.items) {
      left.push({ token: key, depth: depth + 1 });
      left.push({ token: value, depth: depth + 1 });
    }
  }
  return null;
}

function said(text: string, offset: number, reason: string): string {
  return `${reason} at line ${text.slice(0, offset).split('\n').length}`;
}
