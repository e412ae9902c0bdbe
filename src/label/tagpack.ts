import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { HaetaeError } from '../base/errors.ts';
import { parseTime, type UnixSeconds } from '../base/time.ts';
import { requireChain } from '../model/chain.ts';
import type { LabelEntry } from '../model/label.ts';
import { CONFIDENCES } from '../model/label.ts';
import { categoriesOfTag, isKnownConcept } from './category-tagpack.ts';
import { type PlacedAddress, placeAddress } from './currency.ts';
import { cleanText, labelEntry } from './entry.ts';
import { knownFile } from './known-files.ts';
import { type LabelFileText, type ParsedLabels, type RefusedLabel, slug, UNDATED } from './parsed.ts';

/** Fields of the public schema (graphsense-tagpack-tool, src/tagpack/conf/tagpack_schema.yaml) that are read. */
const READ_FIELDS = new Set([
  ...[
    'address',
    'label',
    'source',
    'currency',
    'network',
    'confidence',
    'category',
    'abuse',
    'actor',
    'concepts',
    'lastmod',
  ],
  ...['title', 'creator', 'description', 'tags'],
]);
const MAX_TAGS = 5_000_000;
/** Repetitions of an anchor that one tag may make; a pack needs none. */
const MAX_ALIASES = 20;

type Fields = Readonly<Record<string, unknown>>;

/**
 * A GraphSense TagPack. A field of the header holds for every tag that does not give it itself. A single bad tag is refused
 * and counted; a file that is no TagPack throws E_LABEL_FILE. Source: tagpack:<title>; edition: lastmod.
 */
export function parseTagPack(file: LabelFileText): ParsedLabels {
  const { header, tags, lineOf } = readPack(file);
  const pack = new Pack(header);
  for (const tag of tags) pack.take(tag.fields, lineOf(tag.offset));
  const listDate = pack.listDate() ?? file.options.listDate ?? knownFile(file.sha256)?.listDate ?? null;
  const title = text(header.title) ?? file.name;
  const list = {
    source: file.options.source ?? `tagpack:${slug(title)}`,
    listDate,
    title: cleanText(title),
    url: text(header.source),
    licence: null,
    sha256: file.sha256,
    fileName: file.name,
  };
  return {
    format: 'tagpack',
    fileName: file.name,
    lists: [{ list, entries: pack.entries }],
    refused: pack.refused,
    ignoredFields: pack.ignored,
    warnings: [...(listDate === null ? [UNDATED] : []), ...pack.warnings()],
  };
}

/** Gathers the entries of one pack. */
class Pack {
  readonly entries: LabelEntry[] = [];
  readonly refused: RefusedLabel[] = [];
  readonly ignored: Record<string, number> = {};
  readonly #header: Fields;
  readonly #words: string;
  readonly #remarks = new Map<string, number>();
  #newest: UnixSeconds | null = null;

  constructor(header: Fields) {
    this.#header = header;
    this.#words = [header.title, header.source].map((word) => text(word) ?? '').join(' | ');
    this.#count(header);
  }

  take(own: Fields | null, line: number): void {
    const fault = own === null ? refusal('not-a-tag', 'tags', '') : this.#read(own);
    if (fault !== null) this.refused.push({ ...fault, line });
  }

  #read(own: Fields): Refusal | null {
    this.#count(own);
    const fields = { ...this.#header, ...own };
    const address = text(fields.address);
    const label = cleanText(text(fields.label) ?? '');
    if (address === null) return refusal('address-missing', 'address', text(fields.tx_hash) ?? label);
    if (label === '') return refusal('label-missing', 'label', address);
    const currency = text(fields.currency)?.toUpperCase() ?? null;
    const code = text(fields.network)?.toUpperCase() ?? currency;
    if (code === null) return refusal('currency-missing', 'currency', address);
    const placed = placeAddress(code, address.trim());
    if ('fault' in placed) return refusal(placed.fault, 'address', address);
    if (placed.moved) this.#note(`currency ${code} holds an address of another chain, placed there`);
    this.#date(own);
    this.entries.push(...this.#entriesOf(placed, label, currency ?? code, fields));
    return null;
  }

  /** The header’s date, else the newest of its tags. */
  listDate(): UnixSeconds | null {
    return time(this.#header.lastmod) ?? this.#newest;
  }

  warnings(): string[] {
    return [...this.#remarks].map(([remark, count]) => `${remark} (${count} tags)`);
  }

  #entriesOf(placed: PlacedAddress, label: string, currency: string, fields: Fields): LabelEntry[] {
    const category = text(fields.category);
    const abuse = text(fields.abuse);
    const concepts = texts(fields.concepts);
    const confidence = text(fields.confidence) ?? 'unknown';
    this.#checkWords([category, abuse, ...concepts], confidence);
    const words = { label, category, abuse, concepts, pack: this.#words, contracts: hasContracts(placed) };
    const actor = text(fields.actor);
    const source = text(fields.source);
    const said = {
      currency,
      abuse,
      actor: actor === null ? null : cleanText(actor, 100),
      confidence: cleanText(confidence, 40),
      url: source === null ? null : cleanText(source, 500),
    };
    return categoriesOfTag(words).map((found) => labelEntry(placed, label, found, said));
  }

  #checkWords(words: readonly (string | null)[], confidence: string): void {
    for (const word of words) {
      if (word !== null && !isKnownConcept(word))
        this.#note(`category ${cleanText(word, 60)} is no word of the taxonomy`);
    }
    if (!(CONFIDENCES as readonly string[]).includes(confidence)) {
      this.#note(`confidence ${cleanText(confidence, 60)} is no word of the taxonomy`);
    }
  }

  #count(fields: Fields): void {
    for (const field of Object.keys(fields)) {
      if (!READ_FIELDS.has(field)) this.ignored[cleanText(field, 60)] = (this.ignored[cleanText(field, 60)] ?? 0) + 1;
    }
  }

  #date(own: Fields): void {
    const date = time(own.lastmod);
    if (date !== null && (this.#newest === null || date > this.#newest)) this.#newest = date;
  }

  #note(remark: string): void {
    this.#remarks.set(remark, (this.#remarks.get(remark) ?? 0) + 1);
  }
}

type Refusal = Omit<RefusedLabel, 'line'>;

function refusal(reason: string, field: string, value: string): Refusal {
  return { reason, field, value: cleanText(value, 100) };
}

function hasContracts({ chain, address }: PlacedAddress): boolean {
  if (chain === null) return address.startsWith('0x');
  return requireChain(chain).model === 'account';
}

interface ReadPack {
  readonly header: Fields;
  readonly tags: readonly { readonly fields: Fields | null; readonly offset: number }[];
  readonly lineOf: (offset: number) => number;
}

function readPack(file: LabelFileText): ReadPack {
  const lines = new LineCounter();
  const document = parseDocument(file.text, {
    lineCounter: lines,
    uniqueKeys: false,
    // Every scalar stays as written: an unquoted 0x… is a number to other schemas, and loses its last digits.
    schema: 'failsafe',
    prettyErrors: false,
    logLevel: 'silent',
  });
  const lineOf = (offset: number): number => lines.linePos(offset).line;
  const fault = document.errors[0];
  if (fault !== undefined) throw invalid(file.name, lineOf(fault.pos[0]), '', fault.message);
  const root = document.contents;
  if (!isMap(root)) throw invalid(file.name, 1, '', 'the file is not a mapping of header fields and tags');
  const tagNode = root.get('tags', true) as Node | undefined;
  if (!isSeq(tagNode)) throw invalid(file.name, 1, 'tags', 'there is no list of tags');
  if (tagNode.items.length > MAX_TAGS) throw invalid(file.name, 1, 'tags', `more than ${MAX_TAGS} tags`);
  const fieldsOf = (node: unknown): Fields | null => {
    if (isAlias(node)) return null;
    if (!isMap(node)) return null;
    return plainFields(node) ?? (node.toJS(document, { maxAliasCount: MAX_ALIASES }) as Fields);
  };
  const header = headerOf(root, (node) => fieldsOf(node), file.name);
  const tags = tagNode.items.map((node) => ({ fields: fieldsOf(node), offset: (node as Node).range?.[0] ?? 0 }));
  return { header, tags, lineOf };
}

function headerOf(root: YAMLMap, fieldsOf: (node: unknown) => Fields | null, fileName: string): Fields {
  const copy = root.clone() as YAMLMap;
  copy.items = root.items.filter(({ key }) => !(isScalar(key) && key.value === 'tags'));
  const fields = fieldsOf(copy) ?? {};
  if (text(fields.title) === null) throw invalid(fileName, 1, 'title', 'a TagPack has a title');
  return fields;
}

/** A map of scalars as an object without the general conversion: most tags are one. Null where it holds more. */
function plainFields(node: YAMLMap): Fields | null {
  const fields: Record<string, unknown> = {};
  for (const { key, value } of node.items) {
    if (!isScalar(key) || !isScalar(value) || typeof key.value !== 'string') return null;
    if (key.value !== '__proto__') fields[key.value] = value.value;
  }
  return fields;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && !/^\s*(?:~|null)?\s*$/i.test(value) ? value : null;
}

function texts(value: unknown): string[] {
  const items = Array.isArray(value) ? value : [value];
  return items.flatMap((item) => text(item) ?? []);
}

/** YYYY-MM-DD, with time and fraction or without. */
function time(value: unknown): UnixSeconds | null {
  const written = text(value);
  return written === null ? null : parseTime(written);
}

function invalid(file: string, line: number, field: string, fault: string): HaetaeError {
  return new HaetaeError('E_LABEL_FILE', `not a valid TagPack: ${fault.split('\n')[0]}`, {
    context: { file, line, ...(field === '' ? {} : { field }) },
    remedy: 'see https://github.com/graphsense/graphsense-tagpacks/wiki/GraphSense-TagPacks for the format',
  });
}
