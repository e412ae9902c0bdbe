import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { HaetaeError } from '../base/errors.ts';
import { readWholeFile, textOfFile } from '../source/file/whole-file.ts';
import { detectLabelFormat } from './detect.ts';
import { parseEtherscanAccounts } from './etherscan-accounts.ts';
import { parseHaetaeLabels } from './haetae-labels.ts';
import { parseOfacByAsset } from './ofac-by-asset.ts';
import { parseOfacProgrammes } from './ofac-programmes.ts';
import {
  LABEL_FORMATS,
  type LabelFileOptions,
  type LabelFileText,
  type LabelFormat,
  type ParsedLabels,
} from './parsed.ts';
import { parseTagPack } from './tagpack.ts';

/** A YAML tree needs some forty times its text. */
const MAX_BYTES = 64 * 1024 * 1024;

const PARSERS: Readonly<Record<LabelFormat, (file: LabelFileText) => ParsedLabels>> = {
  tagpack: parseTagPack,
  'etherscan-accounts': parseEtherscanAccounts,
  'ofac-by-asset': parseOfacByAsset,
  'ofac-programmes': parseOfacProgrammes,
  'haetae-labels': parseHaetaeLabels,
};

/**
 * Reads a label file of any format, told by its content. Throws E_NOT_FOUND, E_FILE_READ, E_FILE_EMPTY (nothing in it was taken) and
 * E_LABEL_FILE with file, line and field. Bad entries are refused one by one and stand in the result.
 */
export async function readLabelFile(path: string, options: LabelFileOptions = {}): Promise<ParsedLabels> {
  return parseLabelBytes(await readWholeFile(path, MAX_BYTES, tooLarge), basename(path), options);
}

/** As {@link readLabelFile}, for bytes at hand. */
export function parseLabelBytes(bytes: Uint8Array, name: string, options: LabelFileOptions = {}): ParsedLabels {
  if (bytes.length > MAX_BYTES) throw tooLarge(name, bytes.length);
  const text = textOfFile(bytes, name, 'UTF-8');
  const json = jsonOf(text, name);
  const format = detectLabelFormat(text, json);
  if (format === null) throw unknownFormat(name);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const parsed = guarded(name, () => PARSERS[format]({ name, text, sha256, options }));
  if (parsed.lists.every(({ entries }) => entries.length === 0)) throw empty(parsed);
  return parsed;
}

/** Undefined where the text is not meant as JSON. A `[` or `{` that does not parse is a broken file, not another format. */
function jsonOf(text: string, file: string): unknown {
  const start = text.trimStart()[0];
  if (start !== '{' && start !== '[') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const position = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
    throw new HaetaeError('E_LABEL_FILE', 'the file is not whole JSON', {
      context: { file, line: text.slice(0, position).split('\n').length, fault: message.slice(0, 120) },
      remedy: 'the file may have been cut short: fetch it again from its source',
      cause: error,
    });
  }
}

/** What a parser throws by itself (too deep, too many aliases) is a fault of the file. */
function guarded(file: string, parse: () => ParsedLabels): ParsedLabels {
  try {
    return parse();
  } catch (error) {
    if (error instanceof HaetaeError) throw error;
    throw new HaetaeError('E_LABEL_FILE', 'the file cannot be read as labels', {
      context: { file, fault: error instanceof Error ? error.message.slice(0, 120) : '' },
      remedy: 'check that the file is what its source publishes',
      cause: error,
    });
  }
}

function empty(parsed: ParsedLabels): HaetaeError {
  const first = parsed.refused[0];
  return new HaetaeError('E_FILE_EMPTY', 'no entry of the file was taken', {
    context: {
      file: parsed.fileName,
      format: parsed.format,
      refused: parsed.refused.length,
      ...(first === undefined ? {} : { first: first.reason, line: first.line ?? 0, value: first.value }),
    },
    remedy: first === undefined ? 'the file holds no entries' : 'check the addresses and the chain they are read for',
  });
}

function tooLarge(file: string, bytes: number): HaetaeError {
  return new HaetaeError('E_LABEL_FILE', `the file is larger than ${MAX_BYTES} bytes`, {
    context: { file, bytes },
    remedy: 'split it into files of one source and one date',
  });
}

function unknownFormat(file: string): HaetaeError {
  return new HaetaeError('E_LABEL_FILE', 'not a label file of a known format', {
    context: { file },
    remedy: `known are: ${LABEL_FORMATS.join(', ')} (a CSV starts with the columns address,chain,label,category,…)`,
  });
}
