import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useWords } from '../app/settings.tsx';
import { graphWords } from '../messages/graph.ts';
import { Empty, Fault, Loading } from '../parts/state.tsx';
import { api } from '../server/api.ts';
import { FlowPicture } from './graph/FlowPicture.tsx';
import type { View } from './graph/Toolbar.tsx';
import { useBoard } from './graph/use-board.ts';
import type { GraphExports } from './graph/use-exports.ts';
import type { Selection } from './selection.ts';
import '../styles/graph.css';

export interface GraphPaneProps {
  readonly caseId: string;
  /** Id of the theft. */
  readonly theft: string;
  readonly method: string;
  readonly symbol: string;
  readonly decimals: number | null;
  /** Source units as decimal text. */
  readonly stolen: string;
  readonly selection: Selection | null;
  readonly onSelect: (selection: Selection | null) => void;
  /** Told once the picture can be exported, and null when it is gone. */
  readonly exports?: (actions: GraphExports | null) => void;
}

/** The flow of a theft as a picture that is opened, arranged and replayed. */
export function GraphPane(props: GraphPaneProps): ReactNode {
  const { caseId, theft, method } = props;
  const words = useWords(graphWords);
  const board = useBoard(caseId);
  const [view, setView] = useState<View>('picture');
  const flow = useQuery({
    queryKey: ['case-flow', caseId, theft, method],
    queryFn: ({ signal }) => api.getCaseFlow({ params: { id: caseId }, query: { theft, method } }, { signal }),
    // Of the same theft only: amounts of another one are in another unit.
    placeholderData: (before) => (before?.theft === theft ? before : undefined),
    staleTime: 60_000,
  });
  const error = flow.error ?? board.error;
  if (flow.data === undefined || board.history === null)
    return error === null ? <Loading what={words.loading} /> : <Fault error={error} />;
  if (flow.data.nodes.length === 0) return <Empty>{words.noPlaces}</Empty>;
  return (
    <>
      {flow.isPlaceholderData ? <Loading what={words.changing} /> : null}
      {flow.error === null ? null : <Fault error={flow.error} />}
      <FlowPicture {...props} answer={flow.data} board={board} history={board.history} view={view} onView={setView} />
    </>
  );
}
