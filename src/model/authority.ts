import type { AssetId } from './asset.ts';

export const AUTHORITY_KINDS = [
  'approval',
  'approvalForAll',
  'permit',
  'safeOwnerAdded',
  'safeOwnerRemoved',
  'safeThreshold',
  'safeModuleEnabled',
  'safeModuleDisabled',
  'safeGuard',
  'safeFallbackHandler',
  'safeMasterCopy',
  'delegatecall',
  'ownershipTransferred',
  'proxyUpgraded',
] as const;
export type AuthorityKind = (typeof AUTHORITY_KINDS)[number];

/** A change of who may move money, decoded from a log or a call. */
export interface AuthorityChange {
  readonly kind: AuthorityKind;
  /** Whose money or rights change: the owner of an approval, the Safe, the contract. */
  readonly account: string;
  /** Who gets the right: spender, new owner, module, target of the delegatecall. null where there is none (threshold). */
  readonly grantee: string | null;
  /** Token of an approval (CAIP-19); null otherwise. */
  readonly asset: AssetId | null;
  /** Allowance, threshold; null where there is none. */
  readonly amount: bigint | null;
  readonly tx: string;
  readonly txIndex: number;
  /** Log index, or null for a call. */
  readonly logIndex: number | null;
  readonly sender: string;
}
