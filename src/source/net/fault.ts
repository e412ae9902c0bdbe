import { type ErrorCode, HaetaeError } from '../../base/errors.ts';

/**
 * Faults of an endpoint. Only the endpoint's name is ever in them, and never a `cause`: what Node throws can quote an address with
 * its key, or a header.
 */
export interface Named {
  readonly name: string;
}

type Context = Readonly<Record<string, string | number>>;

export function interrupted(): HaetaeError {
  return new HaetaeError('E_INTERRUPTED', 'stopped before the endpoint answered');
}

export function unreachable(endpoint: Named, fault: string, context: Context = {}): HaetaeError {
  return new HaetaeError('E_SOURCE_UNREACHABLE', `the endpoint ${fault}`, {
    context: { endpoint: endpoint.name, ...context },
    remedy: 'check that it runs and can be reached from here, or name a second endpoint of the same chain',
    retry: true,
  });
}

export function limited(endpoint: Named, what: string, context: Context = {}): HaetaeError {
  return new HaetaeError('E_SOURCE_LIMIT', what, {
    context: { endpoint: endpoint.name, ...context },
    remedy: 'wait, set requestsPerSecond for it, or name a second endpoint of the same chain',
    retry: true,
  });
}

/** The answer is not what the interface promises. `fault` in the context is for programs: see {@link isTooLong}. */
export function badAnswer(endpoint: Named, what: string, context: Context = {}): HaetaeError {
  return sourceFault('E_SOURCE_ANSWER', endpoint, what, 'check that the address is that of such an endpoint', context);
}

export function sourceFault(
  code: ErrorCode,
  endpoint: Named,
  what: string,
  remedy: string,
  context: Context = {},
): HaetaeError {
  return new HaetaeError(code, what, { context: { endpoint: endpoint.name, ...context }, remedy });
}

/** The endpoint knows nothing of what was asked. */
export function notFound(endpoint: Named, what: string, context: Context = {}): HaetaeError {
  return new HaetaeError('E_NOT_FOUND', what, { context: { endpoint: endpoint.name, ...context } });
}

/** A hash that is no transaction of the chain, or of one that waits for a block. */
export function noTransaction(endpoint: Named, what: string, context: Context): HaetaeError {
  const remedy = 'check the hash and --chain; a transaction that is not yet in a block cannot be traced';
  return sourceFault('E_NOT_FOUND', endpoint, what, remedy, context);
}

export const KIND_REMEDY =
  'if the endpoint is of another kind, name it: --source KIND:URL; give the whole address, with its path';

/** HTTP 404: nothing is there, or it is another kind of endpoint. */
export function noSuchPath(endpoint: Named, context: Context): HaetaeError {
  return sourceFault('E_NOT_FOUND', endpoint, 'the endpoint has no such thing', KIND_REMEDY, context);
}

export function tooLong(endpoint: Named, maxBytes: number): HaetaeError {
  return badAnswer(endpoint, 'the answer is longer than allowed', { fault: 'too-long', maxBytes });
}

export function isTooLong(error: unknown): boolean {
  return error instanceof HaetaeError && error.code === 'E_SOURCE_ANSWER' && error.context.fault === 'too-long';
}

export function isFault(error: unknown, ...codes: readonly ErrorCode[]): error is HaetaeError {
  return error instanceof HaetaeError && codes.includes(error.code);
}
