import { randomBytes } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import { HaetaeError } from '../../base/errors.ts';
import type { Engine } from './engine.ts';

/**
 * Steps from one version of the store to the next; step i leads to version i + 1. Never edit one that was released: add one.
 *
 * `transfer` and `utxo_end` hold one sorted run a batch (by time, block, tx_index, leg or side and position); readers rely on it and check it.
 * The rows of a live batch lie in the order they were fetched in: readers sort them.
 * Addresses and hashes are kept uncompressed: finding out how to compress them costs twice what writing them does. For the same
 * reason columns of few values have their compression named, and `kind` is a number with a name.
 */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE batch (
      id INTEGER, content_id VARCHAR, preset VARCHAR, chain VARCHAR, files VARCHAR, order_rule VARCHAR, duplicate_rule VARCHAR,
      complete BOOLEAN, imported_at BIGINT, counts VARCHAR, first_time BIGINT, last_time BIGINT)`,
    'CREATE TABLE run (batch INTEGER, kind VARCHAR, chain VARCHAR, first_time BIGINT, last_time BIGINT, entries BIGINT)',
    `CREATE TYPE transfer_kind AS ENUM ('transfer', 'internal', 'token', 'mint', 'gas', 'burn', 'tip')`,
    `CREATE TABLE transfer (
      batch INTEGER, chain VARCHAR USING COMPRESSION dictionary, time BIGINT, block BIGINT, tx_index INTEGER, leg INTEGER,
      tx VARCHAR USING COMPRESSION uncompressed, kind transfer_kind, sender VARCHAR USING COMPRESSION uncompressed,
      receiver VARCHAR USING COMPRESSION uncompressed, asset VARCHAR USING COMPRESSION dictionary, amount UHUGEINT,
      amount_big VARCHAR USING COMPRESSION dictionary, rounded BOOLEAN, file INTEGER, row BIGINT)`,
    `CREATE TABLE utxo_tx (
      batch INTEGER, chain VARCHAR, tx VARCHAR USING COMPRESSION uncompressed, time BIGINT, block BIGINT, tx_index INTEGER,
      coinbase BOOLEAN, content VARCHAR USING COMPRESSION uncompressed, file INTEGER, row BIGINT)`,
    // One row an input (side 0: `other` is the outpoint it spends, null for a coinbase) and one an output (side 1).
    `CREATE TABLE utxo_end (
      batch INTEGER, chain VARCHAR, time BIGINT, block BIGINT, tx_index INTEGER, tx VARCHAR USING COMPRESSION uncompressed,
      side UTINYINT, position INTEGER, other_tx VARCHAR USING COMPRESSION uncompressed, other_index BIGINT, value UBIGINT,
      address VARCHAR USING COMPRESSION uncompressed, file INTEGER, row BIGINT)`,
    'CREATE TABLE block_time (chain VARCHAR, block BIGINT, time BIGINT)',
    'CREATE TABLE asset (id VARCHAR, chain VARCHAR, symbol VARCHAR, decimals INTEGER)',
    `CREATE TABLE label_list (
      id INTEGER, source VARCHAR, list_date BIGINT, title VARCHAR, url VARCHAR, licence VARCHAR, sha256 VARCHAR, file_name VARCHAR,
      entries INTEGER)`,
    `CREATE TABLE label_entry (
      list_id INTEGER, position INTEGER, address VARCHAR, chain VARCHAR, currency VARCHAR, label VARCHAR, category VARCHAR,
      actor VARCHAR, abuse VARCHAR, programmes VARCHAR, confidence VARCHAR, url VARCHAR, case_lost BOOLEAN, valid_from BIGINT,
      valid_to BIGINT)`,
    'CREATE TABLE kept_case (id VARCHAR, title VARCHAR, created_at BIGINT, simulated BOOLEAN, bytes BIGINT)',
    'CREATE TABLE case_file (case_id VARCHAR, position INTEGER, name VARCHAR, content BLOB)',
  ],
  // What is fetched from living chains. A type that is in use cannot be changed: the column takes another one, which has no name of its
  // own, because DuckDB 1.5 cannot read its log back after a kill where it says that a column took a named type.
  [
    `ALTER TABLE transfer ALTER kind TYPE ENUM (
      'transfer', 'internal', 'token', 'mint', 'gas', 'burn', 'tip', 'adjust', 'opening')`,
    'DROP TYPE transfer_kind',
    'CREATE TABLE kept_block (chain VARCHAR, number BIGINT, hash VARCHAR, parent VARCHAR, time BIGINT)',
    `CREATE TABLE covered (
      chain VARCHAR, place VARCHAR, from_block BIGINT, to_block BIGINT, from_time BIGINT, to_time BIGINT, gaps VARCHAR, busy BIGINT)`,
    `CREATE TABLE opening (
      chain VARCHAR, address VARCHAR, asset VARCHAR, block BIGINT, time BIGINT, amount UHUGEINT, amount_big VARCHAR)`,
    // Transactions fetched first and brought by a file later, which is why they are stored once: a roll-back leaves them.
    'CREATE TABLE filed_tx (chain VARCHAR, tx VARCHAR)',
  ],
  // Numbers in place of names. `address` lies in order of id, chain by chain; `numbered` and `numbered_end` hold the rows of imports
  // a second time, narrow, one run a batch: in the order of its run, but ends by block where all of the batch name one.
  [
    'CREATE TABLE address (chain VARCHAR USING COMPRESSION dictionary, id UINTEGER NOT NULL, text VARCHAR USING COMPRESSION uncompressed)',
    'CREATE TABLE numbered_asset (chain VARCHAR, id UINTEGER, asset VARCHAR)',
    'CREATE TABLE numbered_run (batch INTEGER, kind VARCHAR, entries BIGINT, large BIGINT, by_block BOOLEAN, first_block BIGINT, last_block BIGINT)',
    // `low` and `high` are all ones where `large` holds the amount in digits (2^128 - 1 and more).
    `CREATE TABLE numbered (
      batch INTEGER, time BIGINT, block BIGINT, tx_index INTEGER, leg INTEGER, sender UINTEGER NOT NULL, receiver UINTEGER NOT NULL,
      asset UINTEGER NOT NULL, low UBIGINT, high UBIGINT, tx UBIGINT USING COMPRESSION uncompressed, large VARCHAR)`,
    `CREATE TABLE numbered_end (
      batch INTEGER, time BIGINT, block BIGINT, tx_index INTEGER, spends UTINYINT, owner UINTEGER NOT NULL, value UBIGINT,
      outpoint UBIGINT USING COMPRESSION uncompressed, tx UBIGINT USING COMPRESSION uncompressed)`,
  ],
  // `usd` is text: no type of DuckDB holds every digit that a source prints.
  [
    `CREATE TABLE price_list (
      id INTEGER, source VARCHAR, file_name VARCHAR, sha256 VARCHAR, imported_at BIGINT, empty INTEGER, refused INTEGER, prices INTEGER,
      assets VARCHAR, first_day VARCHAR, last_day VARCHAR)`,
    'CREATE TABLE price (list_id INTEGER, asset VARCHAR, day VARCHAR, usd VARCHAR)',
  ],
];

export const STORE_VERSION = MIGRATIONS.length;

/** Every table of the store, in the order a backup copies them. */
export const TABLES = [
  'meta',
  'batch',
  'run',
  'transfer',
  'utxo_tx',
  'utxo_end',
  'block_time',
  'asset',
  'label_list',
  'label_entry',
  'kept_case',
  'case_file',
  'kept_block',
  'covered',
  'opening',
  'filed_tx',
  'address',
  'numbered_asset',
  'numbered_run',
  'numbered',
  'numbered_end',
  'price_list',
  'price',
] as const;

/**
 * Brings the store to a version (this one, but for tests of older ones) and gives its secret hash key (32 hex digits).
 * Throws E_STORE_VERSION for a newer store.
 */
export async function migrate(engine: Engine, target = STORE_VERSION): Promise<string> {
  const version = await storedVersion(engine);
  if (version > STORE_VERSION) {
    throw new HaetaeError(
      'E_STORE_VERSION',
      `the store is of version ${version}; this Haetae knows up to ${STORE_VERSION}`,
      {
        context: { path: engine.path, version },
        remedy: 'use the newer Haetae that wrote it',
      },
    );
  }
  if (version < target) await bringForward(engine, version, target);
  const rows = await engine.rows(`SELECT value FROM meta WHERE name = 'hash_key'`);
  return String(rows[0]?.[0]);
}

async function bringForward(engine: Engine, version: number, target: number): Promise<void> {
  if (engine.readOnly) {
    throw new HaetaeError(
      'E_STORE_VERSION',
      'the store is of an older version and cannot be brought forward while read-only',
      {
        context: { path: engine.path, version },
        remedy: 'open it once for writing: any command that stores something does so',
      },
    );
  }
  await engine.write(async (connection) => {
    if (version === 0) await createMeta(connection);
    for (const step of MIGRATIONS.slice(version, target)) for (const statement of step) await connection.run(statement);
    await connection.run(`UPDATE meta SET value = $1 WHERE name = 'version'`, [String(target)]);
  });
}

async function createMeta(connection: DuckDBConnection): Promise<void> {
  await connection.run('CREATE TABLE meta (name VARCHAR, value VARCHAR)');
  await connection.run(`INSERT INTO meta VALUES ('version', '0'), ('hash_key', $1)`, [randomBytes(16).toString('hex')]);
}

/** 0 for an empty file; a DuckDB file that is not a store is refused rather than written into. */
async function storedVersion(engine: Engine): Promise<number> {
  const tables = await engine.rows(`SELECT table_name FROM duckdb_tables() WHERE NOT temporary AND NOT internal`);
  if (tables.length === 0) return 0;
  if (tables.some(([name]) => name === 'meta')) {
    const rows = await engine.rows(`SELECT value FROM meta WHERE name = 'version'`);
    const version = Number(rows[0]?.[0]);
    if (Number.isInteger(version) && version > 0) return version;
  }
  throw new HaetaeError('E_STORE_CORRUPT', 'the file is a DuckDB database, but not a Haetae store', {
    context: { path: engine.path },
    remedy: 'name another file with --db',
  });
}
