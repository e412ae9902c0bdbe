import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import * as Rlp from 'ox/Rlp';
import { keccakHex, selectorOf, signatureHash } from './keccak.ts';
import { bytesHex, encodeRlp, encodeTyped, hexBytes, type RlpItem, rlpNumber } from './rlp.ts';

suite('RLP', () => {
  test('the examples of the Ethereum documentation', () => {
    const hex = (item: RlpItem): string => bytesHex(encodeRlp(item));
    const dog = Buffer.from('dog');
    assert.equal(hex(dog), '0x83646f67');
    assert.equal(hex([Buffer.from('cat'), dog]), '0xc88363617483646f67');
    assert.equal(hex('0x'), '0x80');
    assert.equal(hex([]), '0xc0');
    assert.equal(hex('0x0f'), '0x0f');
    assert.equal(hex('0x0400'), '0x820400');
    assert.equal(hex([[], [[]], [[], [[]]]]), '0xc7c0c1c0c3c0c1c0');
    const long = 'Lorem ipsum dolor sit amet, consectetur adipisicing elit';
    assert.equal(hex(Buffer.from(long)), `0xb838${Buffer.from(long).toString('hex')}`);
  });

  test('numbers have no leading zeros, and zero no byte', () => {
    assert.deepEqual(['0x0', '0x00', '0xf', '0x00f', '0x1a4', '0x01a4'].map(rlpNumber), [
      '0x',
      '0x',
      '0x0f',
      '0x0f',
      '0x01a4',
      '0x01a4',
    ]);
  });

  test('as ox encodes, at every size of head, as bytes and as hex', () => {
    const leaf = fc.oneof(
      fc.uint8Array({ maxLength: 3 }),
      fc.uint8Array({ minLength: 53, maxLength: 60 }),
      fc.integer({ min: 250, max: 70_000 }).map((length) => new Uint8Array(length).fill(7)),
    );
    const { tree } = fc.letrec<{ tree: RlpItem }>((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, leaf, leaf.map(bytesHex), fc.array(tie('tree'), { maxLength: 4 })),
    }));
    fc.assert(
      fc.property(tree, (item) => {
        assert.equal(bytesHex(encodeRlp(item)), Rlp.fromHex(toHex(item)));
        assert.equal(bytesHex(encodeTyped(2, item)), `0x02${Rlp.fromHex(toHex(item)).slice(2)}`);
      }),
      { numRuns: 200 },
    );
  });

  test('half a byte is a fault of ours, never a shorter item', () => {
    assert.throws(() => encodeRlp('0x123g'), /even number/);
  });
});

type HexTree = `0x${string}` | readonly HexTree[];

function toHex(item: RlpItem): HexTree {
  if (Array.isArray(item)) return (item as readonly RlpItem[]).map(toHex);
  return (typeof item === 'string' ? item : bytesHex(item as Uint8Array)) as `0x${string}`;
}

suite('keccak-256', () => {
  test('of nothing, and of names that everyone knows', () => {
    assert.equal(keccakHex(new Uint8Array()), '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470');
    assert.equal(keccakHex(hexBytes('0x80')), '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421');
    assert.equal(
      signatureHash('Transfer(address,address,uint256)'),
      '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
    );
    assert.equal(selectorOf('transfer(address,uint256)'), '0xa9059cbb');
  });
});
