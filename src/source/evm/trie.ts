import { keccakBytes } from './keccak.ts';
import { bytesHex, encodeRlp, type RlpItem } from './rlp.ts';

/** keccak-256 of the RLP of nothing: the root of a trie without entries (Yellow Paper, appendix D). */
export const EMPTY_TRIE_ROOT = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421';

interface Entry {
  /** Key in nibbles. */
  readonly path: Uint8Array;
  readonly value: Uint8Array;
}

/**
 * Root of the Merkle-Patricia trie that maps the RLP of each index to its value: transactionsRoot, receiptsRoot and
 * withdrawalsRoot of a block (Yellow Paper, appendix D and section 4.3).
 */
export function orderedTrieRoot(values: readonly Uint8Array[]): string {
  if (values.length === 0) return EMPTY_TRIE_ROOT;
  const entries = values.map((value, index) => ({ path: nibbles(indexKey(index)), value }));
  entries.sort((a, b) => Buffer.compare(a.path, b.path));
  return bytesHex(keccakBytes(encodeRlp(nodeOf(entries, 0, entries.length, 0))));
}

function indexKey(index: number): Uint8Array {
  const digits = index === 0 ? '' : index.toString(16);
  return encodeRlp(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex'));
}

function nibbles(key: Uint8Array): Uint8Array {
  const path = new Uint8Array(key.length * 2);
  key.forEach((byte, i) => {
    path[2 * i] = byte >> 4;
    path[2 * i + 1] = byte & 15;
  });
  return path;
}

/** The node over entries [from, to), sorted, which agree in their first `depth` nibbles. */
function nodeOf(entries: readonly Entry[], from: number, to: number, depth: number): RlpItem {
  const first = entries[from]!;
  if (to - from === 1) return [compact(first.path, depth, first.path.length, true), first.value];
  const shared = sharedDepth(first.path, entries[to - 1]!.path, depth);
  if (shared > depth) return [compact(first.path, depth, shared, false), link(branch(entries, from, to, shared))];
  return branch(entries, from, to, depth);
}

/** 16 children and a value. No RLP of an index is the beginning of another's, so the value is always empty. */
function branch(entries: readonly Entry[], from: number, to: number, depth: number): RlpItem {
  const children: RlpItem[] = new Array<RlpItem>(17).fill('0x');
  for (let start = from; start < to; ) {
    const nibble = entries[start]!.path[depth]!;
    let end = start + 1;
    while (end < to && entries[end]!.path[depth] === nibble) end += 1;
    children[nibble] = link(nodeOf(entries, start, end, depth + 1));
    start = end;
  }
  return children;
}

/** A node under 32 bytes stands in its parent as it is; a longer one by its hash. */
function link(node: RlpItem): RlpItem {
  const encoded = encodeRlp(node);
  return encoded.length < 32 ? node : keccakBytes(encoded);
}

function sharedDepth(a: Uint8Array, b: Uint8Array, from: number): number {
  let depth = from;
  while (depth < a.length && depth < b.length && a[depth] === b[depth]) depth += 1;
  return depth;
}

/** Hex-prefix encoding: a nibble of flags (2: leaf, 1: odd length), padded to whole bytes. */
function compact(path: Uint8Array, from: number, to: number, leaf: boolean): Uint8Array {
  const odd = (to - from) % 2;
  const out = new Uint8Array(1 + ((to - from) >> 1));
  out[0] = ((leaf ? 2 : 0) + odd) << 4;
  let at = from;
  if (odd === 1) out[0] |= path[at++]!;
  for (let i = 1; at < to; i += 1, at += 2) out[i] = (path[at]! << 4) | path[at + 1]!;
  return out;
}
