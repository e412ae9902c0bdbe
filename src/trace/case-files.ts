import { z } from 'zod';
import { csvLine, spreadsheetText } from '../base/csv.ts';
import { HaetaeError } from '../base/errors.ts';
import { METHODS } from '../taint/engine.ts';
import { type BundleFiles, checkBundle, firstDifference, sha256Hex } from './bundle.ts';
import {
  coverageFromCsv,
  coverageToCsv,
  type Evidence,
  labelsFromCsv,
  labelsToCsv,
  transfersFromCsv,
  transfersToCsv,
  utxoFromLines,
  utxoToLines,
} from './evidence.ts';
import type { TouchedRow, TraceResult } from './result.ts';
import { readTheftFile } from './theft-file.ts';
import { type TraceOutput, traceEvidence } from './trace.ts';

/** The files of a case: what it read (theft, transfers, labels, settings) and what it found. */
const FILES = {
  theft: 'theft.yaml',
  settings: 'case.json',
  transfers: 'transfers.csv',
  utxo: 'utxo.jsonl',
  context: 'context.csv',
  labels: 'labels.csv',
  coverage: 'coverage.csv',
  results: 'results.json',
  touched: 'touched.csv',
  readme: 'README.txt',
} as const;

const TOUCHED_COLUMNS = [
  'method',
  'source_file',
  'source_row',
  'tx',
  'from',
  'to',
  'asset',
  'amount',
  'tainted',
] as const;

const settingsSchema = z.strictObject({
  format: z.literal('haetae-case/1'),
  case: z.string(),
  version: z.string(),
  theftFileName: z.string(),
  methods: z.record(z.string(), z.int()),
  options: z.strictObject({
    methods: z.array(z.string()),
    until: z.number().nullable(),
    maxHops: z.number().nullable(),
    minAmount: z.string().nullable(),
    stopCategories: z.array(z.string()),
    stopAddresses: z.array(z.string()),
    maxCounterparties: z.number().nullable(),
    maxTransfers: z.number(),
  }),
  sources: z.array(
    z.strictObject({
      preset: z.string(),
      chain: z.string(),
      files: z.array(z.strictObject({ name: z.string(), sha256: z.string() })),
      rowsRead: z.number(),
      rowsKept: z.number(),
      orderRule: z.string(),
      duplicateRule: z.string(),
      duplicates: z.number(),
      rounded: z.number(),
      refused: z.number(),
      complete: z.strictObject({ from: z.number(), until: z.number() }).nullable(),
    }),
  ),
  assets: z.array(
    z.strictObject({ id: z.string(), chain: z.string(), symbol: z.string(), decimals: z.number().nullable() }),
  ),
});

const README = (
  fetched: boolean,
): string => `This is an evidence bundle of Haetae, an open system that follows stolen virtual assets.

theft.yaml      what was stolen, where it landed, and the source of each fact
case.json       settings, methods with their versions, imports with the SHA-256 of each source file
transfers.csv   every transfer used, with source file and row; utxo.jsonl the same for whole UTXO transactions
context.csv     movements of the robbed wallets, for what is usual there
labels.csv      every label used, and where the trace stopped${fetched ? '\ncoverage.csv    what was fetched from living chains: which places are known whole, from when to when' : ''}
results.json    what was found; touched.csv every transfer that carried taint, method by method
manifest.json   SHA-256 of each file, chained. The bundle's digest is the SHA-256 of this file.

To check it:    haetae verify FOLDER --expect DIGEST
It recomputes every result from the other files and names the first byte that differs.
`;

const utf8 = new TextEncoder();

/** A short name that the same evidence always gets: a slug of the title and eight digits of the evidence's hash. */
export function caseIdOf(evidence: Evidence, title: string): string {
  const slug = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  const parts = [evidence.theftText, JSON.stringify(evidence.options), JSON.stringify(evidence.sources)];
  const rows = [
    transfersToCsv(evidence.transfers),
    utxoToLines(evidence.utxo),
    transfersToCsv(evidence.context),
    labelsToCsv(evidence.labels),
    ...(evidence.coverage.length === 0 ? [] : [coverageToCsv(evidence.coverage)]),
  ];
  return `${slug === '' ? 'case' : slug}-${sha256Hex([...parts, ...rows].map((text) => sha256Hex(text)).join('')).slice(0, 8)}`;
}

export function caseFiles(evidence: Evidence, output: TraceOutput): Map<string, Uint8Array> {
  const { result } = output;
  const settings: z.infer<typeof settingsSchema> = {
    format: 'haetae-case/1',
    case: result.case,
    version: result.context.version,
    theftFileName: evidence.theftFileName,
    methods: Object.fromEntries(evidence.options.methods.map((method) => [method, METHODS[method]!.version])),
    options: {
      ...evidence.options,
      methods: [...evidence.options.methods],
      stopCategories: [...evidence.options.stopCategories],
      stopAddresses: [...evidence.options.stopAddresses],
    },
    sources: evidence.sources.map((source) => ({ ...source, files: source.files.map((file) => ({ ...file })) })),
    assets: evidence.assets.map((asset) => ({ ...asset })),
  };
  return new Map(
    Object.entries({
      [FILES.theft]: evidence.theftText,
      [FILES.settings]: `${JSON.stringify(settings, null, 1)}\n`,
      [FILES.transfers]: transfersToCsv(evidence.transfers),
      [FILES.utxo]: utxoToLines(evidence.utxo),
      [FILES.context]: transfersToCsv(evidence.context),
      [FILES.labels]: labelsToCsv(evidence.labels),
      ...(evidence.coverage.length === 0 ? {} : { [FILES.coverage]: coverageToCsv(evidence.coverage) }),
      [FILES.results]: resultText(result),
      [FILES.touched]: touchedText(output.touched),
      [FILES.readme]: README(evidence.coverage.length > 0),
    }).map(([name, text]) => [name, utf8.encode(text)]),
  );
}

export function resultText(result: TraceResult): string {
  return `${JSON.stringify(result, null, 1)}\n`;
}

/** The columns of `--touched`. */
export function touchedText(rows: readonly TouchedRow[]): string {
  const lines = rows.map((row) => csvLine(TOUCHED_COLUMNS.map((column) => touchedField(row[column]))));
  return `${[TOUCHED_COLUMNS.join(','), ...lines].join('\n')}\n`;
}

function touchedField(value: string | number): string | number {
  return typeof value === 'number' ? value : spreadsheetText(value);
}

export interface ReadCase {
  readonly evidence: Evidence;
  readonly caseId: string;
  readonly version: string;
  readonly methodVersions: Readonly<Record<string, number>>;
}

/** The evidence back out of a case's files. Throws E_BUNDLE naming the file. */
export function readCaseFiles(files: BundleFiles): ReadCase {
  const settings = parseSettings(textOf(files, FILES.settings));
  return {
    caseId: settings.case,
    version: settings.version,
    methodVersions: settings.methods,
    evidence: {
      theftText: textOf(files, FILES.theft),
      theftFileName: settings.theftFileName,
      options: settings.options,
      sources: settings.sources,
      assets: settings.assets,
      transfers: transfersFromCsv(textOf(files, FILES.transfers), FILES.transfers),
      utxo: utxoFromLines(textOf(files, FILES.utxo)),
      context: transfersFromCsv(textOf(files, FILES.context), FILES.context),
      labels: labelsFromCsv(textOf(files, FILES.labels), FILES.labels),
      coverage: files.has(FILES.coverage) ? coverageFromCsv(textOf(files, FILES.coverage), FILES.coverage) : [],
    },
  };
}

function textOf(files: BundleFiles, name: string): string {
  const bytes = files.get(name);
  if (bytes === undefined) throw new HaetaeError('E_BUNDLE', 'a file is missing', { context: { file: name } });
  return new TextDecoder().decode(bytes);
}

function parseSettings(text: string): z.infer<typeof settingsSchema> {
  try {
    return settingsSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new HaetaeError('E_BUNDLE', 'not the settings of a case of this version', {
      context: { file: FILES.settings },
      cause,
    });
  }
}

/** Everything of a case computed anew from its own files. */
export function replay(read: ReadCase): TraceOutput {
  for (const [method, version] of Object.entries(read.methodVersions)) {
    const known = METHODS[method]?.version;
    if (known !== version) {
      throw new HaetaeError('E_BUNDLE', `the bundle was made with version ${version} of ${method}`, {
        context: { method, here: known ?? 'none' },
        remedy: `verify it with Haetae ${read.version}`,
      });
    }
  }
  const file = readTheftFile(read.evidence.theftText, FILES.theft);
  return traceEvidence(read.evidence, file, read.caseId, read.version);
}

export interface Verification {
  readonly digest: string;
  readonly caseId: string;
  readonly transfers: number;
  readonly methods: readonly string[];
}

/** Checks a bundle's hashes, computes its results anew and compares them byte by byte. Throws E_BUNDLE with file and byte. */
export function verifyBundle(files: BundleFiles, expectedDigest: string | null): Verification {
  const { digest, caseId } = checkBundle(files, expectedDigest);
  const read = readCaseFiles(files);
  const output = replay(read);
  const again = caseFiles(read.evidence, output);
  for (const [name, bytes] of again) {
    const at = firstDifference(files.get(name) ?? new Uint8Array(), bytes);
    if (at < 0) continue;
    throw new HaetaeError('E_BUNDLE', `${name} is not what the evidence gives: first difference at byte ${at}`, {
      context: { file: name, byte: at },
    });
  }
  const transfers = read.evidence.transfers.length + read.evidence.utxo.length;
  return { digest, caseId, transfers, methods: read.evidence.options.methods };
}
