import { HaetaeError } from '../base/errors.ts';
import { FEE } from './flow.ts';

/** What an index of a UTXO chain says where the stored transactions contradict themselves. */
export function contradiction(context: Readonly<Record<string, string | number>>): HaetaeError {
  return new HaetaeError(
    'E_TRANSFER_CONFLICT',
    'an output is spent with another value or owner than it was created with',
    {
      context,
      remedy:
        'look at the transactions of this second in the files and import those that are right into a new store; where all are right, ' +
        'two names have one print: a new store has another key',
    },
  );
}

/** A time or a height that fits 32 bits, as those of every UTXO chain do. */
export function requireStorable(value: number, name: 'time' | 'block'): number {
  if (value >= 0 && value < FEE) return value;
  throw new HaetaeError('E_STORE_CORRUPT', `the ${name} of a transaction is not one of a UTXO chain`, {
    context: { [name]: value },
    remedy: 'blocks of such chains have a time and a height below 2^32: see where these rows come from',
  });
}

export function tooMany(transactions: number, outputs: number): HaetaeError {
  return new HaetaeError('E_TRACE_TOO_LARGE', 'a chain has more outputs than the index can number', {
    context: { transactions, outputs },
    remedy: 'keep a shorter period in this store',
  });
}
