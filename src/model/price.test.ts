import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { dayOf, parseUsd, pricedAs, requirePricedAsset, scaledUsd, usdOf } from './price.ts';

const ETHER = 'eip155:1/slip44:60';

suite('prices', () => {
  test('every digit that was printed is kept, scientific notation too', () => {
    const kept = [
      ['457.3340148925781', '457.3340148925781'],
      ['1.5e3', '1500'],
      ['3.4662437500E+4', '34662.4375'],
      ['12e-7', '0.0000012'],
      [' 7 ', '7'],
      ['.5', '0.5'],
    ];
    for (const [text, usd] of kept) assert.deepEqual(parseUsd(text!), { usd });
  });

  test('what is no decimal above zero is refused', () => {
    const refused = ['NaN', '1,234.5', '$5', '1.2.3', 'Infinity', '0x10', '1e', '--1', 'null'];
    for (const text of refused) assert.deepEqual(parseUsd(text), { fault: 'not-a-number' }, text);
    assert.deepEqual(parseUsd('-1'), { fault: 'negative' });
    assert.deepEqual(parseUsd('0.00'), { fault: 'zero' });
    assert.deepEqual(parseUsd('1e-61'), { fault: 'excess-digits' });
    assert.deepEqual(parseUsd('1e30'), { fault: 'too-large' });
  });

  test('dollars are exact to the cent, half a cent up', () => {
    assert.equal(usdOf(10n ** 18n, 18, '3000.125'), '3000.13');
    assert.equal(usdOf(10n ** 18n, 18, '3000.1249999999999999999999'), '3000.12');
    // 173,600 ETH at 2,000.5 dollars.
    assert.equal(usdOf(173_600n * 10n ** 18n, 18, '2000.5'), '347286800.00');
    assert.equal(usdOf(1n, 18, '3000'), '0.00');
    assert.equal(usdOf(5n, 3, '1'), '0.01');
    assert.equal(usdOf(4n, 3, '1'), '0.00');
    assert.equal(usdOf(0n, 0, '1'), '0.00');
    assert.equal(usdOf(2n ** 256n - 1n, 0, '1'), `${2n ** 256n - 1n}.00`);
    assert.throws(() => usdOf(-1n, 0, '1'), /below zero/);
    assert.throws(() => usdOf(1n, 0, '1e3'), /is no price/);
  });

  test('dollars are within half a cent of the exact product, never below it by half', () => {
    const digits = fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.nat({ max: 40 }));
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 256n }),
        fc.nat({ max: 30 }),
        digits,
        (amount, decimals, [n, places]) => {
          const text = n.toString().padStart(places + 1, '0');
          const usd = places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
          const cents = BigInt(usdOf(amount, decimals, usd).replace('.', ''));
          // In units of a cent times 10^(decimals + places), doubled.
          const unit = 10n ** BigInt(decimals + places);
          const apart = cents * unit * 2n - amount * n * 200n;
          assert.ok(apart > -unit && apart <= unit);
        },
      ),
    );
  });

  test('a scaled price is the price times 10^60', () => {
    assert.equal(scaledUsd('1.25'), 125n * 10n ** 58n);
  });

  test('a coin is one coin wherever SLIP-44 gives it one number; tokens and test coins are themselves', () => {
    assert.equal(pricedAs('eip155:8453/slip44:60'), ETHER);
    assert.equal(pricedAs(ETHER), ETHER);
    for (const asset of [
      'eip155:31337/slip44:1',
      'eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7',
      'eip155:61/slip44:61',
      'no asset',
    ])
      assert.equal(pricedAs(asset), asset);
    assert.equal(requirePricedAsset('eth'), ETHER);
    assert.equal(requirePricedAsset(' BTC '), 'bip122:000000000019d6689c085ae165831e93/slip44:0');
    assert.equal(
      requirePricedAsset('eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7'),
      'eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7',
    );
    for (const text of ['USDT', 'dETH', '', 'eip155:1', 'eip155:1/slip44']) {
      assert.throws(() => requirePricedAsset(text), { code: 'E_ASSET' });
    }
  });

  test('the day is that of UTC', () => {
    assert.equal(dayOf(1_648_079_999), '2022-03-23');
    assert.equal(dayOf(1_648_080_000), '2022-03-24');
  });
});
