import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { HaetaeError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';

export type FileFormat = 'parquet' | 'text' | 'gzip' | 'zip' | 'bytes';

/** One pass over a file before anything is read from it: what it is, that it is whole, and its hash. */
export interface FileDigest {
  readonly path: string;
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly format: FileFormat;
  /** Its text (unpacked) has a quotation mark: fields may hold commas and line ends. */
  readonly quoted: boolean;
  /** A quoted field holds a line end. */
  readonly multiline: boolean;
}

const QUOTE = 0x22;
const LINE_END = 0x0a;
const READ_BYTES = 1 << 20;

/** `bytes`: the file is neither text nor a table. Throws E_FILE_READ where the file is not there, cannot be read, or is a .gz cut short. */
export async function digestFile(path: string, progress: Progress, content?: 'bytes'): Promise<FileDigest> {
  const { format, bytes } = await probe(path, content);
  const hash = createHash('sha256');
  let done = 0;
  const quotes: Quotes = { seen: false, open: false, openLines: false, multiline: false };
  const raw = createReadStream(path, { highWaterMark: READ_BYTES });
  async function* hashed(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      hash.update(chunk);
      done += chunk.length;
      progress.report(`hash ${basename(path)}`, done, bytes);
      yield chunk;
    }
  }
  async function look(source: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of source) if (format === 'text' || format === 'gzip') followQuotes(chunk, quotes);
  }
  try {
    if (format === 'gzip') await pipeline(raw, hashed, createGunzip(), look);
    else await pipeline(raw, hashed, look);
  } catch (cause) {
    throw readError(
      path,
      cause,
      format === 'gzip' ? 'the .gz file is cut short or damaged' : 'the file cannot be read',
    );
  }
  // Cut short in its last line, a file loses that row; an open quote further up swallows all rows behind it.
  if (quotes.open && quotes.openLines) throw readError(path, null, 'a quoted field is not closed before the file ends');
  return {
    path,
    name: basename(path),
    sha256: hash.digest('hex'),
    bytes,
    format,
    quoted: quotes.seen,
    multiline: quotes.multiline,
  };
}

interface Quotes {
  seen: boolean;
  open: boolean;
  /** The quote that is open now holds a line end. */
  openLines: boolean;
  multiline: boolean;
}

/** Toggles at each quotation mark (a doubled one toggles twice) and looks for line ends while open. */
function followQuotes(chunk: Buffer, state: Quotes): void {
  let at = 0;
  while (at < chunk.length) {
    const quote = chunk.indexOf(QUOTE, at);
    const end = quote < 0 ? chunk.length : quote;
    if (state.open && !state.openLines) state.openLines = chunk.subarray(at, end).includes(LINE_END);
    if (state.openLines) state.multiline = true;
    if (quote < 0) return;
    state.seen = true;
    state.open = !state.open;
    state.openLines = false;
    at = quote + 1;
  }
}

/** Format and size from the first bytes. Throws E_FILE_READ. */
export async function probe(path: string, content?: 'bytes'): Promise<{ format: FileFormat; bytes: number }> {
  let file: FileHandle | null = null;
  try {
    file = await open(path, 'r');
    const state = await file.stat();
    if (!state.isFile()) throw new Error('not a file');
    const head = Buffer.alloc(4);
    const { bytesRead } = await file.read(head, 0, 4, 0);
    const format = formatOf(head.subarray(0, bytesRead), path);
    if (content === 'bytes' && format !== 'text') throw new Error('it is packed: unpack it first');
    return { format: content ?? format, bytes: state.size };
  } catch (cause) {
    if (cause instanceof HaetaeError) throw cause;
    throw readError(path, cause, 'the file cannot be opened');
  } finally {
    await file?.close();
  }
}

function formatOf(head: Buffer, path: string): FileFormat {
  const magic = head.toString('latin1');
  if (magic === 'PAR1') return 'parquet';
  if (magic.startsWith('\x1f\x8b')) return 'gzip';
  if (magic === 'PK\x03\x04') return 'zip';
  if (path.endsWith('.parquet')) throw readError(path, null, 'the file is not Parquet');
  if (path.endsWith('.gz')) throw readError(path, null, 'the file is not gzip');
  return 'text';
}

export function readError(path: string, cause: unknown, message: string): HaetaeError {
  const detail = cause instanceof Error ? `: ${cause.message.split('\n')[0]}` : '';
  return new HaetaeError('E_FILE_READ', message + detail, {
    context: { file: path },
    remedy: 'check the path, and fetch the file again if it is damaged',
    cause,
  });
}
