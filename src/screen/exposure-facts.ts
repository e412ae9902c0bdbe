import type { CategoryExposure, Exposure, ExposureSide } from '../exposure/vector.ts';
import type { ExposureFact, PathFact } from './facts.ts';

/** A path of one category to (from) the address, with the payments between. */
export interface FoundPath {
  readonly hops: number;
  readonly path: PathFact;
}

export interface FoundPaths {
  readonly received: ReadonlyMap<string, FoundPath>;
  readonly sent: ReadonlyMap<string, FoundPath>;
}

/** What of one asset came from and went to each category: those of which nothing came are left out, and so is what came from none. */
export function exposureFacts(exposure: Exposure, paths: FoundPaths | null): ExposureFact[] {
  const facts: ExposureFact[] = [];
  putSide(facts, exposure.asset, 'received', exposure.received, paths?.received ?? null);
  putSide(facts, exposure.asset, 'sent', exposure.sent, paths?.sent ?? null);
  return facts;
}

function putSide(
  facts: ExposureFact[],
  asset: string,
  side: ExposureFact['side'],
  { categories }: ExposureSide,
  paths: ReadonlyMap<string, FoundPath> | null,
): void {
  for (const each of categories) facts.push(factOf(asset, side, each, paths?.get(each.category) ?? null));
}

function factOf(
  asset: string,
  side: ExposureFact['side'],
  { category, direct, indirect, small, amount, share }: CategoryExposure,
  found: FoundPath | null,
): ExposureFact {
  return {
    asset,
    side,
    category,
    direct: wholeUnits(direct),
    indirect: wholeUnits(indirect),
    small: wholeUnits(small),
    amount: wholeUnits(amount),
    share: Math.round(share * 1e6) / 1e6,
    hops: found?.hops ?? null,
    path: found?.path ?? null,
  };
}

/** A float of base units as a whole number in digits. */
export function wholeUnits(units: number): string {
  const whole = Math.round(units);
  return Number.isSafeInteger(whole) ? String(whole) : BigInt(whole).toString();
}
