import type { UnixSeconds } from '../base/time.ts';
import { addressForms, parseAddress } from '../model/address.ts';
import { type ChainId, requireChain } from '../model/chain.ts';
import type { Category, Label } from '../model/label.ts';
import type { LabelRow, Store } from '../store/port.ts';
import { BURN_ENTRIES, BURN_LIST, burnEntries } from './burn.ts';
import { type Edition, Editions } from './edition.ts';

export interface LookUp {
  /** Labels as they stood then; left out: as the newest editions say. */
  readonly asOf?: UnixSeconds;
  /** Only what speaks for this chain (see {@link speaksFor}); left out: every chain, each label naming its own. */
  readonly chain?: ChainId;
}

export interface Owner {
  readonly chain: ChainId;
  readonly address: string;
}

/** Every label of an address in any of its spellings, in force or not. */
export async function labelsOf(store: Store, address: string, { asOf, chain }: LookUp = {}): Promise<readonly Label[]> {
  const queries = spellings(address.trim(), chain);
  const found = await lookUp(store, queries, asOf);
  const labels = queries.flatMap((query) => found.get(query) ?? []);
  return chain === undefined ? labels : labels.filter((label) => speaksFor(label, chain));
}

/** Labels of many owners in one look-up, by `chain|address`; owners without labels are left out. Addresses are canonical. */
export async function labelsOfMany(
  store: Store,
  owners: readonly Owner[],
  { asOf }: Pick<LookUp, 'asOf'> = {},
): Promise<ReadonlyMap<string, readonly Label[]>> {
  const found = await lookUp(store, [...new Set(owners.map(({ address }) => address))], asOf);
  const labels = new Map<string, readonly Label[]>();
  for (const { chain, address } of owners) {
    const spoken = (found.get(address) ?? []).filter((label) => speaksFor(label, chain));
    if (spoken.length > 0) labels.set(`${chain}|${address}`, spoken);
  }
  return labels;
}

/** Every label of these categories. A case-lost one stands under its joined spelling where another sanctions list kept it. */
export async function labelsByCategory(
  store: Store,
  categories: readonly string[],
  lookUp: Pick<LookUp, 'asOf'> = {},
): Promise<readonly Label[]> {
  return (await lookUpCategories(store, categories, lookUp))(categories);
}

/** Every label of some categories, as {@link labelsByCategory} gives them. */
export type LabelsOf = (categories: readonly string[]) => readonly Label[];

/** One look-up for whoever asks for some of these categories. */
export async function lookUpCategories(
  store: Store,
  categories: readonly string[],
  { asOf }: Pick<LookUp, 'asOf'> = {},
): Promise<LabelsOf> {
  const rows = await store.labelRowsByCategory([...new Set(categories)]);
  const kept = rows.some(({ caseLost }) => caseLost) ? await keptSpellings(store) : new Map<string, string>();
  const addressesOf = (wanted: ReadonlySet<string>): Set<string> => {
    const own = rows.filter(({ category }) => wanted.has(category));
    const addresses = own.map(({ address, caseLost }) => (caseLost ? (kept.get(address) ?? address) : address));
    return new Set([...addresses, ...(wanted.has('burn') ? BURN_ENTRIES.map(({ address }) => address) : [])]);
  };
  const found = await lookUp(store, [...addressesOf(new Set(categories))], asOf);
  return (some) => {
    const wanted = new Set(some);
    const labels = [...addressesOf(wanted)].flatMap((address) => found.get(address) ?? []);
    return labels.filter(({ category }) => wanted.has(category));
  };
}

/** Folded form → the spelling that a list of sanctions kept. */
async function keptSpellings(store: Store): Promise<Map<string, string>> {
  const rows = await store.labelRowsByCategory(['sanctioned']);
  return new Map(rows.filter(({ caseLost }) => !caseLost).map(({ address }) => [address.toLowerCase(), address]));
}

/** What holds on every EVM chain once it is said for one: it is about the person who has the key, not about a contract. */
const ABOUT_THE_PERSON: ReadonlySet<Category> = new Set(['sanctioned', 'stolen']);

/**
 * Whether a label says something about its address on this chain: the label’s own chain; a label whose chain is unknown; and, between
 * EVM chains, sanctions and thefts only. The same address may be a wallet on one chain and another’s contract on the next
 * (0x55d398326f99059ff775485246999027b3197955: phishing on Ethereum, the USDT contract on BSC).
 */
export function speaksFor(label: Pick<Label, 'chain' | 'category'>, chain: ChainId): boolean {
  if (label.chain === null || label.chain === chain) return true;
  return label.chain.startsWith('eip155:') && chain.startsWith('eip155:') && ABOUT_THE_PERSON.has(label.category);
}

function spellings(text: string, chain: ChainId | undefined): string[] {
  if (chain !== undefined) {
    const parsed = parseAddress(requireChain(chain), text);
    return [parsed.ok ? parsed.address : text];
  }
  return [...new Set([...addressForms(text).map(({ address }) => address), text])];
}

async function lookUp(
  store: Store,
  queries: readonly string[],
  asOf: UnixSeconds | undefined,
): Promise<Map<string, readonly Label[]>> {
  const found = new Map<string, readonly Label[]>();
  if (queries.length === 0) return found;
  const [lists, rows] = await Promise.all([
    store.labelLists(),
    store.labelRows([...new Set(queries.flatMap((query) => [query, query.toLowerCase()]))]),
  ]);
  const editions = new Editions(lists);
  const byFolded = new Map<string, LabelRow[]>();
  for (const row of rows) {
    const folded = row.address.toLowerCase();
    const known = byFolded.get(folded);
    if (known === undefined) byFolded.set(folded, [row]);
    else known.push(row);
  }
  for (const query of queries) {
    const labels = resolveLabels(query, byFolded.get(query.toLowerCase()) ?? [], editions, asOf);
    if (labels.length > 0) found.set(query, labels);
  }
  return found;
}

/**
 * Every label of one address in this very spelling, in force or not, for every chain (see {@link speaksFor}). `rows`: at least all whose address
 * equals it but for case, in order of list; others among them change nothing.
 */
export function resolveLabels(
  query: string,
  rows: readonly LabelRow[],
  editions: Editions,
  asOf: UnixSeconds | undefined,
): Label[] {
  const folded = query.toLowerCase();
  const own = rows.filter(({ address }) => address === query);
  const lost = folded === query ? [] : rows.filter((row) => row.address === folded && isHit(row, query));
  return [...resolveRows(query, [...own, ...lost], editions, asOf), ...burnLabels(query)].sort(byWeight);
}

/** A case-lost row is hit by a spelling that is sound on its chain; where the chain is not known, by any. */
function isHit(row: LabelRow, query: string): boolean {
  if (!row.caseLost) return false;
  if (row.chain === null) return true;
  const parsed = parseAddress(requireChain(row.chain), query);
  return parsed.ok && parsed.address === query;
}

/** Rows of one address, whatever their lists, to labels: one group a source and currency, each at the edition that counts then. */
function resolveRows(
  query: string,
  rows: readonly LabelRow[],
  editions: Editions,
  asOf: UnixSeconds | undefined,
): Label[] {
  const holding = new Map<string, Set<Edition>>();
  const groups = new Map<string, LabelRow[]>();
  for (const row of rows) {
    const edition = editions.ofList(row.listId);
    const held = holding.get(edition.root) ?? new Set();
    holding.set(edition.root, held.add(edition));
    const key = JSON.stringify([edition.root, row.currency ?? row.chain]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const spelling = keptBy(rows, editions);
  return [...groups.values()].flatMap((group) => {
    const counting = rowsThatCount(group, editions, asOf ?? Number.POSITIVE_INFINITY);
    return counting.map((row) => toLabel(query, row, { holding, editions, asOf, spelling }));
  });
}

/** The rows of the newest edition up to the date, else of the first after it; the same fact from two files once. */
function rowsThatCount(group: readonly LabelRow[], editions: Editions, asOf: number): LabelRow[] {
  if (group.length === 1) return [...group];
  const dates = [...new Set(group.map((row) => editions.ofList(row.listId).date))].sort((a, b) => (a < b ? -1 : 1));
  const date = dates.filter((candidate) => candidate <= asOf).at(-1) ?? dates[0];
  const unique = new Map<string, LabelRow>();
  for (const row of group) {
    if (editions.ofList(row.listId).date !== date) continue;
    const { listId: _, ...said } = row;
    const key = JSON.stringify(said);
    if (!unique.has(key)) unique.set(key, row);
  }
  return [...unique.values()];
}

interface Judging {
  /** By source, the editions that hold the address. */
  readonly holding: ReadonlyMap<string, ReadonlySet<Edition>>;
  readonly editions: Editions;
  readonly asOf: UnixSeconds | undefined;
  /** Source that kept the spelling, where one did. */
  readonly spelling: string | null;
}

function toLabel(query: string, row: LabelRow, { holding, editions, asOf, spelling }: Judging): Label {
  const edition = editions.ofList(row.listId);
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const { date } of holding.get(edition.root) ?? []) {
    if (!Number.isFinite(date)) continue;
    first = Math.min(first, date);
    last = Math.max(last, date);
  }
  const endedBy = editions.endOf(row, edition.date, holding);
  const joined = row.caseLost && spelling !== null;
  // Field by field: a rest and a spread here cost more than all the rest of a look-up.
  return {
    address: joined ? query : row.address,
    chain: row.chain,
    currency: row.currency,
    label: row.label,
    category: row.category,
    actor: row.actor,
    abuse: row.abuse,
    programmes: row.programmes,
    confidence: row.confidence,
    url: row.url,
    caseLost: row.caseLost && !joined,
    validFrom: row.validFrom,
    validTo: row.validTo,
    list: editions.listOf(row.listId),
    firstListed: last < first ? null : first,
    lastListed: last < first ? null : last,
    endedBy,
    status: statusAt(asOf, edition.date, endedBy, row),
    caseFrom: joined ? spelling : null,
  };
}

function statusAt(
  asOf: UnixSeconds | undefined,
  listed: number,
  endedBy: UnixSeconds | null,
  { validFrom, validTo }: LabelRow,
): Label['status'] {
  if (listed > (asOf ?? Number.POSITIVE_INFINITY)) return 'later';
  if (endedBy !== null && endedBy <= (asOf ?? Number.POSITIVE_INFINITY)) return 'ended';
  // The source’s own dates are days on a calendar: without a date asked for, they are held against today.
  const day = asOf ?? Math.floor(Date.now() / 1000);
  if (validFrom !== null && day < validFrom) return 'later';
  return validTo !== null && day > validTo ? 'ended' : 'current';
}

/** The newest list of sanctions that holds the address with its case kept. */
function keptBy(rows: readonly LabelRow[], editions: Editions): string | null {
  if (!rows.some(({ caseLost }) => caseLost)) return null;
  const kept = rows
    .filter(({ caseLost, category }) => !caseLost && category === 'sanctioned')
    .map((row) => ({ edition: editions.ofList(row.listId), listId: row.listId }))
    .sort((a, b) => (a.edition.date < b.edition.date ? 1 : -1))[0];
  return kept === undefined ? null : editions.listOf(kept.listId).source;
}

function burnLabels(address: string): Label[] {
  const judged = { firstListed: null, lastListed: null, endedBy: null, status: 'current', caseFrom: null } as const;
  return burnEntries(address).map((entry) => ({ ...entry, list: BURN_LIST, ...judged }));
}

const STATUS_ORDER = { current: 0, ended: 1, later: 2 } as const;

/** In force first; then by text, so that the order never depends on the order of import. */
function byWeight(a: Label, b: Label): number {
  if (a.status !== b.status) return STATUS_ORDER[a.status] - STATUS_ORDER[b.status];
  const [left, right] = [a, b].map((label) => `${label.category}|${label.list.source}|${label.label}|${label.chain}`);
  return left === right ? 0 : (left ?? '') < (right ?? '') ? -1 : 1;
}
