import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { requireChain } from '../../../model/chain.ts';
import { little, makeBlock, makeCoinbase } from '../_fixture.ts';
import { heightScript } from '../block.ts';
import { rulesOf } from '../rules.ts';
import { namedHeight, scriptHeight } from './height.ts';

const BITCOIN = rulesOf(requireChain('bitcoin'));
const P2WPKH = `0014${'11'.repeat(20)}`;

function named(height: number, time: number, version = 4): number | null {
  return namedHeight(makeBlock({ transactions: [makeCoinbase(height, P2WPKH, [])], time, version }).bytes, BITCOIN);
}

suite('the height that a coinbase names', () => {
  test('is read back as it is written, whatever stands behind it', () => {
    const height = fc.integer({ min: 1, max: 0x7fff_ffff });
    fc.assert(
      fc.property(height, fc.uint8Array({ minLength: 1, maxLength: 8 }), (number, behind) => {
        assert.equal(scriptHeight(Buffer.concat([heightScript(BigInt(number)), behind])), number);
      }),
    );
  });

  test('is none where it is not written as the rule says', () => {
    // Nothing, cut short, negative, a byte too many, small numbers pushed as bytes, five bytes.
    for (const hex of [
      '',
      '03ffff',
      '0380',
      '02008000',
      '03ffff80',
      '0310000000',
      '011000',
      '0400000000',
      '05010203040500',
    ]) {
      assert.equal(scriptHeight(Buffer.from(hex, 'hex')), null, hex);
    }
    assert.equal(scriptHeight(Buffer.concat([Buffer.from('03767305', 'hex'), little(0, 4)])), 357_238);
  });

  test('counts from BIP34 on only, in a block of version 2, near the height that its time says', () => {
    // Times and claims as BIP34's list of early coincidences has them: block 164,384 (2012) reads as 1,983,702; 209,921 as 490,897.
    assert.equal(named(1_983_702, 1_328_000_000), null);
    assert.equal(named(490_897, 1_354_300_000), null);
    assert.equal(named(200_000, 1_348_310_759, 2), null, 'not yet a rule');
    assert.equal(named(357_238, 1_432_240_000, 1), null, 'of version 1');
    assert.equal(named(357_238, 1_432_240_000), 357_238);
    assert.equal(named(800_000, 1_690_168_629, 0x2000_0000), 800_000);
  });
});
