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
