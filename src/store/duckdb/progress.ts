import type { DuckDBConnection } from '@duckdb/node-api';
import type { Progress } from '../../base/progress.ts';

const INTERVAL_MS = 200;

/** Reports how far one long statement is, in per cent, while it runs. */
export async function watched<T>(
  connection: DuckDBConnection,
  progress: Progress,
  stage: string,
  work: () => Promise<T>,
): Promise<T> {
  const timer = setInterval(() => {
    const { percentage } = connection.progress;
    if (percentage >= 0) progress.report(stage, Math.min(100, Math.floor(percentage)), 100);
  }, INTERVAL_MS);
  try {
    const result = await work();
    progress.report(stage, 100, 100);
    return result;
  } finally {
    clearInterval(timer);
  }
}
