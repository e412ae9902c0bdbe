import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { HaetaeError } from '../../base/errors.ts';
import { type FileDigest, readError } from './digest.ts';

export interface TextLine {
  /** The file, or file!member where it is inside a .zip. */
  readonly name: string;
  readonly text: string;
  /** From 1, in its file or member. */
  readonly line: number;
}

/** A transaction with thousands of inputs and outputs is one line. */
const MAX_LINE_LENGTH = 64 * 1024 * 1024;
/** A member that unpacks to more than this times its packed size is taken for a bomb. */
const MAX_RATIO = 200;

/** Lines of a text file, plain, .gz or the *.txt members of a .zip, in the order of their names. Empty lines are left out. */
export async function* readLines(digest: FileDigest): AsyncIterable<TextLine> {
  if (digest.format === 'parquet') throw readError(digest.path, null, 'this layout is text, and the file is Parquet');
  if (digest.format === 'zip') {
    yield* zipLines(digest);
    return;
  }
  const raw = createReadStream(digest.path);
  yield* splitLines(digest.format === 'gzip' ? raw.pipe(createGunzip()) : raw, digest.path);
}

async function* splitLines(source: Readable, name: string): AsyncIterable<TextLine> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  let line = 0;
  for await (const chunk of source) {
    const parts = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > MAX_LINE_LENGTH) throw readError(name, null, 'a line is longer than 64 MiB');
    for (const part of parts) {
      line += 1;
      const text = clean(part, line);
      if (text !== '') yield { name, text, line };
    }
  }
  const text = clean(rest, line + 1);
  if (text !== '') yield { name, text, line: line + 1 };
}

function clean(text: string, line: number): string {
  return (line === 1 ? text.replace(/^\ufeff/, '') : text).replace(/\r$/, '');
}

async function* zipLines(digest: FileDigest): AsyncIterable<TextLine> {
  const { openZip } = await import('./zip.ts');
  const zip = await openZip(digest.path);
  try {
    const members = zip.members.filter((member) => member.name.endsWith('.txt'));
    if (members.length === 0) {
      throw new HaetaeError('E_FILE_READ', 'the .zip holds no .txt file', { context: { file: digest.path } });
    }
    for (const member of members) {
      if (member.bytes > MAX_RATIO * Math.max(member.packedBytes, 4096)) {
        throw readError(digest.path, null, `${member.name} unpacks to far more than it should`);
      }
      yield* splitLines(await zip.read(member), `${digest.path}!${member.name}`);
    }
  } catch (cause) {
    throw cause instanceof HaetaeError ? cause : readError(digest.path, cause, 'the .zip cannot be read');
  } finally {
    zip.close();
  }
}
