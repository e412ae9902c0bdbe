import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
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
  requireKeys,
} from '../records.ts';
import { requireSoundFile } from './sound-file.ts';

/** Written into `meta` of a new folder; a folder with a higher number is of a later version. */
const FORMAT = 1;
const FORMAT_KEY = 'format';
/** Of one piece of a scan: no more than so many rows, and none after so many bytes. */
const CHUNK = 2000;
const CHUNK_BYTES = 4_000_000;
/** Readers' slots (126 of 64 bytes) and what goes before them: two pages and a little. */
const LOCK_BYTES = 16_384;

type Table = Database<Uint8Array, string>;

export interface LmdbOptions {
  /** A folder. */
  readonly path: string;
  readonly readOnly?: boolean;
}

/**
 * Records in an LMDB folder (0700, its files 0600). One transaction is under way at a time; a write resolves once LMDB has synced it.
 *
 * For one process at a time, also for reading: whoever opens them writes the number of the last transaction that it saw into the lock file (mdb_env_open2
 * of lmdb 3.5.6), and a writer that commits meanwhile goes on from an old one, over what it committed last. Whoever holds the store's file opens them.
 */
export class LmdbRecords implements Records {
  readonly #path: string;
  readonly #root: RootDatabase<Uint8Array, string>;
  readonly #tables: ReadonlyMap<RecordTable, Table>;
  readonly #readOnly: boolean;
  #queue: Promise<unknown> = Promise.resolve();
  #lastFailed = false;

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
    if (existsSync(data)) requireSoundFile(data);
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
    if (!readOnly) {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      allocateLockFile(join(path, 'lock.mdb'));
    }
    const root = open<Uint8Array, string>({
      path,
      noSubdir: false,
      maxDbs: RECORD_TABLES.length + 4,
      encoding: 'binary',
      readOnly,
      // Else it makes a promise of its own for each turn, which nobody hears fail.
      eventTurnBatching: false,
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
    return this.#read(table, range, Number.POSITIVE_INFINITY);
  }

  async *scan(table: RecordTable, range: RecordRange = {}): AsyncGenerator<readonly RecordRow[]> {
    let left = range.limit ?? Number.POSITIVE_INFINITY;
    let rest = range;
    while (left > 0) {
      const rows = this.#read(table, { ...rest, limit: Math.min(CHUNK, left) }, CHUNK_BYTES);
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

  async write(changes: readonly RecordChange[]): Promise<void> {
    // Before the engine sees any: it would keep those before the one that it refuses.
    requireKeys(changes);
    const turn = this.#queue.then(() => this.#write(changes));
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async close(): Promise<void> {
    await this.#queue;
    // The engine would wait for ever for the end of a commit that failed; a commit of nothing goes through on a full disk too.
    if (this.#lastFailed) await this.#root.batch(() => {});
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
      this.#lastFailed = false;
    } catch (cause) {
      this.#lastFailed = true;
      throw this.#writeFault(await engineFault(cause));
    }
  }

  #read(table: RecordTable, range: RecordRange, maxBytes: number): readonly RecordRow[] {
    const rows: RecordRow[] = [];
    let bytes = 0;
    for (const { key, value } of this.#range(table, range)) {
      rows.push({ key, value });
      bytes += value.length;
      if (bytes >= maxBytes) break;
    }
    return rows;
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
    const said = cause instanceof Error ? cause.message : String(cause);
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
    const full = /ENOSPC|No space left/.test(String(cause));
    throw new HaetaeError(full ? 'E_STORE_WRITE' : 'E_RECORDS', 'the records cannot be opened', {
      context: { path: options.path, fault: cause instanceof Error ? cause.message.slice(0, 160) : '' },
      remedy: 'check who owns the folder and whether the disk is full; else put a copy of it in its place',
      cause,
    });
  }
}

/** LMDB makes it as a hole and maps it: on a full disk the first byte into the hole would end the process. */
function allocateLockFile(file: string): void {
  try {
    if (!existsSync(file)) writeFileSync(file, Buffer.alloc(LOCK_BYTES), { mode: 0o600, flag: 'wx' });
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'EEXIST') return;
    rmSync(file, { force: true });
    throw fault;
  }
}

/** What the engine says of a failed commit is a promise of its own, which must be heard. */
async function engineFault(fault: unknown): Promise<unknown> {
  const { commitError } = fault as { commitError?: Promise<unknown> };
  if (commitError === undefined) return fault;
  return commitError.catch((reason: unknown) => reason);
}
