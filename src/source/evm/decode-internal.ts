import { ROOT_LEG } from '../file/layout.ts';
import { type Draft, pushRow } from './decode-draft.ts';
import type { RawBlock } from './raw.ts';
import { bigOf } from './raw-field.ts';
import type { RawFrame } from './raw-trace.ts';

/** Accounts that end with the transaction, and what each was paid since its self-destruct emptied it. */
type Ending = Map<string, bigint>;

/**
 * Value that calls, creations and self-destructs move inside a transaction, none of it within frames that were undone. A
 * delegatecall, callcode or staticcall moves nothing.
 */
export function pushInternal(draft: Draft, block: RawBlock, frames: readonly RawFrame[]): void {
  const ending: Ending = new Map();
  for (let i = 1; i < frames.length; i += 1) {
    const frame = frames[i]!;
    if (frame.undone) continue;
    const { kind, from, to, value, place } = frame;
    if (kind === 'selfdestruct') pushSelfDestruct(draft, block, frame, frames, ending);
    else if ((kind === 'call' || kind === 'create') && value !== '0x0') {
      const amount = bigOf(value);
      pushRow(draft, ROOT_LEG + place, 'internal', from, to, draft.native, amount);
      if (ending.size > 0) note(ending, from, to!, amount);
    }
  }
  let leg = ROOT_LEG + frames.length;
  for (const [address, held] of ending) {
    if (held <= 0n) continue;
    pushRow(draft, leg, 'internal', address, null, draft.native, held);
    leg += 1;
  }
}

/** To itself: an account that ends takes its money with it; one that does not keeps it. */
function pushSelfDestruct(
  draft: Draft,
  block: RawBlock,
  { from, to, value, place }: RawFrame,
  frames: readonly RawFrame[],
  ending: Ending,
): void {
  const ends = endsAccount(block, from, frames);
  const amount = bigOf(value);
  if (ends) ending.set(from, 0n);
  else if (to === from) return;
  if (amount === 0n) return;
  pushRow(draft, ROOT_LEG + place, 'internal', from, to === from ? null : to, draft.native, amount);
  if (to !== from && ending.has(to!)) ending.set(to!, ending.get(to!)! + amount);
}

function note(ending: Ending, from: string, to: string, amount: bigint): void {
  if (from === to) return;
  if (ending.has(from)) ending.set(from, ending.get(from)! - amount);
  if (ending.has(to)) ending.set(to, ending.get(to)! + amount);
}

/** Before Cancun every self-destruct ends the account; since EIP-6780 only one in the transaction that created it. */
function endsAccount(block: RawBlock, address: string, frames: readonly RawFrame[]): boolean {
  const cancun = block.parentBeaconBlockRoot !== null || block.blobGasUsed !== null;
  return !cancun || frames.some((frame) => frame.kind === 'create' && frame.to === address && !frame.undone);
}
