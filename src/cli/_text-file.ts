import { readFile, rename, rm, writeFile } from 'node:fs/promises';
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
        remedy: 'check the path, and that you may read it',
        cause,
      },
    );
  }
}

/** Writes a file wholly or not at all: what stood there before stays until the new one is complete. Throws E_FILE_WRITE. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const part = `${path}.part-${process.pid}`;
  try {
    await writeFile(part, content);
    await rename(part, path);
  } catch (cause) {
    await rm(part, { force: true }).catch(() => {});
    throw writeError(path, cause);
  }
}

export function writeError(path: string, cause: unknown): HaetaeError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  return new HaetaeError('E_FILE_WRITE', `cannot write the file: ${code}`, {
    context: { file: path },
    remedy: 'check the folder, its permissions and the free space; what stood there before is unchanged',
    cause,
  });
}
