import { HaetaeError } from '../../base/errors.ts';
import { type Named, noTransaction, sourceFault } from '../net/fault.ts';

export function behind(source: Named, what: string, context: Readonly<Record<string, string>>): HaetaeError {
  return new HaetaeError('E_SOURCE_BEHIND', what, {
    context: { endpoint: source.name, ...context },
    remedy: 'wait until the endpoint has caught up, or name a second one of the same chain',
    retry: true,
  });
}

export function pruned(source: Named, number: bigint, lowest: number | null): HaetaeError {
  const context = { block: number.toString(), ...(lowest === null ? {} : { lowestBlock: lowest }) };
  const from = lowest === null ? '' : ` (it keeps blocks from ${lowest} on)`;
  return sourceFault(
    'E_SOURCE_PRUNED',
    source,
    `the node has pruned block ${number}${from}`,
    'name a node that keeps every block (-prune=0), or an Esplora endpoint',
    context,
  );
}

const INDEX_REMEDY = 'start the node with -txindex=1 (it must keep every block), or name an Esplora endpoint';

/** Where a transaction is cannot be told by a node without -txindex. */
export function noIndex(source: Named, tx: string): HaetaeError {
  return sourceFault('E_SOURCE_PRUNED', source, 'the node has no index to find a transaction by', INDEX_REMEDY, { tx });
}

/** The transaction that an input spends cannot be had, so the input's value cannot be told. */
export function noPrevious(source: Named, tx: string): HaetaeError {
  const what = 'the node does not give a transaction whose output is spent';
  return sourceFault('E_SOURCE_PRUNED', source, what, INDEX_REMEDY, { tx });
}

export function noSuchTransaction(source: Named, tx: string, what = 'no transaction has this hash'): HaetaeError {
  return noTransaction(source, what, { tx });
}
