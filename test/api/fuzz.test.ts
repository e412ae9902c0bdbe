import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { test } from 'node:test';
import fc from 'fast-check';
import type { OpenApi } from '../../src/api/openapi.ts';
import { requestsOf, send } from './_fuzz.ts';
import { openStand } from './_stand.ts';

for (const soundness of [9, 6]) {
  test(`whatever is sent to any route, the answer is no fault of the server (${soundness} parts of ten sound)`, async () => {
    const stand = await openStand();
    const url = new URL(stand.url);
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const document = (await (await fetch(`${stand.url}/openapi.json`)).json()) as OpenApi;
    const seen = new Map<number, number>();
    const rejections: unknown[] = [];
    const onRejection = (reason: unknown): void => void rejections.push(reason);
    process.on('unhandledRejection', onRejection);
    try {
      await fc.assert(
        fc.asyncProperty(requestsOf(document, url.host, stand.key, soundness), async (drawn) => {
          const status = await send(agent, url, drawn);
          seen.set(status, (seen.get(status) ?? 0) + 1);
          assert.ok(status !== 500 && status !== 0, `${status}\n${stand.faults.join('\n')}`);
        }),
        { numRuns: 1500 },
      );
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(rejections, []);
      assert.deepEqual(stand.faults, []);
      assert.ok((seen.get(200) ?? 0) > 0, 'some were answered');
      assert.equal(stand.server.load.inFlight, 0);
    } finally {
      process.off('unhandledRejection', onRejection);
      agent.destroy();
      await stand.close();
    }
  });
}
