import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { HaetaeError } from '../base/errors.ts';

/**
 * A secret beside the records, for the owner of the files alone (0600). Made whole or not at all, and never in place of one that is there.
 * Throws E_FILE_READ where others may read it, E_FILE_WRITE.
 */
export function openSecretFile(path: string, make: () => string): { readonly text: string; readonly made: boolean } {
  if (existsSync(path)) return { text: readSecret(path), made: false };
  const text = make();
  const unfinished = `${path}.${process.pid}`;
  try {
    rmSync(unfinished, { force: true });
    writeSecret(unfinished, text);
    linkSync(unfinished, path);
  } catch (cause) {
    throw new HaetaeError('E_FILE_WRITE', 'a secret key cannot be written beside the records', {
      context: { file: path },
      remedy: 'give this user write permission to the folder, and room on the disk',
      cause,
    });
  } finally {
    rmSync(unfinished, { force: true });
  }
  return { text: readSecret(path), made: true };
}

function writeSecret(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function readSecret(path: string): string {
  const file = openSync(path, 'r');
  try {
    const mode = fstatSync(file).mode & 0o777;
    if ((mode & 0o077) === 0 || process.platform === 'win32') return readFileSync(file, 'utf8');
    throw new HaetaeError('E_FILE_READ', 'a secret key can be read by other users', {
      context: { file: path, mode: mode.toString(8) },
      remedy: `chmod 600 ${path}; if others may have read it, take it as known to them`,
    });
  } finally {
    closeSync(file);
  }
}
