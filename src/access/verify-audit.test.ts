import assert from 'node:assert/strict';
import { generateKeyPairSync, hash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { orderKey, type RecordChange, type Records } from '../store/records.ts';
import { type Desk, openDesk } from './_fixture.ts';
import { AUDIT_HEAD_KEY, chainEntry, GENESIS, saidBy } from './audit-entry.ts';
import { AuditKey, parseSignedHead } from './audit-head.ts';
import type { AuditDraft } from './audited.ts';
import { verifyAudit } from './verify-audit.ts';

const TEXT = new TextEncoder();

async function decide(desk: Desk, number: number, text = `{"verdict":${number}}`): Promise<void> {
  const value = TEXT.encode(text);
  const entry = {
    actor: 'key:1',
    action: 'verdict.decide',
    subject: `v-${number}-00af`,
    detail: { sha256: hash('sha256', value, 'hex') },
  };
  await desk.audited.commit([entry], [{ table: 'verdict', key: orderKey(number), value }]);
}

async function deskWithVerdicts(count: number): Promise<Desk> {
  const desk = await openDesk();
  for (let number = 1; number <= count; number += 1) {
    desk.clock.now += number;
    await decide(desk, number);
  }
  return desk;
}

async function rowsOf(records: Records): Promise<readonly { key: string; value: Uint8Array }[]> {
  return records.list('audit');
}

test('a log as written verifies, with every verdict and batch in it', async () => {
  const desk = await deskWithVerdicts(5);
  const value = TEXT.encode('lines');
  const entry = {
    actor: 'key:1',
    action: 'batch.decide',
    subject: 'b-7-00af',
    detail: { sha256: hash('sha256', value, 'hex') },
  };
  await desk.audited.commit([entry], [{ table: 'batch', key: orderKey(7), value }]);
  assert.deepEqual(await verifyAudit(desk.records), { ok: true, entries: 6, verdicts: 6, firstFault: null });
  assert.deepEqual(await verifyAudit((await openDesk()).records), {
    ok: true,
    entries: 0,
    verdicts: 0,
    firstFault: null,
  });
});

test('any byte flipped, any record removed, moved, doubled or put in is found', async () => {
  const pick = fc.nat({ max: 999 });
  const attack = fc.oneof(
    fc.record({ kind: fc.constant('flip' as const), at: pick, byte: fc.nat(), bit: fc.integer({ min: 0, max: 7 }) }),
    fc.record({ kind: fc.constant('flip head' as const), byte: fc.nat(), bit: fc.integer({ min: 0, max: 7 }) }),
    fc.record({ kind: fc.constant('remove' as const), at: pick }),
    fc.record({ kind: fc.constant('swap' as const), at: pick }),
    fc.record({ kind: fc.constant('insert' as const), key: fc.stringMatching(/^[!-~]{1,20}$/), at: pick }),
    fc.record({ kind: fc.constant('append' as const) }),
    fc.record({
      kind: fc.constant('flip verdict' as const),
      at: pick,
      byte: fc.nat(),
      bit: fc.integer({ min: 0, max: 7 }),
    }),
    fc.record({ kind: fc.constant('remove verdict' as const), at: pick }),
    fc.record({ kind: fc.constant('unlogged verdict' as const), at: fc.integer({ min: 10, max: 99 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 8 }), attack, async (count, how) => {
      const { records, audited } = await deskWithVerdicts(count);
      const rows = await rowsOf(records);
      const row = rows['at' in how ? how.at % count : 0]!;
      const flipped = (value: Uint8Array, byte: number, bit: number): Uint8Array => {
        const copy = Uint8Array.from(value);
        copy[byte % copy.length]! ^= 1 << bit;
        return copy;
      };
      const changesOf = async (): Promise<RecordChange[]> => {
        if (how.kind === 'flip')
          return [{ table: 'audit', key: row.key, value: flipped(row.value, how.byte, how.bit) }];
        if (how.kind === 'remove') return [{ table: 'audit', key: row.key, value: null }];
        if (how.kind === 'insert')
          return rows.some(({ key }) => key === how.key) ? [] : [{ table: 'audit', key: how.key, value: row.value }];
        if (how.kind === 'unlogged verdict')
          return [{ table: 'verdict', key: orderKey(how.at), value: TEXT.encode('{}') }];
        if (how.kind === 'flip head') {
          const head = (await records.get('meta', AUDIT_HEAD_KEY))!;
          return [{ table: 'meta', key: AUDIT_HEAD_KEY, value: flipped(head, how.byte, how.bit) }];
        }
        if (how.kind === 'append') {
          const { seq, hash: prev, at } = audited.head();
          const next = chainEntry(seq + 1, at!, prev, saidBy({ actor: 'x', action: 'x.y', subject: 'z' }));
          return [{ table: 'audit', key: orderKey(seq + 1), value: next.value }];
        }
        if (how.kind === 'swap') {
          const other = rows[(rows.indexOf(row) + 1) % count]!;
          return [
            { table: 'audit', key: row.key, value: other.value },
            { table: 'audit', key: other.key, value: row.value },
          ];
        }
        const verdict = (await records.get('verdict', row.key))!;
        return [
          {
            table: 'verdict',
            key: row.key,
            value: how.kind === 'flip verdict' ? flipped(verdict, how.byte, how.bit) : null,
          },
        ];
      };
      const changes = await changesOf();
      fc.pre(changes.length > 0);
      await records.write(changes);
      const result = await verifyAudit(records);
      assert.equal(result.ok, false, JSON.stringify(how));
      assert.ok((result.firstFault?.what ?? '').length > 0);
    }),
    { numRuns: 400 },
  );
});

test('an entry that is older than the one before is found, though it is chained', async () => {
  const { records } = await openDesk();
  const said = saidBy({ actor: 'local', action: 'key.create', subject: 'key:1' });
  let prev = GENESIS;
  const changes: RecordChange[] = [];
  for (const [index, at] of ['2026-01-02T00:00:00.000Z', '2026-01-01T23:59:59.999Z'].entries()) {
    const next = chainEntry(index + 1, at, prev, said);
    prev = next.hash;
    changes.push({ table: 'audit', key: orderKey(index + 1), value: next.value });
  }
  const head = TEXT.encode(`{"seq":2,"hash":"${prev}","at":"2026-01-01T23:59:59.999Z"}`);
  await records.write([...changes, { table: 'meta', key: AUDIT_HEAD_KEY, value: head }]);
  assert.deepEqual((await verifyAudit(records)).firstFault, { seq: 2, what: 'it is older than the entry before' });
});

/** What one who may write everything but has not the key would do: cut, and set the head to fit. */
async function rewrite(desk: Desk, upTo: number, then: readonly AuditDraft[]): Promise<void> {
  const rows = await rowsOf(desk.records);
  const changes: RecordChange[] = rows.slice(upTo).map(({ key }) => ({ table: 'audit', key, value: null }));
  for (let number = upTo + 1; number <= rows.length; number += 1)
    changes.push({ table: 'verdict', key: orderKey(number), value: null });
  let last = JSON.parse(Buffer.from(rows[upTo - 1]!.value).toString()) as { seq: number; hash: string; at: string };
  for (const draft of then) {
    const next = chainEntry(last.seq + 1, last.at, last.hash, saidBy(draft));
    last = { seq: last.seq + 1, hash: next.hash, at: last.at };
    changes.push({ table: 'audit', key: orderKey(last.seq), value: next.value });
  }
  changes.push({
    table: 'meta',
    key: AUDIT_HEAD_KEY,
    value: TEXT.encode(JSON.stringify({ seq: last.seq, hash: last.hash, at: last.at })),
  });
  await desk.records.write(changes);
}

test('a tail cut off with its head, or a history written anew, shows against a head kept elsewhere', async () => {
  const other: AuditDraft = { actor: 'local', action: 'key.create', subject: 'key:9' };
  const cut = await openDesk();
  const key = await AuditKey.open(null, cut.audited);
  for (let number = 2; number <= 6; number += 1) await decide(cut, number);
  const head = parseSignedHead(JSON.stringify(key.sign(cut.audited.head())));
  assert.equal((await verifyAudit(cut.records, { head })).ok, true);
  await decide(cut, 7);
  assert.equal((await verifyAudit(cut.records, { head })).ok, true, 'what came after the head does no harm');

  await rewrite(cut, 3, []);
  assert.equal((await verifyAudit(cut.records)).ok, true, 'without the head nothing can be seen');
  assert.deepEqual((await verifyAudit(cut.records, { head })).firstFault, {
    seq: 4,
    what: 'the end is cut off: the given head names entry 6',
  });

  await rewrite(cut, 3, [other, other, other, other]);
  assert.equal((await verifyAudit(cut.records)).ok, true);
  assert.equal((await verifyAudit(cut.records, { head })).firstFault?.seq, 6);
});

test('a head that is changed, or signed by a stranger, counts for nothing', async () => {
  const desk = await openDesk();
  const key = await AuditKey.open(null, desk.audited);
  const head = key.sign(desk.audited.head());
  const wrong = async (given: typeof head, publicKey?: string): Promise<string | undefined> =>
    (await verifyAudit(desk.records, { head: given, ...(publicKey === undefined ? {} : { publicKey }) })).firstFault
      ?.what;
  assert.equal(await wrong(head, key.publicKey), undefined);
  assert.match((await wrong({ ...head, seq: 0 })) ?? '', /signature/);
  assert.match((await wrong({ ...head, at: null })) ?? '', /signature/);
  assert.match((await wrong({ ...head, publicKey: 'no key' })) ?? '', /signature/);
  const elsewhere = await AuditKey.open(null, (await openDesk()).audited);
  const strange = elsewhere.sign(desk.audited.head());
  assert.match((await wrong(strange)) ?? '', /never had/);
  assert.match((await wrong(strange, key.publicKey)) ?? '', /another key/);
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString();
  assert.match((await wrong({ ...head, publicKey: rsa })) ?? '', /signature/);
  assert.throws(() => parseSignedHead('{"format":2}'), { code: 'E_AUDIT' });
});
