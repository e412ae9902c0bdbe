import { type FormEvent, type ReactNode, useState } from 'react';
import { visibleText } from '../../../../src/base/visible-text.ts';
import { BOARD_LIMITS, type BoardNote } from '../../../../src/trace/board.ts';
import { useWords } from '../../app/settings.tsx';
import { graphWords } from '../../messages/graph.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Field, Outside, Time } from '../../parts/text.tsx';

interface NotesProps {
  readonly notes: readonly BoardNote[];
  readonly titleOf: (place: string) => string;
  readonly onWrite: (place: string | null) => void;
  readonly onDrop: (note: BoardNote) => void;
  readonly onGo: (place: string) => void;
}

/** All notes of the case, the newest first. */
export function Notes({ notes, titleOf, onWrite, onDrop, onGo }: NotesProps): ReactNode {
  const words = useWords(graphWords);
  const sorted = [...notes].sort((a, b) => (a.at < b.at ? 1 : -1));
  return (
    <details className="graph-notes" open={notes.length > 0}>
      <summary>{words.notes(notes.length)}</summary>
      <p className="muted">{words.notesHint}</p>
      <button type="button" className="no-print" onClick={() => onWrite(null)}>
        {words.newNote}
      </button>
      {notes.length === 0 ? <p className="muted">{words.noNotes}</p> : null}
      <ul>
        {sorted.map((note) => (
          <li key={note.id}>
            <p className="graph-note-text">
              {note.text.split('\n').map((line, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
                <span key={at}>
                  {at === 0 ? null : '\n'}
                  <Outside>{line}</Outside>
                </span>
              ))}
            </p>
            <p className="muted">
              {note.place === null ? (
                words.ofCase
              ) : (
                <button type="button" className="plain" onClick={() => onGo(note.place!)}>
                  {titleOf(note.place)}
                </button>
              )}{' '}
              · {note.by === '' ? null : <Outside>{note.by}</Outside>} <Time time={note.at} />{' '}
              <button type="button" className="plain no-print" onClick={() => onDrop(note)}>
                {words.dropNote}
              </button>
            </p>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Writes a note of a place, or of the case. */
export function NoteDialog({
  about,
  onKeep,
  onClose,
}: {
  readonly about: string | null;
  readonly onKeep: (text: string) => void;
  readonly onClose: () => void;
}): ReactNode {
  const words = useWords(graphWords);
  const [text, setText] = useState('');
  const keep = (event: FormEvent): void => {
    event.preventDefault();
    // The server refuses what cannot be seen; here it becomes visible.
    if (text.trim() !== '') onKeep(text.trim().split(/\r?\n/).map(visibleText).join('\n'));
  };
  return (
    <Dialog title={words.newNote} onClose={onClose}>
      <form onSubmit={keep}>
        <p className="muted">{about === null ? words.ofCase : words.noteAbout(about)}</p>
        <Field label={words.noteText} hint={words.notesHint}>
          {(id, describedBy) => (
            <textarea
              id={id}
              aria-describedby={describedBy}
              value={text}
              maxLength={BOARD_LIMITS.noteLength}
              required
              autoFocus
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        <div className="row-of">
          <button type="submit" className="primary" disabled={text.trim() === ''}>
            {words.keepNote}
          </button>
          <button type="button" onClick={onClose}>
            {words.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
