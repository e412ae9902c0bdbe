import { useEffect, useRef, useState } from 'react';
import { HaetaeError } from '../../../src/base/errors.ts';
import type { AnsweredLine, JudgedLine } from '../format/screen-lines.ts';
import { api, needsSignIn } from '../server/api.ts';
import { connection } from '../server/connection.ts';

/** Addresses asked about at once: what the server takes. */
export const PART = 10_000;
const SHOWN_EACH_MS = 200;

type Answer = ReturnType<typeof api.screenBatch> extends AsyncIterable<infer Line> ? Line : never;

export interface Batch {
  readonly rows: readonly AnsweredLine[];
  readonly answered: number;
  /** Lines without a fault of their own. */
  readonly asked: number;
  readonly isBegun: boolean;
  readonly isRunning: boolean;
  readonly isCancelled: boolean;
  readonly dry: boolean;
  readonly error: unknown;
  start(lines: readonly JudgedLine[], dry: boolean): void;
  /** Asks about what has no answer yet. */
  goOn(): void;
  cancel(): void;
  clear(): void;
}

interface State {
  readonly rows: readonly AnsweredLine[];
  readonly isRunning: boolean;
  readonly isCancelled: boolean;
  readonly dry: boolean;
  readonly error: unknown;
}

const NOTHING: State = { rows: [], isRunning: false, isCancelled: false, dry: false, error: null };

/** Screens many addresses part by part; what was answered stays, whatever happens to the rest. */
export function useBatch(): Batch {
  const [state, setState] = useState<State>(NOTHING);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  const run = async (begun: readonly AnsweredLine[], dry: boolean): Promise<void> => {
    stop.current?.abort();
    const control = new AbortController();
    stop.current = control;
    const rows = [...begun];
    const show = (part: Partial<State>): void => {
      if (stop.current === control) setState({ ...NOTHING, rows: [...rows], dry, ...part });
    };
    show({ isRunning: true });
    try {
      await askAll(rows, dry, control.signal, () => show({ isRunning: true }));
      show({});
    } catch (error) {
      if (needsSignIn(error)) connection.set('signed-out');
      show(control.signal.aborted ? { isCancelled: true } : { error });
    }
  };
  const { rows } = state;
  return {
    ...state,
    answered: rows.reduce((count, { line, decision, fault }) => count + (isOpen({ line, decision, fault }) ? 0 : 1), 0),
    asked: rows.reduce((count, { line }) => count + (line.fault === null ? 1 : 0), 0),
    isBegun: rows.length > 0,
    start: (lines, dry) => void run(lines.map(unanswered), dry),
    goOn: () => void run(rows, state.dry),
    cancel: () => stop.current?.abort(),
    clear: () => {
      stop.current?.abort();
      stop.current = null;
      setState(NOTHING);
    },
  };
}

function unanswered(line: JudgedLine): AnsweredLine {
  return { line, decision: null, score: null, verdict: null, reasons: [], fault: null };
}

/** Has neither an answer nor a fault. */
export function isOpen({ line, decision, fault }: Pick<AnsweredLine, 'line' | 'decision' | 'fault'>): boolean {
  return line.fault === null && decision === null && fault === null;
}

async function askAll(rows: AnsweredLine[], dry: boolean, signal: AbortSignal, show: () => void): Promise<void> {
  const open = [...rows.keys()].filter((at) => isOpen(rows[at]!));
  let shown = performance.now();
  for (let from = 0; from < open.length; from += PART) {
    const part = open.slice(from, from + PART);
    const lines = part.map((at) => JSON.stringify({ address: rows[at]!.line.address, chain: rows[at]!.line.on }));
    const query = dry ? { dry: '1' as const } : {};
    let place = 0;
    for await (const answer of api.screenBatch({ lines: lines.join('\n'), query }, { signal })) {
      const at = part[place];
      place += 1;
      if (at !== undefined) rows[at] = answered(rows[at]!.line, answer);
      if (performance.now() - shown < SHOWN_EACH_MS) continue;
      shown = performance.now();
      show();
    }
    signal.throwIfAborted();
    if (place !== part.length)
      throw new HaetaeError('E_SERVER', 'the answer broke off before its last line', {
        context: { lines: part.length, answered: place },
        remedy: 'go on with what is open',
      });
  }
}

function answered(line: JudgedLine, answer: Answer): AnsweredLine {
  if ('error' in answer) {
    const { detail, code } = answer.error as { readonly code: string; readonly detail: string };
    return { ...unanswered(line), fault: `${detail} (${code})` };
  }
  const { decision, score, id, reasons } = answer as unknown as ScreenedLine;
  return { line, decision, score, verdict: id, reasons, fault: null };
}

/** What a line holds beyond what the route declares of it. */
interface ScreenedLine {
  readonly decision: string;
  readonly score: number;
  readonly id: string | null;
  readonly reasons: readonly { readonly rule: string; readonly text: string }[];
}
