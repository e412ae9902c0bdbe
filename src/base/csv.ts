import { HaetaeError } from './errors.ts';

/** One RFC 4180 line without its end: fields with a comma, a quote or a line break are quoted. */
export function csvLine(fields: readonly (string | number | bigint | boolean | null)[]): string {
  return fields.map(csvField).join(',');
}

function csvField(field: string | number | bigint | boolean | null): string {
  if (field === null) return '';
  const text = typeof field === 'string' ? field : String(field);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A spreadsheet runs a cell that begins with one of these as a formula (OWASP, "CSV Injection"). No amount, address, hash or
 * identifier of a chain begins so; a label or a file name may, and then gets an apostrophe in front.
 */
export function spreadsheetText(text: string): string {
  return /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
}

/**
 * RFC 4180 text to records. For files that Haetae wrote itself (bundles, drills, side files) and small hand-made lists;
 * large imports go through the database's reader. Throws E_FILE_READ on an open quote.
 */
export function parseCsv(text: string, fileName: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    const field = text[at] === '"' ? quotedField(text, at, fileName) : plainField(text, at);
    record.push(field.value);
    at = field.end;
    if (text[at] === ',') {
      at += 1;
      if (at === text.length) record.push('');
      continue;
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at += 1;
    at += 1;
    records.push(record);
    record = [];
  }
  if (record.length > 0) records.push(record);
  return records;
}

function plainField(text: string, start: number): { value: string; end: number } {
  let end = start;
  while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r') end += 1;
  return { value: text.slice(start, end), end };
}

function quotedField(text: string, start: number, fileName: string): { value: string; end: number } {
  let value = '';
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) {
      const line = text.slice(0, start).split('\n').length;
      throw new HaetaeError('E_FILE_READ', 'a quoted field is not closed', { context: { file: fileName, line } });
    }
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { value, end: quote + 1 };
    value += '"';
    at = quote + 2;
  }
}
