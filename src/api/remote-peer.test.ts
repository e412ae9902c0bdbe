import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { HaetaeError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import { type Connection, connectRemote } from './remote-client.ts';
import type { Targets } from './remote-peer.ts';
import { attachRemote, type Remote } from './remote-server.ts';
import type { ServerAddress } from './token-file.ts';

interface Stand {
  readonly address: ServerAddress;
  readonly remote: Remote;
  connect(): Promise<Connection>;
}

async function withServer(
  targets: Targets,
  work: (stand: Stand) => Promise<void>,
  maxFrameBytes = 1 << 24,
): Promise<void> {
  const http = createServer();
  const token = randomBytes(32).toString('base64url');
  const remote = attachRemote(http, { token, targets, maxFrameBytes, graceMs: 2000 });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const address = { pid: process.pid, url, token, startedAt: 1, version: 'test' };
  const open: Connection[] = [];
  const connect = async (): Promise<Connection> => {
    const connection = await connectRemote(address, { maxFrameBytes });
    open.push(connection);
    return connection;
  };
  try {
    await work({ address, remote, connect });
  } finally {
    for (const connection of open) await connection.close();
    await remote.close();
    await new Promise((resolve) => http.close(resolve));
  }
}

class Desk {
  readonly #secret = 7n;
  closed = 0;
  given = 0;
  async echo(value: unknown): Promise<unknown> {
    return value;
  }
  plus(value: bigint): bigint {
    return value + this.#secret;
  }
  async *count(until: number): AsyncGenerator<number> {
    try {
      for (let number = 0; number < until; number++) {
        this.given++;
        yield number;
      }
    } finally {
      this.closed++;
    }
  }
  async sum(numbers: AsyncIterable<number>): Promise<number> {
    let sum = 0;
    for await (const number of numbers) sum += number;
    return sum;
  }
  async firstOf(numbers: AsyncIterable<number>): Promise<number> {
    for await (const number of numbers) return number;
    return -1;
  }
  async ask(options: {
    readonly by: { double(value: number): Promise<number> };
    readonly progress: Progress;
  }): Promise<number> {
    options.progress.report('asking', 1, 2);
    return (await options.by.double(21)) + 0;
  }
  fail(): never {
    const context = { file: 'a.csv', line: 3 };
    throw new HaetaeError('E_FILE_READ', 'no such thing', { context, remedy: 'look again', retry: true });
  }
  break(): never {
    throw new TypeError('broken');
  }
  forbidden(): string {
    return 'never';
  }
}

const METHODS = ['echo', 'plus', 'count', 'sum', 'firstOf', 'ask', 'fail', 'break'];

function deskStand(work: (desk: Desk, remote: Desk, stand: Stand) => Promise<void>): Promise<void> {
  const desk = new Desk();
  return withServer({ desk: { object: desk, methods: METHODS } }, async (stand) => {
    await work(desk, (await stand.connect()).target<Desk>('desk'), stand);
  });
}

test('values cross as they are', () =>
  deskStand(async (_, remote) => {
    const value = {
      none: undefined,
      big: 2n ** 255n,
      words: BigUint64Array.of(1n, 2n ** 64n - 1n),
      bytes: Uint8Array.of(1, 2, 3),
      map: new Map([[1n, { deep: [null, Number.NaN] }]]),
      text: 'ẛ\0\u{1f600}',
    };
    assert.deepEqual(await remote.echo(value), value);
    assert.equal(await remote.echo(undefined), undefined);
    assert.equal(await remote.plus(2n), 9n);
  }));

test('a stream is read to its end, and one left half-way is closed where it comes from', () =>
  deskStand(async (desk, remote) => {
    const all: number[] = [];
    for await (const number of remote.count(1000)) all.push(number);
    assert.deepEqual(all, [...Array(1000).keys()]);
    assert.equal(desk.closed, 1);
    for await (const number of remote.count(1000)) if (number === 3) break;
    assert.equal(desk.closed, 2);
    assert.ok(desk.given <= 1000 + 3 + 2, 'no more than one item ahead is made');
  }));

test('what a command gives is read and called at the command', () =>
  deskStand(async (desk, remote) => {
    const own = new Desk();
    assert.equal(await remote.sum(own.count(101)), 5050);
    assert.equal(await remote.firstOf(own.count(1000)), 0);
    assert.equal(own.closed, 2, 'what the server stopped reading is closed');
    const reports: unknown[] = [];
    const progress = { report: (...words: unknown[]) => reports.push(words) };
    assert.equal(await remote.ask({ by: { double: async (value) => 2 * value }, progress }), 42);
    assert.deepEqual(reports, [['asking', 1, 2]]);
    assert.equal(desk.closed, 0);
  }));

test('faults keep code, message, context, remedy and whether to try again', () =>
  deskStand(async (_, remote) => {
    await assert.rejects(
      async () => remote.fail(),
      (error: unknown) => {
        assert.ok(error instanceof HaetaeError);
        const { code, message, context, remedy, retry } = error;
        assert.deepEqual(
          { code, message, context, remedy, retry },
          {
            code: 'E_FILE_READ',
            message: 'no such thing',
            context: { file: 'a.csv', line: 3 },
            remedy: 'look again',
            retry: true,
          },
        );
        return true;
      },
    );
    await assert.rejects(async () => remote.break(), { name: 'TypeError', message: 'broken' });
    const failing = (async function* () {
      yield 1;
      throw new HaetaeError('E_FILE_EMPTY', 'nothing more');
    })();
    await assert.rejects(remote.sum(failing), { code: 'E_FILE_EMPTY', message: 'nothing more' });
  }));

test('only listed methods of named objects can be called', () =>
  deskStand(async (_, remote, stand) => {
    await assert.rejects(async () => remote.forbidden(), { code: 'E_NOT_FOUND' });
    const connection = await stand.connect();
    for (const name of ['constructor', '__proto__', 'toString', 'other']) {
      await assert.rejects(async () => connection.target<Desk>(name).echo(1), { code: 'E_NOT_FOUND' });
    }
    const loose = connection.target<Record<string, () => Promise<unknown>>>('desk');
    for (const name of ['constructor', 'toString', 'hasOwnProperty', '__defineGetter__']) {
      await assert.rejects(async () => loose[name]!(), { code: 'E_NOT_FOUND' });
    }
  }));

test('what is larger than a frame is refused, and the connection lives on', () =>
  withServer(
    { desk: { object: new Desk(), methods: METHODS } },
    async ({ connect }) => {
      const remote = (await connect()).target<Desk>('desk');
      await assert.rejects(remote.echo(new Uint8Array(70_000)), { code: 'E_BODY' });
      assert.equal(await remote.plus(1n), 8n);
    },
    65_536,
  ));

test('a command that goes away has its streams closed, and what read from it is told', async () => {
  const desk = new Desk();
  let fault: unknown = null;
  const reader = {
    read: async (numbers: AsyncIterable<number>): Promise<void> => {
      try {
        for await (const _ of numbers) await pause(1);
      } catch (error) {
        fault = error;
      }
    },
  };
  const targets = { desk: { object: desk, methods: METHODS }, reader: { object: reader, methods: ['read'] } };
  await withServer(targets, async ({ connect }) => {
    const connection = await connect();
    const stream = connection.target<Desk>('desk').count(1000);
    await stream[Symbol.asyncIterator]().next();
    const reading = connection.target<typeof reader>('reader').read(new Desk().count(1e9));
    await pause(30);
    await connection.close();
    await assert.rejects(reading, { code: 'E_SERVER' });
    for (let waited = 0; waited < 200 && (fault === null || desk.closed === 0); waited++) await pause(10);
    assert.equal(desk.closed, 1);
    assert.equal((fault as HaetaeError).code, 'E_INTERRUPTED');
  });
});

test('closing lets what runs end, takes nothing new, and cuts off what does not end', async () => {
  let finish: (value: string) => void = () => {};
  const object = {
    slow: () =>
      new Promise<string>((resolve) => {
        finish = resolve;
      }),
    quick: async () => 1,
  };
  await withServer({ it: { object, methods: ['slow', 'quick'] } }, async ({ connect, remote, address }) => {
    const it = (await connect()).target<typeof object>('it');
    const slow = it.slow();
    await it.quick();
    const closed = remote.close();
    await assert.rejects(it.quick(), { code: 'E_BUSY' });
    await assert.rejects(connectRemote(address), { code: 'E_SERVER' });
    finish('done');
    assert.equal(await slow, 'done');
    await closed;
    await assert.rejects(it.quick(), { code: 'E_SERVER' });
  });
});

/** The status with which an upgrade is answered. */
function upgrade(url: string, headers: IncomingHttpHeaders, path = '/v1/local'): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}${path}`, {
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
        'Sec-WebSocket-Protocol': 'haetae-local.1',
        ...headers,
      },
    });
    asked.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response.statusCode!);
    });
    asked.on('response', (response) => resolve(response.statusCode!));
    asked.on('error', reject);
    asked.end();
  });
}

test('only who knows the token is let in, from this machine, and never a browser', () =>
  withServer({}, async ({ address: { url, token } }) => {
    const authorization = `Bearer ${token}`;
    assert.equal(await upgrade(url, { authorization }), 101);
    assert.equal(await upgrade(url, {}), 401);
    assert.equal(await upgrade(url, { authorization: `Bearer ${token.slice(1)}` }), 401);
    assert.equal(await upgrade(url, { authorization: `Bearer ${token}x` }), 401);
    assert.equal(await upgrade(url, { authorization: `Basic ${token}` }), 401);
    assert.equal(await upgrade(url, { authorization, origin: url }), 403);
    assert.equal(await upgrade(url, { authorization, origin: 'null' }), 403);
    assert.equal(await upgrade(url, { authorization, host: 'evil.example' }), 403);
    assert.equal(await upgrade(url, { authorization, 'x-forwarded-for': '127.0.0.1' }), 403);
    assert.equal(await upgrade(url, { authorization }, '/v1/other'), 404);
  }));
