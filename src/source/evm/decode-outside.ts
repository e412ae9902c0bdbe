import { REWARD_TX_INDEX } from '../file/layout.ts';
import { type Draft, pushRow } from './decode-draft.ts';
import { INCOME_TX_INDEX } from './decode-fees.ts';
import type { RawBlock } from './raw.ts';
import { bigOf } from './raw-field.ts';
import type { RawReward } from './raw-trace.ts';

export const WITHDRAWAL_TX_INDEX = INCOME_TX_INDEX + 1;
const WEI_PER_GWEI = 1_000_000_000n;

/** Rewards of a block's makers from the chain itself, of no transaction, placed as file imports place them. */
export function pushRewards(draft: Draft, rewards: readonly RawReward[]): void {
  draft.tx = null;
  draft.txIndex = REWARD_TX_INDEX;
  // As file imports rank them: by kind, then as they come.
  const ranked = [...rewards].sort((a, b) => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0));
  for (const [leg, { author, value }] of ranked.entries()) {
    if (value !== '0x0') pushRow(draft, leg, 'mint', null, author, draft.native, bigOf(value));
  }
}

/** Withdrawals of validators (EIP-4895) arrive after all else of the block. */
export function pushWithdrawals(draft: Draft, { withdrawals }: RawBlock): void {
  draft.tx = null;
  draft.txIndex = WITHDRAWAL_TX_INDEX;
  for (const [leg, { address, amount }] of withdrawals.entries()) {
    if (amount !== '0x0') pushRow(draft, leg, 'mint', null, address, draft.native, bigOf(amount) * WEI_PER_GWEI);
  }
}
