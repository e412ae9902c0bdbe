import type { z } from 'zod';
import { HaetaeError } from '../base/errors.ts';
import { formatTime, type UnixSeconds } from '../base/time.ts';
import { labelsOf } from '../label/resolve.ts';
import { requireAddress } from '../model/address.ts';
import { type Asset, nativeAsset } from '../model/asset.ts';
import { type Chain, type ChainId, requireChain } from '../model/chain.ts';
import type { Label } from '../model/label.ts';
import type { Transfer, UtxoTransaction } from '../model/transfer.ts';
import type { ExposureBook } from '../screen/exposure-book.ts';
import type { ExposureFact, TraceFact } from '../screen/facts.ts';
import type { TraceBook } from '../screen/trace-book.ts';
import type { Verdict } from '../screen/verdict.ts';
import type { VerdictBook } from '../screen/verdict-book.ts';
import type { Store, UtxoMove } from '../store/port.ts';
import { readJson } from '../store/records.ts';
import type { searchRoutes } from './routes/search.ts';
import { spellingsOfTx } from './search-book.ts';

export interface PageParts {
  readonly store: Store;
  readonly exposures: Pick<ExposureBook, 'exposuresOf' | 'entityOf'>;
  readonly traces: Pick<TraceBook, 'tracesOf'>;
  readonly verdicts: Pick<VerdictBook, 'page'>;
}

type AddressAnswer = z.input<typeof searchRoutes.getAddress.response>;
type TransactionAnswer = z.input<typeof searchRoutes.getTransaction.response>;
type Recent = AddressAnswer['recent'][number];

/** Movements counted of an address. */
const COUNTED = 2_000;
const RECENT = 100;
const VERDICTS = 20;
/** Cases that are looked into for one transaction. */
const CASES = 20;
const TOUCHED = 'touched.csv';

/** What is known of an address. Throws E_ASSET, E_ADDRESS. */
export async function addressPage(parts: PageParts, chainText: string, text: string): Promise<AddressAnswer> {
  const chain = requireChain(chainText);
  const address = requireAddress(chain, text, 'address');
  const { store, exposures, traces, verdicts } = parts;
  const [labels, moved, { items }] = await Promise.all([
    labelsOf(store, address, { chain: chain.id }),
    chain.model === 'utxo' ? movesOf(store, chain, address) : transfersOf(store, chain, address),
    verdicts.page({ decision: null, chain: chain.id, address, fromMs: null, untilMs: null }, null, VERDICTS),
  ]);
  const exposed = exposures.exposuresOf(chain.id, address, null).facts;
  return {
    chain: chain.id,
    address,
    labels: labels.map(labelView),
    entity: exposures.entityOf(chain.id, address)?.fact.id ?? null,
    ...moved,
    exposure: exposed.length === 0 ? null : exposed.flatMap(exposureRows),
    cases: casesReaching(traces.tracesOf(chain.id, address)),
    verdicts: items.map((bytes) => {
      const { id, at, decision, score } = readJson<Verdict>(bytes);
      return { id, at, decision, score };
    }),
  };
}

/** One line a case and theft; where only all thefts together are known to have passed (they are named in one), nothing is said twice. */
function casesReaching(facts: readonly TraceFact[]): AddressAnswer['cases'] {
  const single = new Set(facts.filter(({ theft }) => !theft.includes(', ')).map(({ case: id }) => id));
  const cases = new Map<string, AddressAnswer['cases'][number]>();
  for (const { case: id, title, theft, simulated } of facts)
    if (!theft.includes(', ') || !single.has(id)) cases.set(`${id}|${theft}`, { id, title, theft, simulated });
  return [...cases.values()];
}

export function labelView(label: Label): AddressAnswer['labels'][number] {
  const { chain, address, category, actor, list, url, confidence, status } = label;
  return {
    chain,
    address,
    category,
    label: label.label,
    actor,
    source: list.source,
    url: url ?? list.url,
    confidence,
    from: shown(label.validFrom ?? label.firstListed),
    until: shown(label.validTo ?? label.endedBy),
    current: status === 'current',
  };
}

function shown(time: UnixSeconds | null): string | null {
  return time === null ? null : formatTime(time);
}

type Moved = Pick<AddressAnswer, 'firstTime' | 'lastTime' | 'transfers' | 'transfersMore' | 'recent' | 'sums'>;

/** `newest`: oldest of them first, one more than is counted where there are more. */
function movedOf<Row extends { readonly time: UnixSeconds }>(newest: readonly Row[]): Omit<Moved, 'recent' | 'sums'> {
  const more = newest.length > COUNTED;
  return {
    // Of more than were counted the first is not known.
    firstTime: more ? null : shown(newest[0]?.time ?? null),
    lastTime: shown(newest.at(-1)?.time ?? null),
    transfers: Math.min(newest.length, COUNTED),
    transfersMore: more,
  };
}

async function transfersOf(store: Store, chain: Chain, address: string): Promise<Moved> {
  const rows = await store.transfersOf(chain.id, address, COUNTED + 1);
  const nameOf = await assetNames(store, chain.id);
  const recent = rows
    .slice(-RECENT)
    .reverse()
    .map(
      ({ time, tx, from, to, asset, amount }): Recent => ({
        time: formatTime(time),
        tx,
        from,
        to,
        ...nameOf(asset),
        amount: `${amount}`,
        gross: null,
      }),
    );
  return { ...movedOf(rows), recent, sums: null };
}

/** One line a transaction: what it paid to the address less what it spent of it. */
async function movesOf(store: Store, chain: Chain, address: string): Promise<Moved> {
  const rows = await store.utxoMovesOf(chain.id, address, COUNTED + 1);
  const newest = rows.slice(-RECENT).reverse();
  const othersOf = await othersIn(store, chain.id, address, newest);
  const { id: asset, symbol, decimals } = nativeAsset(chain.id);
  const named = { asset, symbol, decimals };
  const recent = newest.map((move): Recent => {
    const { time, tx, inputs, spent, received } = move;
    const out = inputs > 0 && spent >= received;
    const { payers, payees } = othersOf(move) ?? NOT_KNOWN;
    const itself = payees.size === 0 && payees !== NOT_KNOWN.payees;
    return {
      time: formatTime(time),
      tx,
      from: out ? address : onlyOf(payers),
      to: out && !itself ? onlyOf(payees) : address,
      ...named,
      amount: `${out ? spent - received : received - spent}`,
      gross: { spent: `${spent}`, received: `${received}`, payers: payers.size, payees: payees.size },
    };
  });
  const counted = rows.slice(-COUNTED);
  const sum = (what: 'received' | 'spent'): string => `${counted.reduce((all, move) => all + move[what], 0n)}`;
  return { ...movedOf(rows), recent, sums: { ...named, received: sum('received'), spent: sum('spent') } };
}

function onlyOf(addresses: ReadonlySet<string>): string | null {
  return addresses.size === 1 ? [...addresses][0]! : null;
}

interface Others {
  readonly payers: ReadonlySet<string>;
  readonly payees: ReadonlySet<string>;
}

/** Of a transaction that went, with a reorganisation, between two looks. */
const NOT_KNOWN: Others = { payers: new Set(), payees: new Set() };

/** Who else paid and was paid: coinbases have no payer, and an output of nothing (data) pays nobody. */
async function othersIn(
  store: Store,
  chain: ChainId,
  address: string,
  moves: readonly UtxoMove[],
): Promise<(move: UtxoMove) => Others | null> {
  const prints = await store.txFingerprints(
    chain,
    moves.map(({ tx }) => tx),
  );
  const wanted = moves.map(({ time }, index) => ({ time, print: prints[index]! }));
  const found = new Map<string, Others>();
  for await (const transactions of store.utxoTransactionsNear(chain, wanted))
    for (const { tx, time, inputs, outputs } of transactions) {
      const payers = new Set(inputs.filter(({ outpoint }) => outpoint !== null).map((input) => input.address));
      const payees = new Set(outputs.filter(({ value }) => value > 0n).map((output) => output.address));
      payers.delete(address);
      payees.delete(address);
      found.set(`${time} ${tx}`, { payers, payees });
    }
  return ({ time, tx }) => found.get(`${time} ${tx}`) ?? null;
}

type Named = Pick<Recent, 'asset' | 'symbol' | 'decimals'>;

async function assetNames(store: Store, chain: ChainId): Promise<(asset: string) => Named> {
  const known = new Map<string, Asset>((await store.assets()).map((asset) => [asset.id, asset]));
  const native = nativeAsset(chain);
  known.set(native.id, known.get(native.id) ?? native);
  return (asset) => {
    const { symbol, decimals } = known.get(asset) ?? { symbol: asset.slice(asset.indexOf('/') + 1), decimals: null };
    return { asset, symbol, decimals };
  };
}

/** Direct and indirect apart, by their parts of the amount. */
function exposureRows(fact: ExposureFact): NonNullable<AddressAnswer['exposure']> {
  const { asset, category, side: direction, share } = fact;
  const [direct, amount] = [Number(fact.direct), Number(fact.amount)];
  const ofDirect = amount > 0 ? share * Math.min(1, direct / amount) : 0;
  const rows = [
    { asset, category, direction, link: 'direct', share: ofDirect },
    { asset, category, direction, link: 'indirect', share: Math.max(0, share - ofDirect) },
  ];
  return rows.filter((row) => row.share > 0);
}

/** Throws E_ASSET, E_NOT_FOUND. */
export async function transactionPage(
  parts: Pick<PageParts, 'store' | 'traces'>,
  chainText: string,
  text: string,
): Promise<TransactionAnswer> {
  const chain = requireChain(chainText);
  for (const tx of new Set([...spellingsOfTx(chain, text.trim()), text.trim()])) {
    const found =
      chain.model === 'utxo' ? await utxoTransaction(parts.store, chain, tx) : await account(parts.store, chain, tx);
    if (found === null) continue;
    const ends = new Set(found.movements.flatMap(({ from, to }) => [from, to]).filter((end) => end !== null));
    return { ...found, cases: await casesOf(parts, chain.id, tx, ends) };
  }
  throw new HaetaeError('E_NOT_FOUND', 'the data of this chain hold no such transaction', {
    context: { chain: chain.id, tx: text.slice(0, 90) },
    remedy: 'check the chain and the id, or import what it moved',
  });
}

type Found = Omit<TransactionAnswer, 'cases'>;

async function account(store: Store, chain: Chain, tx: string): Promise<Found | null> {
  const rows: readonly Transfer[] = await store.transfersOfTx(chain.id, tx);
  const [first] = rows;
  if (first === undefined) return null;
  const nameOf = await assetNames(store, chain.id);
  const movements = rows.map(({ kind, from, to, asset, amount }) => ({
    kind,
    from,
    to,
    ...nameOf(asset),
    amount: `${amount}`,
  }));
  return { chain: chain.id, tx, time: formatTime(first.time), block: blockText(first.block), movements };
}

async function utxoTransaction(store: Store, chain: Chain, tx: string): Promise<Found | null> {
  const rows: readonly UtxoTransaction[] = await store.utxoTransactionsById(chain.id, [tx]);
  const [found] = rows;
  if (found === undefined) return null;
  const { id: asset, symbol, decimals } = nativeAsset(chain.id);
  const named = { asset, symbol, decimals };
  const movements = [
    ...found.inputs.map(({ address, value }) => ({
      kind: 'input',
      from: address,
      to: null,
      ...named,
      amount: `${value}`,
    })),
    ...found.outputs.map(({ address, value }) => ({
      kind: 'output',
      from: null,
      to: address,
      ...named,
      amount: `${value}`,
    })),
  ];
  return { chain: chain.id, tx, time: formatTime(found.time), block: blockText(found.block), movements };
}

function blockText(block: bigint | null): string | null {
  return block === null ? null : `${block}`;
}

/** Cases that name an end of it as a place, and it among the movements that carried loot. */
async function casesOf(
  { store, traces }: Pick<PageParts, 'store' | 'traces'>,
  chain: ChainId,
  tx: string,
  ends: ReadonlySet<string>,
): Promise<TransactionAnswer['cases']> {
  const ids = new Set([...ends].flatMap((end) => traces.tracesOf(chain, end).map((trace) => trace.case)));
  const cases: { id: string; title: string; simulated: boolean }[] = [];
  for (const id of [...ids].sort().slice(0, CASES)) {
    const stored = await store.loadCase(id);
    const touched = stored?.files.get(TOUCHED);
    if (stored === null || touched === undefined) continue;
    const bytes = Buffer.from(touched.buffer, touched.byteOffset, touched.byteLength);
    if (bytes.includes(`,${tx},`)) cases.push({ id, title: stored.title, simulated: stored.simulated });
  }
  return cases;
}
