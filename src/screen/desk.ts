import { createHash } from 'node:crypto';
import type { AuditDraft, AuditedWriter } from '../access/audited.ts';
import { type Principal, SYSTEM } from '../access/principal.ts';
import type { Pseudonyms } from '../access/pseudonyms.ts';
import { formatTime, type UnixSeconds } from '../base/time.ts';
import type { ChainId } from '../model/chain.ts';
import type { Store } from '../store/port.ts';
import type { RecordChange } from '../store/records.ts';
import { type Announce, alertOf } from './alert.ts';
import type { AlertBook } from './alert-book.ts';
import { Turns } from './alert-turns.ts';
import { type Counterparty, counterpartiesOf } from './counterparties.ts';
import type { CumulativeBook } from './cumulative-book.ts';
import { evaluate } from './evaluate.ts';
import type { Evaluation } from './evaluation.ts';
import type { CounterpartyFacts, CumulativeFact } from './facts.ts';
import type { AskedAt, Knowledge } from './knowledge.ts';
import {
  type AddressQuestion,
  type ReadQuestion,
  readAddressQuestion,
  readTransferQuestion,
  type TransferQuestion,
} from './request.ts';
import type { RuleBook } from './rule-book.ts';
import { type SubjectBook, subjectChange, subjectRowOf } from './subject-book.ts';
import type { Basis, Decision, Verdict, VerdictRequest } from './verdict.ts';
import { plainRequest, type VerdictBook } from './verdict-book.ts';
import { writeVerdict } from './write-verdict.ts';

export interface DeskParts {
  readonly store: Pick<Store, 'transfersOfTx' | 'utxoTransactionsById'>;
  readonly audited: AuditedWriter;
  readonly knowledge: Knowledge;
  readonly rules: RuleBook;
  readonly cumulative: CumulativeBook;
  readonly pseudonyms: Pseudonyms;
  readonly alerts: AlertBook;
  readonly subjects: SubjectBook;
  readonly verdicts: VerdictBook;
  readonly announce: Announce;
}

/** Changes to go into the verdict's commit, once its record is known. */
export type KeepWith = (record: { readonly table: 'verdict'; readonly key: string }) => readonly RecordChange[];

export interface ScreenOptions {
  /** Looks up and answers; keeps nothing. */
  readonly dry: boolean;
  readonly atMs: number;
  readonly keep: KeepWith;
}

export interface Screened {
  /** null where nothing was kept. */
  readonly id: string | null;
  readonly decision: Decision;
  readonly bytes: Uint8Array;
}

/** A request with all that decides it, before it is decided. */
export interface Asked extends AskedAt {
  readonly request: VerdictRequest;
  readonly counterparties: readonly Counterparty[];
  readonly missing: readonly string[];
}

/** Set by a re-screening: the verdict before. Its sums stand; it counts toward no new ones. */
interface Again {
  readonly verdict: Verdict;
  readonly cause: string;
}

export interface Decided {
  readonly asked: Asked;
  readonly facts: readonly CounterpartyFacts[];
  readonly cumulative: readonly CumulativeFact[];
  readonly evaluation: Evaluation;
  readonly basis: Basis;
  /** Of the knowledge it was decided by. */
  readonly version: number;
}

/** What a look-up without a record is called. */
export const DRY_ID = 'dry';
/** Knowledge that changes faster than paths are found is not waited for. */
const MOST_TRIES = 3;
const NO_CHANGES: readonly RecordChange[] = [];

/** A deposit, a withdrawal or an address becomes a verdict: kept, with its alert and its entry in the audit log, in one write before it is answered. */
export class Desk {
  readonly #parts: DeskParts;
  readonly #turns = new Turns();

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** At once where nothing is kept and no path is sought. Throws E_ASSET, E_ADDRESS, E_TIME, E_STORE_WRITE, E_CLOCK. */
  screenAddress(question: AddressQuestion, by: Principal, options: ScreenOptions): Promise<Screened> | Screened {
    const read = readAddressQuestion(question, Math.floor(options.atMs / 1000));
    const asked: Asked = {
      request: read.request,
      counterparties: [{ address: read.request.address!, amount: null }],
      transferAt: null,
      asOf: read.asOf,
      missing: [],
    };
    if (read.reference !== null) return this.#withCustomer(read, asked, by, options);
    return this.#screen(asked, by, options, NO_CHANGES);
  }

  /** Throws E_NOT_FOUND, E_FIELD, E_AMOUNT too. */
  async screenTransfer(question: TransferQuestion, by: Principal, options: ScreenOptions): Promise<Screened> {
    const now = Math.floor(options.atMs / 1000);
    const read = readTransferQuestion(question, now);
    const told = await counterpartiesOf(this.#parts.store, read, now);
    return this.#withCustomer(read, { ...told, asOf: read.asOf }, by, options);
  }

  /**
   * A past request by what is known now. Kept, with an alert, only where the decision, the score or the rules that fired are others. Throws E_VERDICT where the past
   * verdict cannot be read.
   */
  async screenAgain(verdict: Verdict, cause: string, atMs: number): Promise<'same' | 'changed'> {
    const { request } = verdict;
    if (request.asOf !== null) return 'same';
    const asked: Asked = {
      request,
      counterparties: verdict.facts.map(({ address, amount }) => ({
        address,
        amount: amount === null ? null : BigInt(amount),
      })),
      transferAt: request.transferAt === null ? null : Math.floor(Date.parse(request.transferAt) / 1000),
      asOf: null,
      missing: [],
    };
    const decided = await this.decide(asked, atMs, verdict.cumulative);
    if (outcome(decided.evaluation) === outcome(verdict)) return 'same';
    await this.#keep(decided, SYSTEM, { dry: false, atMs, keep: () => NO_CHANGES }, NO_CHANGES, { verdict, cause });
    return 'changed';
  }

  /** What the rules that are active make of it; for lines of a batch, which keep together. */
  decide(asked: Asked, atMs: number, sums = this.#sums(asked, atMs)): Promise<Decided> | Decided {
    const decided = this.#decide(asked, atMs, sums);
    return decided.evaluation.wantsPaths.length === 0 ? decided : this.#withPaths(decided, atMs);
  }

  /** A verdict with its record, alert and entries, to be committed by the caller. */
  prepare(decided: Decided, by: Principal, atMs: number, again: Again | null = null): Prepared {
    const parts = this.#parts;
    const { id, key } = parts.verdicts.nextId('v');
    const verdict = verdictOf(id, atMs, decided, again);
    const bytes = writeVerdict(verdict);
    const row = subjectRowOf(verdict);
    const accruals =
      again === null && verdict.request.asOf === null
        ? parts.cumulative.changesFor({ accrues: decided.evaluation.accrues, verdict: id, replaces: null, at: atMs })
        : null;
    const alert = needsAlert(verdict, again)
      ? parts.alerts.raise(alertOf(verdict, again?.verdict.decision ?? null))
      : null;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const entry: AuditDraft = {
      actor: by.id,
      action: 'verdict.decide',
      subject: id,
      detail: { sha256, decision: verdict.decision, score: verdict.score, previous: verdict.previous },
    };
    const changes = [
      { table: 'verdict', key, value: bytes } as const,
      subjectChange(row),
      ...(accruals?.changes ?? NO_CHANGES),
      ...(alert?.changes ?? NO_CHANGES),
      ...parts.announce({
        type: 'verdict.decided',
        at: verdict.at,
        data: { id, decision: verdict.decision, score: verdict.score },
      }),
    ];
    return {
      id,
      key,
      bytes,
      decision: verdict.decision,
      entries: alert === null ? [entry] : [entry, ...alert.entries],
      changes,
      settle: () => {
        parts.subjects.add(row);
        accruals?.settle();
        alert?.settle();
      },
    };
  }

  async #withCustomer(read: ReadQuestion, asked: Asked, by: Principal, options: ScreenOptions): Promise<Screened> {
    if (read.reference === null) return this.#screen(asked, by, options, NO_CHANGES);
    const { pseudonyms } = this.#parts;
    if (options.dry) {
      const customer = await pseudonyms.pseudonymOf(read.reference);
      return this.#screen({ ...asked, request: { ...asked.request, customer } }, by, options, NO_CHANGES);
    }
    const { pseudonym, changes, settle } = await pseudonyms.pseudonymFor(read.reference);
    const request = { ...asked.request, customer: pseudonym };
    const screened = await this.#screen({ ...asked, request }, by, options, changes);
    settle();
    return screened;
  }

  #screen(
    asked: Asked,
    by: Principal,
    options: ScreenOptions,
    also: readonly RecordChange[],
  ): Promise<Screened> | Screened {
    // Sums of one customer must see each other's transfers: those go one after the other.
    if (asked.request.kind === 'transfer' && !options.dry) {
      const whose = sumsGoBy(asked);
      return this.#inTurnOf([...new Set(whose)].sort(), async () => {
        // One that came later may have had its turn before: from here on it lies before this one.
        const atMs = Math.max(options.atMs, this.#parts.cumulative.newestOf(whose));
        return this.#screenNow(asked, by, { ...options, atMs }, also);
      });
    }
    return this.#screenNow(asked, by, options, also);
  }

  /** Taken in one order by all, so that none waits for another that waits for it. */
  #inTurnOf([first, ...rest]: readonly string[], work: () => Promise<Screened>): Promise<Screened> {
    if (first === undefined) return work();
    return this.#turns.run(first, () => this.#inTurnOf(rest, work));
  }

  #screenNow(
    asked: Asked,
    by: Principal,
    options: ScreenOptions,
    also: readonly RecordChange[],
  ): Promise<Screened> | Screened {
    const decided = this.decide(asked, options.atMs);
    if (decided instanceof Promise) return this.#answerLater(decided, by, options, also);
    return this.#answer(decided, by, options, also);
  }

  /** What was learned while paths were sought counts: who screens past verdicts again does not see one that is not yet kept. */
  async #answerLater(
    first: Promise<Decided>,
    by: Principal,
    options: ScreenOptions,
    also: readonly RecordChange[],
  ): Promise<Screened> {
    let decided = await first;
    for (let tries = 0; tries < MOST_TRIES && this.#isOvertaken(decided); tries += 1)
      decided = await this.decide(decided.asked, options.atMs);
    return this.#answer(decided, by, options, also);
  }

  #isOvertaken({ version, basis }: Decided): boolean {
    const { knowledge, rules } = this.#parts;
    return version !== knowledge.version || rules.active.hash !== basis.rules.hash;
  }

  #answer(
    decided: Decided,
    by: Principal,
    options: ScreenOptions,
    also: readonly RecordChange[],
  ): Promise<Screened> | Screened {
    if (!options.dry) return this.#keep(decided, by, options, also, null);
    const verdict = verdictOf(DRY_ID, options.atMs, decided, null);
    return { id: null, decision: verdict.decision, bytes: writeVerdict(verdict) };
  }

  async #keep(
    decided: Decided,
    by: Principal,
    { atMs, keep }: ScreenOptions,
    also: readonly RecordChange[],
    again: Again | null,
  ): Promise<Screened> {
    const prepared = this.prepare(decided, by, atMs, again);
    const { id, key, bytes, decision, entries, changes } = prepared;
    await this.#parts.audited.commit(entries, [...changes, ...also, ...keep({ table: 'verdict', key })]);
    prepared.settle();
    return { id, decision, bytes };
  }

  #decide(asked: Asked, atMs: number, cumulative: readonly CumulativeFact[]): Decided {
    const { knowledge, rules } = this.#parts;
    const { request, counterparties, missing } = asked;
    const facts = counterparties.map((each) => knowledge.factsOf(request.chain, each, request.asset, asked, missing));
    const { active } = rules;
    const evaluation = evaluate(active, { request, at: atMs, facts, cumulative });
    const basis = basisOf(knowledge.basisOf(request.chain), active);
    return { asked, facts, cumulative, evaluation, basis, version: knowledge.version };
  }

  /** The rules and the basis are those of before, should they be changed meanwhile. */
  async #withPaths(decided: Decided, atMs: number): Promise<Decided> {
    const { knowledge, rules } = this.#parts;
    const { asked, cumulative, basis, version } = decided;
    const set = await rules.ofHash(basis.rules.hash);
    const wanted = new Set(decided.evaluation.wantsPaths);
    const facts: CounterpartyFacts[] = [];
    for (const each of decided.facts) {
      facts.push(wanted.has(each.address) ? await knowledge.withPaths(each, asked.request.asset) : each);
    }
    const evaluation = evaluate(set, { request: asked.request, at: atMs, facts, cumulative });
    return { asked, facts, cumulative, evaluation, basis, version };
  }

  #sums(asked: Asked, atMs: number): readonly CumulativeFact[] {
    if (asked.request.kind === 'address' || asked.request.asOf !== null) return [];
    return this.#parts.cumulative.factsFor(sumsGoBy(asked), atMs);
  }
}

/** The customer; without one, each counterparty. */
function sumsGoBy({ request, counterparties }: Asked): readonly string[] {
  return request.customer === null ? counterparties.map(({ address }) => address) : [request.customer];
}

export interface Prepared extends Screened {
  readonly id: string;
  readonly key: string;
  readonly entries: readonly AuditDraft[];
  readonly changes: readonly RecordChange[];
  /** Once the commit has resolved. */
  settle(): void;
}

function verdictOf(id: string, atMs: number, decided: Decided, again: Again | null): Verdict {
  const { asked, facts, cumulative, evaluation, basis } = decided;
  return {
    format: 1,
    id,
    at: new Date(atMs).toISOString(),
    request: asked.request,
    decision: evaluation.decision,
    score: evaluation.score,
    reasons: evaluation.reasons,
    tested: evaluation.tested,
    basis,
    facts,
    cumulative,
    previous: again?.verdict.id ?? null,
    cause: again?.cause ?? null,
  };
}

function basisOf(known: Omit<Basis, 'rules'>, rules: { readonly hash: string; readonly name: string }): Basis {
  let basis = BASES.get(known);
  if (basis?.rules.hash !== rules.hash) {
    basis = { ...known, rules: { hash: rules.hash, name: rules.name } };
    BASES.set(known, basis);
  }
  return basis!;
}

/** Knowledge and rules change rarely, and each verdict names them. */
const BASES = new WeakMap<Omit<Basis, 'rules'>, Basis>();

/** A first verdict alerts where it does not allow; a later one where it decides otherwise, or more gravely. */
function needsAlert({ decision, score }: Verdict, again: Again | null): boolean {
  if (again === null) return decision !== 'allow';
  return decision !== again.verdict.decision || score > again.verdict.score;
}

function outcome({ decision, score, reasons }: Pick<Evaluation, 'decision' | 'score' | 'reasons'>): string {
  return JSON.stringify([decision, score, reasons.map(({ rule, address, category }) => [rule, address, category])]);
}

/** As a line of a batch asks. `address` canonical. */
export function askedOfAddress(chain: ChainId, address: string, asOf: UnixSeconds | null): Asked {
  return {
    request: plainRequest(chain, address, asOf === null ? null : formatTime(asOf)),
    counterparties: [{ address, amount: null }],
    transferAt: null,
    asOf,
    missing: [],
  };
}
