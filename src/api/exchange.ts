import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse } from 'node:querystring';
import type { z } from 'zod';
import type { Credentials } from '../access/gate.ts';
import { LOCAL, requireScope } from '../access/gate.ts';
import type { Principal } from '../access/principal.ts';
import { HaetaeError } from '../base/errors.ts';
import { readBody } from './body-reader.ts';
import { type HostCheck, isLoopback } from './host-check.ts';
import { type Idempotency, type KeyedRequest, requireIdempotencyKey } from './idempotency.ts';
import { parseJsonBody, refuse } from './json-body.ts';
import type { Load } from './load.ts';
import { observe, type RouteFigures } from './metrics.ts';
import { FieldError, problemOf } from './problem.ts';
import { headersOf, sendBytes, sendProblem, sendStream, withHeaders } from './reply.ts';
import { type Call, type KeepAnswer, type Operation, Raw, type Route } from './route.ts';
import { sessionOf } from './session-cookie.ts';

/** Says who a request is from: the Gate. Throws E_KEY, E_KEY_EXPIRED, E_RATE. */
export interface Admission {
  admit(credentials: Credentials, atMs: number): Principal;
}

/** What the exchanges of a server have in common. */
export interface Surroundings {
  readonly gate: Admission;
  readonly hosts: HostCheck;
  readonly idempotency: Idempotency | null;
  readonly load: Load;
  /** Milliseconds. */
  readonly clock: () => number;
  readonly nextId: () => string;
  readonly report: (error: unknown, requestId: string) => void;
  /** Calls to abort when the server stops. */
  readonly running: Set<AbortController>;
}

/** An operation made ready for requests. */
export interface Entrance {
  readonly route: Route;
  readonly handler: (call: Call<Route>) => unknown;
  readonly headers: readonly string[];
  readonly maxBody: number;
  readonly takesBody: boolean;
  readonly figures: RouteFigures;
  /** Short queries read before, by their text: most callers send one and the same. What may hold a secret is longer. */
  readonly queries: Map<string, unknown>;
}

const MOST_QUERIES = 100;
const LONGEST_QUERY = 32;
const DEFAULT_BODY = 64 << 10;
const NOBODY: Principal = { id: 'nobody', person: 'nobody', role: 'viewer', scopes: new Set(), rate: null };
const JSON_TYPE = /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i;
const LINES_TYPE = /^application\/x-ndjson\s*(;\s*charset="?utf-8"?\s*)?$/i;
const TEXT = new TextEncoder();
const KEEP_NOTHING: KeepAnswer = () => [];
const REPLAYED = { 'Idempotency-Replayed': 'true' };

export function entranceOf({ route, handler }: Operation, figures: RouteFigures): Entrance {
  return {
    route,
    handler: handler as Entrance['handler'],
    headers: headersOf(route.contentType ?? 'application/json'),
    maxBody: route.maxBody ?? DEFAULT_BODY,
    takesBody: route.body !== undefined,
    figures,
    queries: new Map(),
  };
}

/** One request and its answer; also what its handler is called with. */
export class Exchange implements Call<Route> {
  params = undefined as never;
  query = undefined as never;
  body = undefined as never;
  principal: Principal = NOBODY;
  session: string | null = null;
  lines: Uint8Array | null = null;
  keep: KeepAnswer = KEEP_NOTHING;
  origin: unknown = null;
  readonly at: number;
  readonly #entrance: Entrance;
  readonly #around: Surroundings;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #started = performance.now();
  #controller: AbortController | null = null;
  #done = false;

  constructor(entrance: Entrance, around: Surroundings, request: IncomingMessage, response: ServerResponse) {
    this.#entrance = entrance;
    this.#around = around;
    this.#request = request;
    this.#response = response;
    this.at = around.clock();
  }

  get remote(): string {
    return this.#request.socket.remoteAddress ?? '';
  }

  /** Made when it is first asked for: most handlers are done at once. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      const controller = new AbortController();
      this.#controller = controller;
      this.#around.running.add(controller);
      this.#response.once('close', () => {
        this.#around.running.delete(controller);
        if (!this.#response.writableFinished) controller.abort();
      });
      if (this.#response.destroyed) controller.abort();
    }
    return this.#controller.signal;
  }

  /** `query`: its fields, or its text after the mark. */
  run(params: unknown, query: unknown): void {
    this.#around.load.inFlight++;
    try {
      const { route, takesBody, maxBody } = this.#entrance;
      this.#admit(route);
      this.params = read(route.params, params, 'params') as never;
      this.query = readQuery(this.#entrance, query) as never;
      if (takesBody) {
        requireBody(route, this.#request);
        readBody(this.#request, maxBody, (error, bytes) =>
          error === null ? this.#withBody(bytes) : this.#fail(error),
        );
      } else this.#act(null);
    } catch (error) {
      this.#fail(error);
    }
  }

  #admit({ scope }: Route): void {
    const { authorization, cookie } = this.#request.headers;
    const bearer = authorization?.startsWith('Bearer ') ? authorization.slice(7).trim() : null;
    if (bearer === null) this.session = sessionOf(cookie);
    if (scope === null) return;
    this.principal = this.#around.gate.admit({ bearer, session: this.session }, this.at);
    if (this.principal === LOCAL && !isLoopback(this.remote)) throw notLocal();
    requireScope(this.principal, scope);
    if (this.session !== null) this.#around.hosts.checkSameOrigin(this.#request);
  }

  #withBody(bytes: Buffer): void {
    try {
      const { route } = this.#entrance;
      if (route.lines === true && LINES_TYPE.test(this.#request.headers['content-type']!)) this.lines = bytes;
      else this.body = read(route.body, parseJsonBody(bytes), 'body') as never;
      this.#act(bytes);
    } catch (error) {
      this.#fail(error);
    }
  }

  #act(bytes: Buffer | null): void {
    const { route, handler } = this.#entrance;
    const heeds = route.idempotent === true && !keepsNothing(this.query);
    const key = heeds ? this.#request.headers['idempotency-key'] : undefined;
    if (typeof key === 'string' && this.#around.idempotency !== null) {
      void this.#actOnce(this.#around.idempotency, key, bytes);
      return;
    }
    const answer = handler(this);
    if (answer instanceof Promise)
      answer.then(
        (value) => this.#send(value),
        (error) => this.#fail(error),
      );
    else this.#send(answer);
  }

  async #actOnce(idempotency: Idempotency, text: string, bytes: Buffer | null): Promise<void> {
    const { route, handler, headers } = this.#entrance;
    try {
      const key = requireIdempotencyKey(text);
      const sha256 = createHash('sha256')
        .update(`${route.name} ${this.#request.url}\n${this.lines === null ? '' : 'lines\n'}`)
        .update(bytes ?? '')
        .digest('hex');
      const request = { principal: this.principal.id, key, sha256, atMs: this.at };
      if (route.contentType === 'application/x-ndjson') {
        await this.#streamOnce(idempotency, request);
        return;
      }
      const kept = await idempotency.answer(request, async (keep) => {
        this.keep = keep;
        return bytesOf(await handler(this), route);
      });
      const all = kept.again ? withHeaders(headers, REPLAYED) : headers;
      sendBytes(this.#response, route.status, all, route.status === 204 ? null : kept.bytes);
      this.#finish(route.status);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The key is free again once the first piece is there: by then the effect is kept. */
  async #streamOnce(idempotency: Idempotency, request: KeyedRequest): Promise<void> {
    const { route, handler, headers } = this.#entrance;
    const body = await idempotency.answerFrom(request, async (keep, origin) => {
      this.keep = keep;
      this.origin = origin;
      return begun(((await handler(this)) as Raw).body as AsyncIterable<string | Uint8Array>);
    });
    const all = this.origin === null ? headers : withHeaders(headers, REPLAYED);
    await sendStream(this.#response, route.status, all, body);
    this.#finish(route.status);
  }

  #send(answer: unknown): void {
    try {
      const { route, headers } = this.#entrance;
      if (answer instanceof Raw) {
        this.#sendRaw(answer);
        return;
      }
      sendBytes(
        this.#response,
        route.status,
        headers,
        route.status === 204 ? null : TEXT.encode(JSON.stringify(answer)),
      );
      this.#finish(route.status);
    } catch (error) {
      this.#fail(error);
    }
  }

  #sendRaw({ body, fileName, more }: Raw): void {
    const { route, headers } = this.#entrance;
    const status = more.status ?? route.status;
    const all = fileName === undefined && isPlain(more) ? headers : withHeaders(headers, ownHeaders(fileName, more));
    if (typeof body === 'string' || body instanceof Uint8Array) {
      sendBytes(this.#response, status, all, typeof body === 'string' ? TEXT.encode(body) : body);
      this.#finish(status);
      return;
    }
    sendStream(this.#response, status, all, body).then(
      () => this.#finish(status),
      (error) => this.#fail(error),
    );
  }

  #fail(error: unknown): void {
    if (this.#done) return;
    const id = this.#around.nextId();
    const problem = problemOf(error, id);
    if (problem.status === 500 || problem.status === 507) this.#around.report(error, id);
    // An answer that broke off in its middle must not look like a whole one.
    if (this.#response.headersSent) this.#response.destroy();
    else sendProblem(this.#request, this.#response, problem);
    this.#finish(problem.status);
  }

  #finish(status: number): void {
    if (this.#done) return;
    this.#done = true;
    this.#around.load.leave();
    observe(this.#entrance.figures, status, performance.now() - this.#started);
  }
}

/** The same pieces, once the first of them is there. */
async function begun<Piece>(pieces: AsyncIterable<Piece>): Promise<AsyncIterable<Piece>> {
  const rest = pieces[Symbol.asyncIterator]();
  const first = await rest.next();
  return (async function* () {
    try {
      if (first.done !== true) yield first.value;
      yield* { [Symbol.asyncIterator]: () => rest };
    } finally {
      await rest.return?.();
    }
  })();
}

/** A dry look-up is the same however often it is asked, and its answer is kept nowhere. */
function keepsNothing(query: unknown): boolean {
  return (query as { readonly dry?: unknown } | undefined)?.dry === '1';
}

function notLocal(): HaetaeError {
  return new HaetaeError('E_KEY', 'the token of the machine of the server is taken from that machine only', {
    remedy: 'make an API key: haetae key create',
  });
}

function requireBody(route: Route, request: IncomingMessage): void {
  const type = request.headers['content-type'];
  if (type === 'application/json' || (type !== undefined && JSON_TYPE.test(type))) return;
  if (route.lines === true && type !== undefined && LINES_TYPE.test(type)) return;
  const known = route.lines === true ? 'application/json or application/x-ndjson' : 'application/json';
  throw refuse(`the body is not declared as ${known}`, `send Content-Type: ${known}`, 'type');
}

function read(schema: z.ZodType | undefined, value: unknown, of: 'params' | 'query' | 'body'): unknown {
  if (schema === undefined) {
    if (of === 'query' && Object.keys(value as object).length > 0) {
      throw new FieldError(Object.keys(value as object).map((name) => ({ field: name, fault: 'unknown' })));
    }
    return undefined;
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new FieldError(result.error.issues.slice(0, 20).flatMap((issue) => faultsOf(issue)));
}

function readQuery({ route, queries }: Entrance, query: unknown): unknown {
  if (typeof query !== 'string') return read(route.query, query, 'query');
  const known = queries.get(query);
  if (known !== undefined) return known;
  const found = read(route.query, parse(query), 'query');
  if (found !== undefined && query.length <= LONGEST_QUERY && queries.size < MOST_QUERIES)
    queries.set(query, Object.freeze(found));
  return found;
}

function faultsOf(issue: z.core.$ZodIssue): readonly { field: string; fault: string }[] {
  const at = issue.path.map(String).join('.').slice(0, 200);
  if (issue.code !== 'unrecognized_keys') return [{ field: at, fault: issue.message.slice(0, 200) }];
  return issue.keys.slice(0, 20).map((key) => ({
    field: (at === '' ? key : `${at}.${key}`).slice(0, 200),
    fault: 'unknown',
  }));
}

function bytesOf(answer: unknown, { name, status }: Route): Uint8Array {
  if (!(answer instanceof Raw)) return status === 204 ? new Uint8Array() : TEXT.encode(JSON.stringify(answer));
  if (typeof answer.body === 'string') return TEXT.encode(answer.body);
  if (answer.body instanceof Uint8Array) return answer.body;
  throw new TypeError(`${name} is idempotent and answers with a stream`);
}

function isPlain({ contentType, headers }: Raw['more']): boolean {
  return contentType === undefined && headers === undefined;
}

function ownHeaders(
  fileName: string | undefined,
  { contentType, headers }: Raw['more'],
): Readonly<Record<string, string>> {
  const safe = fileName?.replace(/[^A-Za-z0-9._-]/g, '_');
  return {
    ...(contentType === undefined ? {} : { 'Content-Type': contentType }),
    ...(safe === undefined ? {} : { 'Content-Disposition': `attachment; filename="${safe}"` }),
    ...headers,
  };
}
