import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { HaetaeError } from '../base/errors.ts';
import type { BackupManifest, StoreTotals } from './port.ts';

export const BACKUP_VERSION = 1;
export const MANIFEST_NAME = 'manifest.json';

const COUNT = z.number().int().nonnegative();
const MANIFEST = z.strictObject({
  version: z.literal(BACKUP_VERSION),
  createdAt: COUNT,
  files: z.array(
    z.strictObject({
      name: z.string().regex(/^[a-z0-9.-]+$/),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      bytes: COUNT,
    }),
  ),
  totals: z.strictObject({
    transfers: COUNT,
    utxoTransactions: COUNT,
    utxoInputs: COUNT,
    utxoOutputs: COUNT,
    labels: COUNT,
    cases: COUNT,
  }),
});

/**
 * Writes a backup into `folder`, which must be missing or empty: `fill` writes the one data file into a temporary folder
 * beside it, which takes the name at the end. Throws E_BACKUP; a failed backup leaves nothing.
 */
export async function writeBackup(
  folder: string,
  dataName: string,
  fill: (path: string) => Promise<StoreTotals>,
): Promise<BackupManifest> {
  const target = resolve(folder);
  await requireEmpty(target);
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const temporary = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
    try {
      const manifest = await fillFolder(temporary, dataName, fill);
      await rmdir(target).catch(() => {});
      await rename(temporary, target);
      return manifest;
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
  } catch (error) {
    throw backupFault(error, target);
  }
}

async function fillFolder(
  temporary: string,
  dataName: string,
  fill: (path: string) => Promise<StoreTotals>,
): Promise<BackupManifest> {
  const path = join(temporary, dataName);
  const totals = await fill(path);
  const { size } = await stat(path);
  const manifest: BackupManifest = {
    version: BACKUP_VERSION,
    createdAt: Math.floor(Date.now() / 1000),
    files: [{ name: dataName, sha256: await fileDigest(path), bytes: size }],
    totals,
  };
  await writeFile(join(temporary, MANIFEST_NAME), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
  await syncFile(path);
  await syncFile(join(temporary, MANIFEST_NAME));
  return manifest;
}

async function requireEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw backupFault(error, folder);
  });
  if (names.length === 0) return;
  throw new HaetaeError('E_BACKUP', 'the folder for the backup is not empty', {
    context: { folder },
    remedy: 'name a folder that does not exist yet',
  });
}

function backupFault(error: unknown, folder: string): HaetaeError {
  if (error instanceof HaetaeError && error.code === 'E_BACKUP') return error;
  const message = error instanceof Error ? error.message : String(error);
  return new HaetaeError('E_BACKUP', `the backup could not be written: ${message}`, {
    context: { folder },
    remedy: 'check the room on the disk and the rights on the folder; nothing was left there',
    cause: error,
  });
}

/** The manifest of a backup whose every file has the size and hash it names. Throws E_BACKUP saying what differs. */
export async function verifiedManifest(folder: string): Promise<BackupManifest> {
  const manifest = await readManifest(folder);
  for (const file of manifest.files) {
    const path = join(folder, file.name);
    const facts = await stat(path).catch(() => null);
    if (facts === null) throw differs(folder, `${file.name} is missing`);
    if (facts.size !== file.bytes) throw differs(folder, `${file.name} has ${facts.size} bytes, not ${file.bytes}`);
    const digest = await fileDigest(path);
    if (digest !== file.sha256) throw differs(folder, `${file.name} has the SHA-256 ${digest}, not ${file.sha256}`);
  }
  return manifest;
}

async function readManifest(folder: string): Promise<BackupManifest> {
  const text = await readFile(join(folder, MANIFEST_NAME), 'utf8').catch(() => null);
  if (text === null) throw differs(folder, `${MANIFEST_NAME} is missing`);
  try {
    return MANIFEST.parse(JSON.parse(text));
  } catch {
    throw differs(folder, `${MANIFEST_NAME} is not a manifest of version ${BACKUP_VERSION}`);
  }
}

export function differs(folder: string, what: string): HaetaeError {
  return new HaetaeError('E_BACKUP', `the backup does not verify: ${what}`, {
    context: { folder },
    remedy: 'use another copy of the backup; nothing was restored',
  });
}

export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const block of createReadStream(path)) hash.update(block as Buffer);
  return hash.digest('hex');
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
