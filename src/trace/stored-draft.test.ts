import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HaetaeError } from '../base/errors.ts';
import { SILENT } from '../base/progress.ts';
import { requireChain } from '../model/chain.ts';
import type { Seed } from '../model/theft.ts';
import type { Transfer, UtxoTransaction } from '../model/transfer.ts';
import { openStore } from '../store/open.ts';
import type { NewBatch, Store } from '../store/port.ts';
import type { Target, TargetOptions } from './live/drafting.ts';
import { DEFAULT_TRACE_OPTIONS } from './options.ts';
import { draftStored } from './stored-draft.ts';

const ETHEREUM = requireChain('ethereum');
const BITCOIN = requireChain('bitcoin');
const ETH = 'eip155:1/slip44:60';
const USDC = 'eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48';
const NOON = 1_648_037_340;

const [VICTIM, THIEF, MULE, POOL, STRANGER] = [1, 2, 3, 4, 5].map((n) => `0x${String(n).repeat(40)}`) as [
  string,
  string,
  string,
  string,
  string,
];
const tx = (n: number): string => `0x${n.toString(16).padStart(64, '0')}`;
const txid = (n: number): string => n.toString(16).padStart(64, '0');

/** The n-th movement, in block n, n minutes after noon. */
function move(n: number, from: string, to: string, amount: bigint, given: Partial<Transfer> = {}): Transfer {
  return {
    ...{ chain: ETHEREUM.id, time: NOON + n * 60, block: BigInt(n), txIndex: 0, leg: 0, tx: tx(n), kind: 'transfer' },
    ...{ from, to, asset: ETH, amount, rounded: false, source: { batch: 0, file: 0, row: n } },
    ...given,
  } as Transfer;
}

function spend(n: number, inputs: readonly [number, number, bigint, string][], paid: readonly [bigint, string][]) {
  return {
    ...{ chain: BITCOIN.id, tx: txid(n), time: NOON + n * 600, block: BigInt(n), txIndex: 0 },
    inputs: inputs.map(([from, index, value, address]) => ({ outpoint: { tx: txid(from), index }, value, address })),
    outputs: paid.map(([value, address]) => ({ value, address })),
    source: { batch: 0, file: 0, row: n },
  } as UtxoTransaction;
}

async function storeOf(transfers: readonly Transfer[], utxo: readonly UtxoTransaction[] = []): Promise<Store> {
  const store = await openStore({ path: ':memory:' });
  const chain = transfers.length > 0 ? ETHEREUM.id : BITCOIN.id;
  const batch: NewBatch = {
    ...{ contentId: 'a', preset: 'test', chain, files: [{ name: 'a.csv', sha256: 'a', bytes: 1 }] },
    ...{ orderRule: 'index', duplicateRule: 'drop', complete: true, importedAt: NOON },
  };
  const rows = Math.max(transfers.length, utxo.length);
  const counts = { rowsRead: rows, refused: {}, duplicates: 0, rounded: 0, zeroValue: 0 };
  const feed = {
    async *rows() {
      yield { transfers, utxo, blocks: [] };
    },
    finish: async () => counts,
    assets: () => [],
  };
  await store.load(batch, feed, SILENT);
  return store;
}

interface Drafted {
  readonly seeds: readonly Seed[];
  readonly title: string;
  readonly text: string;
  readonly notes: readonly string[];
}

async function draft(
  store: Store,
  words: readonly string[],
  given: Partial<TargetOptions> = {},
  chain = ETHEREUM,
): Promise<Drafted> {
  const notes: string[] = [];
  const targets = words.map(
    (word): Target =>
      /^(0x)?[0-9a-f]{64}$/.test(word) ? { kind: 'transaction', tx: word } : { kind: 'address', address: word },
  );
  const options = { thieves: [], since: null, title: null, trace: DEFAULT_TRACE_OPTIONS, ...given };
  const hooks = { progress: SILENT, notice: (note: string) => void notes.push(note) };
  try {
    const { file, text } = await draftStored({ store, chain, targets, options, hooks });
    return { seeds: file.thefts.flatMap((theft) => theft.seeds), title: file.title, text, notes };
  } finally {
    await store.close();
  }
}

/** What a seed says, short. */
function said({ kind, address, tx: of, outpoint, amount, time }: Seed): readonly unknown[] {
  return outpoint === null ? [kind, address, of, amount, time] : [kind, `${outpoint.tx}:${outpoint.index}`, amount];
}

const code = (wanted: string) => (error: unknown) => error instanceof HaetaeError && error.code === wanted;

test('of a transaction whoever gained, net, and fees are none of it', async () => {
  const rows = [
    move(1, VICTIM, POOL, 100n, { leg: 2 }),
    move(1, POOL, THIEF, 60n, { leg: 3 }),
    move(1, POOL, MULE, 40n, { leg: 4 }),
    move(1, THIEF, STRANGER, 5n, { leg: 0, kind: 'gas', to: null }),
  ];
  const { seeds, title } = await draft(await storeOf(rows), [tx(1)]);
  assert.deepEqual(seeds.map(said), [
    ['mark', THIEF, tx(1), 60n, NOON + 60],
    ['mark', MULE, tx(1), 40n, NOON + 60],
  ]);
  assert.equal(title, `Theft by transaction ${tx(1)}`);
  const named = await draft(await storeOf(rows), [tx(1)], { thieves: [MULE], title: 'Ours' });
  assert.deepEqual(named.seeds.map(said), [['mark', MULE, tx(1), 40n, NOON + 60]]);
  assert.equal(named.title, 'Ours');
});

test('several transactions are one theft; the same one twice, and loot that moves on in another, count once', async () => {
  const rows = [move(1, VICTIM, THIEF, 100n), move(2, VICTIM, THIEF, 50n), move(3, THIEF, MULE, 70n)];
  const { seeds, notes, title } = await draft(await storeOf(rows), [tx(1), tx(2), tx(3), tx(1)]);
  assert.deepEqual(seeds.map(said), [
    ['mark', THIEF, tx(1), 100n, NOON + 60],
    ['mark', THIEF, tx(2), 50n, NOON + 120],
  ]);
  assert.equal(title, 'Theft by 4 transactions');
  assert.ok(notes.some((note) => /^1 arrivals are loot that moves on/.test(note)));
});

test('of an address what it received for nothing, from a block or time on, but no loot of its own that comes back', async () => {
  const rows = [
    move(1, STRANGER, THIEF, 1n),
    move(2, VICTIM, THIEF, 100n),
    // A swap: it gave something for it.
    move(3, THIEF, POOL, 10n, { leg: 1 }),
    move(3, POOL, THIEF, 20n, { leg: 2, asset: USDC }),
    move(4, THIEF, MULE, 30n),
    move(5, MULE, THIEF, 25n),
    move(6, VICTIM, THIEF, 7n),
  ];
  const wanted = [
    ['mark', THIEF, tx(2), 100n, NOON + 120],
    ['mark', THIEF, tx(6), 7n, NOON + 360],
  ];
  const bySince = await draft(await storeOf(rows), [THIEF], { since: '2' });
  assert.deepEqual(bySince.seeds.map(said), wanted);
  assert.deepEqual(bySince.notes, [`1 arrivals at ${THIEF} are loot that comes back: not counted again`]);
  const byTime = await draft(await storeOf(rows), [THIEF], { since: new Date((NOON + 120) * 1000).toISOString() });
  assert.deepEqual(byTime.seeds.map(said), wanted);
  const all = await draft(await storeOf(rows), [THIEF]);
  assert.deepEqual(all.seeds.map(said), [['mark', THIEF, tx(1), 1n, NOON + 60], ...wanted]);
  assert.ok(all.notes.some((note) => /everything that .* received counts as loot/.test(note)));
});

test('a transaction and the address it paid show the same gain once', async () => {
  const { seeds, title } = await draft(await storeOf([move(1, VICTIM, THIEF, 100n)]), [tx(1), THIEF]);
  assert.deepEqual(seeds.map(said), [['mark', THIEF, tx(1), 100n, NOON + 60]]);
  assert.equal(title, 'Theft by 1 transaction and 1 address');
});

test('arrivals whose transaction the data do not name are marked a second later, when the money is there', async () => {
  const unnamed = { tx: null, block: null };
  const rows = [
    move(1, VICTIM, THIEF, 100n, unnamed),
    move(2, THIEF, MULE, 60n, unnamed),
    move(3, MULE, THIEF, 60n, unnamed),
  ];
  const { seeds, notes } = await draft(await storeOf(rows), [THIEF]);
  assert.deepEqual(seeds.map(said), [['mark', THIEF, null, 100n, NOON + 61]]);
  assert.equal(notes.length, 3);
  const byBlock = draft(await storeOf(rows), [THIEF], { since: '1' });
  await assert.rejects(byBlock, code('E_USAGE'));
});

test('of UTXO transactions each output to another than its payers, once, and none that spends the loot', async () => {
  const loot = [
    spend(
      1,
      [[90, 0, 1000n, 'victim']],
      [
        [600n, 'thief'],
        [300n, 'victim'],
        [90n, 'mule'],
      ],
    ),
    spend(2, [[91, 0, 500n, 'victim']], [[490n, 'thief']]),
    spend(3, [[1, 0, 600n, 'thief']], [[590n, 'far']]),
    spend(4, [[3, 0, 590n, 'far']], [[580n, 'thief']]),
  ];
  const several = await draft(await storeOf([], loot), [txid(1), txid(3), txid(1)], {}, BITCOIN);
  assert.deepEqual(several.seeds.map(said), [
    ['mark', `${txid(1)}:0`, 600n],
    ['mark', `${txid(1)}:2`, 90n],
  ]);
  const since = loot[0]!.time;
  assert.deepEqual([...new Set(several.seeds.map(({ time }) => time))], [since], 'the time of its transaction');
  const address = await draft(await storeOf([], loot), ['thief'], {}, BITCOIN);
  assert.deepEqual(address.seeds.map(said), [
    ['mark', `${txid(1)}:0`, 600n],
    ['mark', `${txid(2)}:0`, 490n],
  ]);
  const late = await draft(await storeOf([], loot), ['thief'], { since: '2' }, BITCOIN);
  assert.deepEqual(late.seeds.map(said)[0], ['mark', `${txid(2)}:0`, 490n]);
});

test('what is not stored is named, with how to import it', async () => {
  for (const [word, chain] of [
    [tx(7), ETHEREUM],
    [MULE, ETHEREUM],
    [txid(7), BITCOIN],
    ['nobody', BITCOIN],
  ] as const) {
    const rows = chain === ETHEREUM ? [move(1, VICTIM, THIEF, 1n)] : [];
    const utxo = chain === ETHEREUM ? [] : [spend(1, [[90, 0, 10n, 'victim']], [[9n, 'thief']])];
    await assert.rejects(draft(await storeOf(rows, utxo), [word], {}, chain), (error) => {
      assert.ok(code('E_NOT_FOUND')(error));
      const { context, remedy } = error as HaetaeError;
      return Object.values(context).includes(word) && /import transfers/.test(remedy ?? '');
    });
  }
  const nothing = await storeOf([move(1, THIEF, VICTIM, 1n)]);
  await assert.rejects(draft(nothing, [THIEF]), code('E_SEED'));
});

test('as many targets as may be named are one theft, each among its sources', async () => {
  const thieves = Array.from({ length: 200 }, (_, n) => `0x${(n + 1).toString(16).padStart(40, 'a')}`);
  const store = await storeOf(thieves.map((thief, n) => move(n + 1, VICTIM, thief, BigInt(n + 1))));
  const { seeds, text } = await draft(store, thieves);
  assert.equal(seeds.length, 200);
  for (const thief of thieves) assert.ok(text.includes(`${thief}, `), `${thief} is among the sources`);
  await store.close();
});
