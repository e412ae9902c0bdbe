import { readFile } from 'node:fs/promises';
import { HaetaeError } from '../base/errors.ts';

/** A small text file a user named. Throws E_NOT_FOUND or E_FILE_READ. */
export async function readTextFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new HaetaeError(
      code === 'ENOENT' ? 'E_NOT_FOUND' : 'E_FILE_READ',
      `cannot read the file: ${code ?? 'unknown'}`,
      {
        context: { file: path },
        cause,
      },
    );
  }
}
