import type { z } from 'zod';
import type { overviewSchema } from '../../../src/api/routes/overview.ts';

/** As the server tells it: amounts are base units of the stolen asset as decimal text. */
export type TheftMoney = z.output<typeof overviewSchema>['money'][number];

export const MONEY_STATES = ['held', 'services', 'mixed', 'bridged', 'other'] as const;
export type MoneyState = (typeof MONEY_STATES)[number];

/** The thefts of one case, in the order they came. */
export interface CaseMoney {
  readonly case: string;
  readonly title: string;
  readonly simulated: boolean;
  readonly thefts: readonly TheftMoney[];
  /** Of several thefts of one asset; null where they cannot be added. */
  readonly sum: CaseSum | null;
}

export interface CaseSum extends Readonly<Record<MoneyState | 'stolen', string>> {
  readonly asset: string;
  readonly symbol: string;
  readonly decimals: number | null;
}

export function moneyByCase(money: readonly TheftMoney[]): readonly CaseMoney[] {
  const cases = new Map<string, TheftMoney[]>();
  for (const theft of money) cases.set(theft.case, [...(cases.get(theft.case) ?? []), theft]);
  return [...cases].map(([id, thefts]) => {
    const { caseTitle: title, simulated } = thefts[0]!;
    return { case: id, title, simulated, thefts, sum: sumOf(thefts) };
  });
}

/** Only of one asset, counted by one method. */
function sumOf(thefts: readonly TheftMoney[]): CaseSum | null {
  const [first] = thefts;
  if (first === undefined || thefts.length < 2) return null;
  if (thefts.some(({ asset, method }) => asset !== first.asset || method !== first.method)) return null;
  const total = (name: MoneyState | 'stolen'): string =>
    thefts.reduce((sum, theft) => sum + BigInt(theft[name]), 0n).toString();
  const { asset, symbol, decimals } = first;
  return {
    asset,
    symbol,
    decimals,
    stolen: total('stolen'),
    held: total('held'),
    services: total('services'),
    mixed: total('mixed'),
    bridged: total('bridged'),
    other: total('other'),
  };
}
