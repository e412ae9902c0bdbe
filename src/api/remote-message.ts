import { deserialize, serialize } from 'node:v8';
import { HaetaeError } from '../base/errors.ts';

/** What goes over the wire, one message a binary frame. Numbers tie answers to questions; each side counts its own. */
export type Message =
  /** `target`: a name the server offers, or the number of an object that came inside an earlier message. */
  | readonly ['call', number, string | number, string, Packed]
  /** As a call, without an answer: a report of progress. */
  | readonly ['tell', number, string, Packed]
  | readonly ['answer', number, Packed]
  | readonly ['fault', number, FaultData]
  /** Asks for the next item of a stream; its answer is [done, value]. */
  | readonly ['next', number, number]
  /** Ends a stream early. */
  | readonly ['return', number, number];

/** Plain data, and beside it what stands where in it that is not. */
export interface Packed {
  readonly data: unknown;
  readonly holes: readonly Hole[];
}

export interface Hole {
  /** Places in arrays and objects, from the outside in. */
  readonly path: readonly (string | number)[];
  readonly kind: 'object' | 'function' | 'progress' | 'stream';
  /** By which the side that sent it knows it. */
  readonly ref: number;
  /** Of an object. */
  readonly methods: readonly string[];
}

export interface FaultData {
  readonly name: string;
  readonly message: string;
  /** Of a HaetaeError. */
  readonly own: Pick<HaetaeError, 'code' | 'context' | 'remedy' | 'retry'> | null;
}

/** Where a server takes connections of this machine. */
export const REMOTE_PATH = '/v1/local';

/** Changes when messages do, so that two versions do not talk past each other. */
export const REMOTE_PROTOCOL = 'haetae-local.1';

/** Largest frame. Both sides hold it whole in memory. */
export const MAX_FRAME_BYTES = 512 << 20;

/** Throws E_BODY where the message is larger than a frame may be. */
export function writeMessage(message: Message, maxBytes: number): Buffer {
  const bytes = serialize(message);
  if (bytes.length <= maxBytes) return bytes;
  throw new HaetaeError('E_BODY', 'what would go between this command and the server at once is too large', {
    context: { bytes: bytes.length, limit: maxBytes },
    remedy: 'end haetae serve and run the command without it, or do it in smaller pieces',
  });
}

const KINDS: Readonly<Record<string, number>> = { call: 5, tell: 4, answer: 3, fault: 3, next: 3, return: 3 };

/** Only for bytes of a peer whose token was checked: deserialising makes whatever objects it is told. Null: not a message. */
export function readMessage(bytes: Buffer): Message | null {
  try {
    const message: unknown = deserialize(bytes);
    if (!Array.isArray(message) || message.length !== KINDS[String(message[0])]) return null;
    return typeof message[1] === 'number' ? (message as unknown as Message) : null;
  } catch {
    return null;
  }
}

export function faultData(error: unknown): FaultData {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), own: null };
  const { name, message } = error;
  if (!(error instanceof HaetaeError)) return { name, message, own: null };
  const { code, context, remedy, retry } = error;
  return { name, message, own: { code, context, remedy, retry } };
}

export function faultOf({ name, message, own }: FaultData): Error {
  if (own === null) return Object.assign(new Error(message), { name });
  const { code, context, remedy, retry } = own;
  return new HaetaeError(code, message, { context, retry, ...(remedy === undefined ? {} : { remedy }) });
}
