import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

interface ConsoleFile {
  readonly bytes: Buffer;
  readonly packed: Buffer | null;
  readonly headers: readonly string[];
  readonly etag: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/**
 * The console loads from this server alone and runs no script or style written into a page. Images may also be made in the page (blob: and data:, for
 * pictures that are saved).
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "object-src 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join(';');

const SECURITY = [
  'X-Content-Type-Options',
  'nosniff',
  'Content-Security-Policy',
  POLICY,
  'Referrer-Policy',
  'no-referrer',
  'Cross-Origin-Resource-Policy',
  'same-origin',
  'Cross-Origin-Opener-Policy',
  'same-origin',
  'Permissions-Policy',
  'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
];

/** First parts of paths that belong to the interface for programs: an unknown one there is no page of the console. */
const NOT_PAGES = new Set(['v1', 'docs', 'openapi.json', 'health', 'metrics', 'sign-in', 'assets']);

/** The built console, read into memory once: a path that is no file of it is a page, and gets the one document there is. */
export class ConsoleFiles {
  readonly #files: ReadonlyMap<string, ConsoleFile>;

  private constructor(files: ReadonlyMap<string, ConsoleFile>) {
    this.#files = files;
  }

  /** null: there is none in that folder. */
  static read(folder: string): ConsoleFiles | null {
    const names = namesIn(folder);
    if (!names.includes('index.html')) return null;
    return new ConsoleFiles(new Map(names.map((name) => [`/${name}`, fileOf(join(folder, name), name)])));
  }

  /** Answers where the request is for the console; false: it is for somebody else. */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const path = (request.url ?? '/').split('?', 1)[0]!;
    const file = this.#files.get(path) ?? (isPage(path) ? this.#files.get('/index.html')! : undefined);
    if (file === undefined) return false;
    send(request, response, file);
    return true;
  }
}

function isPage(path: string): boolean {
  const first = path.split('/', 2)[1] ?? '';
  return !NOT_PAGES.has(first);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length).replaceAll('\\', '/').replace(/^\//, ''));
  } catch {
    return [];
  }
}

function fileOf(path: string, name: string): ConsoleFile {
  const bytes = readFileSync(path);
  const type = TYPES[extname(name)] ?? 'application/octet-stream';
  const packed = /^text|svg/.test(type) && bytes.length > 1024 ? gzipSync(bytes, { level: 9 }) : null;
  // Names of built files hold a hash of what is in them.
  const cache = name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
  const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`;
  return {
    bytes,
    packed,
    etag,
    headers: ['Content-Type', type, 'Cache-Control', cache, 'ETag', etag, 'Vary', 'Accept-Encoding', ...SECURITY],
  };
}

function send(request: IncomingMessage, response: ServerResponse, file: ConsoleFile): void {
  const headers = file.headers.slice();
  if (request.headers['if-none-match'] === file.etag) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  const packed = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? '')) ? file.packed : null;
  const body = packed ?? file.bytes;
  if (packed !== null) headers.push('Content-Encoding', 'gzip');
  headers.push('Content-Length', String(body.length));
  response.writeHead(200, headers);
  response.end(request.method === 'HEAD' ? undefined : body);
}
