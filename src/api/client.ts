import type { z } from 'zod';
import { ERROR_CODES, type ErrorCode, HaetaeError } from '../base/errors.ts';
import { ALL_ROUTES } from './all-routes.ts';
import type { Problem } from './problem.ts';
import type { Route } from './route.ts';

export interface ClientOptions {
  /** http://127.0.0.1:PORT; in a page of the server itself, its origin. */
  readonly url: string;
  /** API key; left out: the browser's session. */
  readonly key?: string;
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds (3,000): for so long a request that a busy server did not take in (503 with Retry-After) is sent again. */
  readonly busyMs?: number;
}

const BUSY_MS = 3000;

export interface CallOptions {
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
  /** Sent to its end although the page goes; of small requests. */
  readonly keepalive?: boolean;
}

type Part<Name extends string, Schema> = [Schema] extends [z.ZodType]
  ? Record<never, never> extends z.input<Schema>
    ? { readonly [Key in Name]?: z.input<Schema> }
    : { readonly [Key in Name]: z.input<Schema> }
  : Record<never, never>;

type PartOf<R, Name extends 'params' | 'query' | 'body'> = R extends { readonly [Key in Name]: infer Schema }
  ? Part<Name, Schema>
  : Record<never, never>;

/** What a method takes: `params`, `query`, `body`, as the route declares them. Lines (NDJSON) may stand in place of a body where the route takes them. */
export type RequestOf<R> = PartOf<R, 'params'> &
  PartOf<R, 'query'> &
  (R extends { readonly lines: true }
    ? PartOf<R, 'body'> | { readonly lines: string | Uint8Array }
    : PartOf<R, 'body'>);

/** What a method gives: the answer, or for NDJSON its lines one after the other. */
export type AnswerOf<R> = R extends { readonly response: infer Schema }
  ? R extends { readonly contentType: 'application/x-ndjson' }
    ? AsyncIterable<Output<Schema>>
    : Promise<Output<Schema>>
  : Promise<undefined>;
type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

export type Method<R> =
  Record<never, never> extends RequestOf<R>
    ? (request?: RequestOf<R>, options?: CallOptions) => AnswerOf<R>
    : (request: RequestOf<R>, options?: CallOptions) => AnswerOf<R>;

export type ClientOf<Routes> = { readonly [Name in keyof Routes]: Method<Routes[Name]> };
export type Client = ClientOf<typeof ALL_ROUTES>;

/** A method for every route, by its name. Methods throw HaetaeError with the code of the problem document; E_SERVER where nothing answers. */
export function createClient(options: ClientOptions): Client {
  return clientOf(ALL_ROUTES, options);
}

/** As `createClient`, for some routes only. */
export function clientOf<Routes extends Readonly<Record<string, Route>>>(
  routes: Routes,
  options: ClientOptions,
): ClientOf<Routes> {
  const methods = Object.entries(routes).map(([name, route]) => [
    name,
    (request: AnyRequest = {}, call: CallOptions = {}) =>
      route.contentType === 'application/x-ndjson'
        ? linesOf(options, route, request, call)
        : answerOf(options, route, request, call),
  ]);
  return Object.fromEntries(methods) as ClientOf<Routes>;
}

interface AnyRequest {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly lines?: string | Uint8Array;
}

async function answerOf(
  options: ClientOptions,
  route: Route,
  request: AnyRequest,
  call: CallOptions,
): Promise<unknown> {
  const response = await send(options, route, request, call);
  if (response.status === 204) return undefined;
  const type = route.contentType ?? 'application/json';
  if (type === 'application/json') return response.json();
  return type === 'application/octet-stream' ? new Uint8Array(await response.arrayBuffer()) : response.text();
}

async function* linesOf(
  options: ClientOptions,
  route: Route,
  request: AnyRequest,
  call: CallOptions,
): AsyncGenerator<unknown> {
  const response = await send(options, route, request, call);
  const reader = response.body!.getReader();
  const text = new TextDecoder();
  let rest = '';
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const lines = (rest + text.decode(read.value, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield JSON.parse(line);
    }
    if (rest !== '') yield JSON.parse(rest);
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** What is refused as E_BUSY had no effect: it may be sent again as it is. */
async function send(options: ClientOptions, route: Route, request: AnyRequest, call: CallOptions): Promise<Response> {
  const until = Date.now() + (options.busyMs ?? BUSY_MS);
  for (;;) {
    const response = await sendOnce(options, route, request, call);
    if (response.status < 400) return response;
    const fault = await faultOf(response);
    const waitMs = Number(fault.context.retryAfter ?? Number.NaN) * 1000;
    if (fault.code !== 'E_BUSY' || !(Date.now() + waitMs <= until)) throw fault;
    await passed(waitMs, call.signal);
  }
}

/** Throws the reason of the signal. */
function passed(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

function sendOnce(
  { url, key, fetch = globalThis.fetch }: ClientOptions,
  route: Route,
  request: AnyRequest,
  { idempotencyKey, signal, keepalive }: CallOptions,
): Promise<Response> {
  const headers: Record<string, string> = {};
  if (key !== undefined) headers.authorization = `Bearer ${key}`;
  if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
  const body = request.lines ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
  if (body !== undefined)
    headers['content-type'] = request.lines === undefined ? 'application/json' : 'application/x-ndjson';
  return fetch(addressOf(url, route, request), {
    method: route.method,
    headers,
    ...(body === undefined ? {} : { body: body as NonNullable<RequestInit['body']> }),
    ...(signal === undefined ? {} : { signal }),
    ...(keepalive === undefined ? {} : { keepalive }),
    redirect: 'manual',
  }).catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw new HaetaeError('E_SERVER', 'the server does not answer', {
      cause,
      context: { url },
      remedy: 'check that haetae serve runs there',
      retry: true,
    });
  });
}

function addressOf(url: string, route: Route, { params = {}, query = {} }: AnyRequest): string {
  const path = route.path.replace(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return `${url.replace(/\/$/, '')}${path}${text === '' ? '' : `?${text}`}`;
}

async function faultOf(response: Response): Promise<HaetaeError> {
  const problem = (await response.json().catch(() => null)) as Partial<Problem> | null;
  const code: ErrorCode =
    problem?.code !== undefined && Object.hasOwn(ERROR_CODES, problem.code) ? problem.code : 'E_SERVER';
  const fields = problem?.fields?.map(({ field, fault }) => `${field}: ${fault}`).join('; ');
  return new HaetaeError(code, problem?.detail ?? `the server answered with status ${response.status}`, {
    ...(problem?.remedy === undefined ? {} : { remedy: problem.remedy }),
    context: {
      ...problem?.context,
      status: response.status,
      ...(problem?.instance === undefined ? {} : { instance: problem.instance }),
      ...(fields === undefined ? {} : { fields }),
      ...(problem?.retryAfter === undefined ? {} : { retryAfter: problem.retryAfter }),
    },
    retry: problem?.retryAfter !== undefined,
  });
}
