import { assert } from '../base/assert.ts';
import { HaetaeError } from '../base/errors.ts';
import type { AccountSource, ChainSource, UtxoSource } from './chain-source.ts';
import type { Endpoint, SourceKind } from './endpoint.ts';
import type { ActivityList } from './evm/explorer.ts';
import { AccountFailover, UtxoFailover } from './failover.ts';
import type { RingMember } from './net/ring.ts';

export interface OpenSourceOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told what a user should know while waiting: pauses, changes of endpoint. Never holds a key. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

/** These only list where an address was active; a node is read besides. */
const LISTS: ReadonlySet<SourceKind> = new Set(['blockscout', 'etherscan'] as const);

/** With another endpoint to go to, a dead one is given up sooner. */
const ATTEMPTS_OF_SEVERAL = 3;

/**
 * The endpoints of one chain as one source, in order of preference. Throws E_SOURCE, E_SOURCE_CHAIN (an endpoint serves another
 * chain), E_SOURCE_UNREACHABLE (none answers); one that does not answer is noted and tried again later.
 */
export async function openSource(endpoints: readonly Endpoint[], options: OpenSourceOptions): Promise<ChainSource> {
  const first = endpoints[0];
  if (first === undefined)
    throw new HaetaeError('E_SOURCE', 'no endpoint is named', { remedy: 'name one: --source URL' });
  assert(
    endpoints.every(({ chain }) => chain.id === first.chain.id),
    'endpoints of one chain',
  );
  const nodes = endpoints.filter(({ kind }) => !LISTS.has(kind));
  if (nodes.length === 0) {
    throw new HaetaeError(
      'E_SOURCE',
      'an explorer only lists where an address was active; a node is needed beside it',
      {
        context: { endpoint: first.name, chain: first.chain.id },
        remedy: 'name an Ethereum JSON-RPC endpoint of the same chain as well',
      },
    );
  }
  return first.chain.model === 'utxo' ? openUtxo(nodes, options) : openAccount(nodes, endpoints, options);
}

async function openUtxo(nodes: readonly Endpoint[], options: OpenSourceOptions): Promise<UtxoSource> {
  const members = nodes.map((endpoint): RingMember<UtxoSource> => {
    const open = async (): Promise<UtxoSource> =>
      (await import('./bitcoin/open.ts')).openBitcoinSource(endpoint, options);
    return { name: endpoint.name, open };
  });
  const source = new UtxoFailover(nodes[0]!.chain.id, members, options.onNotice, options.signal);
  await source.openAll();
  return source;
}

async function openAccount(
  nodes: readonly Endpoint[],
  endpoints: readonly Endpoint[],
  options: OpenSourceOptions,
): Promise<AccountSource> {
  const several = nodes.length > 1 ? { ...options, attempts: ATTEMPTS_OF_SEVERAL } : options;
  const members = nodes.map((endpoint): RingMember<AccountSource> => {
    const open = async (): Promise<AccountSource> =>
      endpoint.kind === 'tron'
        ? (await import('./tron/open.ts')).openTronSource(endpoint, options)
        : (await import('./evm/node.ts')).openEvmSource(endpoint, several);
    return { name: endpoint.name, open };
  });
  const lists = await Promise.all(
    endpoints.filter(({ kind }) => LISTS.has(kind)).map((endpoint) => openList(endpoint, options)),
  );
  const source = new AccountFailover(nodes[0]!.chain.id, members, lists, options.onNotice, options.signal);
  await source.openAll();
  return source;
}

async function openList(endpoint: Endpoint, { signal, onNotice }: OpenSourceOptions): Promise<ActivityList> {
  return (await import('./evm/explorer.ts')).openExplorer(endpoint, signal, { onNotice });
}
