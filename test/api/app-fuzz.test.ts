import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { type App, openApp } from '../../src/api/app.ts';
import { createClient } from '../../src/api/client.ts';
import { NO_SOURCES } from '../../src/api/jobs/job-sources.ts';
import type { OpenApi } from '../../src/api/openapi.ts';
import { SILENT } from '../../src/base/progress.ts';
import { type Drawn, requestsOf, send } from './_fuzz.ts';

const REQUESTS = 2000;
const RONIN_THIEF = '0x098B716B8Aaf21512996dC57EB0615e2383E2f96';
const BYSTANDER = '0x00000000219ab540356cBB839Cbe05303d7705Fa';

/** One of everything that has an id, so that requests reach past "there is none". Ids by the part of the path before them. */
async function furnish(app: App): Promise<ReadonlyMap<string, readonly string[]>> {
  const client = createClient({ url: app.url, key: app.token });
  const label = {
    chain: 'ethereum',
    address: RONIN_THIEF,
    category: 'sanctioned' as const,
    label: 'Lazarus',
    confidence: 'authority_data' as const,
  };
  const own = await client.addLabel({ body: label });
  const transfer = {
    chain: 'ethereum',
    asset: 'ETH',
    direction: 'deposit' as const,
    address: RONIN_THIEF,
    amount: '3',
  };
  await client.screenTransfer({ body: transfer });
  await client.screenTransfer({ body: { ...transfer, customer: 'kim' } });
  const lines: string[] = [];
  for await (const line of client.screenBatch({ body: { chain: 'ethereum', addresses: [RONIN_THIEF, BYSTANDER] } }))
    if (typeof line.id === 'string') lines.push(line.id);
  const alerts = await client.listAlerts({ query: {} });
  const verdicts = await client.listVerdicts({ query: {} });
  const opened = await client.createCase({ body: { title: 'fuzzed', alerts: [] } });
  const rules = await client.listRules();
  const key = await client.createKey({ body: { role: 'viewer' } });
  const upload = await client.beginUpload({ body: { name: 'a.csv', bytes: 12 } });
  const job = await client.startJob({ body: { kind: 'drill', seed: 1, scale: 1000 } });
  const idsOf = (items: readonly { readonly id: string }[]): string[] => items.map(({ id }) => id);
  return new Map([
    ['alerts', idsOf(alerts.items)],
    ['verdicts', [...idsOf(verdicts.items), ...lines]],
    ['cases', [opened.id]],
    ['uploads', [upload.id]],
    ['jobs', [job.id]],
    ['own', [own.id]],
    ['keys', [key.key.id]],
    ['rules', rules.items.map(({ hash }) => hash)],
  ]);
}

/** With an id that there is, where the path takes one. */
function aimed(drawn: Drawn, ids: ReadonlyMap<string, readonly string[]>, pick: number): Drawn {
  const path = drawn.path.replace(
    /^(\/v1\/(?:labels\/)?(\w+)\/)([^/?]+)/,
    (all, before: string, kind: string, id: string) => {
      const known = ids.get(kind);
      if (known === undefined || known.length === 0 || ['back-test', 'own.csv'].includes(id)) return all;
      return before + known[pick % known.length]!;
    },
  );
  return { ...drawn, path };
}

test('the whole service over a store on disk has no fault of its own, whatever is sent to any route', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'haetae-fuzz-'));
  const faults: string[] = [];
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', onRejection);
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const app = await openApp({
    database: join(folder, 'store.duckdb'),
    host: '127.0.0.1',
    port: 0,
    twoPersons: false,
    organisation: { name: 'Desk', contact: 'desk@desk.example' },
    // Each job is a process that ends at once.
    jobs: { entry: join(folder, 'no-such-program.js'), sources: NO_SOURCES },
    software: '0',
    progress: SILENT,
    log: (line) => faults.push(line),
  });
  try {
    const ids = await furnish(app);
    const url = new URL(app.url);
    const document = (await (await fetch(`${app.url}/openapi.json`)).json()) as OpenApi;
    const seen = new Map<number, number>();
    const drawn = fc
      .constantFrom(9, 7)
      .chain((soundness) => fc.tuple(requestsOf(document, url.host, app.token, soundness), fc.nat({ max: 9 })));
    await fc.assert(
      fc.asyncProperty(drawn, async ([request, pick]) => {
        const status = await send(agent, url, pick < 7 ? aimed(request, ids, pick) : request);
        seen.set(status, (seen.get(status) ?? 0) + 1);
        assert.ok(status !== 500 && status !== 0, `${status}\n${faults.join('\n')}`);
      }),
      { numRuns: REQUESTS },
    );
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(rejections, []);
    assert.deepEqual(faults, []);
    for (const status of [200, 400, 404]) assert.ok((seen.get(status) ?? 0) > 0, `some were answered ${status}`);
  } finally {
    agent.destroy();
    await app.close();
    process.off('unhandledRejection', onRejection);
    await rm(folder, { recursive: true });
  }
});
