import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useId, useRef, useState } from 'react';
import { useWords } from '../../app/settings.tsx';
import type { Chosen } from '../../graph/choice.ts';
import { BOX } from '../../graph/layout.ts';
import type { Scene } from '../../graph/scene.ts';
import type { Point } from '../../graph/state.ts';
import type { Tick } from '../../graph/time-scale.ts';
import { graphWords } from '../../messages/graph.ts';
import { FlowView, type ViewEvents } from './flow-view.ts';
import { readTheme, watchTheme } from './theme.ts';

interface CanvasProps {
  readonly scene: Scene;
  readonly chosen: Chosen;
  readonly ticks: readonly Tick[];
  /** The drawing, for zoom and export; null while there is none. */
  readonly view: RefObject<FlowView | null>;
  readonly events: Omit<ViewEvents, 'onMoved'>;
  readonly onKey: (event: KeyboardEvent) => void;
  /** What is chosen, for a screen reader. */
  readonly said: string;
}

/** The picture by WebGL. One stop of the keyboard; what the keys do is said to a screen reader. */
export function FlowCanvas(props: CanvasProps): ReactNode {
  const { scene, chosen, ticks, view, onKey, said } = props;
  const words = useWords(graphWords);
  const frame = useRef<HTMLDivElement>(null);
  const ruler = useRef<HTMLDivElement>(null);
  const id = useId();
  const [broken, setBroken] = useState<'noGl' | 'lostGl' | null>(null);
  const latest = useRef(props);
  latest.current = props;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the view lives as long as the frame; scenes come below
  useEffect(() => {
    const container = frame.current;
    if (container === null || broken !== null) return;
    if (!hasWebGl()) {
      setBroken('noGl');
      return;
    }
    const made = new FlowView(container, latest.current.scene, readTheme(), eventsOf(latest, ruler));
    view.current = made;
    made.mark(latest.current.chosen);
    const lost = (): void => setBroken('lostGl');
    container.addEventListener('webglcontextlost', lost, true);
    const stop = watchTheme(() => made.paint(readTheme()));
    const size = new ResizeObserver(() => made.resize());
    size.observe(container);
    return () => {
      size.disconnect();
      stop();
      container.removeEventListener('webglcontextlost', lost, true);
      view.current = null;
      made.kill();
    };
  }, [broken]);
  useEffect(() => view.current?.show(scene), [scene, view]);
  useEffect(() => view.current?.mark(chosen), [chosen, view]);
  if (broken !== null)
    return (
      <div className="graph-canvas graph-broken" role="status">
        <p>{words[broken]}</p>
        {broken === 'lostGl' ? (
          <button type="button" onClick={() => setBroken(null)}>
            {words.drawAgain}
          </button>
        ) : null}
      </div>
    );
  return (
    <div
      className="graph-canvas"
      role="application"
      aria-label={words.canvas}
      aria-describedby={id}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: an application is interactive
      tabIndex={0}
      onKeyDown={onKey}
    >
      <div className="graph-frame" ref={frame} />
      <div className="graph-ruler" ref={ruler} aria-hidden="true">
        {ticks.map(({ since, at }) => (
          <span key={since} data-at={at}>
            {words.after(Math.floor(since / 86_400), Math.floor(since / 3600), Math.floor(since / 60))}
          </span>
        ))}
      </div>
      <p className="unseen" id={id}>
        {words.keys}
      </p>
      <p className="unseen" aria-live="polite">
        {said}
      </p>
    </div>
  );
}

function eventsOf(latest: RefObject<CanvasProps>, ruler: RefObject<HTMLDivElement | null>): ViewEvents {
  return {
    onNode: (key, more) => latest.current.events.onNode(key, more),
    onLine: (key) => latest.current.events.onLine(key),
    onStage: () => latest.current.events.onStage(),
    onOpen: (key) => latest.current.events.onOpen(key),
    onPlaced: (key, point) => latest.current.events.onPlaced(key, point),
    onMoved: (toPage) => placeTicks(ruler.current, toPage),
  };
}

function placeTicks(ruler: HTMLDivElement | null, toPage: (point: Point) => Point): void {
  for (const tick of ruler?.children ?? []) {
    const { x } = toPage({ x: Number((tick as HTMLElement).dataset.at) * BOX.width, y: 0 });
    (tick as HTMLElement).style.transform = `translateX(${Math.round(x)}px)`;
  }
}

function hasWebGl(): boolean {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('webgl2') ?? canvas.getContext('webgl');
  // Few contexts may live at a time: this one was for asking only.
  context?.getExtension('WEBGL_lose_context')?.loseContext();
  return context !== null;
}
