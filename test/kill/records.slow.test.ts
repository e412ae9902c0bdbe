import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killWriters } from './_records-rounds.ts';

test('1,000 kills of a process that writes: every acknowledged write is there, none by half', async (t) => {
  const { acknowledged, beyond } = await killWriters(1000, Date.now() % 2 ** 31);
  t.diagnostic(`${acknowledged} writes acknowledged, ${beyond} more on disk`);
  assert.ok(acknowledged > 5000);
});
