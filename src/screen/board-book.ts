import type { AuditedWriter } from '../access/audited.ts';
import { HaetaeError } from '../base/errors.ts';
import { jsonChange, type Records, readJson } from '../store/records.ts';
import { BOARD_LIMITS, type Board, type BoardContent, type BoardNote } from '../trace/board.ts';
import type { Act } from './alert.ts';
import { requireVersion, timeOf } from './alert-edit.ts';
import { plainText } from './alert-text.ts';
import { Turns } from './alert-turns.ts';

const EMPTY: Board = { pins: [], notes: [], expanded: [], hidden: [], version: 0 };

/** What people add to the picture of a traced case, in table `board` by the id of the case. */
export class BoardBook {
  readonly #records: Records;
  readonly #audited: AuditedWriter;
  readonly #turns = new Turns();

  constructor({ records, audited }: { readonly records: Records; readonly audited: AuditedWriter }) {
    this.#records = records;
    this.#audited = audited;
  }

  /** Empty, of version 0, where nothing was kept yet. */
  async get(caseId: string): Promise<Board> {
    const bytes = await this.#records.get('board', caseId);
    return bytes === null ? EMPTY : readJson<Board>(bytes);
  }

  /**
   * Who wrote a note and when is who saved it first; only they change what it says, anybody may delete it. Throws E_STATE where another change came
   * first (`act.expected`) or somebody else's note is changed, E_FIELD.
   */
  save(caseId: string, wanted: BoardContent, act: Act): Promise<Board> {
    return this.#turns.run(caseId, async () => {
      const kept = await this.get(caseId);
      requireVersion({ id: caseId, version: kept.version }, act);
      const { pins, expanded, hidden } = wanted;
      const notes = signed(wanted.notes, kept.notes, act);
      const board: Board = {
        pins: pins.map(({ place, x, y }) => ({ place, x, y })),
        notes,
        expanded: [...new Set(expanded)],
        hidden: [...new Set(hidden)],
        version: kept.version + 1,
      };
      const detail = { version: board.version, pins: pins.length, notes: notes.length };
      const entry = { actor: act.principal.id, action: 'board.save', subject: caseId, detail };
      await this.#audited.commit([entry], [jsonChange('board', caseId, board)]);
      return board;
    });
  }
}

function signed(wanted: readonly BoardNote[], kept: readonly BoardNote[], act: Act): BoardNote[] {
  const known = new Map(kept.map((note) => [note.id, note]));
  const seen = new Set<string>();
  return wanted.map(({ id, place, text }) => {
    if (seen.has(id)) {
      throw new HaetaeError('E_FIELD', 'two notes have the same id', { context: { field: 'notes', note: id } });
    }
    seen.add(id);
    const before = known.get(id);
    if (before?.text === text) return { ...before, place };
    const plain = plainText(text, 'notes', BOARD_LIMITS.noteLength);
    if (before === undefined) return { id, place, text: plain, at: timeOf(act), by: act.principal.person };
    if (before.by === act.principal.person) return { ...before, place, text: plain };
    throw new HaetaeError('E_STATE', 'the note is of somebody else', {
      context: { note: id, by: before.by },
      remedy: 'write a note of your own, or delete it',
    });
  });
}
