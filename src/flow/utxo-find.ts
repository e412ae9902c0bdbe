import type { FileUtxoFlow } from './utxo-flow.ts';

/** Transactions whose prints are looked at at a time. */
const CHUNK = 32_768;

/** Numbers of the transactions with a print of the store (chain and id), ascending: one pass over eight bytes a transaction. */
export function txsByPrint(flow: FileUtxoFlow, prints: readonly bigint[]): ReadonlyMap<bigint, readonly number[]> {
  const wanted = new Map(prints.map((print) => [print, [] as number[]]));
  const lows = new Set(prints.map((print) => Number(print & 0xffff_ffffn)));
  const words = new Uint32Array(2 * CHUNK);
  for (const { firstTx, txCount, print } of flow.segments) {
    for (let start = 0; start < txCount; start += CHUNK) {
      const count = Math.min(CHUNK, txCount - start);
      print.copy(words, 2 * start, 2 * count);
      for (let at = 0; at < count; at += 1) {
        if (!lows.has(words[2 * at]!)) continue;
        wanted.get((BigInt(words[2 * at + 1]!) << 32n) | BigInt(words[2 * at]!))?.push(firstTx + start + at);
      }
    }
  }
  return wanted;
}
