import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '../../src/api/client.ts';
import { HaetaeError } from '../../src/base/errors.ts';
import { type Random, seededRandom } from '../../src/base/random.ts';
import { openRecords, recordsFolder } from '../../src/store/open-records.ts';
import { Workplace } from '../e2e/_cli.ts';
import { ended, requireSoundLog, startServer, stopServer } from './_service-rounds.ts';

const CLIENTS = 2;
const THIEF = '0x098b716b8aaf21512996dc57eb0615e2383e2f96';
const GENESIS = '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa';

export interface BatchKillCount {
  /** Answered to the last line before the kill. */
  readonly whole: number;
  readonly broken: number;
}

interface Asked {
  readonly key: string;
  readonly lines: string;
  /** As answered; null: broken off. */
  answer: string | null;
}

/**
 * Kills a server in the middle of batches so many times. After each start what was sent before is sent again: what was answered must be answered the same, and
 * in the end there must be one batch for each chain of each request and one verdict for each line that has one, no more and no fewer.
 */
export async function killBatches(rounds: number, seed: number): Promise<BatchKillCount> {
  const random = seededRandom(seed);
  const place = new Workplace();
  const all: Asked[] = [];
  let last: Asked[] = [];
  let broken = 0;
  try {
    const key = (await place.ok('key', 'create', '--role', 'analyst')).trim();
    for (let round = 0; round < rounds; round += 1) {
      const server = await startServer(place);
      if (round === 0) await labelThief(server.url, key);
      else broken += await sendAgain(server.url, key, last, `round ${round} of seed ${seed}`);
      const own: Asked[] = [];
      const clients = Promise.all(Array.from({ length: CLIENTS }, () => sendUntilKilled(server.url, key, random, own)));
      while (!own.some(({ answer }) => answer !== null)) await Promise.race([pause(5), clients.then(neverAnswered)]);
      await pause(random.below(200));
      server.child.kill('SIGKILL');
      await ended(server.child);
      await clients;
      all.push(...own);
      last = own;
    }
    const server = await startServer(place);
    broken += await sendAgain(server.url, key, last, `the last round of seed ${seed}`);
    await sendAgain(server.url, key, all, `seed ${seed}, at the end`);
    await stopServer(server);
    await requireOneOfEach(place, all.length, `seed ${seed}`);
    return { whole: all.length - broken, broken };
  } finally {
    place.remove();
  }
}

async function labelThief(url: string, key: string): Promise<void> {
  await createClient({ url, key }).addLabel({
    body: { chain: 'ethereum', address: THIEF, category: 'sanctioned', label: 'x', confidence: 'authority_data' },
  });
}

async function sendUntilKilled(url: string, key: string, random: Random, own: Asked[]): Promise<void> {
  for (;;) {
    const asked = { key: `k-${random.below(2 ** 32)}-${random.below(2 ** 32)}`, lines: linesOf(random), answer: null };
    own.push(asked);
    const answer = await send(url, key, asked).catch(() => null);
    if (answer === null) return;
    Object.assign(asked, { answer });
  }
}

/** Two chains, one line with a verdict of its own, two bad ones. */
function linesOf(random: Random): string {
  const lines = Array.from(
    { length: 200 + random.below(1000) },
    () =>
      `"0x${random
        .below(2 ** 32)
        .toString(16)
        .padStart(8, '0')
        .repeat(5)}"`,
  );
  lines.splice(
    random.below(100),
    0,
    `"${THIEF}"`,
    '"nonsense"',
    'no json',
    `{"chain":"bitcoin","address":"${GENESIS}"}`,
  );
  return lines.join('\n');
}

function neverAnswered(): never {
  throw new Error('the server went away by itself');
}

/** On a busy machine the server may shed for a while. */
async function send(url: string, key: string, asked: Asked): Promise<string> {
  for (;;) {
    try {
      return await sendOnce(url, key, asked);
    } catch (error) {
      if (!(error instanceof HaetaeError) || error.code !== 'E_BUSY') throw error;
      await pause(50);
    }
  }
}

async function sendOnce(url: string, key: string, { key: idempotencyKey, lines }: Asked): Promise<string> {
  let text = '';
  const query = { chain: 'ethereum' };
  for await (const line of createClient({ url, key }).screenBatch({ query, lines }, { idempotencyKey }))
    text += `${JSON.stringify(line)}\n`;
  return text;
}

/** How many of them had no answer before. */
async function sendAgain(url: string, key: string, all: readonly Asked[], where: string): Promise<number> {
  let broken = 0;
  for (const asked of all) {
    const answer = await send(url, key, asked);
    if (asked.answer === null) broken += 1;
    else assert.ok(answer === asked.answer, `${where}: ${asked.key} is answered otherwise`);
    asked.answer = answer;
  }
  return broken;
}

async function requireOneOfEach(place: Workplace, requests: number, where: string): Promise<void> {
  await requireSoundLog(place, where);
  const records = await openRecords({ path: recordsFolder(place.db), readOnly: true });
  const [batches, verdicts] = await Promise.all([records.count('batch'), records.count('verdict')]);
  await records.close();
  assert.deepEqual([batches, verdicts], [2 * requests, requests], where);
}
