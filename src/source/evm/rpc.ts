import type { Endpoint } from '../endpoint.ts';
import { interrupted, isFault } from '../net/fault.ts';
import { wait } from '../net/wait.ts';
import { isTooFast, isTooWide } from './rpc-fault.ts';
import { HttpTransport } from './rpc-http.ts';
import { type OnEvent, SocketTransport } from './rpc-socket.ts';
import type { RpcOutcome, RpcRequest, Transport } from './rpc-wire.ts';

/** A call that stayed without an answer in a batch, or was refused for now, is asked again this often. */
const AGAIN = 3;
const AGAIN_WAIT_MS = 500;

export interface RpcOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onNotice?: ((text: string) => void) | undefined;
  readonly attempts?: number | undefined;
}

export interface CallOptions {
  /** For long answers: not put together with other calls. */
  readonly alone?: boolean;
  readonly onBytes?: (bytes: number) => void;
}

interface Waiting {
  readonly method: string;
  readonly params: readonly unknown[];
  readonly settle: (outcome: RpcOutcome) => void;
}

/**
 * JSON-RPC calls to one node. Calls of one turn of the event loop go as batches; a batch that the node refuses is halved, and later ones
 * are no larger. Throws as HttpClient does, and E_SOURCE_PRUNED, E_SOURCE_BEHIND; see rpc-fault.ts for what can be told apart.
 */
export class Rpc {
  readonly #options: RpcOptions;
  readonly #transport: Transport;
  readonly socket: SocketTransport | null;
  #batch: number;
  #nextId = 1;
  #queue: Waiting[] = [];

  constructor(endpoint: Endpoint, options: RpcOptions = {}) {
    this.#options = options;
    const { signal, onNotice, attempts } = options;
    const http = { onNotice, ...(attempts === undefined ? {} : { attempts }) };
    this.socket = endpoint.url.startsWith('ws') ? new SocketTransport(endpoint, signal, http) : null;
    this.#transport = this.socket ?? new HttpTransport(endpoint, signal, http);
    this.#batch = this.#transport.maxBatch;
  }

  async call(method: string, params: readonly unknown[], options: CallOptions = {}): Promise<unknown> {
    for (let again = 0; ; again++) {
      const outcome = options.alone ? await this.#alone(method, params, options) : await this.#together(method, params);
      if (outcome.ok) return outcome.result;
      const missing = isFault(outcome.error, 'E_SOURCE_ANSWER') && outcome.error.context.fault === 'missing';
      if (again >= AGAIN || !(missing || isTooFast(outcome.error))) throw outcome.error;
      if (!missing) await wait(AGAIN_WAIT_MS * 2 ** again, this.#options.signal);
    }
  }

  /** eth_subscribe, over WebSocket only. `onEvent(null)` once the connection is lost. */
  async subscribe(params: readonly unknown[], onEvent: OnEvent): Promise<void> {
    await this.socket?.subscribe(this.#request('eth_subscribe', params), onEvent);
  }

  close(): void {
    this.#transport.close();
    this.#settleAll(this.#queue, { ok: false, error: interrupted() });
    this.#queue = [];
  }

  async #alone(method: string, params: readonly unknown[], { onBytes }: CallOptions): Promise<RpcOutcome> {
    const [outcome] = await this.#transport.send([this.#request(method, params)], onBytes);
    return outcome!;
  }

  #together(method: string, params: readonly unknown[]): Promise<RpcOutcome> {
    return new Promise((settle) => {
      if (this.#queue.length === 0) setImmediate(() => this.#flush());
      this.#queue.push({ method, params, settle });
    });
  }

  #flush(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (let at = 0; at < queue.length; at += this.#batch) void this.#send(queue.slice(at, at + this.#batch));
  }

  async #send(calls: readonly Waiting[]): Promise<void> {
    try {
      const requests = calls.map(({ method, params }) => this.#request(method, params));
      const outcomes = await this.#transport.send(requests, undefined);
      calls.forEach((call, i) => {
        call.settle(outcomes[i]!);
      });
    } catch (error) {
      if (calls.length > 1 && isTooWide(error)) return this.#halve(calls);
      this.#settleAll(calls, { ok: false, error: error as never });
    }
  }

  async #halve(calls: readonly Waiting[]): Promise<void> {
    const half = calls.length >> 1;
    this.#batch = Math.max(1, Math.min(this.#batch, half));
    await this.#send(calls.slice(0, half));
    await this.#send(calls.slice(half));
  }

  #settleAll(calls: readonly Waiting[], outcome: RpcOutcome): void {
    for (const call of calls) call.settle(outcome);
  }

  #request(method: string, params: readonly unknown[]): RpcRequest {
    return { jsonrpc: '2.0', id: this.#nextId++, method, params };
  }
}
