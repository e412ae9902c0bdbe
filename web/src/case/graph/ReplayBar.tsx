import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useWords } from '../../app/settings.tsx';
import { graphWords } from '../../messages/graph.ts';
import { Time } from '../../parts/text.tsx';

/** Seconds that the whole takes at the slowest speed. */
const LONGEST_SECONDS = 40;
const TICK_MS = 80;
const SPEEDS = [1, 3, 10] as const;

/** A slider over the moments at which something moved. `at`: index of the moment; null: the whole. */
export function ReplayBar({
  moments,
  at,
  estimated,
  onMove,
}: {
  readonly moments: readonly number[];
  readonly at: number | null;
  readonly estimated: boolean;
  readonly onMove: (at: number | null) => void;
}): ReactNode {
  const words = useWords(graphWords);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState<number>(3);
  const last = moments.length - 1;
  const position = useRef(0);
  const latest = useRef(onMove);
  latest.current = onMove;
  const place = useRef(at);
  place.current = at;
  useEffect(() => {
    if (!playing) return;
    // Other moments came: from where the picture stands now.
    position.current = place.current ?? 0;
    const stride = (moments.length * speed * TICK_MS) / (LONGEST_SECONDS * 1000);
    const timer = setInterval(() => {
      position.current += stride;
      if (position.current >= last) {
        setPlaying(false);
        latest.current(null);
      } else latest.current(Math.floor(position.current));
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [playing, speed, moments, last]);
  const play = (): void => {
    if (at === null) onMove(0);
    setPlaying(true);
  };
  const moment = moments[at ?? last] ?? null;
  return (
    <section className="graph-replay no-print" aria-label={words.replay}>
      <button type="button" onClick={() => (playing ? setPlaying(false) : play())} disabled={last < 1}>
        <span aria-hidden="true">{playing ? '❚❚' : '▶'}</span> {playing ? words.pause : words.play}
      </button>
      <select aria-label={words.speed} value={speed} onChange={(event) => setSpeed(Number(event.target.value))}>
        {SPEEDS.map((each) => (
          <option key={each} value={each}>
            {words.speeds[each]}
          </option>
        ))}
      </select>
      <input
        type="range"
        aria-label={words.moment}
        aria-valuetext={moment === null ? words.whole : new Date(moment * 1000).toISOString()}
        min={0}
        max={Math.max(0, last)}
        value={at ?? Math.max(0, last)}
        disabled={last < 1}
        onChange={(event) => {
          const value = Number(event.target.value);
          position.current = value;
          onMove(value >= last ? null : value);
        }}
      />
      <span className="graph-moment">
        {moment === null ? null : <Time time={moment} />} {at === null ? <em>({words.whole})</em> : null}
      </span>
      <button type="button" onClick={() => onMove(null)} disabled={at === null}>
        {words.toEnd}
      </button>
      {estimated ? <p className="hint muted">{words.estimated}</p> : null}
    </section>
  );
}
