/**
 * A theft fetched from a node over thousands of full blocks: speed, and the memory over half the length and over all of it, which
 * must be the same for any length. The node is a real anvil in a process of its own; the chain is a peel chain among strangers' payments.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { formatTime } from '../src/base/time.ts';
import { type Anvil, startAnvil, wallet } from '../test/live/_anvil.ts';
import { count, printFigure } from './_print.ts';

const MAIN = join(dirname(fileURLToPath(import.meta.url)), '../src/main.js');
const TELL_MEMORY =
  'data:text/javascript,process.on("exit",()=>process.stderr.write("max-rss "+process.resourceUsage().maxRSS))';
const BLOCKS = 2000;
const STRANGERS_A_BLOCK = 40;
const HOP_EVERY = 20;
const ETHER = 10n ** 18n;
const FIRST_TIME = 1_750_000_000;
const BLOCK_SECONDS = 12;

async function main(): Promise<void> {
  const anvil = await startAnvil({
    automine: false,
    genesisTime: FIRST_TIME,
    blockSeconds: BLOCK_SECONDS,
    args: ['--gas-limit', '100000000'],
  });
  const folder = mkdtempSync(join(tmpdir(), 'haetae-bench-'));
  try {
    const theft = await makeChain(anvil);
    await measure(anvil, theft, folder);
  } finally {
    await anvil.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Strangers pay each other from the node's own accounts; every few blocks the thief's money moves to a fresh wallet. */
async function makeChain(anvil: Anvil): Promise<string> {
  const theft = await anvil.send({
    from: 0,
    to: wallet('hop 0').address,
    value: 900n * ETHER,
    gas: 21_000n,
    nonce: 0n,
  });
  await anvil.mine();
  for (let block = 1; block <= BLOCKS; block += 1) {
    const calls = Array.from({ length: STRANGERS_A_BLOCK }, (_, id) => ({
      jsonrpc: '2.0',
      id,
      method: 'eth_sendTransaction',
      params: [stranger(anvil, block, id)],
    }));
    await fetch(anvil.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(calls),
    }).then((answer) => answer.arrayBuffer());
    if (block % HOP_EVERY === 0) await hop(anvil, block / HOP_EVERY);
    await anvil.mine();
  }
  return theft;
}

function stranger(anvil: Anvil, block: number, id: number): Record<string, string> {
  return {
    from: anvil.accounts[1 + ((block + id) % 9)]!.address,
    to: wallet(`stranger ${id}`).address,
    value: '0x1',
    gas: '0x5208',
  };
}

async function hop(anvil: Anvil, number: number): Promise<void> {
  const from = wallet(`hop ${number - 1}`);
  const value = (900n - BigInt(number)) * ETHER;
  await anvil.send({ from, to: wallet(`hop ${number}`).address, value, gas: 21_000n, nonce: 0n });
}

interface Run {
  readonly seconds: number;
  readonly megabytes: number;
}

/** The command as a user types it, in a process of its own, which says at its end how much memory it held at most. */
async function trace(anvil: Anvil, theft: string, folder: string, until: number): Promise<Run> {
  const words = ['trace', theft, '--chain', 'eip155:31337', '--source', anvil.url, '--thief', wallet('hop 0').address];
  words.push(
    '--db',
    join(folder, `${until}.duckdb`),
    '--until',
    formatTime(until),
    '--method',
    'fifo',
    '--json',
    '--quiet',
  );
  const start = performance.now();
  const child = spawn(process.execPath, ['--import', TELL_MEMORY, MAIN, ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  const said = await text(child.stderr);
  await ended;
  const seconds = (performance.now() - start) / 1000;
  const kilobytes = /max-rss (\d+)/.exec(said)?.[1];
  if (child.exitCode !== 0 || kilobytes === undefined) throw new Error(said);
  return { seconds, megabytes: (Number(kilobytes) * 1024) / 1e6 };
}

async function measure(anvil: Anvil, theft: string, folder: string): Promise<void> {
  const half = await trace(anvil, theft, folder, FIRST_TIME + (BLOCKS / 2) * BLOCK_SECONDS);
  const whole = await trace(anvil, theft, folder, FIRST_TIME + BLOCKS * 2 * BLOCK_SECONDS);
  const size = `${count(BLOCKS)} blocks of ${STRANGERS_A_BLOCK} transactions, all verified`;
  printFigure({ name: 'fetch by scan, from a local anvil', value: BLOCKS / whole.seconds, unit: 'blocks/s', size });
  printFigure({
    name: 'peak memory of haetae trace',
    value: whole.megabytes,
    unit: 'MB',
    size,
    limit: { atMost: 512 },
    ratio: { to: 'half the length', value: whole.megabytes / half.megabytes },
  });
}

await main();
