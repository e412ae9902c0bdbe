import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Database, RootDatabase } from 'lmdb';
import { HaetaeError } from '../../base/errors.ts';
import {
  RECORD_TABLES,
  type RecordChange,
  type RecordRange,
  type RecordRow,
  type Records,
  type RecordTable,
} from '../records.ts';

/** Written into `meta` of a new folder; a folder with a higher number is of a later version. */
const FORMAT = 1;
const FORMAT_KEY = 'format';
/** Rows of one piece of a scan. */
const CHUNK = 2000;
/** The first thing of LMDB's first page, after its header. */
const MAGIC = 0xbeefc0de;
const MAGIC_AT = 24;

type Table = Database<Uint8Array, string>;

export interface LmdbOptions {
  /** A folder. */
  readonly path: string;
  readonly readOnly?: boolean;
}

/** Records in an LMDB folder (0700, its files 0600). One transaction is under way at a time; a write resolves once LMDB has synced it. */
export class LmdbRecords implements Records {
  readonly #path: string;
  readonly #root: RootDatabase<Uint8Array, string>;
  readonly #tables: ReadonlyMap<RecordTable, Table>;
  readonly #readOnly: boolean;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(options: LmdbOptions, root: RootDatabase<Uint8Array, string>, tables: Map<RecordTable, Table>) {
    this.#path = options.path;
    this.#readOnly = options.readOnly ?? false;
    this.#root = root;
    this.#tables = tables;
  }

  /** Throws E_RECORDS (damaged, of a later version), E_NOT_FOUND (read only, and not there), E_STORE_WRITE. */
  static async open(options: LmdbOptions): Promise<LmdbRecords> {
    const { path, readOnly = false } = options;
    const data = join(path, 'data.mdb');
    if (existsSync(data)) requireSound(data);
    else if (readOnly) throw new HaetaeError('E_NOT_FOUND', 'there are no records yet', { context: { path } });
    const records = await openEngine(options);
    for (const name of ['data.mdb', 'lock.mdb']) {
      if (!readOnly && existsSync(join(path, name))) chmodSync(join(path, name), 0o600);
    }
    await records.#checkFormat();
    return records;
  }

  static async openEngine(options: LmdbOptions): Promise<LmdbRecords> {
    const { open } = await import('lmdb');
    const { path, readOnly = false } = options;
    if (!readOnly) mkdirSync(path, { recursive: true, mode: 0o700 });
    const root = open<Uint8Array, string>({
      path,
      noSubdir: false,
      maxDbs: RECORD_TABLES.length + 4,
      encoding: 'binary',
      readOnly,
    });
    const tables = new Map<RecordTable, Table>();
    for (const name of RECORD_TABLES) {
      const table = root.openDB<Uint8Array, string>({ name, encoding: 'binary' }) as Table | undefined;
      if (table !== undefined) tables.set(name, table);
    }
    return new LmdbRecords(options, root, tables);
  }

  async get(table: RecordTable, key: string): Promise<Uint8Array | null> {
    return this.#tables.get(table)?.get(key) ?? null;
  }

  async list(table: RecordTable, range: RecordRange = {}): Promise<readonly RecordRow[]> {
    const rows: RecordRow[] = [];
    for (const { key, value } of this.#range(table, range)) rows.push({ key, value });
    return rows;
  }

  async *scan(table: RecordTable, range: RecordRange = {}): AsyncGenerator<readonly RecordRow[]> {
    let left = range.limit ?? Number.POSITIVE_INFINITY;
    let rest = range;
    while (left > 0) {
      const rows = await this.list(table, { ...rest, limit: Math.min(CHUNK, left) });
      if (rows.length === 0) return;
      yield rows;
      left -= rows.length;
      const last = rows.at(-1)!.key;
      // The next key in byte order; against it, `until` is out already.
      rest = range.reverse === true ? { ...rest, until: last } : { ...rest, from: `${last}\u0000` };
    }
  }

  async count(table: RecordTable): Promise<number> {
    const { entryCount } = (this.#tables.get(table)?.getStats() ?? { entryCount: 0 }) as { entryCount: number };
    return entryCount;
  }

  write(changes: readonly RecordChange[]): Promise<void> {
    const turn = this.#queue.then(() => this.#write(changes));
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.#root.close();
  }

  async #write(changes: readonly RecordChange[]): Promise<void> {
    if (this.#readOnly) throw this.#writeFault(new Error('the records are open for reading only'));
    if (changes.length === 0) return;
    const parts: Promise<unknown>[] = [];
    try {
      parts.push(
        this.#root.batch(() => {
          for (const { table, key, value } of changes) {
            const into = this.#tables.get(table)!;
            parts.push(value === null ? into.remove(key) : into.put(key, value));
          }
        }),
      );
      const ends = await Promise.allSettled(parts);
      const failed = ends.find((end) => end.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      await this.#root.flushed;
    } catch (cause) {
      throw this.#writeFault(cause);
    }
  }

  *#range(table: RecordTable, { from, until, reverse = false, limit }: RecordRange): Generator<RecordRow> {
    const into = this.#tables.get(table);
    if (into === undefined) return;
    const bounds = reverse
      ? {
          ...(until === undefined ? {} : { start: until, exclusiveStart: true }),
          ...(from === undefined ? {} : { end: from, inclusiveEnd: true }),
        }
      : { ...(from === undefined ? {} : { start: from }), ...(until === undefined ? {} : { end: until }) };
    yield* into.getRange({ ...bounds, reverse, ...(limit === undefined ? {} : { limit }) }) as Iterable<RecordRow>;
  }

  async #checkFormat(): Promise<void> {
    const stored = await this.get('meta', FORMAT_KEY);
    if (stored === null) {
      if (!this.#readOnly) await this.write([{ table: 'meta', key: FORMAT_KEY, value: Buffer.from(String(FORMAT)) }]);
      return;
    }
    const format = Number(Buffer.from(stored).toString());
    if (format === FORMAT) return;
    await this.close();
    throw new HaetaeError('E_RECORDS', 'the records were written by a later version of Haetae', {
      context: { path: this.#path, format: Number.isFinite(format) ? format : 'not a number' },
      remedy: 'run that version, or put an earlier copy of the folder in its place',
    });
  }

  #writeFault(cause: unknown): HaetaeError {
    const inner = (cause as { commitError?: unknown }).commitError ?? cause;
    const said = inner instanceof Error ? inner.message : String(inner);
    return new HaetaeError('E_STORE_WRITE', 'the records could not be written', {
      context: { path: this.#path, fault: said.slice(0, 160) },
      remedy: 'free space on the disk, or check who owns the folder; nothing of this write was kept',
      cause,
      retry: true,
    });
  }
}

async function openEngine(options: LmdbOptions): Promise<LmdbRecords> {
  try {
    return await LmdbRecords.openEngine(options);
  } catch (cause) {
    if (cause instanceof HaetaeError) throw cause;
    throw new HaetaeError('E_RECORDS', 'the records cannot be opened', {
      context: { path: options.path, fault: cause instanceof Error ? cause.message.slice(0, 160) : '' },
      remedy: 'check who owns the folder and whether the disk is full; else put a copy of it in its place',
      cause,
    });
  }
}

/** LMDB maps the file as it finds it: what is none of its files must not get that far. */
function requireSound(file: string): void {
  const head = Buffer.alloc(MAGIC_AT + 8);
  const handle = openSync(file, 'r');
  try {
    const read = readSync(handle, head, 0, head.length, 0);
    // An empty file is what a kill leaves before the first page was written.
    if (read === 0 || (read === head.length && head.readUInt32LE(MAGIC_AT) === MAGIC)) return;
  } finally {
    closeSync(handle);
  }
  throw new HaetaeError('E_RECORDS', 'the file of records is damaged', {
    context: { file },
    remedy: 'put a copy of the folder in its place; the damaged one is left as it is',
  });
}
