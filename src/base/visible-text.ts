/**
 * Text from outside (labels, titles, file names, hashes) made safe to look at: control characters, bidirectional overrides and
 * characters without width become visible, so that nothing can move the cursor, reorder a line or hide in a name.
 */
export function visibleText(text: string): string {
  return PLAIN.test(text) ? text : text.replace(HIDDEN, (hidden) => `<U+${codeOf(hidden)}>`);
}

// Cc, Cf (bidi overrides, zero width, tags), lone surrogates, private use, line and paragraph separators.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;
const PLAIN = /^[ -~]*$/;

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

/** Terminal columns that a text takes: East Asian wide characters take two, combining marks none. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

// Blocks of Unicode's EastAsianWidth.txt that are wide or full width, joined where only unassigned code points lie between.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;

function characterWidth(character: string): number {
  if (/\p{M}/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** At most `width` columns; what is cut is marked by `mark`. */
export function fitText(text: string, width: number, mark = '...'): string {
  if (displayWidth(text) <= width) return text;
  const room = Math.max(0, width - displayWidth(mark));
  let kept = '';
  let used = 0;
  for (const character of text) {
    const next = characterWidth(character);
    if (used + next > room) break;
    kept += character;
    used += next;
  }
  return kept + mark;
}

/** 0x098b…2f96, or bc1q…x7k2: the head and the tail that a person compares. */
export function shortAddress(address: string): string {
  const text = visibleText(address);
  return text.length <= 14 ? text : `${text.slice(0, text.startsWith('0x') ? 6 : 5)}…${text.slice(-4)}`;
}
