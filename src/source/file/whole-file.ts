import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { describeError, HaetaeError } from '../../base/errors.ts';

/** The bytes of a file that is read at once. Throws E_NOT_FOUND, E_FILE_READ, and what `tooLarge` makes of more than `most` bytes. */
export async function readWholeFile(
  path: string,
  most: number,
  tooLarge: (file: string, bytes: number) => HaetaeError,
): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > most) throw tooLarge(basename(path), size);
    return await readFile(path);
  } catch (error) {
    if (error instanceof HaetaeError) throw error;
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new HaetaeError(
      missing ? 'E_NOT_FOUND' : 'E_FILE_READ',
      missing ? 'no such file' : 'the file cannot be read',
      { context: { file: path }, remedy: missing ? 'check the path' : describeError(error), cause: error },
    );
  }
}

/** The text of a file's bytes. Throws E_FILE_READ where they are not UTF-8; `saveAs`: what the remedy asks for. */
export function textOfFile(bytes: Uint8Array, file: string, saveAs: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new HaetaeError('E_FILE_READ', 'the file is not UTF-8 text', {
      context: { file },
      remedy: `unpack it first if it is compressed, or save it as ${saveAs}`,
      cause: error,
    });
  }
}
