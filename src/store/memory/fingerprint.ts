import { createHash, randomBytes } from 'node:crypto';

/** Keyed 64-bit fingerprints of names, never 0, remembered: one SHA-256 a name. */
export class Fingerprints {
  private readonly key = randomBytes(16);
  private readonly known = new Map<string, bigint>();

  of(...parts: readonly (string | number)[]): bigint {
    const name = JSON.stringify(parts);
    let print = this.known.get(name);
    if (print === undefined) {
      print = createHash('sha256').update(this.key).update(name).digest().readBigUInt64LE() | 1n;
      this.known.set(name, print);
    }
    return print;
  }
}
