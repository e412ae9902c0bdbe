import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { HaetaeError } from '../base/errors.ts';
import type { Alarm } from '../detect/alarm.ts';
import { DEFAULT_THRESHOLDS, type WatchedWallet } from '../detect/watched-wallet.ts';
import type { Asset } from '../model/asset.ts';
import type { Transfer } from '../model/transfer.ts';
import type { AccountBlock, AccountSource, Activity, BalanceQuery, BlockRef } from '../source/chain-source.ts';
import { DEFAULT_DEPTH, type WatchEvent, type WatchPlan } from './wallet-plan.ts';
import { watchWallets } from './wallet-watch.ts';

const CHAIN = 'eip155:31337';
const NATIVE = `${CHAIN}/slip44:1`;
const HOT = '0xa000000000000000000000000000000000000001';
const BLOCK_SECONDS = 900;

type Move = readonly [from: string, to: string, amount: number];

/** A chain that is written down beforehand, with the branches that it takes: it shows one head after another. */
class WrittenChain implements AccountSource {
  readonly chain = CHAIN;
  readonly name = 'written';
  readonly model = 'account';
  blocksNow: AccountBlock[] = [];
  readonly #steps: (() => void)[] = [];
  readonly #knowsBalances: boolean;
  #made = 0;

  constructor(first: readonly (readonly Move[])[], knowsBalances = true) {
    this.#knowsBalances = knowsBalances;
    for (const moves of first) this.#add(moves);
  }

  /** Later: `undone` blocks go, these come. */
  later(undone: number, blocks: readonly (readonly Move[])[]): this {
    this.#steps.push(() => {
      this.blocksNow = this.blocksNow.slice(0, this.blocksNow.length - undone);
      for (const moves of blocks) this.#add(moves);
    });
    return this;
  }

  /** The same head once more. */
  again(): this {
    this.#steps.push(() => {});
    return this;
  }

  #add(moves: readonly Move[]): void {
    this.#made += 1;
    const at = this.blocksNow.length;
    const time = 1_700_000_000 + at * BLOCK_SECONDS;
    const parent = this.blocksNow.at(-1)?.ref.hash ?? 'none';
    const ref: BlockRef = { number: BigInt(at), hash: `h${at}.${this.#made}`, parent, time };
    const transfers = moves.map(([from, to, amount], leg): Transfer => {
      const place = { chain: CHAIN, time, block: ref.number, txIndex: leg, leg, tx: `${ref.hash}.${leg}` };
      const source = { batch: 0, file: 0, row: leg };
      return { ...place, kind: 'transfer', from, to, asset: NATIVE, amount: BigInt(amount), rounded: false, source };
    });
    this.blocksNow.push({
      ref,
      transfers,
      signals: [],
      internalMoves: 'traced',
      confirm: () => {},
      unchecked: [],
      parties: () => [],
    });
  }

  async head(): Promise<BlockRef> {
    return this.blocksNow.at(-1)!.ref;
  }

  async block(number: bigint): Promise<AccountBlock> {
    return this.blocksNow[Number(number)] ?? assert.fail(`no block ${number}`);
  }

  async blockRef(number: bigint): Promise<BlockRef> {
    return (await this.block(number)).ref;
  }

  async *blocks(from: bigint, to: bigint): AsyncGenerator<AccountBlock> {
    for (let number = from; number <= to; number += 1n) yield this.block(number);
  }

  async *heads(): AsyncGenerator<BlockRef> {
    yield await this.head();
    for (const step of this.#steps) {
      step();
      yield await this.head();
    }
  }

  async balances(places: readonly BalanceQuery[], block: bigint): Promise<readonly (bigint | null)[]> {
    return places.map(({ address, asset }) => {
      if (!this.#knowsBalances) return null;
      let sum = 0n;
      for (const { transfers } of this.blocksNow.slice(0, Number(block) + 1)) {
        for (const row of transfers) {
          if (row.asset !== asset || row.from === row.to) continue;
          if (row.to === address) sum += row.amount;
          if (row.from === address) sum = sum > row.amount ? sum - row.amount : 0n;
        }
      }
      return sum;
    });
  }

  async activity(): Promise<Activity | null> {
    return null;
  }

  async tokens(): Promise<readonly Asset[]> {
    return [];
  }

  async blockOf(): Promise<bigint> {
    throw new HaetaeError('E_NOT_FOUND', 'not asked for here');
  }

  async close(): Promise<void> {}
}

const WALLET: WatchedWallet = {
  chain: CHAIN,
  address: HOT,
  name: null,
  kind: 'wallet',
  allow: new Set(),
  minOutflow: new Map(),
  largeApproval: new Map(),
};

async function watchOf(source: AccountSource, options: Partial<WatchPlan> = {}): Promise<WatchEvent[]> {
  const events: WatchEvent[] = [];
  const plan: WatchPlan = {
    wallets: [WALLET],
    thresholds: DEFAULT_THRESHOLDS,
    store: null,
    pastBlocks: null,
    fromBlock: null,
    untilBlock: null,
    once: false,
    depth: DEFAULT_DEPTH,
    emit: (event) => events.push(event),
    signal: new AbortController().signal,
    ...options,
  };
  await watchWallets(plan, [source]);
  return events;
}

/** Alarms that stand: raised and not taken back. */
function standing(events: readonly WatchEvent[]): Alarm[] {
  const alarms = new Map<string, Alarm>();
  for (const event of events) {
    if (event.event === 'alarm') {
      assert.ok(!alarms.has(event.alarm.id), `raised twice: ${event.alarm.id}`);
      alarms.set(event.alarm.id, event.alarm);
    }
    if (event.event === 'withdrawn') assert.ok(alarms.delete(event.alarm.id), 'taken back, never raised');
  }
  return [...alarms.values()];
}

const PAST: readonly (readonly Move[])[] = [
  [['cold', HOT, 10_000]],
  ...Array.from({ length: 120 }, (_, at): Move[] => [
    ['cold', HOT, 50 + (at % 50)],
    [HOT, `customer${at % 40}`, 50 + (at % 50)],
  ]),
];
const DRAIN: readonly Move[] = [[HOT, 'thief', 9000]];
const QUIET: readonly Move[] = [[HOT, 'customer1', 60]];

const blockArbitrary = fc.array(
  fc.tuple(
    fc.constantFrom(HOT, HOT, 'cold', 'x'),
    fc.constantFrom(HOT, 'thief', 'thief2', 'customer1', 'y'),
    fc.constantFrom(10, 60, 500, 3000, 9000),
  ) as fc.Arbitrary<Move>,
  { maxLength: 4 },
);
const blocksArbitrary = fc.array(blockArbitrary, { minLength: 1, maxLength: 6 });

suite('wallets watched over reorganisations', () => {
  test('whatever branches the chain takes, what stands is what a watch of the last branch alone says', async () => {
    const steps = fc.array(fc.tuple(fc.nat(8), blocksArbitrary), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        blocksArbitrary,
        steps,
        fc.boolean(),
        fc.constantFrom(3, 8, 64),
        async (first, branches, knows, depth) => {
          const begin = PAST.length;
          const source = new WrittenChain(PAST, knows).later(0, first);
          let length = begin + first.length;
          let highest = length;
          for (const [wanted, blocks] of branches) {
            // The depth counts from the highest head seen.
            const undone = Math.min(wanted, depth - (highest - length), length - begin);
            source.later(undone, blocks).again();
            length += blocks.length - undone;
            highest = Math.max(highest, length);
          }
          const events = await watchOf(source, { depth });
          const last = await watchOf(source, { depth, fromBlock: BigInt(begin), once: true });
          assert.deepEqual(standing(events), standing(last));
        },
      ),
      { numRuns: 80 },
    );
  });

  test('a block read twice changes nothing', async () => {
    const once = await watchOf(new WrittenChain(PAST).later(0, [DRAIN]).later(0, [QUIET]));
    const twice = await watchOf(
      new WrittenChain(PAST).again().later(0, [DRAIN]).again().again().later(0, [QUIET]).again(),
    );
    assert.ok(standing(once).length > 0);
    assert.deepEqual(twice, once);
  });

  test('a reorganisation into the blocks learnt is followed; one deeper than is kept is a clear stop', async () => {
    const into = new WrittenChain(PAST).later(5, [QUIET, QUIET, QUIET, QUIET, QUIET, DRAIN]);
    const events = await watchOf(into);
    assert.ok(events.some((event) => event.event === 'reorganised' && event.depth === 5n));
    assert.ok(standing(events).length > 0);
    const deep = new WrittenChain(PAST).later(5, [QUIET, QUIET, QUIET, QUIET, QUIET, QUIET]);
    await assert.rejects(watchOf(deep, { depth: 4 }), (error: unknown) => {
      assert.ok(error instanceof HaetaeError && error.code === 'E_REORG_DEEP' && error.remedy !== undefined);
      return true;
    });
  });
});

suite('the past of a watched wallet', () => {
  test('what was learnt is said; none is said too', async () => {
    const [learnt] = await watchOf(new WrittenChain(PAST));
    assert.ok(learnt?.event === 'learnt');
    assert.deepEqual(learnt.blocks, { from: 0n, to: 120n, read: 121 });
    // The last hour, four blocks and the one at its edge, is no past yet.
    assert.equal(learnt.past.payments, 115);
    const [none] = await watchOf(new WrittenChain(PAST), { pastBlocks: 0n });
    assert.ok(none?.event === 'learnt');
    assert.equal(none.past.payments, 0);
    assert.match(none.notes.join(), /no past/);
    const [blind] = await watchOf(new WrittenChain(PAST, false));
    assert.ok(blind?.event === 'learnt' && /does not say what the wallet holds/.test(blind.notes.join()));
  });

  test('that no source has traces of the first block is not noted; of a later one it is', async () => {
    for (const [unseen, noted] of [
      [0, false],
      [1, true],
    ] as const) {
      const chain = new WrittenChain(PAST);
      chain.blocksNow[unseen] = { ...chain.blocksNow[unseen]!, internalMoves: 'unseen' };
      const [learnt] = await watchOf(chain, { fromBlock: 50n });
      assert.ok(learnt?.event === 'learnt');
      assert.equal(/has no traces/.test(learnt.notes.join()), noted);
    }
  });

  test('without a past an emptied wallet alarms all the same', async () => {
    const [alarm, ...rest] = standing(
      await watchOf(new WrittenChain(PAST).later(0, [[[HOT, 'thief', 10_000]]]), { pastBlocks: 0n }),
    );
    assert.deepEqual([alarm!.rule, rest.length], ['emptied', 0]);
  });

  test('--until-block ends there, --from-block judges from there', async () => {
    const chain = new WrittenChain([...PAST, DRAIN, QUIET, [[HOT, 'thief3', 800]]]);
    const from = BigInt(PAST.length);
    const events = await watchOf(chain, { fromBlock: from, untilBlock: from + 1n });
    const blocks = events.flatMap((event) => (event.event === 'block' ? [event.block.number] : []));
    assert.deepEqual(blocks, [from, from + 1n]);
    assert.ok(standing(events).every(({ block }) => block === from));
  });

  test('where no block could ever be judged, it is refused', async () => {
    const past = BigInt(PAST.length);
    const refused = { code: 'E_USAGE', remedy: /--from-block/ };
    await assert.rejects(watchOf(new WrittenChain(PAST), { fromBlock: past, once: true }), refused);
    await assert.rejects(watchOf(new WrittenChain(PAST), { fromBlock: 9n, untilBlock: 8n }), refused);
    await watchOf(new WrittenChain(PAST), { fromBlock: past - 1n, once: true });
    await watchOf(new WrittenChain(PAST), { fromBlock: 9n, untilBlock: 9n });
  });
});
