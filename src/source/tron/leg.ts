import type { UnixSeconds } from '../../base/time.ts';
import type { AssetId } from '../../model/asset.ts';
import type { Chain } from '../../model/chain.ts';
import type { Transfer, TransferKind } from '../../model/transfer.ts';

/**
 * Legs inside one transaction: the fee, the contract's own movements, moves inside contracts by the order of the node's list, staking
 * by code, then logs by their index. Each kind has numbers of its own, so that a leg is the same whether or not a node keeps the others.
 */
export const FEE_LEG = 0;
export const CONTRACT_LEG = 2;
export const INTERNAL_LEG = 1_000;
export const STAKE_LEG = 500_000;
export const LOG_LEG = 1_000_000;

/** Of one transaction in its block. */
export interface LegPlace {
  readonly chain: Chain;
  readonly block: bigint;
  readonly time: UnixSeconds;
  readonly tx: string;
  readonly txIndex: number;
}

export interface Leg {
  readonly leg: number;
  readonly kind: TransferKind;
  readonly from: string | null;
  readonly to: string | null;
  readonly asset: AssetId;
  readonly amount: bigint;
}

export function toTransfer({ chain, block, time, tx, txIndex }: LegPlace, leg: Leg): Transfer {
  return {
    chain: chain.id,
    block,
    time,
    tx,
    txIndex,
    ...leg,
    rounded: false,
    source: { batch: 0, file: 0, row: leg.leg },
  };
}
