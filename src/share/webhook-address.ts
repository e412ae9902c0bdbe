import { isIP, isIPv4, isIPv6 } from 'node:net';
import { HaetaeError } from '../base/errors.ts';

/**
 * May anybody's server stand there? false for what leads into our own network: private, loopback, link-local (cloud metadata), shared (CGNAT), reserved,
 * documentation, multicast; also where IPv6 wraps such an IPv4 address (mapped, NAT64, 6to4). IANA special-purpose registries, read 2026.
 */
export function isPublicAddress(address: string): boolean {
  const bare = address.split('%')[0]!;
  if (isIPv4(bare)) return isPublicV4(wordOf(bare));
  return isIPv6(bare) && isPublicV6(groupsOf(bare));
}

const PRIVATE_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
].map((net) => {
  const [base, bits] = net.split('/');
  const size = 2 ** (32 - Number(bits));
  return { from: wordOf(base!), until: wordOf(base!) + size };
});

function isPublicV4(word: number): boolean {
  return !PRIVATE_V4.some(({ from, until }) => word >= from && word < until);
}

function wordOf(text: string): number {
  return text.split('.').reduce((word, part) => word * 256 + Number(part), 0);
}

function isPublicV6(groups: readonly number[]): boolean {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  const wrapped = (high: number, low: number): boolean => isPublicV4(high * 65536 + low);
  const zeros = a === 0 && b === 0 && c === 0 && d === 0;
  if (zeros && e === 0 && f === 0xffff) return wrapped(g, h);
  if (zeros && e === 0xffff && f === 0) return wrapped(g, h);
  if (a === 0x64 && b === 0xff9b) return c === 0 && d === 0 && e === 0 && f === 0 && wrapped(g, h);
  if (a === 0x2002) return wrapped(b, c);
  // 2001::/23 protocol assignments (Teredo, ORCHID), 2001:db8::/32 and 3fff::/20 documentation; all outside 2000::/3 is not global unicast.
  if (a === 0x2001 && (b < 0x200 || b === 0xdb8)) return false;
  if (a === 0x3fff && b < 0x1000) return false;
  // ISATAP puts an IPv4 address behind 5efe.
  if ((e === 0 || e === 0x200) && f === 0x5efe) return wrapped(g, h);
  return a >= 0x2000 && a < 0x4000;
}

/** Eight groups of a sound IPv6 text. */
function groupsOf(text: string): number[] {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const word = dotted === null ? 0 : wordOf(dotted[2]!);
  const plain =
    dotted === null ? text : `${dotted[1]}${Math.floor(word / 65536).toString(16)}:${(word % 65536).toString(16)}`;
  const [head = '', tail] = plain.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return groups(head);
  const [before, after] = [groups(head), groups(tail)];
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

export const MAX_URL = 2000;

/** What stands in the text; where its name leads is checked when it is called. Throws E_WEBHOOK. */
export function checkWebhookUrl(text: string, allowPrivate: boolean): URL {
  const url = text.length > MAX_URL || !URL.canParse(text) ? null : new URL(text);
  if (url === null) throw refused('is not a URL', 'write https://host/path');
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) {
    throw refused('is not https', 'use https; http is possible only where private addresses are allowed');
  }
  if (url.username !== '' || url.password !== '')
    throw refused('holds a name or a password', 'check the signature in place of them');
  if (url.hash !== '') throw refused('has a fragment', 'leave out what follows #');
  const host = hostOf(url);
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) throw refusedAddress(host);
  return url;
}

/** Without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

export function refusedAddress(host: string): HaetaeError {
  return new HaetaeError('E_WEBHOOK', 'the webhook address leads into a private or reserved network', {
    context: { host: host.slice(0, 255) },
    remedy: 'name a public server, or let an administrator start the server with private webhook addresses allowed',
  });
}

function refused(what: string, remedy: string): HaetaeError {
  return new HaetaeError('E_WEBHOOK', `the webhook address ${what}`, { remedy });
}
