import WebSocket from 'ws';
import type { HaetaeError } from '../../base/errors.ts';
import type { Endpoint } from '../endpoint.ts';
import { badAnswer, interrupted, isFault, sourceFault, tooLong, unreachable } from '../net/fault.ts';
import type { HttpOptions } from '../net/http.ts';
import { Limiter } from '../net/limiter.ts';
import { wait } from '../net/wait.ts';
import { type RpcOutcome, type RpcRequest, readAnswer, type Transport } from './rpc-wire.ts';

const ATTEMPTS = 5;
const FAULT_WAIT_MS = 200;
/** A socket needs no batches: calls follow one another without waiting for answers. */
const CALLS_PER_SLOT = 8;
/** RFC 6455: a message too big to process. */
const TOO_BIG = 1009;

interface Pending {
  readonly request: RpcRequest;
  readonly onBytes: ((bytes: number) => void) | undefined;
  readonly settle: (outcome: RpcOutcome) => void;
  readonly fail: (error: HaetaeError) => void;
}

/** Told of every event of a subscription; of its end with null. */
export type OnEvent = (result: unknown) => void;

/** JSON-RPC over WebSocket. The connection is opened when it is needed, and again after it broke off. */
export class SocketTransport implements Transport {
  readonly maxBatch = 1;
  readonly #endpoint: Endpoint;
  readonly #signal: AbortSignal | undefined;
  readonly #attempts: number;
  readonly #limiter: Limiter;
  readonly #pending = new Map<number, Pending>();
  readonly #subscriptions = new Map<string, OnEvent>();
  readonly #closing = new AbortController();
  #opening: Promise<WebSocket> | null = null;

  constructor(endpoint: Endpoint, signal?: AbortSignal, options: HttpOptions = {}) {
    this.#endpoint = endpoint;
    this.#signal = signal;
    this.#attempts = options.attempts ?? ATTEMPTS;
    const inFlight = endpoint.concurrency * CALLS_PER_SLOT;
    this.#limiter = new Limiter(endpoint.requestsPerSecond, inFlight, signal, this.#closing.signal);
    signal?.addEventListener('abort', this.#stop, { once: true });
  }

  async send(requests: readonly RpcRequest[], onBytes?: (bytes: number) => void): Promise<readonly RpcOutcome[]> {
    return Promise.all(requests.map((request) => this.#retried(request, onBytes)));
  }

  /** Subscribes by eth_subscribe; throws as a call does. `onEvent(null)` once the connection is lost: then subscribe again. */
  async subscribe(request: RpcRequest, onEvent: OnEvent): Promise<void> {
    const outcome = await this.#retried(request, undefined);
    if (!outcome.ok) throw outcome.error;
    if (typeof outcome.result !== 'string') throw badAnswer(this.#endpoint, 'the subscription has no id');
    this.#subscriptions.set(outcome.result, onEvent);
  }

  close(): void {
    this.#signal?.removeEventListener('abort', this.#stop);
    this.#stop();
  }

  readonly #stop = (): void => {
    this.#closing.abort();
    this.#opening?.then((socket) => socket.terminate()).catch(() => {});
    this.#lost(interrupted());
  };

  async #retried(request: RpcRequest, onBytes: ((bytes: number) => void) | undefined): Promise<RpcOutcome> {
    for (let attempt = 1; ; attempt++) {
      try {
        const outcome = await this.#limiter.run(1, () => this.#once(request, onBytes));
        this.#limiter.answered();
        return outcome;
      } catch (error) {
        if (!isFault(error, 'E_SOURCE_UNREACHABLE') || attempt >= this.#attempts) throw error;
      }
      await wait(FAULT_WAIT_MS * 2 ** (attempt - 1), this.#signal, this.#closing.signal);
    }
  }

  async #once(request: RpcRequest, onBytes: ((bytes: number) => void) | undefined): Promise<RpcOutcome> {
    const socket = await this.#open();
    return new Promise((resolve, reject) => {
      const end = (then: () => void): void => {
        clearTimeout(timer);
        this.#pending.delete(request.id);
        then();
      };
      const fail = (error: HaetaeError): void => end(() => reject(error));
      const seconds = this.#endpoint.timeoutMs / 1000;
      const late = (): void => fail(unreachable(this.#endpoint, `did not answer in ${seconds} s`));
      const timer = setTimeout(late, this.#endpoint.timeoutMs);
      const settle = (outcome: RpcOutcome): void => end(() => resolve(outcome));
      this.#pending.set(request.id, { request, onBytes, settle, fail });
      socket.send(JSON.stringify(request));
    });
  }

  #open(): Promise<WebSocket> {
    if (this.#closing.signal.aborted || this.#signal?.aborted) return Promise.reject(interrupted());
    this.#opening ??= this.#connect().catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  #connect(): Promise<WebSocket> {
    const { url, headers, maxAnswerBytes, timeoutMs } = this.#endpoint;
    const socket = new WebSocket(url, {
      headers,
      maxPayload: maxAnswerBytes,
      handshakeTimeout: timeoutMs,
      followRedirects: false,
    });
    return new Promise((resolve, reject) => {
      let fault: HaetaeError | null = null;
      socket.on('unexpected-response', (_request, response) => {
        fault = this.#refused(response.statusCode ?? 0);
        response.destroy();
        socket.terminate();
      });
      socket.on('message', (data: Buffer) => this.#message(data));
      // Node's own words can quote the address; only its code is passed on.
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') this.#tooBig();
        fault ??= unreachable(this.#endpoint, 'does not answer, or broke off', { fault: error.code ?? 'unknown' });
        reject(fault);
      });
      socket.on('close', (code) => {
        if (code === TOO_BIG) this.#tooBig();
        this.#opening = null;
        const error = fault ?? unreachable(this.#endpoint, 'broke off the connection', { fault: code });
        this.#lost(error);
        reject(error);
      });
      socket.on('open', () => resolve(socket));
    });
  }

  #refused(status: number): HaetaeError {
    if (status !== 401 && status !== 403) return unreachable(this.#endpoint, `answers with HTTP ${status}`, { status });
    return sourceFault('E_SOURCE', this.#endpoint, 'the endpoint refuses us', 'check its key or password', { status });
  }

  // Which of several answers was too long cannot be told: fewer at once, until the long one is alone.
  #tooBig(): void {
    if (this.#pending.size === 1) {
      for (const each of [...this.#pending.values()]) each.fail(tooLong(this.#endpoint, this.#endpoint.maxAnswerBytes));
    } else this.#limiter.pause(0);
  }

  #lost(error: HaetaeError): void {
    for (const each of [...this.#pending.values()]) each.fail(error);
    const lost = [...this.#subscriptions.values()];
    this.#subscriptions.clear();
    for (const onEvent of lost) onEvent(null);
  }

  #message(data: Buffer): void {
    let answer: { id?: unknown; method?: unknown; params?: { subscription?: unknown; result?: unknown } };
    try {
      answer = JSON.parse(data.toString('utf8'));
    } catch {
      // Half an answer: whose it was cannot be told, so all that is under way is asked again.
      this.#opening?.then((socket) => socket.terminate()).catch(() => {});
      return;
    }
    if (answer?.method === 'eth_subscription') {
      const id = answer.params?.subscription;
      if (typeof id === 'string') this.#subscriptions.get(id)?.(answer.params?.result ?? {});
      return;
    }
    const pending = this.#pending.get(Number(answer?.id ?? Number.NaN));
    if (pending === undefined) return;
    pending.onBytes?.(data.length);
    const outcome = readAnswer(this.#endpoint, pending.request, answer);
    if (outcome !== null) pending.settle(outcome);
  }
}
