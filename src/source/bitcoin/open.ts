import { HaetaeError } from '../../base/errors.ts';
import { CHAINS } from '../../model/chain.ts';
import type { UtxoSource } from '../chain-source.ts';
import type { Endpoint } from '../endpoint.ts';
import { isFault, KIND_REMEDY, sourceFault } from '../net/fault.ts';
import { HttpClient } from '../net/http.ts';
import { EsploraNode } from './esplora-node.ts';
import type { BitcoinNode } from './node.ts';
import { RestNode } from './rest-node.ts';
import { RpcNode } from './rpc-node.ts';
import { type ChainRules, rulesOf } from './rules.ts';
import { BitcoinSource } from './source.ts';

export interface OpenOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told what a user should know while it works, such as waits that the endpoint asks for. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

/**
 * A Bitcoin-like chain through Bitcoin Core's JSON-RPC (bitcoin-rpc) or REST (bitcoin-rest), or an Esplora server (esplora).
 * Throws E_SOURCE_CHAIN where its first block is another chain's, E_SOURCE where the chain or the kind is not read here.
 */
export async function openBitcoinSource(endpoint: Endpoint, options: OpenOptions = {}): Promise<UtxoSource> {
  const rules = rulesOf(endpoint.chain);
  const http = new HttpClient(endpoint, options.signal, { onNotice: options.onNotice });
  const node = nodeOf(endpoint, rules, http);
  try {
    await checkChain(endpoint, node);
    const lag = await node.lag();
    if (lag !== null) options.onNotice?.(lag);
    return new BitcoinSource(endpoint, rules, node, options.signal);
  } catch (error) {
    node.close();
    throw error;
  }
}

function nodeOf(endpoint: Endpoint, rules: ChainRules, http: HttpClient): BitcoinNode {
  if (endpoint.kind === 'bitcoin-rpc') return new RpcNode(endpoint, http);
  if (endpoint.kind === 'bitcoin-rest') return new RestNode(endpoint, rules, http);
  if (endpoint.kind === 'esplora') return new EsploraNode(endpoint, http);
  throw new HaetaeError('E_SOURCE', `an endpoint of kind ${endpoint.kind} has no Bitcoin-like chain`, {
    context: { endpoint: endpoint.name },
    remedy: 'write bitcoin-rpc:, bitcoin-rest: or esplora: before the address',
  });
}

/** Bitcoin Cash has Bitcoin's first block: its first own one, named in its id, tells them apart. */
const CASH = CHAINS.find(({ name }) => name === 'bitcoincash');
const CASH_HEIGHT = 478_559n;
const ID_DIGITS = 32;

async function checkChain(endpoint: Endpoint, node: BitcoinNode): Promise<void> {
  const first = idOf(await firstHash(endpoint, node));
  if (first !== endpoint.chain.id) throw otherChain(endpoint, first);
  if (endpoint.chain.name !== 'bitcoin') return;
  const later = await ifReached(node.hashAt(CASH_HEIGHT));
  if (later !== null && idOf(later) === CASH?.id) throw otherChain(endpoint, idOf(later));
}

/** Whoever has no first block is no endpoint of the kind. */
async function firstHash(endpoint: Endpoint, node: BitcoinNode): Promise<string> {
  try {
    return await node.hashAt(0n);
  } catch (error) {
    if (!isFault(error, 'E_SOURCE_BEHIND', 'E_NOT_FOUND')) throw error;
    throw sourceFault('E_SOURCE', endpoint, `no endpoint of kind ${endpoint.kind} answers at this path`, KIND_REMEDY);
  }
}

function idOf(hash: string): string {
  return `bip122:${hash.slice(0, ID_DIGITS)}`;
}

async function ifReached(asked: Promise<string>): Promise<string | null> {
  try {
    return await asked;
  } catch (error) {
    if (isFault(error, 'E_SOURCE_BEHIND')) return null;
    throw error;
  }
}

function otherChain(endpoint: Endpoint, found: string): HaetaeError {
  const known = CHAINS.find(({ id }) => id === found);
  const name = known === undefined ? 'a chain that is not known' : known.name;
  return new HaetaeError('E_SOURCE_CHAIN', `the endpoint serves ${name}, not ${endpoint.chain.name}`, {
    context: { endpoint: endpoint.name, asked: endpoint.chain.id, found },
    remedy: `name an endpoint of ${endpoint.chain.name}, or ask for the chain that it serves`,
  });
}
