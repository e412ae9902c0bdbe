import type { UnixSeconds } from '../base/time.ts';
import type { ChainId } from '../model/chain.ts';
import type { Counterparty } from './counterparties.ts';
import type { ExposureBook } from './exposure-book.ts';
import type { CounterpartyFacts, ExposureFact, LabelFact } from './facts.ts';
import type { LabelBook } from './label-book.ts';
import type { TraceBook } from './trace-book.ts';
import type { Basis } from './verdict.ts';

export interface KnowledgeParts {
  readonly labels: LabelBook;
  readonly exposures: ExposureBook;
  readonly traces: TraceBook;
  readonly software: string;
}

export interface AskedAt {
  /** null: no time of a transfer. */
  readonly transferAt: UnixSeconds | null;
  /** Knowledge as of this second; null: now. */
  readonly asOf: UnixSeconds | null;
}

const AS_OF_NOTE = 'exposure, entities and traces are known as of now only: with asOf only labels count';
const NOTHING: readonly never[] = [];
const AS_OF_MISSING: readonly string[] = [AS_OF_NOTE];

/** What is known of an address, from labels, exposure and traces together, and as of what. Answers from memory and warm files, in microseconds. */
export class Knowledge {
  readonly #parts: KnowledgeParts;
  readonly #bases = new Map<ChainId, Omit<Basis, 'rules'>>();
  #version = 0;

  constructor(parts: KnowledgeParts) {
    this.#parts = parts;
  }

  /** To be called whenever one of the books has been refreshed. */
  changed(): void {
    this.#version += 1;
    this.#bases.clear();
  }

  /** Counts changes: facts of an earlier one may be overtaken, and nobody looks again at what was not kept when it came. */
  get version(): number {
    return this.#version;
  }

  basisOf(chain: ChainId): Omit<Basis, 'rules'> {
    const known = this.#bases.get(chain);
    const { labels, exposures, traces, software } = this.#parts;
    // A book answers with what is new a little before it says that it changed.
    if (known?.labels.hash === labels.hash && known.traces.hash === traces.hash) return known;
    const basis = {
      labels: { hash: labels.hash, lists: labels.lists },
      ...exposures.basisOf(chain),
      traces: { hash: traces.hash, cases: traces.cases },
      software,
    };
    this.#bases.set(chain, basis);
    return basis;
  }

  /** `address` canonical on the chain. */
  factsOf(
    chain: ChainId,
    { address, amount }: Counterparty,
    asset: string | null,
    when: AskedAt,
    also: readonly string[] = NOTHING,
  ): CounterpartyFacts {
    const { labels, exposures, traces } = this.#parts;
    const own = labels.factsOf(chain, address, when);
    const paid = amount === null ? null : amount.toString();
    if (when.asOf !== null) {
      const missing = also.length === 0 ? AS_OF_MISSING : [...also, AS_OF_NOTE];
      return factsWith(address, chain, paid, own, missing);
    }
    const found = exposures.exposuresOf(chain, address, asset);
    const entity = exposures.entityOf(chain, address);
    return {
      address,
      chain,
      amount: paid,
      labels: entity === null ? own : [...own, ...this.#entityLabels(chain, address, entity.labelled, when)],
      entity: entity?.fact ?? null,
      exposures: found.facts,
      traces: traces.tracesOf(chain, address),
      signatures: traces.signaturesOf(chain, address),
      missing: also.length === 0 ? found.missing : [...also, ...found.missing],
    };
  }

  /** The same facts with paths sought for what the address received and sent. */
  async withPaths(facts: CounterpartyFacts, asset: string | null): Promise<CounterpartyFacts> {
    const found = await this.#parts.exposures.pathsOf(facts.chain, facts.address, asset);
    const byKey = new Map(found.facts.map((fact) => [keyOf(fact), fact]));
    const exposures = facts.exposures.map((fact) => {
      const sought = byKey.get(keyOf(fact));
      return sought === undefined ? fact : { ...fact, hops: sought.hops, path: sought.path };
    });
    return { ...facts, exposures, missing: [...facts.missing, ...found.missing] };
  }

  /** Nothing that any rule looks at: the quick answer of a batch. */
  isSilent(chain: ChainId, address: string, when: AskedAt): boolean {
    const { labels, exposures, traces } = this.#parts;
    if (labels.factsOf(chain, address, when).length > 0) return false;
    if (when.asOf !== null) return true;
    return (
      exposures.exposuresOf(chain, address, null).facts.length === 0 &&
      (exposures.entityOf(chain, address)?.labelled.length ?? 0) === 0 &&
      traces.tracesOf(chain, address).length === 0 &&
      traces.signaturesOf(chain, address).length === 0
    );
  }

  #entityLabels(chain: ChainId, address: string, labelled: readonly string[], when: AskedAt): readonly LabelFact[] {
    return labelled
      .filter((member) => member !== address)
      .flatMap((member) => this.#parts.labels.factsOf(chain, member, when).map((fact) => ({ ...fact, via: member })));
  }
}

/** Of labels alone. */
function factsWith(
  address: string,
  chain: ChainId,
  amount: string | null,
  labels: readonly LabelFact[],
  missing: readonly string[],
): CounterpartyFacts {
  return {
    address,
    chain,
    amount,
    labels,
    entity: null,
    exposures: NOTHING,
    traces: NOTHING,
    signatures: NOTHING,
    missing,
  };
}

function keyOf({ asset, side, category }: ExposureFact): string {
  return `${asset}|${side}|${category}`;
}
