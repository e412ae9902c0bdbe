import { HaetaeError } from '../base/errors.ts';
import type { ByteColumn, Float64Column, Uint32Column } from '../flow/column.ts';
import { SegmentReader } from '../flow/column-file.ts';
import type { ChainFlow } from '../flow/flow.ts';
import type { AssetId } from '../model/asset.ts';
import type { ChainId } from '../model/chain.ts';
import { NO_CATEGORY } from './categories.ts';
import { exposureFolder, readTableFacts, type TableFacts } from './table-file.ts';
import { type Exposure, exposureSide, type SizeFigures } from './vector.ts';

/** The exposure of every address of a chain, read from files: a look-up reads and checks the pages it needs once. */
export interface ExposureTable {
  readonly facts: TableFacts;
  /** Segments of the index that were written after the table was built: what they hold is not in it. Labels may have changed too: facts say by which it was built. */
  readonly segmentsBehind: number;
  /** Null where the address never moved the asset, or only after the table was built. */
  exposureOf(address: string, asset: AssetId): Exposure | null;
  /** By address id, for those that the table knows: the category that it was built with. */
  lanes(): Uint8Array<ArrayBuffer>;
  /** Opens all files, so that they can be read on when a new table has been put in their place. */
  hold(): void;
  close(): void;
}

/**
 * Opens the table of a chain. `flow` names its addresses and places: that of the same index, or of one that has grown since; `history` its segments.
 * Throws E_NOT_FOUND where there is no table, E_INDEX_STALE where it was made from another history, E_INDEX_CORRUPT, E_INDEX_VERSION.
 */
export function openExposure(database: string, flow: ChainFlow, history: readonly string[]): ExposureTable {
  const folder = exposureFolder(database, flow.chain);
  const facts = readTableFacts(folder);
  if (facts === null) {
    throw new HaetaeError('E_NOT_FOUND', 'there is no exposure table of this chain', {
      context: { chain: flow.chain },
      remedy: 'run haetae exposure build',
    });
  }
  if (!facts.history.every((segment, at) => segment === history[at])) throw stale(flow.chain);
  return new FileTable(folder, facts, flow, history.length - facts.history.length);
}

/** One table a chain. */
export function exposureOf(
  tables: ReadonlyMap<ChainId, ExposureTable>,
  chain: ChainId,
  address: string,
  asset: AssetId,
): Exposure | null {
  return tables.get(chain)?.exposureOf(address, asset) ?? null;
}

class FileTable implements ExposureTable {
  readonly facts: TableFacts;
  readonly segmentsBehind: number;
  readonly #flow: ChainFlow;
  readonly #reader: SegmentReader;
  readonly #lanes: ByteColumn;
  readonly #small: Uint32Column;
  readonly #received: SideColumns;
  readonly #sent: SideColumns;
  /** Of all runs together. */
  readonly #laneCount: number;
  readonly #assets: ReadonlyMap<AssetId, number>;
  /** By asset: number of its first account in the table. */
  readonly #firsts: readonly number[];
  readonly #accounts: number;

  constructor(folder: string, facts: TableFacts, flow: ChainFlow, segmentsBehind: number) {
    this.facts = facts;
    this.segmentsBehind = segmentsBehind;
    this.#flow = flow;
    this.#reader = new SegmentReader(folder, facts.files);
    this.#lanes = this.#reader.byteColumn('lanes');
    this.#small = this.#reader.uint32('small');
    this.#received = this.#sideOf('received');
    this.#sent = this.#sideOf('sent');
    this.#laneCount = facts.runs.reduce((sum, { count }) => sum + count, 0);
    this.#assets = new Map(facts.assets.map((asset, at) => [asset.id, at]));
    const firsts: number[] = [];
    let accounts = 0;
    for (const count of facts.blocks.accounts) {
      firsts.push(accounts);
      accounts += count;
    }
    this.#firsts = firsts;
    this.#accounts = accounts;
  }

  exposureOf(address: string, asset: AssetId): Exposure | null {
    const id = this.#flow.addresses.find(address);
    const index = this.#assets.get(asset);
    if (id < 0 || index === undefined) return null;
    const account = this.#accountOf(index, id);
    if (account < 0) return null;
    const { categories, assets, chain } = this.facts;
    const number = this.#small.at(account);
    const small = number === 0 ? null : this.#figures(this.#received, this.#accounts + number - 1);
    const lane = this.#lane(id);
    return {
      chain,
      address,
      asset,
      category: lane === NO_CATEGORY ? null : categories[lane]!,
      received: exposureSide(categories, this.#figures(this.#received, account), small, assets[index]!.dust),
      sent: exposureSide(categories, this.#figures(this.#sent, account), null, assets[index]!.dust),
    };
  }

  lanes(): Uint8Array<ArrayBuffer> {
    return this.#lanes.slice(0, this.facts.addresses);
  }

  hold(): void {
    this.#reader.hold();
  }

  close(): void {
    this.#reader.close();
  }

  #accountOf(asset: number, id: number): number {
    const flow = this.#flow;
    if (flow.model === 'utxo') return id < this.#accounts ? id : -1;
    const place = flow.assets[asset]!.placeOf(id);
    return place < 0 || place >= this.facts.blocks.accounts[asset]! ? -1 : this.#firsts[asset]! + place;
  }

  #lane(id: number): number {
    return id >= this.facts.addresses ? NO_CATEGORY : this.#lanes.at(id);
  }

  #figures({ total, runs }: SideColumns, account: number): SizeFigures {
    const lanes = this.#laneCount;
    const all = new Uint32Array(lanes);
    const direct = new Uint32Array(lanes);
    for (const { from, count, columns } of runs) {
      columns.all.copy(from === 0 ? all : all.subarray(from), account * count, count);
      columns.direct.copy(from === 0 ? direct : direct.subarray(from), account * count, count);
    }
    return { total: total.at(account), all: new Float32Array(all.buffer), direct: new Float32Array(direct.buffer) };
  }

  #sideOf(side: 'received' | 'sent'): SideColumns {
    const column = (name: string): Uint32Column => this.#reader.uint32(`${side}.${name}`);
    return {
      total: this.#reader.float64(`${side}.total`),
      runs: this.facts.runs.map(({ from, count }) => ({
        from,
        count,
        columns: { all: column(`all.${from}`), direct: column(`direct.${from}`) },
      })),
    };
  }
}

/** Columns of a side, opened but not read. */
interface SideColumns {
  readonly total: Float64Column;
  readonly runs: readonly {
    readonly from: number;
    readonly count: number;
    readonly columns: { readonly all: Uint32Column; readonly direct: Uint32Column };
  }[];
}

function stale(chain: ChainId): HaetaeError {
  return new HaetaeError('E_INDEX_STALE', 'the exposure table was made from another state of the index', {
    context: { chain },
    remedy: 'run haetae exposure build',
  });
}
