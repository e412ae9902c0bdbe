import { useEffect, useMemo, useState } from 'react';
import {
  type ChainChoice,
  type JudgedLine,
  judgeLine,
  readWritten,
  type Written,
  type WrittenLine,
} from '../format/screen-lines.ts';

export const NOTHING_WRITTEN: Written = { lines: [], ignored: [], beyond: 0 };

/** The lines of a text, or why it cannot be read. */
export function useWritten(text: string, name: string): { readonly data: Written | null; readonly error: unknown } {
  return useMemo(() => {
    try {
      return { data: readWritten(text, name), error: null };
    } catch (error) {
      return { data: null, error };
    }
  }, [text, name]);
}

export interface Judged {
  readonly lines: readonly JudgedLine[];
  readonly isDone: boolean;
}

/** Milliseconds at a time: checksums of 100,000 addresses take seconds, and the page goes on meanwhile. */
const SLICE_MS = 12;

export function useJudged(lines: readonly WrittenLine[], choice: ChainChoice): Judged {
  const [judged, setJudged] = useState<Judged>({ lines: [], isDone: true });
  const { evm, other } = choice;
  useEffect(() => {
    const done: JudgedLine[] = [];
    let shown = 0;
    let timer: ReturnType<typeof setTimeout>;
    const step = (): void => {
      const until = performance.now() + SLICE_MS;
      while (done.length < lines.length && performance.now() < until)
        done.push(judgeLine(lines[done.length]!, { evm, other }));
      const isDone = done.length === lines.length;
      if (isDone || performance.now() - shown > 250) {
        shown = performance.now();
        setJudged({ lines: isDone ? done : done.slice(), isDone });
      }
      if (!isDone) timer = setTimeout(step);
    };
    step();
    return () => clearTimeout(timer);
  }, [lines, evm, other]);
  return judged;
}
