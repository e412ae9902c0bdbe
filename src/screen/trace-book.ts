import { createHash } from 'node:crypto';
import type { ChainId } from '../model/chain.ts';
import type { CaseSummary, Store, StoredCase } from '../store/port.ts';
import type { SignatureFact, TraceFact } from './facts.ts';
import { type CaseTraces, type PlaceTrace, readCaseTraces, traceFactOf } from './trace-case.ts';

export interface TracedAddress {
  readonly chain: ChainId;
  readonly address: string;
}

const NO_TRACES: readonly TraceFact[] = [];
const NO_SIGNATURES: readonly SignatureFact[] = [];

/** A traced case, as lists name it. */
export type TracedCase = Pick<CaseSummary, 'id' | 'title' | 'simulated'>;

interface Known {
  readonly summary: string;
  readonly about: TracedCase;
  readonly traces: CaseTraces;
}

/** The places, services and signatures of every traced case, by address: look-ups in memory. */
export class TraceBook {
  readonly #store: Store;
  #cases = new Map<string, Known>();
  /** By chain and address, over all cases in order of their ids. */
  #places = new Map<string, readonly PlaceTrace[]>();
  #signatures = new Map<string, readonly CaseTraces[]>();
  #hash = '';
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(store: Store) {
    this.#store = store;
  }

  static async open(store: Store): Promise<TraceBook> {
    const book = new TraceBook(store);
    await book.refresh();
    return book;
  }

  /** SHA-256 over the cases' ids and results: names a state of knowledge. */
  get hash(): string {
    return this.#hash;
  }

  /** How many cases are known. */
  get cases(): number {
    return this.#cases.size;
  }

  /** Every case, in order of ids. */
  *list(): Generator<TracedCase> {
    for (const { about } of this.#cases.values()) yield about;
  }

  /** Every place of every case, each once. */
  *places(): Generator<TracedAddress> {
    for (const key of this.#places.keys()) yield addressOf(key);
  }

  /** By haircut where a case has it. A place of several cases, thefts or assets has a fact of each. */
  tracesOf(chain: ChainId, address: string): readonly TraceFact[] {
    const places = this.#places.get(keyOf(chain, address));
    return places === undefined ? NO_TRACES : places.map(traceFactOf);
  }

  /** A signature names no chain: it counts on the chains of its case. */
  signaturesOf(chain: ChainId, address: string): readonly SignatureFact[] {
    const cases = this.#signatures.get(address);
    if (cases === undefined) return NO_SIGNATURES;
    return cases.flatMap(({ chains, signatures }) => (chains.has(chain) ? (signatures.get(address) ?? []) : []));
  }

  /** Reads the cases that were added or changed since, and says of which addresses something else is known now. Calls go one after the other. */
  refresh(): Promise<{ readonly addresses: readonly TracedAddress[] }> {
    const turn = this.#turn.then(() => this.#refresh());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #refresh(): Promise<{ readonly addresses: readonly TracedAddress[] }> {
    const summaries = await this.#store.cases();
    const before = this.#cases;
    const now = new Map<string, Known>();
    const changed: CaseTraces[] = [];
    for (const summary of [...summaries].sort((a, b) => (a.id < b.id ? -1 : 1))) {
      const known = before.get(summary.id);
      if (known?.summary === textOf(summary)) {
        now.set(summary.id, known);
        continue;
      }
      const stored = await this.#store.loadCase(summary.id);
      // Taken away between the two calls.
      if (stored === null) continue;
      const traces = await tracesUnlessSame(stored, known);
      const { id, title, simulated } = summary;
      now.set(id, { summary: textOf(summary), about: { id, title, simulated }, traces });
      if (traces !== known?.traces) changed.push(traces, ...(known === undefined ? [] : [known.traces]));
    }
    for (const [id, { traces }] of before) if (!now.has(id)) changed.push(traces);
    if (changed.length === 0 && this.#hash !== '') return { addresses: [] };
    this.#put(now);
    return { addresses: touchedBy(changed) };
  }

  #put(cases: Map<string, Known>): void {
    const places = new Map<string, readonly PlaceTrace[]>();
    const signatures = new Map<string, readonly CaseTraces[]>();
    const hash = createHash('sha256');
    for (const [id, { traces }] of cases) {
      hash.update(`${JSON.stringify([id, traces.digest])}\n`);
      for (const [key, own] of traces.places) {
        const known = places.get(key);
        places.set(key, known === undefined ? own : [...known, ...own]);
      }
      for (const address of traces.signatures.keys())
        signatures.set(address, [...(signatures.get(address) ?? []), traces]);
    }
    this.#cases = cases;
    this.#places = places;
    this.#signatures = signatures;
    this.#hash = hash.digest('hex');
  }
}

/** A case that was saved again as it was stays what it is. */
async function tracesUnlessSame(stored: StoredCase, known: Known | undefined): Promise<CaseTraces> {
  const read = await readCaseTraces(stored);
  return known?.traces.digest === read.digest ? known.traces : read;
}

function textOf({ id, title, createdAt, simulated, bytes }: CaseSummary): string {
  return JSON.stringify([id, title, createdAt, simulated, bytes]);
}

function touchedBy(changed: readonly CaseTraces[]): TracedAddress[] {
  const touched = new Map<string, TracedAddress>();
  for (const { places, signatures, chains } of changed) {
    for (const key of places.keys()) touched.set(key, addressOf(key));
    for (const address of signatures.keys())
      for (const chain of chains) touched.set(keyOf(chain, address), { chain, address });
  }
  return [...touched.values()];
}

function keyOf(chain: ChainId, address: string): string {
  return `${chain}|${address}`;
}

function addressOf(key: string): TracedAddress {
  const bar = key.indexOf('|');
  return { chain: key.slice(0, bar), address: key.slice(bar + 1) };
}
