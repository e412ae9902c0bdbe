import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HaetaeError } from '../base/errors.ts';
import { verifyBundle } from '../trace/case-files.ts';
import { type Command, parseWords, type Terminal, usageError } from './command.ts';

const usage = 'haetae verify BUNDLE [--expect DIGEST]';

export const verify: Command = {
  usage,
  help: `Checks an evidence bundle: every file against the manifest, the manifest against the digest (--expect), and every
result by computing it anew from the bundle alone. Names the file and byte that differ.`,
  run: runVerify,
};

async function runVerify(words: string[], terminal: Terminal): Promise<void> {
  const args = parseWords(words, { expect: { type: 'string' } }, usage);
  const [folder] = args.words;
  if (folder === undefined || args.words.length > 1) throw usageError('one bundle is needed', usage);
  const expected = args.text('expect') ?? null;
  const found = verifyBundle(await readBundle(folder), expected);
  terminal.out(
    `OK ${found.caseId}: ${found.transfers} transfers, ${found.methods.join(', ')} computed anew, byte for byte the same.\n` +
      `digest ${found.digest}${expected === null ? ' (compare it with the one you were given, or pass it with --expect)' : ' as expected'}\n`,
  );
}

export async function readBundle(folder: string): Promise<Map<string, Uint8Array>> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    throw new HaetaeError('E_NOT_FOUND', 'no such bundle', { context: { folder }, cause });
  }
  const files = new Map<string, Uint8Array>();
  for (const name of names) files.set(name, await readFile(join(folder, name)));
  return files;
}
