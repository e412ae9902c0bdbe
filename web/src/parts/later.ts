import { useEffect, useState } from 'react';

/** A part of the console that is fetched when it is first needed. */
export interface Later<Value> {
  readonly load: () => Promise<Value>;
}

/** A part of the console did not come: the server is away, or was updated and has it no more. */
export class NotFetched extends Error {
  constructor(cause: unknown) {
    super('a part of the console could not be fetched', { cause });
    this.name = 'NotFetched';
  }
}

/** Fetched once, whoever asks; a fetch that failed is tried again by the next who asks. */
export function later<Value>(fetchIt: () => Promise<Value>): Later<Value> {
  let known: Promise<Value> | null = null;
  return {
    load: () => {
      known ??= fetchIt().catch((fault: unknown) => {
        known = null;
        throw new NotFetched(fault);
      });
      return known;
    },
  };
}

/**
 * What was fetched; null while it is on its way. Throws what went wrong. In place of React's lazy, which holds a part back for up to 300 ms
 * where another one was shown to be loading just before.
 */
export function useLoaded<Value>(part: Later<Value>): Value | null {
  const [state, setState] = useState<{ readonly value: Value | null; readonly fault: unknown }>(NOTHING);
  useEffect(() => {
    let here = true;
    part.load().then(
      (value) => here && setState({ value, fault: null }),
      (fault: unknown) => here && setState({ value: null, fault }),
    );
    return () => {
      here = false;
    };
  }, [part]);
  if (state.fault !== null) throw state.fault;
  return state.value;
}

const NOTHING = { value: null, fault: null };
