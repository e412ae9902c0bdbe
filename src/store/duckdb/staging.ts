/**
 * The staging contract: how a source that can read its files inside DuckDB hands its rows to the DuckDB store.
 *
 * The store opens a transaction, calls `feed.stage(connection, progress)` with its own `DuckDBConnection`, and expects:
 *
 * - a TEMP view or TEMP table `staged_transfer` of accepted rows, with the columns of {@link STAGED_TRANSFER_COLUMNS} in that order;
 * - optionally a TEMP view or TEMP table `staged_block` with the columns of {@link STAGED_BLOCK_COLUMNS} (one row a block or
 *   many: equal rows are folded).
 *
 * The store first reads the order key (time, block, tx_index, leg) of all rows, to see whether they are in order already, which
 * saves the sort (not where `feed.stagedInOrder` says so already); then it reads all columns of all rows once. A view over files is thus read twice, the first time for the
 * columns of its order key only (cheap for Parquet, a second parse for CSV): stage CSV into a TEMP table. Rows come in the order
 * they are staged, so a UNION ALL of two legs over one table is out of order and is sorted; one SELECT that unnests the legs of a
 * row is not. Measured on 2 idle cores, 3 M Ethereum rows from Parquet: 1.4 M rows/s in order, 0.65 M sorted;
 * `row_number() OVER ()` makes a scan serial: use read_parquet's `file_row_number` where there is one. Then the store calls
 * `feed.finish(kept)` with the number of rows it read from `staged_transfer` (those an earlier batch already holds
 * included), while the TEMP objects are still there; then it drops both, and commits. Every other TEMP object that the source
 * made is the source's to drop in `finish`, or is left to the store if its name starts with `staged_`: the store drops every
 * TEMP table and view so named before it commits (a rollback takes them along).
 *
 * The source must not begin, commit or roll back, must not change settings it does not restore (but may set `preserve_insertion_order`:
 * the store sets it itself for each load), and must not write to tables that are not TEMP.
 *
 * What a row must satisfy, which the store does not check again: `time` >= 0; exactly one of `amount`, `amount_big` is not null;
 * `amount_big` is decimal digits of 2^128 to 2^256 - 1 without leading zeros; `file` counts from 0, `row` from 1;
 * `tx_index` and `leg` are within 0 to 2^31 - 1; addresses and hashes in the chain's canonical text.
 */
export const STAGED_TRANSFER = 'staged_transfer';
export const STAGED_BLOCK = 'staged_block';

/** Name and type, in order. Null is allowed where `null` stands in the comment. */
export const STAGED_TRANSFER_COLUMNS: readonly (readonly [name: string, type: string])[] = [
  ['chain', 'VARCHAR'],
  ['time', 'BIGINT'],
  ['block', 'BIGINT'], // null: the source names no block
  ['tx_index', 'INTEGER'],
  ['leg', 'INTEGER'],
  ['tx', 'VARCHAR'], // null: the source has no hash
  ['kind', 'VARCHAR'], // a TransferKind
  ['sender', 'VARCHAR'], // null: from outside
  ['receiver', 'VARCHAR'], // null: a fee, or destroyed
  ['asset', 'VARCHAR'], // CAIP-19
  ['amount', 'UHUGEINT'], // null where amount_big is set
  ['amount_big', 'VARCHAR'], // null below 2^128
  ['rounded', 'BOOLEAN'],
  ['file', 'INTEGER'],
  ['row', 'BIGINT'],
];

export const STAGED_BLOCK_COLUMNS: readonly (readonly [name: string, type: string])[] = [
  ['chain', 'VARCHAR'],
  ['block', 'BIGINT'],
  ['time', 'BIGINT'],
];
