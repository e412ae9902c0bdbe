import { Worker } from 'node:worker_threads';
import { buildSide, type SideResult, type SideTask } from './adjacency-build.ts';
import { ofThreadFault, type ThreadFault } from './thread-fault.ts';

/** Fewer rows are sorted sooner than a thread starts. */
export const FEWEST_FOR_THREADS = 1_000_000;

/** Both sides of a segment, one after the other or one in a thread of its own: the files are the same. */
export async function buildSides(
  task: Omit<SideTask, 'side'>,
  rows: number,
  threads: number,
  fewest = FEWEST_FOR_THREADS,
): Promise<{ readonly out: SideResult; readonly in: SideResult }> {
  if (threads < 2 || rows < fewest)
    return { out: buildSide({ ...task, side: 'out' }), in: buildSide({ ...task, side: 'in' }) };
  const beside = inThread({ ...task, side: 'in' });
  // A fault of the side built here must not leave the other's unheard.
  beside.catch(() => {});
  const out = await inThread({ ...task, side: 'out' });
  return { out, in: await beside };
}

function inThread(task: SideTask): Promise<SideResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./adjacency-worker.js', import.meta.url), { workerData: task });
    worker.once('message', ({ result, fault }: { result?: SideResult; fault?: ThreadFault }) => {
      if (result !== undefined) resolve(result);
      else if (fault !== undefined) reject(ofThreadFault(fault));
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a thread of the index build ended with ${code}`)));
  });
}
