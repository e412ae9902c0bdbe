import { parseDocument } from 'yaml';
import { HaetaeError } from '../base/errors.ts';
import { yamlShapeFault } from '../base/yaml-shape.ts';
import { parseTheftFile, type TheftFile } from '../model/theft.ts';

const MAX_BYTES = 5_000_000;

/** A theft file's text (YAML, or JSON which is YAML) to thefts. Throws E_THEFT_FILE with line or field. */
export function readTheftFile(text: string, fileName: string): TheftFile {
  if (text.length > MAX_BYTES) {
    throw new HaetaeError('E_THEFT_FILE', 'the file is larger than 5 MB', { context: { file: fileName } });
  }
  const fault = yamlShapeFault(text);
  if (fault !== null) throw notRead(fileName, fault);
  return parseTheftFile(contentOf(text, fileName), fileName);
}

function contentOf(text: string, fileName: string): unknown {
  try {
    // Each error made pretty holds its line: of many in one long line the parser would make gigabytes.
    const document = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
    const [first] = document.errors;
    if (first === undefined) return document.toJS({ maxAliasCount: 0 });
    const before = text.slice(0, first.pos[0]);
    const line = before.split('\n').length;
    throw new Error(`${first.message} at line ${line}, column ${before.length - before.lastIndexOf('\n')}:`);
  } catch (cause) {
    throw notRead(fileName, cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : 'not YAML', cause);
  }
}

function notRead(file: string, message: string, cause?: unknown): HaetaeError {
  return new HaetaeError('E_THEFT_FILE', message, {
    context: { file },
    remedy: 'see examples/ronin.theft.yaml',
    ...(cause === undefined ? {} : { cause }),
  });
}
