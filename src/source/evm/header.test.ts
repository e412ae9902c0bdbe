import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { HaetaeError } from '../../base/errors.ts';
import { EMPTY_BLOOM } from './bloom.ts';
import { EMPTY_UNCLES } from './header.ts';
import { parseRawHeader } from './raw.ts';
import { EMPTY_TRIE_ROOT } from './trie.ts';
import { verifyHeader } from './verify.ts';

/** Blocks 0 and 1 of Ethereum, as every node gives them. */
const EMPTY = {
  sha3Uncles: EMPTY_UNCLES,
  transactionsRoot: EMPTY_TRIE_ROOT,
  receiptsRoot: EMPTY_TRIE_ROOT,
  logsBloom: EMPTY_BLOOM,
  gasLimit: '0x1388',
  gasUsed: '0x0',
  uncles: [],
};
const GENESIS = {
  ...EMPTY,
  number: '0x0',
  hash: '0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3',
  parentHash: `0x${'0'.repeat(64)}`,
  miner: `0x${'0'.repeat(40)}`,
  stateRoot: '0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544',
  difficulty: '0x400000000',
  timestamp: '0x0',
  extraData: '0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa',
  mixHash: `0x${'0'.repeat(64)}`,
  nonce: '0x0000000000000042',
};
const FIRST = {
  ...EMPTY,
  number: '0x1',
  hash: '0x88e96d4537bea4d9c05d12549907b32561d3bf31f45aae734cdc119f13406cb6',
  parentHash: GENESIS.hash,
  miner: '0x05a56e2d52c817161883f50c441c3228cfe54d9f',
  stateRoot: '0xd67e4d450343046425ae4271474353857ab860dbc0a1dde64b41b5cd3a532bf3',
  difficulty: '0x3ff800000',
  timestamp: '0x55ba4224',
  extraData: '0x476574682f76312e302e302f6c696e75782f676f312e342e32',
  mixHash: '0x969b900de27b6ac6a67742365dd65f55a0526c41fd18e1b16f1a1215c2e66f59',
  nonce: '0x539bd4979fef1ec4',
};

/** The block of the first transaction ever, and the first of London (its base fee is one gwei). */
const BLOCK_46147 = {
  ...EMPTY,
  number: '0xb443',
  hash: '0x4e3a3754410177e6937ef1f84bba68ea139e8d1a2258c5f85db9f1cd715a1bdd',
  parentHash: '0x5a41d0e66b4120775176c09fcf39e7c0520517a13d2b57b18d33d342df038bfc',
  miner: '0xe6a7a1d47ff21b6321162aea7c6cb457d5476bca',
  stateRoot: '0x0e0df2706b0a4fb8bd08c9246d472abbe850af446405d9eba1db41db18b4a169',
  transactionsRoot: '0x4513310fcb9f6f616972a3b948dc5d547f280849a87ebb5af0191f98b87be598',
  receiptsRoot: '0xfe2bf2a941abf41d72637e5b91750332a30283efd40c424dc522b77e6f0ed8c4',
  difficulty: '0x153886c1bbd',
  gasLimit: '0x520b',
  gasUsed: '0x5208',
  timestamp: '0x55c42659',
  extraData: '0x657468706f6f6c2e6f7267',
  mixHash: '0xb48c515a9dde8d346c3337ea520aa995a4738bb595495506125449c1149d6cf4',
  nonce: '0xba4f8ecd18aab215',
};
const BLOCK_12965000 = {
  ...EMPTY,
  number: '0xc5d488',
  hash: '0x9b83c12c69edb74f6c8dd5d052765c1adf940e320bd1291696e6fa07829eee71',
  parentHash: '0x3de6bb3849a138e6ab0b83a3a00dc7433f1e83f7fd488e4bba78f2fe2631a633',
  miner: '0x7777788200b672a42421017f65ede4fc759564c8',
  stateRoot: '0x41cf6e8e60fd087d2b00360dc29e5bfb21959bce1f4c242fd1ad7c4da968eb87',
  transactionsRoot: '0xdfcb68d3a3c41096f4a77569db7956e0a0e750fad185948e54789ea0e51779cb',
  receiptsRoot: '0x8a8865cd785e2e9dfce7da83aca010b10b9af2abbd367114b236f149534c821d',
  logsBloom:
    '0x24e74ad77d9a2b27bdb8f6d6f7f1cffdd8cfb47fdebd433f011f7dfcfbb7db638fadd5ff66ed134ede2879ce61149797fbcdf7b74f6b7de153ec61bdaffeeb7b59c3ed771a2fe9eaed8ac70e335e63ff2bfe239eaff8f94ca642fdf7ee5537965be99a440f53d2ce057dbf9932be9a7b9a82ffdffe4eeee1a66c4cfb99fe4540fbff936f97dde9f6bfd9f8cefda2fc174d23dfdb7d6f7dfef5f754fe6a7eec92efdbff779b5feff3beafebd7fd6e973afebe4f5d86f3aafb1f73bf1e1d0cdd796d89827edeffe8fb6ae6d7bf639ec5f5ff4c32f31f6b525b676c7cdf5e5c75bfd5b7bd1928b6f43aac7fa0f6336576e5f7b7dfb9e8ebbe6f6efe2f9dfe8b3f56',
  difficulty: '0x1b81c1fe05b218',
  gasLimit: '0x1ca3542',
  gasUsed: '0x1ca2629',
  timestamp: '0x610bdaa6',
  extraData: '0x68747470733a2f2f7777772e6b7279707465782e6f7267',
  mixHash: '0x9620b46a81a4795cf4449d48e3270419f58b09293a5421205f88179b563f815a',
  nonce: '0xb223da049adf2216',
  baseFeePerGas: '0x3b9aca00',
};

function codeOf(run: () => unknown): readonly unknown[] {
  try {
    run();
  } catch (error) {
    if (error instanceof HaetaeError) return [error.code, error.context.block, error.context.field];
    throw error;
  }
  return [];
}

suite('the header of a block', () => {
  test('the hashes of Ethereum’s first blocks are recomputed', () => {
    const genesis = verifyHeader(parseRawHeader(GENESIS, 0n), 'eip155:1');
    const first = verifyHeader(parseRawHeader(FIRST, 1n), 'eip155:1');
    assert.deepEqual(first, { number: 1n, hash: FIRST.hash, parent: genesis.hash, time: 1438269988 });
  });

  test('so is that of the first transaction’s block, and of the first with a base fee', () => {
    for (const header of [BLOCK_46147, BLOCK_12965000]) {
      assert.equal(verifyHeader(parseRawHeader(header, BigInt(header.number)), 'eip155:1').hash, header.hash);
    }
  });

  test('one field changed: the hash does not fit', () => {
    for (const [field, value] of [
      ['stateRoot', EMPTY_TRIE_ROOT],
      ['extraData', '0x'],
      ['nonce', '0x539bd4979fef1ec5'],
      ['timestamp', '0x55ba4225'],
      ['baseFeePerGas', '0x7'],
    ] as const) {
      const header = parseRawHeader({ ...FIRST, [field]: value }, 1n);
      assert.deepEqual(
        codeOf(() => verifyHeader(header, 'eip155:1')),
        ['E_SOURCE_LIES', '1', 'hash'],
        field,
      );
    }
  });

  test('a field that is missing or of another form is named', () => {
    const read = (change: object): readonly unknown[] =>
      codeOf(() => verifyHeader(parseRawHeader({ ...FIRST, ...change }, 1n), 'eip155:1'));
    assert.deepEqual(read({ stateRoot: undefined }), ['E_SOURCE_ANSWER', '1', 'stateRoot']);
    assert.deepEqual(read({ miner: '0x05' }), ['E_SOURCE_ANSWER', '1', 'miner']);
    assert.deepEqual(read({ logsBloom: '0x00' }), ['E_SOURCE_ANSWER', '1', 'logsBloom']);
    assert.deepEqual(read({ gasUsed: 'many' }), ['E_SOURCE_ANSWER', '1', 'gasUsed']);
    assert.deepEqual(read({ mixHash: null }), ['E_SOURCE_ANSWER', '1', 'mixHash']);
    assert.deepEqual(read({ blobGasUsed: '0x0' }), ['E_SOURCE_ANSWER', '1', 'baseFeePerGas']);
    assert.deepEqual(read({ extraData: '0x123' }), ['E_SOURCE_ANSWER', '1', 'extraData']);
    assert.deepEqual(read({ number: '0x2' }), ['E_SOURCE_LIES', '1', 'number']);
    assert.deepEqual(
      codeOf(() => parseRawHeader(null, 7n)),
      ['E_SOURCE_ANSWER', '7', 'block'],
    );
  });

  test('capitals and padded numbers are the same header', () => {
    const loose = { ...FIRST, miner: FIRST.miner.toUpperCase().replace('0X', '0x'), gasUsed: '0x00', number: '0x01' };
    assert.equal(verifyHeader(parseRawHeader(loose, 1n), 'eip155:1').hash, FIRST.hash);
  });

  test('a chain whose hash is made in another way is taken as it says', () => {
    const header = parseRawHeader({ ...FIRST, hash: GENESIS.hash }, 1n);
    assert.equal(verifyHeader(header, 'eip155:43114').hash, GENESIS.hash);
  });
});
