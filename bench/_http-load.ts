/**
 * The load, in a process of its own: raw keep-alive connections that send prepared bytes, so that the server is what is measured. One job at a time
 * comes as a message, its result goes back as one.
 */
import { connect, type Socket } from 'node:net';
import { ASKED, askedAddress, BATCH, CHAIN } from './_http-size.ts';

export interface LoadJob {
  readonly port: number;
  readonly key: string | null;
  readonly path: string;
  readonly kind: 'address' | 'batch';
  readonly seconds: number;
  /** Not measured. */
  readonly warmSeconds: number;
  readonly connections: number;
  /** Requests under way on each connection; of an open loop, as they come. */
  readonly depth: number;
  /** Requests a second, whatever the server does; null: the next one as soon as one is answered. */
  readonly rate: number | null;
}

export interface LoadResult {
  readonly requests: number;
  readonly errors: number;
  readonly seconds: number;
  /** Milliseconds from the moment that a request was due; of an open loop only. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Of the last answer that was no 200. */
  readonly fault: string | null;
}

process.on('message', (job: LoadJob) => {
  run(job).then(
    (result) => process.send!(result),
    (error: unknown) => {
      throw error;
    },
  );
});

async function run(job: LoadJob): Promise<LoadResult> {
  const requests = requestsOf(job);
  const load = new Load(job, requests);
  await load.open();
  const start = performance.now();
  const measured = start + job.warmSeconds * 1000;
  const end = measured + job.seconds * 1000;
  load.measureFrom = measured;
  if (job.rate === null) load.fill();
  await new Promise<void>((resolve) => {
    const turn = (): void => {
      const now = performance.now();
      if (job.rate !== null) load.due(Math.min(now, end), start, job.rate);
      if (now >= end) resolve();
      // A timer is a millisecond late; turning round is not.
      else if (job.rate !== null) setImmediate(turn);
      else setTimeout(turn, Math.min(20, end - now));
    };
    turn();
  });
  return load.finish(end);
}

class Load {
  readonly #job: LoadJob;
  readonly #requests: readonly Buffer[];
  readonly #lines: Line[] = [];
  readonly #times: number[] = [];
  measureFrom = 0;
  #sent = 0;
  #answered = 0;
  #errors = 0;
  #ended = false;
  #fault: string | null = null;
  #idle: () => void = () => {};

  constructor(job: LoadJob, requests: readonly Buffer[]) {
    this.#job = job;
    this.#requests = requests;
  }

  async open(): Promise<void> {
    for (let number = 0; number < this.#job.connections; number += 1) this.#lines.push(await this.#connect());
  }

  async #connect(): Promise<Line> {
    const socket = connect({ port: this.#job.port, host: '127.0.0.1', noDelay: true });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const line: Line = new Line(socket, (status, head, due) => this.#took(line, status, head, due));
    socket.once('close', () => this.#replace(line));
    return line;
  }

  /** A server that sheds closes the connection: what was under way on it has no answer. */
  async #replace(line: Line): Promise<void> {
    if (this.#ended) return;
    this.#lines.splice(this.#lines.indexOf(line), 1);
    this.#errors += line.under;
    const next = await this.#connect();
    this.#lines.push(next);
    if (this.#job.rate === null) for (let number = 0; number < this.#job.depth; number += 1) this.#send(next, 0);
  }

  fill(): void {
    for (const line of this.#lines) for (let number = 0; number < this.#job.depth; number += 1) this.#send(line, 0);
  }

  due(now: number, start: number, rate: number): void {
    const wanted = Math.floor(((now - start) / 1000) * rate);
    while (this.#sent < wanted) this.#send(this.#freest(), start + (this.#sent * 1000) / rate);
  }

  async finish(end: number): Promise<LoadResult> {
    this.#ended = true;
    const answered = this.#answered;
    const seconds = (performance.now() - this.measureFrom) / 1000;
    const waiting = this.#lines.some((line) => line.under > 0);
    if (waiting) {
      const late = new Promise<void>((resolve) => setTimeout(resolve, 10_000).unref());
      await Promise.race([new Promise<void>((resolve) => (this.#idle = resolve)), late]);
    }
    for (const line of this.#lines) line.socket.destroy();
    // Of an open loop every request that was due counts, answered or not.
    const lost = this.#lines.reduce((sum, line) => sum + line.under, 0);
    const open = this.#job.rate !== null;
    const times = Float64Array.from(this.#times).sort();
    const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
    return {
      requests: open ? times.length : answered,
      errors: this.#errors + lost,
      seconds: open ? (end - this.measureFrom) / 1000 : seconds,
      p50: at(0.5),
      p99: at(0.99),
      max: at(1),
      fault: this.#fault,
    };
  }

  #freest(): Line {
    let best = this.#lines[this.#sent % this.#lines.length]!;
    if (best.under > 0) for (const line of this.#lines) if (line.under < best.under) best = line;
    return best;
  }

  #send(line: Line, due: number): void {
    line.send(this.#requests[this.#sent % this.#requests.length]!, due);
    this.#sent += 1;
  }

  #took(line: Line, status: number, head: string, due: number): void {
    const now = performance.now();
    if (status !== 200) {
      this.#errors += 1;
      this.#fault = head;
    }
    if (this.#job.rate !== null) {
      if (due >= this.measureFrom) this.#times.push(now - due);
    } else if (now >= this.measureFrom) this.#answered += 1;
    if (!this.#ended && this.#job.rate === null && line.socket.writable) this.#send(line, 0);
    if (this.#ended && this.#lines.every(({ under }) => under === 0)) this.#idle();
  }
}

type Took = (status: number, head: string, due: number) => void;

/** One connection; answers come in the order of the requests. */
class Line {
  readonly socket: Socket;
  readonly #took: Took;
  readonly #due: number[] = [];
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of the answer under way that are still to come; -1: its head is not known, -2: chunks. */
  #left = -1;
  #head = '';

  constructor(socket: Socket, took: Took) {
    this.socket = socket;
    this.#took = took;
    socket.on('data', (bytes) => this.#read(bytes));
    socket.on('error', () => {});
  }

  get under(): number {
    return this.#due.length;
  }

  send(request: Buffer, due: number): void {
    this.#due.push(due);
    this.socket.write(request);
  }

  #read(bytes: Buffer): void {
    let rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (;;) {
      if (this.#left === -1) {
        const end = rest.indexOf('\r\n\r\n');
        if (end < 0) break;
        this.#head = rest.toString('latin1', 0, end);
        const length = /content-length: (\d+)/i.exec(this.#head)?.[1];
        this.#left = length === undefined ? -2 : Number(length);
        rest = rest.subarray(end + 4);
      }
      if (this.#left === -2) {
        const end = lastChunk(rest);
        if (end < 0) break;
        rest = rest.subarray(end);
      } else {
        if (rest.length < this.#left) break;
        rest = rest.subarray(this.#left);
      }
      this.#left = -1;
      this.#took(Number(this.#head.slice(9, 12)), this.#head, this.#due.shift() ?? 0);
    }
    // Of chunks only the end is looked for.
    this.#rest = this.#left === -2 && rest.length > 16 ? Buffer.from(rest.subarray(-16)) : rest;
  }
}

/** Just behind the chunk of no bytes; -1 where it has not come. */
function lastChunk(bytes: Buffer): number {
  const found = bytes.indexOf('\r\n0\r\n\r\n');
  return found < 0 ? -1 : found + 7;
}

function requestsOf(job: LoadJob): readonly Buffer[] {
  if (job.kind === 'address')
    return Array.from({ length: ASKED }, (_, at) =>
      requestOf(job, JSON.stringify({ chain: CHAIN, address: askedAddress(at) })),
    );
  return [0, 1, 2, 3].map((part) => {
    const addresses = Array.from({ length: BATCH }, (_, at) => askedAddress(part * BATCH + at));
    return requestOf(job, JSON.stringify({ chain: CHAIN, addresses }));
  });
}

function requestOf({ path, port, key }: LoadJob, body: string): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    ...(key === null ? [] : [`Authorization: Bearer ${key}`]),
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}
