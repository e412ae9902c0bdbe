import { seededRandom } from '../../../base/random.ts';
import { scriptToAddress } from '../../../model/address.ts';
import { requireChain } from '../../../model/chain.ts';
import type { UtxoInput, UtxoTransaction } from '../../../model/transfer.ts';
import { little, type MadeTransaction, makeBlock, makeCoinbase, txidOf } from '../_fixture.ts';

/** For tests and benches: chains of Bitcoin's regression test and the files that hold them, with no code of the reader. */
export const REGTEST = requireChain('bitcoin-regtest');
export const MAGIC = 'fabfb5da';
const GENESIS_COINBASE =
  '01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000';
const GENESIS_ROOT = '3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a';

/** The first block of the regression test of Bitcoin: that of Bitcoin with another time (1296688602), target and nonce (2). */
export const GENESIS: PlannedBlock = {
  hash: '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206',
  height: 0,
  bytes: Buffer.concat([
    little(1, 4),
    Buffer.alloc(32),
    Buffer.from(GENESIS_ROOT, 'hex'),
    little(1_296_688_602, 4),
    little(0x207fffff, 4),
    little(2, 4),
    Buffer.from('01', 'hex'),
    Buffer.from(GENESIS_COINBASE, 'hex'),
  ]),
  transactions: [],
};

export interface PlannedBlock {
  readonly hash: string;
  readonly height: number;
  readonly bytes: Buffer;
  /** What an import of it must give; `source` left out of comparisons. Of the first block: not written down here. */
  readonly transactions: readonly UtxoTransaction[];
}

interface Coin {
  readonly tx: string;
  readonly index: number;
  readonly value: bigint;
  readonly script: string;
}

const SCRIPTS = [
  (hex: (bytes: number) => string) => `0014${hex(20)}`,
  (hex: (bytes: number) => string) => `76a914${hex(20)}88ac`,
  (hex: (bytes: number) => string) => `a914${hex(20)}87`,
  (hex: (bytes: number) => string) => `5120${hex(32)}`,
  (hex: (bytes: number) => string) => `0020${hex(32)}`,
  (hex: (bytes: number) => string) => `21${hex(33)}ac`,
  (hex: (bytes: number) => string) => `6a08${hex(8)}`,
] as const;

export interface ChainPlan {
  readonly seed: number;
  readonly blocks: number;
  /** Transactions beside the coinbase, in each block. */
  readonly transactions?: number;
  /** The block below the first one; the chain's first block where left out. */
  readonly below?: PlannedBlock;
  /** Coins made by that block and those below it. */
  readonly coins?: readonly Coin[];
}

/** A chain whose transactions spend coins of any age, also of their own block. */
export function planChain(plan: ChainPlan): { blocks: PlannedBlock[]; coins: Coin[] } {
  const { seed, blocks, transactions = 3, below = GENESIS } = plan;
  const random = seededRandom(seed);
  const coins: Coin[] = [...(plan.coins ?? [])];
  const hex = (bytes: number): string =>
    Array.from({ length: bytes }, () => random.below(256).toString(16).padStart(2, '0')).join('');
  const made: PlannedBlock[] = [];
  let parent = below;
  for (let i = 0; i < blocks; i++) {
    const height = parent.height + 1;
    const others: { made: MadeTransaction; spends: Coin[] }[] = [];
    for (let t = 0; t < transactions && coins.length > 0; t++) {
      const spends = Array.from({ length: Math.min(coins.length, 1 + random.below(3)) }, () => {
        return coins.splice(random.below(coins.length), 1)[0]!;
      });
      const transaction = spendAll(spends, random.below, hex);
      others.push({ made: transaction, spends });
      addCoins(coins, transaction);
    }
    const coinbase = makeCoinbase(
      height,
      `0014${hex(20)}`,
      others.map((other) => other.made),
    );
    addCoins(coins, coinbase);
    const all = [{ made: coinbase, spends: [] as Coin[] }, ...others];
    const time = 1_600_000_000 + 600 * height + (seed % 100);
    const { bytes, hash } = makeBlock({ transactions: all.map((item) => item.made), parent: parent.hash, time });
    parent = {
      hash,
      height,
      bytes,
      transactions: all.map((item, txIndex) => expected(item.made, item.spends, height, time, txIndex)),
    };
    made.push(parent);
  }
  return { blocks: made, coins };
}

function spendAll(
  spends: readonly Coin[],
  below: (limit: number) => number,
  hex: (bytes: number) => string,
): MadeTransaction {
  const sum = spends.reduce((total, { value }) => total + value, 0n);
  const count = 1 + below(3);
  const outputs = Array.from({ length: count }, () => ({
    value: sum / BigInt(count),
    script: SCRIPTS[below(SCRIPTS.length)]!(hex),
  }));
  return { inputs: spends.map(({ tx, index }) => ({ tx, index, script: hex(5), witness: [hex(64)] })), outputs };
}

function addCoins(coins: Coin[], made: MadeTransaction): void {
  const tx = txidOf(made);
  made.outputs.forEach(({ value, script }, index) => {
    if (!script.startsWith('6a')) coins.push({ tx, index, value, script });
  });
}

function expected(
  made: MadeTransaction,
  spends: readonly Coin[],
  height: number,
  time: number,
  txIndex: number,
): UtxoTransaction {
  const inputs: UtxoInput[] = spends.map(({ tx, index, value, script }) => ({
    outpoint: { tx, index },
    value,
    address: scriptToAddress(REGTEST, script),
  }));
  return {
    chain: REGTEST.id,
    tx: txidOf(made),
    time,
    block: BigInt(height),
    txIndex,
    inputs: inputs.length === 0 ? [{ outpoint: null, value: 0n, address: 'script:' }] : inputs,
    outputs: made.outputs.map(({ value, script }) => ({ value, address: scriptToAddress(REGTEST, script) })),
    source: { batch: 0, file: 0, row: 0 },
  };
}

/** Blocks as a node keeps them: magic, length, block; `room` zeros behind the last one. */
export function blkFile(
  blocks: readonly { readonly bytes: Buffer }[],
  { magic = MAGIC, room = 0, key }: { magic?: string; room?: number; key?: Buffer } = {},
): Buffer {
  const parts = blocks.flatMap(({ bytes }) => [Buffer.from(magic, 'hex'), little(bytes.length, 4), bytes]);
  const all = Buffer.concat(parts);
  // A node sets room aside without obfuscation.
  return Buffer.concat([key === undefined ? all : obfuscated(all, key), Buffer.alloc(room)]);
}

export function obfuscated(bytes: Uint8Array, key: Buffer): Buffer {
  return Buffer.from(bytes).map((byte, at) => byte ^ key[at % key.length]!) as Buffer;
}

/** Without where it came from, in order of the chain. */
export function inChainOrder(transactions: readonly UtxoTransaction[]): Omit<UtxoTransaction, 'source'>[] {
  return transactions
    .map(({ source: _, ...rest }) => rest)
    .sort((a, b) => Number(a.block! - b.block!) || a.txIndex - b.txIndex);
}
