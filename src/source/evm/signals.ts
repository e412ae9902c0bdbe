import type { AuthorityChange } from '../../model/authority.ts';
import type { ChainId } from '../../model/chain.ts';
import { TRANSFER } from './decode-logs.ts';
import type { RawBundle } from './raw.ts';
import type { RawLog } from './raw-receipt.ts';
import type { RawFrame } from './raw-trace.ts';
import { callSignals } from './signals-call.ts';
import { EVENTS, PROXY_CREATION, SAFE_SETUP_EVENT } from './signals-event.ts';
import type { SignalFacts } from './signals-facts.ts';

/**
 * Changes of who may move money, in order of the transactions; in each, calls before logs. A transaction that failed changed
 * nothing. Logs that carry an event's first topic and not its form are other contracts' events and are passed over.
 */
export function decodeSignals(raw: RawBundle, chain: ChainId): AuthorityChange[] {
  const signals: AuthorityChange[] = [];
  for (const [txIndex, tx] of raw.block.transactions.entries()) {
    const receipt = raw.receipts[txIndex]!;
    if (receipt.status === 0) continue;
    const frames = raw.traces?.transactions[txIndex] ?? null;
    if (frames?.[0]?.failed === true) continue;
    if (tx.input.length >= 10 || (frames !== null && frames.length > 1)) {
      for (const facts of callSignals(tx, frames, chain)) signals.push(signal(facts, tx.hash, txIndex, null, tx.from));
    }
    let made: ReadonlySet<string> | null = null;
    for (const log of receipt.logs) {
      const topic = log.topics[0];
      if (topic === undefined || topic === TRANSFER) continue;
      const facts = EVENTS.get(topic)?.(log, chain) ?? null;
      if (facts === null) continue;
      if (topic === PROXY_CREATION) {
        made ??= accountsMade(frames, receipt.logs);
        if (!made.has(facts.account)) continue;
      }
      signals.push(signal(facts, tx.hash, txIndex, log.logIndex, tx.from));
    }
  }
  return signals;
}

/**
 * Contracts that a transaction made: those its calls show, without traces the Safes that themselves log their set-up in it. Any
 * contract can log that any other was made.
 */
function accountsMade(frames: readonly RawFrame[] | null, logs: readonly RawLog[]): ReadonlySet<string> {
  const made = new Set<string>();
  for (const { kind, to, undone } of frames ?? []) if (kind === 'create' && to !== null && !undone) made.add(to);
  if (frames !== null) return made;
  for (const { topics, address } of logs) if (topics[0] === SAFE_SETUP_EVENT) made.add(address);
  return made;
}

function signal(
  { kind, account, grantee, asset, amount }: SignalFacts,
  tx: string,
  txIndex: number,
  logIndex: number | null,
  sender: string,
): AuthorityChange {
  return {
    kind,
    account,
    grantee: grantee ?? null,
    asset: asset ?? null,
    amount: amount ?? null,
    tx,
    txIndex,
    logIndex,
    sender,
  };
}
