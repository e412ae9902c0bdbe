import { setImmediate as otherWork } from 'node:timers/promises';
import type { Progress } from '../base/progress.ts';
import type { Records } from '../store/records.ts';
import { evaluate } from './evaluate.ts';
import type { Evaluation } from './evaluation.ts';
import { evidenceOf } from './replay.ts';
import type { RuleSet } from './rule.ts';
import { DECISIONS, type Decision, type Reason, type Verdict } from './verdict.ts';

export interface BackTestOptions {
  readonly ruleSet: RuleSet;
  /** Milliseconds: verdicts given from then (in) until then (out); null: all. */
  readonly from: number | null;
  readonly until: number | null;
  /** Differences listed; all are counted. */
  readonly limit?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** What a rule set would have made of past verdicts, and what that cannot tell. */
export interface BackTest {
  readonly rules: { readonly hash: string; readonly name: string };
  readonly verdicts: number;
  readonly differing: number;
  /** Only what occurs, gravest before first. */
  readonly decisions: readonly { readonly before: Decision; readonly after: Decision; readonly verdicts: number }[];
  /** Verdicts in which a rule fired: live and in test mode apart. */
  readonly fired: readonly {
    readonly rule: string;
    readonly before: number;
    readonly after: number;
    readonly tested: number;
  }[];
  readonly differences: readonly Difference[];
  readonly unknown: {
    /** The rules ask for paths that were not sought then: what limits hops or age counts as met, and says review at most. */
    readonly withoutPaths: number;
    /** They count toward a sum of which the verdict keeps nothing earlier: it may be the first, or the rules of that time kept no such sum. */
    readonly withoutSums: number;
    /** Records that are no verdict. */
    readonly unreadable: number;
    /** Lines of batches that were a plain allow have no verdict: of them nothing was known that a rule could fire on, but by the facts of that day. */
    readonly batchLines: number;
  };
}

export interface Difference {
  readonly verdict: string;
  readonly at: string;
  readonly before: Outcome;
  readonly after: Outcome;
}

export interface Outcome {
  readonly decision: Decision;
  readonly score: number;
  readonly reasons: readonly Pick<Reason, 'rule' | 'decision' | 'address' | 'text'>[];
}

const LIMIT = 100;
/** Verdicts between which screenings that wait get their turn. */
const TURN = 50;
/** Reasons shown of one side of a difference. */
const REASONS = 20;

/** Evaluates the stored facts of past verdicts with a rule set. Reads in chunks; writes nothing. */
export async function backTest(records: Records, options: BackTestOptions): Promise<BackTest> {
  const tally = new Tally(options);
  const total = await records.count('verdict');
  let seen = 0;
  for await (const rows of records.scan('verdict')) {
    for (const [at, { value }] of rows.entries()) {
      if (at % TURN === 0) await otherWork();
      options.signal?.throwIfAborted();
      tally.add(value);
    }
    seen += rows.length;
    options.progress?.report('verdicts', seen, total);
  }
  for await (const rows of records.scan('batch')) {
    options.signal?.throwIfAborted();
    for (const { value } of rows) tally.addBatch(value);
  }
  return tally.result();
}

class Tally {
  readonly #options: BackTestOptions;
  readonly #decisions = new Map<string, number>();
  readonly #fired = new Map<string, { before: number; after: number; tested: number }>();
  readonly #differences: Difference[] = [];
  #verdicts = 0;
  #differing = 0;
  #withoutPaths = 0;
  #withoutSums = 0;
  #unreadable = 0;
  #batchLines = 0;

  constructor(options: BackTestOptions) {
    this.#options = options;
  }

  add(bytes: Uint8Array): void {
    const verdict = readLoosely(bytes);
    if (verdict === null) {
      this.#unreadable++;
      return;
    }
    if (!this.#within(verdict.at)) return;
    const after = evaluate(this.#options.ruleSet, evidenceOf(verdict));
    this.#verdicts++;
    const key = `${verdict.decision}>${after.decision}`;
    this.#decisions.set(key, (this.#decisions.get(key) ?? 0) + 1);
    this.#count(verdict.reasons, 'before');
    this.#count(after.reasons, 'after');
    this.#count(after.tested, 'tested');
    if (after.wantsPaths.length > 0) this.#withoutPaths++;
    if (lacksSums(verdict, after)) this.#withoutSums++;
    if (verdict.decision === after.decision) return;
    this.#differing++;
    if (this.#differences.length >= (this.#options.limit ?? LIMIT)) return;
    this.#differences.push({
      verdict: verdict.id,
      at: verdict.at,
      before: outcomeOf(verdict),
      after: outcomeOf(after),
    });
  }

  /** A batch keeps how many of its lines were a plain allow, and when. */
  addBatch(bytes: Uint8Array): void {
    const batch = readJson(bytes) as { at?: unknown; plain?: unknown } | null;
    if (typeof batch?.at !== 'string' || typeof batch.plain !== 'number') {
      this.#unreadable++;
      return;
    }
    if (this.#within(batch.at)) this.#batchLines += batch.plain;
  }

  #within(at: string): boolean {
    const time = Date.parse(at);
    const { from, until } = this.#options;
    return (from === null || time >= from) && (until === null || time < until);
  }

  #count(reasons: readonly Reason[], side: 'before' | 'after' | 'tested'): void {
    for (const rule of new Set(reasons.map((reason) => reason.rule))) {
      const counts = this.#fired.get(rule) ?? { before: 0, after: 0, tested: 0 };
      counts[side]++;
      this.#fired.set(rule, counts);
    }
  }

  result(): BackTest {
    const { hash, name } = this.#options.ruleSet;
    const grave = [...DECISIONS].reverse();
    return {
      rules: { hash, name },
      verdicts: this.#verdicts,
      differing: this.#differing,
      decisions: grave.flatMap((before) =>
        grave.flatMap((after) => {
          const verdicts = this.#decisions.get(`${before}>${after}`);
          return verdicts === undefined ? [] : [{ before, after, verdicts }];
        }),
      ),
      fired: [...this.#fired].sort(([a], [b]) => (a < b ? -1 : 1)).map(([rule, counts]) => ({ rule, ...counts })),
      differences: this.#differences,
      unknown: {
        withoutPaths: this.#withoutPaths,
        withoutSums: this.#withoutSums,
        unreadable: this.#unreadable,
        batchLines: this.#batchLines,
      },
    };
  }
}

function lacksSums(verdict: Verdict, { accrues }: Evaluation): boolean {
  return accrues.some(
    ({ category, link, asset }) =>
      !verdict.cumulative.some((fact) => fact.category === category && fact.link === link && fact.asset === asset),
  );
}

function outcomeOf({ decision, score, reasons }: Pick<Verdict, 'decision' | 'score' | 'reasons'>): Outcome {
  const shown = reasons.slice(0, REASONS);
  return {
    decision,
    score,
    reasons: shown.map((reason) => ({
      rule: reason.rule,
      decision: reason.decision,
      address: reason.address,
      text: reason.text,
    })),
  };
}

/** Millions are read: the form is checked by a replay, not here. */
function readLoosely(bytes: Uint8Array): Verdict | null {
  const verdict = readJson(bytes) as Partial<Verdict> | null;
  const sound =
    verdict?.format === 1 &&
    typeof verdict.at === 'string' &&
    Array.isArray(verdict.facts) &&
    Array.isArray(verdict.cumulative) &&
    Array.isArray(verdict.reasons) &&
    verdict.request !== undefined;
  return sound ? (verdict as Verdict) : null;
}

const TEXT = new TextDecoder();

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(TEXT.decode(bytes));
  } catch {
    return null;
  }
}
