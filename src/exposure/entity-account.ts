import type { Progress } from '../base/progress.ts';
import { Clusters, type SavedClusters } from '../cluster/clusters.ts';
import { findDeposits, MAX_BLOCKS, MAX_SECONDS, MAX_SENDERS, MIN_CONFIDENCE } from '../cluster/deposit.ts';
import { senderGroups } from '../cluster/deposit-senders.ts';
import type { DepositTable } from '../cluster/deposit-table.ts';
import type { AccountFlow } from '../flow/flow.ts';
import type { Kernels } from '../kernel/kernel.ts';
import { nativeAsset } from '../model/asset.ts';
import { requireChain } from '../model/chain.ts';
import { DEFAULT_MAX_COUNTERPARTIES } from '../trace/options.ts';
import type { ServiceTable } from './entity-services.ts';

/** Clusters of an account chain and the deposit addresses they come from. */
export interface AccountEntities {
  readonly clusters: SavedClusters;
  readonly deposits: DepositTable;
  /** Steps that were read. */
  readonly steps: number;
}

export interface AccountBuild {
  readonly kernels: Kernels;
  readonly services: ServiceTable;
  readonly sizeLimit: number;
  readonly rules: DepositOptions;
  readonly progress: Progress;
}

/** What may be set of the deposit heuristic; amounts in hundredths of the native coin. */
export interface DepositOptions {
  readonly maxBlocks: number;
  /** Where a step names no block. */
  readonly maxSeconds: number;
  readonly maxDifferenceHundredths: number;
  readonly minConfidence: number;
  /** Addresses with more counterparties are hubs. */
  readonly maxCounterparties: number;
  readonly maxSenders: number;
}

/** Victor's parameters (3,200 blocks, 0.01 of the coin), and the limits of deposit.ts. */
export const DEFAULT_DEPOSIT_OPTIONS: DepositOptions = {
  maxBlocks: MAX_BLOCKS,
  maxSeconds: MAX_SECONDS,
  maxDifferenceHundredths: 1,
  minConfidence: MIN_CONFIDENCE,
  maxCounterparties: DEFAULT_MAX_COUNTERPARTIES,
  maxSenders: MAX_SENDERS,
};

/**
 * Deposit addresses and the clusters of those who pay into them. Always from nothing: a new payment can take away what made an address a
 * deposit address, and the work goes with the payments to exchanges, not with the chain.
 */
export function buildAccountEntities(flow: AccountFlow, build: AccountBuild): AccountEntities {
  const { kernels, services, sizeLimit, rules, progress } = build;
  progress.report('finding deposit addresses', 0, 0);
  const deposits = findDeposits(
    flow.assets.map((asset) => ({
      placeCount: asset.placeCount,
      addressOf: (place) => asset.addressOf(place),
      placeOf: (address) => asset.placeOf(address),
      segments: asset.segments,
      maxDifference: asset.asset === nativeAsset(flow.chain).id ? largestFee(flow.chain, rules) : 0n,
    })),
    {
      addresses: flow.addresses.size,
      mains: services.mains,
      excluded: (address) => services.noPerson.has(address) || flow.counterparties(address) > rules.maxCounterparties,
      recent: recentSteps(flow, rules),
      minConfidence: rules.minConfidence,
    },
  );
  const clusters = new Clusters(kernels, { members: flow.addresses.size, services: services.numberOf, sizeLimit });
  clusters.run(senderGroups(deposits, rules.maxSenders));
  return { clusters: clusters.save(), deposits, steps: flow.steps.count };
}

/** Base units of the native coin; none where a hundredth of it is less than one. */
function largestFee(chain: string, { maxDifferenceHundredths }: DepositOptions): bigint {
  const { decimals } = requireChain(chain).native;
  return (BigInt(maxDifferenceHundredths) * 10n ** BigInt(decimals)) / 100n;
}

function recentSteps({ steps }: AccountFlow, { maxBlocks, maxSeconds }: DepositOptions) {
  return (arrival: number, forward: number): boolean => {
    const from = steps.block(arrival);
    const to = steps.block(forward);
    if (from !== null && to !== null) return to - from <= maxBlocks;
    return steps.time(forward) - steps.time(arrival) <= maxSeconds;
  };
}
