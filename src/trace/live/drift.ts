import { HaetaeError } from '../../base/errors.ts';
import { SILENT } from '../../base/progress.ts';
import { FEE_KINDS, type Transfer } from '../../model/transfer.ts';
import type { AccountSource, BlockRef } from '../../source/chain-source.ts';
import { driftRow } from '../../source/settle.ts';
import type { Covered, Opening, Store } from '../../store/port.ts';
import { gatherEvidence, type TheftInput } from '../gather.ts';
import type { TraceOptions } from '../options.ts';
import { BALANCE_CHANGED } from './account-keep.ts';
import type { AccountReach } from './account-reach.ts';
import type { FetchHooks } from './fetch.ts';
import { keepFetched } from './job.ts';
import { reachOf } from './known-reach.ts';

/** Places asked about at once. */
const ASKED = 500;

interface Account {
  readonly address: string;
  readonly asset: string;
  readonly opened: bigint;
  balance: bigint;
}

/**
 * Compares what the places followed should hold at the end, by opening balance and movements, with what the source says they hold.
 * A token that holds more or less (a rebase between its movements) gets an `adjust` movement in the last block, so that the methods
 * count with what is there. Native money that does so where every movement inside contracts was seen is E_SOURCE_LIES.
 */
export async function settleDrift(
  store: Store,
  source: AccountSource,
  input: TheftInput,
  options: TraceOptions,
  end: BlockRef,
  hooks: FetchHooks,
): Promise<void> {
  const evidence = await gatherEvidence(store, input, { ...options, methods: [] }, SILENT);
  const rows = evidence.transfers.filter((row) => row.chain === source.chain);
  const covered = await coveredTo(store, source, end.number);
  const openings = await store.openings(source.chain, null);
  const reach = (await reachOf(store, source, input, options)) as AccountReach;
  const accounts = accountsOf(openings, rows, covered, reach);
  const drifted: Transfer[] = [];
  const gaps = new Map<string, string>();
  for (let start = 0; start < accounts.length; start += ASKED) {
    const asked = accounts.slice(start, start + ASKED);
    const actual = await source.balances(asked, end.number);
    for (const [index, account] of asked.entries()) {
      const balance = actual[index] ?? null;
      if (balance === null || balance === account.balance) continue;
      const range = covered.get(account.address)!;
      if (account.asset.includes('/slip44:') && range.gaps.length === 0) throw lies(source, account, balance, end);
      const row = driftRow(account, end, account.balance, balance);
      if (row !== null) drifted.push(row);
      gaps.set(account.address, BALANCE_CHANGED);
      hooks.notice(
        `${account.address} holds ${balance} of ${account.asset}, its movements explain ${account.balance}: adjusted`,
      );
    }
  }
  if (drifted.length === 0) return;
  const adjusted = [...gaps].map(([place, gap]) => ({ ...covered.get(place)!, gaps: [gap] }));
  await keepFetched({ store, source, now: hooks.now }, { transfers: drifted, blocks: [end], covered: adjusted });
}

async function coveredTo(store: Store, source: AccountSource, end: bigint): Promise<ReadonlyMap<string, Covered>> {
  const covered = await store.covered(source.chain, null);
  return new Map(
    covered.filter((range) => range.busy === null && range.to === end).map((range) => [range.place, range]),
  );
}

/**
 * Places whose opening is known, which are covered to the end and which the money reached (of others not every movement is at hand),
 * with the balance that their movements make.
 */
function accountsOf(
  openings: readonly Opening[],
  rows: readonly Transfer[],
  covered: ReadonlyMap<string, Covered>,
  reach: AccountReach,
): Account[] {
  const accounts = new Map<string, Account>();
  for (const { address, asset, block, amount } of openings) {
    const from = covered.get(address)?.from;
    if (from === undefined || block < from - 1n || reach.hops(address, asset) === null) continue;
    accounts.set(`${address}|${asset}`, { address, asset, opened: block, balance: amount });
  }
  const change = (address: string | null, row: Transfer, amount: bigint): void => {
    const account = address === null ? undefined : accounts.get(`${address}|${row.asset}`);
    if (account !== undefined && row.kind !== 'opening' && (row.block ?? -1n) > account.opened)
      account.balance += amount;
  };
  for (const row of rows) {
    change(row.from, row, -row.amount);
    if (!FEE_KINDS.has(row.kind)) change(row.to, row, row.amount);
  }
  return [...accounts.values()];
}

function lies(source: AccountSource, account: Account, balance: bigint, end: BlockRef): HaetaeError {
  return new HaetaeError('E_SOURCE_LIES', 'the balance at the end is not what the movements give', {
    context: {
      source: source.name,
      field: 'balance or trace',
      block: end.number.toString(),
      address: account.address,
      balance: balance.toString(),
      movements: account.balance.toString(),
    },
    remedy: 'ask another source: this one left out a movement inside a contract, or gives a wrong balance',
  });
}
