import type { ChainId } from '../../model/chain.ts';
import type { RawBlock, RawBundle, RawTransaction } from './raw.ts';
import type { RawReceipt } from './raw-receipt.ts';
import type { RawFrame } from './raw-trace.ts';
import { chainShape, hasEthereumBlobs, isForeign } from './verify-chains.ts';
import { lie } from './verify-lie.ts';

/**
 * Traces are in no hash. What can be checked: there is one of each transaction, its first frame is the transaction and its outcome,
 * and each frame is made by the account that its parent runs as. Value inside is checked against balances (source/settle.ts). Gas
 * is not: nodes count it in different ways (with and without intrinsic gas and refunds), and no money is computed from it here.
 */
export function verifyTraces({ block, receipts, traces }: RawBundle, chain: ChainId): void {
  if (traces === null) return;
  const { strange } = traces;
  if (strange !== null)
    throw lie(block, strange.field, 'a trace names another block or transaction', strange.tx ?? undefined);
  // Rewards of makers ended with proof of work. (Other chains without work may give some.)
  const rewarded = traces.rewards.some(({ value }) => value !== '0x0');
  if (rewarded && block.difficulty === '0x0' && hasEthereumBlobs(chain))
    throw lie(block, 'traces.reward', 'a reward is claimed in a block that has none');
  const shape = chainShape(chain);
  for (const [index, frames] of traces.transactions.entries()) {
    const tx = block.transactions[index]!;
    if (isForeign(tx, shape)) continue;
    const top = frames[0];
    if (top === undefined) throw lie(block, 'trace', 'a transaction has no trace', tx.hash);
    const field = topFault(top, tx, receipts[index]!);
    if (field !== null)
      throw lie(block, `trace.${field}`, 'a trace does not begin with its transaction and its outcome', tx.hash);
    checkFrames(block, tx, frames);
    if (shape.income !== 'unseen') checkEmitters(block, receipts[index]!, frames);
  }
}

/** Logs of native transfers that the chain itself writes (EIP-7708). */
const SYSTEM_EMITTER = '0xfffffffffffffffffffffffffffffffffffffffe';

/** Logs are in the receipts' root: an account that logged must have run. (Some chains let the protocol itself log.) */
function checkEmitters(block: RawBlock, { logs, transactionHash }: RawReceipt, frames: readonly RawFrame[]): void {
  if (logs.length === 0) return;
  const ran = new Set(frames.filter((frame) => !frame.undone).map(actorOf));
  const absent = logs.findIndex(({ address }) => address !== SYSTEM_EMITTER && !ran.has(address));
  if (absent >= 0)
    throw lie(block, 'trace.to', `the account of log ${absent} runs in no call of the trace`, transactionHash);
}

function topFault(top: RawFrame, tx: RawTransaction, receipt: RawReceipt): string | null {
  if (top.kind !== (tx.to === null ? 'create' : 'call')) return 'type';
  if (top.from !== tx.from) return 'from';
  const to = tx.to ?? receipt.contractAddress;
  if (top.to !== null && to !== null && top.to !== to) return 'to';
  if (top.value !== tx.value) return 'value';
  if (top.input !== tx.input) return 'input';
  if (receipt.status !== null && top.failed !== (receipt.status === 0)) return 'error';
  return null;
}

function checkFrames(block: RawBlock, tx: RawTransaction, frames: readonly RawFrame[]): void {
  for (const frame of frames) {
    const runs = frame.parent < 0 ? null : actorOf(frames[frame.parent]!);
    if (runs !== null && frame.from !== runs)
      throw lie(block, `trace.${frame.path}.from`, 'a call is not made by the account that was running', tx.hash);
    if (frame.parent >= 0 && frames[frame.parent]!.kind === 'selfdestruct')
      throw lie(block, `trace.${frame.path}.type`, 'a self-destruct makes no calls', tx.hash);
  }
}

/** The account that a frame's code runs as; null where a failed creation does not say. */
export function actorOf(frame: RawFrame): string | null {
  return frame.kind === 'delegatecall' || frame.kind === 'callcode' ? frame.from : frame.to;
}
