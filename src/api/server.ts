import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { AuditedWriter } from '../access/audited.ts';
import { HaetaeError } from '../base/errors.ts';
import type { Records } from '../store/records.ts';
import type { ConsoleFiles } from './console-files.ts';
import { type Admission, type Entrance, Exchange, entranceOf, type Surroundings } from './exchange.ts';
import { HostCheck } from './host-check.ts';
import { Idempotency } from './idempotency.ts';
import { Load, type LoadLimits } from './load.ts';
import { Metrics } from './metrics.ts';
import { type Problem, problemOf } from './problem.ts';
import { sendProblem } from './reply.ts';
import type { Operation } from './route.ts';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

export interface ServerParts {
  readonly operations: readonly Operation[];
  readonly gate: Admission;
  /** Where answers to idempotency keys are kept; null: such keys are not heeded. */
  readonly kept: { readonly records: Records; readonly audited: AuditedWriter } | null;
  readonly metrics?: Metrics;
  /** What a browser sees where no route answers; null or left out: nothing. */
  readonly console?: ConsoleFiles | null;
  /** Host names that requests may use beside those of this machine. */
  readonly names?: readonly string[];
  readonly limits?: Partial<LoadLimits>;
  /** Milliseconds. */
  readonly clock?: () => number;
  /** Faults of the server itself, one line each; stderr where left out. */
  readonly log?: (line: string) => void;
}

const NONE = Object.freeze({});
const LIMITS: LoadLimits = { inFlight: 2000, delayMs: 1000 };
const MAX_PARAM = 300;
const MAX_CONNECTIONS = 10_000;
/** These answer however busy the server is. */
const ALWAYS = new Set(['/health', '/metrics']);
const SWEEP_MS = 3_600_000;

/** The service over HTTP. Routes come from declarations; everything that is asked of any request is asked here. */
export class ApiServer {
  readonly http: Server;
  readonly metrics: Metrics;
  readonly load: Load;
  readonly #app: FastifyInstance;
  readonly #hosts: HostCheck;
  readonly #around: Surroundings;
  readonly #fixed = new Map<string, Map<string, Entrance>>();
  readonly #methods: readonly { readonly form: RegExp; readonly allow: string }[];
  readonly #log: (line: string) => void;
  readonly #console: ConsoleFiles | null;
  #sweeper: NodeJS.Timeout | undefined;
  #handle: Listener = () => {};
  #requests = 0;
  readonly #runId = Math.floor(performance.timeOrigin).toString(36);

  constructor(parts: ServerParts) {
    this.#log = parts.log ?? ((line) => console.error(line));
    this.#console = parts.console ?? null;
    this.metrics = parts.metrics ?? new Metrics();
    this.load = new Load({ ...LIMITS, ...parts.limits });
    this.#hosts = new HostCheck(parts.names ?? []);
    this.#around = {
      gate: parts.gate,
      hosts: this.#hosts,
      idempotency: parts.kept === null ? null : new Idempotency(parts.kept.records, parts.kept.audited),
      load: this.load,
      clock: parts.clock ?? Date.now,
      nextId: () => `${this.#runId}-${(++this.#requests).toString(36)}`,
      report: (error, id) => this.#report(error, id),
      running: new Set(),
    };
    this.#methods = methodsOf(parts.operations);
    this.http = createServer(HTTP_OPTIONS, (request, response) => this.#receive(request, response));
    this.http.maxConnections = MAX_CONNECTIONS;
    this.http.on('clientError', (error, socket) => this.#refuseBroken(error, socket as Socket));
    this.#app = this.#routed(parts.operations);
    this.#registerFigures();
  }

  /** Listens. Port 0: a free one. Throws E_SERVER. */
  async listen({ port, host }: { readonly port: number; readonly host: string }): Promise<{ readonly url: string }> {
    await this.#app.ready();
    await new Promise<void>((resolve, reject) => {
      this.http.once('error', (cause) =>
        reject(
          new HaetaeError('E_SERVER', `cannot listen on ${host} port ${port}`, {
            cause,
            context: { host, port, reason: (cause as NodeJS.ErrnoException).code ?? 'unknown' },
            remedy: 'stop what listens there, or give another port',
          }),
        ),
      );
      this.http.listen({ port, host }, resolve);
    });
    const { port: bound } = this.http.address() as AddressInfo;
    this.#hosts.listensOn(bound);
    const { idempotency, clock } = this.#around;
    if (idempotency !== null)
      this.#sweeper = setInterval(() => {
        idempotency.sweep(clock()).catch((error) => this.#report(error, 'sweep'));
      }, SWEEP_MS).unref();
    return { url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}` };
  }

  get ready(): boolean {
    return this.http.listening && !this.load.draining;
  }

  /** Takes in nothing more, waits for what is in flight at most so long, then aborts and closes it. Returns how many requests were cut off. */
  async drain(limitMs: number): Promise<number> {
    this.load.draining = true;
    clearInterval(this.#sweeper);
    const closed = new Promise<void>((resolve) => this.http.close(() => resolve()));
    this.http.closeIdleConnections();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    await Promise.race([this.load.idle(), late]);
    clearTimeout(timer);
    const cut = this.load.inFlight;
    for (const controller of this.#around.running) controller.abort();
    if (cut > 0) this.http.closeAllConnections();
    // Lets the last answers leave their sockets.
    setImmediate(() => this.http.closeIdleConnections());
    const forced = setTimeout(() => this.http.closeAllConnections(), 1000);
    await closed;
    clearTimeout(forced);
    this.load.stop();
    await this.#app.close();
    return cut;
  }

  /** Before anything of a request is parsed. */
  #receive(request: IncomingMessage, response: ServerResponse): void {
    try {
      // Also of what is refused: who keeps the connection would only be refused again, until it is cut.
      if (this.load.draining) response.setHeader('Connection', 'close');
      if (this.load.over && !ALWAYS.has(request.url ?? '')) {
        this.load.shed++;
        throw this.load.draining ? SHUTTING_DOWN : TOO_BUSY;
      }
      this.#hosts.check(request);
      if (!this.#atOnce(request, response)) this.#handle(request, response);
    } catch (error) {
      this.#refuse(error, request, response);
    }
  }

  /** A path without parameters needs no router: a tenth of the time of a short request. False: the router must see it. */
  #atOnce(request: IncomingMessage, response: ServerResponse): boolean {
    const url = request.url ?? '';
    const mark = url.indexOf('?');
    const entrance = this.#fixed.get(mark < 0 ? url : url.slice(0, mark))?.get(request.method ?? '');
    if (entrance === undefined) return false;
    new Exchange(entrance, this.#around, request, response).run(NONE, url.slice(mark < 0 ? url.length : mark + 1));
    return true;
  }

  #routed(operations: readonly Operation[]): FastifyInstance {
    const app = fastify({
      logger: false,
      exposeHeadRoutes: false,
      genReqId: () => '',
      return503OnClosing: false,
      routerOptions: { maxParamLength: MAX_PARAM },
      serverFactory: (handle) => {
        this.#handle = handle as Listener;
        return this.http;
      },
      frameworkErrors: (error, request, reply) => {
        reply.hijack();
        this.#refuse(badPath(error), request.raw, reply.raw);
      },
    }) as unknown as FastifyInstance;
    // Bodies are read by the exchange, after it knows who asks.
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'])
      app.addHttpMethod(method, { hasBody: false, overrideExisting: true });
    for (const operation of operations) this.#add(app, operation);
    app.setNotFoundHandler((request, reply) => {
      reply.hijack();
      this.#refuseUnknown(request.raw, reply.raw);
    });
    app.setErrorHandler((error, request, reply) => {
      reply.hijack();
      this.#refuse(error, request.raw, reply.raw);
    });
    return app;
  }

  #add(app: FastifyInstance, operation: Operation): void {
    const entrance = entranceOf(operation, this.metrics.of(operation.route.name));
    const around = this.#around;
    const { method, path } = operation.route;
    if (!path.includes(':')) {
      const methods = this.#fixed.get(path) ?? new Map<string, Entrance>();
      this.#fixed.set(path, methods.set(method, entrance));
    }
    app.route({
      method: method === 'GET' ? ['GET', 'HEAD'] : method,
      url: path,
      handler: (request: FastifyRequest, reply: FastifyReply): void => {
        reply.hijack();
        new Exchange(entrance, around, request.raw, reply.raw).run(request.params, request.query);
      },
    });
  }

  #refuse(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    const id = this.#around.nextId();
    const problem = problemOf(error, id);
    if (problem.status === 500) this.#report(error, id);
    sendProblem(request, response, problem);
  }

  #refuseUnknown(request: IncomingMessage, response: ServerResponse): void {
    if (this.#console?.answer(request, response) === true) return;
    const path = (request.url ?? '').split('?', 1)[0]!;
    const known = this.#methods.find(({ form }) => form.test(path));
    const fault = new HaetaeError('E_NOT_FOUND', known ? `this route takes ${known.allow} only` : 'no such route', {
      context: known ? { allow: known.allow } : {},
      remedy: 'see /docs for what there is',
    });
    const problem: Problem = problemOf(fault, this.#around.nextId());
    sendProblem(request, response, known ? { ...problem, status: 405 } : problem);
  }

  /** What is no HTTP, or came too slowly: there is no request to answer, only a connection. */
  #refuseBroken(error: NodeJS.ErrnoException, socket: Socket): void {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const large = error.code === 'HPE_HEADER_OVERFLOW';
    const slow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    const status = large ? '431 Request Header Fields Too Large' : slow ? '408 Request Timeout' : '400 Bad Request';
    const detail = large
      ? 'the headers are too large'
      : slow
        ? 'the request came too slowly'
        : 'this is no HTTP request';
    const fault = new HaetaeError('E_FIELD', detail, { remedy: 'send it again as HTTP/1.1' });
    const body = JSON.stringify({ ...problemOf(fault, this.#around.nextId()), status: Number(status.slice(0, 3)) });
    socket.end(
      `HTTP/1.1 ${status}\r\nContent-Type: application/problem+json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
  }

  #report(error: unknown, id: string): void {
    this.#log(`request ${id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }

  #registerFigures(): void {
    const gauge = (name: string, help: string, read: () => number, kind: 'gauge' | 'counter' = 'gauge'): void =>
      this.metrics.register({ name, help, kind, read });
    gauge('haetae_http_in_flight', 'Requests taken in and not yet answered.', () => this.load.inFlight);
    gauge(
      'haetae_http_shed_total',
      'Requests refused because the server was too busy.',
      () => this.load.shed,
      'counter',
    );
    gauge(
      'haetae_event_loop_delay_seconds',
      'How late the last tick of the event loop came.',
      () => this.load.delayMs / 1000,
    );
    gauge('process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss());
    gauge('process_start_time_seconds', 'When the process was started.', () => performance.timeOrigin / 1000);
  }
}

export function buildServer(parts: ServerParts): ApiServer {
  return new ApiServer(parts);
}

const HTTP_OPTIONS = {
  maxHeaderSize: 16 << 10,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  noDelay: true,
};

const TOO_BUSY = new HaetaeError('E_BUSY', 'the server has as much work as it can take', {
  context: { retryAfter: 1 },
  remedy: 'send it again later',
  retry: true,
});
const SHUTTING_DOWN = new HaetaeError('E_BUSY', 'the server is shutting down', {
  context: { retryAfter: 5 },
  remedy: 'send it again to the server that takes its place',
  retry: true,
});

function badPath(error: Error & { readonly code?: string }): HaetaeError {
  if (error.code === 'FST_ERR_MAX_PARAM_LENGTH')
    return new HaetaeError('E_FIELD', `a part of the path is longer than ${MAX_PARAM} letters`, {
      context: { field: 'path' },
    });
  return new HaetaeError('E_FIELD', 'the path is not a valid one', { context: { field: 'path' } });
}

function methodsOf(operations: readonly Operation[]): readonly { readonly form: RegExp; readonly allow: string }[] {
  const byPath = new Map<string, string[]>();
  for (const { route } of operations) {
    const methods = byPath.get(route.path) ?? [];
    methods.push(route.method, ...(route.method === 'GET' ? ['HEAD'] : []));
    byPath.set(route.path, methods);
  }
  return [...byPath].map(([path, methods]) => ({
    form: new RegExp(`^${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:[A-Za-z]+/g, '[^/]+')}$`),
    allow: methods.join(', '),
  }));
}
