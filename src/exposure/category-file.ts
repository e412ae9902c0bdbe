import { isMap, isScalar, LineCounter, type Pair, parseDocument } from 'yaml';
import { HaetaeError } from '../base/errors.ts';
import { CATEGORIES, type Category } from '../model/label.ts';
import { type CategorySet, categorySet, MAX_CATEGORIES } from './categories.ts';
import type { DustRule } from './dust.ts';

const MAX_BYTES = 1_000_000;

/** What a user may set of exposure. */
export interface ExposureSettings {
  readonly categories: CategorySet;
  readonly dust: DustRule;
}

/**
 * A file of categories (YAML, or JSON which is YAML): `categories`, a list of label categories by name, gravest first, and optionally `dust`, a
 * decimal number of whole units by asset id or symbol. Throws E_CATEGORY_FILE with the line and the field.
 */
export function readCategoryFile(text: string, file: string): ExposureSettings {
  const lines = new LineCounter();
  if (text.length > MAX_BYTES) throw fault(file, null, '', 'the file is larger than 1 MB');
  const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) throw fault(file, lines.linePos(error.pos[0]).line, '', `not YAML: ${error.code}`);
  const lineOf = (node: unknown): number | null => {
    const range = (node as { range?: [number, number, number] | null } | null)?.range;
    return range ? lines.linePos(range[0]).line : null;
  };
  const fail: Fail = (node, field, message, remedy) => fault(file, lineOf(node), field, message, remedy);
  if (!isMap(document.contents)) throw fail(document.contents, '', 'the file is not a list of fields');
  let categories: CategorySet | null = null;
  let dust: DustRule = { limits: new Map() };
  for (const pair of document.contents.items) {
    const key = textOf(pair.key);
    if (key === 'categories') categories = categoriesOf(pair, fail);
    else if (key === 'dust') dust = { limits: limitsOf(pair, fail) };
    else throw fail(pair.key, key, 'no field of that name', 'the fields are categories and dust');
  }
  if (categories === null) throw fail(document.contents, 'categories', 'the file names no categories');
  return { categories, dust };
}

type Fail = (node: unknown, field: string, message: string, remedy?: string) => HaetaeError;

function categoriesOf(pair: Pair, fail: Fail): CategorySet {
  if (!isMap(pair.value)) throw fail(pair.key, 'categories', 'not a list of label categories by name');
  const groups: (readonly [string, readonly Category[]])[] = [];
  const owner = new Map<string, string>();
  for (const item of pair.value.items) {
    const name = textOf(item.key);
    const field = `categories.${name}`;
    if (!/^[a-z][a-z0-9-]{0,30}$/.test(name))
      throw fail(item.key, field, 'a name is lower-case letters, digits and hyphens, at most 31');
    if (name === 'unknown') throw fail(item.key, field, 'unknown is what is in no category');
    const labels = wordsOf(item, field, fail);
    for (const { word, node } of labels) {
      if (!(CATEGORIES as readonly string[]).includes(word))
        throw fail(node, field, `${word} is no category of labels`, `label categories: ${CATEGORIES.join(', ')}`);
      const before = owner.get(word);
      if (before !== undefined) throw fail(node, field, `${word} stands under ${before} already`, 'name it once');
      owner.set(word, name);
    }
    groups.push([name, labels.map(({ word }) => word as Category)]);
  }
  if (groups.length === 0) throw fail(pair.key, 'categories', 'no category is named');
  if (groups.length > MAX_CATEGORIES)
    throw fail(pair.key, 'categories', `${groups.length} categories: at most ${MAX_CATEGORIES} fit`, 'join some');
  return categorySet(groups);
}

function wordsOf(item: Pair, field: string, fail: Fail): { readonly word: string; readonly node: unknown }[] {
  const value = item.value as { items?: readonly unknown[] } | null;
  const nodes = isScalar(item.value) ? [item.value] : (value?.items ?? []);
  const words = nodes.filter(isScalar).map((node) => ({ word: textOf(node), node }));
  if (words.length === 0 || words.length !== nodes.length)
    throw fail(item.key, field, 'not a list of label categories');
  return words;
}

function limitsOf(pair: Pair, fail: Fail): ReadonlyMap<string, string> {
  if (!isMap(pair.value)) throw fail(pair.key, 'dust', 'not a list of amounts by asset');
  return new Map(
    pair.value.items.map((item) => {
      const asset = textOf(item.key);
      const amount = textOf(item.value);
      if (!/^\d{1,12}(\.\d{1,18})?$/.test(amount))
        throw fail(item.key, `dust.${asset}`, 'not a number of whole units', 'write it as 0.0001');
      return [asset, amount];
    }),
  );
}

function textOf(node: unknown): string {
  return isScalar(node) ? String(node.value).trim() : '';
}

function fault(file: string, line: number | null, field: string, message: string, remedy?: string): HaetaeError {
  return new HaetaeError('E_CATEGORY_FILE', message, {
    context: { file, ...(line === null ? {} : { line }), ...(field === '' ? {} : { field: field.slice(0, 80) }) },
    remedy: remedy ?? 'see docs/exposure.md',
  });
}
