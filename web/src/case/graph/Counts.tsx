import type { ReactNode } from 'react';
import { useWords } from '../../app/settings.tsx';
import type { FlowAnswer } from '../../graph/flow.ts';
import { graphWords } from '../../messages/graph.ts';
import { Amount } from '../../parts/text.tsx';
import type { Shown } from './use-shown.ts';

/** How much is drawn, folded, hidden and left out: nothing goes without being counted. */
export function Counts({
  shown,
  answer,
  onShowAll,
}: {
  readonly shown: Shown;
  readonly answer: FlowAnswer;
  readonly onShowAll: () => void;
}): ReactNode {
  const words = useWords(graphWords);
  const { picture, amounts, flow } = shown;
  const { folded, hidden } = picture;
  const { symbol, decimals } = answer;
  const drawn = amounts.shapes.filter(({ begun }) => begun).length;
  const lines = amounts.lines.filter(({ begun }) => begun).length;
  const unseen = hidden.places + hidden.dust;
  const sum = (units: bigint): ReactNode => <Amount units={units.toString()} decimals={decimals} symbol={symbol} />;
  return (
    <div className="graph-counts" role="status">
      <span>{words.counts(drawn, lines)}</span>
      {folded.groups === 0 ? null : <span>{words.folded(folded.places, folded.groups)}</span>}
      {hidden.places === 0 ? null : <span>{words.hidden(hidden.places)}</span>}
      {hidden.dust === 0 ? null : <span>{words.dusty(hidden.dust)}</span>}
      {unseen === 0 || !flow.conserves ? null : (
        <span>
          {words.wentThere} {sum(amounts.unseen.to)}
          {amounts.unseen.from === 0n ? null : (
            <>
              , {words.cameBack} {sum(amounts.unseen.from)}
            </>
          )}
        </span>
      )}
      {unseen === 0 ? null : (
        <button type="button" className="no-print" onClick={onShowAll}>
          {words.showAll}
        </button>
      )}
      {answer.dropped.nodes + answer.dropped.edges === 0 ? null : (
        <p className="graph-warning">{words.dropped(answer.dropped.nodes, answer.dropped.edges)}</p>
      )}
      {flow.conserves ? null : <p className="graph-warning">{words.reach}</p>}
    </div>
  );
}
