import { DEFAULT_GROUPS } from '../exposure/categories.ts';
import { requireAsset } from '../model/asset.ts';
import { CHAINS } from '../model/chain.ts';
import { CATEGORIES } from '../model/label.ts';
import { isAtMost } from './rule-amount.ts';
import { nearest } from './rule-near.ts';
import type { RuleText } from './rule-schema.ts';

export interface RuleFault {
  /** Inside the rule. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly remedy: string;
}

type Check = (rule: RuleText, categories: readonly string[]) => readonly RuleFault[];

/** What the form alone does not show: words that are not known, conditions that no evidence can meet, limits that could be passed under. */
export function faultsOfRule(rule: RuleText, categories: readonly string[]): readonly RuleFault[] {
  return CHECKS.flatMap((check) => check(rule, categories));
}

const CHECKS: readonly Check[] = [words, assets, never, thresholds, sums];

function words({ when }: RuleText, categories: readonly string[]): RuleFault[] {
  const exposure = [...DEFAULT_GROUPS.map(([name]) => name), ...categories];
  return [
    ...unknownWords(when.category, 'category', [...new Set([...CATEGORIES, ...exposure])]),
    ...unknownWords(when.except, 'except', CATEGORIES),
    ...(when.link === 'indirect' ? unknownWords(when.category, 'category', exposure) : []),
  ];
}

function unknownWords(given: readonly string[] | undefined, field: string, known: readonly string[]): RuleFault[] {
  return (given ?? []).flatMap((word, at) => {
    if (known.includes(word)) return [];
    const near = nearest(word, known);
    const message = (CATEGORIES as readonly string[]).includes(word)
      ? `${word} is a category of labels that exposure does not keep apart`
      : `${word} is no category`;
    return [
      {
        path: ['when', field, at],
        message,
        remedy: near === null ? `one of ${known.join(', ')}` : `did you mean ${near}?`,
      },
    ];
  });
}

function assets({ when }: RuleText): RuleFault[] {
  const named = [
    ...(when.asset ?? []).map((name, at) => ({ name, path: ['when', 'asset', at], other: false })),
    ...Object.keys(when.amount ?? {}).map((name) => ({ name, path: ['when', 'amount', name], other: true })),
    ...Object.keys(when.cumulative?.amount ?? {}).map((name) => ({
      name,
      path: ['when', 'cumulative', 'amount', name],
      other: true,
    })),
  ];
  return named.flatMap(({ name, path, other }) => {
    if (isAsset(name) || (other && name === 'other')) return [];
    const near = nearest(name, [...SYMBOLS, ...(other ? ['other'] : [])]);
    const remedy =
      near === null ? 'write a symbol such as ETH or USDT, a CAIP-19 id, or other' : `did you mean ${near}?`;
    return [{ path, message: `${name} is no asset that is known`, remedy }];
  });
}

const SYMBOLS: readonly string[] = [
  ...new Set([...CHAINS.map(({ native }) => native.symbol), 'USDC', 'USDT', 'DAI', 'WETH', 'WBTC', 'STETH']),
];

function isAsset(name: string): boolean {
  const [chain] = name.split('/');
  const chains = name.includes('/') ? [chain ?? ''] : CHAINS.map(({ id }) => id);
  if (name === 'native') return false;
  return chains.some((id) => {
    try {
      requireAsset(name, id);
      return true;
    } catch {
      return false;
    }
  });
}

/** Conditions that nothing can meet together. */
function never({ when }: RuleText): RuleFault[] {
  const faults: RuleFault[] = [];
  const clash = (field: keyof RuleText['when'], message: string, remedy: string): void => {
    if (when[field] !== undefined) faults.push({ path: ['when', field], message, remedy });
  };
  if (Object.keys(when).length === 0) {
    faults.push({
      path: ['when'],
      message: 'the rule has no condition: it would fire on everything',
      remedy: 'say when',
    });
  }
  if (when.link === 'direct') {
    for (const field of ['share', 'hops', 'side'] as const)
      clash(field, `${field} says something of indirect exposure only`, 'leave it out, or set link: indirect');
  }
  if (when.link === 'indirect' || when.share !== undefined || when.hops !== undefined || when.side !== undefined) {
    for (const field of ['programme', 'confidence', 'weakerThan', 'bearer', 'traced', 'role'] as const)
      clash(field, `${field} says something of direct links only`, 'leave it out, or set link: direct');
  }
  if (when.traced === true) {
    for (const field of ['programme', 'confidence', 'weakerThan', 'bearer'] as const)
      clash(field, `${field} says something of labels, not of a traced theft`, 'make it a rule of its own');
    if (when.category?.some((word) => word !== 'stolen'))
      clash('category', 'what a trace reaches is of category stolen', 'leave category out');
  } else clash('role', 'role says something of traced thefts only', 'set traced: true');
  if (when.direction !== undefined && when.kind !== undefined && !when.kind.includes('transfer'))
    clash('direction', 'an address has no direction', 'leave kind out');
  return faults;
}

/** An indirect rule without a threshold is one that anybody can make fire with a small payment. */
function thresholds({ when, decision }: RuleText): RuleFault[] {
  const indirect = when.link === 'indirect' || when.hops !== undefined || when.side !== undefined;
  const open = when.category !== undefined && when.link === undefined && when.traced !== true && !isLabelRule(when);
  if (decision === 'allow' || !(indirect || open)) return [];
  if (when.amount !== undefined || when.share !== undefined || when.cumulative !== undefined) return [];
  return [
    {
      path: ['when'],
      message: 'a rule on indirect exposure needs amount, share or cumulative: else a small payment trips it',
      remedy: open ? 'say link: direct, or give a threshold' : 'give a threshold',
    },
  ];
}

function isLabelRule(when: RuleText['when']): boolean {
  return (when.programme ?? when.confidence ?? when.weakerThan ?? when.bearer) !== undefined;
}

function sums({ when }: RuleText): RuleFault[] {
  if (when.cumulative === undefined) return [];
  const path = ['when', 'cumulative', 'amount'];
  const limits = when.cumulative.amount;
  const faults: RuleFault[] = [];
  if (when.kind !== undefined && !when.kind.includes('transfer'))
    faults.push({ path: ['when', 'cumulative'], message: 'only transfers add up', remedy: 'set kind: transfer' });
  for (const [asset, single] of Object.entries(when.amount ?? {})) {
    const limit = limits[asset] ?? limits.other;
    if (limit === undefined) {
      const message = `no limit for ${asset}: a transfer in pieces would pass under`;
      faults.push({ path, message, remedy: `name ${asset} or other` });
    } else if (!isAtMost(limit, single)) {
      const message = `${limit} is more than the ${single} of a single transfer: one in pieces would pass under`;
      faults.push({ path: [...path, asset], message, remedy: `at most ${single}` });
    }
  }
  for (const [asset, limit] of Object.entries(limits)) {
    const single = when.amount?.[asset] ?? when.amount?.other;
    if (when.amount?.[asset] === undefined && single !== undefined && !isAtMost(limit, single)) {
      const message = `${limit} is more than the ${single} of a single transfer: one in pieces would pass under`;
      faults.push({ path: [...path, asset], message, remedy: `at most ${single}` });
    }
  }
  return faults;
}
