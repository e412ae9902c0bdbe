import type { ServiceResult, TraceContext } from '../trace/result.ts';
import { compareServices, type TheftView } from './compare.ts';

/** A service that the loot reached. Amounts are decimal text. */
export interface CaseService {
  readonly chain: string;
  readonly address: string;
  readonly asset: string;
  readonly symbol: string;
  readonly decimals: number | null;
  readonly name: string | null;
  readonly category: string;
  readonly stop: string;
  readonly bucket: string;
  readonly recoverable: boolean;
  readonly firstTime: string;
  readonly lastTime: string;
  readonly labelSource: string | null;
  /** Source units by each conserving method that reached it. */
  readonly units: Readonly<Record<string, string>>;
  readonly amount: string;
  readonly transfers: ServiceResult['transfers'];
  readonly holds: readonly string[];
}

/** A hold notice that was drawn up from the case. */
export interface KnownHold {
  readonly id: string;
  readonly chain: string;
  readonly address: string;
  /** null: all that is there. */
  readonly asset: string | null;
}

/** Whom to call first on top. */
export function caseServices(
  view: TheftView,
  assets: TraceContext['assets'],
  holds: readonly KnownHold[],
): { readonly items: readonly CaseService[]; readonly methods: readonly string[] } {
  const methods = view.methods.map(({ name }) => name);
  const items = compareServices(view).map(({ service, units }) => {
    const { chain, address, asset, name, category, stop, bucket, recoverable, firstTime, lastTime } = service;
    const by = methods.flatMap((method, index) => (units[index]! > 0n ? [[method, units[index]!.toString()]] : []));
    return {
      chain,
      address,
      asset,
      symbol: assets[asset]?.symbol ?? '',
      decimals: assets[asset]?.decimals ?? null,
      name,
      category,
      stop,
      bucket,
      recoverable,
      firstTime,
      lastTime,
      labelSource: service.labelSource,
      units: Object.fromEntries(by) as Record<string, string>,
      amount: service.amount,
      transfers: service.transfers,
      holds: holds.filter((hold) => fits(hold, service)).map(({ id }) => id),
    };
  });
  return { items, methods };
}

function fits(hold: KnownHold, { chain, address, asset }: ServiceResult): boolean {
  return hold.chain === chain && hold.address === address && (hold.asset === null || hold.asset === asset);
}
