import type { HaetaeError } from '../../base/errors.ts';
import type { AssetId } from '../../model/asset.ts';
import type { BalanceQuery } from '../chain-source.ts';
import type { Endpoint } from '../endpoint.ts';
import { badAnswer, isFault, sourceFault } from '../net/fault.ts';
import { readQuantity, toQuantity, word } from './hex.ts';
import type { Rpc } from './rpc.ts';
import { isNoBlock, isReverted } from './rpc-fault.ts';

/** Places asked for at once; what waits beyond them takes no memory of ours. */
const CHUNK = 400;
/** Geth keeps the state of 128 blocks. */
const RECENT = 64n;

/** Selectors: the first four bytes of keccak-256 of the signature (ERC-20, ERC-721, ERC-1155). */
const BALANCE_OF = '0x70a08231';
const BALANCE_OF_ID = '0x00fdd58e';
const OWNER_OF = '0x6352211e';

const TOKEN = /^[^/]+\/(erc20|erc721|erc1155):(0x[0-9a-f]{40})(?:[/-](\d{1,78}))?$/;

/** A token's contract, its standard and, where it has one, its number; null for the chain's own coin. */
export function tokenOf(asset: AssetId): { standard: string; contract: string; id: bigint | null } | null {
  const match = TOKEN.exec(asset);
  if (match === null) return null;
  return { standard: match[1]!, contract: match[2]!, id: match[3] === undefined ? null : BigInt(match[3]) };
}

/** See {@link AccountSource.balances}: null where the node has no state of that block, or the token does not say. */
export async function readBalances(
  endpoint: Endpoint,
  rpc: Rpc,
  places: readonly BalanceQuery[],
  block: bigint,
): Promise<readonly (bigint | null)[]> {
  const balances: (bigint | null)[] = [];
  for (let at = 0; at < places.length; at += CHUNK) {
    const chunk = places.slice(at, at + CHUNK);
    balances.push(...(await Promise.all(chunk.map((place) => readBalance(endpoint, rpc, place, toQuantity(block))))));
  }
  return balances;
}

async function readBalance(endpoint: Endpoint, rpc: Rpc, place: BalanceQuery, block: string): Promise<bigint | null> {
  const token = tokenOf(place.asset);
  try {
    if (token !== null) return await readTokenBalance(rpc, place.address, token, block);
    if (!/\/slip44:\d+$/.test(place.asset)) return null;
    const balance = readQuantity(await rpc.call('eth_getBalance', [place.address, block]));
    if (balance === null) throw badAnswer(endpoint, 'a balance is not a number', { method: 'eth_getBalance' });
    return balance;
  } catch (error) {
    if (isNoBlock(error) && (await isRecent(rpc, block))) throw lagging(endpoint, block);
    if (isReverted(error) || isFault(error, 'E_SOURCE_PRUNED')) return null;
    throw error;
  }
}

/** Every node keeps the newest blocks and their state: where one of them is missing, the node lags. */
async function isRecent(rpc: Rpc, block: string): Promise<boolean> {
  const head = readQuantity(await rpc.call('eth_blockNumber', []));
  return head === null || BigInt(block) + RECENT > head;
}

function lagging(endpoint: Endpoint, block: string): HaetaeError {
  const context = { block: BigInt(block).toString() };
  const remedy = 'wait until it has caught up, or name a second endpoint of the same chain';
  return sourceFault('E_SOURCE_BEHIND', endpoint, 'the endpoint does not have the state yet', remedy, context);
}

async function readTokenBalance(
  rpc: Rpc,
  address: string,
  { standard, contract, id }: NonNullable<ReturnType<typeof tokenOf>>,
  block: string,
): Promise<bigint | null> {
  const single = standard === 'erc721' && id !== null;
  const data = single
    ? `${OWNER_OF}${word(id)}`
    : standard === 'erc1155'
      ? `${BALANCE_OF_ID}${word(address)}${word(id ?? 0n)}`
      : `${BALANCE_OF}${word(address)}`;
  const answer = await rpc.call('eth_call', [{ to: contract, data }, block]);
  if (typeof answer !== 'string' || !/^0x[0-9a-fA-F]{64}/.test(answer)) return noToken(rpc, contract, block);
  const value = BigInt(answer.slice(0, 66));
  return single ? (value === BigInt(address) ? 1n : 0n) : value;
}

/** Before its contract was created nobody held a token; a contract that is there and says nothing is not believed to mean 0. */
async function noToken(rpc: Rpc, contract: string, block: string): Promise<bigint | null> {
  return (await rpc.call('eth_getCode', [contract, block])) === '0x' ? 0n : null;
}
