import { parse as parseYaml } from 'yaml';
import { HaetaeError } from '../base/errors.ts';
import { parseTheftFile, type TheftFile } from '../model/theft.ts';

const MAX_BYTES = 5_000_000;

/** A theft file's text (YAML, or JSON which is YAML) to thefts. Throws E_THEFT_FILE with line or field. */
export function readTheftFile(text: string, fileName: string): TheftFile {
  if (text.length > MAX_BYTES) {
    throw new HaetaeError('E_THEFT_FILE', 'the file is larger than 5 MB', { context: { file: fileName } });
  }
  let value: unknown;
  try {
    value = parseYaml(text, { maxAliasCount: 0 });
  } catch (cause) {
    throw new HaetaeError('E_THEFT_FILE', cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : 'not YAML', {
      context: { file: fileName },
      cause,
      remedy: 'see examples/ronin.theft.yaml',
    });
  }
  return parseTheftFile(value, fileName);
}
