import { formatTime } from '../base/time.ts';
import type { SeedResult, SignatureResult, SourceResult, TraceContext, TraceResult } from '../trace/result.ts';
import { theftTime } from '../trace/theft-time.ts';
import { countAddresses, type NamedMethod, outcomeOf, type TheftView } from './compare.ts';

/** What the store knows of a case beside its files. */
export interface CaseHead {
  readonly id: string;
  readonly title: string;
  readonly simulated: boolean;
  /** Seconds. */
  readonly createdAt: number;
}

/** What stands above the picture of a case. Amounts are decimal text, times ISO 8601. */
export interface CaseView {
  readonly id: string;
  readonly title: string;
  readonly simulated: boolean;
  readonly createdAt: string;
  readonly version: string;
  readonly digest: string;
  readonly dataFrom: string | null;
  readonly dataUntil: string | null;
  readonly transfersUsed: number;
  readonly labelsUsed: number;
  readonly warnings: readonly string[];
  readonly signatures: readonly SignatureResult[];
  readonly sources: readonly SourceResult[];
  readonly options: Readonly<Record<string, string>>;
  readonly assets: TraceContext['assets'];
  readonly thefts: readonly CaseTheft[];
}

export interface CaseTheft {
  readonly id: string;
  readonly title: string;
  readonly asset: string;
  readonly symbol: string;
  readonly decimals: number | null;
  readonly stolen: string;
  readonly time: string;
  readonly sources: readonly string[];
  readonly seeds: readonly SeedResult[];
  readonly methods: readonly CaseMethod[];
}

export interface CaseMethod {
  readonly name: string;
  readonly version: number;
  readonly conserves: boolean;
  /** null, as what follows: poison, which is reach. */
  readonly buckets: Readonly<Record<string, string>> | null;
  readonly recoverable: string | null;
  readonly heldAtEdge: string | null;
  readonly places: number;
  readonly services: number;
  readonly touched: number;
}

export function caseView(
  head: CaseHead,
  digest: string,
  { context }: TraceResult,
  views: readonly TheftView[],
): CaseView {
  const { version, dataFrom, dataUntil, transfersUsed, labelsUsed, warnings, signatures, options, assets } = context;
  return {
    id: head.id,
    title: head.title,
    simulated: head.simulated,
    createdAt: formatTime(head.createdAt),
    version,
    digest,
    dataFrom,
    dataUntil,
    transfersUsed,
    labelsUsed,
    warnings,
    signatures,
    sources: context.sources,
    options,
    assets,
    thefts: views.map(theftOf),
  };
}

function theftOf({ theft, methods, poison }: TheftView): CaseTheft {
  const { id, title, asset, symbol, decimals, stolen, sources, seeds = [] } = theft;
  const time = theftTime(theft) ?? '';
  const shown = poison === null ? methods : [...methods, poison];
  return { id, title, asset, symbol, decimals, stolen, time, sources, seeds, methods: shown.map(methodOf) };
}

function methodOf({ name, result }: NamedMethod): CaseMethod {
  const conserves = result.buckets !== null;
  const outcome = outcomeOf(result);
  return {
    name,
    version: result.version,
    conserves,
    buckets: result.buckets,
    recoverable: conserves ? outcome.askable.toString() : null,
    heldAtEdge: conserves ? outcome.heldAtEdge.toString() : null,
    places: countAddresses(result.places),
    services: new Set(result.services.map(({ chain, address }) => `${chain}|${address}`)).size,
    touched: result.touched,
  };
}
