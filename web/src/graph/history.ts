/** States as values: what was, what is, and what was undone. */
export interface History<State> {
  readonly past: readonly State[];
  readonly now: State;
  readonly future: readonly State[];
}

export const LONGEST_HISTORY = 200;

export function historyOf<State>(now: State): History<State> {
  return { past: [], now, future: [] };
}

/** The same state again is no step. */
export function advance<State>(history: History<State>, next: State): History<State> {
  if (next === history.now) return history;
  return { past: [...history.past, history.now].slice(-LONGEST_HISTORY), now: next, future: [] };
}

export function undo<State>(history: History<State>): History<State> {
  const last = history.past.at(-1);
  if (last === undefined) return history;
  return { past: history.past.slice(0, -1), now: last, future: [history.now, ...history.future] };
}

export function redo<State>(history: History<State>): History<State> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.now], now: next, future };
}

/** Another present that is no step of its own: what came from elsewhere. */
export function replace<State>(history: History<State>, now: State): History<State> {
  return { ...history, now };
}
