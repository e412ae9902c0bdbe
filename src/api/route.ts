import type { z } from 'zod';
import type { Principal, Scope } from '../access/principal.ts';
import type { ErrorCode } from '../base/errors.ts';

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
}

/** Bytes, text or a stream of them, sent as they are. `fileName` makes it a download. */
export class Raw {
  readonly body: string | Uint8Array | AsyncIterable<string | Uint8Array>;
  readonly fileName: string | undefined;
  constructor(body: Raw['body'], fileName?: string) {
    this.body = body;
    this.fileName = fileName;
  }
}

export type Answer<R extends Route> = (R['response'] extends z.ZodType ? z.input<R['response']> : undefined) | Raw;
export type Handler<R extends Route> = (call: Call<R>) => Promise<Answer<R>> | Answer<R>;

/** Handlers of some routes, by the route's name: `const handlers: Handlers<typeof alertRoutes> = {…}`. */
export type Handlers<Routes extends Readonly<Record<string, Route>>> = {
  readonly [Name in keyof Routes]: Handler<Routes[Name]>;
};

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
