/** A number as JSON-RPC writes it: 0x, no leading zeros. */
export function toQuantity(number: bigint): string {
  return `0x${number.toString(16)}`;
}

/** 32 bytes in hex without 0x. */
export function word(value: bigint | string): string {
  const digits = typeof value === 'bigint' ? value.toString(16) : value.replace(/^0x/, '').toLowerCase();
  return digits.padStart(64, '0');
}

/** A quantity of at most 256 bits; null where it is none. */
export function readQuantity(value: unknown): bigint | null {
  return typeof value === 'string' && /^0x[0-9a-fA-F]{1,64}$/.test(value) ? BigInt(value) : null;
}
