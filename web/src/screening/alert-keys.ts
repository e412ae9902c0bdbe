import { useEffect, useRef } from 'react';
import type { Alert } from './alert-filters.ts';
import type { Wish } from './alert-wish.ts';

interface AlertKeys {
  readonly list: readonly Alert[];
  readonly marked: string | null;
  readonly isOpen: boolean;
  choose(alert: Alert): void;
  open(id: string): void;
  close(): void;
  wish(wish: Wish): void;
}

const WISHES: Readonly<Record<string, Wish>> = { a: 'assign-me', c: 'comment', x: 'close', h: 'hold' };
/** The shell takes the key after g. */
const LEADER_MS = 1500;

/** Keys of the queue, unless something is being written, a window is open, or the shell waits for a second key. */
export function useAlertKeys(keys: AlertKeys): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    let leader = 0;
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.matches('input, textarea, select') || document.querySelector('dialog[open]') !== null) return;
      const isAfterLeader = Date.now() - leader < LEADER_MS;
      leader = event.key === 'g' ? Date.now() : 0;
      if (!isAfterLeader) act(now.current, event);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

function act({ list, marked, isOpen, choose, open, close, wish }: AlertKeys, event: KeyboardEvent): void {
  const { key } = event;
  const onControl = (event.target as HTMLElement).matches('a, button, summary');
  const step = key === 'j' ? 1 : key === 'k' ? -1 : 0;
  if (step !== 0) {
    const at = list.findIndex(({ id }) => id === marked);
    const next = list[Math.min(list.length - 1, Math.max(0, at + step))];
    if (next !== undefined) choose(next);
  } else if (key === 'Escape' && isOpen) close();
  else if (key === 'Enter' && marked !== null && !isOpen && !onControl) open(marked);
  else if (WISHES[key] !== undefined && marked !== null) {
    event.preventDefault();
    if (!isOpen) open(marked);
    wish(WISHES[key]);
  }
}
