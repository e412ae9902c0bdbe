import { randomBytes } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { assert } from '../base/assert.ts';
import { HaetaeError } from '../base/errors.ts';
import { FingerprintMap } from '../base/fingerprint-map.ts';
import type { Progress } from '../base/progress.ts';
import type { ChainId } from '../model/chain.ts';
import { jsonChange, orderKey, type RecordChange, type RecordRow, type Records, readJson } from '../store/records.ts';
import { AddressKey } from './address-index-key.ts';
import { Refs } from './subject-refs.ts';
import type { Decision, Verdict } from './verdict.ts';

/** One verdict in table `subject`: what a re-screening and a list of verdicts go by without reading the verdict itself. */
export interface SubjectRow {
  /** Verdict's id, v-SEQ-HHHH. */
  readonly v: string;
  readonly c: ChainId;
  /** Counterparties, canonical, each once. */
  readonly a: readonly string[];
  readonly k: 'address' | 'transfer';
  /** Decision's first letter. */
  readonly d: 'a' | 'r' | 'b';
  readonly s: number;
  /** Customer's pseudonym. */
  readonly u: string | null;
  readonly x: string | null;
  /** Knowledge as of this date: what is learned later does not concern it. */
  readonly as: string | null;
}

/** What is read here of a record in table `batch`. */
export interface SubjectBatch {
  /** b-SEQ-HHHH. */
  readonly id: string;
  readonly chain: ChainId;
  readonly asOf: string | null;
  /** Canonical, by line from 0; empty where the line was refused. */
  readonly addresses: readonly string[];
  /** Ids of lines that have a verdict of their own: those stand in table `subject`. */
  readonly verdicts: Readonly<Record<string, string>>;
}

/** A past verdict, or the plain line (from 0) of a batch. */
export interface SubjectRef {
  readonly table: 'verdict' | 'batch';
  readonly seq: number;
  readonly line: number | null;
}

/** An address of which something changed. */
export interface SubjectTarget {
  /** null: whatever chain it was screened on. */
  readonly chain: ChainId | null;
  readonly address: string;
  /** Every spelling that equals it but for case. */
  readonly folded?: boolean;
}

const LETTERS: Readonly<Record<Decision, SubjectRow['d']>> = { allow: 'a', review: 'r', block: 'b' };
const ID = /^([vb])-(\d{1,15})-[0-9a-f]{4}$/;
/** Rows read before others get a turn. */
const AT_ONCE = 4096;
const NONE = -1;

/**
 * Which past verdicts concern an address, in memory: 64-bit prints under a key of this process lead to the verdicts, newest first; about 50 bytes a verdict.
 * One counter must number verdicts and batches, so that the higher SEQ is the newer. A print may stand for another address than the one asked for (once in
 * 2⁶⁴): who acts on a ref first sees in the record that it is meant.
 */
export class SubjectBook {
  readonly #key = new AddressKey(randomBytes(8));
  readonly #entries = new FingerprintMap();
  readonly #refs = new Refs();
  readonly #chains = new Map<ChainId, number>();
  /** Of what has neither customer nor transaction: nearly all. By chain and kind. */
  readonly #plainGroups = new Map<string, Print>();

  /** Reads tables `subject` and `batch`. Throws E_RECORDS. */
  static async open(records: Records, progress: Progress): Promise<SubjectBook> {
    const book = new SubjectBook();
    const [total, batches] = await Promise.all([records.count('subject'), records.count('batch')]);
    const lines = batches === 0 ? null : rowsOf(records.scan('batch'));
    let batch = (await lines?.next())?.value;
    let done = 0;
    for await (const rows of records.scan('subject')) {
      for (const [index, row] of rows.entries()) {
        if (index % AT_ONCE === AT_ONCE - 1) await breathe();
        // Both tables in one order, so that the newest ends up first.
        for (; batch !== undefined && batch.key < row.key; batch = (await lines?.next())?.value)
          book.addBatch(readRow<SubjectBatch>('batch', batch));
        book.add(readRow<SubjectRow>('subject', row));
      }
      done += rows.length;
      progress.report('past verdicts', done, total);
      await breathe();
    }
    for (; batch !== undefined; batch = (await lines?.next())?.value) book.addBatch(readRow('batch', batch));
    return book;
  }

  /** Refs: one for each address of each verdict. */
  get size(): number {
    return this.#refs.count;
  }

  /** After the verdict's commit has resolved. */
  add(row: SubjectRow): void {
    if (row.as !== null) return;
    const seq = seqOf('v', row.v);
    const chain = this.#chainNumber(row.c);
    const group = this.#group(row);
    for (const address of row.a) this.#link(address, { seq, line: null, chain, group });
  }

  /** After the batch's commit has resolved; its lines with verdicts of their own are added by `add`. */
  addBatch(batch: SubjectBatch): void {
    if (batch.asOf !== null) return;
    const seq = seqOf('b', batch.id);
    const chain = this.#chainNumber(batch.chain);
    const group = this.#group({ c: batch.chain, k: 'address', u: null, x: null });
    for (const [line, address] of batch.addresses.entries())
      if (address !== '' && !Object.hasOwn(batch.verdicts, line)) this.#link(address, { seq, line, chain, group });
  }

  /** Newest first. `address` is canonical. */
  of(chain: ChainId, address: string): readonly SubjectRef[] {
    return this.#all({ chain, address }).map((ref) => this.refAt(ref));
  }

  /** On every chain, newest first. `folded`: every spelling that equals the address but for case. */
  ofAddress(address: string, { folded = false }: { readonly folded?: boolean } = {}): readonly SubjectRef[] {
    return this.#all({ chain: null, address, folded }).map((ref) => this.refAt(ref));
  }

  has(chain: ChainId | null, address: string, folded = false): boolean {
    return this.#first({ chain, address, folded }) !== NONE;
  }

  /** The newest ref of each chain, customer, transaction and kind, as numbers for `refAt`: what an older one would say is overtaken. */
  newest(target: SubjectTarget): readonly number[] {
    const refs = this.#all(target);
    return refs.length < 2 ? refs : this.#refs.newestOfGroups(refs);
  }

  /** How many addresses `newestOfEntry` knows. */
  get entries(): number {
    return this.#entries.size;
  }

  /** As `newest`, for the address that was added as the `entry`th, on every chain. */
  newestOfEntry(entry: number): readonly number[] {
    const refs = [...this.#refs.ofEntry(entry)];
    return refs.length < 2 ? refs : this.#refs.newestOfGroups(refs);
  }

  refAt(ref: number): SubjectRef {
    return this.#refs.at(ref);
  }

  #all(target: SubjectTarget): number[] {
    const found: number[] = [];
    for (let ref = this.#first(target); ref !== NONE; ref = this.#next(ref, target)) found.push(ref);
    return found;
  }

  #first(target: SubjectTarget): number {
    this.#key.set(target.address.toLowerCase());
    const entry = this.#entries.get(this.#key.low, this.#key.high);
    return entry < 0 ? NONE : this.#suits(this.#refs.newestOf(entry), target);
  }

  #next(ref: number, target: SubjectTarget): number {
    return this.#suits(this.#refs.before(ref), target);
  }

  /** `start`, or the next older ref that is on the chain and in the spelling asked for. */
  #suits(start: number, { chain, address, folded = false }: SubjectTarget): number {
    const number = chain === null ? NONE : this.#chains.get(chain);
    if (number === undefined) return NONE;
    const spelling = folded ? NONE : this.#spelling(address);
    let ref = start;
    while (ref !== NONE && !this.#refs.suits(ref, number, spelling)) ref = this.#refs.before(ref);
    return ref;
  }

  #link(address: string, ref: { seq: number; line: number | null; chain: number; group: Print }): void {
    const lower = address.toLowerCase();
    this.#key.set(lower);
    const { low, high } = this.#key;
    let entry = this.#entries.get(low, high);
    if (entry < 0) {
      entry = this.#refs.newEntry();
      this.#entries.set(low, high, entry);
    }
    this.#refs.add(entry, { ...ref, spelling: lower === address ? low : this.#spelling(address) });
  }

  #spelling(address: string): number {
    this.#key.set(address);
    return this.#key.low;
  }

  #group({ c, k, u, x }: Pick<SubjectRow, 'c' | 'k' | 'u' | 'x'>): Print {
    if (u !== null || x !== null) return this.#print(JSON.stringify([c, k, u, x]));
    const name = `${k} ${c}`;
    const known = this.#plainGroups.get(name) ?? this.#print(name);
    this.#plainGroups.set(name, known);
    return known;
  }

  #print(text: string): Print {
    this.#key.set(text);
    return { low: this.#key.low, high: this.#key.high };
  }

  #chainNumber(chain: ChainId): number {
    const number = this.#chains.get(chain) ?? this.#chains.size;
    this.#chains.set(chain, number);
    return number;
  }
}

interface Print {
  readonly low: number;
  readonly high: number;
}

/** The row of a verdict. */
export function subjectRowOf(verdict: Verdict): SubjectRow {
  const { id, request, facts, decision, score } = verdict;
  const addresses = new Set(facts.map(({ address }) => address));
  if (request.address !== null) addresses.add(request.address);
  return {
    v: id,
    c: request.chain,
    a: [...addresses],
    k: request.kind,
    d: LETTERS[decision],
    s: score,
    u: request.customer,
    x: request.tx,
    as: request.asOf,
  };
}

/** For the verdict's own commit. */
export function subjectChange(row: SubjectRow): RecordChange {
  return jsonChange('subject', orderKey(seqOf('v', row.v)), row);
}

function seqOf(kind: 'v' | 'b', id: string): number {
  const match = ID.exec(id);
  assert(match?.[1] === kind, `${id} is an id ${kind}-SEQ-HHHH`);
  return Number(match[2]);
}

async function* rowsOf(chunks: AsyncIterable<readonly RecordRow[]>): AsyncGenerator<RecordRow, undefined> {
  for await (const rows of chunks) yield* rows;
}

function readRow<Row>(table: 'subject' | 'batch', { key, value }: RecordRow): Row {
  try {
    return readJson<Row>(value);
  } catch (cause) {
    throw new HaetaeError('E_RECORDS', `a row of table ${table} cannot be read`, {
      context: { table, key },
      remedy: 'run haetae audit verify, then put the records back from a backup',
      cause,
    });
  }
}
