import type { ReactNode } from 'react';
import { useWords } from '../../app/settings.tsx';
import { KINDS } from '../../graph/signs.ts';
import { graphWords } from '../../messages/graph.ts';
import { KindSign } from './KindSign.tsx';

/** Sign, colour and word of every kind that is in the picture. */
export function Legend({
  kinds,
  conserves,
}: {
  readonly kinds: ReadonlySet<string>;
  readonly conserves: boolean;
}): ReactNode {
  const words = useWords(graphWords);
  return (
    <ul className="graph-legend" aria-label={words.legend}>
      {KINDS.filter((kind) => kinds.has(kind)).map((kind) => (
        <li key={kind}>
          <KindSign kind={kind} /> {words.kinds[kind]}
        </li>
      ))}
      <li>
        <KindSign kind="address" many /> {words.legendGroup}
      </li>
      <li>
        <span className="legend-back" aria-hidden="true" /> {words.legendBack}
      </li>
      <li>{words.legendMarks}</li>
      {conserves ? <li className="muted">{words.legendWidth}</li> : null}
    </ul>
  );
}
