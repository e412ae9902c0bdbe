import type { DepositTable } from './deposit-table.ts';
import type { JoinGroups } from './multi-input.ts';

interface Pair {
  readonly first: number;
  readonly next: number;
  /** Where the payment stands that joins them. */
  readonly step: number;
  readonly asset: number;
  readonly row: number;
}

/**
 * Those who pay into one deposit address, joined with the first of them, each by its own first payment, in the chain's order.
 * Left out: deposit addresses that more than `maxSenders` paid, and senders that are deposit addresses themselves (they are a
 * service's). Source, and known errors: deposit.ts.
 */
export function senderGroups(table: DepositTable, maxSenders: number): JoinGroups {
  const { count, senderStart, sender, senderStep, senderAsset, senderRow } = table;
  const deposits = new Set(table.address);
  const pairs: Pair[] = [];
  for (let at = 0; at < count; at += 1) {
    const start = senderStart[at]!;
    const end = senderStart[at + 1]!;
    if (end - start > maxSenders) continue;
    let first = -1;
    for (let next = start; next < end; next += 1) {
      const own = sender[next]!;
      if (deposits.has(own)) continue;
      if (first < 0) first = own;
      else pairs.push({ first, next: own, step: senderStep[next]!, asset: senderAsset[next]!, row: senderRow[next]! });
    }
  }
  return groupsOf(pairs.sort((a, b) => a.step - b.step || a.asset - b.asset || a.row - b.row));
}

function groupsOf(pairs: readonly Pair[]): JoinGroups {
  const members = new Uint32Array(2 * pairs.length);
  const starts = new Uint32Array(pairs.length + 1);
  pairs.forEach(({ first, next }, at) => {
    members[2 * at] = first;
    members[2 * at + 1] = next;
    starts[at + 1] = 2 * at + 2;
  });
  return { count: pairs.length, members, starts, txs: Uint32Array.from(pairs, ({ step }) => step) };
}
