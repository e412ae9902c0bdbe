import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SILENT } from '../base/progress.ts';
import { DEFAULT_CATEGORIES } from '../exposure/categories.ts';
import { openIndexed } from '../exposure/chain-flow.ts';
import { DEFAULT_DUST } from '../exposure/dust.ts';
import { entityFolder } from '../exposure/entity-files.ts';
import { openEntities } from '../exposure/entity-open.ts';
import { type Updated, updateTable } from '../exposure/update.ts';
import { buildIndex } from '../flow/build-index.ts';
import { loadKernels } from '../flow/kernel-loader.ts';
import type { ChainId } from '../model/chain.ts';
import type { Category, LabelEntry } from '../model/label.ts';
import type { Transfer, UtxoTransaction } from '../model/transfer.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/port.ts';

export const ETHEREUM = 'eip155:1';
export const ETH = 'eip155:1/slip44:60';
export const BITCOIN = 'bip122:000000000019d6689c085ae165831e93';
export const BTC = 'bip122:000000000019d6689c085ae165831e93/slip44:0';
export const START = 1_600_000_000;
export const ONE = 10n ** 18n;

/** An account address by number. */
export function person(number: number): string {
  return `0x${number.toString(16).padStart(3, '0').padEnd(40, 'a')}`;
}

export interface Move {
  readonly from: number | null;
  readonly to: number;
  readonly amount: bigint;
  readonly asset?: string;
}

/** Each a transaction and a block of its own, a second after the one before. */
export function transfersOf(moves: readonly Move[], first = 0): Transfer[] {
  return moves.map(({ from, to, amount, asset = ETH }, at) => ({
    chain: ETHEREUM,
    time: START + first + at,
    block: BigInt(first + at + 1),
    txIndex: 0,
    leg: 0,
    tx: `0x${(first + at).toString(16).padStart(64, '0')}`,
    kind: 'transfer',
    from: from === null ? null : person(from),
    to: person(to),
    asset,
    amount,
    rounded: false,
    source: { batch: 0, file: 0, row: at },
  }));
}

export async function openWorld(): Promise<{ readonly store: Store; readonly database: string }> {
  const database = join(mkdtempSync(join(tmpdir(), 'haetae-book-')), 'store.duckdb');
  return { store: await openStore({ path: database, memoryLimitMb: 128, threads: 1 }), database };
}

export async function keep(
  store: Store,
  chain: ChainId,
  rows: { readonly transfers?: readonly Transfer[]; readonly utxo?: readonly UtxoTransaction[] },
): Promise<void> {
  const none = { transfers: [], utxo: [], assets: [], blocks: [], covered: [], openings: [] };
  await store.keepFetched({ chain, sources: ['test one.example.org'], at: START, ...none, ...rows });
}

let lists = 0;

/** A list of its own: labels of addresses on a chain. */
export async function label(
  store: Store,
  chain: ChainId,
  ...entries: readonly (readonly [address: string, category: Category, label: string])[]
): Promise<void> {
  lists += 1;
  const list = {
    source: `list ${lists}`,
    listDate: START,
    title: 'test',
    url: null,
    licence: null,
    sha256: String(lists).padStart(64, '0'),
    fileName: 'test.csv',
  };
  const rest = { currency: null, actor: null, abuse: null, programmes: [], url: null, caseLost: false };
  await store.saveLabels(
    list,
    entries.map(
      ([address, category, text]): LabelEntry => ({
        address,
        chain,
        label: text,
        category,
        confidence: 'ownership',
        validFrom: null,
        validTo: null,
        ...rest,
      }),
    ),
  );
}

/** What haetae index build and haetae exposure build do. */
export async function buildAll(store: Store, database: string, chain: ChainId): Promise<Updated> {
  await buildIndex(store, database, { chain, progress: SILENT, threads: 1 });
  return buildTable(store, database, chain);
}

export async function buildTable(store: Store, database: string, chain: ChainId): Promise<Updated> {
  const opened = await openIndexed(store, database, chain);
  const { flow, parts } = opened;
  const entities = await openEntities({ store, flow, parts, folder: entityFolder(database, chain) });
  try {
    const settings = { categories: DEFAULT_CATEGORIES, dust: DEFAULT_DUST };
    const kernels = await loadKernels();
    return await updateTable({ store, database, flow, parts, settings, entities, kernels, progress: SILENT });
  } finally {
    entities.close();
    opened.close();
  }
}
