import { useRef } from 'react';
import { freshId } from '../parts/browser.ts';

interface Kept {
  readonly text: string;
  readonly key: string;
  readonly answeredMs: number | null;
}

/** A second click within this is the same click; later the same words are a new request, for what is known may be other by then. */
const SAME_CLICK_MS = 10_000;

export interface SubmissionKey {
  /** The same for the same request until it was answered. */
  of(request: unknown): string;
  answered(): void;
}

/** One idempotency key for one request, however often it is sent: a double click, or asking again after the answer was lost, has its effect once. */
export function useSubmissionKey(): SubmissionKey {
  const kept = useRef<Kept | null>(null);
  return {
    of: (request) => {
      const text = JSON.stringify(request);
      const { current } = kept;
      const isOver = current?.answeredMs != null && Date.now() - current.answeredMs > SAME_CLICK_MS;
      if (current === null || current.text !== text || isOver)
        kept.current = { text, key: freshId(), answeredMs: null };
      return kept.current!.key;
    },
    answered: () => {
      if (kept.current !== null) kept.current = { ...kept.current, answeredMs: Date.now() };
    },
  };
}
