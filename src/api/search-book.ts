import type { z } from 'zod';
import { lowest } from '../base/ascending.ts';
import { addressForms, parseAddress } from '../model/address.ts';
import { CHAINS, type Chain, type ChainId, requireChain } from '../model/chain.ts';
import type { CaseFileBook } from '../screen/case-file-book.ts';
import type { LabelBook } from '../screen/label-book.ts';
import { foldName, type LabelNames, type MatchRank } from '../screen/label-names.ts';
import type { TraceBook, TracedAddress } from '../screen/trace-book.ts';
import type { Store } from '../store/port.ts';
import type { Records } from '../store/records.ts';
import type { SEARCH_KINDS, searchRoutes } from './routes/search.ts';
import { recordsBeginning } from './search-ids.ts';

export type Hit = z.input<typeof searchRoutes.search.response>['items'][number];

/** A hit with how well it fits. */
export interface Ranked {
  readonly hit: Hit;
  readonly rank: MatchRank;
}

export interface SearchParts {
  readonly store: Pick<Store, 'batches' | 'transfersOfTx' | 'utxoTransactionsById'>;
  readonly records: Pick<Records, 'list'>;
  readonly names: LabelNames;
  readonly labels: Pick<LabelBook, 'factsOf'>;
  readonly traces: TraceBook;
  readonly caseFiles: Pick<CaseFileBook, 'titles'>;
  /** A verdict by its whole id, a plain line of a batch too. */
  readonly verdictOf: (
    id: string,
  ) => Promise<{ readonly id: string; readonly decision: string; readonly at: string } | null>;
}

/** Among hits of one rank. */
const ORDER: readonly (typeof SEARCH_KINDS)[number][] = [
  'case',
  'desk-case',
  'alert',
  'verdict',
  'hold',
  'transaction',
  'entity',
  'address',
  'label',
];
/** Characters from which on an address is looked for by its beginning. */
const BEGINNING = 6;
const NOW = { transferAt: null, asOf: null } as const;

/** Finds what a few words could be, in what is held in memory; whole transactions and ids in the store. */
export class SearchBook {
  readonly #parts: SearchParts;
  /** Places of traced cases by folded address, of one state of the cases. */
  #places: { readonly state: string; readonly rows: readonly (TracedAddress & { readonly folded: string })[] } = {
    state: '',
    rows: [],
  };

  constructor(parts: SearchParts) {
    this.#parts = parts;
  }

  /** The whole first, then what begins so, then what holds it. */
  async find(words: string, limit: number): Promise<{ readonly items: readonly Hit[]; readonly more: boolean }> {
    const text = words.trim();
    if (text === '') return { items: [], more: false };
    const most = limit + 1;
    const found = await Promise.all([
      this.#cases(text),
      recordsBeginning(this.#parts.records, text, most),
      this.#batchLine(text),
      this.#wholeOnChain(text),
      this.#named(text, most),
      this.#beginning(text, most),
    ]);
    const hits = new Map<string, Ranked>();
    for (const ranked of found.flat()) {
      const key = `${ranked.hit.kind}|${ranked.hit.chain}|${ranked.hit.id}`;
      const known = hits.get(key);
      if (known === undefined || known.rank > ranked.rank) hits.set(key, ranked);
    }
    const sorted = [...hits.values()].sort(
      (a, b) => a.rank - b.rank || ORDER.indexOf(a.hit.kind) - ORDER.indexOf(b.hit.kind),
    );
    return { items: sorted.slice(0, limit).map(({ hit }) => hit), more: sorted.length > limit };
  }

  #cases(text: string): Ranked[] {
    const wanted = foldName(text);
    const found: Ranked[] = [];
    const put = (hit: Hit): void => {
      const rank = better(rankOf(hit.id, wanted), rankOf(hit.title, wanted));
      if (rank !== null) found.push({ hit, rank });
    };
    for (const { id, title, simulated } of this.#parts.traces.list())
      put({ kind: 'case', id, chain: null, title, detail: 'traced case', simulated });
    for (const { id, title, state } of this.#parts.caseFiles.titles())
      put({ kind: 'desk-case', id, chain: null, title, detail: state, simulated: false });
    return found;
  }

  async #batchLine(text: string): Promise<Ranked[]> {
    if (!text.startsWith('b-')) return [];
    const verdict = await this.#parts.verdictOf(text);
    if (verdict === null) return [];
    const { id, decision, at } = verdict;
    return [{ hit: { kind: 'verdict', id, chain: null, title: decision, detail: at, simulated: false }, rank: 0 }];
  }

  async #named(text: string, most: number): Promise<Ranked[]> {
    const matches = await this.#parts.names.named(text, most);
    return matches.map(({ rank, name }) => {
      const chains = [...name.chains];
      const count = name.addresses.length;
      return {
        rank,
        hit: {
          kind: name.owner ? 'entity' : 'label',
          id: name.text,
          chain: null,
          title: name.text,
          detail: `${[...name.categories].join(', ')}; ${count} ${count === 1 ? 'address' : 'addresses'}`,
          simulated: chains.length > 0 && chains.every(isSimulated),
        },
      };
    });
  }

  /** An address or a transaction as a whole, with its chain before it or not. */
  async #wholeOnChain(text: string): Promise<Ranked[]> {
    const { chain, rest } = chainBefore(text);
    const isTx = TX.test(rest);
    if (!isTx && rest.length < BEGINNING) return [];
    if (!isTx && chain === null && addressForms(rest).length === 0 && !isAddressSomewhere(rest)) return [];
    const batches = await this.#parts.store.batches();
    const stored = [...new Set(batches.map((batch) => batch.chain))].sort();
    const hits = isTx ? await this.#transactions(rest, chain, stored) : this.#addresses(rest, chain, stored);
    return hits.map((hit) => ({ hit, rank: 0 as const }));
  }

  async #transactions(text: string, chain: Chain | null, stored: readonly ChainId[]): Promise<Hit[]> {
    const chains = stored.filter((each) => chain === null || each === chain.id).map(requireChain);
    const found = await Promise.all(chains.map((each) => this.#hasTransaction(each, text)));
    return found.flat();
  }

  async #hasTransaction(chain: Chain, text: string): Promise<Hit[]> {
    const { store } = this.#parts;
    const hits: Hit[] = [];
    for (const tx of spellingsOfTx(chain, text)) {
      const moves =
        chain.model === 'utxo'
          ? (await store.utxoTransactionsById(chain.id, [tx])).length
          : (await store.transfersOfTx(chain.id, tx)).length;
      if (moves === 0) continue;
      const detail = chain.model === 'utxo' ? 'transaction' : `${moves} movements`;
      const { simulated } = chain;
      hits.push({
        kind: 'transaction',
        id: tx,
        chain: chain.id,
        title: tx,
        detail: `${chain.name}: ${detail}`,
        simulated,
      });
    }
    return hits;
  }

  #addresses(text: string, named: Chain | null, stored: readonly ChainId[]): Hit[] {
    const ids = named === null ? [...new Set([...stored, ...CHAINS.map(({ id }) => id)])] : [named.id];
    const sound = ids.map(requireChain).flatMap((chain) => {
      const parsed = parseAddress(chain, text);
      return parsed.ok ? [{ chain, address: parsed.address }] : [];
    });
    const known = sound.filter(({ chain, address }) => stored.includes(chain.id) || this.#isKnown(chain.id, address));
    const shown = known.length > 0 ? known : sound.filter(({ chain }) => !chain.simulated).slice(0, 1);
    return (shown.length > 0 ? shown : sound.slice(0, 1)).map(({ chain, address }) => this.#address(chain, address));
  }

  #isKnown(chain: ChainId, address: string): boolean {
    const { labels, traces } = this.#parts;
    // Sanctions of an EVM address speak on every chain: its own is the one to go to.
    return (
      traces.tracesOf(chain, address).length > 0 ||
      labels.factsOf(chain, address, NOW).some(({ saidOf }) => saidOf === null)
    );
  }

  #address(chain: Chain, address: string): Hit {
    const { labels, traces } = this.#parts;
    const facts = labels.factsOf(chain.id, address, NOW);
    const cases = new Map(traces.tracesOf(chain.id, address).map((trace) => [trace.case, trace.title]));
    const said = [...new Set(facts.map(({ label, category }) => `${label} (${category})`))].slice(0, 2);
    const reached = [...cases.values()].slice(0, 2).map((title) => `reached by ${title}`);
    const detail = [chain.name, ...said, ...reached].join('; ');
    return { kind: 'address', id: address, chain: chain.id, title: address, detail, simulated: chain.simulated };
  }

  async #beginning(text: string, most: number): Promise<Ranked[]> {
    const { chain, rest } = chainBefore(text);
    if (rest.length < BEGINNING || /\s/.test(rest)) return [];
    const labelled = (await this.#parts.names.beginning(rest, most)).flatMap((each): Hit[] => {
      const at = chainOf(each.address, each.chain);
      if (at === null || (chain !== null && chain.id !== at.id)) return [];
      const detail = `${at.name}; ${each.actor ?? each.label} (${each.category})`;
      const { simulated } = at;
      return [{ kind: 'address', id: each.address, chain: at.id, title: each.address, detail, simulated }];
    });
    const known = new Set(labelled.map((hit) => `${hit.chain}|${hit.id}`));
    const places = this.#placesBeginning(rest, most).filter((each) => chain === null || chain.id === each.chain);
    const reached = places
      .filter((each) => !known.has(`${each.chain}|${each.address}`))
      .map((each) => this.#address(requireChain(each.chain), each.address));
    return [...labelled, ...reached].map((hit) => ({ hit, rank: hit.id.length === rest.length ? 0 : 1 }));
  }

  #placesBeginning(text: string, most: number): readonly TracedAddress[] {
    const { traces } = this.#parts;
    if (this.#places.state !== traces.hash) {
      const rows = [...traces.places()].map((place) => ({ ...place, folded: place.address.toLowerCase() }));
      rows.sort((a, b) => (a.folded < b.folded ? -1 : a.folded > b.folded ? 1 : a.chain < b.chain ? -1 : 1));
      this.#places = { state: traces.hash, rows };
    }
    const { rows } = this.#places;
    const wanted = text.toLowerCase();
    const found: TracedAddress[] = [];
    const first = lowest(rows.length, (at) => rows[at]!.folded >= wanted);
    for (let at = first; at < rows.length && found.length < most; at += 1) {
      if (!rows[at]!.folded.startsWith(wanted)) break;
      found.push(rows[at]!);
    }
    return found;
  }
}

const TX = /^(?:0x)?[0-9a-f]{64}$/i;

/** As chains write their transactions: EVM with 0x, others without. */
export function spellingsOfTx(chain: Chain, text: string): readonly string[] {
  if (!TX.test(text)) return [text];
  const hex = text.toLowerCase().replace(/^0x/, '');
  return chain.addressFormat === 'evm' ? [`0x${hex}`] : [hex];
}

/** CAIP-10, with a chain's name in place of its id too. */
function chainBefore(text: string): { readonly chain: Chain | null; readonly rest: string } {
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    const chain = chainOrNull(text.slice(0, at));
    if (chain !== null) return { chain, rest: text.slice(at + 1).trim() };
  }
  return { chain: null, rest: text };
}

function chainOrNull(text: string): Chain | null {
  try {
    return requireChain(text);
  } catch {
    return null;
  }
}

/** Test networks have forms of their own. */
function isAddressSomewhere(text: string): boolean {
  return CHAINS.some((chain) => chain.simulated && parseAddress(chain, text).ok);
}

/** The chain that a list says, else the first whose addresses look so. */
function chainOf(address: string, chain: string | null): Chain | null {
  if (chain !== null) return chainOrNull(chain);
  const [form] = addressForms(address);
  if (form !== undefined) return CHAINS.find(({ addressFormat }) => addressFormat === form.format) ?? null;
  return CHAINS.find((each) => parseAddress(each, address).ok) ?? null;
}

function isSimulated(chain: string): boolean {
  return chainOrNull(chain)?.simulated ?? false;
}

function rankOf(text: string, wanted: string): MatchRank | null {
  const folded = foldName(text);
  const at = folded.indexOf(wanted);
  if (at < 0 || wanted === '') return null;
  return at > 0 ? 2 : folded.length === wanted.length ? 0 : 1;
}

function better(a: MatchRank | null, b: MatchRank | null): MatchRank | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}
