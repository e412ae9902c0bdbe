import type { AssetId } from '../model/asset.ts';
import { nativeAsset } from '../model/asset.ts';
import type { ChainId } from '../model/chain.ts';
import { FEE_KINDS, type Transfer, type UtxoOutput, type UtxoTransaction } from '../model/transfer.ts';
import type { Opening } from '../store/port.ts';
import { Float64Column, Uint32Column } from './column.ts';
import {
  type AccountFlow,
  type AddressBook,
  type Adjacency,
  type AssetFlow,
  type AssetSegment,
  FEE,
  NONE,
  type StepTable,
  type UtxoFlow,
  type UtxoSegment,
} from './flow.ts';
import { type AtomRow, Balances, swapTable } from './swaps.ts';
import { contradiction } from './utxo-fault.ts';

/**
 * A chain's columns from rows in memory, in the plainest way: what files must agree with, and small chains in tests. One segment.
 * `transfers` are those of one account chain, in any order; openings stand before the movements after their block.
 */
export function accountFlowOf(
  chain: ChainId,
  transfers: readonly Transfer[],
  openings: readonly Opening[] = [],
): AccountFlow {
  const rows = [...transfers, ...openings.map(openingRow(chain))].filter((row) => row.amount > 0n).sort(compareRows);
  const addresses = new MemoryBook(chain);
  const steps = new MemorySteps();
  const assets = new Map<AssetId, AssetColumns>();
  const atoms: AtomRow[] = [];
  const pairs = new Map<number, Set<number>>();
  const order = new Map<AssetId, number>();
  for (const row of rows) {
    if (!order.has(row.asset)) {
      order.set(row.asset, order.size);
      assets.set(row.asset, new AssetColumns(row.asset));
    }
    const columns = assets.get(row.asset)!;
    // A transaction happens within one second: rows of another one with its id are another's.
    const tx = row.tx === null ? null : `${row.time}/${row.tx}`;
    const step = steps.of(tx, row.time, row.block);
    const from = columns.place(addresses, row.from);
    const to = FEE_KINDS.has(row.kind) ? FEE : columns.place(addresses, row.to);
    if (row.from !== null && row.to !== null && row.from !== row.to && !FEE_KINDS.has(row.kind))
      meet(pairs, addresses.add(row.from), addresses.add(row.to));
    const fromOwner = row.from === null ? NONE : addresses.add(row.from);
    const toOwner = row.to === null ? NONE : addresses.add(row.to);
    const number = columns.from.length;
    atoms.push({
      asset: order.get(row.asset)!,
      row: number,
      step,
      tx,
      from,
      to,
      fromOwner,
      toOwner,
      amount: row.amount,
    });
    columns.add(from, to, row.amount, step);
  }
  const columns = [...assets.values()];
  const swaps = swapTable(atoms, new Balances(), (asset, row, ratio) => {
    columns[asset]!.ratio[row] = ratio;
  });
  return {
    model: 'account',
    chain,
    addresses,
    steps,
    assets: columns.map((asset) => asset.flow()),
    swaps,
    counterparties: (address) => pairs.get(address)?.size ?? 0,
  };
}

function openingRow(chain: ChainId): (opening: Opening) => Transfer {
  return ({ address, asset, block, time, amount }) => ({
    chain,
    time,
    block,
    txIndex: Number.MAX_SAFE_INTEGER,
    leg: 0,
    tx: null,
    kind: 'opening',
    from: null,
    to: address,
    asset,
    amount,
    rounded: false,
    source: { batch: -1, file: 0, row: 0 },
  });
}

function compareRows(a: Transfer, b: Transfer): number {
  if (a.time !== b.time) return a.time - b.time;
  if (a.block !== b.block) return a.block === null ? 1 : b.block === null || a.block < b.block ? -1 : 1;
  return a.txIndex - b.txIndex || a.leg - b.leg;
}

function meet(pairs: Map<number, Set<number>>, a: number, b: number): void {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const known = pairs.get(one);
    if (known === undefined) pairs.set(one, new Set([other]));
    else known.add(other);
  }
}

class MemoryBook implements AddressBook {
  readonly chain: ChainId;
  readonly #texts: string[] = [];
  readonly #ids = new Map<string, number>();

  constructor(chain: ChainId) {
    this.chain = chain;
  }

  get size(): number {
    return this.#texts.length;
  }

  add(address: string): number {
    const known = this.#ids.get(address);
    if (known !== undefined) return known;
    this.#ids.set(address, this.#texts.length);
    return this.#texts.push(address) - 1;
  }

  text(id: number): string {
    return this.#texts[id]!;
  }

  find(address: string): number {
    return this.#ids.get(address) ?? -1;
  }
}

class MemorySteps implements StepTable {
  readonly #times: number[] = [];
  readonly #blocks: (number | null)[] = [];
  #tx: string | null = null;

  get count(): number {
    return this.#times.length;
  }

  /** The step of the next row. */
  of(tx: string | null, time: number, block: bigint | null): number {
    if (tx === null || tx !== this.#tx || this.count === 0) {
      this.#times.push(time);
      this.#blocks.push(block === null ? null : Number(block));
    }
    this.#tx = tx;
    return this.count - 1;
  }

  time(step: number): number {
    return this.#times[step]!;
  }

  block(step: number): number | null {
    return this.#blocks[step]!;
  }

  firstAt(time: number): number {
    const found = this.#times.findIndex((at) => at >= time);
    return found < 0 ? this.count : found;
  }
}

const WORD = 0xffff_ffffn;
const LARGEST = (1n << 128n) - 1n;

class AssetColumns {
  readonly asset: AssetId;
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly amounts: bigint[] = [];
  readonly steps: number[] = [];
  readonly ratio: number[] = [];
  readonly #addresses: number[] = [];
  readonly #places = new Map<number, number>();

  constructor(asset: AssetId) {
    this.asset = asset;
  }

  place(book: MemoryBook, address: string | null): number {
    if (address === null) return NONE;
    const id = book.add(address);
    const known = this.#places.get(id);
    if (known !== undefined) return known;
    this.#places.set(id, this.#addresses.length);
    return this.#addresses.push(id) - 1;
  }

  add(from: number, to: number, amount: bigint, step: number): void {
    this.from.push(from);
    this.to.push(to);
    this.amounts.push(amount);
    this.steps.push(step);
    this.ratio.push(0);
  }

  flow(): AssetFlow {
    return {
      asset: this.asset,
      placeCount: this.#addresses.length,
      addressOf: (place) => this.#addresses[place]!,
      placeOf: (address) => this.#places.get(address) ?? -1,
      segments: this.from.length === 0 ? [] : [this.#segment()],
    };
  }

  #segment(): AssetSegment {
    const { amounts } = this;
    const kept = amounts.map((amount) => (amount > LARGEST ? LARGEST : amount));
    const words = (shift: bigint): Uint32Array =>
      Uint32Array.from(
        kept.flatMap((amount) => [Number((amount >> shift) & WORD), Number((amount >> (shift + 32n)) & WORD)]),
      );
    const from = Uint32Array.from(this.from);
    const to = Uint32Array.from(this.to);
    return {
      count: from.length,
      from: Uint32Column.of(from),
      to: Uint32Column.of(to),
      low: Uint32Column.of(words(0n)),
      high: kept.some((amount) => amount >> 64n > 0n) ? Uint32Column.of(words(64n)) : null,
      ratio: Float64Column.of(Float64Array.from(this.ratio)),
      step: Uint32Column.of(Uint32Array.from(this.steps)),
      out: adjacencyOf(from, to, this.#addresses.length),
      in: adjacencyOf(to, from, this.#addresses.length),
      amount: (row) => amounts[row]!,
    };
  }
}

function adjacencyOf(owner: Uint32Array, peer: Uint32Array, places: number): Adjacency {
  const starts = new Uint32Array(places + 1);
  for (const place of owner) if (place < FEE) starts[place + 1]! += 1;
  for (let place = 0; place < places; place += 1) starts[place + 1]! += starts[place]!;
  const next = starts.slice();
  const peers = new Uint32Array(starts[places]!);
  const rows = new Uint32Array(starts[places]!);
  owner.forEach((place, row) => {
    if (place >= FEE) return;
    peers[next[place]!] = peer[row]!;
    rows[next[place]!] = row;
    next[place]! += 1;
  });
  return {
    start: (place) => starts[place]!,
    end: (place) => starts[place + 1]!,
    peer: Uint32Column.of(peers),
    row: Uint32Column.of(rows),
  };
}

/**
 * The columns of a UTXO chain from transactions in memory, in any order. One segment. Transactions come in the order of blocks where every one names
 * its block, else of time; those of one block (one second, where there are none), each after those of it that create what it spends. A transaction can still come before one it
 * spends from, where blocks are not named and their times run backward: then the output is numbered with its spender, and is in `late` of its creator.
 * Of two outputs with one outpoint the newer is meant. An output spent already is spent again as one that nobody created.
 * Throws E_TRANSFER_CONFLICT where an output is spent with another value or owner than it was created with.
 */
export function utxoFlowOf(chain: ChainId, transactions: readonly UtxoTransaction[]): UtxoFlow {
  const columns = new OutputColumns(chain);
  const ordered = orderedTransactions(transactions);
  ordered.forEach((tx, number) => {
    columns.add(tx, number);
  });
  return {
    model: 'utxo',
    chain,
    asset: nativeAsset(chain).id,
    addresses: columns.addresses,
    steps: columns.steps,
    txCount: ordered.length,
    outputCount: columns.owner.length,
    segments: ordered.length === 0 ? [] : [columns.segment(ordered.length)],
    outputsOf: (address) => Uint32Array.from(columns.owner.flatMap((id, output) => (id === address ? [output] : []))),
    spender: (output) => (columns.spentBy[output] === NONE ? -1 : columns.spentBy[output]!),
    creator: (output) => columns.creator[output]!,
  };
}

/** Numbers a UTXO chain's outputs as its transactions come. */
class OutputColumns {
  readonly addresses: MemoryBook;
  readonly steps = new MemorySteps();
  readonly owner: number[] = [];
  readonly spentBy: number[] = [];
  /** -1 where nothing creates it. */
  readonly creator: number[] = [];
  readonly #value: bigint[] = [];
  readonly #inputStart: number[] = [];
  readonly #inputs: number[] = [];
  readonly #outputStart: number[] = [];
  readonly #created: number[] = [];
  readonly #late: number[] = [];
  /** By outpoint: what may be spent, or was spent before anything created it. */
  readonly #known = new Map<string, { readonly output: number; readonly spent: boolean }>();

  constructor(chain: ChainId) {
    this.addresses = new MemoryBook(chain);
  }

  add(tx: UtxoTransaction, number: number): void {
    this.steps.of(null, tx.time, tx.block);
    this.#inputStart.push(this.#inputs.length);
    for (const { outpoint, ...end } of tx.inputs)
      if (outpoint !== null) this.#inputs.push(this.#spend(`${outpoint.tx}:${outpoint.index}`, end, number));
    this.#outputStart.push(this.owner.length);
    tx.outputs.forEach((end, index) => {
      this.#create(`${tx.tx}:${index}`, end, number);
    });
    this.#created.push(this.owner.length - this.#outputStart.at(-1)!);
  }

  #spend(name: string, end: UtxoOutput, tx: number): number {
    const known = this.#known.get(name);
    if (known !== undefined && !known.spent) {
      this.#requireSame(known.output, end);
      this.#known.delete(name);
      this.spentBy[known.output] = tx;
      return known.output;
    }
    const output = this.#number(end, -1);
    this.spentBy[output] = tx;
    if (known === undefined) this.#known.set(name, { output, spent: true });
    return output;
  }

  #create(name: string, end: UtxoOutput, tx: number): void {
    const known = this.#known.get(name);
    if (known?.spent === true) {
      this.#requireSame(known.output, end);
      this.#known.delete(name);
      this.creator[known.output] = tx;
      this.#late.push(tx, known.output);
    } else this.#known.set(name, { output: this.#number(end, tx), spent: false });
  }

  #number({ value, address }: UtxoOutput, creator: number): number {
    this.#value.push(value);
    this.creator.push(creator);
    this.spentBy.push(NONE);
    return this.owner.push(this.addresses.add(address)) - 1;
  }

  #requireSame(output: number, { value, address }: UtxoOutput): void {
    if (this.#value[output] === value && this.addresses.text(this.owner[output]!) === address) return;
    throw contradiction({ output, value: String(value) });
  }

  segment(txCount: number): UtxoSegment {
    const column = (values: number[]): Uint32Column => Uint32Column.of(Uint32Array.from(values));
    return {
      firstTx: 0,
      txCount,
      firstOutput: 0,
      outputCount: this.owner.length,
      inputStart: column([...this.#inputStart, this.#inputs.length]),
      inputs: column(this.#inputs),
      outputStart: column([...this.#outputStart, this.owner.length]),
      created: column(this.#created),
      value: column(this.#value.flatMap((value) => [Number(value & WORD), Number(value >> 32n)])),
      owner: column(this.owner),
      spentBy: column(this.spentBy),
      late: column(this.#late),
    };
  }
}

function orderedTransactions(transactions: readonly UtxoTransaction[]): UtxoTransaction[] {
  const byBlock = transactions.every(({ block }) => block !== null);
  const sorted = [...transactions].sort((a, b) => (byBlock ? 0 : a.time - b.time) || compareInTime(a, b));
  const ordered: UtxoTransaction[] = [];
  for (let first = 0; first < sorted.length; ) {
    let last = first + 1;
    while (last < sorted.length && sameBlock(sorted[first]!, sorted[last]!)) last += 1;
    ordered.push(...parentsFirst(sorted.slice(first, last)));
    first = last;
  }
  return ordered;
}

function compareInTime(a: UtxoTransaction, b: UtxoTransaction): number {
  if (a.block !== b.block) return a.block === null ? 1 : b.block === null || a.block < b.block ? -1 : 1;
  return a.txIndex - b.txIndex || (a.tx < b.tx ? -1 : a.tx > b.tx ? 1 : 0);
}

function sameBlock(a: UtxoTransaction, b: UtxoTransaction): boolean {
  return a.time === b.time && a.block === b.block;
}

/** Transactions of one block, each right after those it spends from which stand behind it, in the order of its inputs. */
function parentsFirst(block: readonly UtxoTransaction[]): UtxoTransaction[] {
  const creators = new Map<string, UtxoTransaction>();
  for (const tx of [...block].reverse()) for (const index of tx.outputs.keys()) creators.set(`${tx.tx}:${index}`, tx);
  const met = new Set<UtxoTransaction>();
  const ordered: UtxoTransaction[] = [];
  const visit = (tx: UtxoTransaction): void => {
    if (met.has(tx)) return;
    met.add(tx);
    for (const { outpoint } of tx.inputs) {
      const parent = outpoint === null ? undefined : creators.get(`${outpoint.tx}:${outpoint.index}`);
      if (parent !== undefined) visit(parent);
    }
    ordered.push(tx);
  };
  block.forEach(visit);
  return ordered;
}
