import type { z } from 'zod';
import type { Endpoint } from '../endpoint.ts';
import { badAnswer, isFault, limited } from '../net/fault.ts';
import { HttpClient, type HttpInit } from '../net/http.ts';
import { wait } from '../net/wait.ts';
import { parseExact } from './exact-json.ts';

const ATTEMPTS = 3;
const HALF_WAIT_MS = 200;
const MAX_SUSPENSION_S = 60;

export interface AskOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told when the endpoint makes us wait, in words fit for a progress line. */
  readonly onNotice?: ((text: string) => void) | undefined;
  /** Tries of one call, the first included; 5 where nothing is said. */
  readonly attempts?: number;
}

/** The HTTP API of one endpoint: answers whole, exact to the last digit, and of the shape that is asked for. */
export class TronApi {
  readonly #endpoint: Endpoint;
  readonly #options: AskOptions;
  readonly #http: HttpClient;

  constructor(endpoint: Endpoint, options: AskOptions) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.#http = new HttpClient(endpoint, options.signal, options);
  }

  /** POST to a method of the node, such as wallet/getblockbynum. `onBytes` is told the length of the answer. */
  wallet<S extends z.ZodType>(
    method: string,
    body: Readonly<Record<string, unknown>>,
    schema: S,
    onBytes?: (bytes: number) => void,
  ): Promise<z.output<S>> {
    // `visible: false` makes addresses and texts hex, which loses nothing.
    return this.#ask(`wallet/${method}`, { body: { ...body, visible: false } }, schema, onBytes);
  }

  /** GET of an index of TronGrid. E_NOT_FOUND where the endpoint has none. */
  index<S extends z.ZodType>(path: string, query: Readonly<Record<string, string>>, schema: S): Promise<z.output<S>> {
    return this.#ask(`v1/${path}`, { query }, schema);
  }

  close(): void {
    this.#http.close();
  }

  async #ask<S extends z.ZodType>(
    path: string,
    init: HttpInit,
    schema: S,
    onBytes?: (bytes: number) => void,
  ): Promise<z.output<S>> {
    const context = { method: path.startsWith('v1/') ? 'v1' : path };
    const answer = await this.#whole(path, init, onBytes);
    if (typeof answer === 'object' && answer !== null && 'Error' in answer) {
      const kind = /class ([\w.$]{1,120})/.exec(String(answer.Error))?.[1] ?? 'unnamed';
      throw badAnswer(this.#endpoint, 'the endpoint answers with an error', { ...context, kind });
    }
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    const field = parsed.error.issues[0]?.path.join('.') ?? '';
    throw badAnswer(this.#endpoint, 'the answer is not of the form of the TRON API', { ...context, field });
  }

  /** Half an answer is asked for again. */
  async #whole(path: string, init: HttpInit, onBytes: ((bytes: number) => void) | undefined): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      const text = await this.#text(path, init);
      try {
        const answer = parseExact(text);
        onBytes?.(text.length);
        return answer;
      } catch {
        if (attempt >= ATTEMPTS)
          throw badAnswer(this.#endpoint, 'the answer is not whole JSON', { bytes: text.length });
        await wait(HALF_WAIT_MS * attempt, this.#options.signal);
      }
    }
  }

  /** TronGrid refuses too many requests with 403 and says for how many seconds: that is a limit, not a wrong key. */
  async #text(path: string, init: HttpInit): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#http.text(path, init);
      } catch (error) {
        if (!isFault(error, 'E_SOURCE') || error.context.status !== 403) throw error;
        const said = await this.#http.text(path, { ...init, jsonStatuses: [403] });
        if (!/frequency limit|suspended for|rate limit/i.test(said.slice(0, 1000))) {
          // It may have answered by now; half a refusal is none.
          if (/"Error"|"error"|<html/i.test(said.slice(0, 1000))) throw error;
          return said;
        }
        const seconds = Math.min(MAX_SUSPENSION_S, Number(/suspended for (\d{1,4})/i.exec(said)?.[1] ?? 5));
        if (attempt >= ATTEMPTS)
          throw limited(this.#endpoint, 'the endpoint refuses: too many requests', { status: 403 });
        this.#options.onNotice?.(`waiting ${seconds} s because ${this.#endpoint.name} refused for now`);
        await wait(seconds * 1000, this.#options.signal);
      }
    }
  }
}
