import { createHash, randomBytes } from 'node:crypto';
import { HaetaeError } from '../base/errors.ts';
import { orderKey, type RecordRow, type Records, readJson } from '../store/records.ts';
import { idWith, type ParsedId, parseId } from './alert-id.ts';
import { readVerdict, replayVerdict } from './replay.ts';
import type { RuleBook } from './rule-book.ts';
import type { SubjectBook, SubjectRef } from './subject-book.ts';
import type { Basis, Decision, Verdict, VerdictRequest } from './verdict.ts';
import { writeVerdict } from './write-verdict.ts';

/** A batch as kept. Lines that no rule had anything to say of are told by their address alone; the others have a verdict of their own. */
export interface BatchRecord {
  /** b-SEQ-HHHH. */
  readonly id: string;
  readonly at: string;
  /** Lines allowed without a verdict of their own. */
  readonly plain: number;
  readonly chain: string;
  readonly asOf: string | null;
  readonly by: string;
  readonly basis: Basis;
  /** What could not be looked at, for every line. */
  readonly missing: readonly string[];
  /** Canonical, by line; empty where a line was no address. */
  readonly addresses: readonly string[];
  /** Line to verdict id. */
  readonly verdicts: Readonly<Record<string, string>>;
}

export interface VerdictFilter {
  readonly decision: Decision | null;
  readonly chain: string | null;
  readonly address: string | null;
  readonly fromMs: number | null;
  readonly untilMs: number | null;
}

/** Records looked at for one page: a rare verdict is found over several. */
const LOOKED_AT_ONCE = 20_000;
const CHUNK = 500;
/** Kept as read; a megabyte each. */
const MOST_BATCHES = 16;
const BATCH_LINE = /^(b-[^.]+)\.(0|[1-9]\d{0,4})$/;

/** Verdicts and batches as they were given. */
export class VerdictBook {
  readonly #records: Records;
  readonly #rules: RuleBook;
  readonly #subjects: SubjectBook;
  readonly #batches = new Map<number, Promise<BatchRecord | null>>();
  #next: number;
  #tails = randomBytes(4096);
  #tail = 0;

  private constructor(records: Records, rules: RuleBook, subjects: SubjectBook, next: number) {
    this.#records = records;
    this.#rules = rules;
    this.#subjects = subjects;
    this.#next = next;
  }

  static async open(records: Records, rules: RuleBook, subjects: SubjectBook): Promise<VerdictBook> {
    const last = await Promise.all(
      (['verdict', 'batch'] as const).map((table) => records.list(table, { reverse: true, limit: 1 })),
    );
    const numbers = last.flat().map(({ key }) => Number(key));
    return new VerdictBook(records, rules, subjects, Math.max(0, ...numbers) + 1);
  }

  /** The next id; verdicts and batches are numbered together. */
  nextId(prefix: 'v' | 'b'): { readonly id: string; readonly key: string } {
    const sequence = this.#next;
    this.#next += 1;
    if (this.#tail + 2 > this.#tails.length) {
      this.#tails = randomBytes(4096);
      this.#tail = 0;
    }
    const tail = this.#tails.readUInt16LE(this.#tail);
    this.#tail += 2;
    return { id: idWith(prefix, sequence, tail), key: orderKey(sequence) };
  }

  /** The stored bytes; of a plain line of a batch, those that its verdict has. null: there is none of this id. */
  async bytesOf(id: string): Promise<Uint8Array | null> {
    const parsed = parseId('v', id);
    if (parsed !== null) return this.#stored(id, parsed);
    const line = BATCH_LINE.exec(id);
    return line === null ? null : this.#lineBytes(line[1]!, Number(line[2]));
  }

  async verdictOf(id: string): Promise<Verdict | null> {
    const bytes = await this.bytesOf(id);
    return bytes === null ? null : readVerdict(bytes);
  }

  /** What a ref of the subjects leads to; null: it is no more. */
  async verdictAt({ table, seq, line }: SubjectRef): Promise<Verdict | null> {
    if (table === 'batch') {
      const batch = await this.batchOf(seq);
      return batch === null ? null : this.verdictOf(`${batch.id}.${line}`);
    }
    const bytes = await this.#records.get('verdict', orderKey(seq));
    return bytes === null ? null : readVerdict(bytes);
  }

  /** Its lines are asked for one after the other: so the last ones are kept as read. */
  batchOf(sequence: number): Promise<BatchRecord | null> {
    const known = this.#batches.get(sequence);
    if (known !== undefined) return known;
    const read = this.#readBatch(sequence);
    this.#batches.set(sequence, read);
    const [oldest] = this.#batches.keys();
    if (this.#batches.size > MOST_BATCHES) this.#batches.delete(oldest!);
    const forget = (): void => {
      this.#batches.delete(sequence);
    };
    read.then((batch) => batch === null && forget(), forget);
    return read;
  }

  /** Throws E_NOT_FOUND. */
  async batchById(id: string): Promise<BatchRecord> {
    const parsed = parseId('b', id);
    const batch = parsed === null ? null : await this.batchOf(parsed.sequence);
    if (batch?.id === id) return batch;
    throw new HaetaeError('E_NOT_FOUND', 'there is no batch of this id', { context: { id } });
  }

  async #readBatch(sequence: number): Promise<BatchRecord | null> {
    const bytes = await this.#records.get('batch', orderKey(sequence));
    return bytes === null ? null : readJson<BatchRecord>(bytes);
  }

  /** Newest first; `next` may be given with a short or empty page: there is more to look at. */
  async page(
    filter: VerdictFilter,
    before: string | null,
    limit: number,
  ): Promise<{ readonly items: readonly Uint8Array[]; readonly next: string | null }> {
    const until = before ?? undefined;
    if (filter.address !== null && filter.chain !== null) return this.#pageOf(filter, until, limit);
    const items: Uint8Array[] = [];
    let looked = 0;
    let last: string | null = null;
    for (let from = until; looked < LOOKED_AT_ONCE; ) {
      const rows = await this.#records.list('verdict', {
        ...(from === undefined ? {} : { until: from }),
        reverse: true,
        limit: CHUNK,
      });
      for (const row of rows) {
        last = row.key;
        if (!matches(filter, row)) continue;
        items.push(row.value);
        if (items.length === limit) return { items, next: row.key };
      }
      looked += rows.length;
      if (rows.length < CHUNK) return { items, next: null };
      from = last ?? undefined;
    }
    return { items, next: last };
  }

  /** Throws E_NOT_FOUND, E_VERDICT, E_RULES. */
  async replay(id: string): Promise<{ same: boolean; storedSha256: string; replayedSha256: string }> {
    const bytes = await this.bytesOf(id);
    if (bytes === null) throw new HaetaeError('E_NOT_FOUND', 'there is no verdict of this id', { context: { id } });
    const rules = await this.#rules.ofHash(readVerdict(bytes).basis.rules.hash);
    const { same, bytes: replayed } = replayVerdict(bytes, rules);
    return { same, storedSha256: sha256(bytes), replayedSha256: sha256(replayed) };
  }

  async #stored(id: string, { sequence }: ParsedId): Promise<Uint8Array | null> {
    const bytes = await this.#records.get('verdict', orderKey(sequence));
    if (bytes === null) return null;
    return Buffer.from(bytes.subarray(0, 80)).toString('latin1').includes(`"id":"${id}"`) ? bytes : null;
  }

  async #lineBytes(batchId: string, line: number): Promise<Uint8Array | null> {
    const parsed = parseId('b', batchId);
    const batch = parsed === null ? null : await this.batchOf(parsed.sequence);
    const address = batch?.addresses[line];
    if (batch === null || batch.id !== batchId || address === undefined || address === '') return null;
    const own = batch.verdicts[line];
    return own === undefined ? writeVerdict(plainVerdict(batch, line, address)) : this.bytesOf(own);
  }

  async #pageOf(filter: VerdictFilter, until: string | undefined, limit: number) {
    const keys = this.#subjects
      .of(filter.chain!, filter.address!)
      .filter(({ table }) => table === 'verdict')
      .map(({ seq }) => orderKey(seq))
      .filter((key) => until === undefined || key < until);
    const items: Uint8Array[] = [];
    for (const key of keys) {
      const value = await this.#records.get('verdict', key);
      if (value === null || !matches(filter, { key, value })) continue;
      items.push(value);
      if (items.length === limit) return { items, next: key };
    }
    return { items, next: null };
  }
}

function matches(filter: VerdictFilter, { value }: RecordRow): boolean {
  const { decision, chain, address, fromMs, untilMs } = filter;
  if (decision === null && chain === null && address === null && fromMs === null && untilMs === null) return true;
  const verdict = readJson<Verdict>(value);
  const at = Date.parse(verdict.at);
  return (
    (decision === null || verdict.decision === decision) &&
    (chain === null || verdict.request.chain === chain) &&
    (address === null || verdict.facts.some((facts) => facts.address === address)) &&
    (fromMs === null || at >= fromMs) &&
    (untilMs === null || at < untilMs)
  );
}

/** The request of an address of which nothing but the chain is said. */
export function plainRequest(chain: string, address: string, asOf: string | null): VerdictRequest {
  return {
    kind: 'address',
    chain,
    address,
    direction: null,
    asset: null,
    amount: null,
    decimals: null,
    symbol: null,
    tx: null,
    transferAt: null,
    asOf,
    customer: null,
    segment: null,
  };
}

function plainVerdict(batch: BatchRecord, line: number, address: string): Verdict {
  const facts = {
    address,
    chain: batch.chain,
    amount: null,
    labels: [],
    entity: null,
    exposures: [],
    traces: [],
    signatures: [],
    missing: batch.missing,
  };
  return {
    format: 1,
    id: `${batch.id}.${line}`,
    at: batch.at,
    request: plainRequest(batch.chain, address, batch.asOf),
    decision: 'allow',
    score: 0,
    reasons: [],
    tested: [],
    basis: batch.basis,
    facts: [facts],
    cumulative: [],
    previous: null,
    cause: null,
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
