import type { UnixSeconds } from '../base/time.ts';

/** One movement as a detector reads it: any chain, any asset, base units. */
export interface Movement {
  readonly chain: string;
  /** null: from outside what the data know. */
  readonly from: string | null;
  /** null: a fee. */
  readonly to: string | null;
  readonly asset: string;
  readonly amount: bigint;
  readonly time: UnixSeconds;
  readonly tx: string | null;
}

/** A laundering signature seen; `id` as in the stages S0–S13. Addresses in order of their part in it. */
export interface Finding {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  readonly addresses: readonly string[];
  readonly firstTime: UnixSeconds;
  readonly lastTime: UnixSeconds;
  /** Figures behind it, as printed; amounts in base units. */
  readonly evidence: Readonly<Record<string, string>>;
}

/** An address means something only on its chain. */
export function accountKey(chain: string, address: string): string {
  return `${chain}|${address}`;
}

/** In order of time; movements of one second stay in the order given. Movements of nothing carry no signal and are left out. */
export function inTimeOrder(movements: readonly Movement[]): Movement[] {
  return movements.filter((movement) => movement.amount > 0n).sort((a, b) => a.time - b.time);
}

/** part/whole as a number for thresholds (never for amounts), right to about 1e-6; whole above zero. */
export function ratio(part: bigint, whole: bigint): number {
  return Number((part * 1_000_000n) / whole) / 1e6;
}
