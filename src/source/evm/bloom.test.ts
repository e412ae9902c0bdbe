import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import * as Bloom from 'ox/Bloom';
import { EMPTY_BLOOM, joinBlooms, logsBloom } from './bloom.ts';
import { bytesHex } from './rlp.ts';

const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(bytesHex);
const topic = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytesHex);
const log = fc.record({ address, topics: fc.array(topic, { maxLength: 4 }) });

suite('logs bloom', () => {
  test('of no logs is empty', () => {
    assert.equal(logsBloom([]), EMPTY_BLOOM);
    assert.equal(joinBlooms([]), EMPTY_BLOOM);
  });

  test('holds, as ox reads it, every address and topic; and exactly three bits for one of them', () => {
    fc.assert(
      fc.property(fc.array(log, { minLength: 1, maxLength: 5 }), (logs) => {
        const bloom = logsBloom(logs) as `0x${string}`;
        for (const each of logs) {
          for (const item of [each.address, ...each.topics]) {
            assert.ok(Bloom.contains(bloom, item as `0x${string}`));
          }
        }
        const one = BigInt(logsBloom([{ address: logs[0]!.address, topics: [] }]));
        const bits = [...one.toString(2)].filter((bit) => bit === '1').length;
        assert.ok(bits >= 1 && bits <= 3);
      }),
    );
  });

  test('of several receipts is the join of theirs', () => {
    fc.assert(
      fc.property(fc.array(fc.array(log, { maxLength: 3 }), { maxLength: 4 }), (receipts) => {
        assert.equal(joinBlooms(receipts.map(logsBloom)), logsBloom(receipts.flat()));
      }),
    );
  });
});
