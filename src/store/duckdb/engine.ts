import { chmodSync, existsSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { HaetaeError } from '../../base/errors.ts';
import { openFault, readFault, writeFault } from './fault.ts';

export type DuckdbApi = typeof import('@duckdb/node-api');

export interface EngineOptions {
  /** A file, or ':memory:'. */
  readonly path: string;
  readonly readOnly?: boolean;
  /** What DuckDB may hold; the process needs about 200 MB beside it. Default 512. */
  readonly memoryLimitMb?: number;
  readonly threads?: number;
}

const DEFAULT_MEMORY_MB = 512;
const MOST_THREADS = 8;

/**
 * One open DuckDB: a connection that writes, one transaction at a time, and connections that read, one a cursor, so that a
 * slow reader never blocks or breaks another.
 */
export class Engine {
  readonly path: string;
  readonly readOnly: boolean;
  readonly memoryLimitMb: number;
  readonly api: DuckdbApi;
  private readonly instance: DuckDBInstance;
  private readonly writer: DuckDBConnection;
  private queue: Promise<unknown> = Promise.resolve();
  private closed = false;

  private constructor(options: EngineOptions, api: DuckdbApi, instance: DuckDBInstance, writer: DuckDBConnection) {
    this.path = options.path;
    this.readOnly = options.readOnly ?? false;
    this.memoryLimitMb = options.memoryLimitMb ?? DEFAULT_MEMORY_MB;
    this.api = api;
    this.instance = instance;
    this.writer = writer;
  }

  /** Throws E_STORE_LOCKED, E_STORE_VERSION, E_STORE_CORRUPT, E_STORE_WRITE. The driver is loaded here and not before (0.4 s). */
  static async open(options: EngineOptions): Promise<Engine> {
    const api = await import('@duckdb/node-api');
    try {
      const instance = await api.DuckDBInstance.create(options.path, settings(options));
      const engine = new Engine(options, api, instance, await instance.connect());
      engine.protectFiles();
      return engine;
    } catch (error) {
      throw openFault(error, options.path);
    }
  }

  /** Runs `work` in one transaction: all of it is kept, or nothing. Writers queue up. */
  write<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const turn = this.queue.then(() => this.transaction(work));
    this.queue = turn.catch(() => {});
    return turn;
  }

  private async transaction<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    this.assertOpen();
    if (this.readOnly) throw writeFault(new Error('read-only mode'), this.path);
    try {
      await this.writer.run('BEGIN');
      const result = await work(this.writer);
      await this.writer.run('COMMIT');
      return result;
    } catch (error) {
      await this.writer.run('ROLLBACK').catch(() => {});
      throw writeFault(error, this.path);
    } finally {
      this.protectFiles();
    }
  }

  /** Rows of one small result, as arrays in column order. */
  async rows(sql: string, values: DuckDBValue[] = []): Promise<DuckDBValue[][]> {
    return this.read(async (connection) => (await connection.runAndReadAll(sql, values)).getRows());
  }

  async read<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.reader();
    try {
      return await work(connection);
    } catch (error) {
      throw readFault(error, this.path);
    } finally {
      connection.closeSync();
    }
  }

  /** As `read`, for results that are handed out piece by piece. The connection lives as long as the loop over it. */
  async *stream<T>(work: (connection: DuckDBConnection) => AsyncIterable<T>): AsyncGenerator<T> {
    const connection = await this.reader();
    try {
      yield* work(connection);
    } catch (error) {
      throw readFault(error, this.path);
    } finally {
      connection.closeSync();
    }
  }

  private async reader(): Promise<DuckDBConnection> {
    this.assertOpen();
    return this.instance.connect();
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.queue;
    this.writer.closeSync();
    this.instance.closeSync();
  }

  private assertOpen(): void {
    if (this.closed) throw new HaetaeError('E_STORE_WRITE', 'the store is closed', { context: { path: this.path } });
  }

  /** The store holds case files: nobody but its owner reads it, nor the log beside it. */
  private protectFiles(): void {
    if (this.path === ':memory:' || this.readOnly) return;
    for (const file of [this.path, `${this.path}.wal`]) if (existsSync(file)) chmodSync(file, 0o600);
  }
}

function settings(options: EngineOptions): Record<string, string> {
  const temporary = options.path === ':memory:' ? join(tmpdir(), `haetae-${process.pid}.tmp`) : `${options.path}.tmp`;
  return {
    access_mode: options.readOnly === true ? 'READ_ONLY' : 'AUTOMATIC',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    memory_limit: `${options.memoryLimitMb ?? DEFAULT_MEMORY_MB}MB`,
    threads: String(options.threads ?? Math.min(availableParallelism(), MOST_THREADS)),
    temp_directory: temporary,
    preserve_insertion_order: 'true',
  };
}
