import { formatShare } from '../base/money.ts';
import { formatTime } from '../base/time.ts';
import type { TheftFile } from '../model/theft.ts';
import type { Transfer, UtxoTransaction } from '../model/transfer.ts';
import type { Absorption, EngineOutcome, Holding, PoisonOutcome, TheftOutcome, Touch } from '../taint/step.ts';
import { type Computation, isUtxo, type MethodRun } from './compute.ts';
import { type CoveredUntil, coverageOf } from './coverage.ts';
import type { Evidence, EvidenceLabel } from './evidence.ts';
import { CUSTODIAL } from './options.ts';
import { ownerKey } from './places.ts';
import type {
  MethodResult,
  PlaceResult,
  SeedResult,
  ServiceResult,
  ShortageResult,
  TheftResult,
  TransferRef,
} from './result.ts';

/** Turns numbers of places and rows into what a person reads. */
export class Assembler {
  readonly #evidence: Evidence;
  readonly #file: TheftFile;
  readonly #computation: Computation;
  readonly #labels: ReadonlyMap<string, EvidenceLabel>;
  readonly #covered: CoveredUntil;

  constructor(evidence: Evidence, file: TheftFile, computation: Computation) {
    this.#evidence = evidence;
    this.#file = file;
    this.#computation = computation;
    this.#labels = new Map(evidence.labels.map((label) => [ownerKey(label.chain, label.address), label]));
    this.#covered = coverageOf(evidence);
  }

  theft(index: number): TheftResult {
    const theft = this.#file.thefts[index]!;
    const stolen = theft.seeds.reduce((sum, seed) => sum + seed.units, 0n);
    const known = this.#evidence.assets.find((asset) => asset.id === theft.asset.id);
    const times = theft.seeds.flatMap((seed) => (seed.time === null ? [] : [seed.time]));
    return {
      theft: {
        id: theft.id,
        title: theft.title,
        asset: theft.asset.id,
        symbol: known?.symbol ?? theft.asset.symbol,
        decimals: theft.asset.decimals ?? known?.decimals ?? null,
        stolen: stolen.toString(),
        time: times.length === 0 ? '' : formatTime(Math.min(...times)),
        sources: theft.sources,
        seeds: this.#seeds(index),
      },
      methods: Object.fromEntries(this.#computation.runs.map((run) => [run.method, this.#method(run, index, stolen)])),
    };
  }

  #seeds(theft: number): SeedResult[] {
    return this.#computation.steps.flatMap((step) => {
      if (step.kind !== 'seed' || step.theft !== theft) return [];
      const { chain, address, asset } = this.#computation.places.name(step.place);
      const amounts = { amount: step.amount.toString(), sourceUnits: step.units.toString() };
      return [{ chain, address, asset, kind: step.mode, ...amounts, time: formatTime(step.time) }];
    });
  }

  #method(run: MethodRun, theft: number, stolen: bigint): MethodResult {
    if (run.method === 'poison') return this.#poison(run.outcome as PoisonOutcome, run.touches, theft, stolen);
    const outcome = run.outcome as EngineOutcome;
    const own = outcome.thefts[theft]!;
    const touches = touchesByRow(run.touches);
    return {
      version: outcome.version,
      stolen: own.stolen.toString(),
      buckets: Object.fromEntries(Object.entries(own.buckets).map(([name, units]) => [name, units.toString()])),
      places: this.#places(own),
      services: this.#services(own, touches),
      shortages: outcome.shortages.map((shortage) => this.#shortage(shortage)),
      notes: outcome.notes,
      touched: run.touches.filter((touch) => (touch.units[theft] ?? 0n) > 0n).length,
    };
  }

  #poison(outcome: PoisonOutcome, touches: readonly Touch[], theft: number, stolen: bigint): MethodResult {
    const reach = (outcome.reach[theft] ?? []).map((item) => {
      const holding: Holding = { place: item.place, amount: 0n, units: 0n, lastArrival: item.since, hops: item.hops };
      return this.#place(holding);
    });
    return {
      version: outcome.version,
      stolen: stolen.toString(),
      buckets: null,
      places: reach,
      services: [],
      shortages: [],
      notes: outcome.notes,
      touched: touches.length,
    };
  }

  #places(outcome: TheftOutcome): PlaceResult[] {
    return outcome.holdings
      .filter((holding) => holding.units > 0n)
      .sort((a, b) => compareUnits(b.units, a.units) || a.place - b.place)
      .map((holding) => this.#place(holding));
  }

  #place(holding: Holding): PlaceResult {
    const name = this.#computation.places.name(holding.place);
    const label = this.#labels.get(ownerKey(name.chain, name.address));
    return {
      chain: name.chain,
      address: name.address,
      asset: name.asset,
      amount: holding.amount.toString(),
      sourceUnits: holding.units.toString(),
      edgeOfData: !this.#covered(name.chain, name.outpoint ?? name.address, holding.lastArrival),
      ...(name.outpoint === null ? {} : { outpoint: name.outpoint }),
      label: label?.label ?? null,
      category: label?.category ?? null,
      lastArrival: formatTime(holding.lastArrival),
      hops: holding.hops,
    };
  }

  #services(outcome: TheftOutcome, touches: ReadonlyMap<string, Touch>): ServiceResult[] {
    return this.#byService(outcome.absorptions.filter((absorption) => absorption.units > 0n))
      .map((items) => ({ units: items.reduce((sum, item) => sum + item.units, 0n), first: items[0]!.place, items }))
      .map((group) => ({ ...group, service: this.#service(group.items, group.units, outcome.stolen, touches) }))
      .sort(
        (a, b) =>
          Number(b.service.recoverable) - Number(a.service.recoverable) ||
          compareUnits(b.units, a.units) ||
          a.first - b.first,
      )
      .map((item) => item.service);
  }

  /** On a UTXO chain a service gets many outpoints: they are one entry an address. */
  #byService(absorptions: readonly Absorption[]): Absorption[][] {
    const groups = new Map<string, Absorption[]>();
    for (const absorption of absorptions) {
      const name = this.#computation.places.name(absorption.place);
      const key = `${name.chain}|${name.address}|${name.asset}|${absorption.stop}`;
      groups.set(key, [...(groups.get(key) ?? []), absorption]);
    }
    return [...groups.values()];
  }

  #service(
    absorptions: readonly Absorption[],
    units: bigint,
    stolen: bigint,
    touches: ReadonlyMap<string, Touch>,
  ): ServiceResult {
    const first = absorptions[0]!;
    const name = this.#computation.places.name(first.place);
    const label = this.#labels.get(ownerKey(name.chain, name.address));
    const category = label?.category ?? 'unknown';
    const transfers = absorptions
      .flatMap(({ place, rows }) => rows.flatMap((row) => touches.get(`${row}|${place}`) ?? []))
      .sort((a, b) => a.time - b.time || a.row - b.row);
    return {
      chain: name.chain,
      address: name.address,
      asset: name.asset,
      name: label?.label ?? null,
      category,
      stop: first.stop,
      bucket: first.bucket,
      amount: absorptions.reduce((sum, item) => sum + item.amount, 0n).toString(),
      sourceUnits: units.toString(),
      share: formatShare(units, stolen),
      recoverable: first.bucket === 'absorbed' && CUSTODIAL.has(category),
      firstTime: formatTime(Math.min(...absorptions.map((item) => item.firstArrival))),
      lastTime: formatTime(Math.max(...absorptions.map((item) => item.lastArrival))),
      labelSource: label?.source ?? null,
      transfers: transfers.map((touch) => this.#transferRef(touch)),
    };
  }

  #transferRef(touch: Touch): TransferRef {
    const row = this.row(touch.row);
    return {
      sourceFile: this.fileName(row),
      sourceRow: row.source.row,
      tx: row.tx,
      time: formatTime(row.time),
      from: this.fromOf(touch),
      amount: touch.amount.toString(),
      tainted: touch.tainted.toString(),
    };
  }

  #shortage(shortage: EngineOutcome['shortages'][number]): ShortageResult {
    const name = this.#computation.places.name(shortage.place);
    const row = this.row(shortage.row);
    return {
      chain: name.chain,
      address: name.address,
      asset: name.asset,
      time: formatTime(shortage.time),
      amount: shortage.amount.toString(),
      sourceFile: this.fileName(row),
      sourceRow: row.source.row,
    };
  }

  row(index: number): Transfer | UtxoTransaction {
    return this.#computation.rows[index]!;
  }

  fileName(row: Transfer | UtxoTransaction): string {
    return this.#evidence.sources[row.source.batch]?.files[row.source.file]?.name ?? '';
  }

  /** The payer: an address, or on a UTXO chain the addresses of the inputs, each once. */
  fromOf(touch: Touch): string {
    const row = this.row(touch.row);
    if (isUtxo(row)) return [...new Set(row.inputs.map((input) => input.address))].join('|');
    return touch.from < 0 ? '' : this.#computation.places.name(touch.from).address;
  }

  toOf(touch: Touch): string {
    return touch.to < 0 ? '' : this.#computation.places.name(touch.to).address;
  }

  assetOf(touch: Touch): string {
    const place = touch.from >= 0 ? touch.from : touch.to;
    return place < 0 ? '' : this.#computation.places.name(place).asset;
  }
}

function touchesByRow(touches: readonly Touch[]): ReadonlyMap<string, Touch> {
  return new Map(touches.map((touch) => [`${touch.row}|${touch.to}`, touch]));
}

function compareUnits(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
