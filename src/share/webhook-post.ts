import { lookup, Resolver } from 'node:dns/promises';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { HaetaeError } from '../base/errors.ts';
import { checkWebhookUrl, hostOf, isPublicAddress, refusedAddress } from './webhook-address.ts';

/** Every address of a name. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

export interface PostSettings {
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
  readonly resolve: ResolveHost;
}

export interface Post {
  readonly url: string;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** What came of it; `status` null: no answer. `fault` is in words, never what the receiver sent. */
export interface Posted {
  readonly status: number | null;
  readonly fault: string | null;
}

const MOST_READ = 1024;
const DNS_TIMEOUT_MS = 3000;

/**
 * One POST. The name is resolved once, every address of it is checked, and the connection goes to one of those addresses and nowhere else: what the name
 * says a moment later does not matter. Redirections are not followed; 2xx alone is success.
 */
export async function postWebhook(post: Post, settings: PostSettings): Promise<Posted> {
  const deadline = AbortSignal.any([post.signal, AbortSignal.timeout(settings.timeoutMs)]);
  try {
    const url = checkWebhookUrl(post.url, settings.allowPrivate);
    const addresses = await unlessAborted(addressesOf(hostOf(url), settings), deadline);
    const status = await send(url, addresses, post, deadline);
    if (status >= 200 && status < 300) return { status, fault: null };
    return {
      status,
      fault: status >= 300 && status < 400 ? 'it redirects, which is not followed' : `it answers ${status}`,
    };
  } catch (fault) {
    if (post.signal.aborted) return { status: null, fault: 'stopped' };
    if (deadline.aborted) return { status: null, fault: `no answer in ${settings.timeoutMs / 1000} s` };
    if (fault instanceof HaetaeError) return { status: null, fault: `${fault.code}: ${fault.message}` };
    const code = (fault as { code?: unknown }).code;
    return { status: null, fault: `it cannot be reached${typeof code === 'string' ? ` (${code})` : ''}` };
  }
}

/** Throws E_WEBHOOK where any address of the name is not public. */
export async function addressesOf(
  host: string,
  settings: Pick<PostSettings, 'allowPrivate' | 'resolve'>,
): Promise<readonly string[]> {
  const addresses = isIP(host) !== 0 ? [host] : await settings.resolve(host);
  const sound = addresses.filter((address) => isIP(address) !== 0);
  if (sound.length === 0) {
    throw new HaetaeError('E_WEBHOOK', 'the name of the webhook address leads nowhere', {
      context: { host: host.slice(0, 255) },
      remedy: 'check the name, and the DNS of this machine',
      retry: true,
    });
  }
  if (!settings.allowPrivate && !sound.every(isPublicAddress)) throw refusedAddress(host);
  return sound;
}

/** By DNS, with sockets of its own, so that a slow name server holds up no thread; then /etc/hosts, for names of this network. */
export async function resolveByDns(host: string): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 2 });
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (found.length > 0) return found;
  const local = await lookup(host, { all: true }).catch(() => []);
  return local.map(({ address }) => address);
}

function send(url: URL, addresses: readonly string[], post: Post, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const secure = url.protocol === 'https:';
    const request = (secure ? requestHttps : requestHttp)(url, {
      method: 'POST',
      headers: { ...post.headers, 'content-length': post.body.byteLength, connection: 'close' },
      agent: false,
      lookup: pinned(addresses),
      signal,
    });
    request.on('error', reject);
    request.on('response', (response) => {
      readSome(response, () => {
        resolve(response.statusCode ?? 0);
        request.destroy();
      });
    });
    request.end(post.body);
  });
}

/** No more than a kibibyte and a second, so that a polite receiver may end its answer and no other can hold us. */
function readSome(response: IncomingMessage, done: () => void): void {
  let read = 0;
  const timer = setTimeout(done, 1000);
  const end = (): void => {
    clearTimeout(timer);
    done();
  };
  response.on('error', end);
  response.on('end', end);
  response.on('data', (chunk: Uint8Array) => {
    read += chunk.byteLength;
    if (read > MOST_READ) end();
  });
}

/** Gives the checked addresses for whatever is asked. */
function pinned(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, answer) => {
    if (options.all === true) answer(null, all);
    else answer(null, all[0]!.address, all[0]!.family);
  };
}

function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
