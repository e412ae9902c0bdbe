import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { FEE_KINDS, type Transfer, type TransferKind } from '../model/transfer.ts';
import type { NumberedChunk, StoreContents, TimeWindow } from '../store/numbered.ts';
import type { Opening } from '../store/port.ts';
import type { AccountSource } from './account-build.ts';
import { LARGE_AMOUNT } from './amount-words.ts';
import { type AccountFlow, FEE, NONE } from './flow.ts';

/** A store of one account chain over arrays, for tests of the index: rows may be added and taken out. */
export class RowStore implements AccountSource {
  rows: Transfer[] = [];
  kept: Opening[] = [];
  imports: StoreContents['imports'] = [];
  /** Rows of a chunk. */
  chunk = 3;
  readonly #ids = new Map<string, number>();
  readonly #assets: string[] = [];

  /** Gives ids to all names. */
  number(): void {
    for (const { from, to, asset } of this.rows) {
      for (const address of [to, from]) if (address !== null) this.#name(address);
      if (!this.#assets.includes(asset)) this.#assets.push(asset);
    }
    for (const { address } of this.kept) this.#name(address);
  }

  async *addressTexts(_chain: string, from: number): AsyncGenerator<readonly string[]> {
    const texts = [...this.#ids.keys()].slice(from);
    for (let at = 0; at < texts.length; at += 7) yield texts.slice(at, at + 7);
  }

  async numberedAssets(): Promise<readonly string[]> {
    return this.#assets;
  }

  async openings(): Promise<readonly Opening[]> {
    return this.kept;
  }

  async *numberedTransfers({ from, to }: { from: number; to: number | null }): AsyncGenerator<NumberedChunk> {
    const rows = this.rows.filter(({ time, amount }) => amount > 0n && time >= from && time <= (to ?? time));
    rows.sort(compare);
    for (let at = 0; at < rows.length; at += this.chunk) yield this.#chunkOf(rows.slice(at, at + this.chunk));
  }

  async contents(_chain: string, windows: readonly TimeWindow[]): Promise<StoreContents> {
    const inside = ({ from, to }: TimeWindow): Transfer[] =>
      this.rows.filter(({ time, amount, source }) => amount > 0n && source.batch < 0 && time >= from && time <= to);
    return {
      imports: this.imports,
      fetched: windows.map((window) => ({ rows: inside(window).length, digest: digestOf(inside(window)) })),
      fetchedRows: this.rows.filter(({ source }) => source.batch < 0).length,
      openings: JSON.stringify(this.kept.map(({ address, block, amount }) => [address, `${block}`, `${amount}`])),
    };
  }

  #name(address: string): number {
    if (!this.#ids.has(address)) this.#ids.set(address, this.#ids.size);
    return this.#ids.get(address)!;
  }

  #chunkOf(rows: readonly Transfer[]): NumberedChunk {
    const idOf = (address: string | null): number => (address === null ? NONE : this.#name(address));
    const shown = rows.map(({ amount }) => (amount < LARGE_AMOUNT ? amount : LARGE_AMOUNT));
    return {
      count: rows.length,
      from: Uint32Array.from(rows, ({ from }) => idOf(from)),
      to: Uint32Array.from(rows, ({ to, kind }) => (FEE_KINDS.has(kind) ? FEE : idOf(to))),
      asset: Uint32Array.from(rows, ({ asset }) => this.#assets.indexOf(asset)),
      low: BigUint64Array.from(shown, (amount) => amount & 0xffff_ffff_ffff_ffffn),
      high: BigUint64Array.from(shown, (amount) => amount >> 64n),
      time: Float64Array.from(rows, ({ time }) => time),
      block: Float64Array.from(rows, ({ block }) => (block === null ? -1 : Number(block))),
      tx: BigUint64Array.from(rows, ({ tx }) => (tx === null ? 0n : printOf(tx))),
      large: rows.flatMap(({ amount }, row) => (amount >= LARGE_AMOUNT ? [{ row, amount }] : [])),
    };
  }
}

function compare(a: Transfer, b: Transfer): number {
  if (a.time !== b.time) return a.time - b.time;
  if (a.block !== b.block) return a.block === null ? 1 : b.block === null || a.block < b.block ? -1 : 1;
  return a.txIndex - b.txIndex || a.leg - b.leg;
}

function printOf(tx: string): bigint {
  return createHash('sha256').update(tx).digest().readBigUInt64LE() || 1n;
}

function digestOf(rows: readonly Transfer[]): string {
  const prints = rows.map((row) =>
    createHash('sha256')
      .update(JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}` : value)))
      .digest('hex'),
  );
  return prints.sort().join();
}

export const FIXTURE_CHAIN = 'eip155:1';
export const FIXTURE_ASSETS = [
  'eip155:1/slip44:60',
  'eip155:1/erc20:0x00000000000000000000000000000000000000aa',
  'eip155:1/erc20:0x00000000000000000000000000000000000000bb',
];
export const FIXTURE_START = 1_648_037_340;

export function person(number: number): string {
  return `0x${number.toString(16).padStart(40, '0')}`;
}

export interface Leg {
  /** Seconds since the row before it. */
  readonly pause: number;
  readonly tx: number | null;
  readonly from: number | null;
  readonly to: number | null;
  readonly asset: number;
  readonly amount: bigint;
  readonly fee: boolean;
  readonly named: boolean;
}

/** Movements of few people in few assets, often of one second and one transaction, with amounts of every size. */
export function ledger(people: number, longest: number): fc.Arbitrary<Leg[]> {
  const end = fc.option(fc.nat(people - 1), { freq: 10 });
  return fc.array(
    fc.record({
      pause: fc.constantFrom(0, 0, 0, 1, 2, 50),
      tx: fc.option(fc.nat(2), { freq: 4 }),
      from: end,
      to: end,
      asset: fc.nat(FIXTURE_ASSETS.length - 1),
      amount: fc.oneof(
        fc.bigInt(0n, 9n),
        fc.bigInt(0n, 2n ** 70n),
        fc.bigInt(2n ** 120n, 2n ** 130n),
        fc.constantFrom(LARGE_AMOUNT - 1n, LARGE_AMOUNT, LARGE_AMOUNT + 1n, 2n ** 256n - 1n),
      ),
      fee: fc.nat(9).map((number) => number === 0),
      named: fc.boolean(),
    }),
    { minLength: 0, maxLength: longest },
  );
}

/** Rows fetched from a living chain. A block is the second it is in, where it is named at all. */
export function transfersOf(legs: readonly Leg[], start = FIXTURE_START): Transfer[] {
  let time = start;
  return legs.map((leg, index): Transfer => {
    time += leg.pause;
    const kind: TransferKind = leg.fee ? 'gas' : 'token';
    return {
      chain: FIXTURE_CHAIN,
      time,
      block: leg.named ? BigInt(time) : null,
      txIndex: 0,
      leg: index,
      tx: leg.tx === null ? null : `0x${time}${leg.tx}`,
      kind,
      from: leg.from === null ? null : person(leg.from),
      to: leg.to === null || leg.fee ? null : person(leg.to),
      asset: FIXTURE_ASSETS[leg.asset]!,
      amount: leg.amount,
      rounded: false,
      source: { batch: -1, file: 0, row: index },
    };
  });
}

/** Everything a flow says, without what may differ between two builds: numbers of addresses and how rows are cut into segments. */
export function contentOf(flow: AccountFlow): unknown {
  const text = (address: number): string => flow.addresses.text(address);
  const named = new Set<number>();
  const assets = flow.assets.map((asset) => {
    const places = Array.from({ length: asset.placeCount }, (_, place) => asset.addressOf(place));
    for (const address of places) named.add(address);
    let first = 0;
    const sides: unknown[] = [];
    const rows = asset.segments.flatMap((segment) => {
      for (const side of ['out', 'in'] as const) {
        const { [side]: adjacency } = segment;
        places.forEach((_, place) => {
          for (let entry = adjacency.start(place); entry < adjacency.end(place); entry += 1)
            sides.push([side, place, adjacency.peer.at(entry), first + adjacency.row.at(entry)]);
        });
      }
      first += segment.count;
      return Array.from({ length: segment.count }, (_, row) => [
        segment.from.at(row),
        segment.to.at(row),
        `${segment.amount(row)}`,
        wordsOf(segment, row),
        segment.ratio.at(row),
        segment.step.at(row),
      ]);
    });
    const back = places.map((address) => asset.placeOf(address));
    return { asset: asset.asset, places: places.map(text), back, rows, sides: sides.map(String).sort() };
  });
  return {
    assets,
    steps: Array.from({ length: flow.steps.count }, (_, step) => [flow.steps.time(step), flow.steps.block(step)]),
    swaps: flow.swaps.flows.map((flow) => ({ ...flow, given: `${flow.given}`, received: `${flow.received}` })),
    swapCount: flow.swaps.count,
    swapSteps: [...flow.swaps.steps],
    firstSteps: [...flow.swaps.firstSteps],
    met: Object.fromEntries([...named].map((address) => [text(address), flow.counterparties(address)]).sort()),
    found: [...named].every((address) => flow.addresses.find(text(address)) === address),
  };
}

function wordsOf({ low, high }: AccountFlow['assets'][number]['segments'][number], row: number): number[] {
  const top = high === null ? [0, 0] : [high.at(2 * row), high.at(2 * row + 1)];
  return [low.at(2 * row), low.at(2 * row + 1), ...top];
}

/** A new folder, in memory where the system has such: forcing many small files to a disk is slow. */
export function newTestFolder(): string {
  return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'haetae-flow-'));
}
