import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuditLog } from '../access/audit-log.ts';
import { openRecords } from '../store/open-records.ts';
import { Idempotency } from './idempotency.ts';

const DAY = 24 * 3_600_000;

test('a key that is used again while old ones are swept out keeps its new answer', async () => {
  const records = await openRecords({ path: ':memory:' });
  const idempotency = new Idempotency(records, await AuditLog.open(records, Date.now));
  let acts = 0;
  const answer = (key: string, atMs: number): Promise<boolean> =>
    idempotency
      .answer({ principal: 'p', key, sha256: key, atMs }, async () => Buffer.from(`act ${++acts}`))
      .then(({ again }) => again);
  try {
    for (const key of ['used', 'left']) await answer(key, 0);
    const [again, removed] = await Promise.all([answer('used', 3 * DAY), idempotency.sweep(3 * DAY)]);
    assert.deepEqual([again, removed], [false, 1]);
    assert.equal(await answer('used', 3 * DAY + 1), true);
    assert.equal(await idempotency.sweep(3 * DAY), 0);
    assert.equal(await answer('left', 3 * DAY), false);
    assert.equal(acts, 4);
  } finally {
    await records.close();
  }
});
