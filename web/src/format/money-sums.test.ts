import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MONEY_STATES, moneyByCase, type TheftMoney } from './money-sums.ts';

function theft(part: Partial<TheftMoney>): TheftMoney {
  return {
    case: 'c-1',
    caseTitle: 'One',
    theft: 't',
    title: 'T',
    simulated: false,
    asset: 'eip155:1/slip44:60',
    symbol: 'ETH',
    decimals: 18,
    time: '2022-03-23T13:29:09Z',
    stolen: '0',
    method: 'fifo',
    held: '0',
    services: '0',
    mixed: '0',
    bridged: '0',
    other: '0',
    ...part,
  };
}

describe('sums of traced money', () => {
  it('are made within a case, of one asset and method only', () => {
    const ether = theft({ stolen: '7', held: '7' });
    const usdc = theft({ stolen: '9', asset: 'eip155:1/erc20:0xa0b8', held: '9' });
    assert.equal(moneyByCase([ether, usdc])[0]!.sum, null);
    assert.equal(moneyByCase([ether, theft({ method: 'lifo' })])[0]!.sum, null);
    assert.equal(moneyByCase([ether])[0]!.sum, null);
    const [first, second] = moneyByCase([ether, theft({ case: 'c-2', stolen: '3' })]);
    assert.deepEqual([first!.sum, second!.sum], [null, null]);
    assert.equal(moneyByCase([ether, ether])[0]!.sum!.stolen, '14');
  });

  it('lose no unit', () => {
    const amount = fc.bigInt(0n, 2n ** 256n);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(amount, amount, amount, amount, amount), { minLength: 2, maxLength: 6 }),
        (rows) => {
          const money = rows.map((parts) =>
            theft({
              stolen: parts.reduce((sum, part) => sum + part, 0n).toString(),
              ...Object.fromEntries(MONEY_STATES.map((state, index) => [state, parts[index]!.toString()])),
            }),
          );
          const sum = moneyByCase(money)[0]!.sum!;
          assert.equal(
            MONEY_STATES.reduce((total, state) => total + BigInt(sum[state]), 0n),
            BigInt(sum.stolen),
          );
        },
      ),
    );
  });
});
