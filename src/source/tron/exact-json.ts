const LONG_NUMBER = /-?\d{16,}(?![\d.eE])/g;
const HAS_LONG_NUMBER = /(?:^|[:[,])\s*-?\d{16}/;

/**
 * JSON.parse that loses no digit: a whole number of 16 digits or more comes as text, for JavaScript's numbers end at 2^53 and
 * TRON's amounts at 2^63. Throws SyntaxError as JSON.parse does. Cost: one test of the text where no such number is in it.
 */
export function parseExact(text: string): unknown {
  return JSON.parse(HAS_LONG_NUMBER.test(text) ? quoteLongNumbers(text) : text);
}

function quoteLongNumbers(text: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('"', at);
    const outside = open < 0 ? text.slice(at) : text.slice(at, open);
    parts.push(outside.replace(LONG_NUMBER, '"$&"'));
    if (open < 0) break;
    const end = endOfString(text, open);
    parts.push(text.slice(open, end));
    at = end;
  }
  return parts.join('');
}

/** Index after the closing quote of the string that opens at `open`; the text's end where it never closes. */
function endOfString(text: string, open: number): number {
  for (let at = open + 1; ; at++) {
    at = text.indexOf('"', at);
    if (at < 0) return text.length;
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
}
