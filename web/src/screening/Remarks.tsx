import type { ReactNode } from 'react';
import { placed } from '../format/placed.ts';
import { Outside, Time } from '../parts/text.tsx';
import { Written } from './Written.tsx';

/** What people said, in the order given. */
export function Remarks({
  said,
}: {
  readonly said: readonly { readonly by: string; readonly at: string; readonly text: string }[];
}): ReactNode {
  return (
    <ol className="scr-said">
      {placed(said).map(({ item: { by, at: time, text }, at }) => (
        <li key={at}>
          <p className="muted">
            <Outside>{by}</Outside> · <Time time={time} />
          </p>
          <Written text={text} />
        </li>
      ))}
    </ol>
  );
}
