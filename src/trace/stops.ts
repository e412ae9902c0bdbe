import type { Label } from '../model/label.ts';
import { CONFIDENCES } from '../model/label.ts';
import type { StopKind } from '../taint/step.ts';
import type { EvidenceLabel } from './evidence.ts';
import { STOP_OF_CATEGORY, type TraceOptions } from './options.ts';

/**
 * The label that speaks for an address: one that makes it a stop before others (a sanctioned mixer is still a mixer),
 * then those in force, then by confidence, then the latest list. Ties by text, so that the choice never depends on order.
 */
export function decidingLabel(labels: readonly Label[]): Label | null {
  const sorted = [...labels].sort(
    (a, b) =>
      Number(stopOf(b) !== null) - Number(stopOf(a) !== null) ||
      Number(a.category === 'unknown') - Number(b.category === 'unknown') ||
      Number(b.status === 'current') - Number(a.status === 'current') ||
      rank(a.confidence) - rank(b.confidence) ||
      (b.lastListed ?? 0) - (a.lastListed ?? 0) ||
      (a.label < b.label ? -1 : a.label > b.label ? 1 : 0),
  );
  return sorted[0] ?? null;
}

function rank(confidence: string): number {
  const index = (CONFIDENCES as readonly string[]).indexOf(confidence);
  return index < 0 ? CONFIDENCES.length : index;
}

function stopOf(label: Label): StopKind | null {
  return STOP_OF_CATEGORY[label.category] ?? null;
}

/** The stop that the options make of a label, or null where the trace follows through. */
export function stopFor(label: Pick<EvidenceLabel, 'category'>, options: TraceOptions): StopKind | null {
  if (label.category === null || !options.stopCategories.includes(label.category)) return null;
  return STOP_OF_CATEGORY[label.category] ?? null;
}
