import { HaetaeError } from '../base/errors.ts';
import { formatAmount, formatShare } from '../base/money.ts';
import { requireAddress } from '../model/address.ts';
import { requireChain } from '../model/chain.ts';
import { traceResultOf } from '../screen/trace-case.ts';
import type { StoredCase } from '../store/port.ts';
import { sealBundle } from '../trace/bundle.ts';
import { labelsFromCsv } from '../trace/evidence.ts';
import type { MethodResult, ServiceResult, TheftResult, TraceResult } from '../trace/result.ts';
import { theftTime } from '../trace/theft-time.ts';
import type { HoldCase, HoldReason, NoticeSubject } from './hold-notice.ts';

/** A service that the loot of a traced case reached, as its results name it. */
export interface CaseWish {
  readonly id: string;
  /** Id of the theft. */
  readonly theft: string;
  readonly method: string;
  readonly chain: string;
  readonly address: string;
  /** CAIP-19. */
  readonly asset: string;
}

/**
 * What a case says of one service, for a notice. Throws E_NOT_FOUND where the case has no such theft or service, E_FIELD where it has no such method,
 * E_ASSET, E_ADDRESS, E_CASE.
 */
export function subjectOfCase(stored: StoredCase, wish: CaseWish): NoticeSubject {
  const result = traceResultOf(stored);
  const found = theftOf(result, wish);
  const method = methodOf(found, wish);
  const services = servicesOf(method, wish);
  const [first] = services;
  const amount = services.reduce((sum, service) => sum + BigInt(service.amount), 0n);
  const about = aboutCase(stored, found, wish, services);
  const { symbol, decimals } = result.context.assets[first.asset] ?? { symbol: null, decimals: null };
  const payments = about.payments;
  return {
    what: {
      chain: first.chain,
      asset: first.asset,
      symbol,
      decimals,
      amount: amount.toString(),
      transactions: [...new Set(payments.flatMap(({ tx }) => tx ?? []))],
    },
    concerned: [...new Set([first.address, ...payments.flatMap(({ from }) => from.split('|'))])].filter(Boolean),
    why: {
      alert: null,
      verdict: null,
      decidedAt: null,
      case: about,
      stolenAt: theftTime(found.theft),
      reasons: [reasonOf(stored, found, services, { symbol, decimals, version: method.version, about })],
    },
  };
}

function theftOf(result: TraceResult, { id, theft }: CaseWish): TheftResult {
  const thefts = [result, ...result.furtherThefts];
  const found = thefts.find((each) => each.theft.id === theft);
  if (found !== undefined) return found;
  throw new HaetaeError('E_NOT_FOUND', 'the case has no such theft', {
    context: { case: id, theft: theft.slice(0, 120) },
    remedy: `it has: ${thefts
      .slice(0, 20)
      .map((each) => each.theft.id)
      .join(', ')}`,
  });
}

function methodOf({ methods }: TheftResult, { id, method }: CaseWish): MethodResult {
  const found = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (found !== undefined) return found;
  throw new HaetaeError('E_FIELD', 'the theft was not traced by this method', {
    context: { field: 'case.method', case: id, method: method.slice(0, 40) },
    remedy: `take one of ${Object.keys(methods).join(', ')}`,
  });
}

/** One place has an entry for each way in which the trace stopped there. */
function servicesOf({ services }: MethodResult, wish: CaseWish): readonly [ServiceResult, ...ServiceResult[]] {
  const chain = requireChain(wish.chain);
  const address = requireAddress(chain, wish.address, 'case.address');
  const [first, ...others] = services.filter(
    (service) => service.chain === chain.id && service.address === address && service.asset === wish.asset,
  );
  if (first !== undefined) return [first, ...others];
  throw new HaetaeError('E_NOT_FOUND', 'the loot of the theft reached no such service by this method', {
    context: { case: wish.id, theft: wish.theft, method: wish.method, chain: chain.id, address, asset: wish.asset },
    remedy: `take one of the ${services.length} services in the results of the case, with its asset`,
  });
}

function aboutCase(
  stored: StoredCase,
  { theft }: TheftResult,
  { method }: CaseWish,
  services: readonly ServiceResult[],
): HoldCase {
  const payments = services
    .flatMap(({ transfers }) => transfers)
    .map(({ tx, time, from, amount, tainted }) => ({ tx, time, from, amount, tainted }));
  const units = services.reduce((sum, { sourceUnits }) => sum + BigInt(sourceUnits), 0n);
  return {
    id: stored.id,
    digest: sealBundle(stored.id, stored.files).digest,
    theft: theft.id,
    title: theft.title,
    method,
    simulated: stored.simulated,
    reached: services.reduce((sum, { amount }) => sum + BigInt(amount), 0n).toString(),
    share: formatShare(units, BigInt(theft.stolen)),
    firstTime: services.map(({ firstTime }) => firstTime).sort()[0]!,
    lastTime: services
      .map(({ lastTime }) => lastTime)
      .sort()
      .at(-1)!,
    payments,
  };
}

interface Shown {
  readonly symbol: string | null;
  readonly decimals: number | null;
  readonly version: number;
  readonly about: HoldCase;
}

function reasonOf(
  stored: StoredCase,
  { theft }: TheftResult,
  services: readonly [ServiceResult, ...ServiceResult[]],
  { symbol, decimals, version, about }: Shown,
): HoldReason {
  const [first] = services;
  const reached = inWords(about.reached, decimals, symbol);
  const stolen = inWords(theft.stolen, theft.decimals, theft.symbol);
  const simulated = about.simulated ? 'SIMULATED, no real theft. ' : '';
  return {
    title: 'Proceeds of a theft, traced to this address',
    text:
      `${simulated}${reached} reached this address from ${about.firstTime} to ${about.lastTime}: ${about.share} of the ${stolen} stolen, ` +
      `by the accounting method ${about.method}, version ${version}. Other methods may give other amounts.`,
    address: first.address,
    category: first.category,
    link: null,
    amount: about.reached,
    label: labelOf(stored, first),
    path: null,
  };
}

function inWords(units: string, decimals: number | null, symbol: string | null): string {
  return decimals === null ? `${units} base units` : `${formatAmount(BigInt(units), decimals)} ${symbol ?? ''}`.trim();
}

function labelOf(stored: StoredCase, { chain, address, name, labelSource }: ServiceResult): HoldReason['label'] {
  if (name === null) return null;
  const bytes = stored.files.get('labels.csv');
  const rows = bytes === undefined ? [] : labelsFromCsv(new TextDecoder().decode(bytes), `${stored.id}/labels.csv`);
  const known = rows.find((row) => row.chain === chain && row.address === address);
  const confidence = known?.confidence ?? 'unknown';
  return { label: name, source: labelSource ?? 'not stated', url: null, confidence, listed: null, programmes: [] };
}
