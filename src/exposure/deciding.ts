import { CONFIDENCES, type Label } from '../model/label.ts';
import { type CategorySet, NO_CATEGORY } from './categories.ts';

/** What the labels of an address make of it. */
export interface Decision {
  /** Place of its category in the set; NO_CATEGORY: money passes it. */
  readonly lane: number;
  /** The label that decided; null where none of them says anything of money. */
  readonly label: Label | null;
  /** Labels in force that put it into another category. A sanctioned service is no contradiction. */
  readonly against: readonly Label[];
}

/**
 * Which of the labels in force decides: a sanction before all; then the surest (GraphSense's confidence); then the gravest category in the
 * set's order; then the source that listed it last; then text, so that the choice never depends on the order of import.
 */
export function decide(labels: readonly Label[], set: CategorySet): Decision {
  const speaking = labels
    .filter((label) => label.status === 'current' && set.laneOf.has(label.category))
    .sort((a, b) => compare(a, b, set));
  const [label] = speaking;
  if (label === undefined) return { lane: NO_CATEGORY, label: null, against: [] };
  const lane = set.laneOf.get(label.category)!;
  const against = speaking.filter(
    (other) => other.category !== 'sanctioned' && set.laneOf.get(other.category) !== lane,
  );
  return { lane, label, against: label.category === 'sanctioned' ? disagreeing(against, set) : against };
}

/** Of labels beside a sanction: those that contradict each other. */
function disagreeing(labels: readonly Label[], set: CategorySet): readonly Label[] {
  const first = labels[0] === undefined ? -1 : set.laneOf.get(labels[0].category);
  return labels.filter((label) => set.laneOf.get(label.category) !== first);
}

function compare(a: Label, b: Label, set: CategorySet): number {
  return (
    Number(b.category === 'sanctioned') - Number(a.category === 'sanctioned') ||
    rank(a.confidence) - rank(b.confidence) ||
    set.laneOf.get(a.category)! - set.laneOf.get(b.category)! ||
    (b.lastListed ?? 0) - (a.lastListed ?? 0) ||
    textOrder(`${a.category}|${a.label}|${a.list.source}`, `${b.category}|${b.label}|${b.list.source}`)
  );
}

function rank(confidence: string): number {
  const index = (CONFIDENCES as readonly string[]).indexOf(confidence);
  return index < 0 ? CONFIDENCES.length : index;
}

function textOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
