import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Transfer, TransferKind } from '../model/transfer.ts';
import type { AccountBlock, BalanceQuery } from './chain-source.ts';
import { driftRow, FROM_BALANCES, NO_BALANCES, settleBlock, UNEXPLAINED_NATIVE, UNLOGGED_TOKENS } from './settle.ts';

const CHAIN = 'eip155:1';
const ETH = 'eip155:1/slip44:60';
const TOKEN = 'eip155:1/erc20:0xtoken';
const REF = { number: 7n, hash: '0xh', parent: '0xp', time: 1_700_000_000 };
const ADDRESSES = ['a', 'b', 'c', 'd', '0xtoken'];

function row(
  tx: number | null,
  leg: number,
  from: string | null,
  to: string | null,
  asset: string,
  amount: bigint,
): Transfer {
  const kind: TransferKind = asset === ETH ? 'transfer' : 'token';
  const order = { time: REF.time, block: REF.number, txIndex: tx ?? 1_000_000_000, leg };
  const source = { batch: 0, file: 0, row: leg };
  return {
    chain: CHAIN,
    ...order,
    tx: tx === null ? null : `t${tx}`,
    kind,
    from,
    to,
    asset,
    amount,
    rounded: false,
    source,
  };
}

/** `parties`: who takes part in each transaction, besides those of its rows. */
function block(
  internalMoves: 'traced' | 'unseen',
  transfers: readonly Transfer[],
  parties: Readonly<Record<string, readonly string[]>> = {},
): AccountBlock {
  const ends = (tx: string): string[] =>
    transfers.filter((each) => each.tx === tx).flatMap(({ from, to }) => [from, to].filter((end) => end !== null));
  return {
    ref: REF,
    transfers,
    signals: [],
    internalMoves,
    parties: (tx) => [...new Set([...ends(tx), ...(parties[tx] ?? [])])],
    confirm: () => {},
    unchecked: [],
  };
}

/** Places of one asset with what each changed by. */
function changes(asset: string, by: Readonly<Record<string, bigint>>) {
  const places = Object.keys(by).map((address): BalanceQuery => ({ address, asset }));
  return [places, places.map(() => 1000n), Object.values(by).map((change) => 1000n + change)] as const;
}

function short({ tx, kind, from, to, amount }: Transfer): readonly unknown[] {
  return [tx, kind, from, to, amount];
}

const PAID = [row(0, 2, 'a', 'b', ETH, 5n)];

suite('settling a block: native coin', () => {
  test('traced and right: nothing is added', () => {
    const given = block('traced', PAID);
    const settled = settleBlock(given, ...changes(ETH, { a: -5n, b: 5n, c: 0n }));
    assert.deepEqual(settled, { transfers: PAID, added: [], gaps: [] });
  });

  test('traced and off by one: balance or trace is a lie, block and address named', () => {
    assert.throws(() => settleBlock(block('traced', PAID), ...changes(ETH, { a: -5n, b: 4n })), {
      code: 'E_SOURCE_LIES',
      context: { block: '7', field: 'balance or trace', address: 'b', difference: '-1' },
    });
  });

  test('unseen: what one lost and another gained in the transaction both are in is an internal move', () => {
    const given = block('unseen', PAID, { t0: ['c', 'd'] });
    const { added, gaps, transfers } = settleBlock(given, ...changes(ETH, { a: -5n, b: 5n, c: -9n, d: 9n }));
    assert.deepEqual(added.map(short), [['t0', 'internal', 'c', 'd', 9n]]);
    assert.deepEqual(gaps, [FROM_BALANCES]);
    assert.deepEqual(transfers, [...PAID, ...added]);
  });

  test('unseen: one that lost what several gained in their one transaction', () => {
    const given = block('unseen', PAID, { t0: ['c', 'd'] });
    const { added } = settleBlock(given, ...changes(ETH, { a: -5n, b: 3n, c: -1n, d: 3n }));
    assert.deepEqual(added.map(short), [
      ['t0', 'internal', 'b', 'd', 2n],
      ['t0', 'internal', 'c', 'd', 1n],
    ]);
  });

  test('unseen: of strangers, or where two could be meant, nothing is guessed', () => {
    const rows = [...PAID, row(1, 2, 'c', 'd', ETH, 1n)];
    const strangers = settleBlock(block('unseen', rows), ...changes(ETH, { a: -9n, b: 5n, c: -1n, d: 5n }));
    assert.deepEqual(strangers.added.map(short), [
      ['t0', 'adjust', 'a', null, 4n],
      ['t1', 'adjust', null, 'd', 4n],
    ]);
    assert.deepEqual(strangers.gaps, [UNEXPLAINED_NATIVE]);
    const given = block('unseen', PAID, { t0: ['c', 'd'] });
    const two = settleBlock(given, ...changes(ETH, { a: -5n, b: 9n, c: -4n, d: 4n }));
    assert.deepEqual(
      two.added.map(({ kind }) => kind),
      ['adjust', 'adjust', 'adjust'],
    );
  });
});

suite('settling a block: tokens, and what is not known', () => {
  test('a fee that the token keeps is an adjustment after the last movement of the place', () => {
    const rows = [row(0, 1_000_000, 'a', 'b', TOKEN, 100n), row(1, 2, 'b', 'c', ETH, 1n)];
    const { added, gaps, transfers } = settleBlock(block('traced', rows), ...changes(TOKEN, { a: -100n, b: 95n }));
    assert.deepEqual(added.map(short), [['t0', 'adjust', 'b', null, 5n]]);
    assert.deepEqual(gaps, [UNLOGGED_TOKENS]);
    assert.deepEqual(transfers, [rows[0], added[0], rows[1]]);
  });

  test('a wrapper without logs: the adjustment stands in the transaction that pays it, so that both are one atom', () => {
    const rows = [row(0, 2, 'a', '0xtoken', ETH, 9n), row(1, 2, 'a', 'b', ETH, 1n)];
    const { added } = settleBlock(block('traced', rows), ...changes(TOKEN, { a: 9n }));
    assert.deepEqual(added.map(short), [['t0', 'adjust', null, 'a', 9n]]);
  });

  test('no balances: said, nothing made up', () => {
    const places = [{ address: 'a', asset: ETH }];
    const settled = settleBlock(block('unseen', PAID), places, [null], [5n]);
    assert.deepEqual(settled, { transfers: PAID, added: [], gaps: [NO_BALANCES] });
  });

  test('the same row has the same place whatever else is compared', () => {
    const rows = [row(0, 1_000_000, 'a', 'b', TOKEN, 100n)];
    const alone = settleBlock(block('traced', rows), ...changes(TOKEN, { b: 95n }));
    const among = settleBlock(block('traced', rows), ...changes(TOKEN, { c: 1n, a: -101n, b: 95n }));
    assert.deepEqual(
      alone.added,
      among.added.filter(({ from }) => from === 'b'),
    );
  });

  test('a drift between blocks is a row at the end of the block, of no transaction', () => {
    const place = { address: 'a', asset: TOKEN };
    assert.equal(driftRow(place, REF, 5n, 5n), null);
    assert.deepEqual(short(driftRow(place, REF, 5n, 8n)!), [null, 'adjust', null, 'a', 3n]);
    assert.deepEqual(short(driftRow(place, REF, 5n, 1n)!), [null, 'adjust', 'a', null, 4n]);
  });
});

const anyRow = fc.record({
  tx: fc.nat(4),
  from: fc.constantFrom(null, ...ADDRESSES),
  to: fc.constantFrom(null, ...ADDRESSES),
  asset: fc.constantFrom(ETH, TOKEN),
  amount: fc.bigInt({ min: 0n, max: 20n }),
});

suite('settling any block', () => {
  test('afterwards every known balance is what the movements say, in order, no two of a place with one key', () => {
    const parties = fc.dictionary(fc.constantFrom('t0', 't1', 't2', 't3', 't4'), fc.subarray(ADDRESSES));
    const known = fc.array(fc.tuple(fc.boolean(), fc.bigInt({ min: -20n, max: 20n })), {
      minLength: 10,
      maxLength: 10,
    });
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 12 }), parties, known, (rows, taking, states) => {
        const transfers = rows
          .map(({ tx, from, to, asset, amount }, leg) => row(tx, leg, from, to, asset, amount))
          .sort((x, y) => x.txIndex - y.txIndex || x.leg - y.leg);
        const places = ADDRESSES.flatMap((address) => [ETH, TOKEN].map((asset) => ({ address, asset })));
        const had = states.map(([seen]) => (seen ? 1000n : null));
        const has = states.map(([, change]) => 1000n + change);
        const settled = settleBlock(block('unseen', transfers, taking), places, had, has);
        for (const [i, { address, asset }] of places.entries()) {
          if (had[i] === null) continue;
          assert.equal(sum(settled.transfers, address, asset), has[i]! - 1000n, `${address} ${asset}`);
        }
        const order = settled.transfers.map(({ txIndex, leg }) => txIndex * 2 ** 31 + leg);
        assert.deepEqual(
          order,
          [...order].sort((x, y) => x - y),
        );
        assert.equal(new Set(settled.added.map(({ txIndex, leg }) => `${txIndex} ${leg}`)).size, settled.added.length);
        assert.equal(
          settled.added.length > 0,
          settled.gaps.some((gap) => gap !== NO_BALANCES),
        );
      }),
      { numRuns: 300 },
    );
  });
});

function sum(transfers: readonly Transfer[], address: string, asset: string): bigint {
  return transfers
    .filter((each) => each.asset === asset)
    .reduce((s, { from, to, amount }) => s + (to === address ? amount : 0n) - (from === address ? amount : 0n), 0n);
}
