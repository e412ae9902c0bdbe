import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { HaetaeError } from '../base/errors.ts';

/** The rules that come with the program: rules/default.yaml beside dist/. */
export const DEFAULT_RULES = fileURLToPath(new URL('../../../rules/default.yaml', import.meta.url));

/** Their text. Throws E_FILE_READ. */
export async function readDefaultRules(): Promise<string> {
  try {
    return await readFile(DEFAULT_RULES, 'utf8');
  } catch (cause) {
    throw new HaetaeError('E_FILE_READ', 'the default rules cannot be read', {
      context: { file: DEFAULT_RULES },
      remedy: 'install the package again; rules/default.yaml is part of it',
      cause,
    });
  }
}
