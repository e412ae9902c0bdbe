import { assert } from '../base/assert.ts';

/**
 * The port of small durable writes: verdicts, alerts, keys, the audit log. Ordered tables of short keys and bytes, written in groups.
 * lmdb/ is the default, memory/ for tests; both pass test/conformance/records. One process writes at a time: the one that holds the store.
 */
export interface Records {
  get(table: RecordTable, key: string): Promise<Uint8Array | null>;
  /** Keys from `from` (in) to `until` (out), in byte order or against it. */
  list(table: RecordTable, range?: RecordRange): Promise<readonly RecordRow[]>;
  /** As `list`, in chunks, for millions: each chunk is read when it is asked for. */
  scan(table: RecordTable, range?: RecordRange): AsyncIterable<readonly RecordRow[]>;
  count(table: RecordTable): Promise<number>;
  /**
   * All of it or nothing, also after a kill; resolves when it is on disk (synced). Writes are kept in the order of the calls. Throws E_STORE_WRITE (disk full,
   * read only): then nothing of this write is kept, and later writes may succeed.
   */
  write(changes: readonly RecordChange[]): Promise<void>;
  /** Waits for writes under way. */
  close(): Promise<void>;
}

export const RECORD_TABLES = [
  'meta',
  'audit',
  'verdict',
  'subject',
  'batch',
  'cumulative',
  'alert',
  'hold',
  'approval',
  'webhook',
  'delivery',
  'ruleset',
  'key',
  'session',
  'customer',
  'idempotency',
  'label',
  'case',
  'board',
  'job',
] as const;
export type RecordTable = (typeof RECORD_TABLES)[number];

export interface RecordRow {
  /** ASCII, at most 200 characters. */
  readonly key: string;
  readonly value: Uint8Array;
}

export interface RecordRange {
  readonly from?: string;
  readonly until?: string;
  readonly reverse?: boolean;
  readonly limit?: number;
}

export interface RecordChange {
  readonly table: RecordTable;
  readonly key: string;
  /** null removes. */
  readonly value: Uint8Array | null;
}

const KEY = /^[ -~]{1,200}$/;

/** For engines, before anything is written. */
export function requireKeys(changes: readonly RecordChange[]): void {
  for (const { table, key } of changes)
    assert(KEY.test(key), `a key of table ${table} is 1 to 200 letters of ASCII: ${key.slice(0, 80)}`);
}

const TEXT = new TextEncoder();
const BYTES = new TextDecoder();

/** A change that keeps a value as JSON. */
export function jsonChange(table: RecordTable, key: string, value: unknown): RecordChange {
  return { table, key, value: TEXT.encode(JSON.stringify(value)) };
}

export function readJson<Value>(value: Uint8Array): Value {
  return JSON.parse(BYTES.decode(value)) as Value;
}

/** A whole number as a key whose byte order is its order. */
export function orderKey(number: number): string {
  return String(number).padStart(16, '0');
}
