import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CHAINS } from '../../../src/model/chain.ts';
import { base64Of, chainOf, fileKindOf, formOf, targetsOf } from './new-case.ts';

const ALL = CHAINS.map(({ id }) => id);
// The Ronin thief and one of its transactions; the coinbase of Bitcoin's first block; a well-known TRON contract (USDT).
const EVM = '0x098b716b8aaf21512996dc57eb0615e2383e2f96';
const EVM_TX = '0xc28fad5e8d5e0ce6a2eaf67b6687be5d58113e16be590824d6cfa1a94467d0b7';
const BTC = '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa';
const BTC_TX = '4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b';
const TRON = 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t';

describe('a new case', () => {
  test('takes what was pasted apart, each once', () => {
    assert.deepEqual(targetsOf(` ${EVM},\n${EVM_TX};${EVM}\t\r\n`), [EVM, EVM_TX]);
    assert.deepEqual(targetsOf(' \n'), []);
  });

  test('tells transactions from addresses', () => {
    assert.deepEqual([EVM, EVM_TX, BTC, BTC_TX, TRON, 'hello'].map(formOf), [
      'address',
      'transaction',
      'address',
      'transaction',
      'address',
      'unknown',
    ]);
  });

  test('guesses the chain, real ones before test networks', () => {
    const name = (...targets: string[]): string | undefined =>
      CHAINS.find(({ id }) => id === chainOf(targets, ALL))?.name;
    assert.equal(name(EVM), 'ethereum');
    assert.equal(name(EVM_TX, EVM), 'ethereum');
    assert.equal(name(BTC), 'bitcoin');
    assert.equal(name(BTC_TX), 'bitcoin');
    assert.equal(name(TRON), 'tron');
    assert.equal(name(BTC_TX, TRON), 'tron');
    assert.equal(name(BTC, EVM), undefined);
    assert.equal(name('hello'), undefined);
    assert.equal(chainOf([EVM], ['eip155:31337', 'nonsense']), 'eip155:31337');
    assert.equal(chainOf([], ALL), null);
  });

  test('guesses what a file holds', () => {
    assert.equal(fileKindOf('a.theft.yaml', 'title: x\nthefts:\n  - id: a'), 'trace-file');
    assert.equal(fileKindOf('a.json', '{"title":"x","thefts":[{"id":"a"}]}'), 'trace-file');
    assert.equal(fileKindOf('a.parquet', 'PAR1\u0015'), 'import-transfers');
    assert.equal(fileKindOf('a.csv', 'hash,from,to,value\n1,2,3,4'), 'import-transfers');
    assert.equal(fileKindOf('pack.yaml', 'title: pack\ntags:\n  - address: x'), 'import-labels');
    assert.equal(fileKindOf('labels.csv', 'chain,address,label,category\n'), 'import-labels');
    assert.equal(fileKindOf('sanctioned.txt', `${EVM}\n`), 'import-labels');
    assert.equal(fileKindOf('prices.csv', 'Date,Open,High,Low,Close\n2022-03-23,1,2,3,4'), 'import-prices');
    assert.equal(fileKindOf('prices.csv', 'Price,Close,Close\nTicker,BTC-USD,ETH-USD\nDate,,\n'), 'import-prices');
  });

  test('pieces are base64 of their bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000 }), (bytes) => {
        assert.equal(base64Of(bytes), Buffer.from(bytes).toString('base64'));
      }),
      { numRuns: 20 },
    );
  });
});
