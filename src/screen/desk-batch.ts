import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import type { AuditDraft, AuditedWriter } from '../access/audited.ts';
import type { Principal } from '../access/principal.ts';
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
}

/** Lines looked up before others get a turn: about a millisecond. */
const SLICE = 500;

/** Many addresses at once: one record for all that no rule says anything of, a verdict of its own for each of the others, in one write. */
export class BatchDesk {
  readonly #parts: BatchParts;

  constructor(parts: BatchParts) {
    this.#parts = parts;
  }

  /** One line an address, in order. Nothing is answered before all of it is kept. Throws E_ASSET, E_TIME at once; E_STORE_WRITE, E_CLOCK when it is read. */
  screenBatch(
    chainText: string,
    addresses: readonly string[],
    by: Principal,
    options: BatchOptions,
  ): { readonly lines: AsyncIterable<string> } {
    const chain = requireChain(chainText);
    const asOf = dateOf(options.asOf, 'asOf', Math.floor(options.atMs / 1000));
    const run = new BatchRun(this.#parts, chain, asOf, by, options);
    return { lines: options.dry ? run.dryLines(addresses) : run.keptLines(addresses) };
  }
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
  readonly #chain: Chain;
  readonly #asOf: UnixSeconds | null;
  readonly #by: Principal;
  readonly #options: BatchOptions;
  /** A rule may fire on nothing but the chain or the segment: then no line is plain. */
  #quick = false;
  #plain: Decided | null = null;
  #version = 0;
  #rules: RuleBook['active'];

  constructor(parts: BatchParts, chain: Chain, asOf: UnixSeconds | null, by: Principal, options: BatchOptions) {
    this.#parts = parts;
    this.#chain = chain;
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
    const decided = desk.decide(askedOfAddress(this.#chain.id, NOBODY, this.#asOf), this.#options.atMs);
    this.#plain = decided instanceof Promise ? null : decided;
    this.#quick = this.#plain !== null && isPlain(this.#plain);
  }

  /** By what it began with: what came since re-screens only what was kept before it. */
  #isCurrent(): boolean {
    const { knowledge, rules } = this.#parts;
    return this.#version === knowledge.version && this.#rules === rules.active;
  }

  async *dryLines(addresses: readonly string[]): AsyncGenerator<string> {
    for (let from = 0; from < addresses.length && !this.#options.signal.aborted; from += SLICE) {
      let text = '';
      for (const line of await this.#slice(addresses, from)) text += lineText(line, line.decided, null);
      yield text;
      await breathe();
    }
  }

  async *keptLines(addresses: readonly string[]): AsyncGenerator<string> {
    let lines: Line[] = [];
    for (let from = 0; from < addresses.length || !this.#isCurrent(); from += SLICE) {
      if (this.#options.signal.aborted) return;
      if (!this.#isCurrent()) {
        this.#begin();
        lines = [];
        from = 0;
      }
      lines.push(...(await this.#slice(addresses, from)));
      await breathe();
    }
    const { id, prepared } = await this.#keep(lines);
    for (let from = 0; from < lines.length; from += SLICE) {
      let text = '';
      for (let at = from; at < Math.min(from + SLICE, lines.length); at += 1) {
        text += lineText(lines[at]!, lines[at]!.decided, prepared.get(at)?.id ?? `${id}.${at}`);
      }
      yield text;
    }
  }

  async #slice(addresses: readonly string[], from: number): Promise<Line[]> {
    const lines: Line[] = [];
    const { atMs } = this.#options;
    const when = { transferAt: null, asOf: this.#asOf };
    for (let at = from; at < Math.min(from + SLICE, addresses.length); at += 1) {
      const text = addresses[at]!;
      const parsed = parseAddress(this.#chain, text);
      if (!parsed.ok) {
        const detail = `not an address of ${this.#chain.name}: ${parsed.fault}`;
        const fault = `${JSON.stringify({ address: text, error: { code: 'E_ADDRESS', detail } })}\n`;
        lines.push({ address: '', fault, decided: null });
        continue;
      }
      const { address } = parsed;
      if (this.#quick && this.#parts.knowledge.isSilent(this.#chain.id, address, when)) {
        lines.push({ address, fault: null, decided: null });
        continue;
      }
      const decided = await this.#parts.desk.decide(askedOfAddress(this.#chain.id, address, this.#asOf), atMs);
      lines.push({ address, fault: null, decided: isPlain(decided) && hasNoFacts(decided) ? null : decided });
    }
    return lines;
  }

  async #keep(lines: readonly Line[]): Promise<{ id: string; prepared: ReadonlyMap<number, Prepared> }> {
    const { audited, desk, knowledge, rules, subjects, verdicts } = this.#parts;
    const { atMs } = this.#options;
    const { id, key } = verdicts.nextId('b');
    const prepared = new Map<number, Prepared>();
    for (const [at, { decided }] of lines.entries()) {
      if (decided !== null) prepared.set(at, desk.prepare(decided, this.#by, atMs));
    }
    const { active } = rules;
    const record: BatchRecord = {
      id,
      at: new Date(atMs).toISOString(),
      plain: lines.filter(({ address, decided }) => address !== '' && decided === null).length,
      chain: this.#chain.id,
      asOf: this.#asOf === null ? null : formatTime(this.#asOf),
      by: this.#by.id,
      basis: this.#plain?.basis ?? {
        ...knowledge.basisOf(this.#chain.id),
        rules: { hash: active.hash, name: active.name },
      },
      missing: this.#plain?.facts[0]?.missing ?? [],
      addresses: lines.map(({ address }) => address),
      verdicts: Object.fromEntries([...prepared].map(([at, { id: verdict }]) => [at, verdict])),
    };
    const change = jsonChange('batch', key, record);
    const sha256 = createHash('sha256').update(change.value!).digest('hex');
    const entry: AuditDraft = {
      actor: this.#by.id,
      action: 'batch.decide',
      subject: id,
      detail: { sha256, lines: lines.length, plain: record.plain },
    };
    const all = [...prepared.values()];
    const changes: RecordChange[] = [change];
    for (const each of all) changes.push(...each.changes);
    await audited.commit([entry, ...all.flatMap(({ entries }) => entries)], changes);
    subjects.addBatch(record);
    for (const each of all) each.settle();
    return { id, prepared };
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

function lineText({ address, fault }: Line, decided: Decided | null, id: string | null): string {
  if (fault !== null) return fault;
  const idText = id === null ? 'null' : `"${id}"`;
  // A canonical address holds nothing that JSON writes otherwise; one of a chain without rules may.
  const name = PLAIN.test(address) ? `"${address}"` : JSON.stringify(address);
  if (decided === null) return `{"address":${name},"decision":"allow","score":0,"id":${idText},"reasons":[]}\n`;
  const { decision, score, reasons } = decided.evaluation;
  const said = JSON.stringify(reasons.map(({ rule, text }) => ({ rule, text })));
  return `{"address":${name},"decision":"${decision}","score":${score},"id":${idText},"reasons":${said}}\n`;
}

const PLAIN = /^[0-9A-Za-z:]*$/;
