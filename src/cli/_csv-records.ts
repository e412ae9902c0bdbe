import { createReadStream } from 'node:fs';
import { HaetaeError } from '../base/errors.ts';

/** One record of a CSV file. */
export interface CsvRecord {
  readonly fields: readonly string[];
  /** Text stood behind a closing quote: the record is not RFC 4180. Nothing of it is lost. */
  readonly torn: boolean;
  /** Of the line that it begins on, from 1. */
  readonly line: number;
  /** Just behind it, from the start of the file. */
  readonly end: number;
}

/** A record longer than this has a quote that is not closed. */
const MAX_RECORD = 1 << 20;
export const BYTE_ORDER_MARK = '\xef\xbb\xbf';
/** UTF-16, gzip, zip. */
const OTHER_FORMS = ['\xff\xfe', '\xfe\xff', '\x1f\x8b', 'PK\x03\x04'];
const READ_BYTES = 1 << 18;
const LF = 10;
const CR = 13;
const QUOTE = 34;
const COMMA = 44;

/**
 * RFC 4180 records out of pieces of a file of any size, in the memory of one piece and one record. Pieces are bytes as latin1, so that whatever the
 * encoding is, a field goes out as it came in; `end` counts bytes. Lines without any character are no records.
 */
export class CsvRecords {
  readonly #file: string;
  #rest = '';
  #offset = 0;
  #line = 1;
  #begun = false;
  #marked = false;

  constructor(file: string) {
    this.#file = file;
  }

  /** Every record that ends in this piece. Throws E_FILE_READ. */
  push(piece: string): readonly CsvRecord[] {
    if (this.#begun) return this.#read(this.#rest + piece, false);
    this.#begun = true;
    if (OTHER_FORMS.some((form) => piece.startsWith(form))) this.#refuseForm();
    this.#marked = piece.startsWith(BYTE_ORDER_MARK);
    if (!this.#marked) return this.#read(piece, false);
    this.#offset = BYTE_ORDER_MARK.length;
    return this.#read(piece.slice(BYTE_ORDER_MARK.length), false);
  }

  /** The last record, where no line end closed it. Throws E_FILE_READ. */
  finish(): readonly CsvRecord[] {
    return this.#read(this.#rest, true);
  }

  /** Where the records that were given end. */
  get end(): number {
    return this.#offset;
  }

  /** It began with the mark of UTF-8, which some spreadsheets need. */
  get marked(): boolean {
    return this.#marked;
  }

  #read(text: string, last: boolean): readonly CsvRecord[] {
    const records: CsvRecord[] = [];
    let at = 0;
    while (at < text.length) {
      const found = readRecord(text, at, last);
      if (found === null) break;
      this.#offset += found.next - at;
      if (!found.blank) records.push({ ...found.record, line: this.#line, end: this.#offset });
      this.#line += linesIn(text, at, found.next);
      at = found.next;
    }
    this.#rest = text.slice(at);
    if (this.#rest.length > MAX_RECORD || (last && this.#rest !== '')) this.#refuseOpen();
    return records;
  }

  #refuseForm(): never {
    throw new HaetaeError('E_FILE_READ', 'the file is packed, a workbook or UTF-16, not CSV', {
      context: { file: this.#file },
      remedy: 'unpack it, or save it as CSV (UTF-8)',
    });
  }

  #refuseOpen(): never {
    throw new HaetaeError('E_FILE_READ', 'a quoted field is not closed', {
      context: { file: this.#file, line: this.#line },
      remedy: 'close the quote, or double it where it is part of the text',
    });
  }
}

export interface ReadOptions {
  readonly look?: (piece: Buffer) => void;
  /** A last record that no line end closes. */
  readonly unclosed?: 'read' | 'leave';
}

/** Records of a file, in the memory of a piece of it. Throws E_NOT_FOUND, E_FILE_READ. */
export async function* recordsOf(
  file: string,
  reader: CsvRecords,
  { look, unclosed = 'read' }: ReadOptions = {},
): AsyncGenerator<CsvRecord> {
  const pieces = createReadStream(file, { highWaterMark: READ_BYTES });
  try {
    for await (const piece of pieces as AsyncIterable<Buffer>) {
      look?.(piece);
      yield* reader.push(piece.toString('latin1'));
    }
  } catch (cause) {
    if (cause instanceof HaetaeError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    throw new HaetaeError(code === 'ENOENT' ? 'E_NOT_FOUND' : 'E_FILE_READ', 'the file cannot be read', {
      context: { file, reason: code ?? 'unknown' },
      remedy: 'check the path, and that you may read it',
      cause,
    });
  }
  if (unclosed === 'read') yield* reader.finish();
}

interface Found {
  readonly record: Pick<CsvRecord, 'fields' | 'torn'>;
  readonly blank: boolean;
  readonly next: number;
}

/** null: its end is not in this text. */
function readRecord(text: string, start: number, last: boolean): Found | null {
  const fields: string[] = [];
  let torn = false;
  let at = start;
  for (;;) {
    let value = '';
    if (text.charCodeAt(at) === QUOTE) {
      const quoted = readQuoted(text, at, last);
      if (quoted === null) return null;
      value = quoted.value;
      at = quoted.next;
    }
    const end = plainEnd(text, at);
    if (end > at) {
      torn ||= at > 0 && text.charCodeAt(at - 1) === QUOTE;
      value += text.slice(at, end);
    }
    fields.push(value);
    if (end === text.length && !last) return null;
    if (text.charCodeAt(end) === COMMA) {
      at = end + 1;
      continue;
    }
    const next = lineEnd(text, end, last);
    if (next === null) return null;
    return { record: { fields, torn }, blank: end === start, next };
  }
}

function readQuoted(text: string, start: number, last: boolean): { value: string; next: number } | null {
  let value = '';
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return null;
    value += text.slice(at, quote);
    if (quote + 1 === text.length) return last ? { value, next: quote + 1 } : null;
    if (text.charCodeAt(quote + 1) !== QUOTE) return { value, next: quote + 1 };
    value += '"';
    at = quote + 2;
  }
}

function plainEnd(text: string, start: number): number {
  let end = start;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === COMMA || code === LF || code === CR) break;
  }
  return end;
}

/** Just behind LF, CR LF or CR; null where CR is the last that is known. */
function lineEnd(text: string, end: number, last: boolean): number | null {
  if (end === text.length) return end;
  if (text.charCodeAt(end) === LF) return end + 1;
  if (end + 1 === text.length) return last ? end + 1 : null;
  return text.charCodeAt(end + 1) === LF ? end + 2 : end + 1;
}

function linesIn(text: string, from: number, until: number): number {
  let lines = 0;
  for (let at = from; at < until; at++) {
    const code = text.charCodeAt(at);
    if (code === LF || (code === CR && text.charCodeAt(at + 1) !== LF)) lines += 1;
  }
  return lines;
}
