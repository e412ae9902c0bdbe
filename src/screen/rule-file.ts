import { createHash } from 'node:crypto';
import { type Document, isMap, isNode, isScalar, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import type { z } from 'zod';
import { HaetaeError } from '../base/errors.ts';
import { yamlShapeFault } from '../base/yaml-shape.ts';
import type { Conditions, Rule, RuleSet } from './rule.ts';
import { faultsOfRule } from './rule-check.ts';
import { nearest } from './rule-near.ts';
import { FIELDS, RULE_FILE, type RuleText } from './rule-schema.ts';

const MAX_BYTES = 1_000_000;

export interface RuleFileOptions {
  /** Names of exposure categories beyond the default ones (`--categories`). */
  readonly categories?: readonly string[];
}

/** A file of rules (YAML, or JSON which is YAML) as docs/rules.md describes it. Throws E_RULES with file, line and field. */
export function readRules(text: string, file: string, options: RuleFileOptions = {}): RuleSet {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length > MAX_BYTES) throw fault(file, null, '', 'the file is larger than 1 MB', 'split off what is unused');
  const shape = yamlShapeFault(text);
  if (shape !== null) throw fault(file, null, '', shape, 'write it as docs/rules.md says');
  const lines = new LineCounter();
  const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines, prettyErrors: false });
  const at: Place = (path, key) => lineOf(document, lines, path, key);
  const [error] = document.errors;
  if (error !== undefined) {
    const line = lines.linePos(error.pos[0]).line;
    const twice = error.code === 'DUPLICATE_KEY';
    throw fault(file, line, '', twice ? 'a field is given twice' : `not YAML: ${error.code}`, 'correct this line');
  }
  if (!isMap(document.contents)) {
    throw fault(file, 1, '', 'the file is not a list of fields', 'it begins with name: and rules:');
  }
  const parsed = RULE_FILE.safeParse(plain(document, file));
  if (!parsed.success) throw issueFault(file, plainest(parsed.error.issues), at, document);
  checkAll(parsed.data.rules, file, at, options.categories ?? []);
  return {
    name: parsed.data.name,
    hash: createHash('sha256').update(bytes).digest('hex'),
    text,
    rules: parsed.data.rules.map(toRule),
  };
}

type Path = readonly PropertyKey[];
/** Line of what stands at a path, or of one of its keys; of what encloses it where it is missing. */
type Place = (path: Path, key?: string) => number | null;

function plain(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw new HaetaeError('E_RULES', 'the file uses aliases (*name)', {
      context: { file },
      remedy: 'write each rule out',
      cause,
    });
  }
}

function checkAll(rules: readonly RuleText[], file: string, at: Place, categories: readonly string[]): void {
  const seen = new Map<string, number | null>();
  rules.forEach((rule, index) => {
    const line = at(['rules', index, 'id']);
    if (seen.has(rule.id)) {
      const message = `the id ${rule.id} is used twice, first in line ${seen.get(rule.id)}`;
      throw fault(file, line, `rules[${index}].id`, message, 'give each rule an id of its own');
    }
    seen.set(rule.id, line);
    const [found] = faultsOfRule(rule, categories);
    if (found === undefined) return;
    const path = ['rules', index, ...found.path];
    throw fault(file, at(path), fieldText(path), found.message, found.remedy);
  });
}

function toRule({ mode, source, when, ...rule }: RuleText): Rule {
  return {
    ...rule,
    source: { title: source.title, url: source.url ?? null },
    mode: mode ?? 'live',
    when: Object.fromEntries(Object.entries(when).filter(([, value]) => value !== undefined)) as Conditions,
  };
}

function lineOf(document: Document.Parsed, lines: LineCounter, path: Path, key?: string): number | null {
  let node: ParsedNode | null = document.contents;
  let line: number | null = 1;
  for (const part of [...path, ...(key === undefined ? [] : [key])]) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      if (pair === undefined) break;
      line = isNode(pair.key) && pair.key.range ? lines.linePos(pair.key.range[0]).line : line;
      node = (pair.value as ParsedNode | null) ?? null;
      continue;
    }
    const items = (node as { items?: readonly ParsedNode[] } | null)?.items;
    const item = typeof part === 'number' ? items?.[part] : undefined;
    if (item === undefined) break;
    node = item;
    line = item.range ? lines.linePos(item.range[0]).line : line;
  }
  return line;
}

/** A field of a wrong name is also a field that is missing: the name tells more. */
function plainest(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  return issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
}

function issueFault(file: string, issue: z.core.$ZodIssue, at: Place, document: Document.Parsed): HaetaeError {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const known = fieldsAt(path);
    const near = nearest(key, known);
    const remedy = near === null ? `the fields here are ${known.join(', ')}` : `did you mean ${near}?`;
    return fault(file, at(path, key), fieldText([...path, key]), 'no field of that name', remedy);
  }
  const value = document.getIn(path, false);
  const given = typeof value === 'string' ? value : null;
  if (given === null && document.hasIn(path) && (value === undefined || value === null)) {
    return fault(file, at(path), fieldText(path), `${String(path.at(-1) ?? 'it')} has no value`, 'see docs/rules.md');
  }
  if (given === null && value === undefined) {
    return fault(
      file,
      at(path),
      fieldText(path),
      `the field ${String(path.at(-1) ?? '')} is missing`,
      'see docs/rules.md',
    );
  }
  if (issue.code === 'invalid_value') {
    const words = issue.values.map(String);
    const near = given === null ? null : nearest(given, words);
    const remedy = near === null ? `one of ${words.join(', ')}` : `did you mean ${near}?`;
    return fault(file, at(path), fieldText(path), `${given ?? 'this'} is not a word that may stand here`, remedy);
  }
  const said = issue.code === 'invalid_format' || issue.code === 'custom' ? `not ${issue.message}` : issue.message;
  const message = issue.code === 'custom' ? issue.message : said;
  return fault(file, at(path), fieldText(path), message, 'see docs/rules.md');
}

function fieldsAt(path: Path): readonly string[] {
  const place = path.filter((part) => typeof part !== 'number').map(String);
  if (place.length === 0) return FIELDS.file;
  if (place.length === 1) return FIELDS.rule;
  if (place.at(-1) === 'cumulative') return FIELDS.cumulative;
  return place[1] === 'source' ? FIELDS.source : FIELDS.when;
}

/** rules[3].when.category */
function fieldText(path: Path): string {
  return path.reduce<string>(
    (said, part) =>
      typeof part === 'number' ? `${said}[${part}]` : said === '' ? String(part) : `${said}.${String(part)}`,
    '',
  );
}

function fault(file: string, line: number | null, field: string, message: string, remedy: string): HaetaeError {
  return new HaetaeError('E_RULES', message, {
    context: { file, ...(line === null ? {} : { line }), ...(field === '' ? {} : { field: field.slice(0, 120) }) },
    remedy,
  });
}
