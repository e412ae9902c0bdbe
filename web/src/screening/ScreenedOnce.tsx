import type { ReactNode } from 'react';
import { useWords } from '../app/settings.tsx';
import { screeningWords } from '../messages/screening.ts';
import { Fault } from '../parts/state.tsx';
import { VerdictView } from './VerdictView.tsx';

type Verdict = Parameters<typeof VerdictView>[0]['verdict'];

/** What came of one request: its verdict, or its fault with a way to ask the same again. */
export function ScreenedOnce({
  screen,
  onAgain,
}: {
  readonly screen: {
    readonly error: Error | null;
    readonly data: { readonly verdict: Verdict; readonly dry: boolean } | undefined;
  };
  readonly onAgain: () => void;
}): ReactNode {
  const words = useWords(screeningWords);
  return (
    <>
      {screen.error === null ? null : (
        <div className="panel">
          <Fault error={screen.error} />
          <p className="row-of">
            <button type="button" onClick={onAgain}>
              {words.again}
            </button>
            <span className="muted">{words.notScreenedTwice}</span>
          </p>
        </div>
      )}
      <div aria-live="polite">
        {screen.data === undefined ? null : <VerdictView verdict={screen.data.verdict} kept={!screen.data.dry} />}
      </div>
    </>
  );
}
