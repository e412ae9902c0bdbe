import type { AuditedWriter } from '../access/audited.ts';
import type { ExposureBook } from '../screen/exposure-book.ts';
import type { Knowledge } from '../screen/knowledge.ts';
import type { LabelBook } from '../screen/label-book.ts';
import type { TouchedAddress } from '../screen/label-changes.ts';
import type { Rescreener, RescreenResult } from '../screen/rescreen.ts';
import type { SubjectBook, SubjectTarget } from '../screen/subject-book.ts';
import type { TraceBook } from '../screen/trace-book.ts';
import { jsonChange, type Records, readJson } from '../store/records.ts';

export interface LearningParts {
  readonly records: Records;
  readonly audited: AuditedWriter;
  readonly labels: LabelBook;
  readonly exposures: ExposureBook;
  readonly traces: TraceBook;
  readonly knowledge: Knowledge;
  readonly subjects: SubjectBook;
  readonly rescreener: Rescreener;
}

/** In table `meta`: what was known when past verdicts were last brought up to it. */
const SEEN_KEY = 'knowledge.seen';

interface Seen {
  readonly labels: string;
  readonly traces: string;
  readonly exposures: string;
}

/** What is new in the store comes to the books, and past verdicts that it concerns are screened again. One thing after the other. */
export class Learning {
  readonly #parts: LearningParts;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** A turn that failed leaves past verdicts behind: the next one looks at all of them. */
  #behind = false;
  #caughtUp = false;
  /** As last kept. */
  #kept = '';

  constructor(parts: LearningParts) {
    this.#parts = parts;
  }

  /** After lists were added to the store, or own labels changed. */
  labels(cause: string): Promise<RescreenResult | null> {
    return this.#inTurn(async () => {
      const { labels, exposures, knowledge, subjects } = this.#parts;
      const { addresses } = await labels.refresh();
      knowledge.changed();
      if (addresses.length === 0) return null;
      const direct = await this.#again(addresses, cause);
      const { touched } = await exposures.relabelled(addresses, (chain, address) => subjects.has(chain, address));
      knowledge.changed();
      const indirect = await this.#again(touched, `${cause}, through others`);
      return sumOf(direct, indirect);
    });
  }

  /** After a traced case was saved. */
  cases(cause: string): Promise<RescreenResult | null> {
    return this.#inTurn(async () => {
      const { traces, knowledge } = this.#parts;
      const { addresses } = await traces.refresh();
      knowledge.changed();
      if (addresses.length === 0) return null;
      return this.#again(addresses, cause);
    });
  }

  /** After the index or the exposure table beside the store was written anew. */
  exposures(cause: string): Promise<RescreenResult | null> {
    return this.#inTurn(async () => {
      const { exposures, knowledge } = this.#parts;
      const { addresses } = await exposures.refresh();
      knowledge.changed();
      if (addresses !== 'all' && addresses.length === 0) return null;
      return this.#again(addresses, cause);
    });
  }

  /** At start: what was left undone, and what came into the store while no service ran. */
  async catchUp(): Promise<RescreenResult | null> {
    return this.#inTurn(async () => {
      const { records, rescreener, subjects } = this.#parts;
      const resumed = await rescreener.resume();
      const bytes = await records.get('meta', SEEN_KEY);
      const seen = bytes === null ? null : readJson<Seen>(bytes);
      const now = this.#known();
      this.#caughtUp = true;
      if (seen?.labels === now.labels && seen.traces === now.traces && seen.exposures === now.exposures) return resumed;
      const rest =
        subjects.size === 0 ? null : await this.#again('all', 'what was learned while the service did not run');
      return sumOf(resumed, rest);
    });
  }

  /** Now and then: what failed is tried again. */
  async retry(): Promise<void> {
    await this.#inTurn(() => this.#parts.rescreener.resume());
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#parts.rescreener.stop();
    await this.#turn;
  }

  #known(): Seen {
    const { labels, traces, exposures } = this.#parts;
    return { labels: labels.hash, traces: traces.hash, exposures: exposures.hash };
  }

  /** Before what came while no service ran was looked at, that must stay to be seen. */
  async #seen(): Promise<void> {
    const known = this.#known();
    const text = JSON.stringify(known);
    if (!this.#caughtUp || text === this.#kept) return;
    await this.#parts.audited.commit([], [jsonChange('meta', SEEN_KEY, known)]);
    this.#kept = text;
  }

  async #again(
    addresses: readonly (TouchedAddress | SubjectTarget)[] | 'all',
    cause: string,
  ): Promise<RescreenResult | null> {
    if (addresses.length === 0) return null;
    return this.#parts.rescreener.touched({ addresses, cause });
  }

  #inTurn(work: () => Promise<RescreenResult | null>): Promise<RescreenResult | null> {
    const turn = this.#turn.then(() => (this.#closed ? null : this.#whole(work)));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #whole(work: () => Promise<RescreenResult | null>): Promise<RescreenResult | null> {
    const behind = this.#behind;
    this.#behind = true;
    const result = await work();
    const rest = behind ? await this.#again('all', 'what could not be looked at before') : null;
    await this.#seen();
    this.#behind = false;
    return sumOf(result, rest);
  }
}

function sumOf(a: RescreenResult | null, b: RescreenResult | null): RescreenResult | null {
  if (a === null || b === null) return a ?? b;
  return {
    looked: a.looked + b.looked,
    changed: a.changed + b.changed,
    failed: a.failed + b.failed,
    firstFault: a.firstFault ?? b.firstFault,
  };
}
