import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type App, openApp } from '../../src/api/app.ts';
import { createClient } from '../../src/api/client.ts';
import { SILENT } from '../../src/base/progress.ts';

const THIEF = '0x098B716B8Aaf21512996dC57EB0615e2383E2f96';
const GENESIS = '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa';
const person = (number: number): string => `0xa${number.toString(16).padStart(39, '0')}`;
const TABLES = ['batch', 'verdict', 'alert', 'audit', 'idempotency', 'cumulative'] as const;

interface Place {
  app: App;
  restart(): Promise<void>;
  send(body: unknown, headers?: Readonly<Record<string, string>>, query?: string): Promise<Answer>;
  counts(): Promise<readonly number[]>;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly replayed: string | null;
}

/** A service on disk that knows one thief. */
async function inPlace(work: (place: Place) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'haetae-batch-'));
  const open = () =>
    openApp({
      ...{ database: join(folder, 'store.duckdb'), host: '127.0.0.1', port: 0, twoPersons: false },
      ...{ software: '0', progress: SILENT, log: () => {} },
    });
  const place: Place = {
    app: await open(),
    restart: async () => {
      await place.app.close();
      place.app = await open();
    },
    send: async (body, headers = {}, query = ''): Promise<Answer> => {
      const lines = typeof body === 'string';
      const answer = await fetch(`${place.app.url}/v1/screen/batch${query}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${place.app.token}`,
          'content-type': lines ? 'application/x-ndjson' : 'application/json',
          ...headers,
        },
        body: lines ? body : JSON.stringify(body),
      });
      const text = await answer.text();
      // On a busy machine the server may shed for a while.
      if (answer.status === 503) return place.send(body, headers, query);
      return { status: answer.status, text, replayed: answer.headers.get('idempotency-replayed') };
    },
    counts: () => Promise.all(TABLES.map((table) => place.app.parts.records.count(table))),
  };
  try {
    await createClient({ url: place.app.url, key: place.app.token }).addLabel({
      body: {
        chain: 'ethereum',
        address: THIEF,
        category: 'sanctioned',
        label: 'Lazarus',
        confidence: 'authority_data',
      },
    });
    await work(place);
  } finally {
    await place.app.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const keyed = (key: string) => ({ 'idempotency-key': key });

function errorOf(line: string): string | null {
  return (JSON.parse(line) as { error?: { code: string } }).error?.code ?? null;
}

test('a batch with a key is screened once: the same lines, ids and errors again, also after a restart', async () => {
  await inPlace(async (place) => {
    const addresses = Array.from({ length: 2000 }, (_, at) =>
      at % 100 === 7 ? THIEF : at % 100 === 9 ? `bad "${at}"` : person(at),
    );
    const body = { chain: 'ethereum', addresses };
    const [first, beside] = await Promise.all([place.send(body, keyed('one')), place.send(body, keyed('one'))]);
    const found = first.text.trimEnd().split('\n');
    assert.deepEqual([first.status, found.length], [200, addresses.length]);
    assert.equal(found.filter((line) => errorOf(line) === 'E_ADDRESS').length, 20);
    assert.equal(found.filter((line) => line.includes('"decision":"block"')).length, 20);
    assert.equal(beside.text, first.text);
    assert.deepEqual([first.replayed, beside.replayed].sort(), ['true', null].sort());
    const [batches, verdicts] = await place.counts();
    assert.deepEqual([batches, verdicts], [1, 20]);
    const before = await place.counts();
    await place.restart();
    // What is known by now has no part in it.
    await createClient({ url: place.app.url, key: place.app.token }).addLabel({
      body: { chain: 'ethereum', address: person(3), category: 'sanctioned', label: 'x', confidence: 'authority_data' },
    });
    const kept = await place.counts();
    const again = await place.send(body, keyed('one'));
    assert.deepEqual([again.status, again.replayed], [200, 'true']);
    assert.equal(again.text, first.text);
    assert.deepEqual(await place.counts(), kept);
    assert.equal(before[0], kept[0]);
    const other = await place.send({ ...body, addresses: addresses.slice(1) }, keyed('one'));
    assert.equal(other.status, 422);
    assert.match(other.text, /E_IDEMPOTENCY/);
    assert.notEqual((await place.send(body, keyed('two'))).text, first.text);
    assert.notEqual((await place.send(body)).text, first.text);
  });
});

test('lines of several chains with a key are kept together and told again in their order', async () => {
  await inPlace(async (place) => {
    const lines = [
      JSON.stringify(person(1)),
      JSON.stringify({ chain: 'bitcoin', address: GENESIS }),
      'not json',
      JSON.stringify(THIEF),
      JSON.stringify({ chain: 'nochain', address: 'x' }),
      JSON.stringify({ chain: 'bitcoin', address: person(1) }),
      JSON.stringify({ chain: 'eip155:1', address: person(2) }),
    ].join('\n');
    const first = await place.send(lines, keyed('lines'), '?chain=ethereum');
    const codes = [null, null, 'E_BODY', null, 'E_ASSET', 'E_ADDRESS', null];
    assert.deepEqual(first.text.trimEnd().split('\n').map(errorOf), codes);
    const counts = await place.counts();
    assert.deepEqual([counts[0], counts[4]], [3, 1]);
    const again = await place.send(lines, keyed('lines'), '?chain=ethereum');
    assert.deepEqual([again.text, again.replayed], [first.text, 'true']);
    assert.deepEqual(await place.counts(), counts);
    for (const [body, query] of [
      [lines, '?chain=bitcoin'],
      [`${lines}\n`, '?chain=ethereum'],
      [{ chain: 'ethereum', addresses: [] }, '?chain=ethereum'],
    ] as const)
      assert.match((await place.send(body, keyed('lines'), query)).text, /E_IDEMPOTENCY/);
  });
});

test('bytes that may be read as JSON and as lines are two requests', async () => {
  await inPlace(async (place) => {
    const body = { chain: 'ethereum', addresses: [person(1)] };
    assert.equal((await place.send(body, keyed('form'))).status, 200);
    assert.equal((await place.send(JSON.stringify(body), keyed('form'))).status, 422);
  });
});

test('a key of nothing but bad lines, or of no line, stands for its request too', async () => {
  await inPlace(async (place) => {
    for (const [key, body] of [
      ['bad', 'no\n{}'],
      ['none', '\n'],
      ['empty', { chain: 'ethereum', addresses: [] }],
    ] as const) {
      const first = await place.send(body, keyed(key));
      const again = await place.send(body, keyed(key));
      assert.deepEqual([first.status, first.replayed, again.replayed], [200, null, 'true'], key);
      assert.equal(again.text, first.text);
      assert.match((await place.send('"x"', keyed(key))).text, /E_IDEMPOTENCY/);
    }
  });
});

test('what is refused, and a dry look-up, keep no key', async () => {
  await inPlace(async (place) => {
    const body = { chain: 'ethereum', addresses: [THIEF, person(1)] };
    const before = await place.counts();
    assert.match((await place.send(body, keyed('a b'))).text, /E_FIELD/);
    assert.match((await place.send({ ...body, chain: 'nochain' }, keyed('k'))).text, /E_ASSET/);
    const dry = await place.send(body, keyed('k'), '?dry=1');
    assert.deepEqual([dry.status, dry.replayed], [200, null]);
    assert.deepEqual(await place.counts(), before);
    const { records } = place.app.parts;
    const write = records.write.bind(records);
    records.write = async () => {
      records.write = write;
      throw new Error('the disk is full');
    };
    assert.equal((await place.send(body, keyed('k'))).status, 500);
    assert.deepEqual(await place.counts(), before);
    const kept = await place.send(body, keyed('k'));
    assert.deepEqual([kept.status, kept.replayed], [200, null]);
  });
});

test('a caller that went away gets the lines of what was kept, and it was kept once at most', async () => {
  await inPlace(async (place) => {
    const body = { chain: 'ethereum', addresses: Array.from({ length: 10_000 }, (_, at) => person(at)) };
    for (const ms of [0, 5, 20, 60, 150]) {
      const own = new AbortController();
      const sent = fetch(`${place.app.url}/v1/screen/batch`, {
        method: 'POST',
        signal: own.signal,
        headers: {
          authorization: `Bearer ${place.app.token}`,
          'content-type': 'application/json',
          ...keyed(`gone-${ms}`),
        },
        body: JSON.stringify(body),
      }).then((answer) => answer.body!.getReader().read());
      setTimeout(() => own.abort(), ms);
      await sent.catch(() => {});
      own.abort();
    }
    const lines = new Set<string>();
    for (const ms of [0, 5, 20, 60, 150, 0, 5, 20, 60, 150])
      lines.add((await place.send(body, keyed(`gone-${ms}`))).text);
    assert.equal(lines.size, 5);
    assert.equal((await place.counts())[0], 5);
  });
});
