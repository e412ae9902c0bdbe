import type { Named } from '../net/fault.ts';
import { lie } from './fault.ts';
import { signerOf } from './signature.ts';
import type { TronTransaction } from './transaction.ts';

/** More signatures than a permission can have keys are not looked at. */
const MAX_SIGNATURES = 5;

/**
 * Recovers the keys that signed. A signature that is none, or a transaction without one, is a lie. One by another key than the owner's
 * is none: an account can give its rights away, and accounts that were taken over have done so. What cannot be told from the block
 * alone is added to `unchecked`, once an account. Throws E_SOURCE_LIES. Cost: 1.6 ms a signature.
 */
export function confirmer(
  endpoint: Named,
  block: bigint,
  transactions: readonly TronTransaction[],
  unchecked: string[],
): (txs: ReadonlySet<string>) => void {
  const said = new Set<string>();
  return (txs) => {
    // Allocations of the genesis block are signed by nobody.
    if (block === 0n) return;
    for (const tx of transactions.filter(({ id }) => txs.has(id))) {
      const foreign = signersOf(endpoint, block, tx).filter((signer) => signer !== tx.owner);
      const note = `${tx.owner} signed by ${foreign.join(', ')}: only state tells whether it may`;
      if (foreign.length === 0 || said.has(note)) continue;
      said.add(note);
      unchecked.push(note);
    }
  };
}

function signersOf(endpoint: Named, block: bigint, tx: TronTransaction): readonly string[] {
  if (tx.signatures.length === 0) throw lie(endpoint, 'a transaction is not signed', block, 'signature', tx.id);
  return tx.signatures.slice(0, MAX_SIGNATURES).map((signature) => {
    const signer = signerOf(tx.rawData, signature);
    if (signer === null) throw lie(endpoint, 'a signature is by no key', block, 'signature', tx.id);
    return signer;
  });
}
