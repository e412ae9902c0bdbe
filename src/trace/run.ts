import type { Progress } from '../base/progress.ts';
import type { UnixSeconds } from '../base/time.ts';
import type { Store } from '../store/port.ts';
import { caseFiles, caseIdOf } from './case-files.ts';
import { gatherEvidence, type TheftInput } from './gather.ts';
import type { IndexedChains } from './index-gather.ts';
import type { TraceOptions } from './options.ts';
import { type TraceOutput, traceEvidence } from './trace.ts';

/**
 * Follows the thefts of one file through the store and keeps what was read and found as a case. A case that is followed keeps the id
 * it began with (`caseId`), whatever is added to its evidence.
 */
export async function runTrace(
  store: Store,
  input: TheftInput,
  options: TraceOptions,
  at: { readonly version: string; readonly now: UnixSeconds; readonly caseId?: string },
  progress: Progress,
  indexed?: IndexedChains,
): Promise<TraceOutput> {
  const evidence = await gatherEvidence(store, input, options, progress, indexed);
  const caseId = at.caseId ?? caseIdOf(evidence, input.file.title);
  const output = traceEvidence(evidence, input.file, caseId, at.version);
  const known = await store.loadCase(caseId);
  await store.saveCase({
    id: caseId,
    title: input.file.title,
    createdAt: known?.createdAt ?? at.now,
    simulated: input.file.simulated,
    files: caseFiles(evidence, output),
  });
  return output;
}
