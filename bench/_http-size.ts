/** Sizes and addresses that every process of the HTTP bench agrees on. */
export const ADDRESSES = Number(process.env.HAETAE_BENCH_ROWS ?? 1_000_000);
export const CHAIN = 'eip155:1';
/** Distinct addresses asked about. */
export const ASKED = 20_000;
export const BATCH = 10_000;

/** The labelled ones are those under ADDRESSES. */
export function addressOf(number: number): string {
  const low = Math.imul(number + 1, 0x9e3779b1) >>> 0;
  return `0x${low.toString(16).padStart(8, '0')}${number.toString(16).padStart(32, '0')}`;
}

/** What an exchange asks: one address in a hundred is one that is labelled. */
export function askedAddress(at: number): string {
  return addressOf(at % 100 === 0 ? (at * 7919) % ADDRESSES : ADDRESSES + at);
}
