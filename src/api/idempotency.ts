import type { AuditedWriter } from '../access/audited.ts';
import { HaetaeError } from '../base/errors.ts';
import { jsonChange, type RecordChange, type Records, readJson } from '../store/records.ts';
import type { KeepAnswer, KeptAnswer } from './route.ts';

/** What is kept of an answer, in table `idempotency` under `PRINCIPAL KEY`. */
interface KeptRow {
  /** SHA-256 of the request. */
  readonly request: string;
  /** Milliseconds. */
  readonly at: number;
  /** The answer itself, or the record whose bytes it is. */
  readonly text?: string;
  readonly table?: RecordChange['table'];
  readonly key?: string;
  /** Or what the answer is made again from. */
  readonly origin?: unknown;
}

export interface KeyedRequest {
  readonly principal: string;
  /** Of the Idempotency-Key header. */
  readonly key: string;
  readonly sha256: string;
  readonly atMs: number;
}

export interface KeyedAnswer {
  readonly bytes: Uint8Array;
  /** True: kept from the first time. */
  readonly again: boolean;
}

const KEPT_MS = 24 * 3_600_000;
const KEY_FORM = /^[!-~]{1,100}$/;
const MAX_KEPT = 1 << 20;
const SWEEP = 500;
const BYTES = new TextDecoder();
const TEXT = new TextEncoder();

/** Throws E_FIELD. */
export function requireIdempotencyKey(text: string): string {
  if (KEY_FORM.test(text)) return text;
  throw new HaetaeError('E_FIELD', 'Idempotency-Key is not 1 to 100 printable ASCII letters without spaces', {
    context: { field: 'Idempotency-Key' },
    remedy: 'send a UUID',
  });
}

/** The same key and request give the first answer again, for 24 hours, also after a kill. Requests with one key go one after the other. */
export class Idempotency {
  readonly #records: Records;
  readonly #audited: AuditedWriter;
  readonly #running = new Map<string, { readonly sha256: string; readonly done: Promise<void> }>();

  constructor(records: Records, audited: AuditedWriter) {
    this.#records = records;
    this.#audited = audited;
  }

  /** `act` has the effect and gives the answer; it is not called where an answer is kept. Throws E_IDEMPOTENCY, E_STORE_WRITE, and what `act` throws. */
  answer(request: KeyedRequest, act: (keep: KeepAnswer) => Promise<Uint8Array>): Promise<KeyedAnswer> {
    return this.#inTurn(request, (row) => this.#first(row, request, act));
  }

  /**
   * As `answer`, for one too large to keep: `act` has the effect and keeps an origin with it, or makes the answer from the origin kept before; null: there is
   * none. The next request of the key waits until `act` has resolved.
   */
  answerFrom<Answer>(
    request: KeyedRequest,
    act: (keep: KeepAnswer, origin: unknown) => Promise<Answer>,
  ): Promise<Answer> {
    return this.#inTurn(request, async (row) => {
      const kept = await this.#row(row, request);
      return act((answer) => [changeOf(row, request, answer)], kept?.origin ?? null);
    });
  }

  async #inTurn<Answer>(request: KeyedRequest, work: (row: string) => Promise<Answer>): Promise<Answer> {
    const row = `${request.principal} ${request.key}`;
    let other = this.#running.get(row);
    while (other !== undefined) {
      if (other.sha256 !== request.sha256) throw conflict(request.key);
      await other.done;
      other = this.#running.get(row);
    }
    const { promise, resolve } = withResolvers();
    this.#running.set(row, { sha256: request.sha256, done: promise });
    try {
      return await work(row);
    } finally {
      this.#running.delete(row);
      resolve();
    }
  }

  async #first(
    row: string,
    request: KeyedRequest,
    act: (keep: KeepAnswer) => Promise<Uint8Array>,
  ): Promise<KeyedAnswer> {
    const kept = await this.#row(row, request);
    const known = kept === null ? null : await this.#bytesOf(kept);
    if (known !== null) return { bytes: known, again: true };
    let keeps = false;
    const bytes = await act((answer) => {
      keeps = true;
      return [changeOf(row, request, answer)];
    });
    if (!keeps && bytes.length <= MAX_KEPT) await this.#audited.commit([], [changeOf(row, request, bytes)]);
    return { bytes, again: false };
  }

  async #row(row: string, request: KeyedRequest): Promise<KeptRow | null> {
    const value = await this.#records.get('idempotency', row);
    if (value === null) return null;
    const kept = readJson<KeptRow>(value);
    if (kept.at + KEPT_MS < request.atMs) return null;
    if (kept.request !== request.sha256) throw conflict(request.key);
    return kept;
  }

  async #bytesOf(kept: KeptRow): Promise<Uint8Array | null> {
    if (kept.text !== undefined) return TEXT.encode(kept.text);
    return this.#records.get(kept.table!, kept.key!);
  }

  /** Forgets what is older than 24 hours. Returns how many. */
  async sweep(atMs: number): Promise<number> {
    let removed = 0;
    const isOld = (value: Uint8Array | null): boolean => value !== null && readJson<KeptRow>(value).at + KEPT_MS < atMs;
    for await (const rows of this.#records.scan('idempotency')) {
      const old = rows.filter(({ value }) => isOld(value)).map(({ key }) => key);
      for (let from = 0; from < old.length; from += SWEEP)
        removed += await this.#forget(old.slice(from, from + SWEEP), isOld);
    }
    return removed;
  }

  /** A key that is used again meanwhile has a row of its own by now, or will have. */
  async #forget(keys: readonly string[], isOld: (value: Uint8Array | null) => boolean): Promise<number> {
    const values = await Promise.all(keys.map((key) => this.#records.get('idempotency', key)));
    const changes = keys
      .filter((key, at) => isOld(values[at]!) && !this.#running.has(key))
      .map((key) => ({ table: 'idempotency' as const, key, value: null }));
    if (changes.length > 0) await this.#audited.commit([], changes);
    return changes.length;
  }
}

function changeOf(row: string, { sha256, atMs }: KeyedRequest, answer: KeptAnswer): RecordChange {
  const kept = answer instanceof Uint8Array ? { text: BYTES.decode(answer) } : answer;
  return jsonChange('idempotency', row, { request: sha256, at: atMs, ...kept } satisfies KeptRow);
}

function conflict(key: string): HaetaeError {
  return new HaetaeError('E_IDEMPOTENCY', 'this Idempotency-Key was used with another request', {
    context: { key },
    remedy: 'use a new key for a new request',
  });
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
