import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { AuditLog } from '../access/audit-log.ts';
import { type Principal, SYSTEM } from '../access/principal.ts';
import { openRecords } from '../store/open-records.ts';
import type { BoardContent } from '../trace/board.ts';
import { BoardBook } from './board-book.ts';

const AT = Date.UTC(2026, 0, 2);
const kim: Principal = { ...SYSTEM, id: 'key:1', person: 'kim' };
const lee: Principal = { ...SYSTEM, id: 'key:2', person: 'lee' };
const EMPTY: BoardContent = { pins: [], notes: [], expanded: [], hidden: [] };

async function openBook(): Promise<BoardBook> {
  const records = await openRecords({ path: ':memory:' });
  return new BoardBook({ records, audited: await AuditLog.open(records, () => AT) });
}

function note(text: string, by = '', at = ''): BoardContent['notes'][number] {
  return { id: 'n1', place: null, text, by, at };
}

suite('boards', () => {
  test('who wrote a note and when stays, whoever saves the board', async () => {
    const book = await openBook();
    await book.save(
      'c',
      { ...EMPTY, notes: [note('seen', 'lee', '2000-01-01T00:00:00Z')] },
      { principal: kim, at: AT },
    );
    const wrote = note('seen', 'kim', new Date(AT).toISOString());
    assert.deepEqual((await book.get('c')).notes, [wrote]);
    const forged = { ...EMPTY, notes: [note('seen', 'lee')] };
    const saved = await book.save('c', forged, { principal: lee, at: AT + 1000, expected: 1 });
    assert.deepEqual(saved, { ...EMPTY, notes: [wrote], version: 2 });
  });

  test('a note of somebody else is not changed, but may be deleted; one’s own may be changed', async () => {
    const book = await openBook();
    await book.save('c', { ...EMPTY, notes: [note('seen')] }, { principal: kim, at: AT });
    const other = { ...EMPTY, notes: [note('not seen')] };
    await assert.rejects(book.save('c', other, { principal: lee, at: AT }), { code: 'E_STATE' });
    const own = await book.save('c', other, { principal: kim, at: AT + 5000 });
    assert.deepEqual(own.notes, [note('not seen', 'kim', new Date(AT).toISOString())]);
    assert.deepEqual((await book.save('c', EMPTY, { principal: lee, at: AT })).notes, []);
  });

  test('of two who saw the same version, the second is told', async () => {
    const book = await openBook();
    const save = (x: number) =>
      book.save('c', { ...EMPTY, pins: [{ place: 'a', x, y: 0 }] }, { principal: kim, at: AT, expected: 0 });
    const told = await Promise.allSettled([save(1), save(2)]);
    assert.deepEqual(
      told.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
    assert.deepEqual((await book.get('c')).pins, [{ place: 'a', x: 1, y: 0 }]);
    assert.equal((await book.get('other')).version, 0);
  });

  test('hidden characters and two notes of one id are refused', async () => {
    const book = await openBook();
    const act = { principal: kim, at: AT };
    await assert.rejects(book.save('c', { ...EMPTY, notes: [note('a\u202eb')] }, act), { code: 'E_FIELD' });
    await assert.rejects(book.save('c', { ...EMPTY, notes: [note('a'), note('b')] }, act), { code: 'E_FIELD' });
    assert.equal((await book.get('c')).version, 0);
  });
});
