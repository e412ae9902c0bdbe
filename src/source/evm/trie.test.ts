import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import * as Hash from 'ox/Hash';
import * as Rlp from 'ox/Rlp';
import { bytesHex } from './rlp.ts';
import { EMPTY_TRIE_ROOT, orderedTrieRoot } from './trie.ts';

type Hex = `0x${string}`;

/** The definition of the Yellow Paper, appendix D, word for word and slowly: c(J, i) over a map of paths to values. */
function definedRoot(values: readonly Hex[]): string {
  const map = new Map(values.map((value, index) => [Rlp.fromHex(indexHex(index)).slice(2), value]));
  return map.size === 0 ? EMPTY_TRIE_ROOT : Hash.keccak256(Rlp.fromHex(node(map, 0)));
}

type Node = Hex | readonly Node[];

function node(map: ReadonlyMap<string, Hex>, depth: number): Node {
  const paths = [...map.keys()];
  if (paths.length === 1) return [prefix(paths[0]!.slice(depth), true), map.get(paths[0]!)!];
  let shared = depth;
  while (paths.every((path) => path[shared] !== undefined && path[shared] === paths[0]![shared])) shared += 1;
  if (shared > depth) return [prefix(paths[0]!.slice(depth, shared), false), child(map, shared)];
  const children = [...'0123456789abcdef'].map((nibble) => {
    const below = new Map([...map].filter(([path]) => path[depth] === nibble));
    return below.size === 0 ? '0x' : child(below, depth + 1);
  });
  return [...children, [...map].find(([path]) => path.length === depth)?.[1] ?? '0x'];
}

function child(map: ReadonlyMap<string, Hex>, depth: number): Node {
  const made = node(map, depth);
  const encoded = Rlp.fromHex(made);
  return encoded.length < 2 + 64 ? made : Hash.keccak256(encoded);
}

function prefix(path: string, leaf: boolean): Hex {
  const flag = leaf ? 2 : 0;
  return path.length % 2 === 1 ? `0x${flag + 1}${path}` : `0x${flag}0${path}`;
}

function indexHex(index: number): Hex {
  const digits = index === 0 ? '' : index.toString(16);
  return `0x${digits.length % 2 === 0 ? digits : `0${digits}`}`;
}

suite('the ordered Merkle-Patricia trie', () => {
  test('of nothing', () => {
    assert.equal(orderedTrieRoot([]), EMPTY_TRIE_ROOT);
  });

  test('equals its definition at every number of entries around the changes of key length', () => {
    for (const count of [1, 2, 3, 15, 16, 17, 127, 128, 129, 130, 255, 256, 257, 400]) {
      const values = Array.from({ length: count }, (_, i) => Buffer.alloc(1 + ((i * 7) % 90), i));
      assert.equal(orderedTrieRoot(values), definedRoot(values.map((value) => bytesHex(value) as Hex)), `${count}`);
    }
  });

  test('equals its definition for values of any length: short nodes stand in their parent', () => {
    const value = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 4 }),
      fc.uint8Array({ minLength: 20, maxLength: 60 }),
    );
    fc.assert(
      fc.property(fc.array(value, { maxLength: 160 }), (values) => {
        assert.equal(orderedTrieRoot(values), definedRoot(values.map((each) => bytesHex(each) as Hex)));
      }),
      { numRuns: 60 },
    );
  });

  test('another order, another root', () => {
    const values = [Buffer.from('first'), Buffer.from('second'), Buffer.from('third')];
    assert.notEqual(orderedTrieRoot(values), orderedTrieRoot([...values].reverse()));
  });
});
