import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HaetaeError } from '../base/errors.ts';
import { verifyBundle } from '../trace/case-files.ts';
import { readZippedBundle } from './_zipped-bundle.ts';
import { type Command, parseWords, type Terminal, usageError } from './command.ts';

const usage = 'haetae verify BUNDLE [--expect DIGEST]';

export const verify: Command = {
  usage,
  help: `Checks an evidence bundle: every file against the manifest, the manifest against the digest (--expect), and every
result by computing it anew from the bundle alone. Names the file and byte that differ. BUNDLE is a folder, as haetae case
export writes it, or a zip file as the console and GET /v1/cases/ID/bundle give it.`,
  run: runVerify,
};

async function runVerify(words: string[], terminal: Terminal): Promise<void> {
  const args = parseWords(words, { expect: { type: 'string' } }, usage);
  const [path] = args.words;
  if (path === undefined || args.words.length > 1) throw usageError('one bundle is needed', usage);
  const expected = args.text('expect') ?? null;
  const found = verifyBundle(await readBundle(path), expected);
  terminal.out(
    `OK ${found.caseId}: ${found.transfers} transfers, ${found.methods.join(', ')} computed anew, byte for byte the same.\n` +
      `digest ${found.digest}${expected === null ? ' (compare it with the one you were given, or pass it with --expect)' : ' as expected'}\n`,
  );
}

/** A folder, or one zip file of its files. Throws E_NOT_FOUND, E_BUNDLE. */
export async function readBundle(path: string): Promise<Map<string, Uint8Array>> {
  let names: string[];
  try {
    if ((await stat(path)).isFile()) return await readZippedBundle(path);
    names = await readdir(path);
  } catch (cause) {
    if (cause instanceof HaetaeError) throw cause;
    throw new HaetaeError('E_NOT_FOUND', 'no such bundle', { context: { folder: path }, cause });
  }
  const files = new Map<string, Uint8Array>();
  for (const name of names) files.set(name, await readFile(join(path, name)));
  return files;
}
