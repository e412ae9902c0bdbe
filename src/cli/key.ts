import type { KeyView } from '../access/key-record.ts';
import type { NewKey } from '../access/key-ring.ts';
import { ROLES, type Role, SCOPES, SCOPES_OF, type Scope } from '../access/principal.ts';
import { requireTime } from '../base/time.ts';
import { visibleText } from '../base/visible-text.ts';
import type { WithAccess } from './_access.ts';
import { type Arguments, type Command, parseWords, type Terminal, usageError } from './command.ts';

const usage = `haetae key create --role ROLE [--name TEXT] [--person TEXT] [--scopes a,b] [--expires DATE] [--rate N]
haetae key list [--json]
haetae key rotate ID [--grace HOURS]
haetae key revoke ID`;

const MAX_NAME = 100;
const OPTIONS = {
  role: { type: 'string' },
  name: { type: 'string' },
  person: { type: 'string' },
  scopes: { type: 'string' },
  expires: { type: 'string' },
  rate: { type: 'string' },
  grace: { type: 'string' },
  json: { type: 'boolean' },
} as const;

const help = `API keys of the screening service.
create   prints the key, once: it is kept as a hash only. The key alone goes to standard output.
         --role ${ROLES.join(', ')}; --scopes narrows it to some of the role's:
${ROLES.map((role) => `           ${role.padEnd(9)} ${SCOPES_OF[role].join(' ')}`).join('\n')}
         --person whose key it is: what needs two persons goes by it (left out: local, this machine)
         --rate requests a second, twice as many at once (left out: no limit)
list     every key without its secret, ended ones too
rotate   a new secret for the same key; the old one is taken for --grace hours more (24; 0: not at all)
revoke   refused from then on, with every session made from it
ID is the part of a key between hk_ and the next _.`;

/** `withAccess` reaches the keys: those of a running server, or the records themselves. */
export function keyCommand(withAccess: WithAccess): Command {
  const run = async (words: string[], terminal: Terminal): Promise<void> => {
    const args = parseWords(words, OPTIONS, usage);
    const [verb, id, ...more] = args.words;
    if (more.length > 0) throw usageError('too many words', usage);
    if (verb === 'create' && id === undefined) return create(args, terminal, withAccess);
    if (verb === 'list' && id === undefined) return list(args, terminal, withAccess);
    if (verb === 'rotate' && id !== undefined) return rotate(id, args, terminal, withAccess);
    if (verb === 'revoke' && id !== undefined) return revoke(id, args, terminal, withAccess);
    throw usageError('create, list, rotate ID or revoke ID is needed', usage);
  };
  return { usage, help, run };
}

async function create(args: Arguments, terminal: Terminal, withAccess: WithAccess): Promise<void> {
  const wanted = newKey(args);
  const { key, secret } = await withAccess(args, terminal, (access) => access.createKey(wanted));
  terminal.out(`${secret}\n`);
  terminal.err(`${keyText(key)}\nThis is the only time that the key is shown.\n`);
}

function newKey(args: Arguments): NewKey {
  const role = args.text('role');
  if (role === undefined) throw usageError(`--role is needed: ${ROLES.join(', ')}`, usage);
  if (!isRole(role)) throw usageError(`--role is one of ${ROLES.join(', ')}`, usage);
  const scopes = args.text('scopes')?.split(',');
  const unknown = scopes?.find((scope) => !isScope(scope));
  if (unknown !== undefined) throw usageError(`--scopes takes some of ${SCOPES_OF[role].join(', ')}`, usage);
  const label = shortText('name', args);
  const person = shortText('person', args);
  const expires = args.text('expires');
  const rate = args.whole('rate', 1, 1_000_000);
  return {
    role,
    ...(label === undefined ? {} : { label }),
    ...(person === undefined ? {} : { person }),
    ...(scopes === undefined ? {} : { scopes: scopes as Scope[] }),
    ...(expires === undefined ? {} : { expires: requireTime(expires, '--expires') * 1000 }),
    ...(rate === undefined ? {} : { rate }),
  };
}

function shortText(name: string, args: Arguments): string | undefined {
  const text = args.text(name);
  if (text === undefined || (text.length > 0 && text.length <= MAX_NAME)) return text;
  throw usageError(`--${name} takes 1 to ${MAX_NAME} letters`, usage);
}

function isRole(text: string): text is Role {
  return ROLES.some((role) => role === text);
}

function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text);
}

async function list(args: Arguments, terminal: Terminal, withAccess: WithAccess): Promise<void> {
  const keys = await withAccess(args, terminal, (access) => access.listKeys());
  if (args.flag('json')) return terminal.out(`${JSON.stringify(keys, null, 1)}\n`);
  terminal.out(keys.length === 0 ? 'no key yet: haetae key create --role ROLE makes one\n' : '');
  for (const key of keys) terminal.out(`${keyText(key)}\n`);
}

async function rotate(id: string, args: Arguments, terminal: Terminal, withAccess: WithAccess): Promise<void> {
  const hours = args.whole('grace', 0, 720);
  const graceMs = hours === undefined ? undefined : hours * 3_600_000;
  const { key, secret } = await withAccess(args, terminal, (access) => access.rotateKey(id, graceMs));
  terminal.out(`${secret}\n`);
  const old =
    key.oldUntil === null ? 'The old secret is refused from now on.' : `The old secret is taken until ${key.oldUntil}.`;
  terminal.err(`${keyText(key)}\nThis is the only time that the key is shown. ${old}\n`);
}

async function revoke(id: string, args: Arguments, terminal: Terminal, withAccess: WithAccess): Promise<void> {
  const key = await withAccess(args, terminal, (access) => access.revokeKey(id));
  terminal.out(`${keyText(key)}\n`);
}

function keyText({
  id,
  state,
  role,
  person,
  label,
  scopes,
  rate,
  expires,
  created,
  createdBy,
  revoked,
}: KeyView): string {
  const whole = scopes.length === SCOPES_OF[role].length;
  const parts = [
    id,
    state,
    whole ? role : `${role} (${scopes.join(' ')})`,
    `person ${person}`,
    ...(label === '' ? [] : [label]),
    rate === null ? 'no rate limit' : `${rate}/s`,
    `made ${created} by ${createdBy}`,
    ...(expires === null ? [] : [`expires ${expires}`]),
    ...(revoked === null ? [] : [`revoked ${revoked}`]),
  ];
  return visibleText(parts.join(' | '));
}
