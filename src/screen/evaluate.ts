import { appliesTo, type Match, matchesOf, type Scene, sceneOf, textOrder } from './evaluate-match.ts';
import { sentence } from './evaluate-text.ts';
import type { Accrual, Evaluate, Evaluation, Evidence } from './evaluation.ts';
import type { RuleSet } from './rule.ts';
import { baseUnits, type Limits, limitFor } from './rule-amount.ts';
import { type CompiledRule, candidates, compileRules } from './rule-compiled.ts';
import { DECISIONS, type Decision, type Reason } from './verdict.ts';

const NOTHING: Evaluation = {
  decision: 'allow',
  score: 0,
  reasons: [],
  tested: [],
  wantsPaths: [],
  accrues: [],
};

/**
 * What the rules make of the evidence. The gravest decision of the live rules that fired stands, with the highest score of those that say it. What a rule
 * limits and nobody knows (hops, age, amount) counts as met, and then the rule says `review` at most.
 */
export const evaluate: Evaluate = (rules: RuleSet, evidence: Evidence): Evaluation => {
  const compiled = compileRules(rules);
  if (!compiled.whole && evidence.facts.every(isSilent)) return NOTHING;
  const asked = candidates(compiled, evidence.facts);
  if (asked.length === 0) return NOTHING;
  const scene = sceneOf(evidence);
  const reasons: Reason[] = [];
  const tested: Reason[] = [];
  const wants = new Set<string>();
  const accrued = new Accrued(scene);
  for (const place of asked) {
    const rule = compiled.rules[place]!;
    const fired = firedBy(rule, scene, accrued);
    for (const { match, reason } of fired) {
      (rule.live ? reasons : tested).push(reason);
      if (rule.live && rule.rule.decision !== 'allow' && match.wantsPath) wants.add(match.facts.address);
    }
  }
  reasons.sort(compareReasons);
  tested.sort(compareReasons);
  const decision = reasons[0]?.decision ?? 'allow';
  return {
    decision,
    score: reasons.reduce((most, reason) => (reason.decision === decision ? Math.max(most, reason.score) : most), 0),
    reasons,
    tested,
    wantsPaths: [...wants].sort(),
    accrues: accrued.all(),
  };
};

function isSilent(facts: Evidence['facts'][number]): boolean {
  return (
    facts.labels.length === 0 &&
    facts.exposures.length === 0 &&
    facts.traces.length === 0 &&
    facts.signatures.length === 0
  );
}

interface Fired {
  readonly match: Match;
  readonly reason: Reason;
}

function firedBy(rule: CompiledRule, scene: Scene, accrued: Accrued): readonly Fired[] {
  if (!appliesTo(rule, scene)) return [];
  const matches = scene.evidence.facts.flatMap((facts) => matchesOf(rule, facts, scene));
  if (matches.length === 0) return [];
  const sums = rule.cumulative === null ? null : sumsOf(rule, rule.cumulative.windowMs, matches, scene);
  if (sums !== null) for (const match of matches) accrued.add(rule, match);
  return matches.flatMap((match) => {
    const single = thresholds(rule, match, scene);
    if (single !== 'no') return [{ match, reason: reasonOf(rule, match, scene, single === 'unknown', null) }];
    const cumulative = sums === null ? null : reached(rule, match, sums);
    return cumulative === null ? [] : [{ match, reason: reasonOf(rule, match, scene, false, cumulative) }];
  });
}

type Holds = 'yes' | 'no' | 'unknown';

/** The limit on one transfer. A rule that has a cumulative limit alone never fires by it. */
function thresholds(rule: CompiledRule, match: Match, scene: Scene): Holds {
  if (rule.amount !== null) return atLeast(rule.amount, match, rule.whole && !scene.transfer);
  return rule.cumulative === null ? 'yes' : 'no';
}

function atLeast(limits: Limits, { amount, asset }: Match, noTransfer: boolean): Holds {
  if (noTransfer) return 'no';
  if (asset === null) return 'unknown';
  const text = limitFor(limits, asset);
  if (text === null) return 'no';
  if (amount === null) return 'unknown';
  if (asset.decimals === null) return /[1-9]/.test(text) ? 'unknown' : 'yes';
  return amount >= baseUnits(text, asset.decimals) ? 'yes' : 'no';
}

interface Sum {
  total: bigint;
  transfers: number;
}

/** Of this request and the window before it, by category, link and asset. */
function sumsOf(
  rule: CompiledRule,
  windowMs: number,
  matches: readonly Match[],
  scene: Scene,
): ReadonlyMap<string, Sum> {
  const sums = new Map<string, Sum>();
  const most = new Map<string, bigint>();
  for (const match of matches) {
    const key = sumKey(rule, match);
    if (key === null || !scene.transfer || match.upper === null) continue;
    // What one counterparty pays counts once, however many findings speak of it.
    const whose = `${key}|${match.facts.address}`;
    const before = most.get(whose) ?? 0n;
    if (match.upper > before) most.set(whose, match.upper);
    const more = match.upper > before ? match.upper - before : 0n;
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { total: more, transfers: 1 });
    else sum.total += more;
  }
  if (sums.size === 0) return sums;
  for (const fact of scene.evidence.cumulative) {
    const sum = sums.get(keyOf(fact.category, fact.link, fact.asset));
    if (sum === undefined) continue;
    for (const { at, amount } of fact.earlier) {
      const time = Date.parse(at);
      if (time > scene.now || time <= scene.now - windowMs) continue;
      sum.total += BigInt(amount);
      sum.transfers++;
    }
  }
  return sums;
}

function reached(rule: CompiledRule, match: Match, sums: ReadonlyMap<string, Sum>): Reason['cumulative'] {
  const key = sumKey(rule, match);
  const sum = key === null ? undefined : sums.get(key);
  if (sum === undefined || match.asset === null || match.asset.decimals === null) return null;
  const text = limitFor(rule.cumulative!.limits, match.asset);
  if (text === null) return null;
  const limit = baseUnits(text, match.asset.decimals);
  if (sum.total < limit) return null;
  return { days: rule.cumulative!.days, amount: `${sum.total}`, limit: `${limit}`, transfers: sum.transfers };
}

function sumKey(rule: CompiledRule, match: Match): string | null {
  return match.asset === null ? null : keyOf(sumCategory(rule, match), match.link ?? 'direct', match.asset.id);
}

/** What is of no category counts under `any`; what rules in test mode count, apart from all that decides. */
function sumCategory({ live }: CompiledRule, { category }: Match): string {
  return live ? (category ?? 'any') : `test:${category ?? 'any'}`;
}

function keyOf(category: string, link: string, asset: string): string {
  return `${category}|${link}|${asset}`;
}

/** What counts toward later sums: of each counterparty the most that any rule counted, so that two rules never count it twice. */
class Accrued {
  readonly #scene: Scene;
  readonly #byKey = new Map<string, { readonly accrual: Accrual; amount: bigint }>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  add(rule: CompiledRule, match: Match): void {
    const { request } = this.#scene.evidence;
    const { asset, upper, facts } = match;
    if (!this.#scene.transfer || request.asOf !== null || asset === null || upper === null || upper === 0n) return;
    const category = sumCategory(rule, match);
    const link = match.link ?? 'direct';
    const key = `${keyOf(category, link, asset.id)}|${facts.address}`;
    const before = this.#byKey.get(key);
    if (before === undefined) {
      const accrual = { of: request.customer ?? facts.address, category, link, asset: asset.id, amount: '' };
      this.#byKey.set(key, { accrual, amount: upper });
    } else if (upper > before.amount) before.amount = upper;
  }

  all(): Evaluation['accrues'] {
    if (this.#byKey.size === 0) return NOTHING.accrues;
    const sums = new Map<string, { readonly accrual: Accrual; amount: bigint }>();
    for (const { accrual, amount } of this.#byKey.values()) {
      const key = JSON.stringify([accrual.category, accrual.link, accrual.asset, accrual.of]);
      const before = sums.get(key);
      if (before === undefined) sums.set(key, { accrual, amount });
      else before.amount += amount;
    }
    return [...sums]
      .sort(([a], [b]) => textOrder(a, b))
      .map(([, { accrual, amount }]) => ({ ...accrual, amount: `${amount}` }));
  }
}

function reasonOf(
  { rule }: CompiledRule,
  match: Match,
  scene: Scene,
  amountUnknown: boolean,
  cumulative: Reason['cumulative'],
): Reason {
  const said = amountUnknown && !match.unsure ? { ...match, unsure: true } : match;
  return {
    rule: rule.id,
    ruleVersion: rule.version,
    title: rule.title,
    decision: said.unsure && rule.decision === 'block' ? 'review' : rule.decision,
    score: rule.score,
    address: match.facts.address,
    category: match.category,
    entity: entityOf(match),
    link: match.link,
    asset: match.asset?.id ?? null,
    amount: match.amount === null ? null : `${match.amount}`,
    share: match.exposure?.share ?? null,
    hops: match.hops,
    path: match.path,
    label: match.label,
    method: match.trace?.method ?? (match.exposure === null ? null : 'haircut'),
    listedAfterTransfer: match.listedAfter,
    cumulative,
    text: sentence(said, scene, cumulative),
  };
}

/** Who is behind it: of a label its actor, of exposure the name at the far end of the path; else the counterparty's own entity. */
function entityOf({ label, path, exposure, facts }: Match): string | null {
  return exposure === null ? (label?.actor ?? facts.entity?.id ?? null) : (path?.label ?? null);
}

const RANK = new Map<Decision, number>(DECISIONS.map((decision, rank) => [decision, rank]));

/** Gravest first, then by rule and address; the rest only so that the order of facts never shows. */
function compareReasons(a: Reason, b: Reason): number {
  return (
    RANK.get(b.decision)! - RANK.get(a.decision)! ||
    textOrder(a.rule, b.rule) ||
    textOrder(a.address, b.address) ||
    textOrder(a.category ?? '', b.category ?? '') ||
    textOrder(a.link ?? '', b.link ?? '') ||
    textOrder(a.asset ?? '', b.asset ?? '') ||
    textOrder(a.text, b.text) ||
    textOrder(JSON.stringify(a), JSON.stringify(b))
  );
}
