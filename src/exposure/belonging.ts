import type { CategorySet } from './categories.ts';
import { NO_CATEGORY } from './categories.ts';
import { decide } from './deciding.ts';
import type { EntityIndex } from './entity.ts';

/** A deposit address of a lower confidence is nobody's. A choice, not a measurement. */
export const DEPOSIT_CONFIDENCE = 0.5;

/**
 * Categories that come with an owner: members of an entity have that of its labels, decided as if they stood on one address; deposit
 * addresses that of their service. Entities come first. `labelled`: address ids that carry a label that decides.
 */
export function* belongingOf(
  index: EntityIndex,
  set: CategorySet,
  labelled: Iterable<number>,
): Generator<{ readonly address: number; readonly lane: number }> {
  const done = new Set<number>();
  for (const address of labelled) {
    const entity = index.entityOf(address);
    if (done.has(entity) || index.size(entity) < 2) continue;
    done.add(entity);
    const { lane } = decide(
      index.labels(entity).flatMap(({ labels }) => labels),
      set,
    );
    if (lane !== NO_CATEGORY) for (const member of index.members(entity)) yield { address: member, lane };
  }
  for (const address of index.deposits()) {
    const fact = index.depositOf(address);
    if (fact === null || fact.confidence < DEPOSIT_CONFIDENCE) continue;
    const lane = set.laneOf.get(fact.service.category);
    if (lane !== undefined) yield { address, lane };
  }
}

/** Why an address without a label of its own has a category; null where it has none, or by a label. */
export function whyBelongs(index: EntityIndex, set: CategorySet, address: number): string | null {
  const entity = index.entityOf(address);
  if (index.size(entity) > 1) {
    const { label } = decide(
      index.labels(entity).flatMap(({ labels }) => labels),
      set,
    );
    if (label !== null) return `entity of ${label.address}, labelled ${label.label} (${label.list.source})`;
  }
  const fact = index.depositOf(address);
  if (fact === null || fact.confidence < DEPOSIT_CONFIDENCE) return null;
  return `deposit address of ${fact.service.name}, confidence ${fact.confidence.toFixed(2)}`;
}
