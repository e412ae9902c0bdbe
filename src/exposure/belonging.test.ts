import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { utxoFlowOf } from '../flow/memory.ts';
import { createKernels } from '../kernel/kernel.ts';
import { parseLabelBytes } from '../label/open.ts';
import { saveLabelList } from '../label/save.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/port.ts';
import { BITCOIN, utxoOf } from './_fixture.ts';
import { type Answer, askExposure } from './ask.ts';
import { DEFAULT_CATEGORIES } from './categories.ts';
import { DEFAULT_DUST } from './dust.ts';
import { openEntities } from './entity-open.ts';

const LABELLED = '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa';
const SIBLING = '12c6DSiU4Rq3P4ZxziKxzrL5LmMBrzjrJX';
const BOB = '1HLoD9E4SDFFPDiYfNYnkBLQ85Y51J3Zb1';
const FRESH = '1FvzCLoTPGANNjWoUo6jUGuAG3wg1w4YjR';

/** Two addresses are spent together, so they are one owner's; only the first is labelled. The second pays Bob, and itself. */
const flow = utxoFlowOf(
  BITCOIN,
  utxoOf([
    { id: 'a', spends: [], pays: [{ to: LABELLED, value: 50_000n }] },
    { id: 'b', spends: [], pays: [{ to: SIBLING, value: 90_000n }] },
    { id: 'c', spends: [], pays: [{ to: SIBLING, value: 20_000n }] },
    { id: 'd', spends: ['a:0', 'c:0'], pays: [{ to: FRESH, value: 69_000n }] },
    {
      id: 'e',
      spends: ['b:0'],
      pays: [
        { to: BOB, value: 40_000n },
        { to: LABELLED, value: 49_000n },
      ],
    },
  ]),
);

let store: Store;
before(async () => {
  store = await openStore({ path: ':memory:' });
  const text = `address,chain,label,category,source\n${LABELLED},bitcoin,Some Exchange,exchange,own\n`;
  for (const list of parseLabelBytes(new TextEncoder().encode(text), 'own.csv').lists) await saveLabelList(store, list);
});
after(() => store.close());

async function ask(address: string, withEntities: boolean): Promise<Answer> {
  const entities = withEntities ? await openEntities({ store, flow, parts: [], folder: null }) : null;
  const settings = { categories: DEFAULT_CATEGORIES, dust: DEFAULT_DUST };
  const kernels = createKernels(null);
  const answer = await askExposure({
    store,
    flow,
    kernels,
    settings,
    address,
    asset: null,
    asOf: null,
    paths: 0,
    entities,
  });
  entities?.close();
  return answer;
}

const receivedFrom = ({ assets }: Answer): (readonly [string, number])[] =>
  assets[0]!.exposure.received.categories.map(({ category, direct }) => [category, direct]);

test('an address of a labelled entity has its category, and says why; without entities it has none', async () => {
  const sibling = await ask(SIBLING, true);
  assert.equal(sibling.category, 'exchange');
  assert.match(sibling.belongs!, new RegExp(`entity of ${LABELLED}, labelled Some Exchange`));
  assert.equal(sibling.table.counts.belonging, 1);
  assert.equal((await ask(SIBLING, false)).category, null);
  assert.deepEqual(receivedFrom(await ask(BOB, true)), [['exchange', 40_000]]);
  assert.deepEqual(receivedFrom(await ask(BOB, false)), []);
});

test('what an owner pays to another address of his is change: not received', async () => {
  const [asset] = (await ask(LABELLED, true)).assets;
  assert.equal(asset!.exact.figures.large.total, 50_000n);
  const [alone] = (await ask(LABELLED, false)).assets;
  assert.equal(alone!.exact.figures.large.total, 99_000n);
});
