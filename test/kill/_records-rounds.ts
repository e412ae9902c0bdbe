import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Random, seededRandom } from '../../src/base/random.ts';
import { openRecords } from '../../src/store/open-records.ts';
import { orderKey } from '../../src/store/records.ts';
import { groupOf } from './records-child.ts';

const CHILD = fileURLToPath(new URL('records-child.js', import.meta.url));
/** Kills of one folder; then a new one, so that it stays small. */
const ROUNDS_OF_FOLDER = 20;

export interface KillCount {
  readonly acknowledged: number;
  /** Written whole, killed before they were acknowledged. */
  readonly beyond: number;
}

/** Kills a writing process so many times, and after each sees whether every acknowledged write is there, and none by half. */
export async function killWriters(rounds: number, seed: number): Promise<KillCount> {
  const random = seededRandom(seed);
  let acknowledged = 0;
  let beyond = 0;
  for (let done = 0; done < rounds; done += ROUNDS_OF_FOLDER) {
    const folder = await mkdtemp(join(tmpdir(), 'haetae-kill-'));
    try {
      const known = new Set<number>();
      for (let round = done; round < Math.min(done + ROUNDS_OF_FOLDER, rounds); round += 1) {
        const first = Math.max(-1, ...known) + 1;
        const said = await killedWriter(folder, first, random);
        const written = await wholeWrites(folder, `round ${round} of seed ${seed}`);
        for (const number of said)
          assert.ok(written.has(number), `round ${round} of seed ${seed} lost write ${number}`);
        for (const number of known)
          assert.ok(written.has(number), `round ${round} of seed ${seed} lost old write ${number}`);
        acknowledged += said.length;
        for (const number of written) known.add(number);
      }
      beyond += known.size;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return { acknowledged, beyond: beyond - acknowledged };
}

/** Numbers that the process acknowledged before it was killed: anywhere from its start on. */
async function killedWriter(folder: string, first: number, random: Random): Promise<number[]> {
  const child = spawn(process.execPath, [CHILD, 'write', folder, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  let timer: NodeJS.Timeout | undefined;
  const kill = (): void => void child.kill('SIGKILL');
  // One in eight while it opens the records; the others while it writes.
  if (random.below(8) === 0) timer = setTimeout(kill, 40 + random.below(120));
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (piece: string) => {
    text += piece;
    timer ??= setTimeout(kill, random.below(80));
  });
  const [, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on('close', (...end) => resolve(end));
  });
  clearTimeout(timer);
  assert.equal(signal, 'SIGKILL', text.slice(-300));
  const lines = text.split('\n');
  // What stands behind the last line's end was cut by the kill.
  return lines.slice(0, -1).map(Number);
}

async function wholeWrites(folder: string, where: string): Promise<Set<number>> {
  const records = await openRecords({ path: folder });
  const found = new Set<number>();
  for await (const rows of records.scan('verdict')) for (const { key } of rows) found.add(Number(key));
  for (const number of found) {
    for (const { table, value } of groupOf(number)) {
      const stored = await records.get(table, orderKey(number));
      assert.ok(
        stored !== null && value !== null && Buffer.compare(stored, value) === 0,
        `${where}: ${table} ${number}`,
      );
    }
  }
  for (const table of ['subject', 'audit'] as const)
    assert.equal(await records.count(table), found.size, `${where}: half a write in ${table}`);
  await records.close();
  return found;
}
