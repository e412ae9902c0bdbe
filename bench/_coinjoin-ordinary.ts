/** Ordinary transactions, and look-alikes, that no CoinJoin detector may take for a mix. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Random } from '../src/base/random.ts';
import type { CoinJoinInput } from '../src/detect/coinjoin.ts';
import { requireChain } from '../src/model/chain.ts';
import { decodeBlock } from '../src/source/bitcoin/block.ts';
import { displayHash, sha256d } from '../src/source/bitcoin/hash.ts';
import { rulesOf } from '../src/source/bitcoin/rules.ts';
import type { RawUtxoTransaction } from '../src/source/chain-source.ts';

const HEIGHT = 357_238n;

/** The real mainnet block that bitcore-lib ships, decoded and checked: 2015, before any of these protocols but JoinMarket. */
export function realBlock(): readonly RawUtxoTransaction[] {
  const path = createRequire(import.meta.url).resolve('bitcore-lib/benchmark/block-357238.json');
  const bytes = Buffer.from(JSON.parse(readFileSync(path, 'utf8')) as string, 'hex');
  const hash = displayHash(sha256d(bytes.subarray(0, 80)));
  return decodeBlock(bytes, { hash, number: HEIGHT }, rulesOf(requireChain('bitcoin')), { name: 'block' }).block
    .transactions;
}

/**
 * A block alone does not say what its inputs held. Each is taken as an equal share of what was paid out, from an address of its own: the
 * most favourable guess for a rule that wants many owners who can pay, so a false alarm is rather made than hidden.
 */
export function withGuessedInputs({ inputs, outputs }: RawUtxoTransaction): CoinJoinInput {
  const paid = outputs.reduce((total, { value }) => total + value, 0n);
  const share = paid / BigInt(inputs.length) + 1_000n;
  return {
    inputs: inputs.map((outpoint, at) => ({ outpoint, value: share, address: `unknown ${at}` })),
    outputs,
  };
}

export const PAYOUT_STYLES = ['one address', 'many addresses', 'one script type', 'worst case'] as const;
export type PayoutStyle = (typeof PAYOUT_STYLES)[number];

/**
 * Withdrawals that an exchange pays in one transaction. `one address`: from its hot wallet. `many addresses`: from as many deposit
 * addresses as there are payouts, customers' script types mixed, often round and equal amounts. `one script type`: the same, all P2WPKH. `worst case`: exactly n equal payouts and n
 * or n - 1 others, all P2WPKH, from twice as many addresses: the outline of a JoinMarket mix by chance.
 */
export function payout(random: Random, style: PayoutStyle): CoinJoinInput {
  const equal = 2 + random.below(14);
  const others = style === 'worst case' ? equal - random.below(2) : random.below(20);
  const amount = ROUND[random.below(ROUND.length)]!;
  const outputs = [
    ...Array.from({ length: equal }, () => ({ value: amount, address: customer(random, style) })),
    ...Array.from({ length: others }, () => ({
      value: style !== 'worst case' && random.below(3) === 0 ? ROUND[random.below(ROUND.length)]! : odd(random),
      address: customer(random, style),
    })),
  ];
  const paid = outputs.reduce((total, { value }) => total + value, 0n) + 20_000n;
  const count = style === 'one address' ? 1 + random.below(30) : 2 * (equal + others);
  const hot = key(random);
  const inputs = split(random, paid, count).map((value, index) => ({
    value,
    address: style === 'one address' ? hot : key(random),
    outpoint: { tx: '00'.repeat(32), index },
  }));
  return { inputs, outputs };
}

const ROUND = [100_000n, 500_000n, 1_000_000n, 2_000_000n, 5_000_000n, 10_000_000n, 20_000_000n, 100_000_000n];
const LETTERS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

function odd(random: Random): bigint {
  return BigInt(50_000 + random.below(2 ** 20) * 2 ** random.below(8));
}

/** Deposits of uneven size that sum to what is paid. */
function split(random: Random, paid: bigint, count: number): bigint[] {
  const weights = Array.from({ length: count }, () => BigInt(1 + random.below(1_000)));
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  return weights.map((weight) => (paid * weight) / total + 1n);
}

function customer(random: Random, style: PayoutStyle): string {
  const share = style === 'worst case' || style === 'one script type' ? 0 : random.below(100);
  if (share < 50) return key(random);
  if (share < 70) return `3${text(random, 33)}`;
  return share < 90 ? `1${text(random, 33)}` : `bc1p${text(random, 58)}`;
}

/** As long as a P2WPKH address; nobody checks its sum here. */
function key(random: Random): string {
  return `bc1q${text(random, 38)}`;
}

function text(random: Random, length: number): string {
  return Array.from({ length }, () => LETTERS[random.below(32)]).join('');
}
