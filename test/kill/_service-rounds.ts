import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { verifyAudit } from '../../src/access/verify-audit.ts';
import { type Random, seededRandom } from '../../src/base/random.ts';
import { openRecords, recordsFolder } from '../../src/store/open-records.ts';
import { Workplace } from '../e2e/_cli.ts';

const MAIN = join(dirname(fileURLToPath(import.meta.url)), '../../src/main.js');
const CLIENTS = 4;
/** Kills of one store; then a new one, so that it stays small. */
const ROUNDS_OF_STORE = 50;
const START_MS = 60_000;
const AGAIN_MS = 50;

export interface ServiceKillCount {
  readonly acknowledged: number;
  /** Sound entries of the audit logs. */
  readonly entries: number;
}

interface Acknowledged {
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * Kills a server under load so many times. After each kill the audit log must verify, which compares every stored verdict with the SHA-256 that was logged;
 * after each start every verdict acknowledged in the round before must be answered with the same bytes, and after the last round all of them.
 */
export async function killServers(rounds: number, seed: number): Promise<ServiceKillCount> {
  const random = seededRandom(seed);
  const count = { acknowledged: 0, entries: 0 };
  for (let done = 0; done < rounds; done += ROUNDS_OF_STORE) {
    const place = new Workplace();
    try {
      const key = (await place.ok('key', 'create', '--role', 'analyst')).trim();
      const all: Acknowledged[] = [];
      let last: Acknowledged[] = [];
      for (let round = done; round < Math.min(done + ROUNDS_OF_STORE, rounds); round += 1) {
        const where = `round ${round} of seed ${seed}`;
        last = await killedServer(place, key, random, last, where);
        all.push(...last);
        await requireSoundLog(place, where);
      }
      const server = await startServer(place);
      await requireSame(server.url, key, all, `seed ${seed}`);
      await stopServer(server);
      count.acknowledged += all.length;
      count.entries += await requireSoundLog(place, `seed ${seed}, after an orderly end`);
    } finally {
      place.remove();
    }
  }
  return count;
}

/** What the server acknowledged before it was killed. */
async function killedServer(
  place: Workplace,
  key: string,
  random: Random,
  before: readonly Acknowledged[],
  where: string,
): Promise<Acknowledged[]> {
  // One in ten while it starts.
  if (random.below(10) === 0) await killedStart(place, random);
  const server = await startServer(place);
  await requireSame(server.url, key, before, where);
  const acknowledged: Acknowledged[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const state = { stopped: false };
  const client = async (): Promise<void> => {
    while (!state.stopped) {
      const answer = await ask(server.url, key, agent, 'POST', '/v1/screen/address', questionOf(random)).catch(
        () => null,
      );
      // The kill may come before, in or after an answer: only a whole one acknowledges.
      if (answer === null) return;
      // A server that sheds acknowledges nothing.
      if (answer.status === 503) {
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
        continue;
      }
      assert.equal(answer.status, 200, `${where}: ${answer.body.toString()}`);
      acknowledged.push({ id: (JSON.parse(answer.body.toString()) as { id: string }).id, bytes: answer.body });
    }
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, client));
  await new Promise((resolve) => setTimeout(resolve, 5 + random.below(250)));
  server.child.kill('SIGKILL');
  await ended(server.child);
  state.stopped = true;
  await clients;
  agent.destroy();
  return acknowledged;
}

async function killedStart(place: Workplace, random: Random): Promise<void> {
  const child = spawnServer(place);
  await new Promise((resolve) => setTimeout(resolve, 100 + random.below(900)));
  child.kill('SIGKILL');
  await ended(child);
}

/** One in three with a customer. */
function questionOf(random: Random): string {
  const address = `0x${random
    .below(2 ** 32)
    .toString(16)
    .padStart(8, '0')
    .repeat(5)}`;
  const customer = random.below(3) === 0 ? { customer: `customer ${random.below(50)}` } : {};
  return JSON.stringify({ chain: 'eip155:1', address, ...customer });
}

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
}

function spawnServer(place: Workplace): ChildProcess {
  const env = { ...process.env, HAETAE_DB: place.db, HOME: place.folder };
  return spawn(process.execPath, [MAIN, 'serve', '--port', '0', '--quiet'], {
    cwd: place.folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export async function startServer(place: Workplace): Promise<Started> {
  const child = spawnServer(place);
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the server does not start: ${said}`)), START_MS);
    const hear = (piece: Buffer): void => {
      said += String(piece);
      const heard = /listening on (http:\/\/\S+)\n/.exec(said);
      if (heard === null) return;
      clearTimeout(timer);
      resolve(heard[1]!);
    };
    child.stdout!.on('data', hear);
    child.stderr!.on('data', hear);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the server ended with ${code}: ${said}`));
    });
  });
  return { child, url };
}

export async function stopServer({ child }: Started): Promise<void> {
  child.kill('SIGTERM');
  await ended(child);
  assert.equal(child.exitCode, 0, 'an orderly end');
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('exit', resolve));
}

async function requireSame(url: string, key: string, verdicts: readonly Acknowledged[], where: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  for (const { id, bytes } of verdicts) {
    const { status, body } = await askUntilHeard(url, key, agent, `/v1/verdicts/${id}`);
    assert.equal(status, 200, `${where}: ${id} is lost`);
    assert.ok(body.equals(bytes), `${where}: ${id} is not what was answered`);
  }
  agent.destroy();
}

/** On a busy machine the server may shed for a while. */
async function askUntilHeard(url: string, key: string, agent: Agent, path: string): ReturnType<typeof ask> {
  const until = Date.now() + START_MS;
  for (;;) {
    const answer = await ask(url, key, agent, 'GET', path);
    if (answer.status !== 503 || Date.now() > until) return answer;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

export async function requireSoundLog(place: Workplace, where: string): Promise<number> {
  const records = await openRecords({ path: recordsFolder(place.db), readOnly: true });
  const { ok, firstFault, entries } = await verifyAudit(records);
  await records.close();
  assert.ok(ok, `${where}: ${JSON.stringify(firstFault)}`);
  return entries;
}

function ask(
  url: string,
  key: string,
  agent: Agent,
  method: string,
  path: string,
  body?: string,
): Promise<{ readonly status: number; readonly body: Buffer }> {
  const headers = {
    authorization: `Bearer ${key}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method, headers, agent }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('error', reject);
      answer.on('close', () => {
        if (answer.complete) resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(pieces) });
        else reject(new Error('the answer was cut off'));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
