import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, suite, test } from 'node:test';
import { utxoFlowOf } from '../flow/memory.ts';
import type { Category, LabelEntry, LabelList } from '../model/label.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/port.ts';
import { BITCOIN, cut, labelOf, renumbered, type SceneTx, sceneTx } from './_entity-fixture.ts';
import type { EntityIndex } from './entity.ts';
import { DEFAULT_ENTITY_SETTINGS, type EntityPlace, openEntities } from './entity-open.ts';
import { reportEntity } from './entity-report.ts';

const paid = (...names: string[]) => names.map((address) => ({ address, value: 600n }));
/** a and b are one by transaction 1, c and d by 2; 3 would make one of all; e and f by 4. */
const TXS: readonly SceneTx[] = [
  { spends: [], outputs: paid('a', 'b', 'c', 'd', 'b', 'c', 'e', 'f') },
  {
    spends: [
      [0, 0],
      [0, 1],
    ],
    outputs: paid('x', 'a'),
  },
  {
    spends: [
      [0, 2],
      [0, 3],
    ],
    outputs: paid('y'),
  },
  {
    spends: [
      [0, 4],
      [0, 5],
    ],
    outputs: paid('z'),
  },
  {
    spends: [
      [0, 6],
      [0, 7],
    ],
    outputs: paid('w'),
  },
];
const ORDER = ['a', 'b', 'c', 'd', 'e', 'f', 'x', 'y', 'z', 'w'];
const ALL = TXS.map((_, number) => number);

function place(store: Store, folder: string | null, numbers: readonly number[] = ALL): EntityPlace {
  const flow = cut(
    renumbered(
      utxoFlowOf(
        BITCOIN,
        numbers.map((number) => sceneTx(TXS, number)),
      ),
      ORDER,
    ),
    2,
  );
  const parts = flow.segments.map(({ firstTx, txCount }) => ({
    rows: txCount,
    digest: numbers.slice(firstTx, firstTx + txCount).join(),
  }));
  return { store, flow, parts, folder };
}

/** Everything an index says, by text. */
function said(index: EntityIndex): unknown {
  const text = (id: number): string => ORDER[id]!;
  return ORDER.map((name, id) => {
    const entity = index.entityOf(id);
    const refused = index.refusals(entity).map(({ a, b, ...rest }) => ({ ...rest, a: text(a), b: text(b) }));
    const members = [...index.members(entity)].map(text);
    assert.equal(index.size(entity), members.length);
    const service = index.serviceOf(entity)?.name ?? null;
    return [name, index.canonical(entity), members, service, refused, index.labels(entity).length];
  });
}

/** Entities of several members, by canonical name. */
function several(index: EntityIndex): Record<string, string> {
  const found: Record<string, string> = {};
  for (let id = 0; id < ORDER.length; id += 1) {
    const members = [...index.members(index.entityOf(id))].map((member) => ORDER[member]!);
    if (members.length > 1) found[index.canonical(index.entityOf(id))] = members.join('');
  }
  return found;
}

async function opened<Result>(where: EntityPlace, work: (index: EntityIndex) => Result): Promise<Result> {
  const index = await openEntities(where);
  try {
    return work(index);
  } finally {
    index.close();
  }
}

async function label(store: Store, ...entries: [address: string, category: Category, label: string][]): Promise<void> {
  const { list } = labelOf('', 'user', '', BITCOIN);
  const named: LabelList = {
    ...list,
    source: entries.map((entry) => entry.join()).join(),
    sha256: `${entries.length}`.padStart(64, entries[0]![0]),
  };
  await store.saveLabels(
    named,
    entries.map(([address, category, text]): LabelEntry => {
      const {
        list: _,
        firstListed: _f,
        lastListed: _l,
        endedBy: _e,
        status: _s,
        caseFrom: _c,
        ...entry
      } = labelOf(address, category, text, BITCOIN);
      return entry;
    }),
  );
}

suite('the entity index on disk', () => {
  let store: Store;
  let folder: string;
  const home = mkdtempSync(join(tmpdir(), 'haetae-entities-'));
  let number = 0;
  before(async () => {
    store = await openStore({ path: ':memory:' });
  });
  beforeEach(() => {
    number += 1;
    folder = join(home, `${number}`);
  });
  after(async () => {
    await store.close();
    rmSync(home, { recursive: true, force: true });
  });
  const files = (): string[] => readdirSync(folder).sort();

  test('is built once, then read; the same as in memory', async () => {
    const inMemory = await opened(place(store, null), said);
    assert.deepEqual(await opened(place(store, folder), said), inMemory);
    const first = files();
    assert.deepEqual(await opened(place(store, folder), said), inMemory);
    assert.deepEqual(files(), first);
    assert.deepEqual(await opened(place(store, folder), several), { a: 'abcd', e: 'ef' });
  });

  test('grows, goes back and takes late data as the chain does', async () => {
    for (const numbers of [[0, 1], [0, 1, 2, 3], [0, 1, 2, 3, 4], [0, 1, 2], [0, 1, 3], [0, 2, 3, 4], ALL]) {
      const fresh = await opened(place(store, null, numbers), said);
      assert.deepEqual(await opened(place(store, folder, numbers), said), fresh, numbers.join());
      assert.equal(files().length, 2, 'what was replaced is gone');
    }
  });

  test('a damaged, cut or missing file is noticed and built anew', async () => {
    const right = await opened(place(store, folder), said);
    const damage: ((path: string) => void)[] = [
      (path) =>
        writeFileSync(
          path,
          readFileSync(path).map((byte) => byte ^ 1),
        ),
      (path) => writeFileSync(path, ''),
      (path) => rmSync(path),
    ];
    for (const name of ['roots', 'last-join', 'labels', 'mixes', 'pages.crc']) {
      for (const spoil of damage) {
        const columns = join(folder, files().find((entry) => entry !== 'entities.json')!);
        if (!readdirSync(columns).includes(name) || statSync(join(columns, name)).size === 0) continue;
        spoil(join(columns, name));
        assert.deepEqual(await opened(place(store, folder), said), right, name);
      }
    }
  });

  test('a state that is damaged, of another version or of other settings is built anew', async () => {
    const right = await opened(place(store, folder), said);
    const path = join(folder, 'entities.json');
    const whole = readFileSync(path, 'utf8');
    for (const text of [
      '',
      '{',
      'null',
      whole.slice(0, -20),
      whole.replace('"version":1', '"version":9'),
      whole.replace('"steps":5', '"steps":4'),
    ]) {
      writeFileSync(path, text);
      assert.deepEqual(await opened(place(store, folder), said), right);
    }
    const settings = { ...DEFAULT_ENTITY_SETTINGS, sizeLimit: 1 };
    assert.deepEqual(await opened({ ...place(store, folder), settings }, several), { a: 'ab', c: 'cd', e: 'ef' });
    assert.deepEqual(await opened(place(store, folder), said), right);
  });
});

suite('labels and the entity index', () => {
  let store: Store;
  const folder = mkdtempSync(join(tmpdir(), 'haetae-entities-'));
  before(async () => {
    store = await openStore({ path: ':memory:' });
  });
  after(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a label that comes later runs what it touches again: two services do not meet', async () => {
    assert.deepEqual(await opened(place(store, folder), several), { a: 'abcd', e: 'ef' });
    await label(store, ['a', 'exchange', 'Aster 1']);
    assert.deepEqual(await opened(place(store, folder), several), { a: 'abcd', e: 'ef' });
    await label(store, ['d', 'exchange', 'Aster: Cold']);
    assert.deepEqual(await opened(place(store, folder), several), { a: 'abcd', e: 'ef' });
    await label(store, ['c', 'mixer', 'Borage']);
    await opened(place(store, folder), (index) => {
      assert.deepEqual(several(index), { a: 'ab', e: 'ef' });
      assert.deepEqual(
        index.refusals(0).map(({ step, serviceA, serviceB, reason }) => [step, serviceA?.name, serviceB?.name, reason]),
        [[3, 'Aster', 'Borage', 'services']],
      );
      assert.equal(index.serviceOf(0)?.name, 'Aster');
      assert.equal(index.summary.refusals, 2);
    });
    assert.deepEqual(await opened(place(store, folder), said), await opened(place(store, null), said));
  });

  test('labels for addresses never seen, and ones that contradict, are counted and do no harm', async () => {
    await label(store, ['nobody', 'exchange', 'Clover'], ['a', 'gambling', 'Dahlia']);
    const where = place(store, folder);
    const { labelsUnseen, labelsContradicting } = await opened(where, ({ summary }) => summary);
    assert.deepEqual([labelsUnseen, labelsContradicting], [1, 1]);
    assert.deepEqual(await opened(where, said), await opened(place(store, null), said));
  });

  test('a report names members, labels, what joined them, what may be change, and what was refused', async () => {
    const where = place(store, folder);
    const index = await openEntities(where);
    const report = await reportEntity({ store, flow: where.flow, index, address: 1, limit: 3 });
    index.close();
    assert.equal(report.entity, 'a');
    assert.deepEqual(report.members, { count: 2, first: ['a', 'b'] });
    assert.deepEqual(report.labels.map(({ address, label: { label } }) => `${address} ${label}`).sort(), [
      'a Aster 1',
      'a Dahlia',
    ]);
    assert.deepEqual(
      report.joins?.first.map(({ members }) => members),
      [['a', 'b']],
    );
    assert.deepEqual(report.joins?.first[0]?.tx, null, 'the store holds no such transaction');
    assert.equal(report.refusals.count, 1);
    assert.deepEqual(report.refusals.first[0]?.b, { address: 'c', service: 'Borage', size: 1 });
    assert.deepEqual(report.maybe?.first, []);
  });
});
