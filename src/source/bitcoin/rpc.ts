import type { Endpoint } from '../endpoint.ts';
import { badAnswer, limited, unreachable } from '../net/fault.ts';
import type { HttpClient } from '../net/http.ts';
import { fieldOf, requireList } from './answer.ts';

export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

export type RpcOutcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: number; readonly message: string };

/** bitcoind says errors of single calls with these. */
const ERROR_STATUSES = [400, 404, 500];
const WARMING_UP = -28;
const METHOD_NOT_FOUND = -32601;

/** Bitcoin Core's JSON-RPC over HTTP: single calls, and batches of the endpoint's size. */
export class CoreRpc {
  readonly #endpoint: Endpoint;
  readonly #http: HttpClient;
  #id = 0;

  constructor(endpoint: Endpoint, http: HttpClient) {
    this.#endpoint = endpoint;
    this.#http = http;
  }

  /** The result, or the node's own error for the caller to judge. Throws where it is still starting or has no such method. */
  async call(method: string, ...params: readonly unknown[]): Promise<RpcOutcome> {
    const id = ++this.#id;
    const body = { jsonrpc: '1.0', id, method, params };
    const answer = await this.#http.json('', { body, jsonStatuses: ERROR_STATUSES });
    return this.#outcome(method, answer, id);
  }

  /** As call; an error of the node's is E_SOURCE_ANSWER. */
  async result(method: string, ...params: readonly unknown[]): Promise<unknown> {
    const outcome = await this.call(method, ...params);
    if (outcome.ok) return outcome.result;
    throw this.fault(method, outcome);
  }

  /** Outcomes in the order of the calls, as many in one request as the endpoint takes. */
  async batch(calls: readonly RpcCall[]): Promise<readonly RpcOutcome[]> {
    const size = Math.max(1, this.#endpoint.batch);
    const parts = Array.from({ length: Math.ceil(calls.length / size) }, (_, i) =>
      calls.slice(i * size, (i + 1) * size),
    );
    const answered = await Promise.all(parts.map((part) => this.#part(part)));
    return answered.flat();
  }

  fault(method: string, { code, message }: { readonly code: number; readonly message: string }): Error {
    const said = message.replace(/\s+/g, ' ').slice(0, 160);
    return badAnswer(this.#endpoint, `the node refuses ${method}: ${said}`, { rpcCode: code });
  }

  async #part(calls: readonly RpcCall[]): Promise<readonly RpcOutcome[]> {
    if (calls.length === 1) return [await this.call(calls[0]!.method, ...calls[0]!.params)];
    const first = this.#id + 1;
    this.#id += calls.length;
    const body = calls.map(({ method, params }, i) => ({ jsonrpc: '1.0', id: first + i, method, params }));
    const answer = await this.#http.json('', { body, weight: calls.length, jsonStatuses: ERROR_STATUSES });
    const answers = new Map(requireList(this.#endpoint, answer, 'batch').map((each) => [fieldOf(each, 'id'), each]));
    return calls.map(({ method }, i) => this.#outcome(method, answers.get(first + i), first + i));
  }

  #outcome(method: string, answer: unknown, id: number): RpcOutcome {
    const error = fieldOf(answer, 'error');
    if (error === null || error === undefined) {
      const result = fieldOf(answer, 'result');
      if (fieldOf(answer, 'id') === id && result !== undefined) return { ok: true, result };
      throw badAnswer(this.#endpoint, `the answer to ${method} is not one of JSON-RPC`);
    }
    const code = Number(fieldOf(error, 'code') ?? 0);
    const message = String(fieldOf(error, 'message') ?? '');
    if (code === WARMING_UP) throw unreachable(this.#endpoint, 'is still starting');
    if (code === METHOD_NOT_FOUND) throw badAnswer(this.#endpoint, `the node has no ${method}`, { rpcCode: code });
    if (/work queue|rate.?limit|too many requests/i.test(message))
      throw limited(this.#endpoint, 'the node refuses for now');
    return { ok: false, code, message };
  }
}
