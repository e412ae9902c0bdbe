import type { Chain } from '../../model/chain.ts';
import { addressOfHex } from './address.ts';
import { trc10, trx } from './asset.ts';
import { INTERNAL_LEG, type Leg, STAKE_LEG } from './leg.ts';
import type { InternalAnswer } from './schema.ts';

/**
 * What an entry of `internal_transactions` does to balances, by its note (java-tron, Program.java): calls, creations and
 * self-destructions pay the other side; staking takes from what can be spent or gives it back; delegating, voting and asking for an
 * unfreeze that is only paid later move nothing that can be spent, though the node prints an amount.
 */
const PAYS = new Set(['call', 'create', 'suicide']);
const STAKES = /^(?:freezeFor|freezeBalanceV2For)[A-Z][A-Za-z]*$/;
const RELEASES = /^(?:unfreezeFor[A-Z][A-Za-z]*|withdrawReward|withdrawExpireUnfreeze(?:While[A-Za-z]+)?)$/;
const KEEPS =
  /^(?:unfreezeBalanceV2For|delegateResourceOf|unDelegateResourceOf)[A-Z][A-Za-z]*$|^(?:voteWitness|cancelAllUnfreezeV2)$/;

export interface InternalMoves {
  readonly legs: readonly Leg[];
  /** Entries with an amount whose note is none we know, or whose ends are no addresses. */
  readonly unknown: number;
}

/** Rejected entries move nothing. */
export function internalLegs(chain: Chain, entries: readonly InternalAnswer[]): InternalMoves {
  const legs: Leg[] = [];
  let paid = 0;
  let staked = 0;
  let unknown = 0;
  for (const entry of entries) {
    const note = Buffer.from(entry.note, 'hex').toString('utf8');
    const from = addressOfHex(entry.caller_address);
    const to = addressOfHex(entry.transferTo_address);
    for (const { callValue, tokenId } of entry.callValueInfo) {
      const pays = PAYS.has(note);
      const leg = pays ? INTERNAL_LEG + paid++ : STAKE_LEG + staked++;
      if (entry.rejected || callValue === 0n || KEEPS.test(note)) continue;
      const asset = tokenId === '' ? trx(chain) : trc10(chain, tokenId);
      const ends = endsOf(note, from, to);
      if (ends === null || callValue < 0n) unknown++;
      else if (ends.from !== ends.to) legs.push({ leg, ...ends, asset, amount: callValue });
    }
  }
  return { legs, unknown };
}

function endsOf(note: string, from: string | null, to: string | null): Pick<Leg, 'kind' | 'from' | 'to'> | null {
  if (from === null) return null;
  // A contract that names itself as heir destroys what it holds.
  if (note === 'suicide' && from === to) return { kind: 'internal', from, to: null };
  if (PAYS.has(note)) return to === null ? null : { kind: 'internal', from, to };
  if (STAKES.test(note)) return { kind: 'adjust', from, to: null };
  return RELEASES.test(note) ? { kind: 'mint', from: null, to: from } : null;
}
