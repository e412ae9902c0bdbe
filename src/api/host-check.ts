import type { IncomingMessage } from 'node:http';
import { isIPv4 } from 'node:net';
import { HaetaeError } from '../base/errors.ts';

const LOCAL_NAMES = ['127.0.0.1', 'localhost', '[::1]'];
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Which hosts a request may name, so that a page on a foreign name that was made to resolve to this machine (DNS rebinding) reaches nothing. `names`: host
 * names beside those of this machine, with their port where it is not the one listened on.
 */
export class HostCheck {
  readonly #hosts = new Set<string>();
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = names.map((name) => name.toLowerCase());
  }

  /** Once the port is known. */
  listensOn(port: number): void {
    for (const name of [...LOCAL_NAMES, ...this.#names]) {
      this.#hosts.add(`${name}:${port}`);
      if (port === 80 || this.#names.includes(name)) this.#hosts.add(name);
    }
  }

  /** Throws E_HOST. */
  check(request: IncomingMessage): void {
    const { host, origin } = request.headers;
    if (host === undefined || !(this.#hosts.has(host) || this.#hosts.has(host.toLowerCase()))) throw foreign('host');
    if (origin !== undefined && !this.#isOwn(origin)) throw foreign('origin');
  }

  /** A browser sends its cookie with whatever page asks: a change needs a sign that the page is ours. Throws E_HOST. */
  checkSameOrigin(request: IncomingMessage): void {
    if (SAFE_METHODS.has(request.method ?? '')) return;
    if (request.headers.origin === undefined && request.headers['sec-fetch-site'] !== 'same-origin')
      throw foreign('origin');
  }

  #isOwn(origin: string): boolean {
    const match = /^https?:\/\/([^/]+)$/.exec(origin.toLowerCase());
    return match !== null && this.#hosts.has(match[1]!);
  }
}

function foreign(header: 'host' | 'origin'): HaetaeError {
  return new HaetaeError(
    'E_HOST',
    header === 'host' ? 'the Host header names no host of this server' : 'the Origin header is of another site',
    {
      context: { header },
      remedy: 'call it by the address it listens on; a name of its own is given with haetae serve --name',
    },
  );
}

/** Of a connection from this machine: the remote address as a socket gives it. */
export function isLoopback(remote: string): boolean {
  const address = remote.replace(/^::ffff:/i, '');
  return address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}
