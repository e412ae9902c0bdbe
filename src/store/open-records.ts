import { LmdbRecords } from './lmdb/records.ts';
import { MemoryRecords } from './memory/records.ts';
import type { Records } from './records.ts';

export interface OpenRecordsOptions {
  /** A folder, or ':memory:'. */
  readonly path: string;
  /** Beside the one process that writes. Throws E_NOT_FOUND where there are none. */
  readonly readOnly?: boolean;
}

/** Opens the records, and makes the folder where it is missing. Throws E_RECORDS, E_STORE_WRITE. */
export async function openRecords(options: OpenRecordsOptions): Promise<Records> {
  return options.path === ':memory:' ? new MemoryRecords() : LmdbRecords.open(options);
}

/** The folder of the records beside a store. */
export function recordsFolder(database: string): string {
  return database === ':memory:' ? ':memory:' : `${database}.records`;
}
