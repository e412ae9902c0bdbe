/**
 * Names from numbers: addresses, scripts and transaction ids of the drill are a mix of (seed, namespace, number), so nothing
 * has to be remembered. Within a namespace the first word is a bijection of the number: two numbers never share a name.
 */
export type Namespace = 'address' | 'tx' | 'script' | 'txid' | 'outside' | 'block';

const SALT: Readonly<Record<Namespace, number>> = {
  address: 0x1b873593,
  tx: 0x2c1b3c6d,
  script: 0x38b34ae5,
  txid: 0x4cf5ad43,
  outside: 0x5bd1e995,
  block: 0x6a09e667,
};

/** Numbers of planned things start here, so that they never meet those that the background counts up from 0. */
export const PLANNED = 0x80000000;

const BYTE_TEXT = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
/** The two hex digits of a byte stand at twice its value. */
const HEX = Uint8Array.from(BYTE_TEXT.join(''), (digit) => digit.charCodeAt(0));

const ASCII = new TextDecoder('latin1');

/** A bijection of 32 bits with good avalanche (the finaliser of MurmurHash3, Appleby). */
export function mix32(value: number): number {
  let z = value | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

/** Names of one namespace of one drill. */
export class Namer {
  private readonly keys: Uint32Array;
  private readonly words: number;
  private readonly scratch: Uint8Array;

  /** `words`: length of a name in 32-bit words (5 for an address, 8 for a hash). */
  constructor(seed: number, namespace: Namespace, words: number) {
    this.words = words;
    this.scratch = new Uint8Array(words * 8);
    const key = mix32(seed ^ SALT[namespace]);
    this.keys = Uint32Array.from({ length: words }, (_, index) => mix32(key + Math.imul(index + 1, 0x9e3779b9)));
  }

  /** Writes the name of `id` as lower-case hex at `at`; returns where it ends. */
  write(target: Uint8Array, at: number, id: number): number {
    let end = at;
    for (let index = 0; index < this.words; index++) {
      const key = this.keys[index]!;
      const word = mix32(mix32(id ^ key) + key);
      for (let shift = 24; shift >= 0; shift -= 8) {
        const byte = ((word >>> shift) & 255) * 2;
        target[end++] = HEX[byte]!;
        target[end++] = HEX[byte + 1]!;
      }
    }
    return end;
  }

  /** The name of `id` as lower-case hex without a prefix. */
  hex(id: number): string {
    this.write(this.scratch, 0, id);
    return ASCII.decode(this.scratch);
  }
}

/** All names of one drill. */
export interface Names {
  readonly address: Namer;
  readonly tx: Namer;
  readonly script: Namer;
  readonly txid: Namer;
  readonly outside: Namer;
  readonly block: Namer;
}

export function namesOf(seed: number): Names {
  return {
    address: new Namer(seed, 'address', 5),
    tx: new Namer(seed, 'tx', 8),
    script: new Namer(seed, 'script', 5),
    txid: new Namer(seed, 'txid', 8),
    outside: new Namer(seed, 'outside', 8),
    block: new Namer(seed, 'block', 6),
  };
}
