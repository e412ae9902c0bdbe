import type { ReactNode } from 'react';
import { useWords } from '../../app/settings.tsx';
import { type Axis, DUST_STEPS, type PictureState } from '../../graph/state.ts';
import { graphWords } from '../../messages/graph.ts';
import type { BoardStatus } from './use-board.ts';

export type View = 'picture' | 'table';

export interface ToolbarProps {
  readonly state: PictureState;
  readonly view: View;
  /** false: the method knows no amounts, so nothing is small. */
  readonly conserves: boolean;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly canOpen: boolean;
  readonly canClose: boolean;
  readonly status: BoardStatus;
  readonly onView: (view: View) => void;
  readonly onAxis: (axis: Axis) => void;
  readonly onDust: (dust: number) => void;
  readonly onByEntity: (byEntity: boolean) => void;
  readonly onDo: (what: 'openAll' | 'closeAll' | 'undo' | 'redo' | 'zoomIn' | 'zoomOut' | 'fit') => void;
  readonly onExport: (what: 'png' | 'svg') => void;
}

const AXES: readonly Axis[] = ['hops', 'log', 'linear'];
const VIEWS: readonly View[] = ['picture', 'table'];

/** Everything that changes the picture as a whole. */
export function Toolbar(props: ToolbarProps): ReactNode {
  const words = useWords(graphWords);
  const { state, view, onDo } = props;
  const drawn = view === 'picture';
  const act = (what: Parameters<typeof onDo>[0], sign: string | null, off = false): ReactNode => (
    <button type="button" onClick={() => onDo(what)} disabled={off} title={words[what]} aria-label={words[what]}>
      {sign ?? words[what]}
    </button>
  );
  return (
    <div className="graph-toolbar no-print" role="toolbar" aria-label={words.toolbar}>
      <fieldset className="graph-switch">
        <legend className="unseen">{words.view}</legend>
        {VIEWS.map((each) => (
          <button key={each} type="button" aria-pressed={view === each} onClick={() => props.onView(each)}>
            {words.views[each]}
          </button>
        ))}
      </fieldset>
      <label>
        {words.axis}
        <select value={state.axis} onChange={(event) => props.onAxis(event.target.value as Axis)} disabled={!drawn}>
          {AXES.map((axis) => (
            <option key={axis} value={axis}>
              {words.axes[axis]}
            </option>
          ))}
        </select>
      </label>
      <label title={words.dustOf}>
        {words.dust}
        <select
          value={state.dust}
          onChange={(event) => props.onDust(Number(event.target.value))}
          disabled={!props.conserves}
        >
          {DUST_STEPS.map((dust) => (
            <option key={dust} value={dust}>
              {words.dusts[dust]}
            </option>
          ))}
        </select>
      </label>
      <label className="graph-check">
        <input type="checkbox" checked={state.byEntity} onChange={(event) => props.onByEntity(event.target.checked)} />
        {words.byEntity}
      </label>
      <span className="graph-buttons">
        {act('openAll', null, !props.canOpen)}
        {act('closeAll', null, !props.canClose)}
      </span>
      <span className="graph-buttons">
        {act('undo', '↶', !props.canUndo)}
        {act('redo', '↷', !props.canRedo)}
      </span>
      <span className="graph-buttons">
        {act('zoomIn', '+', !drawn)}
        {act('zoomOut', '−', !drawn)}
        {act('fit', null, !drawn)}
      </span>
      <fieldset className="graph-buttons">
        <legend className="unseen">{words.exportOf}</legend>
        <button
          type="button"
          onClick={() => props.onExport('png')}
          disabled={!drawn}
          title={drawn ? undefined : words.noPng}
        >
          {words.exportPng}
        </button>
        <button type="button" onClick={() => props.onExport('svg')}>
          {words.exportSvg}
        </button>
      </fieldset>
      <span className="graph-kept muted" role="status">
        {words.board[props.status]}
      </span>
    </div>
  );
}
