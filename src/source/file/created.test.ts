import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createdAddress } from './created.ts';

/** Nonces 0 to 3 of this sender: the vectors of ethereumjs-util and go-ethereum's TestNewContractAddress (crypto/crypto_test.go). */
test('the address of a created contract follows from sender and nonce', () => {
  const sender = '0x970e8128ab834e8eac17ab8e3812f010678cf791';
  assert.deepEqual(
    [0, 1, 2].map((nonce) => createdAddress(sender, nonce)),
    [
      '0x333c3310824b7c685133f2bedb2ca4b8b4df633d',
      '0x8bda78331c916a08481428e4b07c96d3e916d165',
      '0xc9ddedf451bc62ce88bf9292afb13df35b670699',
    ],
  );
});
