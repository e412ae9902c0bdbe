import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { assert } from '../../../base/assert.ts';
import { RowAppender } from '../../../store/duckdb/appender.ts';
import type { DuckdbApi } from '../../../store/duckdb/engine.ts';
import type { Outputs } from '../known.ts';
import type { Evicted, Output } from './recent-outputs.ts';

/** Outputs of transactions that were imported before; a transaction that is not known is left out. */
export type KnownTransactions = (txs: readonly string[]) => Promise<ReadonlyMap<string, Outputs>>;

/** What the inputs of a transaction spend, in order; null for a coinbase's, and for one that nothing tells. */
export type Spent = readonly (Output | null)[];

/** A transaction whose inputs had to be looked up. */
export interface LookedUp {
  /** The number that its block was given with. */
  readonly block: number;
  readonly txIndex: number;
  readonly spent: Spent;
}

/** Transactions asked of the store at a time: each time it reads its outputs once. */
const STEP = 20_000;
const KEY = 'k0, k1, k2, k3, output';
const KEY_COLUMNS = 'k0 UBIGINT, k1 UBIGINT, k2 UBIGINT, k3 UBIGINT, output UINTEGER';

/** An input whose output was not at hand. */
export interface Wanted {
  readonly place: readonly [block: number, tx: number, position: number];
  readonly tx: string;
  readonly index: number;
}

interface Opened {
  readonly folder: string;
  readonly remove: () => void;
  readonly api: DuckdbApi;
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
}

interface Tables {
  /** Outputs that no recent transaction spent, by key. */
  readonly made: RowAppender;
  /** Inputs that spend none of the recent outputs, by place and key. */
  readonly spent: RowAppender;
  /** What the other inputs of their transactions spend, by place. */
  readonly found: RowAppender;
}

/** The temporary file: written first, then asked. */
export class Scratch {
  readonly #folder: string;
  readonly #remove: () => void;
  readonly #api: DuckdbApi;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #tables: Tables;

  private constructor({ folder, remove, api, instance, connection }: Opened, tables: Tables) {
    this.#folder = folder;
    this.#remove = remove;
    this.#api = api;
    this.#instance = instance;
    this.#connection = connection;
    this.#tables = tables;
  }

  static async open(memoryMb: number): Promise<Scratch> {
    const api = await import('@duckdb/node-api');
    const folder = mkdtempSync(join(tmpdir(), 'haetae-blocks-'));
    const remove = (): void => rmSync(folder, { recursive: true, force: true });
    // Ctrl-C ends the process where it stands.
    process.once('exit', remove);
    const instance = await api.DuckDBInstance.create(join(folder, 'scratch.duckdb'), {
      memory_limit: `${memoryMb}MB`,
      preserve_insertion_order: 'false',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    const place = 'block UINTEGER, tx UINTEGER, position UINTEGER';
    await connection.run(`CREATE TABLE made (${KEY_COLUMNS}, value UBIGINT, address VARCHAR)`);
    await connection.run(`CREATE TABLE spent (${place}, ${KEY_COLUMNS})`);
    await connection.run(`CREATE TABLE found (${place}, value UBIGINT, address VARCHAR)`);
    const tables = {
      made: await RowAppender.into(connection, api, 'made'),
      spent: await RowAppender.into(connection, api, 'spent'),
      found: await RowAppender.into(connection, api, 'found'),
    };
    return new Scratch({ folder, remove, api, instance, connection }, tables);
  }

  add(
    evicted: readonly Evicted[],
    wanted: readonly Wanted[],
    found: readonly (readonly [Wanted['place'], Output])[],
  ): void {
    for (const { tx, index, output } of evicted) addMade(this.#tables.made, tx, index, output);
    for (const { place, tx, index } of wanted) this.#tables.spent.add([...place, ...words(tx), index]);
    for (const [place, { value, address }] of found) this.#tables.found.add([...place, value, address]);
  }

  seal(): void {
    for (const table of Object.values(this.#tables) as RowAppender[]) table.close();
  }

  /** Brings in outputs of transactions from before the files. */
  async askKnown(known: KnownTransactions): Promise<void> {
    await this.#connection.run(
      `CREATE TABLE missing AS SELECT DISTINCT k0, k1, k2, k3 FROM spent ANTI JOIN made USING (${KEY})`,
    );
    const result = await this.#connection.runAndReadAll('SELECT count(*) FROM missing');
    const count = Number(result.getRows()[0]?.[0]);
    const made = await RowAppender.into(this.#connection, this.#api, 'made');
    for (let from = 0; from < count; from += STEP) {
      const page = await this.#connection.runAndReadAll(
        `SELECT k0, k1, k2, k3 FROM missing WHERE rowid >= ${from} AND rowid < ${from + STEP}`,
      );
      for (const [tx, outputs] of await known(page.getRows().map((row) => idOf(row as bigint[])))) {
        outputs.forEach((output, index) => {
          addMade(made, tx, index, output);
        });
      }
    }
    made.close();
  }

  async *lookedUp(): AsyncGenerator<LookedUp> {
    const result = await this.#connection.stream(
      `SELECT block, tx, position, value, address FROM spent LEFT JOIN made USING (${KEY})
       UNION ALL SELECT block, tx, position, value, address FROM found ORDER BY block, tx, position`,
    );
    const group = new Group();
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) break;
      const columns = Array.from({ length: 5 }, (_, column) => chunk.getColumnValues(column));
      const [blocks, txs, positions, values, addresses] = columns as [
        number[],
        number[],
        number[],
        unknown[],
        unknown[],
      ];
      for (let row = 0; row < chunk.rowCount; row++) {
        const value = values[row] as bigint | null;
        const output = value === null ? null : { value, address: addresses[row] as string };
        const done = group.add(blocks[row]!, txs[row]!, positions[row]!, output);
        if (done !== null) yield done;
      }
    }
    const last = group.end();
    if (last !== null) yield last;
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
    process.removeListener('exit', this.#remove);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Puts rows that come in order together into transactions. */
class Group {
  #block = -1;
  #tx = -1;
  #spent: (Output | null)[] = [];

  /** Gives the transaction before, where this row begins another. */
  add(block: number, tx: number, position: number, output: Output | null): LookedUp | null {
    const done = block === this.#block && tx === this.#tx ? null : this.end();
    this.#block = block;
    this.#tx = tx;
    // Two coinbases of one id (before BIP30) made the same output.
    if (position === this.#spent.length - 1) return done;
    assert(position === this.#spent.length, 'every input of a transaction that is looked up is there');
    this.#spent.push(output);
    return done;
  }

  end(): LookedUp | null {
    if (this.#spent.length === 0) return null;
    const done = { block: this.#block, txIndex: this.#tx, spent: this.#spent };
    this.#spent = [];
    return done;
  }
}

function addMade(table: RowAppender, tx: string, index: number, { value, address }: Output): void {
  table.add([...words(tx), index, value, address]);
}

const id = Buffer.alloc(32);

/** An id as four numbers of 64 bits. */

function words(tx: string): [bigint, bigint, bigint, bigint] {
  id.write(tx, 'hex');
  return [id.readBigUInt64BE(0), id.readBigUInt64BE(8), id.readBigUInt64BE(16), id.readBigUInt64BE(24)];
}

function idOf(parts: readonly bigint[]): string {
  parts.forEach((part, i) => {
    id.writeBigUInt64BE(part, 8 * i);
  });
  return id.toString('hex');
}
