import type { ReactNode } from 'react';
import { PageFence } from '../app/PageFence.tsx';
import { later, useLoaded } from '../parts/later.ts';
import { Loading } from '../parts/state.tsx';
import type { CaseScene } from './case-data.ts';
import type { GraphPaneProps } from './GraphPane.tsx';
import type { GraphExports } from './graph/use-exports.ts';
import { SidePanel } from './SidePanel.tsx';
import type { Selection } from './selection.ts';

/** Hands out the picture as it stands. */
export type PictureExports = GraphExports;

/** Fetched while the case is still asked for. */
export const graphPane = later(() => import('./GraphPane.tsx'));

export function FlowTab({
  view,
  theft,
  method,
  selection,
  onSelect,
  onExports,
}: CaseScene & {
  readonly selection: Selection | null;
  readonly onSelect: (selection: Selection | null) => void;
  readonly onExports: (actions: PictureExports | null) => void;
}): ReactNode {
  return (
    <div className={selection === null ? 'flow-tab' : 'flow-tab with-side'}>
      <div className="flow-graph">
        <PageFence>
          <Graph
            caseId={view.id}
            theft={theft.id}
            method={method.name}
            symbol={theft.symbol}
            decimals={theft.decimals}
            stolen={theft.stolen}
            selection={selection}
            onSelect={onSelect}
            exports={onExports}
          />
        </PageFence>
      </div>
      {selection === null ? null : (
        <SidePanel view={view} theft={theft} method={method} selection={selection} onSelect={onSelect} />
      )}
    </div>
  );
}

function Graph(props: GraphPaneProps): ReactNode {
  const loaded = useLoaded(graphPane);
  return loaded === null ? <Loading /> : <loaded.GraphPane {...props} />;
}
