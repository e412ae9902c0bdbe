import type { Asset } from '../model/asset.ts';
import type { Evidence } from './evaluation.ts';
import type { CounterpartyFacts, ExposureFact, LabelFact, PathFact, SignatureFact, TraceFact } from './facts.ts';
import { assetOfId, millionths, partDown, partUp } from './rule-amount.ts';
import { type CompiledRule, confidenceRank } from './rule-compiled.ts';

/** What one rule found of one counterparty, before its thresholds. */
export interface Match {
  readonly facts: CounterpartyFacts;
  readonly category: string | null;
  readonly link: 'direct' | 'indirect' | null;
  readonly asset: Asset | null;
  /** Base units that fall under the rule; rounded down, and up for sums. null: not known. */
  readonly amount: bigint | null;
  readonly upper: bigint | null;
  readonly parts: bigint | null;
  readonly hops: number | null;
  readonly path: PathFact | null;
  readonly label: LabelFact | null;
  readonly trace: TraceFact | null;
  readonly signature: SignatureFact | null;
  readonly exposure: ExposureFact | null;
  readonly listedAfter: boolean;
  /** A limit on hops or age could not be looked at. */
  readonly unsure: boolean;
  readonly wantsPath: boolean;
}

/** What every rule asks of the evidence, found once. */
export interface Scene {
  readonly evidence: Evidence;
  readonly transfer: boolean;
  readonly side: 'received' | 'sent' | null;
  readonly asset: Asset | null;
  /** Milliseconds: what "now" is for ages and windows. */
  readonly now: number;
}

export function sceneOf(evidence: Evidence): Scene {
  const { request } = evidence;
  const known = request.asset === null ? null : assetOfId(request.asset);
  const { direction } = request;
  return {
    evidence,
    transfer: request.kind === 'transfer',
    side: direction === null ? null : direction === 'deposit' ? 'received' : 'sent',
    asset: known === null ? null : { ...known, decimals: known.decimals ?? request.decimals },
    now: request.asOf === null ? evidence.at : Math.min(evidence.at, Date.parse(request.asOf)),
  };
}

/** Conditions on the request alone. */
export function appliesTo(
  { rule: { when }, amount, cumulative }: CompiledRule,
  { transfer, evidence: { request } }: Scene,
): boolean {
  if (cumulative !== null && amount === null && !transfer) return false;
  if (when.kind !== undefined && !when.kind.includes(request.kind)) return false;
  if (when.direction !== undefined && (request.direction === null || !when.direction.includes(request.direction)))
    return false;
  return when.segment === undefined || (request.segment !== null && when.segment.includes(request.segment));
}

/** One for each category (and asset, and side) that the rule finds; none where it does not apply. */
export function matchesOf(rule: CompiledRule, facts: CounterpartyFacts, scene: Scene): readonly Match[] {
  const { except, signature } = rule;
  if (except !== null && facts.labels.some((label) => label.status === 'current' && except.has(label.category)))
    return [];
  if (signature !== null && !rule.signatures && !facts.signatures.some(({ id }) => signature.has(id))) return [];
  const found: Match[] = [];
  if (rule.labels && facts.labels.length > 0) fromLabels(rule, facts, scene, found);
  if (rule.exposures && facts.exposures.length > 0) fromExposures(rule, facts, scene, found);
  if (rule.traces && facts.traces.length > 0) fromTraces(rule, facts, scene, found);
  if (rule.signatures && facts.signatures.length > 0) fromSignatures(rule, facts, scene, found);
  if (rule.whole && isAsset(rule, scene.asset)) found.push(matchOf(facts, scene, {}));
  return found;
}

function matchOf(facts: CounterpartyFacts, scene: Scene, said: Partial<Match>): Match {
  const amount = transferAmount(facts, scene);
  return {
    facts,
    category: null,
    link: null,
    asset: scene.asset,
    amount,
    upper: amount,
    parts: null,
    hops: null,
    path: null,
    label: null,
    trace: null,
    signature: null,
    exposure: null,
    listedAfter: false,
    unsure: false,
    wantsPath: false,
    ...said,
  };
}

function transferAmount(facts: CounterpartyFacts, { transfer, evidence: { request } }: Scene): bigint | null {
  const text = transfer ? (facts.amount ?? request.amount) : null;
  return text === null ? null : BigInt(text);
}

function isAsset({ assets }: CompiledRule, asset: Asset | null): boolean {
  if (assets === null) return true;
  return asset !== null && (assets.has(asset.id) || assets.has(asset.symbol.toUpperCase()));
}

type Age = 'within' | 'beyond' | 'unknown';

function ageOf({ ageMs }: CompiledRule, time: string | null, now: number): Age {
  if (ageMs === null) return 'within';
  if (time === null) return 'unknown';
  return now - Date.parse(time) <= ageMs ? 'within' : 'beyond';
}

function fromLabels(rule: CompiledRule, facts: CounterpartyFacts, scene: Scene, found: Match[]): void {
  if (!isAsset(rule, scene.asset)) return;
  const byCategory = new Map<string, { label: LabelFact; age: Age; listedAfter: boolean }>();
  for (const label of facts.labels) {
    const age = labelHolds(rule, label) ? ageOf(rule, label.listed, scene.now) : 'beyond';
    if (age === 'beyond') continue;
    const before = byCategory.get(label.category);
    const stronger = before === undefined || compareLabels(label, age, before.label, before.age) < 0;
    byCategory.set(label.category, {
      label: stronger ? label : before.label,
      age: stronger ? age : before.age,
      listedAfter: label.atTransfer === false && (before?.listedAfter ?? true),
    });
  }
  for (const [category, { label, age, listedAfter }] of byCategory) {
    const unsure = age === 'unknown';
    found.push(matchOf(facts, scene, { category, link: 'direct', label, listedAfter, unsure }));
  }
}

function labelHolds(
  { categories, programmes, weakest, tooSure, rule: { when } }: CompiledRule,
  label: LabelFact,
): boolean {
  if (label.status !== 'current') return false;
  if (categories !== null && !categories.has(label.category)) return false;
  if (when.bearer !== undefined && (label.via === null) !== (when.bearer === 'itself')) return false;
  if (programmes !== null && !label.programmes.some((word) => programmes.some((wanted) => isProgramme(word, wanted))))
    return false;
  const rank = confidenceRank(label.confidence);
  return rank <= weakest && rank > tooSure;
}

/** DPRK stands for DPRK2, DPRK3 and so on. */
function isProgramme(word: string, wanted: string): boolean {
  const upper = word.toUpperCase();
  return upper === wanted || (upper.startsWith(wanted) && /^\d+$/.test(upper.slice(wanted.length)));
}

/** The label that a reason shows: of known age, in force at the transfer, its own, surest, listed last; then text, so that no order matters. */
function compareLabels(a: LabelFact, ageOfA: Age, b: LabelFact, ageOfB: Age): number {
  return (
    Number(ageOfA === 'unknown') - Number(ageOfB === 'unknown') ||
    Number(a.atTransfer === false) - Number(b.atTransfer === false) ||
    Number(a.via !== null) - Number(b.via !== null) ||
    Number(a.caseLost) - Number(b.caseLost) ||
    confidenceRank(a.confidence) - confidenceRank(b.confidence) ||
    textOrder(b.lastListed ?? '', a.lastListed ?? '') ||
    b.programmes.length - a.programmes.length ||
    textOrder(JSON.stringify(a), JSON.stringify(b))
  );
}

export function textOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Of a transfer: its own asset alone, and the share of it. Of an address: every asset whose decimals are known, or that was asked for: a token that anybody
 * can make and send says nothing of who received it.
 */
function fromExposures(rule: CompiledRule, facts: CounterpartyFacts, scene: Scene, found: Match[]): void {
  const side = rule.rule.when.side ?? scene.side;
  for (const exposure of facts.exposures) {
    if (rule.categories !== null && !rule.categories.has(exposure.category)) continue;
    if (side !== null && exposure.side !== side) continue;
    if (rule.millionths > 0 && millionths(exposure.share) < rule.millionths) continue;
    const asset = exposure.asset === scene.asset?.id ? scene.asset : assetOfId(exposure.asset);
    if (asset !== scene.asset && (scene.transfer || asset.decimals === null)) continue;
    const all = BigInt(exposure.amount);
    if (all <= 0n || !isAsset(rule, asset)) continue;
    const { path, hops } = exposure;
    if (rule.hops !== null && hops !== null && hops > rule.hops) continue;
    const age = ageOf(rule, path === null ? null : lastTime(path), scene.now);
    if (age === 'beyond') continue;
    const parts = BigInt(millionths(exposure.share));
    const base = transferAmount(facts, scene);
    found.push(
      matchOf(facts, scene, {
        category: exposure.category,
        link: 'indirect',
        asset,
        amount: base === null ? all : partDown(base, parts),
        upper: base === null ? null : partUp(base, parts),
        parts,
        hops,
        path,
        exposure,
        unsure: (rule.hops !== null && hops === null) || age === 'unknown',
        wantsPath: path === null,
      }),
    );
  }
}

function lastTime({ steps }: PathFact): string | null {
  return steps.reduce<string | null>((last, { time }) => (last === null || time > last ? time : last), null);
}

/** By asset (and by whether its limits could be looked at), the trace that reached most: methods differ on the same money, so they are never added up. */
function fromTraces(rule: CompiledRule, facts: CounterpartyFacts, scene: Scene, found: Match[]): void {
  const byAsset = new Map<string, Match>();
  for (const trace of facts.traces) {
    if (rule.rule.when.role !== undefined && !rule.rule.when.role.includes(trace.role)) continue;
    if (rule.hops !== null && trace.hops !== null && trace.hops > rule.hops) continue;
    const age = ageOf(rule, trace.stolenAt, scene.now);
    const asset = trace.asset === scene.asset?.id ? scene.asset : assetOfId(trace.asset);
    if (age === 'beyond' || !isAsset(rule, scene.transfer ? scene.asset : asset)) continue;
    const match = traceMatch(rule, facts, scene, trace, asset);
    const key = `${match.unsure}|${trace.asset}`;
    const before = byAsset.get(key);
    if (before === undefined || strongerTrace(match, before)) byAsset.set(key, match);
  }
  found.push(...byAsset.values());
}

function traceMatch(rule: CompiledRule, facts: CounterpartyFacts, scene: Scene, trace: TraceFact, asset: Asset): Match {
  const tainted = BigInt(trace.amount);
  const paid = transferAmount(facts, scene);
  const same = scene.transfer && asset === scene.asset;
  const amount = !scene.transfer ? tainted : same && paid !== null && tainted < paid ? tainted : paid;
  return matchOf(facts, scene, {
    category: 'stolen',
    link: 'direct',
    trace,
    asset: scene.transfer ? scene.asset : asset,
    amount,
    upper: amount,
    hops: trace.hops,
    unsure: rule.hops !== null && trace.hops === null,
  });
}

function strongerTrace(a: Match, b: Match): boolean {
  const [more, less] = [BigInt(a.trace!.amount), BigInt(b.trace!.amount)];
  return more !== less ? more > less : textOrder(JSON.stringify(a.trace), JSON.stringify(b.trace)) < 0;
}

/** By signature, the newest finding. */
function fromSignatures(rule: CompiledRule, facts: CounterpartyFacts, scene: Scene, found: Match[]): void {
  if (!isAsset(rule, scene.asset)) return;
  const newest = new Map<string, SignatureFact>();
  for (const signature of facts.signatures) {
    if (!rule.signature!.has(signature.id) || ageOf(rule, signature.lastTime, scene.now) === 'beyond') continue;
    const before = newest.get(signature.id);
    const order = before === undefined ? -1 : textOrder(before.lastTime, signature.lastTime);
    if (order < 0 || (order === 0 && textOrder(JSON.stringify(signature), JSON.stringify(before)) < 0))
      newest.set(signature.id, signature);
  }
  for (const signature of newest.values()) found.push(matchOf(facts, scene, { signature }));
}
