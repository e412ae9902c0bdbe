import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import type { OpenApi } from '../../src/api/openapi.ts';
import { type Drawn, requestsOf, send } from './_fuzz.ts';
import { openStand } from './_stand.ts';

const REQUESTS = 100_000;
const WARM = 20_000;
const AT_ONCE = 16;
/** Some of what is drawn is well-formed after all, and is kept. */
const GROWTH_BYTES = 24 << 20;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('a hundred thousand malformed requests leave no memory behind', async (t) => {
  const stand = await openStand();
  const url = new URL(stand.url);
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const document = (await (await fetch(`${stand.url}/openapi.json`)).json()) as OpenApi;
  const seen = new Map<number, number>();
  const pool = fc.sample(requestsOf(document, url.host, stand.key, 5), { numRuns: 5000, seed: 7 });
  const round = async (from: number, until: number): Promise<number> => {
    let next = from;
    const one = async (): Promise<void> => {
      while (next < until) {
        const drawn: Drawn = pool[next++ % pool.length]!;
        const status = await send(agent, url, drawn);
        seen.set(status, (seen.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    collect();
    return process.memoryUsage().heapUsed;
  };
  const warm = await round(0, WARM);
  const end = await round(WARM, REQUESTS);
  agent.destroy();
  t.diagnostic(`${(warm / 1e6).toFixed(1)} MB, then ${(end / 1e6).toFixed(1)} MB; ${JSON.stringify([...seen])}`);
  assert.equal(seen.get(500) ?? 0, 0, stand.faults[0]);
  assert.deepEqual(stand.faults, []);
  assert.ok(end - warm < GROWTH_BYTES, `grew by ${end - warm} bytes`);
  await stand.close();
});
