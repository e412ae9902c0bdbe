import { parseTime } from '../base/time.ts';
import type { UtxoTransaction } from '../model/transfer.ts';
import type { MethodResult, TheftHeader } from '../trace/result.ts';
import { theftTime } from '../trace/theft-time.ts';
import type { FlowRow, TraceOutput } from '../trace/trace.ts';
import type { PlaceKeyed } from './case-movements.ts';

/** Source units that came (above zero) to an asset of a place, or left it. */
export interface TaintChange {
  readonly asset: string;
  readonly time: number;
  readonly units: bigint;
}

export interface TaintKnown {
  readonly theft: TheftHeader;
  readonly method: MethodResult;
  /** Of the theft and the method. */
  readonly rows: readonly FlowRow[];
  readonly all: TraceOutput['rows'];
}

/**
 * How much of the loot one place had, through time, by one method: what the rows brought less what they took. The end is what the
 * result says; what no row shows (a documented link, parcels below the threshold) is booked when the place last moved.
 */
export function taintChanges(place: PlaceKeyed, known: TaintKnown): readonly TaintChange[] {
  const ledger = new Ledger(seedsOf(place, known.theft));
  const stops = known.method.services.some((service) => isAt(service, place));
  const own = known.rows.filter((row) => row.asset.startsWith(`${place.chain}/`));
  const utxo = own.filter((row) => 'outputs' in known.all[row.row]!);
  if (utxo.length > 0 || place.isUtxo) addOutputs(ledger, place, utxo, known.all, stops);
  else addRows(ledger, place, own, known.all);
  ledger.endAt(resultsOf(place, known.method), known);
  return ledger.changes;
}

interface SeedChange extends TaintChange {
  readonly amount: bigint;
}

class Ledger {
  readonly changes: TaintChange[] = [];
  readonly has = new Map<string, bigint>();
  readonly seeds: SeedChange[];

  constructor(seeds: SeedChange[]) {
    this.seeds = seeds;
  }

  book(asset: string, time: number, units: bigint): void {
    if (units === 0n) return;
    this.has.set(asset, (this.has.get(asset) ?? 0n) + units);
    this.changes.push({ asset, time, units });
  }

  seedsUntil(time: number): void {
    while (this.seeds.length > 0 && this.seeds[0]!.time <= time) {
      const seed = this.seeds.shift()!;
      this.book(seed.asset, seed.time, seed.units);
    }
  }

  endAt(wanted: ReadonlyMap<string, { units: bigint; time: number }>, { theft }: TaintKnown): void {
    this.seedsUntil(Number.POSITIVE_INFINITY);
    for (const asset of new Set([...this.has.keys(), ...wanted.keys()])) {
      const end = wanted.get(asset);
      const last = this.changes.filter((change) => change.asset === asset).at(-1)?.time ?? 0;
      const time = Math.max(last, end?.time ?? 0) || secondsOf(theftTime(theft) ?? '');
      this.book(asset, time, (end?.units ?? 0n) - (this.has.get(asset) ?? 0n));
    }
    this.changes.sort((a, b) => a.time - b.time);
  }
}

function addRows(ledger: Ledger, { address }: PlaceKeyed, rows: readonly FlowRow[], all: TraceOutput['rows']): void {
  let start = 0;
  for (let end = 1; end <= rows.length; end += 1) {
    if (end < rows.length && rows[end]!.tx !== '' && rows[end]!.tx === rows[start]!.tx) continue;
    const whole = rows.slice(start, end);
    const group = whole.filter((row) => row.from === address || row.to === address);
    const swap = whole.some((row) => row.asset !== whole[0]!.asset);
    if (group.length > 0) addTransaction(ledger, address, group, swap ? netAmounts(address, whole, all) : null);
    start = end;
  }
}

/** By asset: base units that a transaction left with an address. */
function netAmounts(address: string, rows: readonly FlowRow[], all: TraceOutput['rows']): ReadonlyMap<string, bigint> {
  const { tx } = rows[0]!;
  const isOf = (index: number): boolean => all[index] !== undefined && all[index].tx === tx;
  let from = Math.min(...rows.map(({ row }) => row));
  let until = Math.max(...rows.map(({ row }) => row));
  while (isOf(from - 1)) from -= 1;
  while (isOf(until + 1)) until += 1;
  const net = new Map<string, bigint>();
  for (const row of all.slice(from, until + 1)) {
    if ('outputs' in row || row.tx !== tx) continue;
    const came = (row.to === address ? row.amount : 0n) - (row.from === address ? row.amount : 0n);
    net.set(row.asset, (net.get(row.asset) ?? 0n) + came);
  }
  return net;
}

/**
 * In a swap (`left`: what it left there) the loot goes into a pool in one asset and out of it in another: what a pool pays out beyond what it
 * had came in with it, and a router that keeps nothing keeps no loot.
 */
function addTransaction(
  ledger: Ledger,
  address: string,
  rows: readonly FlowRow[],
  left: ReadonlyMap<string, bigint> | null,
): void {
  const time = rows[0]!.time;
  ledger.seedsUntil(time);
  const net = new Map<string, bigint>();
  for (const row of rows) {
    if (row.from === row.to) continue;
    const units = row.to === address ? BigInt(row.tainted) : -BigInt(row.tainted);
    net.set(row.asset, (net.get(row.asset) ?? 0n) + units);
  }
  for (const [asset, units] of net)
    if (units > 0n && left !== null && (left.get(asset) ?? 0n) <= 0n) net.set(asset, 0n);
  for (const [asset, units] of net) {
    let missing = -(units + (ledger.has.get(asset) ?? 0n));
    for (const [other, gained] of net) {
      if (missing <= 0n || other === asset || gained <= 0n) continue;
      const part = gained < missing ? gained : missing;
      net.set(other, gained - part);
      missing -= part;
      net.set(asset, net.get(asset)! + part);
    }
    // What it never had came by a documented link.
    if (missing > 0n) net.set(asset, net.get(asset)! + missing);
  }
  for (const [asset, units] of net) ledger.book(asset, time, units);
}

/** What each output brought leaves with it when it is spent; at a stop it stays. */
function addOutputs(
  ledger: Ledger,
  { address }: PlaceKeyed,
  rows: readonly FlowRow[],
  all: TraceOutput['rows'],
  stops: boolean,
): void {
  const held = new Map<string, { asset: string; units: bigint }>();
  const put = (outpoint: string, asset: string, time: number, units: bigint): void => {
    held.set(outpoint, { asset, units: (held.get(outpoint)?.units ?? 0n) + units });
    ledger.book(asset, time, units);
  };
  for (const row of rows) {
    const tx = all[row.row] as UtxoTransaction;
    const index = row.to === address ? outputOf(tx, address, BigInt(row.amount), held) : -1;
    if (index >= 0) put(`${tx.tx}:${index}`, row.asset, row.time, BigInt(row.tainted));
  }
  const seeded = all.filter((row) => 'outputs' in row && row.outputs.some((output) => output.address === address));
  for (const seed of ledger.seeds.splice(0)) {
    const tx = (seeded as UtxoTransaction[]).find(
      (row) => row.time === seed.time && outputOf(row, address, seed.amount, held, true) >= 0,
    );
    if (tx === undefined) ledger.book(seed.asset, seed.time, seed.units);
    else put(`${tx.tx}:${outputOf(tx, address, seed.amount, held, true)}`, seed.asset, seed.time, seed.units);
  }
  if (stops) return;
  for (const tx of all) {
    if (!('outputs' in tx)) continue;
    for (const { outpoint } of tx.inputs) {
      const spent = outpoint === null ? undefined : held.get(`${outpoint.tx}:${outpoint.index}`);
      if (spent !== undefined) ledger.book(spent.asset, tx.time, -spent.units);
    }
  }
}

function outputOf(
  tx: UtxoTransaction,
  address: string,
  amount: bigint,
  held: ReadonlyMap<string, unknown>,
  orMore = false,
): number {
  return tx.outputs.findIndex(
    (output, index) =>
      output.address === address &&
      (orMore ? output.value >= amount : output.value === amount) &&
      !held.has(`${tx.tx}:${index}`),
  );
}

function seedsOf(place: PlaceKeyed, theft: TheftHeader): SeedChange[] {
  return (theft.seeds ?? [])
    .filter((seed) => isAt(seed, place))
    .map(({ asset, time, amount, sourceUnits }) => ({
      asset,
      time: secondsOf(time),
      amount: BigInt(amount),
      units: BigInt(sourceUnits),
    }))
    .sort((a, b) => a.time - b.time);
}

function resultsOf(place: PlaceKeyed, method: MethodResult): Map<string, { units: bigint; time: number }> {
  const results = new Map<string, { units: bigint; time: number }>();
  const add = (asset: string, units: bigint, time: number): void => {
    const known = results.get(asset) ?? { units: 0n, time: 0 };
    results.set(asset, { units: known.units + units, time: Math.max(known.time, time) });
  };
  for (const held of method.places) {
    if (isAt(held, place)) add(held.asset, BigInt(held.sourceUnits), secondsOf(held.lastArrival));
  }
  for (const service of method.services) {
    if (isAt(service, place)) add(service.asset, BigInt(service.sourceUnits), secondsOf(service.lastTime));
  }
  return results;
}

export function isAt(item: { readonly chain: string; readonly address: string }, place: PlaceKeyed): boolean {
  return item.chain === place.chain && item.address === place.address;
}

function secondsOf(iso: string): number {
  return parseTime(iso) ?? 0;
}
