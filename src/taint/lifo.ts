import { joinRow, takeHead } from './fifo.ts';
import { fillInOrder, inOrder, type Method, type MethodInfo } from './method.ts';
import { Row } from './row.ts';

export const LIFO_IN: MethodInfo = {
  name: 'lifo-in',
  version: 1,
  summary: 'Last in, first out: what came last is spent first; a UTXO transaction takes its inputs in reverse order.',
};

export const LIFO_OUT: MethodInfo = {
  name: 'lifo-out',
  version: 1,
  summary: 'Last in, first out: what came last is spent first; a UTXO transaction fills its outputs in reverse order.',
};

/** The two variants differ on UTXO chains only. A moved block of parcels keeps its own order. */
export function lifo(reversed: 'inputs' | 'outputs'): Method {
  const fillOrder = (values: readonly unknown[]): number[] =>
    reversed === 'outputs' ? inOrder(values).reverse() : inOrder(values);
  return {
    nets: false,
    fillOrder,
    empty: () => new Row(),
    take: (stock, amount) => (stock as Row).takeTail(amount),
    spread: (inputs, outside, outputs) => {
      const joined = joinRow(reversed === 'inputs' ? inputs.toReversed() : inputs, outside);
      return fillInOrder(joined, outputs, fillOrder(outputs), takeHead);
    },
  };
}
