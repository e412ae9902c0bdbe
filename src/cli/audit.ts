import { readFile, writeFile } from 'node:fs/promises';
import type { AuditEntry } from '../access/audit-entry.ts';
import { parseSignedHead } from '../access/audit-head.ts';
import type { SignedHead } from '../access/signed-head.ts';
import { HaetaeError } from '../base/errors.ts';
import { formatTime, requireTime } from '../base/time.ts';
import { visibleText } from '../base/visible-text.ts';
import type { WithAccess } from './_access.ts';
import { type Arguments, type Command, parseWords, type Terminal, usageError } from './command.ts';

const usage = `haetae audit verify [--head FILE] [--public-key FILE] [--json]
haetae audit head [--out FILE]
haetae audit list [--from DATE] [--limit N] [--actor ID] [--action NAME] [--subject ID] [--json]`;

const help = `The audit log: every verdict, change and sign-in, each entry chained to the one before by its hash.
verify   every number, hash, link and time, and the stored bytes of every verdict. Ends with 1 where something is wrong.
         --head a signed head taken earlier: a tail cut off or a history written anew since then shows only against it
         --public-key PEM of who must have signed that head (left out: a key that the log itself names)
head     the signed head: keep it away from this machine, where nobody who can write here can reach it
list     newest first; --limit 50, --action whole (key.create) or its noun (key)`;

const OPTIONS = {
  head: { type: 'string' },
  'public-key': { type: 'string' },
  out: { type: 'string' },
  from: { type: 'string' },
  limit: { type: 'string' },
  actor: { type: 'string' },
  action: { type: 'string' },
  subject: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** `withAccess` reaches the log: that of a running server, or the records themselves. */
export function auditCommand(withAccess: WithAccess): Command {
  const run = async (words: string[], terminal: Terminal): Promise<void> => {
    const args = parseWords(words, OPTIONS, usage);
    const [verb, ...more] = args.words;
    if (more.length > 0) throw usageError('too many words', usage);
    if (verb === 'verify') return verify(args, terminal, withAccess);
    if (verb === 'head') return head(args, terminal, withAccess);
    if (verb === 'list') return list(args, terminal, withAccess);
    throw usageError('verify, head or list is needed', usage);
  };
  return { usage, help, run };
}

async function verify(args: Arguments, terminal: Terminal, withAccess: WithAccess): Promise<void> {
  const headFile = args.text('head');
  const keyFile = args.text('public-key');
  if (keyFile !== undefined && headFile === undefined) throw usageError('--public-key goes with --head', usage);
  const checks: { head?: SignedHead; publicKey?: string } = {};
  if (headFile !== undefined) checks.head = parseSignedHead(await readText(headFile));
  if (keyFile !== undefined) checks.publicKey = await readText(keyFile);
  const result = await withAccess(args, terminal, (access) => access.verifyAudit(checks));
  if (args.flag('json')) terminal.out(`${JSON.stringify(result, null, 1)}\n`);
  const { ok, entries, verdicts, firstFault } = result;
  if (!ok || firstFault !== null) {
    throw new HaetaeError('E_AUDIT', `the audit log does not verify: ${firstFault?.what}`, {
      context: { entry: firstFault?.seq ?? 0, soundBefore: entries },
      remedy: 'keep these records as they are for whoever looks into it, and compare with a backup',
    });
  }
  if (args.flag('json')) return;
  const against = checks.head === undefined ? '' : ` It leads to the given head (entry ${checks.head.seq}).`;
  terminal.out(`sound: ${entries} entries, ${verdicts} verdicts as decided.${against}\n`);
  if (checks.head === undefined)
    terminal.err('A tail that was cut off shows only against a head kept elsewhere (--head).\n');
}

async function head(args: Arguments, terminal: Terminal, withAccess: WithAccess): Promise<void> {
  const signed = await withAccess(args, terminal, (access) => access.signHead());
  const text = `${JSON.stringify(signed, null, 1)}\n`;
  const out = args.text('out');
  if (out === undefined) return terminal.out(text);
  try {
    await writeFile(out, text);
  } catch (cause) {
    throw new HaetaeError('E_FILE_WRITE', 'the head cannot be written', {
      context: { file: out },
      remedy: 'check folder, permission and disk',
      cause,
    });
  }
  terminal.out(`${out}: entry ${signed.seq}, ${signed.hash}\n`);
}

async function list(args: Arguments, terminal: Terminal, withAccess: WithAccess): Promise<void> {
  const limit = args.whole('limit', 1, 1_000_000) ?? 50;
  const from = args.text('from');
  const since = from === undefined ? {} : { from: formatTime(requireTime(from, '--from')).replace('Z', '.000Z') };
  const only = { actor: args.text('actor'), action: args.text('action'), subject: args.text('subject') };
  const print = (entry: AuditEntry): void =>
    terminal.out(args.flag('json') ? `${JSON.stringify(entry)}\n` : `${entryText(entry)}\n`);
  await withAccess(args, terminal, async (access) => {
    let left = limit;
    let before: number | undefined;
    do {
      const { items, next } = await access.listAudit({ ...since, ...only, before, limit: Math.min(left, 1000) });
      items.forEach(print);
      left -= items.length;
      before = next ?? undefined;
    } while (left > 0 && before !== undefined);
  });
}

function entryText({ seq, at, actor, action, subject, detail }: AuditEntry): string {
  const facts = Object.entries(detail ?? {}).map(([name, value]) => `${name}=${value}`);
  return visibleText([seq, at, actor, action, subject, ...facts].join('  '));
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new HaetaeError('E_FILE_READ', 'the file cannot be read', {
      context: { file },
      remedy: 'check its name and permission',
      cause,
    });
  }
}
