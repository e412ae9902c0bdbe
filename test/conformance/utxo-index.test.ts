import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { SILENT } from '../../src/base/progress.ts';
import { sameFlow } from '../../src/flow/_utxo-same.ts';
import { buildIndex } from '../../src/flow/build-index.ts';
import { utxoFlowOf } from '../../src/flow/memory.ts';
import { openIndex } from '../../src/flow/open-index.ts';
import type { FileUtxoFlow } from '../../src/flow/utxo-flow.ts';
import { createdBy, spentBy, valueOfOutput } from '../../src/flow/utxo-hop.ts';
import { txIdsOf } from '../../src/flow/utxo-txids.ts';
import type { UtxoTransaction } from '../../src/model/transfer.ts';
import { openFileFeed } from '../../src/source/file/open.ts';
import { openStore } from '../../src/store/open.ts';
import type { KeptBlock, Store } from '../../src/store/port.ts';
import { datasetPath } from '../e2e/_cli.ts';
import { withEveryFreshStore, withFolder } from './engines.ts';
import { BITCOIN, feedOf, NOON, newBatch } from './feed.ts';
import { answer } from './living.ts';

/** Heights of a chain, and a branch for what is read anew after a reorganisation. */
const HEIGHTS = 6;

interface Draft {
  readonly height: number;
  readonly spends: readonly number[];
  readonly outputs: number;
}

const anyDrafts: fc.Arbitrary<Draft[]> = fc.array(
  fc.record({
    height: fc.nat(HEIGHTS - 1),
    spends: fc.array(fc.nat(40), { maxLength: 3 }),
    outputs: fc.integer({ min: 1, max: 3 }),
  }),
  { minLength: 4, maxLength: 20 },
);

/** A step of a store's life: blocks up to a height are read; or those above one are forgotten, another branch read in their place. */
const anySteps = fc.array(fc.record({ height: fc.nat(HEIGHTS - 1), reorganise: fc.boolean() }), {
  minLength: 2,
  maxLength: 5,
});

/** Blocks of transactions that spend what earlier ones left, each output once; times run backward at some heights. */
function chainOf(drafts: readonly Draft[], branch: (height: number) => string): UtxoTransaction[][] {
  const open: { tx: string; index: number; value: bigint; address: string }[] = [];
  return Array.from({ length: HEIGHTS }, (_, height) =>
    drafts.flatMap((draft, turn): UtxoTransaction[] => {
      if (draft.height !== height) return [];
      const tx = createHash('sha256')
        .update(`${turn} ${branch(height)}`)
        .digest('hex');
      const spent = draft.spends.flatMap((pick) => (open.length === 0 ? [] : open.splice(pick % open.length, 1)));
      const outputs = Array.from({ length: draft.outputs }, (__, index) => {
        return { value: BigInt(turn * 10 + index), address: `addr${(turn + index) % 5}` };
      });
      outputs.forEach((output, index) => {
        open.push({ tx, index, ...output });
      });
      const inputs = spent.map(({ tx: of, index, ...end }) => ({ outpoint: { tx: of, index }, ...end }));
      return [
        {
          chain: BITCOIN,
          ...placeOf(height),
          tx,
          txIndex: turn,
          inputs,
          outputs,
          source: { batch: 0, file: 0, row: 1 },
        },
      ];
    }),
  );
}

function placeOf(height: number): { readonly block: bigint; readonly time: number } {
  return { block: BigInt(height), time: NOON + height * 600 - (height % 3 === 2 ? 900 : 0) };
}

function blockOf(height: number, branch: (height: number) => string): KeptBlock {
  const hash = (at: number): string => `${at < 0 ? 'genesis' : branch(at)} ${at}`;
  return { number: BigInt(height), hash: hash(height), parent: hash(height - 1), time: placeOf(height).time };
}

async function liveThrough(
  store: Store,
  drafts: readonly Draft[],
  steps: readonly { readonly height: number; readonly reorganise: boolean }[],
  look: (held: readonly UtxoTransaction[]) => Promise<void>,
): Promise<void> {
  let from = 0;
  const branches: string[] = Array.from({ length: HEIGHTS }, () => 'first');
  const branch = (height: number): string => branches[height]!;
  for (const [turn, { height, reorganise }] of steps.entries()) {
    if (reorganise && height < from) {
      await store.rollBack(BITCOIN, BigInt(height) - 1n);
      branches.fill(`branch ${turn}`, height);
      from = height;
    }
    const blocks = chainOf(drafts, branch);
    for (; from <= height; from += 1) {
      const kept = blockOf(from, branch);
      await store.keepFetched(answer({ chain: BITCOIN, utxo: blocks[from]!, assets: [], blocks: [kept] }));
    }
    await look(blocks.slice(0, from).flat());
  }
}

test('blocks are read, forgotten and read anew: the index of every store is that of a build from nothing', async () => {
  await fc.assert(
    fc.asyncProperty(anyDrafts, anySteps, async (drafts, steps) => {
      await withEveryFreshStore((store) =>
        withFolder(async (folder) => {
          const database = join(folder, 'index-of');
          await liveThrough(store, drafts, steps, async (held) => {
            if (held.length === 0) return;
            await buildIndex(store, database, { chain: BITCOIN, progress: SILENT });
            await withIndex(database, async (flow) => {
              sameFlow(flow, utxoFlowOf(BITCOIN, held));
              await sameIds(store, flow, held);
            });
          });
        }),
      );
    }),
    { numRuns: 8 },
  );
});

test('the same blocks from two imports, the later one first, are one chain', async () => {
  await withEveryFreshStore((store) =>
    withFolder(async (folder) => {
      const drafts = Array.from({ length: 12 }, (_, turn) => ({ height: turn >> 1, spends: [turn * 7], outputs: 2 }));
      const blocks = chainOf(drafts, () => 'first');
      const database = join(folder, 'index-of');
      const held: UtxoTransaction[] = [];
      for (const [name, part] of [
        ['late', blocks.slice(3)],
        ['early', blocks.slice(0, 3)],
      ] as const) {
        held.push(...part.flat());
        await store.load(newBatch(name, { chain: BITCOIN }), feedOf({ utxo: part.flat() }, []), SILENT);
        await buildIndex(store, database, { chain: BITCOIN, progress: SILENT });
        await withIndex(database, async (flow) => sameFlow(flow, utxoFlowOf(BITCOIN, held)));
      }
    }),
  );
});

const data = datasetPath('coinjoin');

test(
  'CoinJoin set, file by file: all 19,859 spends of its own outputs are found, in files without blocks',
  { skip: data.skip },
  () =>
    withFolder(async (folder) => {
      const database = join(folder, 'store.duckdb');
      const store = await openStore({ path: database });
      try {
        for (const name of ['sw_202403', 'jm_202406', 'ww1_202405']) {
          const files = [`${data.path}/dumplings__${name}.zip`];
          const refusedFile = join(folder, 'refused.csv');
          const { batch, feed } = await openFileFeed({ files, preset: 'dumplings', refusedFile, progress: SILENT });
          await store.load(batch, feed, SILENT);
          await buildIndex(store, database, { chain: BITCOIN, progress: SILENT });
          const held = await transactionsOf(store);
          await withIndex(database, async (flow) => sameFlow(flow, utxoFlowOf(BITCOIN, held)));
        }
        await withIndex(database, (flow) => looksAsTheSetSays(store, flow));
      } finally {
        await store.close();
        await rm(`${database}.index`, { recursive: true });
      }
    }),
);

/** Counts of README.md of the data set. */
async function looksAsTheSetSays(store: Store, flow: FileUtxoFlow): Promise<void> {
  assert.equal(flow.txCount, 7036);
  let inputs = 0;
  let inside = 0;
  let outputs = 0;
  for (let tx = 0; tx < flow.txCount; tx += 1) {
    const spent = spentBy(flow, tx).outputs;
    inputs += spent.length;
    inside += spent.filter((output) => flow.creator(output) >= 0).length;
    outputs += createdBy(flow, tx).outputs.length;
  }
  assert.deepEqual([inputs, inside, outputs], [62_550, 19_859, 55_361]);
  const some = Array.from({ length: 20 }, (_, turn) => turn * 350);
  const ids = await txIdsOf(store, flow, some);
  const found = await store.utxoTransactionsById(BITCOIN, ids.map(String));
  assert.equal(found.length, 20);
  for (const [turn, id] of ids.entries()) {
    const tx = found.find((item) => item.tx === id)!;
    assert.equal(tx.time, flow.steps.time(some[turn]!));
    const values = Array.from(createdBy(flow, some[turn]!).outputs, (output) => valueOfOutput(flow, output));
    assert.deepEqual(values.sort(), tx.outputs.map(({ value }) => value).sort());
  }
}

async function transactionsOf(store: Store): Promise<UtxoTransaction[]> {
  const prints = new Set<bigint>();
  for await (const { count, tx } of store.utxoEdges({ from: 0, until: null }))
    for (const print of tx.subarray(0, count)) prints.add(print);
  const found: UtxoTransaction[] = [];
  for await (const chunk of store.utxoTransactions(BigUint64Array.from(prints))) found.push(...chunk);
  return found;
}

async function withIndex(database: string, work: (flow: FileUtxoFlow) => Promise<void>): Promise<void> {
  const index = openIndex(database);
  try {
    await work(index.utxo(BITCOIN));
  } finally {
    index.close();
  }
}

async function sameIds(store: Store, flow: FileUtxoFlow, held: readonly UtxoTransaction[]): Promise<void> {
  const txs = Array.from({ length: flow.txCount }, (_, tx) => tx);
  const ids = await txIdsOf(store, flow, txs);
  assert.deepEqual([...ids].sort(), held.map(({ tx }) => tx).sort());
}
