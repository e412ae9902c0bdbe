import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import type { AuditDraft, AuditedWriter } from '../access/audited.ts';
import type { Principal } from '../access/principal.ts';
import { HaetaeError } from '../base/errors.ts';
import { formatTime, type UnixSeconds } from '../base/time.ts';
import { parseAddress } from '../model/address.ts';
import { type Chain, requireChain } from '../model/chain.ts';
import type { RecordChange } from '../store/records.ts';
import { jsonChange } from '../store/records.ts';
import { askedOfAddress, type Decided, type Desk, type Prepared } from './desk.ts';
import type { Knowledge } from './knowledge.ts';
import { dateOf } from './request.ts';
import type { RuleBook } from './rule-book.ts';
import type { SubjectBook } from './subject-book.ts';
import type { Verdict } from './verdict.ts';
import type { BatchRecord, VerdictBook } from './verdict-book.ts';

export interface BatchParts {
  readonly audited: AuditedWriter;
  readonly desk: Desk;
  readonly knowledge: Knowledge;
  readonly rules: RuleBook;
  readonly subjects: SubjectBook;
  readonly verdicts: VerdictBook;
}

export interface BatchOptions {
  readonly dry: boolean;
  readonly atMs: number;
  readonly signal: AbortSignal;
  readonly asOf?: string | undefined;
  /** Changes for the commit of the batches, once their ids are known. */
  readonly keep?: (ids: BatchIds) => readonly RecordChange[];
  /** Of a request that came before: its lines are told from what was kept then, and nothing is screened. */
  readonly kept?: BatchIds | null;
}

/** Addresses of one chain. */
export interface BatchGroup {
  readonly chain: string;
  readonly addresses: readonly string[];
}

/** Chain, as it was asked for, to the id of its batch. */
export type BatchIds = Readonly<Record<string, string>>;

export interface BatchLines {
  /** Whole lines, each with its line feed; one or more a piece. */
  readonly lines: AsyncIterable<string>;
}

/** Lines looked up before others get a turn: about a millisecond. */
const SLICE = 500;

/** Many addresses at once: one record for all that no rule says anything of, a verdict of its own for each of the others, in one write. */
export class BatchDesk {
  readonly #parts: BatchParts;

  constructor(parts: BatchParts) {
    this.#parts = parts;
  }

  /** One line an address, in order. Nothing is answered before all of it is kept. Throws E_ASSET, E_TIME at once; E_STORE_WRITE, E_CLOCK, E_INTERRUPTED when it is read. */
  screenBatch(chain: string, addresses: readonly string[], by: Principal, options: BatchOptions): BatchLines {
    return this.screenBatches([{ chain, addresses }], by, options);
  }

  /** As `screenBatch`: a batch for each chain, all kept in one commit; the lines of one after those of the other. */
  screenBatches(groups: readonly BatchGroup[], by: Principal, options: BatchOptions): BatchLines {
    const asOf = dateOf(options.asOf, 'asOf', Math.floor(options.atMs / 1000));
    const asked = groups.map(({ chain, addresses }) => ({ as: chain, chain: requireChain(chain), addresses }));
    if (options.kept !== undefined && options.kept !== null) return { lines: this.#linesAgain(asked, options.kept) };
    const runs = asked.map((each) => new BatchRun(this.#parts, each, asOf, by, options));
    return { lines: options.dry ? dryLines(runs) : this.#keptLines(runs, options) };
  }

  async *#keptLines(runs: readonly BatchRun[], { keep }: BatchOptions): AsyncGenerator<string> {
    // What is learned while one is decided concerns those before it too.
    while (!runs.every((run) => run.isDecided())) for (const run of runs) await run.decide();
    const batches = runs.map((run) => run.prepare());
    const ids: BatchIds = Object.fromEntries(batches.map(({ as, id }) => [as, id]));
    const entries = batches.flatMap((batch) => batch.entries);
    const changes = [...batches.flatMap((batch) => batch.changes), ...(keep?.(ids) ?? [])];
    if (changes.length > 0) await this.#parts.audited.commit(entries, changes);
    for (const batch of batches) batch.settle();
    for (const batch of batches) yield* batch.lines();
  }

  /** From what was kept: the same request, so the same addresses. */
  async *#linesAgain(asked: readonly Asking[], kept: BatchIds): AsyncGenerator<string> {
    for (const { as, chain, addresses } of asked) {
      const batch = await this.#parts.verdicts.batchById(kept[as] ?? '');
      for (let from = 0; from < addresses.length; from += SLICE) {
        let text = '';
        for (let at = from; at < Math.min(from + SLICE, addresses.length); at += 1)
          text += batch.addresses[at] === '' ? faultText(chain, addresses[at]!) : await this.#lineAgain(batch, at);
        yield text;
        await breathe();
      }
    }
  }

  async #lineAgain(batch: BatchRecord, at: number): Promise<string> {
    const own = batch.verdicts[at];
    if (own === undefined) return lineText(batch.addresses[at]!, null, `${batch.id}.${at}`);
    const verdict = await this.#parts.verdicts.verdictOf(own);
    if (verdict !== null) return lineText(batch.addresses[at]!, verdict, own);
    throw new HaetaeError('E_NOT_FOUND', 'there is no verdict of this id', { context: { id: own } });
  }
}

async function* dryLines(runs: readonly BatchRun[]): AsyncGenerator<string> {
  for (const run of runs) yield* run.dryLines();
}

interface Asking {
  /** The chain as it was asked for. */
  readonly as: string;
  readonly chain: Chain;
  readonly addresses: readonly string[];
}

/** To be committed, then settled. */
interface PreparedBatch {
  readonly as: string;
  readonly id: string;
  readonly entries: readonly AuditDraft[];
  readonly changes: readonly RecordChange[];
  settle(): void;
  lines(): Iterable<string>;
}

interface Line {
  /** Canonical; empty for a bad one. */
  readonly address: string;
  /** What the line answers where it has no verdict of its own: null for a plain allow. */
  readonly fault: string | null;
  readonly decided: Decided | null;
}

class BatchRun {
  readonly #parts: BatchParts;
  readonly #asked: Asking;
  readonly #asOf: UnixSeconds | null;
  readonly #by: Principal;
  readonly #options: BatchOptions;
  /** A rule may fire on nothing but the chain or the segment: then no line is plain. */
  #quick = false;
  #plain: Decided | null = null;
  #version = 0;
  #rules: RuleBook['active'];
  #lines: Line[] = [];

  constructor(parts: BatchParts, asked: Asking, asOf: UnixSeconds | null, by: Principal, options: BatchOptions) {
    this.#parts = parts;
    this.#asked = asked;
    this.#asOf = asOf;
    this.#by = by;
    this.#options = options;
    this.#rules = parts.rules.active;
    this.#begin();
  }

  #begin(): void {
    const { desk, knowledge, rules } = this.#parts;
    this.#version = knowledge.version;
    this.#rules = rules.active;
    const decided = desk.decide(askedOfAddress(this.#asked.chain.id, NOBODY, this.#asOf), this.#options.atMs);
    this.#plain = decided instanceof Promise ? null : decided;
    this.#quick = this.#plain !== null && isPlain(this.#plain);
  }

  /** By what it began with: what came since re-screens only what was kept before it. */
  #isCurrent(): boolean {
    const { knowledge, rules } = this.#parts;
    return this.#version === knowledge.version && this.#rules === rules.active;
  }

  async *dryLines(): AsyncGenerator<string> {
    for (let from = 0; from < this.#asked.addresses.length; from += SLICE) {
      this.#requireReader();
      let text = '';
      for (const line of await this.#slice(from)) text += textOf(line, null);
      yield text;
      await breathe();
    }
  }

  /** Every line, by what is known now. */
  isDecided(): boolean {
    return this.#lines.length === this.#asked.addresses.length && this.#isCurrent();
  }

  async decide(): Promise<void> {
    while (!this.isDecided()) {
      this.#requireReader();
      if (!this.#isCurrent()) {
        this.#begin();
        this.#lines = [];
      }
      for (const line of await this.#slice(this.#lines.length)) this.#lines.push(line);
      await breathe();
    }
  }

  /** What is broken off must not look like a batch that ended. */
  #requireReader(): void {
    if (!this.#options.signal.aborted) return;
    throw new HaetaeError('E_INTERRUPTED', 'the batch was broken off before it was kept', { remedy: 'send it again' });
  }

  async #slice(from: number): Promise<Line[]> {
    const lines: Line[] = [];
    const { addresses, chain } = this.#asked;
    const { atMs } = this.#options;
    const when = { transferAt: null, asOf: this.#asOf };
    for (let at = from; at < Math.min(from + SLICE, addresses.length); at += 1) {
      const text = addresses[at]!;
      const parsed = parseAddress(chain, text);
      if (!parsed.ok) {
        lines.push({ address: '', fault: faultText(chain, text), decided: null });
        continue;
      }
      const { address } = parsed;
      if (this.#quick && this.#parts.knowledge.isSilent(chain.id, address, when)) {
        lines.push({ address, fault: null, decided: null });
        continue;
      }
      const decided = await this.#parts.desk.decide(askedOfAddress(chain.id, address, this.#asOf), atMs);
      lines.push({ address, fault: null, decided: isPlain(decided) && hasNoFacts(decided) ? null : decided });
    }
    return lines;
  }

  /** Of lines that are decided. */
  prepare(): PreparedBatch {
    const { desk, subjects, verdicts } = this.#parts;
    const lines = this.#lines;
    const { atMs } = this.#options;
    const { id, key } = verdicts.nextId('b');
    const prepared = new Map<number, Prepared>();
    for (const [at, { decided }] of lines.entries()) {
      if (decided !== null) prepared.set(at, desk.prepare(decided, this.#by, atMs));
    }
    const record = this.#record(id, prepared);
    const change = jsonChange('batch', key, record);
    const sha256 = createHash('sha256').update(change.value!).digest('hex');
    const entry: AuditDraft = {
      actor: this.#by.id,
      action: 'batch.decide',
      subject: id,
      detail: { sha256, lines: lines.length, plain: record.plain },
    };
    const all = [...prepared.values()];
    return {
      as: this.#asked.as,
      id,
      entries: [entry, ...all.flatMap(({ entries }) => entries)],
      changes: [change, ...all.flatMap(({ changes }) => changes)],
      settle: () => {
        subjects.addBatch(record);
        for (const each of all) each.settle();
      },
      lines: () => linesOf(lines, (at) => prepared.get(at)?.id ?? `${id}.${at}`),
    };
  }

  #record(id: string, prepared: ReadonlyMap<number, Prepared>): BatchRecord {
    const { knowledge, rules } = this.#parts;
    const { chain } = this.#asked;
    const lines = this.#lines;
    const { active } = rules;
    return {
      id,
      at: new Date(this.#options.atMs).toISOString(),
      plain: lines.filter(({ address, decided }) => address !== '' && decided === null).length,
      chain: chain.id,
      asOf: this.#asOf === null ? null : formatTime(this.#asOf),
      by: this.#by.id,
      basis: this.#plain?.basis ?? {
        ...knowledge.basisOf(chain.id),
        rules: { hash: active.hash, name: active.name },
      },
      missing: this.#plain?.facts[0]?.missing ?? [],
      addresses: lines.map(({ address }) => address),
      verdicts: Object.fromEntries([...prepared].map(([at, { id: verdict }]) => [at, verdict])),
    };
  }
}

function* linesOf(lines: readonly Line[], idOf: (at: number) => string): Generator<string> {
  for (let from = 0; from < lines.length; from += SLICE) {
    let text = '';
    for (let at = from; at < Math.min(from + SLICE, lines.length); at += 1) text += textOf(lines[at]!, idOf(at));
    yield text;
  }
}

/** An address that no chain gives to anybody: what a rule says of it, it says of all. */
const NOBODY = '';

function isPlain({ evaluation }: Decided): boolean {
  return evaluation.reasons.length === 0 && evaluation.tested.length === 0 && evaluation.decision === 'allow';
}

function hasNoFacts({ facts }: Decided): boolean {
  return facts.every(
    (each) =>
      each.labels.length + each.exposures.length + each.traces.length + each.signatures.length === 0 &&
      each.entity === null,
  );
}

function textOf({ address, fault, decided }: Line, id: string | null): string {
  return fault ?? lineText(address, decided?.evaluation ?? null, id);
}

/** `said` null: a plain allow. */
function lineText(
  address: string,
  said: Pick<Verdict, 'decision' | 'score' | 'reasons'> | null,
  id: string | null,
): string {
  const idText = id === null ? 'null' : `"${id}"`;
  // A canonical address holds nothing that JSON writes otherwise; one of a chain without rules may.
  const name = PLAIN.test(address) ? `"${address}"` : JSON.stringify(address);
  if (said === null) return `{"address":${name},"decision":"allow","score":0,"id":${idText},"reasons":[]}\n`;
  const reasons = JSON.stringify(said.reasons.map(({ rule, text }) => ({ rule, text })));
  return `{"address":${name},"decision":"${said.decision}","score":${said.score},"id":${idText},"reasons":${reasons}}\n`;
}

function faultText(chain: Chain, address: string): string {
  const parsed = parseAddress(chain, address);
  const why = parsed.ok ? '' : `: ${parsed.fault}`;
  const error = { code: 'E_ADDRESS', detail: `not an address of ${chain.name}${why}` };
  return `${JSON.stringify({ address, error })}\n`;
}

const PLAIN = /^[0-9A-Za-z:]*$/;
