import { interrupted } from './fault.ts';

/** Resolves after so many milliseconds; throws E_INTERRUPTED as soon as a signal is aborted. */
export function wait(ms: number, ...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signals.some((signal) => signal?.aborted)) {
      reject(interrupted());
      return;
    }
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      for (const signal of signals) signal?.removeEventListener('abort', stop);
      settle();
    };
    const stop = (): void => end(() => reject(interrupted()));
    const timer = setTimeout(() => end(resolve), ms);
    for (const signal of signals) signal?.addEventListener('abort', stop, { once: true });
  });
}
