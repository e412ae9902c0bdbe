import { requireTime } from '../base/time.ts';
import { visibleText } from '../base/visible-text.ts';
import type { Rule, RuleSet } from '../screen/rule.ts';
import type { RuleSetEntry } from '../screen/rule-book.ts';
import { backTestText } from './_back-test-text.ts';
import type { WithRules } from './_rules.ts';
import { readTextFile } from './_text-file.ts';
import { type Arguments, type Command, parseWords, type Terminal, usageError } from './command.ts';

const usage = `haetae rules list [--json]
haetae rules show [HASH] [--json]
haetae rules test FILE.yaml
haetae rules load FILE.yaml
haetae rules activate HASH
haetae rules backtest FILE.yaml|HASH [--from DATE] [--until DATE] [--limit N] [--json]
haetae rules schema`;

const help = `The rules that decide verdicts (docs/rules.md).
list      every set that was loaded, and which one decides
show      the rules of a set with their reasons and sources (left out: of the one that decides); --text the YAML as written
test      checks a file and shows its rules; keeps nothing
load      checks a file and keeps it by its hash; it decides nothing yet
activate  verdicts are decided by this set from now on; where two persons are asked for, it waits for the second
backtest  what a set would have made of past verdicts: from then on (--from), before then (--until), --limit differences listed (100)
schema    JSON Schema of the file, for editors
HASH may be the beginning of one.`;

const OPTIONS = {
  from: { type: 'string' },
  until: { type: 'string' },
  limit: { type: 'string' },
  text: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** `withRules` reaches the rules: those of a running server, or the records themselves. */
export function rulesCommand(withRules: WithRules): Command {
  const run = async (words: string[], terminal: Terminal): Promise<void> => {
    const args = parseWords(words, OPTIONS, usage);
    const [verb, name, ...more] = args.words;
    if (more.length > 0) throw usageError('too many words', usage);
    if (verb === 'list' && name === undefined) return list(args, terminal, withRules);
    if (verb === 'show') return show(name ?? 'active', args, terminal, withRules);
    if (verb === 'schema' && name === undefined) return schema(terminal);
    if (name === undefined) throw usageError('list, show, test, load, activate, backtest or schema is needed', usage);
    if (verb === 'test') return check(name, terminal);
    if (verb === 'load') return load(name, args, terminal, withRules);
    if (verb === 'activate') return activate(name, args, terminal, withRules);
    if (verb === 'backtest') return backTest(name, args, terminal, withRules);
    throw usageError('list, show, test, load, activate, backtest or schema is needed', usage);
  };
  return { usage, help, run };
}

async function list(args: Arguments, terminal: Terminal, withRules: WithRules): Promise<void> {
  const entries = await withRules(args, terminal, (rules) => rules.list());
  if (args.flag('json')) return json(terminal, entries);
  for (const entry of entries) terminal.out(`${entryText(entry)}\n`);
}

async function show(hash: string, args: Arguments, terminal: Terminal, withRules: WithRules): Promise<void> {
  const { entry, set } = await withRules(args, terminal, (rules) => rules.get(hash));
  if (args.flag('json')) return json(terminal, { entry, rules: set.rules });
  if (args.flag('text')) return terminal.out(set.text.split('\n').map(visibleText).join('\n'));
  terminal.out(`${entryText(entry)}\n${setText(set)}`);
}

async function check(file: string, terminal: Terminal): Promise<void> {
  const { readRules } = await import('../screen/rule-file.ts');
  const set = readRules(await readTextFile(file), file);
  terminal.out(
    `${visibleText(set.name)}: ${set.rules.length} rules, no fault found\nhash ${set.hash}\n${setText(set)}`,
  );
}

async function load(file: string, args: Arguments, terminal: Terminal, withRules: WithRules): Promise<void> {
  const text = await readTextFile(file);
  const entry = await withRules(args, terminal, (rules) => rules.load(text, file));
  terminal.out(`${entryText(entry)}\n`);
  if (entry.active === null) terminal.err(`It decides nothing yet: haetae rules activate ${entry.hash.slice(0, 12)}\n`);
}

async function activate(hash: string, args: Arguments, terminal: Terminal, withRules: WithRules): Promise<void> {
  const { state, approval, rules } = await withRules(args, terminal, (all) => all.activate(hash));
  terminal.out(
    state === 'done' ? `${entryText(rules)}\n` : `proposed as ${approval}: a second person must approve it\n`,
  );
}

async function backTest(name: string, args: Arguments, terminal: Terminal, withRules: WithRules): Promise<void> {
  const isHash = /^([0-9a-f]{4,64}|active)$/.test(name);
  const time = (option: string): number | undefined => {
    const text = args.text(option);
    return text === undefined ? undefined : requireTime(text, `--${option}`) * 1000;
  };
  const from = time('from');
  const until = time('until');
  const limit = args.whole('limit', 0, 1000);
  const query = {
    ...(isHash ? { hash: name } : { text: await readTextFile(name), file: name }),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(limit === undefined ? {} : { limit }),
  };
  const found = await withRules(args, terminal, (rules) => rules.backTest(query));
  if (args.flag('json')) return json(terminal, found);
  terminal.out(backTestText(found));
}

async function schema(terminal: Terminal): Promise<void> {
  const { ruleFileJsonSchema } = await import('../screen/rule-schema.ts');
  json(terminal, ruleFileJsonSchema());
}

function json(terminal: Terminal, value: unknown): void {
  terminal.out(`${JSON.stringify(value, null, 1)}\n`);
}

function entryText({ hash, name, rules, loadedAt, loadedBy, active }: RuleSetEntry): string {
  const loaded = `loaded ${timeText(loadedAt)} by ${loadedBy}`;
  const state = active === null ? '' : `, decides since ${timeText(active.at)} (${active.by})`;
  return visibleText(`${hash.slice(0, 12)}  ${name}: ${rules} rules, ${loaded}${state}`);
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

function setText({ rules }: RuleSet): string {
  return rules.map(ruleText).join('');
}

function ruleText({ id, version, mode, decision, score, title, reason, source }: Rule): string {
  const state = mode === 'test' ? ', in test mode' : '';
  const lines = [
    `${id} v${version}  ${decision} ${score}${state}: ${title}`,
    `  ${reason}`,
    `  ${source.title}${source.url === null ? '' : ` ${source.url}`}`,
  ];
  return `${lines.map(visibleText).join('\n')}\n`;
}
