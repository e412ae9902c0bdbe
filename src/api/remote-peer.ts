import type { WebSocket } from 'ws';
import { HaetaeError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import {
  faultData,
  faultOf,
  type Hole,
  MAX_FRAME_BYTES,
  type Message,
  type Packed,
  readMessage,
  writeMessage,
} from './remote-message.ts';
import { packAnswer, packArguments, unpack } from './remote-pack.ts';
import { RemoteStream, streamOf } from './remote-stream.ts';

/** An object whose listed methods, and no others, may be called from the other side. */
export interface Target {
  readonly object: object;
  readonly methods: readonly string[];
}

export type Targets = Readonly<Record<string, Target>>;

export interface PeerOptions {
  readonly targets: Targets;
  /** What is said where a call is cut off because the other side went away. */
  readonly gone: () => HaetaeError;
  readonly maxFrameBytes?: number;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

type Answer = Promise<unknown> & AsyncIterable<unknown>;

/** At most so often is progress told, but for the first of each stage. */
const TELL_MS = 100;
const FUNCTION = 'call';

/** One side of a connection: calls what the other side offers, and is called. Both sides are the same but for what they offer. */
export class Peer {
  readonly #socket: WebSocket;
  readonly #options: PeerOptions;
  readonly #maxBytes: number;
  readonly #waiting = new Map<number, Waiting>();
  /** What the other side may call as long as a call of ours goes on that it came with. */
  readonly #kept = new Map<number, Target>();
  readonly #streams = new Map<number, AsyncIterator<unknown>>();
  readonly #onIdle = new Set<() => void>();
  #next = 0;
  #running = 0;
  #draining = false;
  #over = false;

  constructor(socket: WebSocket, options: PeerOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#maxBytes = options.maxFrameBytes ?? MAX_FRAME_BYTES;
    socket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
    socket.on('close', () => this.#end());
    // 'close' follows, and says it.
    socket.on('error', () => {});
  }

  /** What is called on it is called on the other side's target: `await` it, or iterate over it where it streams. */
  target<T>(name: string): T {
    const call = (method: string, values: readonly unknown[]): Answer => this.#call(name, method, values);
    const made = new Proxy(Object.freeze({}), {
      get: (_, method) =>
        typeof method === 'string' && method !== 'then' ? (...values: unknown[]) => call(method, values) : undefined,
    });
    return made as T;
  }

  /** Takes no new calls of targets; resolves when none is running and no stream is open. */
  async drain(): Promise<void> {
    this.#draining = true;
    while (!this.#over && this.#running + this.#streams.size > 0) {
      await new Promise<void>((resolve) => this.#onIdle.add(resolve));
    }
  }

  /** A promise that can also be iterated over: only the answer says which of the two it is. */
  #call(target: string | number, method: string, values: readonly unknown[]): Answer {
    const refs: number[] = [];
    const answer = this.#ask((id) => ['call', id, target, method, packArguments(values, this.#keeper(refs))]).then(
      (value) => {
        if (value instanceof RemoteStream) value.ended = () => this.#letGo(refs);
        else this.#letGo(refs);
        return value;
      },
      (error: unknown) => {
        this.#letGo(refs);
        throw error;
      },
    );
    // Who does not wait for it does not hear of its fault; that must not end the process.
    answer.catch(() => {});
    return Object.assign(answer, { [Symbol.asyncIterator]: () => streamOf(answer) });
  }

  #ask(messageOf: (id: number) => Message): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#over) throw this.#options.gone();
      const id = this.#next++;
      this.#send(messageOf(id));
      this.#waiting.set(id, { resolve, reject });
    });
  }

  #send(message: Message): void {
    const bytes = writeMessage(message, this.#maxBytes);
    if (!this.#over) this.#socket.send(bytes, { binary: true, compress: false });
  }

  #receive(data: Buffer, isBinary: boolean): void {
    const message = isBinary ? readMessage(data) : null;
    switch (message?.[0]) {
      case 'call':
        return void this.#serve(message[1], () => this.#invoke(message[2], message[3], message[4]));
      case 'tell':
        return void this.#invoke(message[1], message[2], message[3]).catch(() => {});
      case 'next':
        return void this.#serve(message[1], () => this.#step(message[2]));
      case 'return':
        return void this.#serve(message[1], () => this.#stop(message[2]));
      case 'answer':
        return void this.#settle(message[1], ({ resolve }) =>
          resolve(unpack(message[2], (hole) => this.#revive(hole))),
        );
      case 'fault':
        return void this.#settle(message[1], ({ reject }) => reject(faultOf(message[2])));
      default:
        return void this.#socket.close(1002);
    }
  }

  #settle(id: number, settle: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting !== undefined) settle(waiting);
  }

  async #serve(id: number, work: () => Promise<unknown>): Promise<void> {
    this.#running++;
    const refs: number[] = [];
    try {
      this.#send(['answer', id, packAnswer(await work(), this.#keeper(refs))]);
      if (this.#over) this.#letGo(refs);
    } catch (error) {
      this.#letGo(refs);
      this.#send(['fault', id, faultData(error)]);
    } finally {
      this.#running--;
      this.#tellIdle();
    }
  }

  async #invoke(place: string | number, method: string, values: Packed): Promise<unknown> {
    const target = this.#targetOf(place);
    const call = target.methods.includes(method) ? (target.object as Record<string, unknown>)[method] : undefined;
    if (typeof call !== 'function') {
      throw new HaetaeError('E_NOT_FOUND', 'the other side offers no such call', { context: { method } });
    }
    return call.apply(target.object, unpack(values, (hole) => this.#revive(hole)) as unknown[]);
  }

  #targetOf(place: string | number): Target {
    if (typeof place === 'string' && this.#draining) {
      const remedy = 'run the command again when it has ended';
      throw new HaetaeError('E_BUSY', 'the server is shutting down', { remedy, retry: true });
    }
    const { targets } = this.#options;
    const named = typeof place === 'string' && Object.hasOwn(targets, place) ? targets[place] : undefined;
    const target = typeof place === 'number' ? this.#kept.get(place) : named;
    if (target !== undefined) return target;
    throw new HaetaeError('E_NOT_FOUND', 'the other side offers nothing of that name', { context: { name: place } });
  }

  async #step(ref: number): Promise<readonly [boolean, unknown]> {
    const iterator = this.#streams.get(ref);
    if (iterator === undefined) return [true, undefined];
    try {
      const { done, value } = await iterator.next();
      if (done === true) this.#streams.delete(ref);
      return [done === true, value];
    } catch (error) {
      this.#streams.delete(ref);
      throw error;
    }
  }

  async #stop(ref: number): Promise<void> {
    const iterator = this.#streams.get(ref);
    this.#streams.delete(ref);
    await iterator?.return?.();
  }

  #keeper(refs: number[]) {
    return (kind: Hole['kind'], kept: object, methods: readonly string[]): number => {
      const ref = this.#next++;
      refs.push(ref);
      if (kind === 'stream') this.#streams.set(ref, (kept as AsyncIterable<unknown>)[Symbol.asyncIterator]());
      else if (kind === 'function') this.#kept.set(ref, { object: { [FUNCTION]: kept }, methods: [FUNCTION] });
      else this.#kept.set(ref, { object: kept, methods });
      return ref;
    };
  }

  #letGo(refs: readonly number[]): void {
    for (const ref of refs) {
      this.#kept.delete(ref);
      this.#stop(ref).catch(() => {});
    }
  }

  #revive({ kind, ref, methods }: Hole): object {
    if (kind === 'progress') return this.#progress(ref);
    if (kind === 'function') return (...values: unknown[]) => this.#call(ref, FUNCTION, values);
    if (kind === 'object') {
      const made = methods.map((name) => [name, (...values: unknown[]) => this.#call(ref, name, values)]);
      return Object.fromEntries(made) as object;
    }
    return new RemoteStream({
      next: () => this.#ask((id) => ['next', id, ref]) as Promise<[boolean, unknown]>,
      stop: () => this.#ask((id) => ['return', id, ref]),
    });
  }

  #progress(ref: number): Progress {
    let told = 0;
    let stageTold = '';
    const report = (stage: string, done: number, total: number): void => {
      const now = performance.now();
      if (stage === stageTold && now - told < TELL_MS) return;
      told = now;
      stageTold = stage;
      this.#send(['tell', ref, 'report', { data: [stage, done, total], holes: [] }]);
    };
    return { report };
  }

  #end(): void {
    this.#over = true;
    const gone = this.#options.gone();
    for (const { reject } of this.#waiting.values()) reject(gone);
    this.#waiting.clear();
    this.#kept.clear();
    this.#letGo([...this.#streams.keys()]);
    this.#tellIdle();
  }

  #tellIdle(): void {
    const waiting = [...this.#onIdle];
    this.#onIdle.clear();
    for (const tell of waiting) tell();
  }
}
