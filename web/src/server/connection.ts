import { useSyncExternalStore } from 'react';

export type Connection = 'there' | 'away' | 'signed-out';

type Listener = () => void;

/** Whether the server answers, and knows who asks. */
class ConnectionState {
  #now: Connection = 'there';
  readonly #listeners = new Set<Listener>();

  get now(): Connection {
    return this.#now;
  }

  set(next: Connection): void {
    // Only a sign-in ends this: answers to what anybody may ask say nothing of the session.
    if (this.#now === next || (this.#now === 'signed-out' && next === 'there')) return;
    this.#now = next;
    for (const tell of this.#listeners) tell();
  }

  signedIn(): void {
    this.#now = 'there';
    for (const tell of this.#listeners) tell();
  }

  readonly listen = (tell: Listener): (() => void) => {
    this.#listeners.add(tell);
    return () => this.#listeners.delete(tell);
  };
}

export const connection = new ConnectionState();

export function useConnection(): Connection {
  return useSyncExternalStore(connection.listen, () => connection.now);
}
