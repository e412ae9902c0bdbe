import { createHash } from 'node:crypto';
import type { Asset } from '../../src/model/asset.ts';
import type { LabelList } from '../../src/model/label.ts';
import type { Transfer, UtxoTransaction } from '../../src/model/transfer.ts';
import type { EdgeChunk, FeedChunk, NewBatch, Store, StoredCase, TransferFeed } from '../../src/store/port.ts';

export const ETHEREUM = 'eip155:1';
export const BITCOIN = 'bip122:000000000019d6689c085ae165831e93';
export const ETH: Asset = { id: 'eip155:1/slip44:60', chain: ETHEREUM, symbol: 'ETH', decimals: 18 };
export const NOON = 1_648_037_340;

export function address(number: number): string {
  return `0x${number.toString(16).padStart(40, '0')}`;
}

export function hash(number: number): string {
  return `0x${createHash('sha256').update(String(number)).digest('hex')}`;
}

/** A movement of one ETH from address 1 to address 2, unless told otherwise. */
export function transfer(given: Partial<Transfer> & { readonly row?: number; readonly file?: number } = {}): Transfer {
  const { row = 1, file = 0, ...fields } = given;
  return {
    chain: ETHEREUM,
    time: NOON,
    block: 14_442_835n,
    txIndex: 0,
    leg: 0,
    tx: hash(1),
    kind: 'transfer',
    from: address(1),
    to: address(2),
    asset: ETH.id,
    amount: 10n ** 18n,
    rounded: false,
    source: { batch: 0, file, row },
    ...fields,
  };
}

export function spend(given: Partial<UtxoTransaction> & { readonly row?: number } = {}): UtxoTransaction {
  const { row = 1, ...fields } = given;
  return {
    chain: BITCOIN,
    tx: 'aa'.repeat(32),
    time: NOON,
    block: null,
    txIndex: 0,
    inputs: [{ outpoint: { tx: 'bb'.repeat(32), index: 1 }, value: 5000n, address: 'bc1qspender' }],
    outputs: [
      { value: 3000n, address: 'bc1qreceiver' },
      { value: 1500n, address: 'script:6a0400' },
    ],
    source: { batch: 0, file: 0, row },
    ...fields,
  };
}

export function newBatch(content: string, given: Partial<NewBatch> = {}): NewBatch {
  return {
    contentId: createHash('sha256').update(content).digest('hex'),
    preset: 'test',
    chain: ETHEREUM,
    files: [
      { name: `${content}.csv`, sha256: '00'.repeat(32), bytes: 1 },
      { name: `${content}-2.csv`, sha256: '11'.repeat(32), bytes: 2 },
    ],
    orderRule: 'index',
    duplicateRule: 'keep',
    complete: false,
    importedAt: 1_700_000_000,
    ...given,
  };
}

/** A feed of rows held in an array, given in two chunks so that chunk borders are met. */
export function feedOf(rows: Partial<FeedChunk>, assets: readonly Asset[] = [ETH]): TransferFeed {
  const { transfers = [], utxo = [], blocks = [] } = rows;
  const middle = Math.ceil(transfers.length / 2);
  return {
    async *rows() {
      yield { transfers: transfers.slice(0, middle), utxo: [], blocks };
      yield { transfers: transfers.slice(middle), utxo, blocks: [] };
    },
    finish: async (kept) => ({
      rowsRead: kept,
      refused: {},
      duplicates: 0,
      rounded: 0,
      zeroValue: transfers.filter((row) => row.amount === 0n).length,
    }),
    assets: () => assets,
  };
}

/** All rows of the edge stream as plain objects, amounts joined. */
export async function allEdges(store: Store, from = 0, until: number | null = null): Promise<PlainEdge[]> {
  const rows: PlainEdge[] = [];
  for await (const chunk of store.edges({ from, until })) {
    for (let index = 0; index < chunk.count; index += 1) rows.push(plainEdge(chunk, index));
  }
  return rows;
}

export interface PlainEdge {
  readonly tx: bigint;
  readonly from: bigint;
  readonly to: bigint;
  readonly fromOwner: bigint;
  readonly toOwner: bigint;
  readonly asset: bigint;
  readonly time: number;
  readonly amount: bigint;
}

function plainEdge(chunk: EdgeChunk, index: number): PlainEdge {
  return {
    tx: chunk.tx[index]!,
    from: chunk.from[index]!,
    to: chunk.to[index]!,
    fromOwner: chunk.fromOwner[index]!,
    toOwner: chunk.toOwner[index]!,
    asset: chunk.asset[index]!,
    time: chunk.time[index]!,
    amount: chunk.amountLow[index]! + (chunk.amountHigh[index]! << 64n),
  };
}

export async function flat<T>(chunks: AsyncIterable<readonly T[]>): Promise<T[]> {
  const rows: T[] = [];
  for await (const chunk of chunks) rows.push(...chunk);
  return rows;
}

/** Every stored transfer of places that the rows name. */
export async function touching(store: Store, rows: readonly Transfer[]): Promise<Transfer[]> {
  const places = rows.flatMap((row) =>
    [row.from, row.to].flatMap((name) =>
      name === null ? [] : [{ chain: row.chain, address: name, asset: row.asset }],
    ),
  );
  return flat(store.transfersTouching(await store.fingerprints(places)));
}

export function labelList(source: string, listDate: number | null, sha = '0'): LabelList {
  return {
    source,
    listDate,
    title: source,
    url: null,
    licence: 'MIT',
    sha256: sha.repeat(64),
    fileName: `${source}.yaml`,
  };
}

export function someCase(id: string, files: readonly (readonly [string, Uint8Array])[] = []): StoredCase {
  return { id, title: `case ${id}`, createdAt: NOON, simulated: false, files: new Map(files) };
}
