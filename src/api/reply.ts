import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Problem } from './problem.ts';

/** On every answer. A page of our own may load from this server alone; data must not be kept by caches, guessed at, or framed. */
const SECURITY = ['Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff', 'Content-Security-Policy'];
const DATA_POLICY = [...SECURITY, "default-src 'none';frame-ancestors 'none'"];
const PAGE_POLICY = [
  ...SECURITY,
  "default-src 'self';base-uri 'none';object-src 'none';form-action 'self';frame-ancestors 'none'",
  'Referrer-Policy',
  'no-referrer',
  'Cross-Origin-Resource-Policy',
  'same-origin',
];

const TEXT = new TextEncoder();

/** Headers of one content type, made once. */
export function headersOf(contentType: string): readonly string[] {
  const text = /^text\/|xml/.test(contentType) && !contentType.includes('charset');
  return [
    'Content-Type',
    text ? `${contentType}; charset=utf-8` : contentType,
    ...(contentType.startsWith('text/') ? PAGE_POLICY : DATA_POLICY),
  ];
}

const PROBLEM_HEADERS = headersOf('application/problem+json');

export function withHeaders(base: readonly string[], more: Readonly<Record<string, string>>): readonly string[] {
  const named = new Set(Object.keys(more).map((name) => name.toLowerCase()));
  const kept: string[] = [];
  for (let at = 0; at < base.length; at += 2)
    if (!named.has(base[at]!.toLowerCase())) kept.push(base[at]!, base[at + 1]!);
  return [...kept, ...Object.entries(more).flat()];
}

/** Sends a whole body with its length. */
export function sendBytes(
  response: ServerResponse,
  status: number,
  headers: readonly string[],
  body: Uint8Array | null,
): void {
  if (response.headersSent || response.destroyed) return;
  const all = headers.slice();
  if (body === null) {
    response.writeHead(status, all);
    response.end();
    return;
  }
  all.push('Content-Length', String(body.length));
  response.writeHead(status, all);
  // As Latin-1 text, head and body leave in one write; as bytes it would take two.
  if (body.length > SMALL) response.end(body);
  else response.end(Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1'), 'latin1');
}

const SMALL = 1 << 15;

/** `open`: parts of the request are still to come, and are not worth waiting for. */
export function sendProblem(request: IncomingMessage, response: ServerResponse, problem: Problem): void {
  const headers = PROBLEM_HEADERS.slice();
  if (problem.retryAfter !== undefined) headers.push('Retry-After', String(problem.retryAfter));
  if (problem.status === 401) headers.push('WWW-Authenticate', 'Bearer realm="haetae"');
  if (problem.code === 'E_NOT_FOUND' && problem.status === 405) headers.push('Allow', String(problem.context?.allow));
  if (!request.complete && !isSmall(request)) headers.push('Connection', 'close');
  sendBytes(response, problem.status, headers, TEXT.encode(JSON.stringify(problem)));
}

const WORTH_READING = 1 << 16;

function isSmall({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) <= WORTH_READING;
}

const CHUNK = 1 << 16;
/** A reader that takes nothing for so long is gone. */
const STALLED_MS = 30_000;

/** Sends a stream in pieces of about 64 KiB as fast as the other end takes them. Stops quietly where it went away. */
export async function sendStream(
  response: ServerResponse,
  status: number,
  headers: readonly string[],
  body: AsyncIterable<string | Uint8Array>,
): Promise<void> {
  const pieces = body[Symbol.asyncIterator]();
  // The first piece before the head: what fails at once still gets a problem document.
  let next = await pieces.next();
  response.writeHead(status, headers.slice());
  let waiting: Uint8Array[] = [];
  let size = 0;
  while (!next.done && !response.destroyed) {
    const piece = typeof next.value === 'string' ? TEXT.encode(next.value) : next.value;
    waiting.push(piece);
    size += piece.length;
    if (size >= CHUNK) {
      if (!response.write(join(waiting))) await drained(response);
      waiting = [];
      size = 0;
    }
    next = await pieces.next();
  }
  if (response.destroyed) await pieces.return?.();
  else response.end(size === 0 ? undefined : join(waiting));
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => response.destroy(), STALLED_MS);
    const done = (): void => {
      clearTimeout(timer);
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
    if (response.destroyed) done();
  });
}
