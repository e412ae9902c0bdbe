import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useWords } from '../app/settings.tsx';
import { caseWords } from '../messages/case.ts';
import { later, useLoaded } from '../parts/later.ts';
import { Answer, Empty, Loading } from '../parts/state.tsx';
import { type CaseScene, flowQuery } from './case-data.ts';
import { SidePanel } from './SidePanel.tsx';
import type { Selection } from './selection.ts';

const picture = later(() => import('./SankeyPicture.tsx'));

/** The whole of the money in one picture. */
export function CaseSankey({
  selection,
  onSelect,
  ...scene
}: CaseScene & {
  readonly selection: Selection | null;
  readonly onSelect: (selection: Selection | null) => void;
}): ReactNode {
  const words = useWords(caseWords);
  const { view, theft, method } = scene;
  const flow = useQuery(flowQuery(view.id, theft.id, method.name));
  const loaded = useLoaded(picture);
  if (!method.conserves) return <Empty>{words.noAmounts}</Empty>;
  return (
    <div className={selection === null ? 'flow-tab' : 'flow-tab with-side'}>
      <div className="flow-graph">
        <Answer query={flow}>
          {(data) =>
            data.edges.length === 0 ? (
              <Empty>{words.nothingMoved}</Empty>
            ) : loaded === null ? (
              <Loading />
            ) : (
              <loaded.SankeyPicture flow={data} theft={theft} selection={selection} onSelect={onSelect} />
            )
          }
        </Answer>
      </div>
      {selection === null ? null : <SidePanel {...scene} selection={selection} onSelect={onSelect} />}
    </div>
  );
}
