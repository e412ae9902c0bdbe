import { distinct, type MixView, shared } from './coinjoin-view.ts';

/**
 * Denominations in satoshi: Samourai's 0.001, 0.01, 0.05 and 0.5 BTC (2019 to April 2024), and 0.025 and 0.25 BTC of Ashigaru, which
 * runs the same protocol since 2025 (Dumplings, Constants.cs).
 */
export const POOLS: readonly number[] = [100_000, 1_000_000, 2_500_000, 5_000_000, 25_000_000, 50_000_000];
/** Five since 2019; six to eight in "surge cycles" since May 2023; the coordinator's settings allow ten (Dumplings, Scanner.cs). */
export const MIN_PARTICIPANTS = 5;
export const MAX_PARTICIPANTS = 10;
/** Most that a premix output holds above its pool, to pay miners with (Stockinger et al. 2021, SCDH: 0.0011 BTC). */
export const MAX_ABOVE_POOL = 110_000;

export interface Whirlpool {
  readonly pool: number;
  readonly participants: number;
  /** Inputs above the denomination: those that come from a Tx0 and pay the miners. The others were mixed before. */
  readonly newcomers: number;
}

/**
 * Whirlpool: as many inputs as outputs, each of another address; every output is the pool's denomination; every input is it or a little
 * more, and at least one is each. Outputs of any script: a mix may pay into a multisig wallet.
 */
export function findWhirlpool(view: MixView): Whirlpool | null {
  const { inputs, outputs, groups } = view;
  const pool = groups.value;
  if (outputs.length < MIN_PARTICIPANTS || outputs.length > MAX_PARTICIPANTS) return null;
  if (groups.equal !== outputs.length || inputs.length !== outputs.length || !POOLS.includes(pool)) return null;
  if (!inputs.every((value) => value >= pool && value <= pool + MAX_ABOVE_POOL)) return null;
  const newcomers = inputs.reduce((count, value) => count + (value > pool ? 1 : 0), 0);
  if (newcomers === 0 || newcomers === inputs.length) return null;
  const { inputOwners, outputOwners } = view;
  if (distinct(inputOwners) < inputs.length || distinct(outputOwners) < outputs.length) return null;
  return shared(inputOwners, outputOwners) ? null : { pool, participants: outputs.length, newcomers };
}
