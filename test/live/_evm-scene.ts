import * as Hex from 'ox/Hex';
import type { AccountBlock, BalanceQuery } from '../../src/source/chain-source.ts';
import type { RawBundle } from '../../src/source/evm/raw.ts';
import { type Anvil, startAnvil, wallet } from './_anvil.ts';
import {
  type Answers,
  answersOf,
  creationOf,
  delegation,
  FORWARD,
  LOGGER,
  maker,
  TO_CALLER,
  TO_ITSELF,
  TWICE,
  words,
} from './_evm-bundle.ts';

/** One block of a real node that holds one of everything. */

export const CHAIN = 'eip155:31337';
export const NATIVE = 'eip155:31337/slip44:1';
const GWEI = 10n ** 9n;
const PRICE = Hex.fromNumber(20n * GWEI);
export const ONE = 10n ** 18n;

export interface Scene {
  readonly anvil: Anvil;
  readonly number: bigint;
  readonly answers: Answers;
  readonly contracts: { readonly forward: string; readonly twice: string; readonly logger: string };
}

type Ask = Readonly<Record<string, unknown>>;

/** Waits in the pool until a block is made; the node signs with the sender's key. */
async function queue(anvil: Anvil, from: number, ask: Ask): Promise<string> {
  return anvil.rpc('eth_sendTransaction', [{ from: anvil.accounts[from]!.address, gas: '0x7a120', ...ask }]);
}

async function created(anvil: Anvil, from: number, codes: readonly string[]): Promise<string[]> {
  const hashes: string[] = [];
  for (const data of codes) hashes.push(await queue(anvil, from, { data, gasPrice: PRICE }));
  await anvil.mine();
  return Promise.all(hashes.map(async (hash) => (await anvil.receipt(hash)).created!));
}

/** One block with every kind of transaction that the fork knows, every way native coin moves, and a log. */
export async function scene(hardfork: string): Promise<Scene> {
  const miner = `0x${'c0'.repeat(20)}`;
  const anvil = await startAnvil({ automine: false, args: ['--hardfork', hardfork] });
  await anvil.rpc('anvil_setCoinbase', [miner]);
  const [forward, twice, logger, suicide] = (await created(anvil, 9, [
    FORWARD,
    TWICE,
    LOGGER,
    creationOf(TO_CALLER),
  ])) as [string, string, string, string];
  const fresh = wallet('receiver').address;
  const plain = { gasPrice: PRICE, value: Hex.fromNumber(ONE) };
  await queue(anvil, 0, { ...plain, to: fresh });
  await queue(anvil, 1, { ...plain, to: forward, data: words(fresh) });
  await queue(anvil, 2, { ...plain, to: forward, data: words(fresh, 1n) });
  await queue(anvil, 3, { ...plain, to: twice, data: words(fresh, forward) });
  await queue(anvil, 4, { ...plain, data: `0x${TO_CALLER}` });
  await queue(anvil, 5, { ...plain, data: `0x${TO_ITSELF}` });
  await queue(anvil, 6, { ...plain, data: maker(TO_CALLER) });
  await queue(anvil, 7, { ...plain, to: suicide });
  await queue(anvil, 8, { gasPrice: PRICE, to: logger, data: words(fresh, miner, 5n) });
  await queue(anvil, 8, { ...plain, to: fresh, value: '0x0' });
  await queueNewer(anvil, hardfork, fresh, forward);
  await anvil.mine();
  const number = await anvil.blockNumber();
  return { anvil, number, answers: await answersOf(anvil, number), contracts: { forward, twice, logger } };
}

export const FORKS = ['istanbul', 'berlin', 'london', 'paris', 'shanghai', 'cancun', 'prague', 'osaka'];

/** Access lists came with Berlin, tips with London, delegations with Prague. */
async function queueNewer(anvil: Anvil, hardfork: string, to: string, contract: string): Promise<void> {
  const since = (fork: string): boolean => FORKS.indexOf(hardfork) >= FORKS.indexOf(fork);
  const accessList = [{ address: to, storageKeys: [words(1n), words(2n)] }];
  if (since('berlin')) await queue(anvil, 0, { to, value: '0x1', gasPrice: PRICE, accessList });
  const fees = { maxFeePerGas: Hex.fromNumber(30n * GWEI), maxPriorityFeePerGas: Hex.fromNumber(3n * GWEI) };
  if (since('london')) {
    await queue(anvil, 0, { ...fees, to, value: '0x2' });
    await queue(anvil, 0, { ...fees, to, value: '0x3', accessList });
  }
  if (since('prague')) {
    const authorizationList = [delegation(anvil, 5, contract, 1n)];
    await queue(anvil, 1, { ...fees, to, value: '0x4', authorizationList });
  }
}

/** Every address that the block names, once. */
export function everybody(bundle: RawBundle, decoded: AccountBlock): BalanceQuery[] {
  const met = new Set<string>([bundle.block.miner]);
  for (const tx of bundle.block.transactions) for (const address of decoded.parties(tx.hash)) met.add(address);
  for (const row of decoded.transfers) for (const address of [row.from, row.to]) if (address !== null) met.add(address);
  return [...met].map((address) => ({ address, asset: NATIVE }));
}
