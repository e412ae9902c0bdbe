import { FEE } from '../flow/flow.ts';
import type { AccountGraph } from './account-graph.ts';
import { NO_CATEGORY } from './categories.ts';
import { Sums } from './figures.ts';
import { isBefore, MovementsOf, START } from './movements-of.ts';

/** What can be read off an address's own movements: exact sums, and what came straight from services or went straight to them. */
export interface OwnMovements {
  readonly large: Sums;
  readonly small: Sums;
  readonly sent: Sums;
  readonly first: number | null;
  readonly last: number | null;
}

export interface OwnQuery {
  readonly lanes: Uint8Array;
  readonly categories: number;
  readonly dust: number;
  /** Steps before this one. */
  readonly until: number;
}

export function ownMovements(graph: AccountGraph, place: number, query: OwnQuery): OwnMovements {
  const { lanes, categories, dust, until } = query;
  const own = { large: new Sums(categories), small: new Sums(categories), sent: new Sums(categories) };
  const service = lanes[graph.layout.ownerOf(place)] !== NO_CATEGORY;
  let first = -1;
  let last = -1;
  const end = graph.before(until);
  const cursor = new MovementsOf(graph, place, ['in', 'out'], 'up', START);
  for (; cursor.id >= 0 && isBefore(cursor, end); cursor.next()) {
    const { from, to, arrives, id } = graph.read(cursor.id);
    if (first < 0) first = id;
    last = id;
    if (to === FEE || (service && graph.isOwnSwap(id))) continue;
    const received = to === place;
    const other = received ? from : to;
    const lane = other >= FEE ? NO_CATEGORY : lanes[graph.layout.ownerOf(other)]!;
    const exact = graph.amounts(id);
    const sums = received ? (arrives > dust ? own.large : own.small) : own.sent;
    add(sums, received ? exact.arrives : exact.leaves, lane);
  }
  return { ...own, first: first < 0 ? null : graph.step(first), last: last < 0 ? null : graph.step(last) };
}

export function add(sums: Sums, amount: bigint, lane: number): void {
  sums.total += amount;
  sums.count += 1;
  if (lane !== NO_CATEGORY) sums.direct[lane] = sums.direct[lane]! + amount;
}
