import type { CoinJoinColumns, CoinJoinInput, CoinJoinRange } from '../src/detect/coinjoin.ts';

/** Transactions as columns, the ends of all one after the other; the addresses numbered as they come. */
export function gatherColumns(txs: readonly CoinJoinInput[]): {
  readonly columns: CoinJoinColumns;
  readonly ranges: readonly CoinJoinRange[];
} {
  const owners = new Map<string, number>();
  const ownerOf = ({ address }: { readonly address: string }): number => {
    const known = owners.get(address) ?? owners.size;
    owners.set(address, known);
    return known;
  };
  const inputs = txs.flatMap((tx) => tx.inputs);
  const outputs = txs.flatMap((tx) => tx.outputs);
  let [input, output] = [0, 0];
  const ranges = txs.map((tx) => {
    const range = {
      inputs: input,
      inputsEnd: input + tx.inputs.length,
      outputs: output,
      outputsEnd: output + tx.outputs.length,
    };
    [input, output] = [range.inputsEnd, range.outputsEnd];
    return range;
  });
  const columns = {
    inputValues: Float64Array.from(inputs, ({ value }) => Number(value)),
    inputOwners: Uint32Array.from(inputs, ownerOf),
    outputValues: Float64Array.from(outputs, ({ value }) => Number(value)),
    outputOwners: Uint32Array.from(outputs, ownerOf),
  };
  return { columns, ranges };
}
