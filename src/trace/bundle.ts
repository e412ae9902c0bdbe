import { createHash } from 'node:crypto';
import { z } from 'zod';
import { HaetaeError } from '../base/errors.ts';

/**
 * An evidence bundle: the files of a case and `manifest.json`, which holds the SHA-256 of each, of each kibibyte of each, and a
 * chain over them all. The bundle's digest is the SHA-256 of the manifest's bytes: who holds the digest can tell any later change.
 */
export const MANIFEST = 'manifest.json';
const FORMAT = 'haetae-bundle/1';
const BLOCK = 1024;

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  case: z.string().max(200),
  files: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/),
        bytes: z.int().min(0),
        sha256: hex,
        chain: hex,
        blocks: z.array(z.string().regex(/^[0-9a-f]{16}$/)),
      }),
    )
    .max(100),
});
type Manifest = z.infer<typeof manifestSchema>;

export type BundleFiles = ReadonlyMap<string, Uint8Array>;

export function sha256Hex(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The manifest of the files, in order of name, and the bundle's digest. */
export function sealBundle(
  caseId: string,
  files: BundleFiles,
): { readonly manifest: Uint8Array; readonly digest: string } {
  let chain = sha256Hex(FORMAT);
  const entries = [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, bytes]) => {
      const sha256 = sha256Hex(bytes);
      chain = sha256Hex(`${chain} ${name} ${bytes.length} ${sha256}`);
      return { name, bytes: bytes.length, sha256, chain, blocks: blockHashes(bytes) };
    });
  const manifest: Manifest = { format: FORMAT, case: caseId, files: entries };
  const bytes = new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`);
  return { manifest: bytes, digest: sha256Hex(bytes) };
}

function blockHashes(bytes: Uint8Array): string[] {
  const hashes: string[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK) hashes.push(sha256Hex(bytes.subarray(at, at + BLOCK)).slice(0, 16));
  return hashes;
}

/**
 * Checks every file of a bundle against its manifest, and the manifest against a digest where one is given.
 * Throws E_BUNDLE naming the file and, where it can be told, the byte.
 */
export function checkBundle(
  files: BundleFiles,
  expectedDigest: string | null,
): { readonly digest: string; readonly caseId: string } {
  const manifestBytes = files.get(MANIFEST);
  if (manifestBytes === undefined) throw new HaetaeError('E_BUNDLE', `the bundle has no ${MANIFEST}`);
  const digest = sha256Hex(manifestBytes);
  const manifest = parseManifest(manifestBytes);
  const named = new Set([MANIFEST, ...manifest.files.map((entry) => entry.name)]);
  for (const name of files.keys()) {
    if (!named.has(name))
      throw new HaetaeError('E_BUNDLE', 'a file is not in the manifest', { context: { file: name } });
  }
  for (const entry of manifest.files) checkFile(entry, files.get(entry.name));
  const { manifest: rebuilt } = sealBundle(manifest.case, new Map([...files].filter(([name]) => name !== MANIFEST)));
  const at = firstDifference(manifestBytes, rebuilt);
  if (at >= 0) throw new HaetaeError('E_BUNDLE', 'the manifest was changed', { context: { file: MANIFEST, byte: at } });
  if (expectedDigest !== null && expectedDigest.toLowerCase() !== digest) {
    throw new HaetaeError('E_BUNDLE', 'the bundle is not the one with the expected digest', {
      context: { expected: expectedDigest, found: digest },
      remedy: 'the manifest was rewritten, or the digest is that of another bundle',
    });
  }
  return { digest, caseId: manifest.case };
}

function parseManifest(bytes: Uint8Array): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new HaetaeError('E_BUNDLE', 'the manifest is not JSON', { context: { file: MANIFEST }, cause });
  }
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new HaetaeError('E_BUNDLE', `the manifest is not valid: ${issue?.message ?? ''}`, {
    context: { file: MANIFEST, field: issue?.path.join('.') ?? '' },
  });
}

function checkFile(entry: Manifest['files'][number], bytes: Uint8Array | undefined): void {
  if (bytes === undefined) throw new HaetaeError('E_BUNDLE', 'a file is missing', { context: { file: entry.name } });
  if (sha256Hex(bytes) === entry.sha256 && bytes.length === entry.bytes) return;
  const found = blockHashes(bytes);
  const block = entry.blocks.findIndex((hash, index) => hash !== found[index]);
  const start = (block < 0 ? Math.min(entry.blocks.length, found.length) : block) * BLOCK;
  const length = bytes.length === entry.bytes ? '' : `, ${bytes.length} bytes instead of ${entry.bytes}`;
  const change =
    block >= 0 && bytes.length === entry.bytes
      ? changedByte(bytes.subarray(start, start + BLOCK), entry.blocks[block]!)
      : null;
  if (change !== null) {
    throw new HaetaeError('E_BUNDLE', `${entry.name} differs at byte ${start + change.at}`, {
      context: { file: entry.name, byte: start + change.at, is: change.is, was: change.was },
    });
  }
  throw new HaetaeError('E_BUNDLE', `${entry.name} differs between bytes ${start} and ${start + BLOCK - 1}${length}`, {
    context: { file: entry.name, fromByte: start },
  });
}

/** Where one byte of a block was changed, trying each other value of each byte finds it and what it was. */
function changedByte(block: Uint8Array, expected: string): { at: number; is: number; was: number } | null {
  const trial = Uint8Array.from(block);
  for (let at = 0; at < trial.length; at += 1) {
    const is = trial[at]!;
    for (let was = 0; was < 256; was += 1) {
      if (was === is) continue;
      trial[at] = was;
      if (sha256Hex(trial).startsWith(expected)) return { at, is, was };
    }
    trial[at] = is;
  }
  return null;
}

/** Index of the first byte in which two files differ (the shorter's length where one starts with the other), or -1. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at += 1) if (a[at] !== b[at]) return at;
  return a.length === b.length ? -1 : shorter;
}
