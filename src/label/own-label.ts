import { createHash, randomBytes } from 'node:crypto';
import { csvLine, spreadsheetText } from '../base/csv.ts';
import { HaetaeError } from '../base/errors.ts';
import { formatTime, type UnixSeconds } from '../base/time.ts';
import { requireAddress } from '../model/address.ts';
import { type ChainId, requireChain } from '../model/chain.ts';
import type { Category } from '../model/label.ts';
import type { LabelRow, StoredLabelList } from '../store/port.ts';
import { OWN_PREFIX } from './edition.ts';
import { cleanText, labelEntry } from './entry.ts';
import { FURTHER_COLUMNS, LABEL_COLUMNS } from './haetae-labels.ts';
import type { ParsedList } from './parsed.ts';

/**
 * A label that was added here. It is a source of its own, `own:ID`: its first edition, of the second it was added, holds it; its last, of the
 * second it was expired, holds nothing. So what was known when is told as it is of every other list, and no own label ends another.
 */
export interface OwnLabel {
  readonly id: string;
  readonly chain: ChainId | null;
  /** Canonical. */
  readonly address: string;
  readonly category: Category;
  readonly label: string;
  readonly actor: string | null;
  readonly programmes: readonly string[];
  readonly confidence: string;
  readonly url: string | null;
  /** Why it was added, in the words of who did. */
  readonly note: string;
  readonly validFrom: UnixSeconds | null;
  readonly validTo: UnixSeconds | null;
  /** null: an undated list of another store. */
  readonly addedAt: UnixSeconds | null;
  /** A principal’s id, or the file that it was imported from. */
  readonly addedBy: string;
  readonly expiredAt: UnixSeconds | null;
  readonly expiredBy: string | null;
  /** Why it was expired. */
  readonly reason: string | null;
}

/** What a caller says of an address. */
export interface OwnLabelDraft {
  /** Name or CAIP-2 id. */
  readonly chain: string;
  readonly address: string;
  readonly category: Category;
  readonly label: string;
  readonly note: string;
  readonly actor?: string | null | undefined;
  readonly programmes?: readonly string[] | undefined;
  readonly confidence?: string | undefined;
  readonly url?: string | null | undefined;
  readonly validFrom?: UnixSeconds | null | undefined;
  readonly validTo?: UnixSeconds | null | undefined;
}

/** Who does it, and when. */
export interface OwnDeed {
  readonly actor: string;
  readonly at: UnixSeconds;
}

/** One’s own word: GraphSense’s word for what a user sets above all others. */
const OWN_CONFIDENCE = 'override';

/** The list that adds a label. Throws E_ASSET, E_ADDRESS, E_TIME, E_FIELD. */
export function ownLabelList(draft: OwnLabelDraft, { actor, at }: OwnDeed): ParsedList {
  const chain = requireChain(draft.chain);
  const address = requireAddress(chain, draft.address, 'address');
  const [validFrom, validTo] = [draft.validFrom ?? null, draft.validTo ?? null];
  if (validFrom !== null && validTo !== null && validTo < validFrom) {
    throw new HaetaeError('E_TIME', 'validTo is before validFrom', {
      context: { field: 'validTo', validFrom: formatTime(validFrom), validTo: formatTime(validTo) },
      remedy: 'give the later date as validTo',
    });
  }
  const entry = labelEntry({ chain: chain.id, address, moved: false }, wordsOf(draft.label, 'label'), draft.category, {
    actor: draft.actor ? cleanText(draft.actor, 100) : null,
    programmes: draft.programmes ?? [],
    confidence: draft.confidence ?? OWN_CONFIDENCE,
    url: draft.url ? cleanText(draft.url, 500) : null,
    validFrom,
    validTo,
  });
  const id = randomBytes(8).toString('hex');
  return editionOf(id, { actor, at }, cleanText(draft.note, 500), [entry]);
}

/** The list that ends a label: a later edition that holds nothing. Throws E_STATE where it has ended. */
export function ownLabelEnd(label: OwnLabel, reason: string, { actor, at }: OwnDeed): ParsedList {
  if (label.expiredAt !== null) {
    throw new HaetaeError('E_STATE', 'the label is expired already', {
      context: { id: label.id, expired: formatTime(label.expiredAt) },
      remedy: 'nothing is to be done; add a new label if it should hold again',
    });
  }
  // Editions are told apart by their second.
  const date = Math.max(at, (label.addedAt ?? 0) + 1);
  return editionOf(label.id, { actor, at: date }, wordsOf(reason, 'reason'), []);
}

function editionOf(id: string, { actor, at }: OwnDeed, title: string, entries: ParsedList['entries']): ParsedList {
  const source = `${OWN_PREFIX}${id}`;
  const said = JSON.stringify([source, at, actor, title, entries]);
  const sha256 = createHash('sha256').update(said).digest('hex');
  return { list: { source, listDate: at, title, url: null, licence: null, sha256, fileName: actor }, entries };
}

function wordsOf(text: string, field: string): string {
  const clean = cleanText(text);
  if (clean !== '') return clean;
  throw new HaetaeError('E_FIELD', `${field} is empty`, {
    context: { field },
    remedy: `say it in words: ${field} stands in every verdict that it decides`,
  });
}

export function isOwnList({ source }: Pick<StoredLabelList, 'source'>): boolean {
  return source.startsWith(OWN_PREFIX);
}

/** Own labels out of their lists (oldest first) and the rows of these. */
export function ownLabelsOf(lists: readonly StoredLabelList[], rows: readonly LabelRow[]): OwnLabel[] {
  const byId = new Map(lists.map((list) => [list.id, list]));
  const editions = new Map<string, StoredLabelList[]>();
  for (const list of lists) editions.set(list.source, [...(editions.get(list.source) ?? []), list]);
  return rows.flatMap((row) => {
    const list = byId.get(row.listId);
    if (list === undefined || !isOwnList(list)) return [];
    const end = editions.get(list.source)?.find(({ listDate }) => (listDate ?? 0) > (list.listDate ?? 0));
    return [ownLabelOf(row, list, end)];
  });
}

function ownLabelOf(row: LabelRow, list: StoredLabelList, end: StoredLabelList | undefined): OwnLabel {
  const { chain, address, category, label, actor, programmes, confidence, url, validFrom, validTo } = row;
  return {
    id: list.source.slice(OWN_PREFIX.length),
    ...{ chain, address, category, label, actor, programmes, confidence, url },
    note: list.title,
    validFrom,
    validTo,
    addedAt: list.listDate,
    addedBy: list.fileName,
    expiredAt: end?.listDate ?? null,
    expiredBy: end?.fileName ?? null,
    reason: end?.title ?? null,
  };
}

const COLUMNS = [...LABEL_COLUMNS, ...FURTHER_COLUMNS];

/** The first line of an export. */
export const OWN_CSV_HEADER = `${csvLine([...COLUMNS, 'note'])}\n`;

/**
 * A line of a label file that `haetae import labels` reads back (but for `note`, which is for people): the same source and date, so that into the
 * same store it adds nothing. An expired label ends by `valid_to`, one second before it was expired.
 */
export function ownCsvLine(label: OwnLabel): string {
  const end = label.expiredAt === null ? label.validTo : Math.min(label.expiredAt - 1, label.validTo ?? Infinity);
  const fields: Readonly<Record<string, string | null>> = {
    address: label.address,
    chain: label.chain,
    label: spreadsheetText(label.label),
    category: label.category,
    actor: label.actor === null ? null : spreadsheetText(label.actor),
    source: `${OWN_PREFIX}${label.id}`,
    confidence: label.confidence,
    valid_from: label.validFrom === null ? null : formatTime(label.validFrom),
    valid_to: end === null ? null : formatTime(end),
    list_date: label.addedAt === null ? null : formatTime(label.addedAt),
    programmes: label.programmes.join(';'),
    url: label.url,
    note: spreadsheetText(label.note),
  };
  return `${csvLine([...COLUMNS, 'note'].map((column) => fields[column] ?? ''))}\n`;
}
