import { parseCsv } from '../base/csv.ts';
import { HaetaeError } from '../base/errors.ts';
import { parseTime, type UnixSeconds } from '../base/time.ts';
import { CATEGORIES, type Category, type LabelEntry } from '../model/label.ts';
import { placeAddress } from './currency.ts';
import { cleanText, labelEntry } from './entry.ts';
import { knownFile } from './known-files.ts';
import { type LabelFileText, type ParsedLabels, type RefusedLabel, slug, UNDATED } from './parsed.ts';

export const LABEL_COLUMNS = [
  'address',
  'chain',
  'label',
  'category',
  'actor',
  'source',
  'confidence',
  'valid_from',
  'valid_to',
] as const;
/** Columns that may follow. */
export const FURTHER_COLUMNS = ['list_date', 'currency', 'abuse', 'programmes', 'url', 'case_lost'] as const;

type Column = (typeof LABEL_COLUMNS)[number] | (typeof FURTHER_COLUMNS)[number];
type Row = Readonly<Partial<Record<Column, string>>>;

/**
 * Haetae’s own label file: CSV with a header; `address` and `label` are required, other columns in any order, unknown columns ignored
 * and named. Rows of several sources make a list each; a row without source belongs to labels:<file name>.
 */
export function parseHaetaeLabels(file: LabelFileText): ParsedLabels {
  const records = parseCsv(file.text, file.name);
  const columns = (records[0] ?? []).map((name) =>
    name
      .replace(/^\ufeff/, '')
      .trim()
      .toLowerCase(),
  );
  for (const required of ['address', 'label']) {
    if (!columns.includes(required)) throw columnMissing(file.name, required);
  }
  const refused: RefusedLabel[] = [];
  const sources = new Map<string, { entries: LabelEntry[]; dates: Set<UnixSeconds> }>();
  const defaultSource = file.options.source ?? `labels:${slug(file.name.replace(/\.[^.]*$/, ''))}`;
  records.slice(1).forEach((record, at) => {
    if (record.length === 1 && record[0]?.trim() === '') return;
    const row: Row = Object.fromEntries(columns.map((column, i) => [column, record[i]?.trim() ?? '']));
    const taken = record.length > columns.length ? fault('fields-too-many', 'row', '') : entryOf(row);
    if ('reason' in taken) {
      refused.push({ ...taken, line: at + 2 });
      return;
    }
    const source = file.options.source ?? (row.source || defaultSource);
    const list = sources.get(source) ?? { entries: [], dates: new Set() };
    list.entries.push(taken);
    const date = parseTime(row.list_date ?? '');
    if (date !== null) list.dates.add(date);
    sources.set(source, list);
  });
  const lists = [...sources].map(([source, { entries, dates }]) => ({ list: listOf(file, source, dates), entries }));
  return {
    format: 'haetae-labels',
    fileName: file.name,
    lists,
    refused,
    ignoredFields: Object.fromEntries(
      columns.filter((name) => !isColumn(name)).map((name) => [cleanText(name, 60), records.length - 1]),
    ),
    warnings: lists.some(({ list }) => list.listDate === null) ? [UNDATED] : [],
  };
}

function isColumn(name: string): name is Column {
  return (LABEL_COLUMNS as readonly string[]).includes(name) || (FURTHER_COLUMNS as readonly string[]).includes(name);
}

function listOf(
  file: LabelFileText,
  source: string,
  dates: ReadonlySet<UnixSeconds>,
): ParsedLabels['lists'][number]['list'] {
  const newest = dates.size === 0 ? null : Math.max(...dates);
  return {
    source: cleanText(source, 100),
    listDate: newest ?? file.options.listDate ?? knownFile(file.sha256)?.listDate ?? null,
    title: file.name,
    url: null,
    licence: null,
    sha256: file.sha256,
    fileName: file.name,
  };
}

type Fault = Omit<RefusedLabel, 'line'>;

function fault(reason: string, field: string, value: string): Fault {
  return { reason, field, value: cleanText(value, 100) };
}

function entryOf(row: Row): LabelEntry | Fault {
  const address = row.address ?? '';
  const label = cleanText(plainText(row.label ?? ''));
  if (address === '') return fault('address-missing', 'address', label);
  if (label === '') return fault('label-missing', 'label', address);
  const caseLost = row.case_lost === 'true';
  const placed = caseLost
    ? { address, chain: row.chain || null, moved: false }
    : placeAddress(row.chain || row.currency || null, address);
  if ('fault' in placed) return fault(placed.fault, 'address', address);
  const category = (row.category || 'unknown') as Category;
  if (!CATEGORIES.includes(category)) return fault('category-unknown', 'category', category);
  const validFrom = dateOf(row.valid_from);
  const validTo = dateOf(row.valid_to);
  if (validFrom === 'bad') return fault('time', 'valid_from', row.valid_from ?? '');
  if (validTo === 'bad') return fault('time', 'valid_to', row.valid_to ?? '');
  if (validFrom !== null && validTo !== null && validTo < validFrom)
    return fault('time-order', 'valid_to', row.valid_to ?? '');
  return labelEntry(placed, label, category, {
    currency: row.currency || null,
    actor: row.actor ? cleanText(plainText(row.actor), 100) : null,
    abuse: row.abuse || null,
    programmes: (row.programmes ?? '').split(';').flatMap((word) => (word.trim() === '' ? [] : [word.trim()])),
    confidence: row.confidence ? cleanText(row.confidence, 40) : 'unknown',
    url: row.url ? cleanText(row.url, 500) : null,
    caseLost,
    validFrom,
    validTo,
  });
}

/** Without the apostrophe that an export puts before what a spreadsheet would run as a formula. */
function plainText(text: string): string {
  return text.replace(/^'(?=[=+\-@])/, '');
}

function dateOf(text: string | undefined): UnixSeconds | null | 'bad' {
  if (text === undefined || text === '') return null;
  return parseTime(text) ?? 'bad';
}

function columnMissing(file: string, field: string): HaetaeError {
  return new HaetaeError('E_LABEL_FILE', `the column ${field} is missing`, {
    context: { file, line: 1, field },
    remedy: `the first line names the columns: ${LABEL_COLUMNS.join(',')} (address and label are required)`,
  });
}
