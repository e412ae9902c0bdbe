import { fillInOrder, inOrder, type Method, type MethodInfo } from './method.ts';
import { CLEAN, type Parcel } from './parcel.ts';
import { Row } from './row.ts';
import type { Stock } from './stock.ts';

export const FIFO: MethodInfo = {
  name: 'fifo',
  version: 1,
  summary:
    'First in, first out: what came first is spent first (Clayton’s case, 1816; Anderson, Shumailov and Ahmed, 2018).',
};

export function fifo(): Method {
  return {
    nets: false,
    fillOrder: inOrder,
    empty: () => new Row(),
    take: takeHead,
    spread: (inputs, outside, outputs) => fillInOrder(joinRow(inputs, outside), outputs, inOrder(outputs), takeHead),
  };
}

export function takeHead(stock: Stock, amount: bigint): Parcel[] {
  return (stock as Row).takeHead(amount);
}

/** The parcels of the inputs in one row, money from outside at the tail. */
export function joinRow(inputs: readonly (readonly Parcel[])[], outside: bigint): Row {
  const row = new Row();
  for (const parcels of inputs) row.putAll(parcels);
  row.put({ theft: CLEAN, amount: outside, units: 0n });
  return row;
}

/** One movement, kept so that it can be undone. */
export interface FifoMove {
  readonly from: Row;
  readonly to: Row;
  readonly amount: bigint;
  /** The last parcel moved was cut off a tainted parcel whose rest stayed behind. */
  readonly cut: boolean;
}

/** Moves the first `amount` of one row to the tail of another, and says how to go back. */
export function moveForward(from: Row, to: Row, amount: bigint): FifoMove {
  const before = from.length;
  const moved = from.takeHead(amount);
  to.putAll(moved);
  const cut = moved.length > 0 && moved.at(-1)!.theft !== CLEAN && from.length + moved.length > before;
  return { from, to, amount, cut };
}

/**
 * The way back: the last `amount` of the receiver returns to the head of the payer. Undoing movements in reverse order restores
 * every row to the unit, where fees, stops and the outside are rows too: FIFO moves units about and never blends them.
 */
export function moveBackward({ from, to, amount, cut }: FifoMove): void {
  const moved = to.takeTail(amount);
  if (cut) {
    const piece = moved.pop()!;
    const rest = from.takeHead(from.first()!.amount)[0]!;
    from.putHead({ theft: rest.theft, amount: piece.amount + rest.amount, units: piece.units + rest.units });
  }
  for (const parcel of moved.reverse()) from.putHead(parcel);
}
