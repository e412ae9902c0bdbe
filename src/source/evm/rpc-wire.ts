import type { HaetaeError } from '../../base/errors.ts';
import type { Endpoint } from '../endpoint.ts';
import { badAnswer } from '../net/fault.ts';
import { isTooFast, rpcFault } from './rpc-fault.ts';

/** One call of JSON-RPC 2.0 (https://www.jsonrpc.org/specification). */
export interface RpcRequest {
  readonly jsonrpc: '2.0';
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

export type RpcOutcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: HaetaeError };

/** Carries requests to a node. */
export interface Transport {
  /** Calls that may go together. */
  readonly maxBatch: number;
  /** Outcomes in the order of the requests. Throws where none has an outcome: see isTooWide for a batch that is too large. */
  send(requests: readonly RpcRequest[], onBytes: ((bytes: number) => void) | undefined): Promise<readonly RpcOutcome[]>;
  close(): void;
}

/** What one answer says. null where it is no answer to the request. */
export function readAnswer(endpoint: Endpoint, request: RpcRequest, answer: unknown): RpcOutcome | null {
  if (typeof answer !== 'object' || answer === null) return null;
  const { id, result, error } = answer as { id?: unknown; result?: unknown; error?: unknown };
  if (id !== request.id && id !== String(request.id)) return null;
  if (error !== undefined && error !== null) return { ok: false, error: readError(endpoint, request.method, error) };
  if (result !== undefined) return { ok: true, result };
  const { method } = request;
  return { ok: false, error: badAnswer(endpoint, 'the answer has neither result nor error', { method }) };
}

export function readError(endpoint: Endpoint, method: string, error: unknown): HaetaeError {
  if (typeof error === 'string') return rpcFault(endpoint, method, 0, error);
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return rpcFault(endpoint, method, typeof code === 'number' ? code : 0, typeof message === 'string' ? message : '');
}

/** An error that stands for all that was asked: no list came where one was due, or the answer names no request. */
export function wholeError(endpoint: Endpoint, method: string, answer: unknown): HaetaeError | null {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return null;
  const { error } = answer as { error?: unknown };
  return error === undefined || error === null ? null : readError(endpoint, method, error);
}

/** "Too many requests" said with status 200. */
export function refusesForNow(endpoint: Endpoint, answer: unknown): boolean {
  const answers = Array.isArray(answer) ? answer : [answer];
  return answers.length > 0 && answers.every((each) => isTooFast(wholeError(endpoint, '', each)));
}
