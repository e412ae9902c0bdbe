import type { IncomingMessage } from 'node:http';
import { refuse } from './json-body.ts';

/** A body that is too large is read to its end up to here, so that the caller gets an answer in place of a broken connection. */
const MAX_DISCARDED = 32 << 20;

const READING = Symbol('reading');

interface Reading {
  readonly limit: number;
  readonly chunks: Buffer[];
  readonly done: (error: Error | null, body: Buffer) => void;
  length: number;
  ended: boolean;
}

type Reader = IncomingMessage & { [READING]?: Reading };

const EMPTY = Buffer.alloc(0);

/** The whole body, once. `done` gets E_BODY where it is larger than `limit` bytes or breaks off. */
export function readBody(request: IncomingMessage, limit: number, done: Reading['done']): void {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > MAX_DISCARDED) {
    done(tooLarge(limit), EMPTY);
    return;
  }
  (request as Reader)[READING] = { limit, chunks: [], done, length: 0, ended: false };
  request.on('data', onData);
  request.on('end', onEnd);
  // Without a listener of its own, an error of the connection comes as 'close' alone.
  request.on('close', onBreak);
}

function onData(this: Reader, chunk: Buffer): void {
  const reading = this[READING]!;
  if (reading.ended) return;
  reading.length += chunk.length;
  if (reading.length <= reading.limit) reading.chunks.push(chunk);
  else if (reading.length > MAX_DISCARDED) {
    this.pause();
    finish(reading, tooLarge(reading.limit), EMPTY);
  } else reading.chunks.length = 0;
}

function onEnd(this: Reader): void {
  const reading = this[READING]!;
  if (reading.ended) return;
  const { chunks, limit, length } = reading;
  if (length > limit) finish(reading, tooLarge(limit), EMPTY);
  else finish(reading, null, chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
}

function onBreak(this: Reader): void {
  const reading = this[READING]!;
  if (!reading.ended) finish(reading, refuse('the body broke off', 'send it again'), EMPTY);
}

function finish(reading: Reading, error: Error | null, body: Buffer): void {
  reading.ended = true;
  reading.done(error, body);
}

function tooLarge(limit: number): Error {
  return refuse(`the body is larger than ${limit} bytes`, 'send less at once', 'size');
}
