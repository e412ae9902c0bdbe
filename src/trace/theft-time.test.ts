import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeedResult } from './result.ts';
import { theftTime } from './theft-time.ts';

const seed = (time: string): SeedResult => ({
  ...{ chain: 'eip155:1', address: '0x1', asset: 'eip155:1/slip44:60', kind: 'mark', amount: '1', sourceUnits: '1' },
  time,
});

test('a theft is of the time that its file says, else of its first seed, else of none that is known', () => {
  const [early, late] = ['2020-01-01T00:00:00Z', '2021-01-01T00:00:00Z'];
  assert.equal(theftTime({ time: late, seeds: [seed(early)] }), late);
  assert.equal(theftTime({ time: '', seeds: [seed(late), seed(early)] }), early);
  assert.equal(theftTime({ time: '', seeds: [] }), null);
});
