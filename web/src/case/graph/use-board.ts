import { useQuery } from '@tanstack/react-query';
import { type Dispatch, type RefObject, type SetStateAction, useCallback, useEffect, useRef, useState } from 'react';
import { BOARD_LIMITS, type Board, type BoardContent } from '../../../../src/trace/board.ts';
import { useMay } from '../../app/SessionGate.tsx';
import { useWords } from '../../app/settings.tsx';
import { mergeBoards, sameContent } from '../../graph/board-merge.ts';
import { advance, type History, historyOf, redo, replace, undo } from '../../graph/history.ts';
import { contentOf, FIRST_STATE, type PictureState, withContent } from '../../graph/state.ts';
import { graphWords } from '../../messages/graph.ts';
import { useFaultLine } from '../../parts/state.tsx';
import { useToast } from '../../parts/toast.tsx';
import { api, codeOf, needsSignIn, passes } from '../../server/api.ts';

export type BoardStatus = 'saved' | 'waiting' | 'saving' | 'failed' | 'full' | 'readonly';

export interface BoardState {
  /** null until the board came. */
  readonly history: History<PictureState> | null;
  readonly error: unknown;
  readonly status: BoardStatus;
  change(next: (state: PictureState) => PictureState): void;
  undo(): void;
  redo(): void;
}

const REST_MS = 1000;
/** After a write that failed. */
const AGAIN_MS = 4000;

/** The picture's state with its history; pins, notes and what was opened are kept on the board of the case after a second of rest. */
export function useBoard(caseId: string): BoardState {
  const may = useMay('alerts');
  const [history, setHistory] = useState<History<PictureState> | null>(null);
  const base = useRef<Board | null>(null);
  const board = useQuery({
    queryKey: ['case-board', caseId],
    queryFn: ({ signal }) => api.getCaseBoard({ params: { id: caseId } }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  useEffect(() => {
    if (board.data === undefined || base.current !== null) return;
    base.current = board.data;
    setHistory(historyOf(withContent(FIRST_STATE, board.data)));
  }, [board.data]);
  const status = useSaving(caseId, may, history, base, setHistory);
  const step = useCallback(
    (how: (history: History<PictureState>) => History<PictureState>) =>
      setHistory((now) => (now === null ? null : how(now))),
    [],
  );
  return {
    history,
    error: board.error,
    status,
    change: useCallback((next) => step((now) => advance(now, next(now.now))), [step]),
    undo: useCallback(() => step(undo), [step]),
    redo: useCallback(() => step(redo), [step]),
  };
}

type Kept = RefObject<Board | null>;
type SetHistory = Dispatch<SetStateAction<History<PictureState> | null>>;

function useSaving(
  caseId: string,
  may: boolean,
  history: History<PictureState> | null,
  base: Kept,
  setHistory: SetHistory,
): BoardStatus {
  const words = useWords(graphWords);
  const toast = useToast();
  const faultLine = useFaultLine();
  const [status, setStatus] = useState<BoardStatus>(may ? 'saved' : 'readonly');
  const waiting = useRef<BoardContent | null>(null);
  const state = history?.now ?? null;
  const save = useCallback(
    async (mine: BoardContent): Promise<void> => {
      const before = base.current;
      if (before === null) return;
      waiting.current = null;
      setStatus('saving');
      try {
        const kept = await api.saveCaseBoard({ params: { id: caseId }, body: { ...mine, version: before.version } });
        base.current = kept;
        setHistory((now) => now && signNotes(now, kept));
        setStatus(waiting.current === null ? 'saved' : 'waiting');
      } catch (error) {
        const isBehind = codeOf(error) === 'E_STATE';
        if (isBehind || passes(error) || needsSignIn(error)) waiting.current ??= mine;
        if (!isBehind) {
          setStatus('failed');
          if (!passes(error)) toast(faultLine(error));
          return;
        }
        const theirs = await api.getCaseBoard({ params: { id: caseId } });
        base.current = theirs;
        setHistory((now) => now && replace(now, withContent(now.now, mergeBoards(before, contentOf(now.now), theirs))));
        toast(words.merged);
      }
    },
    [caseId, base, setHistory, toast, faultLine, words],
  );
  useEffect(() => {
    if (state === null || base.current === null || !may) return;
    const mine = contentOf(state);
    if (sameContent(mine, base.current)) {
      waiting.current = null;
      setStatus('saved');
      return;
    }
    if (isOver(mine)) {
      setStatus('full');
      return;
    }
    waiting.current = mine;
    setStatus('waiting');
    const timer = setTimeout(() => save(mine).catch(() => setStatus('failed')), REST_MS);
    return () => clearTimeout(timer);
  }, [state, may, base, save]);
  // A server that is away comes back: what was not kept is sent again, and not only with the next change.
  useEffect(() => {
    if (status !== 'failed') return;
    const timer = setTimeout(() => {
      if (waiting.current !== null) save(waiting.current).catch(() => setStatus('failed'));
    }, AGAIN_MS);
    return () => clearTimeout(timer);
  }, [status, save]);
  // What still waits when the page is left is kept at once.
  const leave = useRef(save);
  leave.current = save;
  useEffect(
    () => () => {
      if (waiting.current !== null) leave.current(waiting.current).catch(() => {});
    },
    [],
  );
  return status;
}

/** Who wrote a note and when is what the server says. */
function signNotes(history: History<PictureState>, { notes }: Board): History<PictureState> {
  const kept = new Map(notes.map((note) => [note.id, note]));
  const own = history.now.notes;
  const signed = own.map((note) => {
    const { at, by } = kept.get(note.id) ?? note;
    return at === note.at && by === note.by ? note : { ...note, at, by };
  });
  const same = signed.every((note, index) => note === own[index]);
  return same ? history : replace(history, { ...history.now, notes: signed });
}

function isOver({ pins, notes, expanded, hidden }: BoardContent): boolean {
  const { pins: mostPins, notes: mostNotes, places } = BOARD_LIMITS;
  return pins.length > mostPins || notes.length > mostNotes || expanded.length > places || hidden.length > places;
}
