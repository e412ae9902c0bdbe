import { NumberList } from './utxo-number-map.ts';

/** Outputs put together by owner, each owner's ascending. */
export interface OwnerTable {
  readonly outputs: Uint32Array<ArrayBuffer>;
  /** Where the outputs of an address id begin, one more than there are; where `ids` is given, of the address in the same entry of it. */
  readonly starts: Uint32Array<ArrayBuffer>;
  /** Ascending; null where every address id has an entry. */
  readonly ids: Uint32Array<ArrayBuffer> | null;
}

/** Times as many address ids as outputs, at most, for a table with an entry for each. */
const DENSE = 4;

/** `owners`: by output from `first` on its address id. */
export function ownersOf(owners: NumberList, first: number): OwnerTable {
  let most = -1;
  for (const chunk of owners.chunks()) for (const owner of chunk) if (owner > most) most = owner;
  return most < DENSE * owners.length ? dense(owners, first, most + 1) : sparse(owners, first);
}

/** Counting sort: 4 bytes an address and 4 an output. */
function dense(owners: NumberList, first: number, addresses: number): OwnerTable {
  const starts = new Uint32Array(addresses + 1);
  const outputs = new Uint32Array(owners.length);
  // Entry a + 1 counts the outputs of a, then is where they begin, then where they end: which is where those of a + 1 begin.
  for (const chunk of owners.chunks()) for (const owner of chunk) starts[owner + 1]! += 1;
  let sum = 0;
  for (let owner = 1; owner <= addresses; owner += 1) {
    const count = starts[owner]!;
    starts[owner] = sum;
    sum += count;
  }
  let output = first;
  for (const chunk of owners.chunks()) {
    for (const owner of chunk) {
      outputs[starts[owner + 1]!] = output;
      starts[owner + 1]! += 1;
      output += 1;
    }
  }
  return { outputs, starts, ids: null };
}

/** For a few outputs among many addresses. */
function sparse(owners: NumberList, first: number): OwnerTable {
  const pairs = new BigUint64Array(owners.length);
  for (let index = 0; index < owners.length; index += 1)
    pairs[index] = (BigInt(owners.at(index)) << 32n) | BigInt(first + index);
  const words = new Uint32Array(pairs.sort().buffer);
  const outputs = new Uint32Array(owners.length);
  const ids = new NumberList();
  const starts = new NumberList();
  for (let index = 0; index < outputs.length; index += 1) {
    outputs[index] = words[2 * index]!;
    if (index > 0 && words[2 * index + 1] === words[2 * index - 1]) continue;
    ids.push(words[2 * index + 1]!);
    starts.push(index);
  }
  starts.push(outputs.length);
  return { outputs, starts: starts.toArray(), ids: ids.toArray() };
}
