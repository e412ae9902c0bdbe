import { createKeccak } from 'hash-wasm';

/** Loaded once with this file: hashing itself is synchronous from then on. */
const hasher = await createKeccak(256);

/** Keccak-256 as Ethereum uses it (not NIST's SHA3-256): 64 lower-case hex digits after 0x. */
export function keccakHex(bytes: Uint8Array): string {
  return `0x${hasher.init().update(bytes).digest('hex')}`;
}

/** As {@link keccakHex}: 32 bytes. */
export function keccakBytes(bytes: Uint8Array): Uint8Array {
  return hasher.init().update(bytes).digest('binary');
}

/** First topic of an event, or (its first 4 bytes) selector of a function, from its canonical signature. */
export function signatureHash(signature: string): string {
  return keccakHex(Buffer.from(signature));
}

/** Selector of a function: 0x and 8 hex digits. */
export function selectorOf(signature: string): string {
  return signatureHash(signature).slice(0, 10);
}
