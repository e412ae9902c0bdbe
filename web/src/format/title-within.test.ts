import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { titleWithin } from './title-within.ts';

describe('the title of a theft within its case', () => {
  it('leaves out what the case is called already', () => {
    assert.equal(titleWithin('Wallet drained', 'Wallet drained, ETH'), 'ETH');
    assert.equal(titleWithin('Wallet drained', 'Wallet drained – second hour'), 'second hour');
  });

  it('leaves a title whole that is another one, the same one, or longer by a part of a word', () => {
    assert.equal(titleWithin('Ronin bridge 2022', '173,600 ETH withdrawn'), '173,600 ETH withdrawn');
    assert.equal(titleWithin('Wallet', 'Wallet'), 'Wallet');
    assert.equal(titleWithin('Wallet', 'Wallets of A'), 'Wallets of A');
    assert.equal(titleWithin('', 'ETH'), 'ETH');
    assert.equal(titleWithin('Wallet', 'Wallet, '), 'Wallet, ');
  });
});
