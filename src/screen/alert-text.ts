import { HaetaeError } from '../base/errors.ts';

// Cc and Cf but for line feed and tab: nothing that hides, reorders or moves a cursor is kept.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Plain text that a person wrote, trimmed; line feeds and tabs are kept. Throws E_FIELD where it is empty, too long or holds hidden characters. */
export function plainText(text: string, field: string, limit: number): string {
  const plain = text.replaceAll('\r\n', '\n').trim();
  if (plain === '') throw fault(field, 'is empty', `say it in ${field}`);
  if (plain.length > limit) throw fault(field, `is longer than ${limit} characters`, 'shorten it');
  if (UNSEEN.test(plain.replace(/[\n\t]/g, ''))) {
    throw fault(field, 'holds control or hidden characters', 'send plain text');
  }
  return plain;
}

/** As `plainText`, on one line. */
export function plainLine(text: string, field: string, limit: number): string {
  const plain = plainText(text, field, limit);
  if (/[\n\t]/.test(plain)) throw fault(field, 'is more than one line', 'send one line of text');
  return plain;
}

function fault(field: string, what: string, remedy: string): HaetaeError {
  return new HaetaeError('E_FIELD', `${field} ${what}`, { context: { field }, remedy });
}
