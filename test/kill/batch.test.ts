import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killBatches } from './_batch-rounds.ts';

test('6 kills of a server in the middle of batches: each key stands for one batch, sent again it gives the lines that were answered', async (t) => {
  const { whole, broken } = await killBatches(6, Date.now() % 2 ** 31);
  t.diagnostic(`${whole} batches answered whole, ${broken} broken off`);
  assert.ok(whole >= 6 && broken >= 6);
});
