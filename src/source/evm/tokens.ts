import { visibleText } from '../../base/visible-text.ts';
import { type Asset, type AssetId, nativeAsset, requireAsset } from '../../model/asset.ts';
import type { ChainId } from '../../model/chain.ts';
import { isFault } from '../net/fault.ts';
import type { Rpc } from './rpc.ts';
import { tokenOf } from './state.ts';

const SYMBOL = '0x95d89b41';
const DECIMALS = '0x313ce567';
/** 10^77 is the largest power of ten below 2^256. */
const MAX_DECIMALS = 77n;
const MAX_SYMBOL = 32;
const CHUNK = 200;

/** Symbol and decimals as each token says; null decimals where it reverts, is silent or says what cannot be. */
export async function readTokens(rpc: Rpc, chain: ChainId, assets: readonly AssetId[]): Promise<readonly Asset[]> {
  const read: Asset[] = [];
  for (let at = 0; at < assets.length; at += CHUNK) {
    read.push(...(await Promise.all(assets.slice(at, at + CHUNK).map((asset) => readToken(rpc, chain, asset)))));
  }
  return read;
}

async function readToken(rpc: Rpc, chain: ChainId, id: AssetId): Promise<Asset> {
  const native = nativeAsset(chain);
  if (id === native.id) return native;
  const token = tokenOf(id);
  if (token === null) return requireAsset(id, chain);
  const [symbol, decimals] = await Promise.all([ask(rpc, token.contract, SYMBOL), ask(rpc, token.contract, DECIMALS)]);
  const known = requireAsset(id, chain);
  // Collectibles are counted in whole pieces whatever they say.
  const whole = token.standard !== 'erc20';
  const said = symbol === null ? null : readSymbol(symbol);
  return {
    id,
    chain,
    symbol: said ?? known.symbol,
    decimals: whole ? 0 : decimals === null ? null : readDecimals(decimals),
  };
}

/** Bytes in hex without 0x; null where the contract refuses. */
async function ask(rpc: Rpc, to: string, data: string): Promise<string | null> {
  try {
    const answer = await rpc.call('eth_call', [{ to, data }, 'latest']);
    return typeof answer === 'string' && /^0x(?:[0-9a-f]{2})*$/i.test(answer) ? answer.slice(2) : null;
  } catch (error) {
    // A contract can make a call fail in more ways than nodes agree on words for.
    if (isFault(error, 'E_SOURCE_ANSWER') && error.context.rpcCode !== undefined) return null;
    throw error;
  }
}

function readDecimals(hex: string): number | null {
  if (hex.length < 64) return null;
  const value = BigInt(`0x${hex.slice(0, 64)}`);
  return value <= MAX_DECIMALS ? Number(value) : null;
}

/** An ABI string, or bytes32 filled up with zeros as the first tokens have it. */
export function readSymbol(hex: string): string | null {
  const bytes = Buffer.from(hex, 'hex');
  const text = bytes.length === 32 ? bytes : abiString(bytes);
  if (text === null) return null;
  const end = text.indexOf(0);
  const clean = visibleText((end < 0 ? text : text.subarray(0, end)).toString('utf8').trim());
  return clean === '' ? null : [...clean].slice(0, MAX_SYMBOL).join('');
}

function abiString(bytes: Buffer): Buffer | null {
  if (bytes.length < 64 || BigInt(`0x${bytes.toString('hex', 0, 32)}`) !== 32n) return null;
  const length = BigInt(`0x${bytes.toString('hex', 32, 64)}`);
  return length <= BigInt(bytes.length - 64) ? bytes.subarray(64, 64 + Number(length)) : null;
}
