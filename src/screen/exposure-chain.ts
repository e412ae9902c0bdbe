import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HaetaeError } from '../base/errors.ts';
import { formatTime } from '../base/time.ts';
import { entityFolder, type FlowPart } from '../exposure/entity-files.ts';
import { type ExposureTable, openExposure } from '../exposure/open.ts';
import { exposureFolder } from '../exposure/table-file.ts';
import type { Exposure } from '../exposure/vector.ts';
import type { ChainFlow } from '../flow/flow.ts';
import { type ChainManifest, chainFolder } from '../flow/manifest.ts';
import { type IndexHandle, openIndex } from '../flow/open-index.ts';
import { type AssetId, nativeAsset, requireAsset } from '../model/asset.ts';
import type { ChainId } from '../model/chain.ts';
import type { EntityBook } from './exposure-entities.ts';
import { exposureFacts } from './exposure-facts.ts';
import type { ExposureFact } from './facts.ts';
import type { Basis } from './verdict.ts';

export interface FoundExposures {
  readonly facts: readonly ExposureFact[];
  /** What could not be looked at, in words. */
  readonly missing: readonly string[];
}

/** Exposure of an address and asset that stands in place of the table's; undefined: the table's holds. */
export type Overlay = (address: number, asset: AssetId) => Exposure | undefined;

/** Assets of one address that are looked at where the request names none. */
export const MOST_ASSETS = 20;

/** Times that files are opened anew where they change meanwhile. */
const TRIES = 3;

/** One indexed chain, open: its index, its exposure table and who owns its addresses, as they stood when they were opened. */
export class ExposureChain {
  readonly chain: ChainId;
  /** The index's segments, in order. */
  readonly parts: readonly FlowPart[];
  /** By segment: steps up to its end. */
  readonly ends: readonly number[];
  /** Of the exposure table's manifest. */
  readonly tablePrint: string;
  /** Tells one state of the files from the next. */
  #print: string;
  #basis: Pick<Basis, 'chain' | 'exposure'>;
  #storedRows: number | null;
  /** Set where the index can be read; else `missing` says why not. */
  readonly flow: ChainFlow | null;
  readonly table: ExposureTable | null;
  entities: EntityBook | null = null;
  readonly #handle: IndexHandle;
  readonly #missing: string[];
  readonly #ranks = new Map<number, boolean>();

  private constructor(chain: ChainId, handle: IndexHandle, print: string, read: ReadChain) {
    this.chain = chain;
    this.#handle = handle;
    this.#print = print;
    this.tablePrint = read.tablePrint;
    this.ends = read.ends;
    this.parts = read.parts;
    this.flow = read.flow;
    this.table = read.table;
    this.#basis = read.basis;
    this.#storedRows = read.storedRows;
    this.#missing = [...read.missing];
  }

  /** Never throws for what is damaged, missing or of another version: look-ups say so. */
  static open(database: string, chain: ChainId): ExposureChain {
    for (let tries = 1; ; tries += 1) {
      const print = filesPrint(database, chain);
      const handle = openIndex(database);
      const read = readChain(handle, database, chain);
      const whole = read.missing.length === 0;
      // Another process may have put new files in place in between.
      if (whole || tries === TRIES || print === filesPrint(database, chain))
        return new ExposureChain(chain, handle, print, read);
      handle.close();
    }
  }

  get print(): string {
    return this.#print;
  }

  get basis(): Pick<Basis, 'chain' | 'exposure'> {
    return this.#basis;
  }

  /** How many rows the store had when the index was built, those that move nothing included; null: not known. */
  get storedRows(): number | null {
    return this.#storedRows;
  }

  /**
   * Where the index was built further and no table made of it yet, what is open answers on: its files stay open. True where it is so. The basis then
   * says how many segments are not in the table.
   */
  outlives(next: ExposureChain): boolean {
    const { exposure } = this.#basis;
    const same = next.tablePrint === this.tablePrint && next.flow !== null && next.table === null;
    if (!same || exposure === null || this.table === null) return false;
    const inTable = new Set(this.table.facts.history);
    const behind = next.parts.filter(({ digest }) => !inTable.has(digest)).length;
    this.#basis = { chain: next.basis.chain, exposure: { ...exposure, behind } };
    this.#storedRows = next.#storedRows;
    this.#print = next.print;
    return true;
  }

  /** What is said beside every answer. */
  get missing(): readonly string[] {
    return this.#missing;
  }

  /** Whether this is the same chain as it stood before, or that with more after it: then numbers of addresses hold. */
  follows(before: ExposureChain): boolean {
    return before.parts.every(({ digest }, at) => this.parts[at]?.digest === digest);
  }

  /** Adds a thing that is said beside every answer, once. */
  lacks(what: string): void {
    if (!this.#missing.includes(what)) this.#missing.push(what);
  }

  exposuresOf(address: string, asset: AssetId | null, overlay: Overlay): FoundExposures {
    const { flow, table } = this;
    if (flow === null || table === null) return { facts: [], missing: this.#missing };
    const id = flow.addresses.find(address);
    if (id < 0) return { facts: [], missing: this.#missing };
    const { assets, left } = asset === null ? this.assetsOf(id) : { assets: [asset], left: 0 };
    const facts: ExposureFact[] = [];
    for (const each of assets) {
      const exposure = overlay(id, each) ?? table.exposureOf(address, each);
      if (exposure !== null) facts.push(...exposureFacts(exposure, null));
    }
    return { facts, missing: left === 0 ? this.#missing : [...this.#missing, leftOut(left)] };
  }

  /** Assets that an address moved: the chain's own first, then those that are known by their contract, as anybody can send others unasked. */
  assetsOf(id: number): { readonly assets: readonly AssetId[]; readonly left: number } {
    const { flow } = this;
    if (flow === null) return { assets: [], left: 0 };
    if (flow.model === 'utxo') return { assets: [flow.asset], left: 0 };
    const known: number[] = [];
    const others: number[] = [];
    for (const index of movedAssets(this.#handle, this.chain, id)) (this.#isKnown(index) ? known : others).push(index);
    const native = nativeAsset(this.chain).id;
    const all = [...known, ...others].slice(0, MOST_ASSETS).map((index) => flow.assets[index]!.asset);
    const assets = all.includes(native) ? [native, ...all.filter((asset) => asset !== native)] : all;
    return { assets, left: known.length + others.length - assets.length };
  }

  /** Places of an address on an account chain: index of the asset, and its place there. */
  placesOf(id: number): readonly (readonly [asset: number, place: number])[] {
    const found: [number, number][] = [];
    this.#handle.account(this.chain).placesOf(id, (asset, place) => found.push([asset, place]));
    return found;
  }

  close(): void {
    this.table?.close();
    this.#handle.close();
    this.entities?.close();
  }

  #isKnown(index: number): boolean {
    const said = this.#ranks.get(index);
    if (said !== undefined) return said;
    const id = this.flow!.model === 'account' ? this.flow!.assets[index]!.asset : '';
    const known = requireAsset(id, this.chain).decimals !== null;
    this.#ranks.set(index, known);
    return known;
  }
}

/** Numbers of the assets that an address moved, ascending. */
function movedAssets(handle: IndexHandle, chain: ChainId, id: number): Set<number> {
  const found = new Set<number>();
  handle.account(chain).placesOf(id, (asset) => found.add(asset));
  return found;
}

function leftOut(count: number): string {
  return `exposure: ${count} more assets of the address were not looked at; name the asset`;
}

interface ReadChain {
  readonly parts: readonly FlowPart[];
  readonly ends: readonly number[];
  readonly tablePrint: string;
  readonly flow: ChainFlow | null;
  readonly table: ExposureTable | null;
  readonly basis: Pick<Basis, 'chain' | 'exposure'>;
  readonly storedRows: number | null;
  readonly missing: readonly string[];
}

function readChain(handle: IndexHandle, database: string, chain: ChainId): ReadChain {
  const tablePrint = printOf([join(exposureFolder(database, chain), 'table.json')]);
  const nothing = { parts: [], ends: [], tablePrint, flow: null, table: null, storedRows: null };
  let read: Omit<ReadChain, 'table' | 'missing'>;
  try {
    const manifest = handle.manifest(chain);
    const { segments } = manifest;
    const flow = handle.flow(chain);
    flow.hold();
    const parts = segments.map(({ rows, table }) => ({ rows, digest: table }));
    const basis = { chain: lastOf(flow), exposure: null };
    const ends = segments.map(({ facts }) => endOf(facts as SegmentSteps));
    read = { parts, ends, tablePrint, flow, basis, storedRows: storedRowsOf(manifest) };
  } catch (error) {
    return { ...nothing, basis: { chain: { block: null, time: null }, exposure: null }, missing: [missingOf(error)] };
  }
  try {
    const history = read.parts.map(({ digest }) => digest);
    const table = openExposure(database, read.flow!, history);
    table.hold();
    return { ...read, table, basis: { ...read.basis, exposure: exposureBasis(table) }, missing: [] };
  } catch (error) {
    return { ...read, table: null, missing: [missingOf(error, true)] };
  }
}

/** Of an account chain's segment, or a UTXO chain's. */
interface SegmentSteps {
  readonly firstStep?: number;
  readonly steps?: number;
  readonly firstTx?: number;
  readonly txCount?: number;
}

function endOf({ firstStep, steps, firstTx, txCount }: SegmentSteps): number {
  return (firstStep ?? firstTx ?? 0) + (steps ?? txCount ?? 0);
}

/** Of an account chain not known while a build has not come to its end. */
function storedRowsOf({ model, imports, segments, rest }: ChainManifest): number | null {
  if (model === 'account' && rest === undefined) return null;
  const all = [...imports, ...segments.map(({ fetched }) => fetched), ...(rest === undefined ? [] : [rest])];
  return all.reduce((sum, { rows }) => sum + rows, 0);
}

function lastOf({ steps }: ChainFlow): Basis['chain'] {
  if (steps.count === 0) return { block: null, time: null };
  const last = steps.count - 1;
  const block = steps.block(last);
  return { block: block === null ? null : String(block), time: formatTime(steps.time(last)) };
}

function exposureBasis({ facts, segmentsBehind }: ExposureTable): NonNullable<Basis['exposure']> {
  return {
    hash: createHash('sha256').update(JSON.stringify(facts)).digest('hex'),
    until: facts.span === null ? null : formatTime(facts.span.to),
    behind: segmentsBehind,
  };
}

/** One line for a verdict. What is no operating fault is thrown on. */
export function missingOf(error: unknown, ofTable = isOfTable(error)): string {
  if (!(error instanceof HaetaeError)) throw error;
  return `exposure: ${error.message}; run haetae ${ofTable ? 'exposure' : 'index'} build`;
}

function isOfTable(error: unknown): boolean {
  return error instanceof HaetaeError && String(error.context.file ?? '').includes('.exposure');
}

/** Of the files that name a chain's index, table and entities: another text, other files. */
export function filesPrint(database: string, chain: ChainId): string {
  const folder = chainFolder(database, chain);
  const table = join(exposureFolder(database, chain), 'table.json');
  return printOf([join(folder, 'manifest.json'), table, join(entityFolder(database, chain), 'entities.json')]);
}

function printOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(existsSync(file) ? readFileSync(file) : '').update('\n');
  return hash.digest('hex');
}
