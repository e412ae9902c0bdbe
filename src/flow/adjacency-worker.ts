import { parentPort, workerData } from 'node:worker_threads';
import { buildSide, type SideTask } from './adjacency-build.ts';
import { toThreadFault } from './thread-fault.ts';

/** Builds one side of a segment beside the other. */
try {
  parentPort?.postMessage({ result: buildSide(workerData as SideTask) });
} catch (error) {
  parentPort?.postMessage({ fault: toThreadFault(error) });
}
