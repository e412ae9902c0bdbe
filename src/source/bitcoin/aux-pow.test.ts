import assert from 'node:assert/strict';
import { scryptSync } from 'node:crypto';
import { suite, test } from 'node:test';
import { requireChain } from '../../model/chain.ts';
import {
  compactSize,
  doubleSha,
  little,
  type MadeTransaction,
  makeBlock,
  makeCoinbase,
  rootOf,
  serialize,
  txidOf,
} from './_fixture.ts';
import { chainSlot } from './aux-pow.ts';
import { decodeBlock } from './block.ts';
import { rulesOf } from './rules.ts';

const SOURCE = { name: 'test' };
const DOGE = 0x62;
/** Dogecoin's rules, but for a target that a test can reach. */
const RULES = { ...rulesOf(requireChain('dogecoin')), easiest: (1n << 255n) - 1n, floor: null };
const HEIGHT = 2_000_000;
const P2PKH = `76a914${'11'.repeat(20)}88ac`;
const NONCE = 7;
const TREE = 2;

interface Plan {
  readonly chain?: number;
  readonly parentVersion?: number;
  readonly mark?: string;
  readonly size?: number;
  readonly slot?: number;
  readonly index?: number;
  /** Names this root and not ours. */
  readonly root?: Buffer;
  readonly proved?: boolean;
  readonly before?: string;
}

/** A block merged-mined as Dogecoin Core's CAuxPow describes it, with one other chain in the tree beside each node of the branch. */
function mergedBlock(plan: Plan = {}): { readonly bytes: Buffer; readonly hash: string; readonly parentAt: number } {
  const coinbase = makeCoinbase(HEIGHT, P2PKH, []);
  const version = ((plan.chain ?? DOGE) << 16) | 0x100 | 4;
  const plain = makeBlock({ transactions: [coinbase], version });
  const header = plain.bytes.subarray(0, 80);
  const slot = plan.slot ?? chainSlot(NONCE, DOGE, TREE);
  const branch = ['aa', 'bb'].map((byte) => Buffer.from(byte.repeat(32), 'hex'));
  const named = plan.root ?? branchOver(doubleSha(header), branch, slot);
  const script = Buffer.concat([
    Buffer.from(plan.before ?? '03123456', 'hex'),
    Buffer.from(plan.mark ?? 'fabe6d6d', 'hex'),
    Buffer.from(named).reverse(),
    little(plan.size ?? 2 ** TREE, 4),
    little(NONCE, 4),
  ]);
  const parentCoinbase: MadeTransaction = {
    inputs: [{ tx: '00'.repeat(32), index: 0xffffffff, script: script.toString('hex') }],
    outputs: [{ value: 1n, script: P2PKH }],
  };
  const neighbour = 'cd'.repeat(32);
  const parent = mine(
    plan.parentVersion ?? 0x20000000,
    rootOf([txidOf(parentCoinbase), neighbour]),
    plan.proved ?? true,
  );
  const proof = Buffer.concat([
    serialize(parentCoinbase),
    Buffer.alloc(32),
    compactSize(1),
    Buffer.from(neighbour, 'hex').reverse(),
    little(plan.index ?? 0, 4),
    compactSize(TREE),
    ...branch,
    little(slot, 4),
    parent,
  ]);
  const bytes = Buffer.concat([header, proof, plain.bytes.subarray(80)]);
  return { bytes, hash: plain.hash, parentAt: proof.length };
}

function branchOver(leaf: Buffer, branch: readonly Buffer[], slot: number): Buffer {
  return branch.reduce(
    (hash, other, level) => doubleSha(Buffer.concat((slot >> level) % 2 === 1 ? [other, hash] : [hash, other])),
    leaf,
  );
}

function mine(version: number, root: Buffer, proved: boolean): Buffer {
  for (let nonce = 0; ; nonce++) {
    const parts = [little(version, 4), Buffer.alloc(32), root, little(1_700_000_000, 4), little(0x1d00ffff, 4)];
    const header = Buffer.concat([...parts, little(nonce, 4)]);
    const work = scryptSync(header, header, 32, { N: 1024, r: 1, p: 1 });
    if (work[31]! < 0x7f === proved) return header;
  }
}

function decode(made: { readonly bytes: Buffer; readonly hash: string }) {
  return decodeBlock(made.bytes, { hash: made.hash, number: BigInt(HEIGHT) }, RULES, SOURCE);
}

suite('merged mining', () => {
  test('a block proved by the work on another chain', () => {
    const made = mergedBlock();
    const { block } = decode(made);
    assert.equal(block.ref.hash, made.hash);
    assert.equal(block.transactions.length, 1);
    // Before the mark was in use, the root stood near the start of the script.
    decode(mergedBlock({ mark: '' }));
  });

  test('slots of the tree, by the formula of Dogecoin Core in whole numbers', () => {
    for (const [nonce, chain, height] of [
      [0, 0x62, 0],
      [7, 0x62, 2],
      [0xffffffff, 0x62, 30],
      [123456789, 1, 5],
    ] as const) {
      const first = (BigInt(nonce) * 1103515245n + 12345n + BigInt(chain)) & 0xffffffffn;
      const slot = ((first * 1103515245n + 12345n) & 0xffffffffn) % (1n << BigInt(height));
      assert.equal(BigInt(chainSlot(nonce, chain, height)), slot);
    }
  });

  const lies: Record<string, Plan> = {
    'no work on the parent': { proved: false },
    'the block of another chain': { chain: 0x63 },
    'a parent of the same chain': { parentVersion: 0x620004 },
    'a coinbase that names another block': { root: Buffer.alloc(32, 9) },
    'a tree of another size': { size: 8 },
    'another slot': { slot: (chainSlot(NONCE, DOGE, TREE) + 1) % 4 },
    'not the coinbase of the parent': { index: 1 },
    'two marks': { before: 'fabe6d6d00' },
    'no mark, and far from the start': { mark: '', before: '00'.repeat(30) },
  };
  for (const [name, plan] of Object.entries(lies)) {
    test(`${name} is refused`, () => {
      assert.throws(
        () => decode(mergedBlock(plan)),
        (error: { code?: string; context?: Record<string, string> }) => {
          assert.equal(error.code, 'E_SOURCE_LIES');
          assert.equal(error.context?.field, 'proofOfWork', String(error));
          return true;
        },
      );
    });
  }

  test('every byte before the parent header is covered, but for the hash that nothing reads', () => {
    const made = mergedBlock();
    const unread = made.bytes.indexOf(Buffer.concat([Buffer.alloc(32), Buffer.from([1]), Buffer.alloc(32, 0xcd)]));
    assert.ok(unread > 80 && unread < made.parentAt);
    for (let at = 80; at < made.parentAt; at++) {
      if (at >= unread && at < unread + 32) continue;
      const bytes = Buffer.from(made.bytes);
      bytes[at]! ^= 0x10;
      assert.throws(() => decode({ bytes, hash: made.hash }), { code: 'E_SOURCE_LIES' }, `byte ${at}`);
    }
  });
});
