import { HaetaeError } from '../base/errors.ts';
import { type OpenedChain, openChain } from '../exposure/chain-flow.ts';
import { addressForms, parseAddress } from '../model/address.ts';
import { type ChainId, requireChain } from '../model/chain.ts';
import type { Store } from '../store/port.ts';

/** A chain's columns, and the address as the chain spells it. */
export interface FoundChain {
  readonly chain: OpenedChain;
  readonly address: string;
  /** Id of the address. */
  readonly id: number;
}

/**
 * The chain that was named, or the one whose data name the address. To be closed by the caller. Throws E_ADDRESS, E_NOT_FOUND where no
 * data name it, E_USAGE where several chains do.
 */
export async function findChain(
  store: Store,
  database: string,
  named: string | undefined,
  text: string,
): Promise<FoundChain> {
  const stored = await chainsOf(store);
  const candidates = candidatesOf(named === undefined ? stored : [requireChain(named).id], text);
  if (candidates.length === 0) throw wrongAddress(named, text);
  // A chain without data has no index either: that is not what is wrong.
  if (candidates.every(({ chain }) => !stored.includes(chain))) throw unseen(text, candidates);
  const found: FoundChain[] = [];
  for (const candidate of candidates) {
    const chain = await openChain(store, database, candidate.chain);
    const id = chain.flow.addresses.find(candidate.address);
    if (id >= 0) found.push({ chain, address: candidate.address, id });
    else chain.close();
  }
  const [one, ...others] = found;
  if (one === undefined) throw unseen(text, candidates);
  if (others.length === 0) return one;
  for (const { chain } of found) chain.close();
  throw new HaetaeError('E_USAGE', 'the address has moved money on several chains', {
    context: { chains: found.map(({ chain }) => requireChain(chain.flow.chain).name).join(', ') },
    remedy: 'name one with --chain',
  });
}

async function chainsOf(store: Store): Promise<ChainId[]> {
  return [...new Set((await store.batches()).map(({ chain }) => chain))].sort();
}

interface Candidate {
  readonly chain: ChainId;
  readonly address: string;
}

function candidatesOf(chains: readonly ChainId[], text: string): Candidate[] {
  return chains.flatMap((chain) => {
    const parsed = parseAddress(requireChain(chain), text);
    return parsed.ok ? [{ chain, address: parsed.address }] : [];
  });
}

function wrongAddress(named: string | undefined, text: string): HaetaeError {
  const sound = addressForms(text.trim()).map(({ format }) => format);
  const where = named === undefined ? 'any chain in the store' : requireChain(named).name;
  return new HaetaeError('E_ADDRESS', `not an address of ${where}`, {
    context: { address: text.slice(0, 90), ...(sound.length > 0 ? { form: sound.join(', ') } : {}) },
    remedy:
      sound.length > 0
        ? 'import transfers of its chain, or name another with --chain'
        : 'copy it again from its source',
  });
}

function unseen(text: string, candidates: readonly Candidate[]): HaetaeError {
  return new HaetaeError('E_NOT_FOUND', 'the data of no chain name the address', {
    context: { address: text.slice(0, 90), chains: candidates.map(({ chain }) => requireChain(chain).name).join(', ') },
    remedy: 'check the address, or import (or trace with --source) what it moved; haetae label says who it is',
  });
}
