import { requireAddress } from '../../model/address.ts';
import type { Asset, AssetId } from '../../model/asset.ts';
import type { Chain } from '../../model/chain.ts';
import type { BalanceQuery } from '../chain-source.ts';
import { hexOfAddress, ZERO_ADDRESS_HEX } from './address.ts';
import type { TronApi } from './ask.ts';
import { type AssetKind, assetKind } from './asset.ts';
import { accountSchema, constantCallSchema, trc10Schema } from './schema.ts';

/** More than any whole number of 256 bits has. */
const MAX_DECIMALS = 77n;
const MAX_SYMBOL = 32;

/** Present balances, which are all that a TRON node keeps, in the order of the places; null for assets of another kind. */
export async function presentBalances(
  api: TronApi,
  chain: Chain,
  places: readonly BalanceQuery[],
): Promise<readonly (bigint | null)[]> {
  return Promise.all(places.map((place) => balanceOf(api, chain, place)));
}

async function balanceOf(api: TronApi, chain: Chain, { address, asset }: BalanceQuery): Promise<bigint | null> {
  const kind = assetKind(chain, asset);
  if (kind === null) return null;
  const owner = hexOfAddress(requireAddress(chain, address, 'address'));
  if (kind.kind === 'trc20')
    return callNumber(api, kind.contract, 'balanceOf(address)', owner.slice(2).padStart(64, '0'));
  const account = await api.wallet('getaccount', { address: owner }, accountSchema);
  if (kind.kind === 'trx') return account.balance;
  return account.assetV2.find(({ key }) => key === kind.id)?.value ?? 0n;
}

/** Symbol and decimals as the token itself says. */
export async function describeAssets(
  api: TronApi,
  chain: Chain,
  assets: readonly AssetId[],
): Promise<readonly Asset[]> {
  return Promise.all(assets.map((asset) => describe(api, chain, asset, assetKind(chain, asset))));
}

async function describe(api: TronApi, chain: Chain, id: AssetId, kind: AssetKind | null): Promise<Asset> {
  const named = (symbol: string, decimals: number | null): Asset => ({ id, chain: chain.id, symbol, decimals });
  const reference = id.slice(id.lastIndexOf(':') + 1).slice(0, 10);
  if (kind === null) return named(reference, null);
  if (kind.kind === 'trx') return named(chain.native.symbol, chain.native.decimals);
  if (kind.kind === 'trc10') {
    const token = await api.wallet('getassetissuebyid', { value: kind.id }, trc10Schema);
    if (token.id !== kind.id) return named(reference, null);
    return named(readable(Buffer.from(token.abbr, 'hex')) || reference, sensible(token.precision));
  }
  const symbol = await callBytes(api, kind.contract, 'symbol()', '');
  const decimals = await callNumber(api, kind.contract, 'decimals()', '');
  return named((symbol === null ? '' : textOf(symbol)) || reference, decimals === null ? null : sensible(decimals));
}

function sensible(decimals: bigint): number | null {
  return decimals >= 0n && decimals <= MAX_DECIMALS ? Number(decimals) : null;
}

async function callNumber(api: TronApi, contract: string, call: string, parameter: string): Promise<bigint | null> {
  const bytes = await callBytes(api, contract, call, parameter);
  return bytes === null || bytes.length < 32 ? null : BigInt(`0x${bytes.subarray(0, 32).toString('hex')}`);
}

/** What a call that changes nothing returns; null where it fails. */
async function callBytes(api: TronApi, contract: string, call: string, parameter: string): Promise<Buffer | null> {
  const answer = await api.wallet(
    'triggerconstantcontract',
    {
      owner_address: ZERO_ADDRESS_HEX,
      contract_address: hexOfAddress(contract),
      function_selector: call,
      parameter,
    },
    constantCallSchema,
  );
  const [bytes] = answer.constant_result;
  return !answer.result.result || bytes === undefined || bytes === '' ? null : Buffer.from(bytes, 'hex');
}

/** A string as contracts return it: with offset and length, or (older ones) 32 bytes with zeros at the end. */
function textOf(bytes: Buffer): string {
  if (bytes.length === 32) return readable(bytes);
  const length = bytes.length < 64 ? 0n : BigInt(`0x${bytes.subarray(32, 64).toString('hex')}`);
  return readable(bytes.subarray(64, 64 + Number(length > 256n ? 256n : length)));
}

/** Without what cannot be seen or moves the cursor. */
function readable(bytes: Buffer): string {
  return bytes
    .toString('utf8')
    .replace(/[^\p{L}\p{N}\p{P}\p{S}]/gu, '')
    .slice(0, MAX_SYMBOL);
}
