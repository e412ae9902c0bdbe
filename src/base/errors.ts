import { visibleText } from './visible-text.ts';

/**
 * The one class for operating faults and the register of every code it may carry.
 * A programmer's fault is an AssertionError (see assert.ts); an expected outcome is a discriminated union.
 */
export const ERROR_CODES = {
  E_USAGE: 'The command line is not one the command accepts.',
  E_NOT_FOUND: 'A file, case, batch or address that was named does not exist.',
  E_FILE_WRITE: 'A file could not be written (disk full, no permission, no such folder).',
  E_STORE_LOCKED: 'Another process has the store open.',
  E_STORE_VERSION: 'The store was written by a newer version of Haetae.',
  E_STORE_WRITE: 'The store could not be written (disk full, no permission).',
  E_STORE_CORRUPT: 'The store failed a check on read.',
  E_PRESET_UNKNOWN: 'No preset or map of that name.',
  E_MAP: 'A column map is not valid.',
  E_COLUMN_MISSING: 'A column that the preset needs is not in the file.',
  E_FILE_READ: 'A file could not be read or is not of the declared format.',
  E_FILE_EMPTY: 'A file holds no row, or no row of it was accepted.',
  E_ALREADY_IMPORTED: 'A file is already in the store, read in another way.',
  E_ORDER_CONFLICT: 'Two movements of one place carry the same order key.',
  E_TRANSFER_CONFLICT: 'A transfer already stored is given again with other content.',
  E_ADDRESS: 'An address is not valid on its chain, or fails its checksum.',
  E_AMOUNT: 'An amount is not an exact number of base units.',
  E_ASSET: 'An asset or chain identifier is not valid or not known.',
  E_TIME: 'A time is not valid.',
  E_THEFT_FILE: 'A theft file is not valid.',
  E_SEED: 'A seed does not fit the data.',
  E_MARK_EXCEEDS: 'A mark is larger than the unmarked balance of its place.',
  E_METHOD_UNKNOWN: 'No accounting method of that name.',
  E_LABEL_FILE: 'A label file is not valid.',
  E_CATEGORY_FILE: 'A file of exposure categories is not valid.',
  E_TRACE_TOO_LARGE: 'The money can reach more transfers than a trace may read.',
  E_CASE: 'A case cannot be read or is not of this version.',
  E_BUNDLE: 'An evidence bundle does not verify.',
  E_PRICES: 'A file of prices is not valid.',
  E_DATASET: 'A public data set could not be fetched or is not the one expected.',
  E_BACKUP: 'A backup cannot be written or does not verify.',
  E_SOURCE: 'An endpoint is not written or configured as one of a living chain.',
  E_SOURCE_CHAIN: 'An endpoint serves another chain than the one asked for.',
  E_SOURCE_UNREACHABLE: 'An endpoint does not answer, or breaks off.',
  E_SOURCE_LIMIT: 'An endpoint refuses because too much was asked of it.',
  E_SOURCE_ANSWER: 'An answer of an endpoint is not what its interface promises.',
  E_SOURCE_LIES: 'What an endpoint says does not fit the hash, root, signature or balance that it must fit.',
  E_SOURCE_PRUNED: 'An endpoint no longer has, or never had, the history or state that is needed.',
  E_SOURCE_BEHIND: 'An endpoint lags behind or went back in time.',
  E_REORG: 'Blocks that were read are no longer part of the chain.',
  E_REORG_DEEP: 'The chain was reorganised below the blocks whose hashes are kept.',
  E_WATCH_FILE: 'A file of wallets to watch is not valid.',
  E_MEMORY: 'A computation needs more memory in one piece than it may have.',
  E_INDEX_CORRUPT: 'A file of the index is damaged, missing, or was changed by something else.',
  E_INDEX_VERSION: 'The index was written by another version of Haetae.',
  E_INDEX_STALE: 'The index is behind the store, or was rebuilt while it was open.',
  E_INDEX_WRITE: 'The index could not be written (disk full, no permission).',
  E_RECORDS: 'The records of verdicts, alerts and keys cannot be read, or were written by a newer version.',
  E_KEY: 'No API key or session is given, or it is not one that is known.',
  E_KEY_EXPIRED: 'An API key, a session or a sign-in link has expired or was revoked.',
  E_FORBIDDEN: 'The key or session may not do this.',
  E_HOST: 'A request names a host that this server does not serve, or comes from a page of another origin.',
  E_BODY: 'A request body is too large, too deep, or not the JSON it claims to be.',
  E_FIELD: 'A field of a request is missing, unknown or not of its form.',
  E_IDEMPOTENCY: 'An idempotency key was used before with another request.',
  E_RATE: 'A key sends more requests than it may.',
  E_BUSY: 'The server has as much work as it can take, or is shutting down.',
  E_SERVER: 'The server cannot be started or reached.',
  E_CLOCK: 'The clock of this machine stands before what is already recorded.',
  E_RULES: 'A file of screening rules is not valid, or no rule set of that name is known.',
  E_STATE: 'What is asked does not fit the state of the alert, case, hold or key.',
  E_SECOND_PERSON: 'A second person must approve this.',
  E_AUDIT: 'The audit log does not verify.',
  E_VERDICT: 'A verdict cannot be read or does not replay to the same bytes.',
  E_WEBHOOK: 'A webhook address is not one that may be called.',
  E_INTERNAL: 'A fault of the program itself.',
  E_INTERRUPTED: 'Stopped by the user; what was committed is kept.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorDetails {
  /** What to do about it, in one sentence a user can follow. */
  readonly remedy?: string;
  /** File, line, field and the like: printed as `key=value`. Never a secret. */
  readonly context?: Readonly<Record<string, string | number>>;
  readonly cause?: unknown;
  /** True where the same call may succeed later without any change. */
  readonly retry?: boolean;
}

export class HaetaeError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string | undefined;
  readonly context: Readonly<Record<string, string | number>>;
  readonly retry: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'HaetaeError';
    this.code = code;
    this.remedy = details.remedy;
    this.context = details.context ?? {};
    this.retry = details.retry ?? false;
  }
}

/** One paragraph for a terminal: code, message, context, remedy. Text from outside cannot move the cursor or hide. */
export function describeError(error: unknown): string {
  return paragraphOf(error).split('\n').map(visibleText).join('\n');
}

function paragraphOf(error: unknown): string {
  if (!(error instanceof HaetaeError)) return error instanceof Error ? error.message : String(error);
  const context = Object.entries(error.context).map(([key, value]) => `${key}=${value}`);
  const where = context.length > 0 ? ` (${context.join(', ')})` : '';
  const remedy = error.remedy === undefined ? '' : `\n  remedy: ${error.remedy}`;
  return `${error.code}: ${error.message}${where}${remedy}`;
}
