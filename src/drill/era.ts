import { parseTime, type UnixSeconds } from '../base/time.ts';
import { mix32 } from './name.ts';

/** When the drill plays: its first second, how long it lasts, and how often each chain makes a block. */
export const START: UnixSeconds = parseTime('2024-01-01T00:00:00Z') ?? 0;
export const DAY = 86_400;
export const HOUR = 3_600;
export const MINUTE = 60;
export const DURATION = 75 * DAY;
export const END: UnixSeconds = START + DURATION;
export const BLOCK_SECONDS = 12;
export const UTXO_BLOCK_SECONDS = 600;
/** Number of the block at START on the account chain. */
export const FIRST_BLOCK = 1_000_000;

/** Blocks since START on the account chain that hold a transaction sent at `time`. */
export function blockAt(time: UnixSeconds): number {
  return Math.max(1, Math.ceil((time - START) / BLOCK_SECONDS));
}

export function timeOfBlock(block: number): UnixSeconds {
  return START + block * BLOCK_SECONDS;
}

export function utxoBlockAt(time: UnixSeconds): number {
  return Math.max(1, Math.ceil((time - START) / UTXO_BLOCK_SECONDS));
}

export function timeOfUtxoBlock(block: number): UnixSeconds {
  return START + block * UTXO_BLOCK_SECONDS;
}

/** Gas used by each kind of transaction, in gas units. */
export const GAS = { transfer: 21_000, token: 65_000, swap: 180_000, mixer: 900_000, bridge: 90_000 } as const;

/** Fee in drill units (gwei) of a transaction in a block: 8 to 37 gwei a gas unit, the same for a hundred blocks. */
export function gasFee(gas: number, block: number): number {
  return gas * (8 + (mix32(block / 100) % 30));
}
