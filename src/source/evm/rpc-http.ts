import type { Endpoint } from '../endpoint.ts';
import { badAnswer, limited } from '../net/fault.ts';
import { HttpClient, type HttpOptions } from '../net/http.ts';
import { type RpcOutcome, type RpcRequest, readAnswer, refusesForNow, type Transport, wholeError } from './rpc-wire.ts';

/** JSON-RPC errors come with these where a server does not use 200. */
const JSON_STATUSES = [400, 401, 403, 404, 405, 413, 500];

/** JSON-RPC over HTTP POST. Answers are matched by id; what a batch left unanswered has an outcome that says so. */
export class HttpTransport implements Transport {
  readonly maxBatch: number;
  readonly #endpoint: Endpoint;
  readonly #http: HttpClient;

  constructor(endpoint: Endpoint, signal?: AbortSignal, options: HttpOptions = {}) {
    this.#endpoint = endpoint;
    this.maxBatch = endpoint.batch;
    this.#http = new HttpClient(endpoint, signal, options);
  }

  async send(requests: readonly RpcRequest[], onBytes?: (bytes: number) => void): Promise<readonly RpcOutcome[]> {
    const single = requests.length === 1;
    const answer = await this.#http.json('', {
      body: single ? requests[0] : requests,
      weight: requests.length,
      jsonStatuses: JSON_STATUSES,
      refused: (body) => refusesForNow(this.#endpoint, body),
      ...(onBytes === undefined ? {} : { onBytes }),
    });
    const method = requests[0]!.method;
    const whole = single && Array.isArray(answer) && answer.length === 1 ? answer[0] : answer;
    if (single) return [readAnswer(this.#endpoint, requests[0]!, whole) ?? this.#unmatched(method, whole)];
    if (!Array.isArray(answer)) throw this.#batchRefused(method, answer);
    return this.#matched(requests, answer);
  }

  close(): void {
    this.#http.close();
  }

  #matched(requests: readonly RpcRequest[], answers: readonly unknown[]): RpcOutcome[] {
    const byId = new Map<number, unknown>();
    for (const each of answers) {
      const id = Number((each as { id?: unknown } | null)?.id ?? Number.NaN);
      if (!byId.has(id)) byId.set(id, each);
    }
    return requests.map((request) => {
      const outcome = readAnswer(this.#endpoint, request, byId.get(request.id));
      return outcome ?? this.#unmatched(request.method, null);
    });
  }

  #unmatched(method: string, answer: unknown): RpcOutcome {
    const said = wholeError(this.#endpoint, method, answer);
    const error =
      said ?? badAnswer(this.#endpoint, 'the node left a call without an answer', { method, fault: 'missing' });
    return { ok: false, error };
  }

  // Whatever the words: one error in place of a list means that the batch as such was refused.
  #batchRefused(method: string, answer: unknown): Error {
    const said = wholeError(this.#endpoint, method, answer);
    if (said === null)
      return badAnswer(this.#endpoint, 'the node answers a batch with something else', { fault: 'too-long' });
    return limited(this.#endpoint, said.message, { ...said.context, fault: 'too-wide' });
  }
}
