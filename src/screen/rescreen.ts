import { setImmediate as breathe } from 'node:timers/promises';
import type { AuditDraft, AuditedWriter } from '../access/audited.ts';
import { SYSTEM } from '../access/principal.ts';
import { describeError, HaetaeError } from '../base/errors.ts';
import { jsonChange, orderKey, type RecordChange, type Records, readJson } from '../store/records.ts';
import type { SubjectBatch, SubjectBook, SubjectRef, SubjectRow, SubjectTarget } from './subject-book.ts';

export interface RescreenResult {
  /** Past verdicts screened again: of all runs that were done together. */
  readonly looked: number;
  /** Of these, those with a new verdict. */
  readonly changed: number;
  /** Kept, and tried again by the next run. */
  readonly failed: number;
  /** In words; null where none failed. */
  readonly firstFault: string | null;
}

/** Screens the request of a past verdict (or line of a batch) again with what is known now. `gone`: its record is no more. */
export type Again = (ref: SubjectRef, cause: string) => Promise<'same' | 'changed' | 'gone'>;

export interface RescreenParts {
  readonly records: Records;
  readonly audited: AuditedWriter;
  readonly subjects: SubjectBook;
  readonly again: Again;
}

export interface Touched {
  readonly addresses: readonly SubjectTarget[] | 'all';
  /** What changed, in words: stands in the new verdicts. */
  readonly cause: string;
}

interface Run extends Touched {
  /** Runs before that failed on these addresses. */
  readonly tries: number;
}

interface Waiting {
  readonly run: Run;
  readonly resolve: (result: RescreenResult) => void;
  readonly reject: (fault: unknown) => void;
}

interface Work {
  readonly cause: string;
  readonly tries: number;
  /** What led to it; null where all are looked at. */
  readonly target: SubjectTarget | null;
}

/** In table `meta`: the runs begun and not done. */
export const PENDING_KEY = 'rescreen.pending';
const NOTHING: RescreenResult = { looked: 0, changed: 0, failed: 0, firstFault: null };
/** Screened again side by side: so that their commits go together. */
const SIDE_BY_SIDE = 16;
/** Looked up before others get a turn. */
const AT_ONCE = 1024;
const MAX_TRIES = 5;
const CAUSE_LENGTH = 200;

/** Past verdicts of addresses of which something changed are screened again. One run after the other; those that wait are done as one. */
export class Rescreener {
  readonly #parts: RescreenParts;
  /** Begun and not done, failed ones included: what table `meta` holds. */
  #pending: readonly Run[] = [];
  #waiting: Waiting[] = [];
  #draining: Promise<void> | null = null;
  #resumed = false;
  #stopped = false;

  constructor(parts: RescreenParts) {
    this.#parts = parts;
  }

  /** Resolves when all are looked at. Throws E_STORE_WRITE where it cannot be noted that they have to be: then `resume` does it. */
  async touched({ addresses, cause }: Touched): Promise<RescreenResult> {
    // Verdicts that are on their way with what was known before: once this is through, they are in the book.
    await this.#parts.audited.commit([], []);
    await breathe();
    const known = addresses === 'all' ? addresses : await this.#known(addresses);
    if (known.length === 0) return NOTHING;
    const run: Run = { addresses: known, cause, tries: 0 };
    this.#pending = [...this.#pending, run];
    const count = known === 'all' ? 'all' : known.length;
    await this.#commit('rescreen.begin', { cause: cause.slice(0, CAUSE_LENGTH), addresses: count });
    return this.#queue(run);
  }

  /** What a kill, a stop or a fault left undone. At start, and now and then. Throws E_RECORDS. */
  async resume(): Promise<RescreenResult> {
    if (!this.#resumed) {
      this.#resumed = true;
      const bytes = await this.#parts.records.get('meta', PENDING_KEY);
      if (bytes !== null) this.#pending = [...readPending(bytes), ...this.#pending];
    }
    const queued = new Set(this.#waiting.map(({ run }) => run));
    const left = this.#draining === null ? this.#pending.filter((run) => !queued.has(run)) : [];
    const results = await Promise.all(left.map((run) => this.#queue(run)));
    return results[0] ?? NOTHING;
  }

  /** Ends between two verdicts; the rest is done after the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    while (this.#draining !== null) await this.#draining;
  }

  #queue(run: Run): Promise<RescreenResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ run, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    await null;
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      this.#waiting = [];
      try {
        const result = await this.#runTogether(waiting.map(({ run }) => run));
        for (const { resolve } of waiting) resolve(result);
      } catch (fault) {
        for (const { reject } of waiting) reject(fault);
      }
    }
    this.#draining = null;
  }

  async #runTogether(runs: readonly Run[]): Promise<RescreenResult> {
    const works = await this.#worksOf(runs);
    const pass = new Pass(this.#parts, works, () => this.#stopped);
    await pass.run();
    if (this.#stopped) {
      throw new HaetaeError('E_INTERRUPTED', 'stopped while past verdicts were screened again', {
        remedy: 'nothing to do: the rest is screened after the next start',
      });
    }
    const left = await pass.failedRuns();
    this.#pending = [...this.#pending.filter((run) => !runs.includes(run)), ...left];
    const { looked, changed, failed, firstFault } = pass;
    const causes = [...new Set(runs.map(({ cause }) => cause))].join('; ').slice(0, CAUSE_LENGTH);
    const kept = left.reduce((sum, { addresses }) => sum + addresses.length, 0);
    await this.#commit('rescreen.done', { cause: causes, looked, changed, failed, kept });
    return { looked, changed, failed, firstFault };
  }

  /** By ref: one that several runs lead to is looked at once, for all their causes. */
  async #worksOf(runs: readonly Run[]): Promise<Map<number, Work>> {
    const { subjects } = this.#parts;
    const works = new Map<number, Work>();
    for (const { addresses, cause, tries } of runs) {
      const all = addresses === 'all';
      const length = all ? subjects.entries : addresses.length;
      const shared: Work = { cause, tries, target: null };
      for (let index = 0; index < length; index += 1) {
        const refs = all ? subjects.newestOfEntry(index) : subjects.newest(addresses[index]!);
        const work = all ? shared : { ...shared, target: addresses[index]! };
        for (const ref of refs) works.set(ref, joined(works.get(ref), work));
        if (index % AT_ONCE === AT_ONCE - 1) await breathe();
      }
    }
    return works;
  }

  async #known(addresses: readonly SubjectTarget[]): Promise<readonly SubjectTarget[]> {
    const known = new Map<string, SubjectTarget>();
    for (const [index, target] of addresses.entries()) {
      const { chain, address, folded = false } = target;
      if (this.#parts.subjects.has(chain, address, folded)) known.set(`${chain} ${address} ${folded}`, target);
      if (index % AT_ONCE === AT_ONCE - 1) await breathe();
    }
    return [...known.values()];
  }

  #commit(action: string, detail: NonNullable<AuditDraft['detail']>): Promise<void> {
    const pending: RecordChange =
      this.#pending.length === 0
        ? { table: 'meta', key: PENDING_KEY, value: null }
        : jsonChange('meta', PENDING_KEY, { runs: this.#pending });
    return this.#parts.audited.commit([{ actor: SYSTEM.id, action, subject: 'rescreen', detail }], [pending]);
  }
}

/** One going through of works, a few side by side. */
class Pass {
  looked = 0;
  changed = 0;
  failed = 0;
  firstFault: string | null = null;
  readonly #parts: RescreenParts;
  readonly #works: Iterator<readonly [number, Work]>;
  readonly #stopped: () => boolean;
  readonly #failed: { readonly ref: SubjectRef; readonly work: Work }[] = [];

  constructor(parts: RescreenParts, works: ReadonlyMap<number, Work>, stopped: () => boolean) {
    this.#parts = parts;
    this.#works = works.entries();
    this.#stopped = stopped;
  }

  async run(): Promise<void> {
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, () => this.#lane()));
  }

  /** What failed, by cause, to be tried again; not for ever. */
  async failedRuns(): Promise<readonly Run[]> {
    const runs = new Map<string, Run & { readonly addresses: SubjectTarget[] }>();
    for (const { ref, work } of this.#failed) {
      const tries = work.tries + 1;
      if (tries >= MAX_TRIES) continue;
      const { cause } = work;
      const name = `${tries} ${cause}`;
      const run = runs.get(name) ?? { cause, tries, addresses: [] };
      run.addresses.push(...(work.target === null ? await this.#targetsOf(ref) : [work.target]));
      runs.set(name, run);
    }
    return [...runs.values()].filter(({ addresses }) => addresses.length > 0);
  }

  async #lane(): Promise<void> {
    for (let next = this.#works.next(); next.done !== true; next = this.#works.next()) {
      if (this.#stopped()) return;
      const [number, work] = next.value;
      await this.#look(this.#parts.subjects.refAt(number), work);
      if (this.looked % AT_ONCE === 0) await breathe();
    }
  }

  async #look(ref: SubjectRef, work: Work): Promise<void> {
    this.looked += 1;
    try {
      if (work.target !== null && !(await this.#isMeant(ref, work.target))) return;
      if ((await this.#parts.again(ref, work.cause)) === 'changed') this.changed += 1;
    } catch (fault) {
      this.failed += 1;
      this.firstFault ??= describeError(fault);
      this.#failed.push({ ref, work });
    }
  }

  /** The book goes by prints: the record says whether it is this address. */
  async #isMeant(ref: SubjectRef, { chain, address, folded = false }: SubjectTarget): Promise<boolean> {
    const bytes = await this.#record(ref);
    if (bytes === null) return false;
    if (ref.table === 'batch') return inText(bytes, address, folded);
    const row = readJson<SubjectRow>(bytes);
    const wanted = folded ? address.toLowerCase() : address;
    return (chain === null || row.c === chain) && row.a.some((own) => (folded ? own.toLowerCase() : own) === wanted);
  }

  async #targetsOf(ref: SubjectRef): Promise<readonly SubjectTarget[]> {
    const bytes = await this.#record(ref);
    if (bytes === null) return [];
    if (ref.table === 'verdict') {
      const { a, c } = readJson<SubjectRow>(bytes);
      return a.map((address) => ({ chain: c, address }));
    }
    const { chain, addresses } = readJson<SubjectBatch>(bytes);
    const address = addresses[ref.line ?? 0];
    return address === undefined ? [] : [{ chain, address }];
  }

  #record({ table, seq }: SubjectRef): Promise<Uint8Array | null> {
    return this.#parts.records.get(table === 'batch' ? 'batch' : 'subject', orderKey(seq));
  }
}

/** A batch may be of a megabyte: its text is searched, not parsed. */
function inText(bytes: Uint8Array, address: string, folded: boolean): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const quoted = JSON.stringify(address);
  return folded ? text.toString('utf8').toLowerCase().includes(quoted.toLowerCase()) : text.includes(quoted);
}

function joined(known: Work | undefined, { cause, tries, target }: Work): Work {
  if (known === undefined || known.cause === cause) return known ?? { cause, tries, target };
  return {
    cause: `${known.cause}; ${cause}`,
    tries: Math.min(known.tries, tries),
    // Where all are looked at, none has to be confirmed.
    target: known.target === null ? null : target,
  };
}

function readPending(bytes: Uint8Array): readonly Run[] {
  try {
    return readJson<{ readonly runs: readonly Run[] }>(bytes).runs;
  } catch (cause) {
    throw new HaetaeError('E_RECORDS', 'the list of past verdicts to be screened again cannot be read', {
      context: { table: 'meta', key: PENDING_KEY },
      remedy: 'put the records back from a backup',
      cause,
    });
  }
}
