import type { HaetaeError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import type { ChainId } from '../model/chain.ts';
import type { NumberedChunk } from '../store/numbered.ts';
import type { Store } from '../store/port.ts';
import type { AccountFacts } from './account-format.ts';
import { amountOf } from './amount-words.ts';
import { SegmentReader } from './column-file.ts';
import { type AccountFlow, FEE } from './flow.ts';
import { type ChainManifest, chainFolder } from './manifest.ts';
import { numberOpenings } from './numbered-openings.ts';
import { type IndexHandle, openIndex } from './open-index.ts';

export interface IndexSummary {
  readonly chain: ChainId;
  readonly model: 'account' | 'utxo';
  /** Movements, or transactions. */
  readonly rows: number;
  readonly addresses: number;
  readonly assets: number;
  readonly segments: number;
  readonly bytes: number;
  /** Of the last row; null where there is none. */
  readonly lastTime: number | null;
  readonly lastBlock: number | null;
  /** Files that are missing or have another size than they were written with. */
  readonly damaged: readonly string[];
}

/** What the index of a chain holds, without reading its columns. */
export function summarise(index: IndexHandle, database: string, chain: ChainId): IndexSummary {
  const manifest = index.manifest(chain);
  const damaged = lookAt(manifest, database);
  const bytes = manifest.segments.flatMap(({ files }) => files).reduce((sum, file) => sum + file.bytes, 0);
  const rows = manifest.segments.reduce((sum, segment) => sum + segment.rows, 0);
  const { segments } = manifest;
  const base = { chain, model: manifest.model, rows, segments: segments.length, bytes, damaged };
  if (damaged.length > 0) return { ...base, addresses: 0, assets: 0, lastTime: null, lastBlock: null };
  const flow = index.flow(chain);
  const last = flow.steps.count - 1;
  return {
    ...base,
    addresses: flow.addresses.size,
    assets: flow.model === 'account' ? flow.assets.length : 1,
    lastTime: last < 0 ? null : flow.steps.time(last),
    lastBlock: last < 0 ? null : flow.steps.block(last),
  };
}

function lookAt(manifest: ChainManifest, database: string): string[] {
  return manifest.segments.flatMap((segment) => {
    const reader = new SegmentReader(chainFolder(database, manifest.chain), segment);
    const names = reader.glance();
    reader.close();
    return names.map((name) => `${segment.name}/${name}`);
  });
}

export interface IndexCheck {
  /** Bytes read and checked. */
  readonly bytes: number;
  readonly faults: readonly HaetaeError[];
  /** Rows of the store in the seconds that are indexed, and those of the index; null where files are damaged. */
  readonly rows: { readonly store: number; readonly index: number } | null;
  /** First row that differs, in words; null where none does, or rows were not compared. */
  readonly difference: string | null;
}

export interface CheckOptions {
  readonly chain: ChainId;
  readonly progress: Progress;
  /** Compares every movement of an account chain with the store's, not only their number. */
  readonly deep?: boolean;
}

/** Reads every page of a chain's index, recomputes its sums, and compares it with the store. */
export async function checkIndex(store: Store, database: string, options: CheckOptions): Promise<IndexCheck> {
  const index = openIndex(database);
  try {
    const manifest = index.manifest(options.chain);
    const { bytes, faults } = readAll(manifest, database, options.progress);
    if (faults.length > 0) return { bytes, faults, rows: null, difference: null };
    const flow = index.flow(options.chain);
    const to = manifest.segments.at(-1)?.window.to ?? -1;
    const indexed = manifest.segments.reduce((sum, segment) => sum + segment.rows, 0);
    if (flow.model === 'utxo') {
      let count = 0;
      for await (const chunk of store.numberedUtxo({ chain: options.chain, from: 0, to }))
        for (let row = 0; row < chunk.count; row += 1) count += chunk.begins[row]!;
      return { bytes, faults, rows: { store: count, index: indexed }, difference: null };
    }
    const openings = await openingsUpTo(store, database, manifest as ChainManifest<AccountFacts>, to);
    const compared = await compareRows(store, flow, { to, openings }, options);
    return { bytes, faults, rows: { store: compared.rows, index: indexed }, difference: compared.difference };
  } finally {
    index.close();
  }
}

function readAll(
  manifest: ChainManifest,
  database: string,
  progress: Progress,
): { bytes: number; faults: HaetaeError[] } {
  const total = manifest.segments.flatMap(({ files }) => files).reduce((sum, file) => sum + file.bytes, 0);
  const faults: HaetaeError[] = [];
  let bytes = 0;
  for (const segment of manifest.segments) {
    const reader = new SegmentReader(chainFolder(database, manifest.chain), segment);
    const found = reader.check((read) => {
      bytes += read;
      progress.report('check', bytes, total);
    });
    faults.push(...found);
    reader.close();
  }
  return { bytes, faults };
}

async function openingsUpTo(
  store: Store,
  database: string,
  manifest: ChainManifest<AccountFacts>,
  to: number,
): Promise<number> {
  const folder = chainFolder(database, manifest.chain);
  const { openings } = await numberOpenings(store, folder, manifest, manifest.segments);
  return openings.filter(({ time }) => time <= to).length;
}

async function compareRows(
  store: Store,
  flow: AccountFlow,
  { to, openings }: { readonly to: number; readonly openings: number },
  { chain, progress, deep = false }: CheckOptions,
): Promise<{ rows: number; difference: string | null }> {
  let rows = openings;
  // Opening balances are rows too, which the stream does not have: then rows are counted only.
  const comparison = deep && openings === 0 ? new RowComparison(flow, await store.numberedAssets(chain)) : null;
  for await (const chunk of store.numberedTransfers({ chain, from: 0, to })) {
    rows += chunk.count;
    comparison?.take(chunk);
    progress.report('compare', rows, 0);
  }
  return { rows, difference: comparison?.difference ?? null };
}

/** Goes through the rows of the store and of the index side by side. */
class RowComparison {
  difference: string | null = null;
  readonly #flow: AccountFlow;
  /** By number of the asset in the store: where in the index its next row stands. */
  readonly #cursors: (Cursor | null)[];

  constructor(flow: AccountFlow, names: readonly string[]) {
    this.#flow = flow;
    const byName = new Map(flow.assets.map((asset, index) => [asset.asset, index]));
    this.#cursors = names.map((name) => {
      const index = byName.get(name);
      return index === undefined ? null : { asset: index, segment: 0, row: 0 };
    });
  }

  take(chunk: NumberedChunk): void {
    const large = new Map(chunk.large.map(({ row, amount }) => [row, amount]));
    const low = new Uint32Array(chunk.low.buffer, chunk.low.byteOffset, 2 * chunk.count);
    const high = new Uint32Array(chunk.high.buffer, chunk.high.byteOffset, 2 * chunk.count);
    for (let row = 0; row < chunk.count && this.difference === null; row += 1) {
      const cursor = this.#cursors[chunk.asset[row]!];
      const amount = large.get(row) ?? amountOf(low, high, row);
      const ends = [chunk.from[row]!, chunk.to[row]!];
      const said = [...ends, amount, chunk.time[row]!, chunk.block[row]!].join(' ');
      const held = cursor === null || cursor === undefined ? 'nothing' : this.#next(cursor);
      if (said !== held) this.difference = `the store has ${said}, the index ${held}`;
    }
  }

  #next(cursor: Cursor): string {
    const asset = this.#flow.assets[cursor.asset]!;
    while (cursor.segment < asset.segments.length && cursor.row === asset.segments[cursor.segment]!.count) {
      cursor.segment += 1;
      cursor.row = 0;
    }
    const segment = asset.segments[cursor.segment];
    if (segment === undefined) return 'nothing';
    const { row } = cursor;
    cursor.row += 1;
    const ends = [segment.from.at(row), segment.to.at(row)].map((place) =>
      place < FEE ? asset.addressOf(place) : place,
    );
    const step = segment.step.at(row);
    const block = this.#flow.steps.block(step) ?? -1;
    return [...ends, segment.amount(row), this.#flow.steps.time(step), block].join(' ');
  }
}

interface Cursor {
  readonly asset: number;
  segment: number;
  row: number;
}
