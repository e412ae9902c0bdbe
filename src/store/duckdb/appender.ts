import type { DuckDBAppender, DuckDBConnection, DuckDBDataChunk, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import type { DuckdbApi } from './engine.ts';

/** DuckDB's vector size: a chunk holds at most so many rows. */
const CHUNK_ROWS = 2048;

/** Appends rows to one table, a TEMP one where nothing else is said, column by column, a chunk at a time. Values are plain DuckDB values of the column's type. */
export class RowAppender {
  private readonly appender: DuckDBAppender;
  private readonly chunk: DuckDBDataChunk;
  private readonly columns: DuckDBValue[][];
  private count = 0;

  private constructor(appender: DuckDBAppender, chunk: DuckDBDataChunk, width: number) {
    this.appender = appender;
    this.chunk = chunk;
    this.columns = Array.from({ length: width }, () => []);
  }

  static async open(connection: DuckDBConnection, api: DuckdbApi, table: string): Promise<RowAppender> {
    return RowAppender.of(api, await connection.createAppender(table, 'main', 'temp'));
  }

  /** To a table of the store itself: for few columns without types of our own. */
  static async into(connection: DuckDBConnection, api: DuckdbApi, table: string): Promise<RowAppender> {
    return RowAppender.of(api, await connection.createAppender(table));
  }

  private static of(api: DuckdbApi, appender: DuckDBAppender): RowAppender {
    const types: DuckDBType[] = [];
    for (let column = 0; column < appender.columnCount; column += 1) types.push(appender.columnType(column));
    return new RowAppender(appender, api.DuckDBDataChunk.create(types), types.length);
  }

  /** `values` in column order. */
  add(values: readonly DuckDBValue[]): void {
    for (let column = 0; column < this.columns.length; column += 1) {
      this.columns[column]![this.count] = values[column] ?? null;
    }
    this.count += 1;
    if (this.count === CHUNK_ROWS) this.flushChunk();
  }

  close(): void {
    this.flushChunk();
    this.appender.closeSync();
  }

  private flushChunk(): void {
    if (this.count === 0) return;
    for (const column of this.columns) column.length = this.count;
    this.chunk.rowCount = this.count;
    this.chunk.setColumns(this.columns);
    this.appender.appendDataChunk(this.chunk);
    this.chunk.reset();
    this.count = 0;
  }
}

/** Makes a TEMP table and fills it with few rows that the caller holds. */
export async function tempTable(
  connection: DuckDBConnection,
  api: DuckdbApi,
  name: string,
  columns: string,
  rows: Iterable<readonly DuckDBValue[]>,
): Promise<void> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${name} (${columns})`);
  const appender = await RowAppender.open(connection, api, name);
  for (const row of rows) appender.add(row);
  appender.close();
}
