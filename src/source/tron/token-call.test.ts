import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireChain } from '../../model/chain.ts';
import { account, call, stringify, transferLog, word } from './_fixture.ts';
import { hexOfAddress } from './address.ts';
import { parseExact } from './exact-json.ts';
import { blockSchema, infoSchema } from './schema.ts';
import { tokenCall } from './token-call.ts';
import { readTransaction } from './transaction.ts';

const [ANN, BOB, EVE] = [account(1), account(2), account(3)] as const;
const USDT = hexOfAddress('TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t');
const OTHER = `41${'7e'.repeat(20)}`;
const TRON = requireChain('tron');

function judged(token: string, data: string, paid: readonly (readonly [from: string, to: string, amount: bigint])[]) {
  const log = paid.map(([from, to, amount]) => transferLog(token, from, to, amount));
  const { json, info } = call(ANN, token, data, { info: { log } });
  const header = { blockID: '0'.repeat(64), block_header: { raw_data: {} } };
  const answer = blockSchema.parse(parseExact(stringify({ ...header, transactions: [json] })));
  const tx = readTransaction({ name: 'tron test' }, 1n, answer.transactions[0]!, 0);
  return tokenCall(TRON, tx, infoSchema.parse(parseExact(stringify(info))).log);
}

const transfer = (amount: bigint): string => `a9059cbb${word(BOB.hex)}${word(amount)}`;
const transferFrom = (amount: bigint): string => `23b872dd${word(EVE.hex)}${word(BOB.hex)}${word(amount)}`;

test('a transfer of Tether must be told by its logs, its fee included; left out or changed, it is found', () => {
  assert.equal(judged(USDT, transfer(10n), [[ANN.hex, BOB.hex, 10n]]), 'shown');
  assert.equal(
    judged(USDT, transfer(10n), [
      [ANN.hex, BOB.hex, 9n],
      [ANN.hex, EVE.hex, 1n],
    ]),
    'shown',
  );
  assert.equal(judged(USDT, transferFrom(10n), [[EVE.hex, BOB.hex, 10n]]), 'shown');
  assert.equal(judged(USDT, transfer(10n), []), 'differs');
  assert.equal(judged(USDT, transfer(10n), [[ANN.hex, BOB.hex, 11n]]), 'differs');
  assert.equal(judged(USDT, transferFrom(10n), [[ANN.hex, BOB.hex, 10n]]), 'differs');
});

test('of other tokens only a missing log is said; other calls say nothing', () => {
  assert.equal(judged(OTHER, transfer(10n), [[ANN.hex, BOB.hex, 7n]]), 'shown');
  assert.equal(judged(OTHER, transfer(10n), []), 'absent');
  assert.equal(judged(OTHER, transfer(0n), []), null);
  assert.equal(judged(OTHER, 'deadbeef', []), null);
  assert.equal(judged(OTHER, 'a9059cbb00', []), null);
  // Some wallets write the prefix 41 into the word, which the contract does not look at.
  assert.equal(judged(USDT, `a9059cbb${BOB.hex.padStart(64, '0')}${word(10n)}`, [[ANN.hex, BOB.hex, 10n]]), 'shown');
});
