import { parseTron } from '../../model/address-base58.ts';
import type { AssetId } from '../../model/asset.ts';
import type { Chain } from '../../model/chain.ts';

export function trx(chain: Chain): AssetId {
  return `${chain.id}/slip44:${chain.native.slip44}`;
}

export function trc20(chain: Chain, contract: string): AssetId {
  return `${chain.id}/trc20:${contract}`;
}

/**
 * A TRC-10 token by its number, as text. Until mid-2019 transactions named tokens by their issuer's word for it: that word then stands
 * for the number, which only a node's state could give, with what CAIP-19 does not allow percent-encoded.
 */
export function trc10(chain: Chain, idOrName: string): AssetId {
  const reference = [...Buffer.from(idOrName)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[-.a-zA-Z0-9]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
  return `${chain.id}/trc10:${reference.slice(0, 128)}`;
}

export type AssetKind =
  | { readonly kind: 'trx' }
  | { readonly kind: 'trc20'; readonly contract: string }
  | { readonly kind: 'trc10'; readonly id: string };

/** What an asset of this chain is; null where it is none of the three kinds. */
export function assetKind(chain: Chain, asset: AssetId): AssetKind | null {
  if (asset === trx(chain)) return { kind: 'trx' };
  const contract = asset.startsWith(trc20(chain, '')) ? asset.slice(trc20(chain, '').length) : '';
  if (contract !== '') {
    const parsed = parseTron(contract);
    return parsed.ok ? { kind: 'trc20', contract: parsed.address } : null;
  }
  const id = asset.startsWith(`${chain.id}/trc10:`) ? asset.slice(`${chain.id}/trc10:`.length) : '';
  return /^\d{1,19}$/.test(id) ? { kind: 'trc10', id } : null;
}
