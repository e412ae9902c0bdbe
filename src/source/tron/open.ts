import { HaetaeError } from '../../base/errors.ts';
import type { AccountSource } from '../chain-source.ts';
import type { Endpoint } from '../endpoint.ts';
import { type AskOptions, TronApi } from './ask.ts';
import { checkHeader } from './header.ts';
import { maybeHeaderSchema } from './schema.ts';
import { TronSource } from './source.ts';

/**
 * A TRON node or TronGrid by its HTTP API. The chain is told by the last four bytes of the genesis block's id, as in
 * `tron:0x2b6653dc`. Throws E_SOURCE_CHAIN, and whatever a source throws.
 */
export async function openTronSource(endpoint: Endpoint, options: AskOptions = {}): Promise<AccountSource> {
  const api = new TronApi(endpoint, options);
  try {
    const genesis = await api.wallet('getblockbynum', { num: 0 }, maybeHeaderSchema);
    const served = genesis === null ? 'none' : `tron:0x${checkHeader(endpoint, 0n, genesis).hash.slice(-8)}`;
    if (served !== endpoint.chain.id) throw otherChain(endpoint, served);
    return new TronSource(endpoint, api);
  } catch (error) {
    api.close();
    throw error;
  }
}

function otherChain(endpoint: Endpoint, served: string): HaetaeError {
  return new HaetaeError('E_SOURCE_CHAIN', 'the endpoint serves another chain', {
    context: { endpoint: endpoint.name, expected: endpoint.chain.id, served },
    remedy: 'give an endpoint of the chain that is asked for, or name its chain',
  });
}
