/**
 * Raw block files: parsed from the bytes of a file to checked transactions with ids and addresses, beside the least that any reader must do
 * (read every byte and hash it twice) and beside bitcore-lib; then from file to sorted store, inputs resolved. The files are made here, of
 * transactions of the sizes, script types and ages of coins that full blocks have, and deleted at the end. HAETAE_BENCH_BLOCKS: how many.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SILENT } from '../src/base/progress.ts';
import { seededRandom } from '../src/base/random.ts';
import { requireChain } from '../src/model/chain.ts';
import {
  type MadeInput,
  type MadeOutput,
  type MadeTransaction,
  makeBlock,
  makeCoinbase,
  txidOf,
} from '../src/source/bitcoin/_fixture.ts';
import { blkFile } from '../src/source/bitcoin/block-files/_fixture.ts';
import { probeBlockFile } from '../src/source/bitcoin/block-files/block-file.ts';
import { openBlockSet } from '../src/source/bitcoin/block-files/open-set.ts';
import { rulesOf } from '../src/source/bitcoin/rules.ts';
import { openFileFeed } from '../src/source/file/open.ts';
import { DuckdbStore } from '../src/store/duckdb/store.ts';
import { count, fastest, printFigure } from './_print.ts';

const BLOCKS = Number(process.env.HAETAE_BENCH_BLOCKS ?? 80);
const TRANSACTIONS = 2_500;
/** Blocks that are parsed in the first part: several times over. */
const PARSED = Math.min(BLOCKS, 20);
const TIMES = 3;
const CHAIN = 'bitcoin-regtest';
const MEMORY_MB = 1500;

interface Coin {
  readonly tx: string;
  readonly index: number;
}

const random = seededRandom(17);

function hex(bytes: number): string {
  let text = '';
  while (text.length < 2 * bytes) text += random.next32().toString(16).padStart(8, '0');
  return text.slice(0, 2 * bytes);
}

/** Near the shares of recent blocks, as in bitcoin.bench.ts. */
function lockScript(): string {
  const share = random.below(100);
  if (share < 48) return `0014${hex(20)}`;
  if (share < 72) return `5120${hex(32)}`;
  if (share < 86) return `76a914${hex(20)}88ac`;
  if (share < 94) return `a914${hex(20)}87`;
  if (share < 98) return `0020${hex(32)}`;
  return `6a10${hex(16)}`;
}

function input(coin: Coin): MadeInput {
  const share = random.below(100);
  if (share < 50) return { ...coin, witness: [hex(71), hex(33)] };
  if (share < 72) return { ...coin, witness: [hex(64)] };
  if (share < 86) return { ...coin, script: `47${hex(71)}21${hex(33)}` };
  if (share < 94) return { ...coin, script: `160014${hex(20)}`, witness: [hex(71), hex(33)] };
  return { ...coin, witness: ['', hex(71), hex(72), hex(105)] };
}

/** Three of five coins spent are among the youngest 5,000, the rest of any age. */
function takeCoin(coins: Coin[]): Coin {
  const young = Math.min(coins.length, 5_000);
  const at = random.below(5) < 3 ? coins.length - 1 - random.below(young) : random.below(coins.length);
  const coin = coins[at]!;
  coins[at] = coins.at(-1)!;
  coins.pop();
  return coin;
}

/** Values fall from spend to spend, so that no transaction pays more than it takes in. */
function transaction(coins: Coin[], values: Map<Coin, bigint>): MadeTransaction {
  const many = random.below(20) === 0;
  const wanted = many ? 1 + random.below(15) : 1 + random.below(3);
  const spent = Array.from({ length: Math.min(wanted, coins.length) }, () => takeCoin(coins));
  let sum = 0n;
  for (const coin of spent) {
    sum += values.get(coin)!;
    values.delete(coin);
  }
  // A little more than is spent: the coins grow in number, as they do.
  const number = many ? 1 + random.below(15) : 1 + random.below(3) + (random.below(4) === 0 ? 1 : 0);
  const outputs: MadeOutput[] = Array.from({ length: number }, () => ({
    value: sum / BigInt(number),
    script: lockScript(),
  }));
  return { inputs: spent.map(input), outputs };
}

function addCoins(made: MadeTransaction, coins: Coin[], values: Map<Coin, bigint>): void {
  const tx = txidOf(made);
  made.outputs.forEach(({ value, script }, index) => {
    if (script.startsWith('6a')) return;
    const coin = { tx, index };
    coins.push(coin);
    values.set(coin, value);
  });
}

/** A chain in one blk file, from height 1 on; the first block makes coins for the others. Gives the number of transactions. */
function makeFile(path: string): number {
  const file = openSync(path, 'w');
  const coins: Coin[] = [];
  const values = new Map<Coin, bigint>();
  let parent = '00'.repeat(31).concat('01');
  let made = 0;
  for (let height = 1; height <= BLOCKS; height++) {
    const others: MadeTransaction[] = [];
    for (let i = 1; i < TRANSACTIONS && height > 1; i++) {
      const one = transaction(coins, values);
      addCoins(one, coins, values);
      others.push(one);
    }
    const plain = makeCoinbase(height, lockScript(), others);
    const seeds = height > 1 ? [] : Array.from({ length: 20_000 }, () => ({ value: 1n << 40n, script: lockScript() }));
    const coinbase = { ...plain, outputs: [...plain.outputs, ...seeds] };
    addCoins(coinbase, coins, values);
    const block = makeBlock({ transactions: [coinbase, ...others], parent, time: 1_600_000_000 + 600 * height });
    writeSync(file, blkFile([block]));
    parent = block.hash;
    made += 1 + others.length;
  }
  closeSync(file);
  return made;
}

async function parseAll(path: string): Promise<{ seconds: number; transactions: number; bytes: number }> {
  const set = await openBlockSet([probeBlockFile(path)], rulesOf(requireChain(CHAIN)), { progress: SILENT });
  let best = Number.POSITIVE_INFINITY;
  let transactions = 0;
  let bytes = 0;
  try {
    for (let time = 0; time < TIMES; time++) {
      const start = performance.now();
      transactions = 0;
      bytes = 0;
      for (let above = 0; above < PARSED; above++) {
        const block = await set.block(above);
        transactions += block.block.transactions.length;
        bytes += block.bytes;
      }
      best = Math.min(best, (performance.now() - start) / 1000);
    }
  } finally {
    await set.close();
  }
  return { seconds: best, transactions, bytes };
}

interface PeerBlock {
  readonly transactions: readonly {
    readonly hash: string;
    readonly outputs: readonly { readonly script: { toAddress(network: string): unknown } }[];
  }[];
}

/** bitcore-lib: one block to ids and addresses. Transactions a second. */
function peerSpeed(block: Buffer): number {
  const bitcore = createRequire(import.meta.url)('bitcore-lib') as { Block: { fromBuffer(bytes: Buffer): PeerBlock } };
  const { seconds, result } = fastest(2, () => {
    const { transactions } = bitcore.Block.fromBuffer(block);
    for (const { hash, outputs } of transactions) {
      if (hash.length !== 64) throw new Error('no id');
      for (const { script } of outputs) String(script.toAddress('livenet'));
    }
    return transactions.length;
  });
  return result / seconds;
}

async function benchParse(path: string): Promise<void> {
  const file = readFileSync(path);
  const { seconds, transactions, bytes } = await parseAll(path);
  const plain = fastest(TIMES, () => {
    const part = readFileSync(path).subarray(0, bytes);
    for (let time = 0; time < 2; time++) createHash('sha256').update(part).digest();
  }).seconds;
  const at = 8 + file.readUInt32LE(4);
  const speed = transactions / seconds;
  const size = `${count(transactions)} transactions, ${count(Math.round(bytes / 1e6))} MB`;
  const ratio = { to: 'read, sha256 twice', value: plain / seconds };
  const name = 'blk file to ids and addresses';
  printFigure({ name, value: speed / 1000, unit: 'k tx/s', limit: { atLeast: 60 }, ratio, size });
  const peer = peerSpeed(file.subarray(at + 8, at + 8 + file.readUInt32LE(at + 4)));
  const peerSize = `${count(TRANSACTIONS)} transactions; ours is ${(speed / peer).toFixed(0)} times as fast`;
  printFigure({ name: 'bitcore-lib, one block', value: peer / 1000, unit: 'k tx/s', size: peerSize });
}

interface Outcome {
  readonly rows: number;
  readonly seconds: number;
  readonly megabytes: number;
}

/** One import in a process of its own. */
async function runCase(path: string, database: string, recent: number): Promise<void> {
  const start = performance.now();
  const store = await DuckdbStore.open({ path: database });
  const options = { files: [path], preset: 'bitcoin-blocks', chain: CHAIN, recentOutputs: recent, progress: SILENT };
  const { batch, feed } = await openFileFeed({ ...options, refusedFile: `${database}.refused.csv` });
  const loaded = await store.load(batch, feed, SILENT);
  await store.close();
  const seconds = (performance.now() - start) / 1000;
  const megabytes = (process.resourceUsage().maxRSS * 1024) / 1e6;
  console.log(JSON.stringify({ rows: loaded.batch.rowsKept, seconds, megabytes } satisfies Outcome));
}

function benchImport(path: string, made: number): void {
  const size = `${count(made)} transactions, ${count(Math.round(statSync(path).size / 1e6))} MB`;
  for (const [name, recent] of [
    ['blk file to sorted store', 400_000],
    ['the same, 20,000 outputs at hand', 20_000],
  ] as const) {
    const words = [fileURLToPath(import.meta.url), 'case', path, `${path}.${recent}.db`, String(recent)];
    const { rows, seconds, megabytes } = JSON.parse(
      execFileSync(process.execPath, words, { encoding: 'utf8' }),
    ) as Outcome;
    if (rows !== made) throw new Error(`${rows} of ${made} transactions are kept`);
    printFigure({ name, value: rows / seconds / 1000, unit: 'k tx/s', size });
    printFigure({ name: '  peak memory', value: megabytes, unit: 'MB', limit: { atMost: MEMORY_MB }, size });
  }
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'haetae-bench-'));
  try {
    const path = join(folder, 'blk00000.dat');
    const made = makeFile(path);
    await benchParse(path);
    benchImport(path, made);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [, , word, path, database, recent] = process.argv;
if (word === 'case' && path !== undefined && database !== undefined) await runCase(path, database, Number(recent));
else await main();
