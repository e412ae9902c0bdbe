/** Whatever a chain of made-up blocks does, the movements read from it change every balance as the test's own ledger says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  account,
  base58,
  buildTx,
  call,
  internalEntry,
  type Json,
  send,
  stringify,
  TestChain,
  type TestTx,
  transferLog,
} from './_fixture.ts';
import { readBlock } from './block.ts';
import { parseExact } from './exact-json.ts';
import { blockSchema, infosSchema } from './schema.ts';

const PEOPLE = [1, 2, 3, 4].map(account);
const CONTRACT = `41${'c0'.repeat(20)}`;
const TOKEN = `41${'7e'.repeat(20)}`;

interface Move {
  readonly from: string | null;
  readonly to: string | null;
  readonly asset: 'trx' | 'token';
  readonly amount: bigint;
}

interface Deed {
  readonly tx: TestTx;
  readonly moves: readonly Move[];
}

const person = fc.constantFrom(...PEOPLE);
const amount = fc.oneof(
  fc.constant(0n),
  fc.bigInt({ min: 1n, max: 1000n }),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
);
const fee = fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: 10n ** 9n }));
const trx = (from: string | null, to: string | null, value: bigint): Move => ({
  from,
  to,
  asset: 'trx',
  amount: value,
});

const sending = fc.tuple(person, person, amount, fee, fc.boolean()).map(([from, to, value, paid, works]): Deed => {
  const info = { fee: paid, receipt: { net_fee: paid } };
  const tx = send(from, to, value, { info, contractRet: works ? 'SUCCESS' : 'OUT_OF_ENERGY' });
  const moves = [trx(from.address, null, paid), ...(works ? [trx(from.address, to.address, value)] : [])];
  return { tx, moves };
});

/** One entry inside a contract, and what it moves. */
const entry = fc
  .tuple(
    fc.constantFrom('call', 'freezeBalanceV2ForEnergy', 'withdrawReward', 'delegateResourceOfEnergy'),
    person,
    amount,
    fc.boolean(),
  )
  .map(([note, to, value, rejected]): { readonly json: Json; readonly moves: readonly Move[] } => {
    const contract = base58(CONTRACT);
    const effect: Record<string, Move> = {
      call: trx(contract, to.address, value),
      freezeBalanceV2ForEnergy: trx(contract, null, value),
      withdrawReward: trx(null, contract, value),
    };
    const move = effect[note];
    const json = internalEntry(note, CONTRACT, to.hex, value, rejected ? { rejected } : {});
    return { json, moves: rejected || move === undefined ? [] : [move] };
  });

const payment = fc.tuple(person, person, fc.oneof(amount, fc.bigInt({ min: 2n ** 128n, max: 2n ** 256n - 1n })));

const calling = fc
  .tuple(person, amount, fee, fc.boolean(), fc.array(entry, { maxLength: 4 }), fc.array(payment, { maxLength: 4 }))
  .map(([from, value, paid, works, entries, paidOut]): Deed => {
    const tx = call(from, CONTRACT, 'deadbeef', {
      value,
      contractRet: works ? 'SUCCESS' : 'REVERT',
      info: {
        fee: paid,
        receipt: { energy_fee: paid, result: works ? 'SUCCESS' : 'REVERT' },
        internal_transactions: entries.map(({ json }) => json),
        log: paidOut.map(([a, b, each]) => transferLog(TOKEN, a.hex, b.hex, each)),
      },
    });
    const inside = entries.flatMap(({ moves }) => moves);
    const tokens = paidOut.map(
      ([a, b, each]): Move => ({ from: a.address, to: b.address, asset: 'token', amount: each }),
    );
    const done = works ? [trx(from.address, base58(CONTRACT), value), ...inside, ...tokens] : [];
    return { tx, moves: [trx(from.address, null, paid), ...done] };
  });

const staking = fc.tuple(person, amount, fc.boolean()).map(([owner, value, back]): Deed => {
  const tx = buildTx({
    type: back ? 56 : 54,
    name: back ? 'WithdrawExpireUnfreezeContract' : 'FreezeBalanceV2Contract',
    fields: [['owner_address', 1, owner.hex], ...(back ? [] : [['frozen_balance', 2, value] as const])],
    signers: [owner],
    info: back ? { withdraw_expire_amount: value } : {},
  });
  return { tx, moves: [back ? trx(null, owner.address, value) : trx(owner.address, null, value)] };
});

function apply(ledger: Map<string, bigint>, { from, to, asset, amount: moved }: Move): void {
  const add = (owner: string | null, change: bigint): void => {
    if (owner !== null) ledger.set(`${owner} ${asset}`, (ledger.get(`${owner} ${asset}`) ?? 0n) + change);
  };
  add(from, -moved);
  add(to, moved);
}

const settled = (ledger: Map<string, bigint>): unknown => [...ledger].filter(([, sum]) => sum !== 0n).sort();

test('movements change every balance as the ledger of the test says, to the last unit', () => {
  const blocks = fc.array(fc.array(fc.oneof(sending, calling, staking), { maxLength: 5 }), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(blocks, (plan) => {
      const chain = new TestChain();
      const wanted = new Map<string, bigint>();
      const found = new Map<string, bigint>();
      const keys = new Set<string>();
      let rows = 0;
      for (const deeds of plan) {
        for (const move of deeds.flatMap(({ moves }) => moves)) apply(wanted, move);
        const block = chain.add(deeds.map(({ tx }) => tx));
        const context = { endpoint: { name: 'tron test' }, chain: chain.chain, keepsInternal: () => true };
        const answer = blockSchema.parse(parseExact(stringify(block.json)));
        const infos = infosSchema.parse(parseExact(stringify(block.infos)));
        for (const row of readBlock(context, block.number, answer, infos).transfers) {
          assert.ok(row.amount > 0n);
          rows++;
          keys.add(`${row.time} ${row.block} ${row.txIndex} ${row.leg}`);
          apply(found, { ...row, asset: row.asset.includes('/trc20:') ? 'token' : 'trx' });
        }
      }
      assert.equal(keys.size, rows);
      assert.deepEqual(settled(found), settled(wanted));
    }),
    { numRuns: 60 },
  );
});
