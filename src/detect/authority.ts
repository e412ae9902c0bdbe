import type { UnixSeconds } from '../base/time.ts';
import type { AuthorityChange, AuthorityKind } from '../model/authority.ts';
import type { Alarm, CrossedLine, Severity } from './alarm.ts';
import { SAFE_LIBRARIES } from './safe-library.ts';
import { type LearntPast, MAX_SPENDERS, type WatchedWallet } from './watched-wallet.ts';

/** What is remembered of a wallet's rights. Plain data. */
export interface AuthorityState {
  /** Spenders with a large approval and operators, as asset|spender; delegatecall targets. Oldest first. */
  readonly spenders: Map<string, true>;
  readonly targets: Map<string, true>;
  threshold: bigint | null;
  forgotten: number;
}

export function newAuthorityState(): AuthorityState {
  return { spenders: new Map(), targets: new Map(), threshold: null, forgotten: 0 };
}

/** From 2^95 on an allowance is meant to be endless: tokens keep it in 256, 160 or 96 bits, and some count it down. */
export const UNLIMITED = 2n ** 95n;

const SEVERITY: Readonly<Record<AuthorityKind, Severity>> = {
  approval: 'high',
  approvalForAll: 'high',
  permit: 'high',
  safeOwnerAdded: 'high',
  safeOwnerRemoved: 'high',
  safeThreshold: 'high',
  safeModuleEnabled: 'critical',
  safeModuleDisabled: 'medium',
  safeGuard: 'high',
  safeFallbackHandler: 'high',
  safeMasterCopy: 'critical',
  delegatecall: 'critical',
  ownershipTransferred: 'critical',
  proxyUpgraded: 'critical',
};

export interface Judged {
  readonly severity: Severity;
  readonly crossed: readonly CrossedLine[];
}

const CHANGED: CrossedLine = { what: 'changed', value: null, limit: null };
const FIRST_SEEN: CrossedLine = { what: 'first seen', value: null, limit: null };

/**
 * S0 for one change: null where it is no alarm. What is seen is remembered, while learning too. `held`: what the wallet holds of
 * the asset now, null where not known.
 */
export function judgeAuthority(
  state: AuthorityState,
  wallet: WatchedWallet,
  change: AuthorityChange,
  held: bigint | null,
): Judged | null {
  const { kind, grantee } = change;
  if (kind === 'approval' || kind === 'permit' || kind === 'approvalForAll') {
    return judgeApproval(state, wallet, change, held);
  }
  if (kind === 'delegatecall') return judgeDelegatecall(state, wallet, grantee);
  if (kind === 'safeThreshold') return judgeThreshold(state, change.amount);
  return { severity: SEVERITY[kind], crossed: [CHANGED] };
}

function judgeThreshold(state: AuthorityState, amount: bigint | null): Judged | null {
  const before = state.threshold;
  state.threshold = amount;
  if (before !== null && before === amount) return null;
  const lower = before !== null && amount !== null && amount < before;
  const crossed: CrossedLine = { what: 'changed', value: numberOf(amount), limit: numberOf(before) };
  return { severity: lower || amount === 1n ? 'critical' : 'high', crossed: [crossed] };
}

function numberOf(amount: bigint | null): number | null {
  return amount === null ? null : Number(amount);
}

function judgeDelegatecall(state: AuthorityState, wallet: WatchedWallet, target: string | null): Judged | null {
  if (target === null || SAFE_LIBRARIES.has(target) || wallet.allow.has(target)) return null;
  if (!remember(state, state.targets, target)) return null;
  return { severity: SEVERITY.delegatecall, crossed: [FIRST_SEEN] };
}

function judgeApproval(
  state: AuthorityState,
  wallet: WatchedWallet,
  { kind, grantee, asset, amount }: AuthorityChange,
  held: bigint | null,
): Judged | null {
  if (grantee === null || amount === 0n || wallet.allow.has(grantee)) return null;
  const crossed: CrossedLine[] = [];
  const limit = asset === null ? undefined : wallet.largeApproval.get(asset);
  const endless = amount === null || (amount >= UNLIMITED && (held === null || amount > held));
  if (kind === 'approvalForAll' || endless) {
    crossed.push({ what: 'unlimited', value: null, limit: null });
  } else {
    if (held !== null && amount > held) crossed.push({ what: 'above holdings', value: null, limit: null });
    if (limit !== undefined && amount >= limit) crossed.push({ what: 'above limit', value: null, limit: null });
  }
  if (crossed.length === 0 || !remember(state, state.spenders, `${asset ?? ''}|${grantee}`)) return null;
  const nothingThere = held === 0n && limit === undefined && kind !== 'approvalForAll';
  return { severity: nothingThere ? 'medium' : SEVERITY[kind], crossed: [FIRST_SEEN, ...crossed] };
}

/** True where it was not known. */
function remember(state: AuthorityState, known: Map<string, true>, key: string): boolean {
  const found = known.delete(key);
  known.set(key, true);
  if (known.size > MAX_SPENDERS) {
    known.delete(known.keys().next().value!);
    state.forgotten += 1;
  }
  return !found;
}

export interface Sighting {
  readonly time: UnixSeconds;
  readonly block: bigint;
  readonly blockHash: string;
  readonly held: bigint | null;
  readonly past: LearntPast;
}

/** The alarm for a judged change, but for its id and what it follows. */
export function authorityAlarm(
  wallet: WatchedWallet,
  change: AuthorityChange,
  judged: Judged,
  { time, block, blockHash, held, past }: Sighting,
): Omit<Alarm, 'id' | 'again'> {
  const { kind, grantee, asset, amount, tx } = change;
  return {
    signature: 'S0',
    rule: kind,
    severity: judged.severity,
    chain: wallet.chain,
    wallet: wallet.address,
    name: wallet.name,
    others: grantee === null ? [] : [grantee],
    otherCount: grantee === null ? 0 : 1,
    amounts: asset === null || amount === null ? [] : [{ asset, amount, usual: null, held }],
    crossed: judged.crossed,
    txs: [tx],
    txCount: 1,
    payments: 0,
    firstTime: time,
    lastTime: time,
    block,
    blockHash,
    past,
  };
}
