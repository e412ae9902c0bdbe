import type { ChainFlow } from '../flow/flow.ts';
import type { Rows } from '../kernel/kernel.ts';
import { AccountRows, type Direction, type Side } from './rows-account.ts';
import { UtxoRows } from './rows-utxo.ts';
import { SmallAccounts } from './small-accounts.ts';
import { utxoSlots } from './utxo-slots.ts';

/** What a pass over a chain needs. */
export interface ScanQuery {
  readonly flow: ChainFlow;
  /** Category by address id. */
  readonly lanes: Uint8Array;
  /** By asset of the flow: payments of at most so many base units are small; 0 for none. */
  readonly dust: readonly number[];
  /** Steps (transactions of a UTXO chain) to go through: first, and the one after the last. */
  readonly steps: { readonly from: number; readonly to: number };
  /** UTXO: addresses of one owner have one number. */
  readonly entityOf?: (address: number) => number;
  /** Small accounts of a shorter history, and how its accounts were numbered. */
  readonly small?: { readonly numbers: Uint32Array; readonly count: number; readonly blocks: Blocks };
}

/** A chain as rows for the kernels, with the numbers of its places and accounts. */
export interface ScanRows {
  readonly places: number;
  /** Receivers and payers, small accounts not counted: places of an account chain, addresses of a UTXO chain. */
  readonly accounts: number;
  /** Open only after {@link openSmall}. */
  readonly small: SmallAccounts;
  /** By place; null where the rows say it themselves. */
  readonly category: Uint8Array | null;
  openSmall(): void;
  /** As `chunks`, where the rows can be had without accounts: each is written to its own ends. Else null. */
  readonly plain: ((direction: Direction) => Iterable<Rows>) | null;
  /** In order; backward from the last to the first. */
  chunks(side: Side, direction: Direction): Iterable<Rows>;
}

export type Moves = { readonly from: number; readonly to: number; readonly count: number }[];

/** Where each block of numbers stands once blocks have grown. */
export function movesOf(old: readonly number[], grown: readonly number[]): Moves {
  let from = 0;
  let to = 0;
  return old.map((count, block) => {
    const moved = { from, to, count };
    from += count;
    to += grown[block]!;
    return moved;
  });
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Lengths of the blocks in which accounts and places are numbered: a longer history lengthens blocks and adds some. */
export interface Blocks {
  readonly accounts: readonly number[];
  readonly places: readonly number[];
}

export function scanRows(query: ScanQuery): ScanRows & { readonly blocks: Blocks } {
  return query.flow.model === 'account' ? accountScan(query) : utxoScan(query);
}

function accountScan(query: ScanQuery): ScanRows & { readonly blocks: Blocks } {
  const flow = query.flow;
  if (flow.model !== 'account') throw new Error('an account chain');
  const rows = new AccountRows(flow, query);
  const { layout } = rows;
  const counts = flow.assets.map(({ placeCount }) => placeCount);
  const small = smallAccounts(query, counts);
  return {
    places: layout.places,
    accounts: layout.places,
    small,
    category: layout.categories(query.lanes),
    blocks: { accounts: counts, places: counts },
    plain: rows.plain ? (direction) => rows.plainChunks(direction) : null,
    openSmall: () => rows.openSmall(small),
    chunks: (side, direction) => rows.chunks(side, direction, side === 'received' ? small : null),
  };
}

function utxoScan(query: ScanQuery): ScanRows & { readonly blocks: Blocks } {
  const { flow, lanes, steps, entityOf } = query;
  if (flow.model !== 'utxo') throw new Error('a UTXO chain');
  const slots = utxoSlots(flow, lanes, steps.to);
  const dust = query.dust[0] ?? 0;
  const small = smallAccounts(query, [flow.addresses.size]);
  const rows = new UtxoRows(flow, { lanes, dust, txs: steps, slots, ...(entityOf === undefined ? {} : { entityOf }) });
  return {
    places: rows.places,
    accounts: flow.addresses.size,
    small,
    category: null,
    blocks: { accounts: [flow.addresses.size], places: [rows.places] },
    plain: null,
    openSmall: () => rows.openSmall(small),
    chunks: (side, direction) => rows.chunks(side, direction, small),
  };
}

function smallAccounts({ small }: ScanQuery, accounts: readonly number[]): SmallAccounts {
  const numbers = new Uint32Array(sum(accounts));
  for (const { from, to, count } of small === undefined ? [] : movesOf(small.blocks.accounts, accounts))
    numbers.set(small!.numbers.subarray(from, from + count), to);
  return new SmallAccounts(numbers, small?.count ?? 0);
}
