import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * An HTTP proxy in front of a real node, for JSON-RPC and REST: it counts what is asked and can answer badly on demand.
 * A client may ask at any path, with any query and key: everything is passed on to the one target.
 */

export interface Call {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** An answer with `error` in place of a result. */
export class Fault {
  readonly code: number;
  readonly message: string;

  constructor(code: number, message: string) {
    this.code = code;
    this.message = message;
  }
}

export const NO_SUCH_METHOD = new Fault(-32601, 'the method does not exist/is not available');

/** What happens to a whole HTTP request before the node sees it. */
export type Trouble =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Half of the answer, whole in HTTP's eyes. */
  | { readonly kind: 'half' }
  /** The connection breaks in the middle of the answer. */
  | { readonly kind: 'break' }
  /** No answer but a closed connection. */
  | { readonly kind: 'refuse' };

export class NodeProxy {
  readonly #server: Server;
  readonly #target: string;
  /** JSON-RPC method (or the path of a REST request) → how often it was asked. */
  readonly calls = new Map<string, number>();
  requests = 0;
  /** Changes a result, or makes a {@link Fault} of it. Sees every call of a batch by itself. */
  tamper: ((call: Call, result: unknown) => unknown) | null = null;
  /** As `tamper`, for the bytes of a REST answer. */
  tamperBytes: ((path: string, bytes: Buffer) => Buffer) | null = null;
  /** Asked once a request, with the number of the request (from 1) and its calls (none for REST). */
  trouble: ((request: number, calls: readonly Call[]) => Trouble | null) | null = null;
  /** Waits this long before each answer, so that a test can act in the middle of a fetch. */
  delayMs = 0;
  #gate: Promise<void> = Promise.resolve();

  constructor(target: string) {
    // The user and password are the client's to give: they are passed on with each request.
    this.#target = target.replace(/\/\/[^/@]*@/, '//');
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** How often methods whose name fits were asked. */
  count(method: RegExp): number {
    return [...this.calls].reduce((sum, [name, times]) => (method.test(name) ? sum + times : sum), 0);
  }

  /** No request passes until the function that it gives is called: what the node does meanwhile is seen all at once. */
  hold(): () => void {
    let open = (): void => {};
    this.#gate = new Promise((resolve) => {
      open = resolve;
    });
    return open;
  }

  /** Forgets counts and takes away every trouble. */
  reset(): void {
    this.calls.clear();
    this.requests = 0;
    this.tamper = null;
    this.tamperBytes = null;
    this.trouble = null;
    this.delayMs = 0;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request);
    const calls = request.method === 'POST' ? callsOf(body) : [];
    this.requests += 1;
    const names = calls.length > 0 ? calls.map((call) => call.method) : [(request.url ?? '').split('?')[0] ?? ''];
    for (const name of names) this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
    await this.#gate;
    const trouble = this.trouble?.(this.requests, calls) ?? null;
    if (this.delayMs > 0) await sleep(this.delayMs);
    if (trouble?.kind === 'refuse') request.socket.destroy();
    else if (trouble?.kind === 'status') {
      response.writeHead(trouble.status, trouble.headers).end('{"error":"too much was asked"}');
    } else await this.#passOn(request, response, body, trouble);
  }

  async #passOn(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
    trouble: Trouble | null,
  ): Promise<void> {
    const isPost = request.method === 'POST';
    const { authorization } = request.headers;
    const answer = await fetch(isPost ? this.#target : `${this.#target}${request.url}`, {
      method: isPost ? 'POST' : 'GET',
      headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
      ...(isPost ? { body: new Uint8Array(body) } : {}),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const given = isPost ? this.#tampered(body, bytes) : (this.tamperBytes?.(request.url ?? '', bytes) ?? bytes);
    const type = answer.headers.get('content-type') ?? 'application/json';
    if (trouble?.kind === 'break') {
      response.writeHead(answer.status, { 'content-type': type, 'content-length': given.length });
      response.write(given.subarray(0, given.length / 2), () => request.socket.destroy());
      return;
    }
    response.writeHead(answer.status, { 'content-type': type });
    response.end(trouble?.kind === 'half' ? given.subarray(0, given.length / 2) : given);
  }

  #tampered(body: Buffer, bytes: Buffer): Buffer {
    const { tamper } = this;
    if (tamper === null) return bytes;
    const asked = JSON.parse(body.toString()) as RawCall | RawCall[];
    const answers = JSON.parse(bytes.toString()) as RawAnswer | RawAnswer[];
    const calls = new Map([asked].flat().map((call) => [JSON.stringify(call.id), call]));
    const changed = [answers].flat().map((answer) => {
      const { method, params = [] } = calls.get(JSON.stringify(answer.id)) ?? { method: '' };
      const result = tamper({ method, params }, answer.result);
      if (result instanceof Fault) {
        return { jsonrpc: '2.0', id: answer.id, error: { code: result.code, message: result.message } };
      }
      return answer.error === undefined || answer.error === null || result !== answer.result
        ? { ...answer, result }
        : answer;
    });
    return Buffer.from(JSON.stringify(Array.isArray(answers) ? changed : changed[0]));
  }
}

export async function startProxy(target: string): Promise<NodeProxy> {
  const proxy = new NodeProxy(target);
  await proxy.start();
  return proxy;
}

interface RawCall {
  readonly id: unknown;
  readonly method: string;
  readonly params?: readonly unknown[];
}

interface RawAnswer {
  readonly id: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

function callsOf(body: Buffer): Call[] {
  const asked = JSON.parse(body.toString()) as RawCall | RawCall[];
  return [asked].flat().map(({ method, params = [] }) => ({ method, params }));
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Where a value stands inside an answer: names and indexes, outermost first. */
export type Path = readonly (string | number)[];

/** Every value of an answer that is no object and no list, by its path; an empty list counts as a value. */
export function leaves(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap((item, index) => leaves(item, [...path, index]));
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([name, item]) => leaves(item, [...path, name]));
  }
  return [path];
}

export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, step) => (inner as Record<string | number, unknown> | undefined)?.[step], value);
}

/** A copy in which one value is another of the same form; null where there is nothing at the path. */
export function corrupted(value: unknown, path: Path): unknown {
  const copy = structuredClone(value);
  const holder = valueAt(copy, path.slice(0, -1)) as Record<string | number, unknown> | undefined;
  const last = path.at(-1);
  if (last === undefined) return otherThan(value);
  if (typeof holder !== 'object' || holder === null || !(last in holder)) return null;
  holder[last] = otherThan(holder[last]);
  return copy;
}

/** Another value that its reader must still take for one: the last digit of a hex text changes, a number grows by one. */
export function otherThan(value: unknown): unknown {
  if (value === '0x') return '0x01';
  if (typeof value === 'string' && /^(0x)?[0-9a-f]+$/i.test(value)) {
    return value.slice(0, -1) + (value.endsWith('1') ? '2' : '1');
  }
  if (typeof value === 'string') return `${value}x`;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (Array.isArray(value)) return ['0x01'];
  return `0x${'11'.repeat(20)}`;
}

/** The paths of every list that is not empty. */
export function lists(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) {
    return [...(value.length > 0 ? [path] : []), ...value.flatMap((item, index) => lists(item, [...path, index]))];
  }
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, item]) => lists(item, [...path, name]));
}

/** A copy in which a list lacks its last entry. */
export function shortened(value: unknown, path: Path): unknown {
  const copy = structuredClone(value);
  (valueAt(copy, path) as unknown[]).pop();
  return copy;
}
