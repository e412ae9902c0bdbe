import { formatTime, type UnixSeconds } from '../base/time.ts';
import { sourceScope } from '../label/edition.ts';
import type { ChainId } from '../model/chain.ts';
import type { Label } from '../model/label.ts';
import type { LabelFact } from './facts.ts';

/**
 * A label as a verdict keeps it. `then`: the labels of the same address as of the time of the transfer; null where there is no such time.
 */
export function labelFactOf(
  label: Label,
  chain: ChainId,
  then: { readonly at: UnixSeconds; readonly labels: readonly Label[] } | null,
): LabelFact {
  const { category, actor, programmes, confidence, list, status, caseLost } = label;
  return {
    category,
    label: label.label,
    actor,
    programmes,
    confidence,
    source: list.source,
    file: list.fileName,
    url: label.url ?? list.url,
    listed: text(label.firstListed),
    lastListed: text(label.lastListed),
    ended: text(label.endedBy ?? (status === 'ended' ? label.validTo : null)),
    status,
    atTransfer: then === null ? null : wasInForce(label, then.at, then.labels),
    caseLost,
    via: null,
    saidOf: label.chain === null || label.chain === chain ? null : label.chain,
  };
}

/** Whether the same source said the same of the address then. Of an undated list nobody knows. */
function wasInForce(label: Label, at: UnixSeconds, then: readonly Label[]): boolean | null {
  if (label.validFrom !== null && label.validFrom > at) return false;
  if (label.firstListed === null) return null;
  const { root } = sourceScope(label.list.source);
  return then.some(
    ({ status, category, list }) =>
      status === 'current' && category === label.category && sourceScope(list.source).root === root,
  );
}

/** Dates of editions are few, and writing one out takes as long as half a look-up. */
const TEXTS = new Map<UnixSeconds, string>();
const MOST_TEXTS = 4096;

function text(time: UnixSeconds | null): string | null {
  if (time === null) return null;
  const known = TEXTS.get(time);
  if (known !== undefined) return known;
  if (TEXTS.size >= MOST_TEXTS) TEXTS.clear();
  const written = formatTime(time);
  TEXTS.set(time, written);
  return written;
}
