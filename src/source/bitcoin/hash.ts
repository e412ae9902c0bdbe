import { hash, scryptSync } from 'node:crypto';

const first = Buffer.alloc(32);
const turned = Buffer.alloc(32);

/**
 * SHA-256 twice, into `target` at `at`. One-shot hashing whose result comes as a Latin-1 string is three times as fast as hash objects
 * (0.8 µs for 64 bytes), so parts that lie apart are best copied together first.
 */
export function sha256dInto(bytes: Uint8Array, target: Buffer, at: number): void {
  first.write(hash('sha256', bytes, 'binary'), 0, 32, 'latin1');
  target.write(hash('sha256', first, 'binary'), at, 32, 'latin1');
}

export function sha256d(bytes: Uint8Array): Buffer {
  const digest = Buffer.allocUnsafe(32);
  sha256dInto(bytes, digest, 0);
  return digest;
}

/** The hash that proves work on Litecoin and Dogecoin: scrypt with N = 1024, r = 1, p = 1, the header as password and as salt. */
export function scryptHash(header: Uint8Array): Buffer {
  return scryptSync(header, header, 32, { N: 1024, r: 1, p: 1 });
}

/** 32 bytes as they lie in a transaction, to the order in which people write them: reversed, hex. */
export function displayHash(bytes: Uint8Array, at = 0): string {
  for (let i = 0; i < 32; i++) turned[i] = bytes[at + 31 - i]!;
  return turned.toString('hex');
}

const HASH = /^[0-9a-f]{64}$/;

export function isHash(text: unknown): text is string {
  return typeof text === 'string' && HASH.test(text);
}

/** The reverse of {@link displayHash}. */
export function hashBytes(display: string): Buffer {
  return Buffer.from(display, 'hex').reverse();
}
