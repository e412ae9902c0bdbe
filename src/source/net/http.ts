import { HaetaeError } from '../../base/errors.ts';
import type { Endpoint } from '../endpoint.ts';
import { readBody } from './body.ts';
import { badAnswer, interrupted, limited, noSuchPath, sourceFault, unreachable } from './fault.ts';
import { Guard } from './guard.ts';
import { Limiter } from './limiter.ts';
import { retryAfterMs } from './retry-after.ts';
import { wait } from './wait.ts';

/** Tries of one call, the first included. */
const ATTEMPTS = 5;
const FAULT_WAIT_MS = 200;
const LIMIT_WAIT_MS = 1000;
/** A wait we choose ourselves is never longer. */
const MAX_BACKOFF_MS = 16_000;
/** An endpoint that asks for a longer wait is given up for now (E_SOURCE_LIMIT). */
export const MAX_RETRY_AFTER_MS = 60_000;
/** Waits under this are not worth a line to the user. */
const NOTICE_MS = 900;
const MAX_REDIRECTS = 3;
const TOO_MANY = 'the endpoint refuses: too many requests';

export interface HttpInit {
  readonly method?: 'GET' | 'POST';
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON; makes the method POST unless one is given. */
  readonly body?: unknown;
  /** Statuses above 399 whose body is the answer where it is JSON: JSON-RPC servers say their errors with 400, 404 and 500. */
  readonly jsonStatuses?: readonly number[];
  /** Calls inside this request, for endpoints that count them (a JSON-RPC batch). Default 1. */
  readonly weight?: number;
  /** For `json`: true where an answer with status 200 says "too many requests" all the same. */
  readonly refused?: (answer: unknown) => boolean;
  /** Told the length of the answer, unpacked. */
  readonly onBytes?: (bytes: number) => void;
}

export interface HttpOptions {
  /** Told when the endpoint makes us wait, in words fit for a progress line. */
  readonly onNotice?: ((text: string) => void) | undefined;
  readonly attempts?: number;
}

type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly error: HaetaeError;
      readonly again: 'no' | 'fault' | 'limit';
      readonly askedMs?: number;
    };

/**
 * HTTP to one endpoint: keep-alive, rate and number in flight limited, answers limited in size and time, faults tried again.
 * Throws E_SOURCE_UNREACHABLE, E_SOURCE_LIMIT, E_SOURCE_ANSWER, E_SOURCE (refused: key), E_NOT_FOUND (404), E_INTERRUPTED.
 * A redirect to another host is refused, for it would carry the key there.
 */
export class HttpClient {
  readonly #endpoint: Endpoint;
  readonly #options: HttpOptions;
  readonly #signal: AbortSignal | undefined;
  readonly #closing = new AbortController();
  readonly #limiter: Limiter;

  constructor(endpoint: Endpoint, signal?: AbortSignal, options: HttpOptions = {}) {
    this.#endpoint = endpoint;
    this.#signal = signal;
    this.#options = options;
    this.#limiter = new Limiter(endpoint.requestsPerSecond, endpoint.concurrency, signal, this.#closing.signal);
  }

  /** `path` is put behind the endpoint's own path; '' asks the endpoint's address itself. Half an answer is asked for again. */
  json(path: string, init: HttpInit = {}): Promise<unknown> {
    return this.#call(path, init, (body) => JSON.parse(body.toString('utf8')));
  }

  async bytes(path: string, init: HttpInit = {}): Promise<Uint8Array> {
    return this.#call(path, init, (body) => body);
  }

  text(path: string, init: HttpInit = {}): Promise<string> {
    return this.#call(path, init, (body) => body.toString('utf8'));
  }

  /** Breaks off what is under way; nothing can be asked afterwards. */
  close(): void {
    this.#closing.abort();
  }

  async #call<T>(path: string, init: HttpInit, parse: (body: Buffer) => T): Promise<T> {
    const url = this.#url(path, init.query ?? {});
    const attempts = this.#options.attempts ?? ATTEMPTS;
    for (let attempt = 1; ; attempt++) {
      if (this.#signal?.aborted || this.#closing.signal.aborted) throw interrupted();
      const outcome = await this.#limiter.run(init.weight ?? 1, () => this.#attempt(url, init, parse));
      if (outcome.ok) return outcome.value;
      if (outcome.again === 'no' || attempt >= attempts) throw outcome.error;
      await this.#backOff(outcome, attempt);
    }
  }

  async #backOff(outcome: Outcome<unknown> & { ok: false }, attempt: number): Promise<void> {
    const base = outcome.again === 'limit' ? LIMIT_WAIT_MS : FAULT_WAIT_MS;
    const ms = outcome.askedMs ?? Math.min(MAX_BACKOFF_MS, base * 2 ** (attempt - 1));
    if (outcome.again !== 'limit') return wait(ms, this.#signal, this.#closing.signal);
    if (ms > MAX_RETRY_AFTER_MS) throw outcome.error;
    const seconds = Math.ceil(ms / 1000);
    const why = outcome.askedMs === undefined ? 'refused for now' : 'asked for it';
    // The pause itself is kept by the limiter, for all calls.
    if (this.#limiter.pause(ms) && ms >= NOTICE_MS) {
      this.#options.onNotice?.(`waiting ${seconds} s because ${this.#endpoint.name} ${why}`);
    }
  }

  async #attempt<T>(url: URL, init: HttpInit, parse: (body: Buffer) => T): Promise<Outcome<T>> {
    const guard = new Guard(this.#endpoint.timeoutMs, this.#signal, this.#closing.signal);
    try {
      const response = await this.#fetch(url, init, guard);
      const refused = this.#refusal(response, init);
      if (refused !== null) {
        await response.body?.cancel();
        return refused;
      }
      const body = await readBody(response, this.#endpoint, guard);
      init.onBytes?.(body.length);
      const answer = this.#parsed(response, body, init, parse);
      if (answer.ok) this.#limiter.answered();
      return answer;
    } catch (error) {
      return this.#fault(error, guard);
    } finally {
      guard.end();
    }
  }

  async #fetch(url: URL, init: HttpInit, guard: Guard): Promise<Response> {
    const method = init.method ?? (init.body === undefined ? 'GET' : 'POST');
    const headers: Record<string, string> = { accept: 'application/json, */*', ...this.#endpoint.headers };
    if (init.body !== undefined) headers['content-type'] = 'application/json';
    const body = init.body === undefined ? null : JSON.stringify(init.body);
    let target = url;
    for (let hops = 0; ; hops++) {
      const response = await fetch(target.href, { method, headers, body, redirect: 'manual', signal: guard.signal });
      const location = response.status >= 301 && response.status <= 308 ? response.headers.get('location') : null;
      if (location === null) return response;
      await response.body?.cancel();
      target = this.#redirected(target, location, hops);
    }
  }

  #redirected(from: URL, location: string, hops: number): URL {
    const to = URL.canParse(location, from.href) ? new URL(location, from) : null;
    if (to !== null && to.origin === from.origin && hops < MAX_REDIRECTS) return to;
    throw sourceFault(
      'E_SOURCE',
      this.#endpoint,
      to?.origin === from.origin ? 'the endpoint redirects without end' : 'the endpoint redirects to another host',
      'write the address it redirects to, if you trust it with your key',
    );
  }

  /** What a status says before the body is read; null where the body is to be read. */
  #refusal(response: Response, init: HttpInit): Outcome<never> | null {
    const { status } = response;
    if (response.ok || init.jsonStatuses?.includes(status)) return null;
    const askedMs = retryAfterMs(response.headers.get('retry-after'), Date.now());
    if (status === 429 || (status === 503 && askedMs !== null)) {
      const asked = askedMs === null ? {} : { retryAfterSeconds: Math.ceil(askedMs / 1000) };
      const error = limited(this.#endpoint, TOO_MANY, { status, ...asked });
      return { ok: false, error, again: 'limit', ...(askedMs === null ? {} : { askedMs }) };
    }
    return statusFault(this.#endpoint, status);
  }

  #parsed<T>(response: Response, body: Buffer, init: HttpInit, parse: (body: Buffer) => T): Outcome<T> {
    try {
      const value = parse(body);
      if (!response.ok && !isErrorBody(value)) return statusFault(this.#endpoint, response.status);
      if (!init.refused?.(value)) return { ok: true, value };
      return { ok: false, error: limited(this.#endpoint, TOO_MANY, { status: response.status }), again: 'limit' };
    } catch {
      if (!response.ok && init.jsonStatuses !== undefined) return statusFault(this.#endpoint, response.status);
      const error = badAnswer(this.#endpoint, 'the answer is not whole JSON', { bytes: body.length });
      return { ok: false, error, again: 'fault' };
    }
  }

  #fault(error: unknown, guard: Guard): Outcome<never> {
    if (guard.stopped) return { ok: false, error: interrupted(), again: 'no' };
    if (error instanceof HaetaeError) return { ok: false, error, again: 'no' };
    if (guard.timedOut) {
      const seconds = this.#endpoint.timeoutMs / 1000;
      return { ok: false, error: unreachable(this.#endpoint, `did not answer in ${seconds} s`), again: 'fault' };
    }
    const fault = faultCode(error);
    const tls = /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(fault);
    const said = tls ? 'has no valid certificate' : 'does not answer, or broke off';
    return { ok: false, error: unreachable(this.#endpoint, said, { fault }), again: tls ? 'no' : 'fault' };
  }

  #url(path: string, query: Readonly<Record<string, string>>): URL {
    const url = new URL(this.#endpoint.url);
    if (path !== '') url.pathname = `${url.pathname.replace(/\/$/, '')}/${path.replace(/^\//, '')}`;
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    return url;
  }
}

/** What JSON-RPC servers and explorers put into an answer, and the page of a proxy between does not. */
function isErrorBody(value: unknown): boolean {
  // Who asks for text judges it.
  if (typeof value === 'string') return true;
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || 'error' in value || 'result' in value;
}

function statusFault(endpoint: Endpoint, status: number): Outcome<never> {
  if (status === 404) return { ok: false, error: noSuchPath(endpoint, { status }), again: 'no' };
  if (status === 401 || status === 403) {
    const error = sourceFault('E_SOURCE', endpoint, 'the endpoint refuses us', 'check its key or password', { status });
    return { ok: false, error, again: 'no' };
  }
  if (status === 408 || status >= 500) {
    return { ok: false, error: unreachable(endpoint, `answers with HTTP ${status}`, { status }), again: 'fault' };
  }
  if (status === 413)
    return { ok: false, error: limited(endpoint, 'the request is too large for it', { status }), again: 'no' };
  const error = badAnswer(endpoint, `the endpoint refuses the request with HTTP ${status}`, { status });
  return { ok: false, error, again: 'no' };
}

/** ECONNREFUSED and the like, from wherever Node puts it. Never its message, which can quote what was sent. */
function faultCode(error: unknown): string {
  let at: unknown = error;
  for (let depth = 0; depth < 4 && at instanceof Error; depth++) {
    if ('code' in at && typeof at.code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(at.code)) return at.code;
    if (at instanceof AggregateError && at.errors[0] instanceof Error) at = at.errors[0];
    else at = at.cause;
  }
  return 'unknown';
}
