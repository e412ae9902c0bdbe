import type { z } from 'zod';
import type { Principal, Scope } from '../access/principal.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { RecordChange, RecordTable } from '../store/records.ts';

/**
 * A route, declared once: the server, /openapi.json, the docs page and the client are made from it. Declarations stand in api/routes, import no handler and
 * nothing of node, so that the console can import them.
 */
export interface Route {
  /** Unique; names the client's method: screenAddress. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With :parameters. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** null: anybody. */
  readonly scope: Scope | null;
  /** Strict objects. Query values come as text: use z.coerce or codecs. */
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Of the body sent back with `status`. A handler that returns `Raw` sends its bytes as they are; the schema describes them. */
  readonly response: z.ZodType | null;
  readonly status: 200 | 201 | 202 | 204;
  readonly contentType?:
    | 'application/json'
    | 'application/x-ndjson'
    | 'text/html'
    | 'text/csv'
    | 'text/plain'
    | 'application/octet-stream';
  /** Codes that it answers with beside those any route may (E_KEY, E_FIELD, …). */
  readonly errors: readonly ErrorCode[];
  /** Takes an Idempotency-Key header: the same key and request give the first answer again. */
  readonly idempotent?: boolean;
  /** Bytes; 64 KiB where left out. */
  readonly maxBody?: number;
  /** Takes a body of application/x-ndjson too: the handler gets its bytes in `call.lines`. */
  readonly lines?: boolean;
  /** For the document: a body as a caller would send it. */
  readonly example?: unknown;
}

type Read<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

export interface Call<R extends Route> {
  readonly params: Read<R['params']>;
  readonly query: Read<R['query']>;
  readonly body: Read<R['body']>;
  readonly principal: Principal;
  /** Milliseconds. */
  readonly at: number;
  /** Aborted when the client goes away or the server drains. */
  readonly signal: AbortSignal;
  /** Secret of the session cookie that came with the request; null without one. */
  readonly session: string | null;
  /** IP address of the other end. */
  readonly remote: string;
  /** Text of a body of `application/x-ndjson`, where the route takes one (`lines`); else null, and `body` holds the JSON. */
  readonly lines: Uint8Array | null;
  /**
   * Of an idempotent route: changes for the commit of the effect, so that the answer is kept exactly if the effect is. Nothing where the request has no
   * Idempotency-Key. A handler that never calls it has its answer kept in a write of its own, after it returned.
   */
  readonly keep: KeepAnswer;
  /** Of an idempotent route of lines: what `keep` was given when this request came before, from which its lines are made again; else null. */
  readonly origin: unknown;
}

/** The answer's bytes, or the record whose bytes it is; of a route of lines, what they are made again from (JSON). */
export type KeptAnswer =
  | Uint8Array
  | { readonly table: RecordTable; readonly key: string }
  | { readonly origin: NonNullable<unknown> };
export type KeepAnswer = (answer: KeptAnswer) => readonly RecordChange[];

/** Bytes, text or a stream of them, sent as they are. `fileName` makes it a download. */
export class Raw {
  readonly body: string | Uint8Array | AsyncIterable<string | Uint8Array>;
  readonly fileName: string | undefined;
  readonly more: RawDetails;
  constructor(body: Raw['body'], fileName?: string, more: RawDetails = {}) {
    this.body = body;
    this.fileName = fileName;
    this.more = more;
  }
}

/** In place of what the route declares: a redirection after a sign-in, a cookie. */
export interface RawDetails {
  readonly status?: number;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Answer<R extends Route> = (R['response'] extends z.ZodType ? z.input<R['response']> : undefined) | Raw;
export type Handler<R extends Route> = (call: Call<R>) => Promise<Answer<R>> | Answer<R>;

/** Handlers of some routes, by the route's name: `const handlers: Handlers<typeof alertRoutes> = {…}`. */
export type Handlers<Routes extends Readonly<Record<string, Route>>> = {
  readonly [Name in keyof Routes]: Handler<Routes[Name]>;
};

/** A route with what answers it. */
export interface Operation {
  readonly route: Route;
  readonly handler: (call: never) => unknown;
}

/** Every route with its handler of the same name. */
export function operationsOf<const Routes extends Readonly<Record<string, Route>>>(
  declared: Routes,
  handlers: Handlers<Routes>,
): readonly Operation[] {
  return Object.entries(declared).map(([name, route]) => ({ route, handler: handlers[name as keyof Routes] as never }));
}

/** Checks a declaration and keeps its exact type: `export const alertRoutes = routes({ listAlerts: {…} })`. */
export function routes<const Routes extends Readonly<Record<string, Omit<Route, 'name'>>>>(
  declared: Routes,
): { readonly [Name in keyof Routes]: Routes[Name] & { readonly name: string } } {
  return Object.fromEntries(Object.entries(declared).map(([name, route]) => [name, { ...route, name }])) as never;
}

/** A page of a list: pass `next` back as `cursor`; null on the last page. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}
