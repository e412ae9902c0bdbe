import type { UtxoFlow } from '../flow/flow.ts';
import { NO_CATEGORY } from './categories.ts';
import { NO_SLOT, UtxoReader } from './utxo-view.ts';

/** Where each output's money is kept while it is unspent: slots are used again, so their number is that of outputs unspent at one time. */
export interface UtxoSlots {
  readonly count: number;
  /** By output number; NO_SLOT where a service owns it (its money does not wait to be passed on) or it was never seen arriving. */
  readonly of: Uint32Array;
}

/** Goes through transactions 0 to `txs` - 1. A longer history gives these the same slots. */
export function utxoSlots(flow: UtxoFlow, lanes: Uint8Array, txs: number): UtxoSlots {
  const of = new Uint32Array(flow.outputCount).fill(NO_SLOT);
  const reader = new UtxoReader(flow);
  const free: number[] = [];
  let count = 0;
  for (let tx = 0; tx < txs; tx += 1) {
    const view = reader.read(tx);
    for (let index = 0; index < view.inputs; index += 1) {
      const slot = of[view.input[index]!]!;
      if (slot !== NO_SLOT) free.push(slot);
    }
    for (let index = 0; index < view.fresh; index += 1) {
      if (view.outputValue[index] === 0 || lanes[view.outputOwner[index]!] !== NO_CATEGORY) continue;
      of[view.output[index]!] = free.pop() ?? count++;
    }
  }
  return { count, of };
}
