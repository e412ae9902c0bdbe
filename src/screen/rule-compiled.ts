import { CONFIDENCES } from '../model/label.ts';
import { DAY_MS } from './cumulative-book.ts';
import type { CounterpartyFacts } from './facts.ts';
import type { Conditions, Rule, RuleSet } from './rule.ts';
import { type Limits, limitsOf, millionths } from './rule-amount.ts';

/** A rule set made ready for evaluation. */
export interface CompiledSet {
  readonly rules: readonly CompiledRule[];
  /** Some rule fires on the transfer alone, whatever is known of the counterparty. */
  readonly whole: boolean;
  /** By what a counterparty has, the rules that could find something in it. */
  readonly byLabel: RuleIndex;
  readonly byExposure: RuleIndex;
  readonly byTrace: readonly number[];
  readonly bySignature: readonly number[];
  readonly always: readonly number[];
}

/** Places of rules: those that name a category, and those that take any. */
export interface RuleIndex {
  readonly of: ReadonlyMap<string, readonly number[]>;
  readonly any: readonly number[];
}

export interface CompiledRule {
  readonly rule: Rule;
  readonly live: boolean;
  /** What it looks at. */
  readonly labels: boolean;
  readonly exposures: boolean;
  readonly traces: boolean;
  readonly signatures: boolean;
  /** None of these: the transfer itself. */
  readonly whole: boolean;
  readonly categories: ReadonlySet<string> | null;
  readonly except: ReadonlySet<string> | null;
  readonly signature: ReadonlySet<string> | null;
  readonly programmes: readonly string[] | null;
  /** Confidence words with an index above count no more; unknown words are the weakest. */
  readonly weakest: number;
  /** And with this index and below neither. */
  readonly tooSure: number;
  readonly assets: ReadonlySet<string> | null;
  readonly amount: Limits | null;
  /** Least share; 0: any. */
  readonly millionths: number;
  readonly hops: number | null;
  readonly ageMs: number | null;
  readonly cumulative: { readonly days: number; readonly windowMs: number; readonly limits: Limits } | null;
}

const compiled = new WeakMap<RuleSet, CompiledSet>();

export function compileRules(set: RuleSet): CompiledSet {
  const known = compiled.get(set);
  if (known !== undefined) return known;
  const rules = set.rules.map(compile);
  const places = (which: (rule: CompiledRule) => boolean): readonly number[] =>
    rules.flatMap((rule, place) => (which(rule) ? [place] : []));
  const made: CompiledSet = {
    rules,
    whole: rules.some(({ whole }) => whole),
    byLabel: indexOf(rules, ({ labels }) => labels),
    byExposure: indexOf(rules, ({ exposures }) => exposures),
    byTrace: places(({ traces }) => traces),
    bySignature: places(({ signatures }) => signatures),
    always: places(({ whole }) => whole),
  };
  compiled.set(set, made);
  return made;
}

function indexOf(rules: readonly CompiledRule[], which: (rule: CompiledRule) => boolean): RuleIndex {
  const of = new Map<string, number[]>();
  const any: number[] = [];
  rules.forEach((rule, place) => {
    if (!which(rule)) return;
    if (rule.categories === null) any.push(place);
    for (const category of rule.categories ?? []) {
      const known = of.get(category);
      if (known === undefined) of.set(category, [place]);
      else known.push(place);
    }
  });
  return { of, any };
}

/** Places, in order, of the rules that could find something in these facts: all others find nothing. */
export function candidates(set: CompiledSet, facts: readonly CounterpartyFacts[]): readonly number[] {
  const found = new Set<number>(set.always);
  for (const { labels, exposures, traces, signatures } of facts) {
    if (labels.length > 0) mark(set.byLabel, labels, found);
    if (exposures.length > 0) mark(set.byExposure, exposures, found);
    if (traces.length > 0) for (const place of set.byTrace) found.add(place);
    if (signatures.length > 0) for (const place of set.bySignature) found.add(place);
  }
  return found.size < 2 ? [...found] : [...found].sort((a, b) => a - b);
}

function mark({ of, any }: RuleIndex, said: readonly { readonly category: string }[], found: Set<number>): void {
  for (const place of any) found.add(place);
  for (const { category } of said) {
    const places = of.get(category);
    if (places !== undefined) for (const place of places) found.add(place);
  }
}

function compile(rule: Rule): CompiledRule {
  const { when } = rule;
  return {
    rule,
    live: rule.mode === 'live',
    ...sourcesOf(when),
    categories: setOf(when.category),
    except: setOf(when.except),
    signature: setOf(when.signature),
    programmes: when.programme?.map((word) => word.toUpperCase()) ?? null,
    weakest: when.confidence === undefined ? CONFIDENCES.length : confidenceRank(when.confidence),
    tooSure: when.weakerThan === undefined ? -1 : confidenceRank(when.weakerThan),
    assets:
      when.asset === undefined
        ? null
        : new Set(when.asset.map((name) => (name.includes('/') ? name : name.toUpperCase()))),
    amount: when.amount === undefined ? null : limitsOf(when.amount),
    millionths: millionths(when.share ?? 0),
    hops: when.hops ?? null,
    ageMs: when.ageDays === undefined ? null : when.ageDays * DAY_MS,
    cumulative:
      when.cumulative === undefined
        ? null
        : {
            days: when.cumulative.days,
            windowMs: when.cumulative.days * DAY_MS,
            limits: limitsOf(when.cumulative.amount),
          },
  };
}

type Sources = Pick<CompiledRule, 'labels' | 'exposures' | 'traces' | 'signatures' | 'whole'>;

function sourcesOf(when: Conditions): Sources {
  const none: Sources = { labels: false, exposures: false, traces: false, signatures: false, whole: false };
  if (when.traced === true) return { ...none, traces: true };
  const ofLabels = when.programme ?? when.confidence ?? when.weakerThan ?? when.bearer;
  const ofExposure = when.share ?? when.hops ?? when.side;
  if (when.category !== undefined || when.link !== undefined || ofLabels !== undefined || ofExposure !== undefined) {
    return {
      ...none,
      labels: when.link !== 'indirect' && ofExposure === undefined,
      exposures: when.link !== 'direct' && ofLabels === undefined,
    };
  }
  return when.signature === undefined ? { ...none, whole: true } : { ...none, signatures: true };
}

function setOf(words: readonly string[] | undefined): ReadonlySet<string> | null {
  return words === undefined ? null : new Set(words);
}

export function confidenceRank(word: string): number {
  const rank = (CONFIDENCES as readonly string[]).indexOf(word);
  return rank < 0 ? CONFIDENCES.length : rank;
}
