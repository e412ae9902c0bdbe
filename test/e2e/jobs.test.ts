import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '../../src/api/client.ts';
import { JOB_VARIABLE } from '../../src/api/jobs/job-event.ts';
import { readTokenFile } from '../../src/api/token-file.ts';
import { HaetaeError } from '../../src/base/errors.ts';
import type { DrillTruth } from '../../src/drill/truth.ts';
import { Workplace } from './_cli.ts';

const MAIN = join(dirname(fileURLToPath(import.meta.url)), '../../src/main.js');

type Wish = NonNullable<Parameters<Client['startJob']>[0]>['body'];
type Job = Awaited<ReturnType<Client['getJob']>>;

async function serve(work: Workplace, ...more: string[]): Promise<ChildProcess> {
  const env = { ...process.env, HOME: work.folder };
  const child = spawn(process.execPath, [MAIN, 'serve', '--port', '0', '--db', work.db, ...more], {
    cwd: work.folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let faults = '';
  child.stderr!.on('data', (chunk) => {
    faults += String(chunk);
  });
  for await (const line of createInterface({ input: child.stdout! })) if (line.startsWith('listening')) break;
  child.stdout!.resume();
  // The file by which commands find it is written before it says that it listens.
  assert.notEqual(readTokenFile(work.db), null, faults);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

function clientOf(work: Workplace, key?: string): Client {
  const { url, token } = readTokenFile(work.db)!;
  return createClient({ url, key: key ?? token });
}

async function finished(client: Client, id: string): Promise<Job> {
  for (;;) {
    const job = await client.getJob({ params: { id } });
    if (job.endedAt !== null) return job;
    await pause(50);
  }
}

async function run(client: Client, body: Wish): Promise<Job> {
  const { id } = await client.startJob({ body });
  return finished(client, id);
}

async function done(client: Client, body: Wish): Promise<Job> {
  const job = await run(client, body);
  assert.equal(job.state, 'done', JSON.stringify(job));
  return job;
}

async function running(client: Client, id: string): Promise<Job> {
  for (;;) {
    const job = await client.getJob({ params: { id } });
    if (job.state === 'running' && job.progress !== null) return job;
    assert.equal(job.endedAt, null, JSON.stringify(job));
    await pause(20);
  }
}

async function upload(client: Client, name: string, bytes: Buffer, pieces: number): Promise<string> {
  const { id } = await client.beginUpload({ body: { name, bytes: bytes.length } });
  const size = Math.ceil(bytes.length / pieces);
  for (let offset = 0; offset < bytes.length; offset += size) {
    const base64 = bytes.subarray(offset, offset + size).toString('base64');
    const { received } = await client.sendUploadPiece({ params: { id }, query: { offset }, body: { base64 } });
    assert.equal(received, Math.min(bytes.length, offset + size));
  }
  return id;
}

function refusedWith(code: string): (error: unknown) => boolean {
  return (error) => error instanceof HaetaeError && error.code === code;
}

const work = new Workplace();
let server: ChildProcess;
let client: Client;
let truth: DrillTruth;

function uploadTests(): void {
  test('a file sent in three pieces is imported by what its columns say, then nothing of it is left', async () => {
    const bytes = readFileSync(work.path('drill', 'transfers.csv'));
    const id = await upload(client, 'transfers.csv', bytes, 3);
    const folder = `${work.db}.uploads`;
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.equal(statSync(join(folder, id, 'transfers.csv')).mode & 0o777, 0o600);
    const job = await done(client, { kind: 'import-transfers', upload: id, complete: true });
    assert.equal(job.title, 'Import of transfers from transfers.csv');
    assert.ok(job.lines.some((line) => /--preset haetae/.test(line)));
    const rows = bytes.toString().trimEnd().split('\n').length - 1;
    assert.ok(
      job.lines.some((line) => line.includes(`${rows} rows read`)),
      job.lines.join('\n'),
    );
    assert.deepEqual(readdirSync(folder), []);
    assert.match(await work.ok('status'), /haetae/);
    await assert.rejects(client.startJob({ body: { kind: 'import-labels', upload: id } }), refusedWith('E_NOT_FOUND'));
  });

  test('labels are imported likewise, and a file that is none gives the fault of the command', async () => {
    const labels = await upload(client, 'labels.csv', readFileSync(work.path('drill', 'labels.csv')), 1);
    await done(client, { kind: 'import-labels', upload: labels });
    const bad = Buffer.from('address,chain,label,category,source,confidence\n0x12,eip155:1,x,exchange,s,web_crawl\n');
    const job = await run(client, { kind: 'import-labels', upload: await upload(client, '../../bad.csv', bad, 1) });
    assert.equal(job.state, 'failed');
    assert.equal(job.fault?.code, 'E_FILE_EMPTY');
    assert.match(job.fault.detail, /file=bad\.csv.* line=2/);
    assert.match(job.fault.remedy ?? '', /check the addresses/);
    assert.equal(JSON.stringify(job).includes(work.folder), false, 'no folder of this machine is shown');
  });

  test('a piece that does not begin where the last ended is refused with the byte that is due', async () => {
    const { id } = await client.beginUpload({ body: { name: 'a.csv', bytes: 10 } });
    const piece = (offset: number, text: string) =>
      client.sendUploadPiece({
        params: { id },
        query: { offset },
        body: { base64: Buffer.from(text).toString('base64') },
      });
    await piece(0, 'abcd');
    for (const [offset, text] of [
      [0, 'abcd'],
      [5, 'f'],
      [4, 'efghijk'],
    ] as const) {
      await assert.rejects(piece(offset, text), (error) => {
        assert.ok(refusedWith('E_STATE')(error));
        return (error as HaetaeError).context.received === 4;
      });
    }
    const wish = { kind: 'import-labels', upload: id } as const;
    await assert.rejects(client.startJob({ body: wish }), refusedWith('E_STATE'));
    await assert.rejects(
      client.sendUploadPiece({ params: { id }, query: { offset: 4 }, body: { base64: 'a*==' } }),
      refusedWith('E_FIELD'),
    );
    assert.equal((await piece(4, 'efghij')).received, 10);
  });

  test('what an import refuses is shown with its line', async () => {
    const thief = '0x098b716b8aaf21512996dc57eb0615e2383e2f96';
    const rows = `block_time,from,to,total_eth\n2022-03-23 00:00:00,${thief},0x34,1\n2022-03-23 00:00:01,${thief},${thief.replace(/6$/, '5')},1.5\n`;
    const id = await upload(client, 'rows.csv', Buffer.from(rows), 1);
    const job = await done(client, { kind: 'import-transfers', upload: id, preset: 'ronin' });
    assert.ok(job.lines.includes('  refused 1: address-length'), job.lines.join('\n'));
    const [header, refused] = job.lines.slice(job.lines.findIndex((line) => line.startsWith('file,')));
    assert.match(header ?? '', /line/);
    assert.match(refused ?? '', /rows\.csv,1,2,address-length/);
  });
}

function traceTests(): void {
  test('the transaction of a theft pasted from the truth becomes a case, marked simulated', async () => {
    const theft = truth.thefts[0]!;
    const account = theft.hops.find((hop) => hop.stage === 'S1' && hop.tx.startsWith('0x'))!;
    const job = await done(client, {
      kind: 'trace',
      chain: account.chain,
      targets: [account.tx],
      title: 'Pasted; --db=x',
    });
    assert.equal(job.title, 'Pasted; --db=x');
    assert.notEqual(job.case, null);
    const kept = await client.getCase({ params: { id: job.case! } });
    assert.equal(kept.kind, 'trace');
    assert.equal(kept.title, 'Pasted; --db=x');
    assert.equal(kept.kind === 'trace' && kept.simulated, true);
    assert.equal(existsSync(work.path('x')), false);
  });

  test('what is wrong with a wish is said before anything runs', async () => {
    const tx = `0x${'0'.repeat(64)}`;
    for (const [wish, code] of [
      [{ kind: 'trace', chain: 'drill-evm', targets: ['0x12'] }, 'E_ADDRESS'],
      [{ kind: 'trace', chain: 'nowhere', targets: [tx] }, 'E_ASSET'],
      [{ kind: 'trace', chain: 'drill-evm', targets: [tx], until: 'tomorrow' }, 'E_TIME'],
      [{ kind: 'trace', chain: 'drill-evm', targets: [tx], minAmount: '--db=x' }, 'E_AMOUNT'],
      [{ kind: 'trace', chain: 'drill-evm', targets: [tx], methods: ['--json'] }, 'E_METHOD_UNKNOWN'],
      [{ kind: 'trace', chain: 'drill-evm', targets: [tx], live: true }, 'E_STATE'],
      [{ kind: 'trace-file', text: 'title: x' }, 'E_THEFT_FILE'],
    ] as const)
      await assert.rejects(client.startJob({ body: wish as Wish }), refusedWith(code));
    const absent = await run(client, { kind: 'trace', chain: 'drill-evm', targets: [tx] });
    assert.equal(absent.fault?.code, 'E_NOT_FOUND');
    assert.ok(absent.fault.detail.includes(tx));
    assert.match(absent.fault.remedy ?? '', /import/);
  });

  test('a theft file is traced once what it names is imported', async () => {
    const text = readFileSync(work.path('drill', 'theft.yaml'), 'utf8');
    // Its links come out on a chain of which nothing is imported yet.
    const early = await run(client, { kind: 'trace-file', text });
    assert.equal(early.fault?.code, 'E_SEED');
    const bitcoin = await upload(client, 'bitcoin.txt', readFileSync(work.path('drill', 'bitcoin.txt')), 1);
    const imported = await done(client, { kind: 'import-transfers', upload: bitcoin, chain: 'bitcoin-regtest' });
    assert.ok(imported.lines.some((line) => /--preset dumplings/.test(line)));
    const job = await done(client, { kind: 'trace-file', text, methods: ['haircut'] });
    const files = await client.listCaseFiles({ params: { id: job.case! } });
    assert.ok(files.files.some(({ name }) => name === 'theft.yaml'));
  });
}

function readingTests(): void {
  test('while a text made to keep a parser busy is read, others are answered; then it is refused with its line', async () => {
    // Each comma without a value is an error of its own.
    const text = `title: [${','.repeat(60_000)}]`;
    let refused = false;
    const start = client.startJob({ body: { kind: 'trace-file', text } }).catch((error: unknown) => {
      refused = true;
      return error;
    });
    await client.getJobOptions();
    await client.listJobs();
    assert.equal(refused, false, 'the answers came before the refusal');
    const error = await start;
    assert.ok(refusedWith('E_THEFT_FILE')(error), String(error));
    assert.match((error as HaetaeError).message, /at line 1, column \d+/);
  });
}

function queueTests(): void {
  test('a job that is cancelled leaves the store as it was, and the next one runs', async () => {
    const totals = await work.ok('status');
    const { id } = await client.startJob({ body: { kind: 'drill', seed: 9, scale: 400_000 } });
    const waiting = await client.startJob({ body: { kind: 'drill', seed: 8, scale: 1000 } });
    const after = await client.startJob({
      body: { kind: 'trace', chain: 'drill-evm', targets: [`0x${'1'.repeat(64)}`] },
    });
    await running(client, id);
    assert.equal((await client.cancelJob({ params: { id: waiting.id } })).state, 'cancelled');
    await client.cancelJob({ params: { id } });
    assert.equal((await finished(client, id)).state, 'cancelled');
    await assert.rejects(client.cancelJob({ params: { id } }), refusedWith('E_STATE'));
    assert.equal((await finished(client, after.id)).fault?.code, 'E_NOT_FOUND');
    assert.equal(await work.ok('status'), totals);
    const { items } = await client.listJobs();
    assert.equal(items[0]!.id, after.id);
  });

  test('an import that is cancelled half-way leaves nothing', async () => {
    await work.ok('drill', '--seed', '6', '--scale', '60000', '--out', work.path('large'));
    const totals = await work.ok('status');
    const id = await upload(client, 'large.csv', readFileSync(work.path('large', 'transfers.csv')), 8);
    const job = await client.startJob({ body: { kind: 'import-transfers', upload: id } });
    await running(client, job.id);
    await client.cancelJob({ params: { id: job.id } });
    assert.equal((await finished(client, job.id)).state, 'cancelled');
    assert.equal(await work.ok('status'), totals);
  });

  test('a process that is killed is a failed job', async () => {
    const { id } = await client.startJob({ body: { kind: 'drill', seed: 9, scale: 400_000 } });
    await running(client, id);
    const child = readdirSync('/proc').find((pid) => {
      if (!/^\d+$/.test(pid)) return false;
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${work.db}.uploads/${id}/drill`);
      } catch {
        return false;
      }
    });
    assert.notEqual(child, undefined);
    process.kill(Number(child), 'SIGKILL');
    const job = await finished(client, id);
    assert.equal(job.state, 'failed');
    assert.equal(job.fault?.code, 'E_INTERRUPTED');
    assert.match(job.fault.detail, /SIGKILL/);
  });

  test('twenty may wait, and no more', async () => {
    const big = await client.startJob({ body: { kind: 'drill', seed: 9, scale: 1_000_000 } });
    const ids: string[] = [];
    const start = () => client.startJob({ body: { kind: 'drill', seed: 1, scale: 1000 } });
    for (let count = 0; count < 20; count += 1) ids.push((await start()).id);
    await assert.rejects(start(), refusedWith('E_BUSY'));
    for (const id of [...ids, big.id]) await client.cancelJob({ params: { id } });
    assert.equal((await finished(client, big.id)).state, 'cancelled');
  });

  test('who may only look starts nothing', async () => {
    const made = await client.createKey({ body: { role: 'viewer' } });
    const viewer = clientOf(work, made.secret);
    const wish: Wish = { kind: 'drill', seed: 1, scale: 1000 };
    await assert.rejects(viewer.startJob({ body: wish }), refusedWith('E_FORBIDDEN'));
    await assert.rejects(viewer.beginUpload({ body: { name: 'a', bytes: 1 } }), refusedWith('E_FORBIDDEN'));
    assert.ok((await viewer.listJobs()).items.length > 0);
    const options = await viewer.getJobOptions();
    assert.ok(options.presets.some(({ id }) => id === 'ronin'));
    assert.deepEqual(options.sources, []);
  });

  test('no more than eight uploads are open', async () => {
    const open: string[] = [];
    await assert.rejects(async () => {
      for (let count = 0; count < 9; count += 1)
        open.push((await client.beginUpload({ body: { name: 'b', bytes: 1 } })).id);
    }, refusedWith('E_BUSY'));
    // The one of the test before is among them.
    assert.ok(open.length >= 7);
    const params = { id: open[0]! };
    assert.equal(await client.cancelUpload({ params }), undefined);
    await assert.rejects(client.cancelUpload({ params }), refusedWith('E_NOT_FOUND'));
    await client.beginUpload({ body: { name: 'b', bytes: 1 } });
  });
}

describe('long work started over HTTP', () => {
  before(async () => {
    await work.ok('drill', '--seed', '5', '--scale', '2000', '--out', work.path('drill'));
    truth = JSON.parse(readFileSync(work.path('drill', 'truth.json'), 'utf8')) as DrillTruth;
    server = await serve(work);
    client = clientOf(work);
  });
  after(async () => {
    await end(server);
    work.remove();
  });

  uploadTests();
  traceTests();
  readingTests();
  queueTests();
});

describe('a server with sources, from its start to its end', () => {
  const place = new Workplace();
  after(() => place.remove());

  test('a drill is made, imported and traced; sources are shown without keys; what runs ends with the server', async () => {
    const left = `${place.db}.uploads/up-9-aaaa`;
    mkdirSync(left, { recursive: true });
    const started = await serve(place, '--source', 'ethereum=https://user:secret@127.0.0.1:1/key');
    try {
      assert.equal(existsSync(left), false, 'what an earlier server left is removed');
      const own = clientOf(place);
      const { sources } = await own.getJobOptions();
      assert.deepEqual(sources, [{ chain: 'eip155:1', name: 'evm 127.0.0.1:1' }]);
      const tx = `0x${'2'.repeat(64)}`;
      const live = await run(own, { kind: 'trace', chain: 'ethereum', targets: [tx], live: true });
      assert.equal(live.fault?.code, 'E_SOURCE_UNREACHABLE', JSON.stringify(live));
      assert.equal(JSON.stringify(live).includes('secret'), false);
      const drill = await done(own, { kind: 'drill', seed: 2, scale: 1000 });
      const kept = await own.getCase({ params: { id: drill.case! } });
      assert.equal(kept.kind === 'trace' && kept.simulated, true);
      const second = await run(own, { kind: 'drill', seed: 3, scale: 1000 });
      assert.ok(second.state === 'done' && second.case !== drill.case, JSON.stringify(second));
      await own.startJob({ body: { kind: 'drill', seed: 9, scale: 1_000_000 } });
    } finally {
      await end(started);
    }
    assert.equal(started.exitCode, 0);
    assert.equal(existsSync(`${place.db}.uploads`), false);
  });
});

/** Processes of jobs of a server over this store. */
function workers(place: Workplace): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`--db=${place.db}`);
    } catch {
      return false;
    }
  });
}

describe('a server that is killed', () => {
  const place = new Workplace();
  after(() => place.remove());

  test('its jobs end with it; the next one lists what was done and what was interrupted, and numbers go on', async () => {
    const killed = await serve(place);
    let second: ChildProcess | null = null;
    try {
      const own = clientOf(place);
      const keys = await Promise.all(
        ['kim', 'lee'].map((person) => own.createKey({ body: { role: 'analyst', person } })),
      );
      const [kim, lee] = keys.map(({ secret }) => clientOf(place, secret)) as [Client, Client];
      const before = await done(kim, { kind: 'drill', seed: 2, scale: 1000 });
      const ran = await kim.startJob({ body: { kind: 'drill', seed: 9, scale: 1_000_000 } });
      const waited = await lee.startJob({ body: { kind: 'drill', seed: 3, scale: 1000 } });
      await running(own, ran.id);
      await assert.rejects(lee.cancelJob({ params: { id: ran.id } }), (error) => {
        assert.ok(refusedWith('E_FORBIDDEN')(error));
        assert.match((error as HaetaeError).remedy ?? '', /ask one of them/);
        return (error as HaetaeError).context.by === 'kim';
      });
      const gone = once(killed, 'exit');
      killed.kill('SIGKILL');
      await gone;
      while (workers(place).length > 0) await pause(50);

      second = await serve(place);
      const next = clientOf(place);
      const { items } = await next.listJobs();
      assert.deepEqual(
        items.map(({ id, state, by, fault }) => [id, state, by, fault?.code ?? null]),
        [
          [waited.id, 'interrupted', 'lee', 'E_INTERRUPTED'],
          [ran.id, 'interrupted', 'kim', 'E_INTERRUPTED'],
          [before.id, 'done', 'kim', null],
        ],
      );
      assert.match(items[0]!.fault?.remedy ?? '', /start it again/);
      assert.deepEqual(items[2], { ...before, lines: [], progress: null });
      await assert.rejects(next.cancelJob({ params: { id: ran.id } }), refusedWith('E_STATE'));
      const later = await next.startJob({ body: { kind: 'drill', seed: 4, scale: 1_000_000 } });
      assert.ok(Number(later.id.split('-')[1]) > Number(waited.id.split('-')[1]));
    } finally {
      if (killed.exitCode === null) killed.kill('SIGKILL');
      if (second !== null) await end(second);
    }
  });

  test('a job whose server is gone before the job is loaded ends too', async () => {
    const job = spawn(process.execPath, [MAIN, 'drill', '--scale=20000', `--out=${place.path('drill')}`], {
      cwd: place.folder,
      env: { ...process.env, [JOB_VARIABLE]: '1' },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    job.disconnect();
    assert.deepEqual(await once(job, 'exit'), [130, null]);
    assert.equal(existsSync(place.path('drill')), false);
  });
});
