import { ERROR_CODES, type ErrorCode, HaetaeError } from '../base/errors.ts';

/** RFC 9457. Sent as application/problem+json. */
export interface Problem {
  /** urn:haetae:error:CODE */
  readonly type: string;
  /** What the code means, whatever the request. */
  readonly title: string;
  readonly status: number;
  /** What is wrong with this request. */
  readonly detail: string;
  readonly code: ErrorCode;
  /** urn:haetae:request:ID, which the server's log names too where the fault is its own. */
  readonly instance: string;
  readonly remedy?: string;
  readonly fields?: readonly FieldFault[];
  /** Seconds. */
  readonly retryAfter?: number;
  readonly context?: Readonly<Record<string, string | number>>;
}

export interface FieldFault {
  /** Dotted, as in body.addresses.3; empty for the whole. */
  readonly field: string;
  readonly fault: string;
}

/** What a caller can do nothing about, or could if it stood elsewhere, is 5xx. A code that is not here is a fault of this machine: 500. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  E_BODY: 400,
  E_FIELD: 400,
  E_KEY: 401,
  E_KEY_EXPIRED: 401,
  E_FORBIDDEN: 403,
  E_HOST: 403,
  E_NOT_FOUND: 404,
  E_STATE: 409,
  E_SECOND_PERSON: 409,
  E_ALREADY_IMPORTED: 409,
  E_TRANSFER_CONFLICT: 409,
  E_IDEMPOTENCY: 422,
  E_ADDRESS: 422,
  E_AMOUNT: 422,
  E_ASSET: 422,
  E_TIME: 422,
  E_RULES: 422,
  E_WEBHOOK: 422,
  E_USAGE: 422,
  E_MAP: 422,
  E_PRESET_UNKNOWN: 422,
  E_COLUMN_MISSING: 422,
  E_FILE_EMPTY: 422,
  E_ORDER_CONFLICT: 422,
  E_THEFT_FILE: 422,
  E_SEED: 422,
  E_MARK_EXCEEDS: 422,
  E_METHOD_UNKNOWN: 422,
  E_LABEL_FILE: 422,
  E_CATEGORY_FILE: 422,
  E_WATCH_FILE: 422,
  E_TRACE_TOO_LARGE: 422,
  E_RATE: 429,
  E_INTERNAL: 500,
  E_SOURCE_UNREACHABLE: 502,
  E_SOURCE_LIMIT: 502,
  E_SOURCE_ANSWER: 502,
  E_SOURCE_LIES: 502,
  E_SOURCE_CHAIN: 502,
  E_SOURCE_PRUNED: 502,
  E_SOURCE_BEHIND: 502,
  E_BUSY: 503,
  E_CLOCK: 503,
  E_STORE_LOCKED: 503,
  E_INDEX_STALE: 503,
  E_MEMORY: 503,
  E_INTERRUPTED: 503,
  E_STORE_WRITE: 507,
};

/** Of a body: why it is refused decides the status. */
const BODY_STATUS: Readonly<Record<string, number>> = { size: 413, type: 415 };

/** Codes that any route may answer with. */
export const ANY_ROUTE_CODES: readonly ErrorCode[] = ['E_HOST', 'E_FIELD', 'E_RATE', 'E_BUSY', 'E_INTERNAL'];
export const KEYED_ROUTE_CODES: readonly ErrorCode[] = ['E_KEY', 'E_KEY_EXPIRED', 'E_FORBIDDEN'];

/** Every status that a code is sent with. */
export function statusesOf(code: ErrorCode): readonly number[] {
  const first = STATUS[code] ?? 500;
  return code === 'E_BODY' ? [first, ...Object.values(BODY_STATUS)] : [first];
}

export function titleOf(code: ErrorCode): string {
  return ERROR_CODES[code];
}

/** E_FIELD with every field that is wrong. */
export class FieldError extends HaetaeError {
  readonly fields: readonly FieldFault[];
  constructor(fields: readonly FieldFault[]) {
    const first = fields[0] ?? { field: '', fault: 'not of its form' };
    const more = fields.length > 1 ? `, and ${fields.length - 1} more` : '';
    super('E_FIELD', `${first.field === '' ? 'the request' : first.field}: ${first.fault}${more}`, {
      remedy: 'see /openapi.json for the form of each field',
    });
    this.fields = fields;
  }
}

/** Anything thrown, as a caller may see it. What is no HaetaeError is E_INTERNAL and tells nothing of the program. */
export function problemOf(error: unknown, requestId: string): Problem {
  const known = error instanceof HaetaeError ? error : UNKNOWN_FAULT;
  const status = statusOf(known);
  const { retryAfter, ...context } = known.context;
  const fields = fieldsOf(known, context);
  return {
    type: `urn:haetae:error:${known.code}`,
    title: ERROR_CODES[known.code],
    status,
    detail: status === 500 && known !== UNKNOWN_FAULT ? ERROR_CODES[known.code] : known.message,
    code: known.code,
    instance: `urn:haetae:request:${requestId}`,
    ...(known.remedy === undefined ? {} : { remedy: known.remedy }),
    ...(fields === undefined ? {} : { fields }),
    ...(status === 503 || status === 429 || known.retry ? { retryAfter: secondsOf(retryAfter) } : {}),
    // Of a fault of this machine, the context may name its files.
    ...(status >= 500 || Object.keys(context).length === 0 ? {} : { context }),
  };
}

const UNKNOWN_FAULT = new HaetaeError('E_INTERNAL', 'the server met a fault of its own; it is in its log', {
  remedy: 'report it with the instance above',
});

function statusOf(error: HaetaeError): number {
  if (error.code === 'E_BODY') return BODY_STATUS[String(error.context.refused)] ?? 400;
  return STATUS[error.code] ?? 500;
}

function secondsOf(value: string | number | undefined): number {
  const seconds = Math.ceil(Number(value ?? 1));
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 1;
}

function fieldsOf(error: HaetaeError, context: Readonly<Record<string, unknown>>): readonly FieldFault[] | undefined {
  if (error instanceof FieldError) return error.fields;
  const field = context.field;
  return typeof field === 'string' ? [{ field, fault: error.message }] : undefined;
}
