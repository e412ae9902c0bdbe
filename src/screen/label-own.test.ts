import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuditLog } from '../access/audit-log.ts';
import { listAudit } from '../access/list-audit.ts';
import { SILENT } from '../base/progress.ts';
import { parseLabelBytes } from '../label/open.ts';
import type { OwnLabelDraft } from '../label/own-label.ts';
import { labelsOf } from '../label/resolve.ts';
import { saveLabelList } from '../label/save.ts';
import { MemoryStore } from '../store/memory/store.ts';
import { openRecords } from '../store/open-records.ts';
import type { Store } from '../store/port.ts';
import type { Records } from '../store/records.ts';
import { LabelBook } from './label-book.ts';
import { OwnLabels } from './label-own.ts';

const ETHEREUM = 'eip155:1';
const THIEF = '0x098b716b8aaf21512996dc57eb0615e2383e2f96';
const OTHER = '0x910cbd523d972eb0a6f4cae4618ad62622b39dbf';
const START = Date.UTC(2026, 0, 1);
const START_SECONDS = START / 1000;

interface Room {
  readonly store: Store;
  readonly records: Records;
  readonly clock: { now: number };
  readonly own: OwnLabels;
  readonly book: LabelBook;
  readonly causes: string[];
}

async function openRoom(store: Store = new MemoryStore()): Promise<Room> {
  const records = await openRecords({ path: ':memory:' });
  const clock = { now: START };
  const audited = await AuditLog.open(records, () => clock.now);
  const book = await LabelBook.open({ store, folder: null, progress: SILENT });
  const causes: string[] = [];
  const own = await OwnLabels.open({
    store,
    records,
    audited,
    clock: () => clock.now,
    changed: async (addresses, cause) => {
      assert.deepEqual(
        (await book.refresh()).addresses.map(({ address }) => address),
        addresses.map(({ address }) => address),
      );
      causes.push(cause);
    },
  });
  return { store, records, clock, own, book, causes };
}

const draft = (given: Partial<OwnLabelDraft> = {}): OwnLabelDraft => ({
  chain: 'ethereum',
  address: '0x098B716B8Aaf21512996dC57EB0615e2383E2f96',
  category: 'stolen',
  label: 'Thief of our hot wallet',
  note: 'Police report 2026/17',
  ...given,
});

const statuses = async ({ store, book }: Room, asOf: number | null): Promise<string[]> => {
  const labels = await labelsOf(store, THIEF, { chain: ETHEREUM, ...(asOf === null ? {} : { asOf }) });
  const facts = book.factsOf(ETHEREUM, THIEF, { transferAt: null, asOf });
  assert.deepEqual(
    facts.map(({ status }) => status),
    labels.map(({ status }) => status),
  );
  return facts.map(({ status, label }) => `${status} ${label}`);
};

test('a label holds from the second it was added until it is expired, and for each time stays what was known then', async () => {
  const room = await openRoom();
  const added = await room.own.add(draft(), 'key:a');
  assert.deepEqual(
    [added.address, added.chain, added.addedAt, added.addedBy, added.confidence, added.expiredAt],
    [THIEF, ETHEREUM, START_SECONDS, 'key:a', 'override', null],
  );
  assert.deepEqual(await statuses(room, null), ['current Thief of our hot wallet']);
  room.clock.now += 3_600_000;
  const expired = await room.own.expire(added.id, 'Returned', 'key:b');
  assert.deepEqual([expired.expiredAt, expired.expiredBy, expired.reason], [START_SECONDS + 3600, 'key:b', 'Returned']);
  assert.deepEqual(await statuses(room, null), ['ended Thief of our hot wallet']);
  assert.deepEqual(await statuses(room, START_SECONDS + 3599), ['current Thief of our hot wallet']);
  assert.deepEqual(await statuses(room, START_SECONDS + 3600), ['ended Thief of our hot wallet']);
  assert.deepEqual(await statuses(room, START_SECONDS - 1), ['later Thief of our hot wallet']);
  await assert.rejects(room.own.expire(added.id, 'again', 'key:b'), { code: 'E_STATE' });
  await assert.rejects(room.own.expire('none', 'again', 'key:b'), { code: 'E_NOT_FOUND' });
  assert.equal(room.causes.length, 2);
});

test('two labels of one second hold both, also of one address, and one expired in its first second ends', async () => {
  const room = await openRoom();
  const all = await Promise.all([
    room.own.add(draft({ label: 'one' }), 'key:a'),
    room.own.add(draft({ label: 'two' }), 'key:a'),
    room.own.add(draft({ address: OTHER, label: 'three' }), 'key:b'),
  ]);
  assert.deepEqual((await statuses(room, null)).sort(), ['current one', 'current two']);
  assert.equal(room.book.factsOf(ETHEREUM, OTHER, { transferAt: null, asOf: null }).length, 1);
  const ended = await room.own.expire(all[0]!.id, 'wrong', 'key:a');
  assert.equal(ended.expiredAt, START_SECONDS + 1);
  assert.deepEqual(await statuses(room, null), ['current two', 'ended one']);
});

test('a newer list of OFAC does not end what was said here, whatever its words', async () => {
  const room = await openRoom();
  await room.own.add(draft({ category: 'sanctioned', label: 'OFAC freeze, listing expected' }), 'key:a');
  const bytes = new TextEncoder().encode(`${OTHER}\n`);
  const parsed = parseLabelBytes(bytes, 'sanctioned_addresses_ETH.txt', { listDate: START_SECONDS + 9 });
  await saveLabelList(room.store, parsed.lists[0]!);
  await room.book.refresh();
  assert.deepEqual(await statuses(room, null), ['current OFAC freeze, listing expected']);
});

test('every change stands in the audit log with the hash of the list, also one whose entry was lost by a kill', async () => {
  const room = await openRoom();
  const { id } = await room.own.add(draft(), 'key:a');
  await room.own.expire(id, 'Returned', 'key:b');
  const lists = await room.store.labelLists();
  const entries = async (): Promise<unknown[]> =>
    (await listAudit(room.records, { limit: 10 })).items.map(({ actor, action, subject, detail }) => [
      ...[actor, action, subject, detail?.sha256, detail?.late ?? false],
    ]);
  assert.deepEqual(await entries(), [
    ['key:b', 'label.expire', id, lists[1]!.sha256, false],
    ['key:a', 'label.add', id, lists[0]!.sha256, false],
  ]);
  // The store has a label that the log does not know: as after a kill between the two writes.
  const foreign = await openRoom();
  const late = await foreign.own.add(draft({ address: OTHER }), 'key:c');
  const [list] = await foreign.store.labelLists();
  await room.store.saveLabels(list!, await foreign.store.labelRowsOfLists([list!.id]));
  await room.own.refresh();
  await room.own.refresh();
  assert.deepEqual((await entries())[0], ['system', 'label.add', late.id, list!.sha256, true]);
  assert.equal((await entries()).length, 3);
  assert.equal(room.own.get(late.id).address, OTHER);
});

test('pages, newest first; each label once', async () => {
  const room = await openRoom();
  const ids: string[] = [];
  for (let number = 0; number < 7; number += 1) {
    room.clock.now += number % 2 === 0 ? 1000 : 0;
    ids.push((await room.own.add(draft({ label: `label ${number}` }), 'key:a')).id);
  }
  await room.own.expire(ids[2]!, 'wrong', 'key:a');
  const met: string[] = [];
  let cursor: string | undefined;
  do {
    const page = room.own.list({ state: 'current', limit: 2, ...(cursor === undefined ? {} : { cursor }) });
    met.push(...page.items.map(({ id }) => id));
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  assert.deepEqual([...met].sort(), ids.filter((id) => id !== ids[2]).sort());
  assert.equal(met[0], ids[6]);
  assert.deepEqual(
    room.own.list({ state: 'expired', limit: 5 }).items.map(({ id }) => id),
    [ids[2]],
  );
  assert.equal(room.own.list({ state: 'all', limit: 7 }).next, null);
});

test('the export is a label file: in its own store it adds nothing, in another it says the same of every time', async () => {
  const room = await openRoom();
  const { id } = await room.own.add(
    draft({ label: '=HYPERLINK("x"), "quoted"', actor: '@somebody', programmes: ['DPRK3', 'X'] }),
    'key:a',
  );
  await room.own.add(
    draft({
      chain: 'bitcoin',
      address: '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa',
      category: 'user',
      label: 'Genesis',
      validFrom: START_SECONDS,
      validTo: START_SECONDS + 99,
    }),
    'key:a',
  );
  room.clock.now += 60_000;
  await room.own.expire(id, 'Returned', 'key:a');
  const text = [...room.own.export('all')].join('');
  assert.match(text, /"'=HYPERLINK/);
  const parsed = parseLabelBytes(new TextEncoder().encode(text), 'own-labels.csv', {});
  assert.deepEqual([parsed.format, parsed.refused, parsed.lists.length], ['haetae-labels', [], 2]);
  const current = [...room.own.export('current')].join('');
  for (const list of parseLabelBytes(new TextEncoder().encode(current), 'own-labels.csv', {}).lists) {
    assert.deepEqual(await saveLabelList(room.store, list), { added: false, sameAs: 'key:a' });
  }
  const other = new MemoryStore();
  for (const list of parsed.lists) await saveLabelList(other, list);
  for (const asOf of [START_SECONDS - 1, START_SECONDS, START_SECONDS + 59, START_SECONDS + 60]) {
    for (const address of [THIEF, '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa']) {
      const [here] = await labelsOf(room.store, address, { asOf });
      const [there] = await labelsOf(other, address, { asOf });
      for (const field of ['label', 'actor', 'programmes', 'category', 'chain', 'confidence', 'status'] as const) {
        assert.deepEqual(there![field], here![field], `${field} ${asOf}`);
      }
    }
  }
  const moved = await openRoom(other);
  assert.equal(moved.own.size, 2);
  assert.equal((await moved.own.expire(id, 'again', 'key:x')).address, THIEF);
});

test('what cannot be a label is refused with its code', async () => {
  const { own, store } = await openRoom();
  const refused = async (given: Partial<OwnLabelDraft>, code: string): Promise<void> => {
    await assert.rejects(own.add(draft(given), 'key:a'), { code });
  };
  await refused({ chain: 'nowhere' }, 'E_ASSET');
  await refused({ chain: 'bitcoin' }, 'E_ADDRESS');
  await refused({ address: '0x098b716b8aaf21512996dc57eb0615e2383e2f9' }, 'E_ADDRESS');
  await refused({ validFrom: 9, validTo: 8 }, 'E_TIME');
  await refused({ label: ' \u202e ' }, 'E_FIELD');
  assert.deepEqual(await store.labelLists(), []);
});
