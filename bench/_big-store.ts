/**
 * Stores of a size that only a bench needs, made by SQL inside DuckDB and kept under the temporary folder of the machine: the
 * second call with the same options finds the file. Delete `haetae-big-*` there to be rid of them.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { SILENT } from '../src/base/progress.ts';
import type { Asset } from '../src/model/asset.ts';
import { Engine } from '../src/store/duckdb/engine.ts';
import { STORE_VERSION } from '../src/store/duckdb/schema.ts';
import { DuckdbStore } from '../src/store/duckdb/store.ts';
import type { NewBatch, TransferFeed } from '../src/store/port.ts';

/** Of the stores made here, beside the version of the store: raise it when the rows made change. */
const VERSION = 2;
const FIRST_TIME = 1_600_000_000;
const ADDRESS_END = '00c0ffee';
const HASH_END = '0'.repeat(32);

export const BIG_CHAIN = 'eip155:1';
export const BIG_UTXO_CHAIN = 'bip122:000000000019d6689c085ae165831e93';

export interface BigStore {
  /** Rows; at least `addresses` and even. */
  readonly transfers: number;
  /**
   * Each is first paid at a time of its own, evenly over the rows (but for those whose first payment fell on a swap). Else the n-th oldest
   * is drawn in proportion to 1 / n (Zipf's law): a few busy ones, and half of all seen two or three times.
   */
  readonly addresses: number;
  /** Asset 0 is the chain's coin; transfers draw among all. Default 1. */
  readonly assets?: number;
  /** Share of pairs of rows that are one transaction, in which an address gives one asset and gets another. Needs two assets. Default 0. */
  readonly swaps?: number;
  /** Rows of one second, which is one block. Default 4. */
  readonly perSecond?: number;
  /** Addresses and assets have their numbers already. Default false. */
  readonly ids?: boolean;
}

export interface BigUtxoStore {
  /** Inputs; every transaction has two, and two outputs. Every output but the last ones is spent once. */
  readonly inputs: number;
  readonly addresses: number;
  readonly ids?: boolean;
}

/** The file of a store with one import of account movements of BIG_CHAIN. */
export function bigStore(options: BigStore): Promise<string> {
  const { transfers, addresses, assets = 1, swaps = 0, perSecond = 4, ids = false } = options;
  const plain = { transfers, addresses, assets, swaps, perSecond };
  return kept('account', plain, ids ? BIG_CHAIN : null, (path) => makeAccounts(path, plain));
}

/** The file of a store with one import of transactions of BIG_UTXO_CHAIN, ten a block, every row with its block. */
export function bigUtxoStore({ inputs, addresses, ids = false }: BigUtxoStore): Promise<string> {
  const plain = { inputs, addresses };
  return kept('utxo', plain, ids ? BIG_UTXO_CHAIN : null, (path) => makeUtxo(path, plain));
}

export function bigAddress(number: number): string {
  return `0x${createHash('md5').update(`a${number}`).digest('hex')}${ADDRESS_END}`;
}

export function bigAsset(number: number): string {
  return number === 0 ? `${BIG_CHAIN}/slip44:60` : `${BIG_CHAIN}/erc20:0x${number.toString(16).padStart(40, '0')}`;
}

/** With `numbered` a copy of the plain store whose names of that chain have numbers. */
async function kept(
  kind: string,
  options: object,
  numbered: string | null,
  make: (path: string) => Promise<void>,
): Promise<string> {
  const folder = join(tmpdir(), `haetae-big-${VERSION}-${STORE_VERSION}`);
  const name = [kind, ...Object.entries(options).map(([key, value]) => `${key}${Number(value)}`)].join('-');
  const path = join(folder, `${name}${numbered === null ? '' : '-ids'}.duckdb`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${process.pid}`;
  try {
    if (numbered === null) await make(unfinished);
    else await numberCopy(await kept(kind, options, null, make), unfinished, numbered);
    renameSync(unfinished, path);
  } finally {
    for (const end of ['', '.wal', '.tmp']) rmSync(unfinished + end, { force: true, recursive: true });
  }
  return path;
}

async function numberCopy(plain: string, path: string, chain: string): Promise<void> {
  copyFileSync(plain, path);
  const store = await DuckdbStore.open({ path, memoryLimitMb: 1000 });
  try {
    await store.assignIds(chain, SILENT);
  } finally {
    await store.close();
  }
}

type Accounts = Required<Omit<BigStore, 'ids'>>;
type Spends = Omit<BigUtxoStore, 'ids'>;

async function makeAccounts(path: string, options: Accounts): Promise<void> {
  const store = await DuckdbStore.open({ path, memoryLimitMb: 1000 });
  try {
    await store.load(batchOf(BIG_CHAIN, options), accountFeed(options), SILENT);
  } finally {
    await store.close();
  }
}

function batchOf(chain: string, options: object): NewBatch {
  return {
    contentId: createHash('sha256').update(JSON.stringify(options)).digest('hex'),
    preset: 'bench',
    chain,
    files: [{ name: 'made.sql', sha256: '', bytes: 0 }],
    orderRule: 'index',
    duplicateRule: 'keep',
    complete: true,
    importedAt: FIRST_TIME,
  };
}

function accountFeed(options: Accounts): TransferFeed {
  const assets = Array.from(
    { length: options.assets },
    (_, number): Asset => ({ id: bigAsset(number), chain: BIG_CHAIN, symbol: `A${number}`, decimals: 18 }),
  );
  return {
    rows: async function* () {},
    stage: async (connection) => {
      await (connection as DuckDBConnection).run(`CREATE TEMP VIEW staged_transfer AS ${accountRows(options)}`);
    },
    stagedInOrder: true,
    finish: async (kept) => ({ rowsRead: kept, refused: {}, duplicates: 0, rounded: 0, zeroValue: 0 }),
    assets: () => assets,
  };
}

/** Even spread over 0 to 1 from 53 bits of a hash. */
function unit(...parts: readonly string[]): string {
  return `((hash(${parts.join(', ')}) >> 11)::DOUBLE / 9007199254740992)`;
}

/** Row i and row i + 1 are a pair k. In a swap the payer of the first is the payee of the second, and its payee a busy address. */
function accountRows({ transfers, addresses, assets, swaps, perSecond }: Accounts): string {
  const every = Math.floor(transfers / addresses);
  const known = `greatest(2, i * ${addresses} // ${transfers})`;
  const busy = (salt: number): string => `floor(pow(${known}, ${unit('i', String(salt))}))::BIGINT - 1`;
  const payee = `CASE WHEN i % ${every} = 0 THEN least(i // ${every}, ${addresses - 1}) ELSE ${busy(2)} END`;
  const swap = swaps === 0 ? 'false' : `${unit('k', '5')} < ${swaps}`;
  const trader = `floor(greatest(2, k * 2 * ${addresses} // ${transfers}) * ${unit('k', '6')})::BIGINT`;
  const pool = '(hash(k, 7) % 16)::BIGINT';
  const asset =
    assets === 1 ? '0' : `(floor(${assets} * pow(${unit('i', '8')}, 3))::BIGINT + swap::BIGINT * (i % 2)) % ${assets}`;
  const name = (number: string): string => `'0x' || md5('a' || ${number}) || '${ADDRESS_END}'`;
  const assetName = `CASE WHEN asset = 0 THEN '${bigAsset(0)}' ELSE '${BIG_CHAIN}/erc20:0x' || lpad(to_hex(asset), 40, '0') END`;
  return `SELECT '${BIG_CHAIN}' AS chain, ${FIRST_TIME} + i // ${perSecond} AS time, 10000000 + i // ${perSecond} AS block,
      ((i - swap::BIGINT * (i % 2)) % ${perSecond})::INTEGER AS tx_index, (swap::BIGINT * (i % 2))::INTEGER AS leg,
      '0x' || md5('h' || (i - swap::BIGINT * (i % 2))) || '${HASH_END}' AS tx, CASE WHEN asset = 0 THEN 'transfer' ELSE 'token' END AS kind,
      ${name('payer')} AS sender, ${name('payee')} AS receiver, ${assetName} AS asset,
      (1 + floor(pow(${unit('i', '9')}, 8) * 1000000)::BIGINT)::UHUGEINT * 1000000000000000000 + (hash(i, 10) % 1000000000000000000) AS amount,
      NULL::VARCHAR AS amount_big, false AS rounded, 0::INTEGER AS file, i + 1 AS row
    FROM (SELECT i, swap, ${asset} AS asset,
        CASE WHEN NOT swap THEN ${busy(1)} WHEN i % 2 = 0 THEN ${trader} ELSE ${pool} END AS payer,
        CASE WHEN NOT swap THEN ${payee} WHEN i % 2 = 0 THEN ${pool} ELSE ${trader} END AS payee
      FROM (SELECT i, i // 2 AS k, ${swap} AS swap FROM (SELECT i, i // 2 AS k FROM range(${transfers}) AS r (i))))`;
}

async function makeUtxo(path: string, options: Spends): Promise<void> {
  await (await DuckdbStore.open({ path })).close();
  const engine = await Engine.open({ path, memoryLimitMb: 1000 });
  try {
    await engine.write((connection) => fillUtxo(connection, options));
  } finally {
    await engine.close();
  }
}

/** Transaction t spends the outputs 2t - lag and 2t - lag + 1 in an order mixed within a window; the first ones are coinbases. */
async function fillUtxo(connection: DuckDBConnection, options: Spends): Promise<void> {
  const { inputs, addresses } = options;
  const transactions = Math.floor(inputs / 2);
  const coinbases = Math.min(1000, Math.floor(transactions / 2) + 1);
  const place = `'${BIG_UTXO_CHAIN}' AS chain, ${FIRST_TIME} + (t // 10) * 600 AS time, 100 + t // 10 AS block, (t % 10)::INTEGER AS tx_index`;
  const owner = (output: string): string =>
    `'bc1q' || md5('u' || floor(greatest(2, least(${addresses}, ${output} * ${addresses} // ${2 * transactions})) * pow(${unit(output, '3')}, 2))::BIGINT)`;
  const spent = `(2 * (t - ${coinbases}) + position)`;
  // What an input spends is worth, and whose, what it was created as.
  const output = `(CASE WHEN side = 0 THEN greatest(0, ${spent}) ELSE 2 * t + position END)`;
  await connection.run(
    `INSERT INTO utxo_tx SELECT 1, chain, tx, time, block, tx_index, t < ${coinbases}, '', 0, t + 1
     FROM (SELECT t, ${place}, md5('t' || t) || '${HASH_END}' AS tx FROM range(${transactions}) AS r (t))`,
  );
  await connection.run(
    `INSERT INTO utxo_end SELECT 1, chain, time, block, tx_index, md5('t' || t) || '${HASH_END}', side, position,
       CASE WHEN side = 0 AND t >= ${coinbases} THEN md5('t' || (${spent} // 2)) || '${HASH_END}' END,
       CASE WHEN side = 0 AND t >= ${coinbases} THEN ${spent} % 2 END, 1000 + hash(${output}) % 100000000, ${owner(output)}, 0, t + 1
     FROM (SELECT t, ${place}, (e // 2)::UTINYINT AS side, (e % 2)::INTEGER AS position
       FROM (SELECT e // 4 AS t, e % 4 AS e FROM range(${4 * transactions}) AS r (e)))
     WHERE NOT (t < ${coinbases} AND side = 0 AND position = 1)`,
  );
  const batch = batchOf(BIG_UTXO_CHAIN, options);
  const last = FIRST_TIME + Math.floor((transactions - 1) / 10) * 600;
  await connection.run(`INSERT INTO run VALUES (1, 'utxo', $1, ${FIRST_TIME}, ${last}, ${transactions})`, [
    batch.chain,
  ]);
  const counts = {
    rowsRead: transactions,
    rowsKept: transactions,
    refused: {},
    duplicates: 0,
    alreadyStored: 0,
    rounded: 0,
    zeroValue: 0,
  };
  await connection.run(
    `INSERT INTO batch VALUES (1, $1, 'bench', $2, $3, 'index', 'keep', true, ${FIRST_TIME}, $4, ${FIRST_TIME}, ${last})`,
    [batch.contentId, batch.chain, JSON.stringify(batch.files), JSON.stringify(counts)],
  );
}
