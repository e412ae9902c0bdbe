import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { scriptToAddress } from '../../model/address.ts';
import { requireChain } from '../../model/chain.ts';
import { scriptAddresses } from './script-address.ts';

const NAMES = ['bitcoin', 'litecoin', 'dogecoin', 'bitcoin-regtest', 'litecoin-regtest'];
const CHAINS = NAMES.map(requireChain);
const FAST = CHAINS.map((chain) => ({ chain, address: scriptAddresses(chain) }));

function bytes(length: number): fc.Arbitrary<Uint8Array> {
  // Leading zeros matter to base 58: half of the bytes are zero.
  const byte = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 }));
  return fc.array(byte, { minLength: length, maxLength: length }).map((values) => Uint8Array.from(values));
}

const witness = fc
  .tuple(fc.constantFrom(0x00, 0x4f, 0x50, 0x51, 0x52, 0x5f, 0x60, 0x61), fc.integer({ min: 1, max: 41 }))
  .chain(([opcode, length]) => bytes(length).map((program) => [opcode, length, ...program]));

const script = fc.oneof(
  bytes(20).map((hash) => [0x76, 0xa9, 20, ...hash, 0x88, 0xac]),
  bytes(20).map((hash) => [0xa9, 20, ...hash, 0x87]),
  bytes(20).map((program) => [0x00, 20, ...program]),
  bytes(32).map((program) => [0x00, 32, ...program]),
  bytes(32).map((program) => [0x51, 32, ...program]),
  witness,
  fc.uint8Array({ maxLength: 60 }).map((any) => [...any]),
);

suite('addresses from script bytes', () => {
  test('equal those of the model, on every chain, for every script, wherever it lies', () => {
    fc.assert(
      fc.property(script, fc.nat(5), fc.nat(5), (made, before, behind) => {
        const all = Buffer.from([...new Array(before).fill(0xaa), ...made, ...new Array(behind).fill(0xbb)]);
        const hex = Buffer.from(made).toString('hex');
        for (const { chain, address } of FAST) {
          assert.equal(address(all, before, before + made.length), scriptToAddress(chain, hex), `${chain.name} ${hex}`);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('one byte changed anywhere in a standard script gives what the model gives', () => {
    for (const hex of [`76a914${'11'.repeat(20)}88ac`, `a914${'11'.repeat(20)}87`, `5120${'11'.repeat(32)}`]) {
      for (let at = 0; at < hex.length / 2; at++) {
        const changed = Buffer.from(hex, 'hex');
        changed[at]! ^= 0x01;
        for (const { chain, address } of FAST) {
          assert.equal(address(changed, 0, changed.length), scriptToAddress(chain, changed.toString('hex')));
        }
      }
    }
  });

  test('the published examples of BIP173 and BIP350, and the first payment of Bitcoin', () => {
    const bitcoin = scriptAddresses(requireChain('bitcoin'));
    const of = (hex: string): string => bitcoin(Buffer.from(hex, 'hex'), 0, hex.length / 2);
    // https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki#test-vectors
    assert.equal(of('0014751e76e8199196d454941c45d1b3a323f1433bd6'), 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4');
    // https://github.com/bitcoin/bips/blob/master/bip-0350.mediawiki#test-vectors
    assert.equal(of('6002751e'), 'bc1sw50qgdz25j');
    assert.equal(of('5210751e76e8199196d454941c45d1b3a323'), 'bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs');
    assert.equal(
      of('512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798'),
      'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0',
    );
    const wsh = '00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262';
    assert.equal(of(wsh), 'bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3');
    // Pay to anchor, version 1 with two bytes: src/test/script_standard_tests.cpp of Bitcoin Core 28.
    assert.equal(of('51024e73'), 'bc1pfeessrawgf');
    // https://en.bitcoin.it/wiki/Invoice_address
    assert.equal(of('a914b472a266d0bd89c13706a4132ccfb16f7c3b9fcb87'), '3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy');
    // The key hash of the genesis coinbase.
    assert.equal(of('76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac'), '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa');
  });

  test('bare keys, bare multisig, notes, nonstandard and empty scripts have none: the script itself is the name', () => {
    const key = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
    const long =
      '04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f';
    const none = [
      `21${key}ac`,
      `41${long}ac`,
      `5121${key}21${key}52ae`,
      `5241${long}21${key}21${key}53ae`,
      '6a0568656c6c6f',
      '6a',
      '',
      '51',
      // A witness programme of 41 bytes, one of version 0 with 21, and one behind a larger push than it needs.
      `5129${'00'.repeat(41)}`,
      `0015${'00'.repeat(21)}`,
      `514c20${'00'.repeat(32)}`,
      // A key hash behind a longer push, and with something behind it.
      `76a94c14${'00'.repeat(20)}88ac`,
      `76a914${'00'.repeat(20)}88ac61`,
    ];
    for (const { chain, address } of FAST) {
      for (const hex of none) {
        assert.equal(address(Buffer.from(hex, 'hex'), 0, hex.length / 2), `script:${hex}`, `${chain.name} ${hex}`);
      }
    }
  });
});
