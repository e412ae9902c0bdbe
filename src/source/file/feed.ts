import { tmpdir } from 'node:os';
import type { DuckDBConnection } from '@duckdb/node-api';
import { assert } from '../../base/assert.ts';
import { HaetaeError } from '../../base/errors.ts';
import { type Progress, SILENT } from '../../base/progress.ts';
import type { UnixSeconds } from '../../base/time.ts';
import { type Asset, requireAsset } from '../../model/asset.ts';
import type { ChainId } from '../../model/chain.ts';
import type { Transfer, TransferKind } from '../../model/transfer.ts';
import { type FeedChunk, type ImportCounts, MOVES_NOTHING, type TransferFeed } from '../../store/port.ts';
import { addCompanion, createKnown, fillTimes } from './companion.ts';
import type { FileDigest } from './digest.ts';
import type { Plan } from './layout.ts';
import { inferLegs } from './order.ts';
import { literal } from './quote.ts';
import type { RefusedRows } from './refused.ts';
import { findRepeats } from './repeat.ts';
import { type ShapeSql, shapeSql, TRACE_VIEW } from './shape.ts';
import { Staging } from './stage.ts';
import { hasColumns, openTable, requireColumns, type Table } from './table.ts';

/** Looks up block times that the files do not hold, in what was imported before. */
export type BlockTimes = (chain: ChainId, blocks: readonly bigint[]) => Promise<ReadonlyMap<bigint, UnixSeconds>>;

export interface FeedSource {
  readonly plan: Plan;
  /** null where a column names the asset. */
  readonly asset: Asset | null;
  readonly files: readonly FileDigest[];
  readonly refused: RefusedRows;
  readonly latest: UnixSeconds;
  readonly sequence: number;
  readonly blockTimes: BlockTimes | null;
  /** CSV files of fewer bytes are copied to temporary space, larger ones read again where needed. */
  readonly copyBelow: number;
}

const CHUNK_ROWS = 2048;

/** Account movements from CSV and Parquet files, staged inside DuckDB. */
export class TableFeed implements TransferFeed {
  private readonly source: FeedSource;
  private connection: DuckDBConnection | null = null;
  private staging: Staging | null = null;
  private shape: ShapeSql | null = null;
  private found: Asset[] = [];
  private duplicates = 0;
  private sorted = false;
  private closeOwn: (() => void) | null = null;

  constructor(source: FeedSource) {
    this.source = source;
  }

  readonly stage = async (given: unknown, progress: Progress): Promise<void> => {
    const connection = given as DuckDBConnection;
    const { plan, files, refused, latest, sequence, blockTimes } = this.source;
    const staging = new Staging(connection, plan, latest, refused, progress, this.source.copyBelow);
    this.connection = connection;
    this.staging = staging;
    await createKnown(connection);
    const tables: Table[] = [];
    for (const digest of files) tables.push(await openTable(connection, digest));
    // Files beside the rows are told by their columns; where no file has rows, the first one lacks a column.
    const [first] = tables;
    if (first !== undefined && !tables.some((table) => hasColumns(table, plan.fields))) {
      requireColumns(first, plan.fields, plan.name);
    }
    const companions = tables.filter((table) => plan.companions && !hasColumns(table, plan.fields));
    await staging.create(tables.filter((table) => !companions.includes(table)));
    let baseFees = false;
    for (const table of companions) baseFees = (await addCompanion(connection, table, plan)) || baseFees;
    await staging.judgeOdd();
    await connection.run(`CREATE TEMP VIEW staged_accepted AS ${staging.acceptedSql()}`);
    const timed = await fillTimes(connection, plan, staging, refused, blockTimes);
    const ranked = plan.order === 'inferred';
    this.shape = shapeSql({ plan, sequence, ranked, baseFees });
    const { repeats, sorted } = await findRepeats(connection, plan, this.shape.key);
    this.duplicates = repeats;
    // Without gas a transaction is one movement at most, and rows keep their order.
    this.sorted = sorted && plan.shape === 'transaction' && !staging.has('gasUsed');
    const unrepeated = plan.duplicates === 'drop' && this.duplicates > 0;
    const drop = unrepeated ? ' WHERE (file, row) NOT IN (SELECT (file, row) FROM staged_repeat)' : '';
    await connection.run(`CREATE TEMP VIEW staged_clean AS SELECT * FROM (${timed})${drop}`);
    if (plan.shape === 'trace') await connection.run(TRACE_VIEW);
    if (ranked) await inferLegs(connection, plan, progress);
    await connection.run(`CREATE TEMP VIEW staged_transfer AS ${this.shape.legs.join(' UNION ALL ') || EMPTY}`);
    await this.stageBlocks(connection, companions.length > 0);
  };

  get stagedInOrder(): boolean {
    return this.sorted;
  }

  private async stageBlocks(connection: DuckDBConnection, companions: boolean): Promise<void> {
    const { plan } = this.source;
    if (plan.shape !== 'blocks' && !companions) return;
    const from = plan.shape === 'blocks' ? 'staged_clean' : 'staged_known_time';
    await connection.run(
      `CREATE TEMP VIEW staged_block AS SELECT ${literal(plan.chain)} AS chain, block, time FROM ${from} WHERE time IS NOT NULL`,
    );
  }

  async *rows(): AsyncIterable<FeedChunk> {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: '600MB',
      temp_directory: `${tmpdir()}/haetae-import-${process.pid}`,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    this.closeOwn = () => {
      connection.closeSync();
      instance.closeSync();
    };
    await this.stage(connection, SILENT);
    const result = await connection.stream('SELECT * FROM staged_transfer ORDER BY time, block, tx_index, leg');
    let transfers: Transfer[] = [];
    for await (const rows of result.yieldRowsJs()) {
      for (const row of rows) transfers.push(toTransfer(row));
      if (transfers.length < CHUNK_ROWS) continue;
      yield { transfers, utxo: [], blocks: [] };
      transfers = [];
    }
    yield { transfers, utxo: [], blocks: await this.blocks(connection) };
  }

  private async blocks(connection: DuckDBConnection): Promise<FeedChunk['blocks']> {
    const views = await connection.runAndReadAll(`SELECT 1 FROM duckdb_views() WHERE view_name = 'staged_block'`);
    if (views.currentRowCount === 0) return [];
    const result = await connection.runAndReadAll('SELECT DISTINCT chain, block, time FROM staged_block');
    return result.getRowsJS().map(([chain, block, time]) => {
      return { chain: String(chain), block: block as bigint, time: Number(time) };
    });
  }

  async finish(kept: number): Promise<Omit<ImportCounts, 'rowsKept' | 'alreadyStored'>> {
    const { connection, staging, shape } = this;
    assert(connection !== null && staging !== null && shape !== null, 'finish comes after stage');
    const { plan, refused } = this.source;
    const { zeroValue, rounded } = await this.countAmounts(connection, staging);
    if (shape.idle !== 'false') {
      const from = plan.shape === 'trace' ? 'staged_trace' : 'staged_clean';
      const idle = await connection.runAndReadAll(`SELECT count(*) FROM ${from} AS c WHERE ${shape.idle}`);
      refused.count(MOVES_NOTHING, Number(idle.getRows()[0]?.[0]));
    }
    this.found = await this.findAssets(connection);
    refused.flush();
    this.closeOwn?.();
    const counts = {
      rowsRead: staging.rowsRead,
      refused: refused.totals(),
      duplicates: this.duplicates,
      rounded,
      zeroValue,
    };
    if (kept === 0 && plan.shape !== 'blocks') throw nothingKept(this.source, counts);
    return counts;
  }

  /** Of the movements kept. Where each row gave one movement, the survey of the files has counted most of them already. */
  private async countAmounts(
    connection: DuckDBConnection,
    staging: Staging,
  ): Promise<{ zeroValue: number; rounded: number }> {
    const { plan } = this.source;
    const values = 'count(*) FILTER (amount = 0), count(*) FILTER (rounded)';
    const read = async (from: string): Promise<{ zeroValue: number; rounded: number }> => {
      const result = await connection.runAndReadAll(`SELECT ${values} FROM ${from}`);
      const [zeroValue = 0, rounded = 0] = (result.getRows()[0] ?? []).map(Number);
      return { zeroValue, rounded };
    };
    const noGas = plan.shape === 'transaction' && !staging.has('status') && !staging.has('gasUsed');
    const oneToOne = plan.shape === 'transfer' || plan.shape === 'token';
    const dropped = plan.duplicates === 'drop' && this.duplicates > 0;
    const surveyed = staging.files.every((file) => file.plainCounts !== undefined && !file.untimed);
    if (!surveyed || dropped || !(oneToOne || noGas)) return read(oneToOne ? 'staged_clean' : 'staged_transfer');
    const fixed = await read('staged_fixed');
    return staging.files.reduce(
      (sum, { plainCounts }) => ({
        zeroValue: sum.zeroValue + (plainCounts?.zeroValue ?? 0),
        rounded: sum.rounded + (plainCounts?.rounded ?? 0),
      }),
      fixed,
    );
  }

  assets(): readonly Asset[] {
    return this.found;
  }

  private async findAssets(connection: DuckDBConnection): Promise<Asset[]> {
    const { plan, asset } = this.source;
    if (plan.shape === 'blocks') return [];
    if (asset !== null) return [asset];
    const result = await connection.runAndReadAll(
      'SELECT DISTINCT asset FROM staged_accepted WHERE asset IS NOT NULL ORDER BY 1',
    );
    return result.getRows().map(([id]) => requireAsset(String(id), plan.chain));
  }
}

const EMPTY = `SELECT NULL::VARCHAR AS chain, NULL::BIGINT AS time, NULL::BIGINT AS block, NULL::INTEGER AS tx_index, NULL::INTEGER AS leg,
  NULL::VARCHAR AS tx, NULL::VARCHAR AS kind, NULL::VARCHAR AS sender, NULL::VARCHAR AS receiver, NULL::VARCHAR AS asset,
  NULL::UHUGEINT AS amount, NULL::VARCHAR AS amount_big, NULL::BOOLEAN AS rounded, NULL::INTEGER AS file, NULL::BIGINT AS row WHERE false`;

/** Throws where an import would store nothing: the user must hear it, with the reason most rows were refused for. */
export function nothingKept(
  source: Pick<FeedSource, 'files' | 'refused'>,
  counts: Pick<ImportCounts, 'rowsRead' | 'refused'>,
): HaetaeError {
  const [worst] = Object.entries(counts.refused).sort(([, a], [, b]) => b - a);
  const why = worst === undefined ? '' : `; most often for ${worst[0]} (${worst[1]})`;
  return new HaetaeError('E_FILE_EMPTY', `no row was kept of ${counts.rowsRead} read${why}`, {
    context: {
      files: source.files
        .map((file) => file.name)
        .join(', ')
        .slice(0, 300),
      ...(source.refused.path === null ? {} : { refused: source.refused.path }),
    },
    remedy: 'check that the preset or map fits the file. Nothing of this import was stored',
  });
}

type StagedRow = readonly unknown[];

function toTransfer(row: StagedRow): Transfer {
  const [chain, time, block, txIndex, leg, tx, kind, sender, receiver, asset, amount, big, rounded, file, number] = row;
  return {
    chain: String(chain),
    time: Number(time),
    block: block as bigint | null,
    txIndex: Number(txIndex),
    leg: Number(leg),
    tx: tx as string | null,
    kind: kind as TransferKind,
    from: sender as string | null,
    to: receiver as string | null,
    asset: String(asset),
    amount: big === null ? BigInt(amount as bigint) : BigInt(String(big)),
    rounded: rounded === true,
    source: { batch: 0, file: Number(file), row: Number(number) },
  };
}
