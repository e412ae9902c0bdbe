import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SILENT } from '../base/progress.ts';
import { Uint32Column } from '../flow/column.ts';
import { utxoFlowOf } from '../flow/memory.ts';
import { createKernels } from '../kernel/kernel.ts';
import { BITCOIN, cut, type SceneTx, sceneTx } from './_entity-fixture.ts';
import { maybeMembers } from './entity-change.ts';
import { Entities } from './entity-index.ts';
import { joinsOf } from './entity-joins.ts';
import { serviceTable } from './entity-services.ts';
import { buildUtxoEntities } from './entity-utxo.ts';

const to = (address: string, value = 6_000n) => ({ address, value });
/** `shop` was paid before; p and q are spent together; c takes what is left, and is spent once more with p's later coin. */
const TXS: readonly SceneTx[] = [
  { spends: [], outputs: [to('p'), to('q'), to('shop'), to('r')] },
  {
    spends: [
      [0, 0],
      [0, 1],
    ],
    outputs: [to('shop', 10_000n), to('c', 1_777n)],
  },
  { spends: [[0, 3]], outputs: [to('r', 5_000n), to('shop', 900n)] },
];

function indexed(txs: readonly SceneTx[]) {
  const flow = cut(
    utxoFlowOf(
      BITCOIN,
      txs.map((_, number) => sceneTx(txs, number)),
    ),
    2,
  );
  const built = buildUtxoEntities(flow, {
    kernels: createKernels(null),
    services: new Uint32Array(0),
    sizeLimit: 100,
    progress: SILENT,
  });
  const table = serviceTable([], flow.addresses);
  const index = new Entities({
    model: 'utxo',
    book: flow.addresses,
    roots: Uint32Column.of(built.clusters.roots),
    refusals: () => built.clusters.refusals,
    mixes: built.mixes,
    deposits: null,
    services: [],
    table,
    summary: null as never,
    close: () => {},
  });
  return { flow, index, id: (address: string): number => flow.addresses.find(address) };
}

suite('evidence of an entity', () => {
  test('change is told from the columns: an address not paid before, smaller than every input, not round', () => {
    const { flow, index, id } = indexed(TXS);
    const entity = index.entityOf(id('p'));
    assert.equal(entity, index.entityOf(id('q')));
    const { addresses, read, all } = maybeMembers(flow, index, entity, index.members(entity));
    assert.deepEqual([read, all], [1, 1]);
    assert.deepEqual(
      addresses.map(({ address, weight }) => [flow.addresses.text(address), weight]),
      [['c', 5]],
    );
    assert.deepEqual(
      addresses[0]!.findings[0]!.evidence.map(({ heuristic }) => heuristic),
      ['fresh', 'unneeded-input', 'round'],
    );
    assert.notEqual(index.entityOf(id('c')), entity, 'evidence joins nobody');
  });

  test('change that goes to the entity itself is no news', () => {
    const { flow, index, id } = indexed(TXS);
    assert.deepEqual(maybeMembers(flow, index, index.entityOf(id('r')), [id('r')]).addresses, []);
  });

  test('of the transactions that join, those are named that brought something together', () => {
    const again: SceneTx[] = [
      { spends: [], outputs: ['p', 'q', 'p', 'q', 'q', 's'].map((name) => to(name)) },
      {
        spends: [
          [0, 0],
          [0, 1],
        ],
        outputs: [to('x')],
      },
      {
        spends: [
          [0, 2],
          [0, 3],
        ],
        outputs: [to('x')],
      },
      {
        spends: [
          [0, 4],
          [0, 5],
        ],
        outputs: [to('x')],
      },
    ];
    const { flow, index, id } = indexed(again);
    const joins = joinsOf(flow, index, id('s'));
    assert.equal(joins.all, 3);
    assert.equal(joins.whole, true);
    assert.deepEqual(
      joins.needed.map(({ tx, members }) => [tx, members.map((each) => flow.addresses.text(each))]),
      [
        [1, ['p', 'q']],
        [3, ['q', 's']],
      ],
    );
  });
});
