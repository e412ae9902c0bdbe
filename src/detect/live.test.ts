import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AuthorityChange } from '../model/authority.ts';
import type { Transfer } from '../model/transfer.ts';
import type { Alarm } from './alarm.ts';
import { type LiveBlock, newLiveState, pastOf, pushBlock, setHeld, type WalletState } from './live.ts';
import { DEFAULT_THRESHOLDS, MAX_ALARMS_IN_WINDOW, type WatchedWallet } from './watched-wallet.ts';

const DAY = 86_400;
const HOT = 'hot';
const THEFT = 40 * DAY;

function watchedWallet(options: Partial<WatchedWallet> = {}): WatchedWallet {
  const none = new Map<string, bigint>();
  return {
    chain: 'c',
    address: HOT,
    name: null,
    kind: 'wallet',
    allow: new Set(),
    minOutflow: none,
    largeApproval: none,
    ...options,
  };
}

function row(from: string | null, to: string | null, amount: number, asset = 'eth', tx = 'tx'): Transfer {
  return {
    chain: 'c',
    time: 0,
    block: 0n,
    txIndex: 0,
    leg: 0,
    tx,
    kind: 'transfer',
    from,
    to,
    asset,
    amount: BigInt(amount),
    rounded: false,
    source: { batch: 0, file: 0, row: 0 },
  };
}

let number = 0n;
function block(time: number, ...transfers: Transfer[]): LiveBlock {
  number += 1n;
  return { number, hash: `h${number}`, time, transfers, signals: [] };
}

/** Twenty customers, new and old, get 50 to 150 a day; the wallet is kept near 10,000. */
function past(state: ReadonlyMap<string, WalletState>, assets = ['eth', 'usdc']): void {
  for (const asset of assets) pushBlock(state, block(0, row(null, HOT, 10_000, asset)), true);
  for (let day = 0; day < 30; day += 1) {
    for (let hour = 0; hour < 20; hour += 1) {
      const time = DAY + day * DAY + hour * 4000;
      const amount = 50 + ((day * 37 + hour * 11) % 101);
      const asset = assets[(day + hour) % assets.length]!;
      const to = hour % 2 === 0 ? `customer${hour}` : `new${day}-${hour}`;
      pushBlock(state, block(time, row('cold', HOT, amount, asset), row(HOT, to, amount, asset)), true);
    }
  }
}

function ready(options: Partial<WatchedWallet> = {}, assets?: string[]): Map<string, WalletState> {
  const state = newLiveState([watchedWallet(options)], DEFAULT_THRESHOLDS);
  past(state, assets);
  return state;
}

function rules(alarms: readonly Alarm[]): string[] {
  return alarms.map(({ rule }) => rule);
}

test('live S1: one payment far above all others alarms in its block, with what is usual', () => {
  const state = ready();
  const alarms = pushBlock(state, block(THEFT, row(HOT, 'thief', 6000, 'eth', 'theft')));
  assert.ok(rules(alarms).includes('drain'));
  const [alarm] = alarms;
  assert.deepEqual([alarm!.others, alarm!.txs, alarm!.payments], [['thief'], ['theft'], 1]);
  assert.deepEqual(alarm!.amounts, [{ asset: 'eth', amount: 6000n, usual: alarm!.amounts[0]!.usual, held: 10_000n }]);
  assert.ok(alarm!.amounts[0]!.usual! <= 150n && alarm!.amounts[0]!.usual! >= 140n, 'the most another got');
  assert.equal(alarm!.severity, 'critical');
});

test('live S1: usual payments, a refill passed on, and the usual cold wallet raise nothing', () => {
  const state = ready();
  const quiet = [
    block(THEFT, row(HOT, 'new-customer', 150)),
    block(THEFT + 60, row('cold', HOT, 8000), row(HOT, 'whale', 8000)),
  ];
  for (const each of quiet) assert.equal(pushBlock(state, each).length, 0);
  const filled = ready();
  for (let week = 0; week < 4; week += 1) {
    const time = 33 * DAY + week * DAY;
    pushBlock(filled, block(time, row(null, HOT, 9000), row(null, HOT, 9000, 'usdc')), true);
    pushBlock(filled, block(time + 7200, row(HOT, 'vault', 9000), row(HOT, 'vault', 9000, 'usdc')), true);
  }
  assert.equal(pushBlock(filled, block(THEFT, row(HOT, 'vault', 9500))).length, 0);
});

test('live S1: the same theft in small pieces to one address alarms before a third is gone', () => {
  const state = ready();
  let gone = 0;
  for (let piece = 0; piece < 31; piece += 1) {
    const alarms = pushBlock(state, block(THEFT + piece * 24, row(HOT, 'thief', 290)));
    gone += 290;
    if (alarms.length > 0) break;
  }
  assert.ok(gone <= 3000, `${gone} of 9000`);
});

test('live S1: a theft spread over many fresh addresses alarms together, not one by one', () => {
  const state = ready();
  const alarms: Alarm[] = [];
  for (let piece = 0; piece < 40; piece += 1) {
    alarms.push(...pushBlock(state, block(THEFT + piece * 12, row(HOT, `mule${piece}`, 200))));
  }
  assert.ok(rules(alarms).includes('spread'), rules(alarms).join());
  const spread = alarms.find(({ rule }) => rule === 'spread')!;
  assert.ok(spread.otherCount >= 8 && spread.otherCount <= 20, 'long before all forty were paid');
  assert.ok(alarms.length < 5);
});

test('live S1: many kinds of assets half emptied at once', () => {
  const tokens = ['a', 'b', 'c', 'd', 'e'];
  const state = ready({}, tokens);
  const alarms = pushBlock(state, block(THEFT, ...tokens.map((asset) => row(HOT, `thief-${asset}`, 9000, asset))));
  assert.ok(rules(alarms).includes('assets'));
});

test('live S1 without a past: nearly all of what was held for a day leaves; nothing where it just came', () => {
  const fresh = (): Map<string, WalletState> => newLiveState([watchedWallet()], DEFAULT_THRESHOLDS);
  const held = fresh();
  setHeld(held.get(HOT)!, 'eth', 1000n);
  assert.deepEqual(rules(pushBlock(held, block(THEFT, row(HOT, 'thief', 950)))), ['emptied']);
  const large = fresh();
  setHeld(large.get(HOT)!, 'eth', 1000n);
  assert.equal(pushBlock(large, block(THEFT, row(HOT, 'shop', 500))).length, 0);
  const passing = fresh();
  pushBlock(passing, block(0, row('x', HOT, 1000)));
  assert.equal(pushBlock(passing, block(7200, row(HOT, 'y', 1000))).length, 0);
});

test('live S1: a wallet that pays a few addresses only alarms when all goes to another', () => {
  const state = newLiveState([watchedWallet()], DEFAULT_THRESHOLDS);
  for (let day = 0; day < 20; day += 1) {
    pushBlock(state, block(day * DAY, row('x', HOT, 1000)), true);
    pushBlock(state, block(day * DAY + 7200, row(HOT, 'vault', 1000)), true);
  }
  pushBlock(state, block(THEFT, row('x', HOT, 1000)));
  assert.deepEqual(rules(pushBlock(state, block(THEFT + 7200, row(HOT, 'thief', 1000)))), ['emptied']);
});

test('live S1: silent on what is allowed, below minOutflow, of no amount, or learnt', () => {
  const drain = (): LiveBlock => block(THEFT, row(HOT, 'thief', 6000));
  assert.equal(pushBlock(ready({ allow: new Set(['thief']) }), drain()).length, 0);
  assert.equal(pushBlock(ready({ minOutflow: new Map([['eth', 6001n]]) }), drain()).length, 0);
  assert.equal(pushBlock(ready(), drain(), true).length, 0);
  const state = ready();
  assert.equal(pushBlock(state, block(THEFT, row(HOT, 'poisoner', 0), row(HOT, HOT, 9000))).length, 0);
});

test('live S1: a condition stays silent until it grows threefold, or a day has passed', () => {
  const state = ready();
  const at = (seconds: number, amount: number): Alarm[] =>
    pushBlock(state, block(THEFT + seconds, row(HOT, 'thief', amount))).filter(({ rule }) => rule === 'drain');
  const [first] = at(0, 2000);
  assert.equal(first!.again, null);
  assert.equal(at(60, 1000).length, 0);
  const [grown] = at(120, 3000);
  assert.deepEqual([grown!.again!.of, grown!.again!.times], [first!.id, 3]);
  assert.notEqual(grown!.id, first!.id);
});

test('live S1: alarms of one wallet are counted, not raised, beyond a number in a window', () => {
  const limits = { ...DEFAULT_THRESHOLDS, minShare: 0.001 };
  const state = newLiveState([watchedWallet()], limits);
  past(state);
  pushBlock(state, block(THEFT - DAY, row(null, HOT, 10_000_000)));
  const thieves = Array.from({ length: 100 }, (_, index) => row(HOT, `thief${index}`, 20_000 + index));
  const alarms = pushBlock(state, block(THEFT, ...thieves));
  assert.equal(alarms.filter(({ rule }) => rule === 'drain').length, MAX_ALARMS_IN_WINDOW);
  const more = alarms.filter(({ rule }) => rule === 'more');
  assert.ok(more.length > 0 && more.length < 6);
  assert.equal(new Set(alarms.map(({ id }) => id)).size, alarms.length, 'no two alarms have one id');
});

type Move = readonly [from: number, to: number, amount: number, asset: number, wait: number];
const MOVES = fc.array(fc.tuple(fc.nat(4), fc.nat(12), fc.nat(5000), fc.nat(2), fc.nat(4000)) as fc.Arbitrary<Move>, {
  maxLength: 60,
});

function run(state: ReadonlyMap<string, WalletState>, moves: readonly Move[], start: number): string[] {
  let time = start;
  return moves.flatMap(([from, to, amount, asset, wait], at) => {
    time += wait;
    const names = [HOT, 'cold', 'x', 'y', 'z'];
    const transfers = [row(names[from]!, to < 5 ? names[to]! : `p${to}`, amount, `asset${asset}`)];
    const each: LiveBlock = { number: BigInt(at), hash: '', time, transfers, signals: [] };
    return pushBlock(state, each).map(({ id }) => id);
  });
}

test('live S1: a copy of the state is the state: what happens to one leaves the other, and gives the same alarms', () => {
  fc.assert(
    fc.property(MOVES, MOVES, MOVES, (before, one, other) => {
      const wallets = [watchedWallet(), watchedWallet({ address: 'cold' })];
      const first = newLiveState(wallets, DEFAULT_THRESHOLDS);
      run(first, before, 0);
      const copy = structuredClone(first);
      run(first, one, 40 * 4000);
      const alarms = run(copy, other, 40 * 4000);
      const plain = newLiveState(wallets, DEFAULT_THRESHOLDS);
      run(plain, before, 0);
      assert.deepEqual(run(plain, other, 40 * 4000), alarms);
      assert.deepEqual(copy, plain);
    }),
    { numRuns: 60 },
  );
});

test('live S1: what is held is what came less what went, never below nothing; the window forgets all it took', () => {
  fc.assert(
    fc.property(MOVES, (moves) => {
      const state = newLiveState([watchedWallet()], DEFAULT_THRESHOLDS);
      run(state, moves, 0);
      const held = new Map<string, bigint>();
      for (const [from, to, amount, asset] of moves) {
        if ((from === 0) === (to === 0)) continue;
        const name = `asset${asset}`;
        const sum = (held.get(name) ?? 0n) + (from === 0 ? -BigInt(amount) : BigInt(amount));
        held.set(name, sum < 0n ? 0n : sum);
      }
      const { outflow } = state.get(HOT)!;
      for (const [name, amount] of held) assert.equal(outflow.assets.get(name)?.held ?? 0n, amount);
      pushBlock(state, block(1e9, row('x', HOT, 1, 'last')));
      for (const { in: got, out, freshOut, freshLarge, freshPayments } of outflow.assets.values()) {
        assert.deepEqual([out, freshOut, freshLarge, freshPayments], [0n, 0n, 0, 0]);
        assert.ok(got <= 1n);
      }
      assert.equal(outflow.open.size, 0);
      const paid = moves.filter(([from, to, amount]) => from === 0 && to !== 0 && amount > 0).length;
      assert.equal(pastOf(state.get(HOT)!).payments, paid);
    }),
    { numRuns: 100 },
  );
});

function signal(kind: AuthorityChange['kind'], options: Partial<AuthorityChange> = {}): AuthorityChange {
  return {
    kind,
    account: HOT,
    grantee: 'other',
    asset: null,
    amount: null,
    tx: 'tx',
    txIndex: 0,
    logIndex: 1,
    sender: 's',
    ...options,
  };
}

function signalled(state: ReadonlyMap<string, WalletState>, ...signals: AuthorityChange[]): Alarm[] {
  return pushBlock(state, { ...block(THEFT), signals });
}

test('S0: a change of rights of a watched wallet alarms, of another does not', () => {
  const state = ready({ kind: 'safe' });
  const [owner, threshold, lower] = signalled(
    state,
    signal('safeOwnerAdded'),
    signal('safeThreshold', { grantee: null, amount: 3n, logIndex: 2 }),
    signal('safeThreshold', { grantee: null, amount: 2n, logIndex: 3 }),
    signal('safeThreshold', { grantee: null, amount: 2n, logIndex: 4 }),
    signal('safeOwnerAdded', { account: 'stranger' }),
  );
  assert.deepEqual([owner!.rule, owner!.severity, owner!.others], ['safeOwnerAdded', 'high', ['other']]);
  assert.equal(threshold!.severity, 'high');
  assert.deepEqual([lower!.severity, lower!.crossed[0]!.value, lower!.crossed[0]!.limit], ['critical', 2, 3]);
});

test('S0: a delegatecall alarms once for a target never seen, and never for the libraries that Safes use', () => {
  const state = ready({ kind: 'safe' });
  const library = '0x40a2accbd92bca938b02010e17a5b8929b49130d';
  const call = (grantee: string): AuthorityChange => signal('delegatecall', { grantee, logIndex: null });
  assert.equal(signalled(state, call(library)).length, 0);
  assert.deepEqual(rules(signalled(state, call('evil'), call('evil'))), ['delegatecall']);
  pushBlock(state, { ...block(THEFT), signals: [call('known')] }, true);
  assert.equal(signalled(state, call('known')).length, 0);
});

test('S0: large approvals to a spender never trusted so far', () => {
  const large = new Map([['eth', 500n]]);
  const state = ready({ allow: new Set(['router']), largeApproval: large });
  const approve = (grantee: string, amount: bigint, asset = 'eth'): Alarm[] =>
    signalled(state, signal('approval', { grantee, amount, asset }));
  assert.equal(approve('shop', 499n).length, 0, 'below holdings and limit');
  assert.equal(approve('shop', 500n)[0]!.crossed.at(-1)!.what, 'above limit');
  assert.equal(approve('router', 2n ** 256n - 1n).length, 0, 'allowed');
  assert.equal(approve('gone', 0n).length, 0, 'taken away');
  assert.equal(approve('thief', 2n ** 256n - 1n)[0]!.severity, 'high');
  assert.equal(approve('thief', 2n ** 256n - 1n).length, 0, 'said once');
  assert.equal(approve('thief', 20_000n, 'usdc')[0]!.crossed.at(-1)!.what, 'above holdings');
  setHeld(state.get(HOT)!, 'spam', 0n);
  assert.equal(approve('thief', 2n ** 256n - 1n, 'spam')[0]!.severity, 'medium', 'nothing there to take');
  assert.equal(signalled(state, signal('approvalForAll', { grantee: 'market', asset: 'nft', amount: 1n })).length, 1);
  assert.equal(signalled(state, signal('approvalForAll', { grantee: 'market2', asset: 'nft', amount: 0n })).length, 0);
});
