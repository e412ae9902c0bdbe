import type { RawBlock, RawTransaction } from './raw.ts';
import { bigOf } from './raw-field.ts';

/** Gas of one blob (EIP-4844). */
export const GAS_PER_BLOB = 131_072n;

/**
 * BLOB_BASE_FEE_UPDATE_FRACTION of Cancun (EIP-4844), Prague (EIP-7691) and the two parameter forks after Osaka (EIP-7892:
 * targets of 10 and 14 blobs). Which of them holds depends on the time of the block; a price must fit one.
 */
const UPDATE_FRACTIONS = [3_338_477n, 5_007_716n, 8_346_193n, 11_684_671n] as const;

export function baseFeeOf({ baseFeePerGas }: RawBlock): bigint | null {
  return baseFeePerGas === null ? null : bigOf(baseFeePerGas);
}

/** Wei per gas that the sender pays: the bid, or base fee and tip within it (EIP-1559). null for a type without a price. */
export function priceOf(tx: RawTransaction, baseFeePerGas: bigint | null): bigint | null {
  if (tx.deposit !== null) return 0n;
  if (tx.type < 2) return tx.gasPrice === null ? null : bigOf(tx.gasPrice);
  if (tx.maxFeePerGas === null || tx.maxPriorityFeePerGas === null || baseFeePerGas === null) return null;
  const most = bigOf(tx.maxFeePerGas);
  const bid = baseFeePerGas + bigOf(tx.maxPriorityFeePerGas);
  return bid < most ? bid : most;
}

/** Whether a price of blob gas follows from the header's excess by any schedule known. */
export function isBlobPrice(price: string, { excessBlobGas }: RawBlock): boolean {
  if (excessBlobGas === null) return false;
  const excess = bigOf(excessBlobGas);
  const given = bigOf(price);
  return UPDATE_FRACTIONS.some((fraction) => fakeExponential(excess, fraction) === given);
}

/** e^(excess / fraction) from 1 up, as EIP-4844 defines it; the terms fall once their number passes the ratio. */
function fakeExponential(excess: bigint, fraction: bigint): bigint {
  let sum = 0n;
  let term = fraction;
  for (let i = 1n; term > 0n && i < 10_000n; i += 1n) {
    sum += term;
    term = (term * excess) / (fraction * i);
  }
  return sum / fraction;
}
