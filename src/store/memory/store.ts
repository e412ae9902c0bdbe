import { HaetaeError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import type { UnixSeconds } from '../../base/time.ts';
import type { Asset, AssetId } from '../../model/asset.ts';
import type { ChainId } from '../../model/chain.ts';
import type { LabelEntry, LabelList } from '../../model/label.ts';
import type { Price, PriceList } from '../../model/price.ts';
import type { Transfer, UtxoTransaction } from '../../model/transfer.ts';
import { mergeAsset } from '../asset.ts';
import type {
  IdCounts,
  NumberedChunk,
  NumberedQuery,
  NumberedUtxoChunk,
  StoreContents,
  TimeWindow,
} from '../numbered.ts';
import type {
  BackupManifest,
  Batch,
  BusyAddress,
  CaseSummary,
  Covered,
  EdgeChunk,
  EdgeQuery,
  FeedChunk,
  Fetched,
  FetchedCounts,
  KeptBlock,
  LabelRow,
  LoadResult,
  NewBatch,
  Opening,
  PlaceKey,
  Store,
  StoredCase,
  StoredLabelList,
  StoredPrice,
  StoredPriceList,
  StoreTotals,
  TransferFeed,
  UtxoEdgeChunk,
  UtxoMove,
  UtxoOutputRow,
} from '../port.ts';
import { backupLines } from './backup.ts';
import { edgeChunks, outpointPrint, txPrint, utxoEdgeChunks } from './edges.ts';
import { type ChainFacts, type FetchedContent, NO_FACTS, withFetched, withFiled, withoutAbove } from './fetched.ts';
import { Fingerprints } from './fingerprint.ts';
import { newTransfers, newUtxo, refuseTies } from './load.ts';
import {
  addressChunks,
  type ChainNumbers,
  chainsOf,
  contentsOf,
  NO_NUMBERS,
  transferChunks,
  utxoChunks,
  withNumbers,
} from './numbered.ts';
import { compareText, compareTransfers, compareUtxo } from './order.ts';
import { PriceShelf } from './prices.ts';
import { moveOf } from './utxo-move.ts';

const CHUNK_ROWS = 4096;

/** Everything kept, in order; a write makes the next one and swaps it in whole. */
interface Content extends FetchedContent {
  readonly blocks: ReadonlyMap<string, UnixSeconds>;
  readonly assets: ReadonlyMap<AssetId, Asset>;
  readonly numbers: ReadonlyMap<ChainId, ChainNumbers>;
}

/** The port over arrays and maps: small data, tests, and the plain statement of what the other stores must do. */
export class MemoryStore implements Store {
  readonly engine = 'memory';
  private readonly prints = new Fingerprints();
  private readonly lists: (StoredLabelList & { readonly rows: readonly LabelRow[] })[] = [];
  private readonly prices = new PriceShelf();
  private readonly kept = new Map<string, StoredCase>();
  private content: Content = {
    batches: [],
    transfers: [],
    utxo: [],
    blocks: new Map(),
    assets: new Map(),
    facts: new Map(),
    filed: new Set(),
    numbers: new Map(),
  };
  private queue: Promise<unknown> = Promise.resolve();

  async close(): Promise<void> {
    await this.queue;
  }

  async batches(): Promise<readonly Batch[]> {
    return this.content.batches;
  }

  async findBatch(contentId: string): Promise<Batch | null> {
    return this.content.batches.find((batch) => batch.contentId === contentId) ?? null;
  }

  load(batch: NewBatch, feed: TransferFeed, progress: Progress): Promise<LoadResult> {
    return this.inTurn(() => this.loadNow(batch, feed, progress));
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(work);
    this.queue = turn.catch(() => {});
    return turn;
  }

  private async loadNow({ ids, ...fresh }: NewBatch, feed: TransferFeed, progress: Progress): Promise<LoadResult> {
    const known = await this.findBatch(fresh.contentId);
    if (known !== null) return { batch: known, repeated: true };
    const id = this.content.batches.length + 1;
    const staged = await readFeed(feed, id, progress);
    const transfers = newTransfers(this.content, fresh, staged.transfers);
    refuseTies(this.content, { ...fresh, id }, transfers);
    const utxo = newUtxo(this.content, fresh, staged.utxo);
    const kept = new Set<Transfer | UtxoTransaction>([...transfers, ...utxo]);
    const held = [...staged.transfers, ...staged.utxo].filter((row) => !kept.has(row));
    const blocks = mergeBlocks(this.content.blocks, staged.blocks);
    const accepted = staged.transfers.length + staged.utxo.length;
    const counts = await feed.finish(accepted);
    const assets = mergeAssets(this.content.assets, feed.assets());
    const rowsKept = transfers.length + utxo.length;
    const times = [...staged.transfers, ...staged.utxo].map((row) => row.time);
    const range = times.reduce<[number, number] | null>(
      (seen, time) => (seen === null ? [time, time] : [Math.min(seen[0], time), Math.max(seen[1], time)]),
      null,
    );
    const batch: Batch = {
      ...fresh,
      id,
      ...counts,
      rowsKept,
      alreadyStored: accepted - rowsKept,
      firstTime: range?.[0] ?? null,
      lastTime: range?.[1] ?? null,
    };
    this.content = {
      ...this.content,
      filed: withFiled(this.content, fresh.chain, held),
      batches: [...this.content.batches, batch],
      transfers: [...this.content.transfers, ...transfers].sort(compareTransfers),
      utxo: [...this.content.utxo, ...utxo].sort(compareUtxo),
      blocks,
      assets,
    };
    if (ids === true) this.number(fresh.chain, id);
    return { batch, repeated: false };
  }

  /** One batch, or (null) all. */
  private number(chain: ChainId, batch: number | null): IdCounts {
    const { numbers, counts } = withNumbers(this.content, this.numbersOf(chain), chain, batch);
    this.content = { ...this.content, numbers: new Map(this.content.numbers).set(chain, numbers) };
    return counts;
  }

  private numbersOf(chain: ChainId): ChainNumbers {
    return this.content.numbers.get(chain) ?? NO_NUMBERS;
  }

  async assets(): Promise<readonly Asset[]> {
    return [...this.content.assets.values()].sort((a, b) => compareText(a.id, b.id));
  }

  async blockTimes(chain: ChainId, blocks: readonly bigint[]): Promise<ReadonlyMap<bigint, UnixSeconds>> {
    const known = new Map<bigint, UnixSeconds>();
    for (const row of [...this.content.transfers, ...this.content.utxo]) {
      if (row.chain === chain && row.block !== null && !known.has(row.block)) known.set(row.block, row.time);
    }
    for (const { number, time } of this.factsOf(chain).blocks) known.set(number, known.get(number) ?? time);
    const time = (block: bigint): UnixSeconds | undefined =>
      this.content.blocks.get(blockKey(chain, block)) ?? known.get(block);
    return new Map(blocks.flatMap((block) => (time(block) === undefined ? [] : [[block, time(block)!]])));
  }

  async totals(): Promise<StoreTotals> {
    const { transfers, utxo } = this.content;
    return {
      transfers: transfers.length,
      utxoTransactions: utxo.length,
      utxoInputs: utxo.reduce((sum, tx) => sum + tx.inputs.length, 0),
      utxoOutputs: utxo.reduce((sum, tx) => sum + tx.outputs.length, 0),
      labels: this.lists.reduce((sum, list) => sum + list.entries, 0),
      cases: this.kept.size,
    };
  }

  async *edges(query: EdgeQuery): AsyncIterable<EdgeChunk> {
    yield* edgeChunks(this.content.transfers, query, this.prints);
  }

  async fingerprints(keys: readonly PlaceKey[]): Promise<BigUint64Array> {
    return BigUint64Array.from(keys, ({ chain, address, asset }) => this.prints.of(chain, address, asset));
  }

  async ownerFingerprints(
    keys: readonly { readonly chain: ChainId; readonly address: string }[],
  ): Promise<BigUint64Array> {
    return BigUint64Array.from(keys, ({ chain, address }) => this.prints.of(chain, address));
  }

  async outpointFingerprints(
    keys: readonly { readonly chain: ChainId; readonly tx: string; readonly index: number }[],
  ): Promise<BigUint64Array> {
    return BigUint64Array.from(keys, (key) => outpointPrint(this.prints, key));
  }

  async *transfersTouching(places: BigUint64Array): AsyncIterable<readonly Transfer[]> {
    const wanted = new Set(places);
    const moves = (row: Transfer, address: string | null): boolean =>
      address !== null && wanted.has(this.prints.of(row.chain, address, row.asset));
    const hits = this.content.transfers.filter(
      (row) => row.amount > 0n && (moves(row, row.from) || moves(row, row.to)),
    );
    const single = new Set(hits.filter((row) => row.tx === null));
    const whole = new Set(hits.flatMap((row) => (row.tx === null ? [] : [`${row.chain}|${row.tx}`])));
    const rows = this.content.transfers.filter((row) =>
      row.tx === null ? single.has(row) : whole.has(`${row.chain}|${row.tx}`),
    );
    if (rows.length > 0) yield rows;
  }

  async *utxoEdges(query: EdgeQuery): AsyncIterable<UtxoEdgeChunk> {
    yield* utxoEdgeChunks(this.content.utxo, query, this.prints);
  }

  async *utxoTransactions(txs: BigUint64Array): AsyncIterable<readonly UtxoTransaction[]> {
    const wanted = new Set(txs);
    const rows = this.content.utxo.filter((tx) => wanted.has(txPrint(this.prints, tx)));
    for (let start = 0; start < rows.length; start += CHUNK_ROWS) yield rows.slice(start, start + CHUNK_ROWS);
  }

  async utxoTransactionsById(chain: ChainId, txs: readonly string[]): Promise<readonly UtxoTransaction[]> {
    const wanted = new Set(txs);
    return this.content.utxo.filter((tx) => tx.chain === chain && wanted.has(tx.tx));
  }

  async utxoOutputsOf(chain: ChainId, address: string, tx: string | null): Promise<readonly UtxoOutputRow[]> {
    return this.content.utxo
      .filter((row) => row.chain === chain && (tx === null || row.tx === tx))
      .flatMap((row) =>
        row.outputs.flatMap((output, index) =>
          output.address === address ? [{ tx: row.tx, index, value: output.value, time: row.time }] : [],
        ),
      );
  }

  async utxoMovesOf(chain: ChainId, address: string, limit: number): Promise<readonly UtxoMove[]> {
    const moves = this.content.utxo.flatMap((row) => (row.chain === chain ? moveOf(row, address) : []));
    return moves.slice(Math.max(0, moves.length - limit));
  }

  async busyAddresses(limit: number): Promise<readonly BusyAddress[]> {
    const others = new Map<string, { chain: ChainId; address: string; met: Set<string> }>();
    const meet = (chain: ChainId, address: string, other: string): void => {
      const key = JSON.stringify([chain, address]);
      const entry = others.get(key) ?? { chain, address, met: new Set() };
      entry.met.add(other);
      others.set(key, entry);
    };
    for (const { chain, from, to, amount } of this.content.transfers) {
      if (from === null || to === null || from === to || amount === 0n) continue;
      meet(chain, from, to);
      meet(chain, to, from);
    }
    return [...others.values()]
      .filter(({ met }) => met.size > limit)
      .map(({ chain, address, met }) => ({ chain, address, counterparties: met.size }))
      .sort(
        (a, b) =>
          b.counterparties - a.counterparties || compareText(a.chain, b.chain) || compareText(a.address, b.address),
      );
  }

  async transfersOf(chain: ChainId, address: string, limit: number): Promise<readonly Transfer[]> {
    const rows = this.content.transfers.filter(
      (row) => row.chain === chain && (row.from === address || row.to === address),
    );
    return rows.slice(Math.max(0, rows.length - limit));
  }

  async transfersOfTx(chain: ChainId, tx: string): Promise<readonly Transfer[]> {
    return this.content.transfers.filter((row) => row.chain === chain && row.tx === tx);
  }

  async *transfersAt(chain: ChainId, times: readonly UnixSeconds[]): AsyncIterable<readonly Transfer[]> {
    const wanted = new Set(times);
    const rows = this.content.transfers.filter((row) => row.chain === chain && wanted.has(row.time));
    if (rows.length > 0) yield rows;
  }

  async *utxoTransactionsAt(chain: ChainId, times: readonly UnixSeconds[]): AsyncIterable<readonly UtxoTransaction[]> {
    const wanted = new Set(times);
    const rows = this.content.utxo.filter((tx) => tx.chain === chain && wanted.has(tx.time));
    if (rows.length > 0) yield rows;
  }

  async txFingerprints(chain: ChainId, txs: readonly string[]): Promise<BigUint64Array> {
    return BigUint64Array.from(txs, (tx) => txPrint(this.prints, { chain, tx }));
  }

  async *utxoTransactionsNear(
    chain: ChainId,
    wanted: readonly { readonly time: UnixSeconds; readonly print: bigint }[],
  ): AsyncIterable<readonly UtxoTransaction[]> {
    const prints = new Set(wanted.map(({ print }) => print));
    for await (const rows of this.utxoTransactionsAt(
      chain,
      wanted.map(({ time }) => time),
    )) {
      const found = rows.filter((row) => prints.has(txPrint(this.prints, row)));
      if (found.length > 0) yield found;
    }
  }

  async numberedChains(): Promise<readonly { readonly chain: ChainId; readonly model: 'account' | 'utxo' }[]> {
    return chainsOf(this.content);
  }

  assignIds(chain: ChainId, progress: Progress): Promise<IdCounts> {
    return this.inTurn(async () => {
      const counts = this.number(chain, null);
      progress.report('numbering', counts.numbered, counts.numbered);
      return counts;
    });
  }

  async *addressTexts(chain: ChainId, from: number): AsyncIterable<readonly string[]> {
    yield* addressChunks(this.numbersOf(chain), from);
  }

  async numberedAssets(chain: ChainId): Promise<readonly AssetId[]> {
    return [...this.numbersOf(chain).assets.keys()];
  }

  async *numberedTransfers(query: NumberedQuery): AsyncIterable<NumberedChunk> {
    yield* transferChunks(this.content, this.numbersOf(query.chain), query, this.prints);
  }

  async *numberedUtxo(query: NumberedQuery): AsyncIterable<NumberedUtxoChunk> {
    yield* utxoChunks(this.content, this.numbersOf(query.chain), query, this.prints);
  }

  async contents(chain: ChainId, windows: readonly TimeWindow[]): Promise<StoreContents> {
    return contentsOf(this.content, chain, windows, await this.openings(chain, null));
  }

  async saveLabels(list: LabelList, entries: readonly LabelEntry[]): Promise<{ readonly added: boolean }> {
    if (this.lists.some((known) => known.sha256 === list.sha256 && known.source === list.source)) {
      return { added: false };
    }
    const id = this.lists.length + 1;
    const rows = entries.map((entry) => ({ ...entry, listId: id }));
    this.lists.push({ ...list, id, entries: entries.length, rows });
    return { added: true };
  }

  async labelLists(): Promise<readonly StoredLabelList[]> {
    const undated = Number.NEGATIVE_INFINITY;
    return this.lists
      .map(({ rows: _, ...list }) => list)
      .sort((a, b) => (a.listDate === b.listDate ? a.id - b.id : (a.listDate ?? undated) - (b.listDate ?? undated)));
  }

  async labelRows(addresses: readonly string[]): Promise<readonly LabelRow[]> {
    const exact = new Set(addresses);
    const folded = new Set(addresses.map((address) => address.toLowerCase()));
    const wanted = (row: LabelRow): boolean => exact.has(row.address) || (row.caseLost && folded.has(row.address));
    return this.lists.flatMap((list) => list.rows.filter(wanted));
  }

  async labelRowsByCategory(categories: readonly string[]): Promise<readonly LabelRow[]> {
    const wanted = new Set(categories);
    return this.lists.flatMap((list) => list.rows.filter((row) => wanted.has(row.category)));
  }

  async labelRowsOfLists(ids: readonly number[]): Promise<readonly LabelRow[]> {
    const wanted = new Set(ids);
    return this.lists.filter(({ id }) => wanted.has(id)).flatMap(({ rows }) => rows);
  }

  async *labelRowsByAddress(): AsyncIterable<readonly LabelRow[]> {
    const rows = this.lists.flatMap((list) => list.rows.map((row) => ({ row, folded: row.address.toLowerCase() })));
    rows.sort((a, b) => compareText(a.folded, b.folded));
    for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
      yield rows.slice(from, from + CHUNK_ROWS).map(({ row }) => row);
    }
  }

  async savePrices(list: PriceList, prices: readonly Price[]): Promise<{ readonly added: boolean }> {
    return { added: this.prices.add(list, prices) };
  }

  async priceLists(): Promise<readonly StoredPriceList[]> {
    return this.prices.lists();
  }

  async pricesOf(asset: AssetId, fromDay: string, untilDay: string): Promise<readonly StoredPrice[]> {
    return this.prices.of(asset, fromDay, untilDay);
  }

  async saveCase(stored: StoredCase): Promise<void> {
    this.kept.set(stored.id, {
      ...stored,
      files: new Map([...stored.files].map(([name, file]) => [name, file.slice()])),
    });
  }

  async cases(): Promise<readonly CaseSummary[]> {
    const bytes = (stored: StoredCase): number =>
      [...stored.files.values()].reduce((sum, file) => sum + file.byteLength, 0);
    return [...this.kept.values()]
      .map((stored) => {
        const { id, title, createdAt, simulated } = stored;
        return { id, title, createdAt, simulated, bytes: bytes(stored) };
      })
      .sort((a, b) => a.createdAt - b.createdAt || compareText(a.id, b.id));
  }

  async loadCase(id: string): Promise<StoredCase | null> {
    return this.kept.get(id) ?? null;
  }

  keepFetched(fetched: Fetched): Promise<FetchedCounts> {
    return this.inTurn(async () => {
      const { content, counts } = withFetched(this.content, fetched);
      this.content = { ...content, assets: mergeAssets(content.assets, fetched.assets) };
      return counts;
    });
  }

  rollBack(chain: ChainId, above: bigint): Promise<{ readonly transfers: number; readonly utxoTransactions: number }> {
    return this.inTurn(async () => {
      const before = this.content;
      this.content = withoutAbove(before, chain, above);
      return {
        transfers: before.transfers.length - this.content.transfers.length,
        utxoTransactions: before.utxo.length - this.content.utxo.length,
      };
    });
  }

  async keptBlocks(chain: ChainId, limit: number): Promise<readonly KeptBlock[]> {
    return this.factsOf(chain).blocks.toReversed().slice(0, limit);
  }

  async covered(chain: ChainId, places: readonly string[] | null): Promise<readonly Covered[]> {
    const wanted = places === null ? null : new Set(places);
    return this.factsOf(chain).covered.filter((range) => wanted === null || wanted.has(range.place));
  }

  async openings(chain: ChainId, addresses: readonly string[] | null): Promise<readonly Opening[]> {
    const wanted = addresses === null ? null : new Set(addresses);
    return this.factsOf(chain).openings.filter((opening) => wanted === null || wanted.has(opening.address));
  }

  private factsOf(chain: ChainId): ChainFacts {
    return this.content.facts.get(chain) ?? NO_FACTS;
  }

  async backup(folder: string, progress: Progress): Promise<BackupManifest> {
    const manifest = await backupLines(folder, this.lines(), await this.totals());
    progress.report('backup', 1, 1);
    return manifest;
  }

  private *lines(): Generator<readonly [string, unknown]> {
    for (const batch of this.content.batches) yield ['batch', batch];
    for (const asset of this.content.assets.values()) yield ['asset', asset];
    for (const [block, time] of this.content.blocks) yield ['block', { block, time }];
    for (const row of this.content.transfers) yield ['transfer', row];
    for (const tx of this.content.utxo) yield ['utxo', tx];
    for (const [chain, { blocks, covered, openings }] of this.content.facts) {
      for (const block of blocks) yield ['keptBlock', { chain, ...block }];
      for (const range of covered) yield ['covered', { chain, ...range }];
      for (const opening of openings) yield ['opening', { chain, ...opening }];
    }
    for (const filed of this.content.filed) yield ['filed', filed];
    for (const [chain, { addresses, assets }] of this.content.numbers) {
      yield ['numbers', { chain, addresses: [...addresses.keys()], assets: [...assets.keys()] }];
    }
    for (const list of this.lists) yield ['labels', list];
    yield* this.prices.lines();
    for (const stored of this.kept.values()) yield ['case', stored];
  }
}

/** Rows of a feed, each with the number of the batch it becomes part of. */
async function readFeed(
  feed: TransferFeed,
  batch: number,
  progress: Progress,
): Promise<{ transfers: Transfer[]; utxo: UtxoTransaction[]; blocks: FeedChunk['blocks'] }> {
  const transfers: Transfer[] = [];
  const utxo: UtxoTransaction[] = [];
  const blocks: FeedChunk['blocks'][number][] = [];
  for await (const chunk of feed.rows()) {
    for (const row of chunk.transfers) transfers.push({ ...row, source: { ...row.source, batch } });
    for (const tx of chunk.utxo) utxo.push({ ...tx, source: { ...tx.source, batch } });
    blocks.push(...chunk.blocks);
    progress.report('staging', transfers.length + utxo.length, 0);
  }
  return { transfers, utxo, blocks };
}

function blockKey(chain: ChainId, block: bigint): string {
  return `${chain}|${block}`;
}

function mergeBlocks(known: ReadonlyMap<string, UnixSeconds>, given: FeedChunk['blocks']): Map<string, UnixSeconds> {
  const merged = new Map(known);
  for (const { chain, block, time } of given) {
    const key = blockKey(chain, block);
    if ((merged.get(key) ?? time) !== time) {
      throw new HaetaeError('E_TRANSFER_CONFLICT', 'two sources give different times for one block', {
        context: { chain, block: block.toString() },
        remedy: 'find out which file is right. Nothing of this import was stored',
      });
    }
    merged.set(key, time);
  }
  return merged;
}

function mergeAssets(known: ReadonlyMap<AssetId, Asset>, given: readonly Asset[]): Map<AssetId, Asset> {
  const merged = new Map(known);
  for (const asset of given) merged.set(asset.id, mergeAsset(merged.get(asset.id), asset));
  return merged;
}
