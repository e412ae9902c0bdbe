import { type ChainFlow, FEE } from '../flow/flow.ts';
import type { Kernels, Rows, TaintSeed } from '../kernel/kernel.ts';
import { graphOf } from './account-graph.ts';
import { type OwnMovements, ownMovements } from './address-account.ts';
import { backwardFrom } from './backward-account.ts';
import { utxoBackward, utxoForward, utxoOwn } from './backward-utxo.ts';
import { NO_CATEGORY } from './categories.ts';
import type { AddressFigures, Backward } from './figures.ts';
import { forwardFrom } from './forward-account.ts';
import { laneRuns } from './passes.ts';
import { accountPaths, type Path, strongestPaths, utxoPaths } from './paths.ts';
import { accountOut, outwardPaths, utxoOut } from './paths-out.ts';
import { type ScanRows, scanRows } from './scan-rows.ts';
import { UtxoReader } from './utxo-view.ts';

/** One address and asset, to be answered from the movements themselves. */
export interface ExactQuery {
  readonly flow: ChainFlow;
  /** Category by address id. */
  readonly lanes: Uint8Array;
  readonly categories: number;
  /** Index in the flow's assets; 0 on a UTXO chain. */
  readonly asset: number;
  readonly address: number;
  /** By asset: payments of at most so many base units are small. */
  readonly dust: readonly number[];
  /** Movements of this step (transaction) and later do not count. */
  readonly until: number;
  readonly paths: number;
  /** For answers that reach more movements than `budget`. */
  readonly kernels: Kernels;
  /** Movements looked at one by one before the whole chain is gone through instead; 400,000 by default. */
  readonly budget?: number;
  readonly entityOf?: (address: number) => number;
}

/** As {@link ExactQuery}, of what is answered from an address's own ways alone. */
export type NearQuery = Omit<ExactQuery, 'kernels' | 'paths' | 'budget'> & {
  /** Movements that each of the searches may look at. */
  readonly budget: number;
  readonly withPaths: boolean;
};

export interface NearAnswer {
  /** `sent.all` is empty where what it sent reaches more than may be looked at. */
  readonly figures: AddressFigures;
  readonly sentWhole: boolean;
  /** The strongest path from each category that something came from, and to each that something went to. */
  readonly paths: { readonly received: readonly Path[]; readonly sent: readonly Path[] };
}

export interface ExactAnswer {
  readonly figures: AddressFigures;
  readonly paths: readonly Path[];
  /** How the figures were found: by the movements the money came through, or by one pass over all. */
  readonly received: 'reached' | 'pass';
  readonly sent: 'reached' | 'pass';
  /** Paths were looked for among the ways that carry at least this many base units; 0: among all. */
  readonly pathsFrom: number;
}

const BUDGET = 400_000;
/** Where not everything can be looked at, paths are looked for among ways that carry at least this share of what was received. */
const PATH_SHARE = 1e-4;

/** The exposure of one address, exact but for the last digits of float64. Null where the address never moved the asset. */
export function exactExposure(query: ExactQuery): ExactAnswer | null {
  const chain = query.flow.model === 'account' ? accountChain(query) : utxoChain(query);
  if (chain === null) return null;
  const budget = query.budget ?? BUDGET;
  const { own } = chain;
  const whole = chain.backward(budget, 0);
  const [large, small] =
    whole === null ? denseReceived(query, chain.account, own.small.count) : [whole.large, whole.small];
  const sent = own.sent.count === 0 ? zeros(query) : chain.forward(budget);
  const strong = whole === null && query.paths > 0 ? pruned(chain, PATH_SHARE, budget) : null;
  const ways = whole ?? strong?.found ?? null;
  return {
    figures: {
      large: own.large.figures(large),
      small: own.small.figures(small),
      sent: own.sent.figures(sent ?? denseSent(query, chain.account)),
      payments: { large: own.large.count, small: own.small.count, sent: own.sent.count },
      first: own.first,
      last: own.last,
    },
    paths: ways === null || query.paths === 0 ? [] : chain.paths(ways, query.paths),
    received: whole === null ? 'pass' : 'reached',
    sent: sent === null ? 'pass' : 'reached',
    pathsFrom: strong?.least ?? 0,
  };
}

/**
 * As {@link exactExposure}, but never by a pass over the whole chain: 'too many' where what the address received came through more movements than
 * may be looked at. The address's own are gone through in any case.
 */
export function nearExposure(query: NearQuery): NearAnswer | 'too many' | null {
  const chain = query.flow.model === 'account' ? accountChain(query) : utxoChain(query);
  if (chain === null) return null;
  const { own } = chain;
  const ways = chain.backward(query.budget, 0);
  if (ways === null) return 'too many';
  const sent = own.sent.count === 0 ? zeros(query) : chain.forward(query.budget);
  const found = [...new Set(ways.origins.map(({ lane }) => lane))].sort((a, b) => a - b);
  const pathsFrom = (lane: number) =>
    chain.paths({ ...ways, origins: ways.origins.filter((origin) => origin.lane === lane) }, 1);
  const paths = {
    received: query.withPaths ? found.flatMap(pathsFrom) : [],
    sent: query.withPaths && sent !== null ? chain.out(reached(sent), query.budget) : [],
  };
  return {
    figures: {
      large: own.large.figures(ways.large),
      small: own.small.figures(ways.small),
      sent: own.sent.figures(sent ?? []),
      payments: { large: own.large.count, small: own.small.count, sent: own.sent.count },
      first: own.first,
      last: own.last,
    },
    sentWhole: sent !== null,
    paths,
  };
}

function reached(sent: readonly number[]): Set<number> {
  return new Set(sent.flatMap((amount, lane) => (amount > 0 ? [lane] : [])));
}

/** What of a chain an answer is made from. */
interface ExactChain {
  /** Number of the address's account in scans. */
  readonly account: number;
  readonly own: OwnMovements;
  backward(budget: number, least: number): Backward | null;
  forward(budget: number): readonly number[] | null;
  paths(backward: Backward, count: number): Path[];
  /** The strongest path to each of these categories. */
  out(wanted: ReadonlySet<number>, budget: number): Path[];
}

/** Times that what a way must carry is raised tenfold. */
const RAISES = 5;

/** The strong ways only: what a way must carry is raised until they can all be looked at. Null where even the strongest are too many. */
function pruned(
  chain: ExactChain,
  share: number,
  budget: number,
): { readonly found: Backward; readonly least: number } | null {
  const { large, small, sent } = chain.own;
  const wide = budget + 2 * (large.count + small.count + sent.count);
  let least = share * Number(large.total);
  for (let raised = 0; raised < RAISES; raised += 1) {
    const found = chain.backward(wide, least);
    if (found !== null) return { found, least };
    least *= 10;
  }
  return null;
}

function zeros({ categories }: { readonly categories: number }): number[] {
  return new Array<number>(categories).fill(0);
}

function accountChain(query: Omit<ExactQuery, 'kernels' | 'paths'>): ExactChain | null {
  const { flow, lanes, categories, until } = query;
  if (flow.model !== 'account') return null;
  const graph = graphOf(flow);
  const target = graph.layout.placeOf(query.asset, query.address);
  if (target < 0) return null;
  const dust = query.dust[query.asset] ?? 0;
  const shared = { graph, lanes, categories, target, dust, until };
  return {
    account: target,
    own: ownMovements(graph, target, shared),
    backward: (budget, least) => backwardFrom({ ...shared, budget, least }),
    forward: (budget) => forwardFrom({ ...shared, budget }),
    paths: (backward, count) =>
      strongestPaths(accountPaths(graph, backward, target, dust, until), backward.reach, count),
    out: (wanted, budget) => outwardPaths(accountOut(graph, lanes, target, until), wanted, budget),
  };
}

function utxoChain(query: Omit<ExactQuery, 'kernels' | 'paths'>): ExactChain | null {
  const { flow, lanes, categories, until, address, entityOf } = query;
  if (flow.model !== 'utxo') return null;
  const dust = query.dust[0] ?? 0;
  const owner = entityOf === undefined ? {} : { entityOf };
  const shared = { flow, lanes, categories, target: address, dust, until, ...owner };
  const reader = new UtxoReader(flow);
  const ownerOf = entityOf ?? ((id: number) => id);
  // What comes back to a payer is change: no payment arrives by it.
  const isChange = (tx: number): boolean => {
    const { inputs, inputOwner } = reader.read(tx);
    return inputOwner.slice(0, inputs).some((id) => ownerOf(id) === ownerOf(address));
  };
  const arrives = (output: number): boolean =>
    reader.owner(output) === address && reader.value(output) > dust && !isChange(flow.creator(output));
  return {
    account: address,
    own: utxoOwn({ ...shared, budget: 0, least: 0 }),
    backward: (budget, least) => utxoBackward({ ...shared, budget, least }),
    forward: (budget) => utxoForward({ ...shared, budget, least: 0 }),
    paths: (backward, count) => strongestPaths(utxoPaths(flow, backward, { lanes, arrives }), backward.reach, count),
    out: (wanted, budget) => outwardPaths(utxoOut(flow, { lanes, target: address, until, ownerOf }), wanted, budget),
  };
}

/** Rows of the whole chain; of all small accounts only that of the address is open. */
function scanOf(query: ExactQuery, account: number): { readonly rows: ScanRows; readonly small: number } {
  const { flow, lanes, dust, until, entityOf } = query;
  const steps = { from: 0, to: until };
  const rows = scanRows({ flow, lanes, dust, steps, ...(entityOf === undefined ? {} : { entityOf }) });
  return { rows, small: rows.small.open(account) };
}

/** The adjoint kernel over every row, once for larger payments and, where there are any, once more for small ones. */
function denseReceived(query: ExactQuery, account: number, smallCount: number): [readonly number[], readonly number[]] {
  const { rows, small } = scanOf(query, account);
  const category = rows.category === null ? {} : { category: rows.category };
  const run = (target: number, dust = 0): number[] => {
    const scan = query.kernels.adjoint({ places: rows.places, target, dust, ...category });
    for (const chunk of rows.plain?.('backward') ?? rows.chunks('received', 'backward')) scan.backward(chunk);
    return [...scan.contribution.subarray(0, query.categories)];
  };
  const large = run(account, rows.plain === null ? 0 : query.dust[query.asset]);
  if (smallCount === 0) return [large, zeros(query)];
  if (rows.plain === null) return [large, run(small)];
  return [large, run(account).map((all, lane) => Math.max(0, all - large[lane]!))];
}

function denseSent(query: ExactQuery, account: number): readonly number[] {
  return query.flow.model === 'account' ? taintSent(query, account) : backwardSent(query, account);
}

/** The haircut kernel over every row, each payment of the address a seed; services absorb. */
function taintSent(query: ExactQuery, account: number): readonly number[] {
  const { rows } = scanOf(query, account);
  const category = rows.category!;
  const stop = category.map((lane) => (lane === NO_CATEGORY ? 0 : 1));
  const scan = query.kernels.taint({ places: rows.places, stop });
  let first = 0;
  for (const chunk of rows.plain?.('forward') ?? rows.chunks('sent', 'forward')) {
    const seeds = seedsOf(chunk, account, first);
    scan.run(chunk, { first, seeds });
    first += chunk.count;
    // What the last row of a chunk pays is placed after it.
    for (const { before, place, amount } of seeds) if (before === first) scan.place(place, amount);
  }
  const sent = zeros(query);
  scan.taint.forEach((amount, place) => {
    if (amount > 0 && stop[place] !== 0) sent[category[place]!] = sent[category[place]!]! + amount;
  });
  return sent;
}

/** What the address pays, placed just after the row that pays it. */
function seedsOf({ count, payer, from, to, low, high }: Rows, account: number, first: number): TaintSeed[] {
  const seeds: TaintSeed[] = [];
  for (let row = 0; row < count; row += 1) {
    if ((payer ?? from)[row] !== account || to[row]! >= FEE || to[row] === from[row]) continue;
    const above = high === null ? 0 : high[2 * row + 1]! * 2 ** 96 + high[2 * row]! * 2 ** 64;
    const amount = above + low[2 * row + 1]! * 2 ** 32 + low[2 * row]!;
    seeds.push({ before: first + row + 1, place: to[row]!, amount });
  }
  return seeds;
}

/** The backward exposure kernel over every row: float32. */
function backwardSent(query: ExactQuery, account: number): readonly number[] {
  const { rows } = scanOf(query, account);
  const sent: number[] = [];
  const { places, accounts } = rows;
  for (const categories of laneRuns(query.categories, places, accounts)) {
    const scan = query.kernels.exposure({ direction: 'backward', places, accounts, categories });
    for (const chunk of rows.chunks('sent', 'backward')) scan.run(chunk);
    sent.push(...scan.received.subarray(account * categories.count, (account + 1) * categories.count));
  }
  return sent.slice(0, query.categories);
}
