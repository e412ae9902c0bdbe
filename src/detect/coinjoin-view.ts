/** What the CoinJoin detectors see of one transaction. Amounts are satoshi: whole numbers under 2^53, exact in a double. */
export interface MixView {
  /** In the transaction's order. */
  readonly outputs: Float64Array;
  readonly groups: OutputGroups;
  /** In the transaction's order. */
  readonly inputs: Float64Array;
  /** One number an address; the same address has the same number among inputs and outputs. */
  readonly inputOwners: Uint32Array;
  readonly outputOwners: Uint32Array;
  /** `ScriptKind` of each end; null where only owners are known. */
  readonly inputScripts: Uint8Array | null;
  readonly outputScripts: Uint8Array | null;
  /** Bytes that the data output with this index carries; null where they are not known. */
  dataBytes(output: number): number | null;
  /** Whether the output with this index pays one of these addresses; false where addresses are not known. */
  pays(output: number, addresses: ReadonlySet<string>): boolean;
}

/** The outputs by value. Outputs of nothing (data) belong to no group. */
export interface OutputGroups {
  /** How many outputs the largest group of equal outputs has, and their value; of groups as large, that of the larger value. */
  readonly equal: number;
  readonly value: number;
  /** Values that come at least twice. */
  readonly repeated: number;
  /** Values that come once. */
  readonly single: number;
  /** Outputs of nothing. */
  readonly data: number;
}

/** What an end pays to, as far as its address tells. */
export const ScriptKind = {
  unknown: 0,
  keyHash: 1,
  scriptHash: 2,
  witnessKey: 3,
  witnessScript: 4,
  taproot: 5,
  data: 6,
} as const;

/** All that will ever be: 21 million bitcoin. A transaction with a larger amount is of another chain, where none of these mixes is. */
export const MAX_SATOSHI = 21e14;

const SEGWIT = /^(?:bc|tb|bcrt|ltc|tltc|rltc)1([qp])/;
const DATA = 'script:6a';

export function scriptKind(address: string): number {
  const segwit = SEGWIT.exec(address);
  if (segwit !== null) {
    if (segwit[1] === 'p') return ScriptKind.taproot;
    // 20 bytes are 32 letters and 32 bytes 52, before them version and after them six of checksum.
    const letters = address.length - segwit[0].length - 6;
    return letters === 32 ? ScriptKind.witnessKey : letters === 52 ? ScriptKind.witnessScript : ScriptKind.unknown;
  }
  if (address.startsWith(DATA)) return ScriptKind.data;
  const [first] = address;
  if (first === '1') return ScriptKind.keyHash;
  return first === '3' ? ScriptKind.scriptHash : ScriptKind.unknown;
}

/** Bytes of the one push of a data output's script; null where it is built otherwise. */
export function pushedBytes(address: string): number | null {
  if (!address.startsWith(DATA)) return null;
  const script = address.slice('script:'.length);
  const length = Number.parseInt(script.slice(2, 4), 16);
  if (length >= 1 && length <= 75) return script.length / 2 === 2 + length ? length : null;
  const long = script.slice(2, 4) === '4c' ? Number.parseInt(script.slice(4, 6), 16) : Number.NaN;
  return script.length / 2 === 3 + long ? long : null;
}

/** One pass over the outputs sorted by value. */
export function groupOutputs(outputs: Float64Array): OutputGroups {
  const sorted = Float64Array.from(outputs).sort();
  let [equal, value, repeated, single, data, at] = [0, 0, 0, 0, 0, 0];
  while (at < sorted.length && sorted[at]! <= 0) at += 1;
  data = at;
  while (at < sorted.length) {
    const amount = sorted[at]!;
    let end = at + 1;
    while (end < sorted.length && sorted[end] === amount) end += 1;
    if (end - at > 1) repeated += 1;
    else single += 1;
    if (end - at >= equal) [equal, value] = [end - at, amount];
    at = end;
  }
  return { equal, value, repeated, single, data };
}

/** Whether any detector may find something: without two equal outputs, or a premix beside a data output, none can. */
export function mayMix(outputs: number, { equal, data }: OutputGroups): boolean {
  return outputs >= 3 && (equal >= 2 || data === 1);
}

export function distinct(owners: Uint32Array): number {
  return new Set(owners).size;
}

export function shared(some: Uint32Array, others: Uint32Array): boolean {
  const known = new Set(some);
  return others.some((owner) => known.has(owner));
}

/** Whether every end is of one of these kinds, or its kind is not known. */
export function onlyKinds(scripts: Uint8Array | null, ...kinds: readonly number[]): boolean {
  return scripts === null || scripts.every((kind) => kinds.includes(kind));
}

export function sum(amounts: Iterable<number>): number {
  let total = 0;
  for (const amount of amounts) total += amount;
  return total;
}

/** What each address put in, largest first: the wallets that take part spend an address as a whole or not at all. */
export function paidIn({ inputs, inputOwners }: MixView): readonly number[] {
  const paid = new Map<number, number>();
  for (const [at, owner] of inputOwners.entries()) paid.set(owner, (paid.get(owner) ?? 0) + inputs[at]!);
  return [...paid.values()].sort((a, b) => b - a);
}
