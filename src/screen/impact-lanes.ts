import { DEPOSIT_CONFIDENCE } from '../exposure/belonging.ts';
import { DEFAULT_CATEGORIES, NO_CATEGORY } from '../exposure/categories.ts';
import { decide } from '../exposure/deciding.ts';
import type { Label } from '../model/label.ts';
import type { EntityBook } from './exposure-entities.ts';

/** An address whose category is another; NO_CATEGORY for none. */
export interface LaneChange {
  readonly id: number;
  readonly before: number;
  readonly now: number;
}

/**
 * Which addresses have another category once these have other labels: they themselves, and those that have one by their entity. The labels are
 * taken into `entities`. Who belongs to whom is left as it is.
 */
export function changedLanes(
  lanes: Uint8Array,
  relabelled: ReadonlyMap<number, readonly Label[]>,
  entities: EntityBook | null,
): LaneChange[] {
  const touched = new Set<number>();
  const whole = new Set<number>();
  for (const [id, labels] of relabelled) {
    entities?.label(id, labels);
    touched.add(id);
    if (entities !== null) whole.add(entities.index.entityOf(id));
  }
  const changes: LaneChange[] = [];
  const put = (id: number, now: number): void => {
    if (lanes[id] !== now) changes.push({ id, before: lanes[id]!, now });
    touched.delete(id);
  };
  for (const entity of whole) {
    const members = entities!.membersOf(entity);
    const labels = entities!.labelsOf(entity);
    const shared = members.length === 0 ? NO_CATEGORY : decide([...labels.values()].flat(), DEFAULT_CATEGORIES).lane;
    for (const id of members) put(id, firstOf(laneOf(labels.get(id) ?? []), shared, depositLane(entities!, id)));
  }
  for (const id of [...touched]) {
    const deposit = entities === null ? NO_CATEGORY : depositLane(entities, id);
    put(id, firstOf(laneOf(relabelled.get(id)!), deposit));
  }
  return changes;
}

function laneOf(labels: readonly Label[]): number {
  return decide(labels, DEFAULT_CATEGORIES).lane;
}

function firstOf(...lanes: readonly number[]): number {
  return lanes.find((lane) => lane !== NO_CATEGORY) ?? NO_CATEGORY;
}

function depositLane({ index }: EntityBook, id: number): number {
  const fact = index.depositOf(id);
  if (fact === null || fact.confidence < DEPOSIT_CONFIDENCE) return NO_CATEGORY;
  return DEFAULT_CATEGORIES.laneOf.get(fact.service.category) ?? NO_CATEGORY;
}
