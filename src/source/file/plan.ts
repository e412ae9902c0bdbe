import { HaetaeError } from '../../base/errors.ts';
import { type Asset, dollarAsset, nativeAsset, requireAsset } from '../../model/asset.ts';
import { requireChain } from '../../model/chain.ts';
import type { OrderRule } from '../../model/transfer.ts';
import type { AssetRule, Layout, Plan } from './layout.ts';

/** What a user may choose over a layout. */
export interface Choices {
  readonly chain?: string | undefined;
  readonly asset?: string | undefined;
  readonly decimals?: number | undefined;
  readonly order?: OrderRule | undefined;
  readonly duplicates?: 'keep' | 'drop' | undefined;
}

/** Throws E_USAGE, E_ASSET. */
export function makePlan(layout: Layout, choices: Choices): { plan: Plan; asset: Asset | null } {
  const chain = requireChain(choices.chain ?? layout.chain).id;
  const rule: AssetRule = choices.asset === undefined ? layout.asset : { kind: 'fixed', asset: choices.asset };
  const decimals = choices.decimals ?? layout.decimals;
  const asset = assetOf(rule, chain, decimals);
  const amountDecimals = layout.unit === 'base' ? 0 : (decimals ?? asset?.decimals ?? null);
  if (amountDecimals === null && asset !== null) {
    throw new HaetaeError('E_ASSET', 'amounts are in whole units and the asset’s decimals are not known', {
      context: { asset: asset.id },
      remedy: 'give them with --decimals',
    });
  }
  const order = choices.order ?? layout.order;
  checkOrder(layout, order);
  const duplicates =
    choices.duplicates ?? (order === layout.order ? layout.duplicates : order === 'index' ? 'drop' : 'keep');
  const plan = {
    ...layout,
    chain,
    asset: rule,
    order,
    duplicates,
    decimals,
    assetId: asset?.id ?? null,
    amountDecimals,
  };
  return { plan, asset };
}

function assetOf(rule: AssetRule, chain: string, decimals: number | null): Asset | null {
  if (rule.kind === 'column') return null;
  if (rule.kind === 'native') return nativeAsset(chain);
  if (rule.kind === 'dollar') return dollarAsset(chain, decimals ?? undefined);
  const asset = requireAsset(rule.asset, chain);
  return asset.decimals === null || asset.id.includes('/iso4217:')
    ? { ...asset, decimals: decimals ?? asset.decimals }
    : asset;
}

function checkOrder(layout: Layout, order: OrderRule): void {
  if (order === layout.order) return;
  const hasLeg = layout.fields.some((field) => field.name === 'leg');
  if (layout.shape === 'transfer' && (order !== 'index' || hasLeg)) return;
  throw new HaetaeError('E_USAGE', `${layout.name} cannot be put in order by ${order}`, {
    remedy: layout.order === 'index' ? 'leave --order out: the files name their order' : 'use --order row or inferred',
  });
}
