import type { UtxoTransaction } from '../../model/transfer.ts';
import type { UtxoMove } from '../port.ts';

/** None where the transaction has nothing to do with the address. */
export function moveOf({ tx, time, block, txIndex, inputs, outputs }: UtxoTransaction, address: string): UtxoMove[] {
  const spent = inputs.filter((input) => input.outpoint !== null && input.address === address);
  const paid = outputs.filter((output) => output.address === address);
  if (spent.length === 0 && paid.length === 0) return [];
  return [
    {
      tx,
      time,
      block,
      txIndex,
      inputs: spent.length,
      spent: spent.reduce((sum, { value }) => sum + value, 0n),
      outputs: paid.length,
      received: paid.reduce((sum, { value }) => sum + value, 0n),
    },
  ];
}
