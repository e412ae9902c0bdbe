import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';

/** SHA-256 of a value's JSON, in hex. */
export function jsonDigest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/** Writes a value under a name, beside its digest: whole in a file of its own first, then in the place of the one before. Throws what the disk does. */
export function replaceJson(path: string, name: string, value: unknown): void {
  const file = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeFileSync(file, `${JSON.stringify({ sha256: jsonDigest(value), [name]: value })}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
}
