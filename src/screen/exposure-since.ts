import { UtxoReader } from '../exposure/utxo-view.ts';
import { type AccountFlow, FEE, type UtxoFlow } from '../flow/flow.ts';
import type { ExposureChain } from './exposure-chain.ts';

/** More addresses than this in what was added: anything may have changed. */
const MOST_TOUCHED = 100_000;
/** Rows that are gone through for them. */
const MOST_ROWS = 2_000_000;

/**
 * The addresses that move in what was added to a chain since it was opened before; 'all' where much of the index was made anew, or labels changed
 * other than what was told meanwhile. `lanes`: categories as they were last known.
 */
export function addressesSince(
  before: ExposureChain,
  lanes: Uint8Array | null,
  opened: ExposureChain,
): readonly string[] | 'all' {
  if (opened.flow === null || opened.table === null) return [];
  if (before.flow === null || before.table === null || lanes === null) return 'all';
  if (!sameLanes(lanes, opened.table.lanes())) return 'all';
  const same = opened.parts.findIndex(({ digest }, at) => before.parts[at]?.digest !== digest);
  const common = same < 0 ? opened.parts.length : same;
  // Segments that were joined with what is new are gone through again. What the table before did not hold has not been answered from either.
  const from = Math.min(common === 0 ? 0 : opened.ends[common - 1]!, before.table.facts.steps);
  const rows = [...opened.parts.slice(common), ...before.parts.slice(common)].reduce((sum, part) => sum + part.rows, 0);
  if (rows > MOST_ROWS) return 'all';
  const texts = new Set<string>();
  // What was taken back is gone from the new one only.
  for (const { flow } of common === before.parts.length ? [opened] : [before, opened]) {
    const ids = flow!.model === 'utxo' ? utxoSince(flow!, from) : accountSince(flow!, from);
    if (ids === null) return 'all';
    for (const id of ids) texts.add(flow!.addresses.text(id));
  }
  return texts.size > MOST_TOUCHED ? 'all' : [...texts];
}

/** Of addresses that both know: those that came later are told by their movements. */
function sameLanes(before: Uint8Array, now: Uint8Array): boolean {
  const both = Math.min(before.length, now.length);
  return Buffer.compare(before.subarray(0, both), now.subarray(0, both)) === 0;
}

function utxoSince(flow: UtxoFlow, from: number): Set<number> | null {
  const ids = new Set<number>();
  const reader = new UtxoReader(flow);
  for (let tx = from; tx < flow.txCount; tx += 1) {
    const view = reader.read(tx);
    for (let at = 0; at < view.inputs; at += 1) ids.add(view.inputOwner[at]!);
    for (let at = 0; at < view.outputs; at += 1) ids.add(view.outputOwner[at]!);
    if (ids.size > MOST_TOUCHED) return null;
  }
  return ids;
}

function accountSince(flow: AccountFlow, from: number): Set<number> | null {
  const ids = new Set<number>();
  for (const asset of flow.assets) {
    // The later segments come last, and rows of one lie in the order of steps.
    for (const { count, step, from: payers, to } of [...asset.segments].reverse()) {
      let row = count - 1;
      for (; row >= 0 && step.at(row) >= from; row -= 1) {
        for (const place of [payers.at(row), to.at(row)]) if (place < FEE) ids.add(asset.addressOf(place));
        if (ids.size > MOST_TOUCHED) return null;
      }
      if (row >= 0) break;
    }
  }
  return ids;
}
