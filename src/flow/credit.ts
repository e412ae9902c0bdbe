import { firstAtOrAfter, lowest } from '../base/ascending.ts';
import { type AccountFlow, FEE, type SwapTable } from './flow.ts';
import { Balances } from './swaps.ts';

/** Money that the data lack: it stands at a place before every row of a step. */
export interface Credit {
  /** Index of the asset in the flow. */
  readonly asset: number;
  readonly place: number;
  readonly step: number;
  /** Base units, above 0. */
  readonly amount: bigint;
}

/** Ratios that are other than the index says. */
export interface ChangedRatios {
  readonly rows: readonly {
    readonly asset: number;
    readonly segment: number;
    readonly row: number;
    readonly ratio: number;
  }[];
  /** By index in `swaps.flows`. */
  readonly swaps: readonly { readonly flow: number; readonly ratio: number }[];
}

/**
 * The ratio column as credits change it. A credit raises the balance of its own place alone, for the amounts that move are what the chain says: so the
 * rows that change are those which that place pays later, until it is empty.
 */
export function ratiosWithCredits(flow: AccountFlow, credits: readonly Credit[]): ChangedRatios {
  const rows: ChangedRatios['rows'][number][] = [];
  const swaps: ChangedRatios['swaps'][number][] = [];
  const places = new Map<string, Credit[]>();
  for (const credit of credits) {
    const name = `${credit.asset}/${credit.place}`;
    places.set(name, [...(places.get(name) ?? []), credit]);
  }
  for (const given of places.values()) {
    const { asset, place } = given[0]!;
    const history = new PlaceHistory(flow, asset, place);
    history.run([...given].sort((a, b) => a.step - b.step));
    rows.push(...history.rows);
    swaps.push(...history.swaps);
  }
  return { rows, swaps: swaps.sort((a, b) => a.flow - b.flow) };
}

/** A row of the place, or a transaction of several assets in which it takes part. */
interface Event {
  readonly step: number;
  readonly segment: number;
  /** -1: a transaction of several assets. */
  readonly row: number;
}

/** One place's balance from its first movement on. */
class PlaceHistory {
  readonly rows: { asset: number; segment: number; row: number; ratio: number }[] = [];
  readonly swaps: { flow: number; ratio: number }[] = [];
  readonly #flow: AccountFlow;
  readonly #asset: number;
  readonly #place: number;
  readonly #balances = new Balances();

  constructor(flow: AccountFlow, asset: number, place: number) {
    this.#flow = flow;
    this.#asset = asset;
    this.#place = place;
  }

  run(credits: readonly Credit[]): void {
    const waiting = [...credits].reverse();
    for (const event of this.#events()) {
      while (waiting.length > 0 && waiting.at(-1)!.step <= event.step)
        this.#balances.receive(this.#asset, this.#place, waiting.pop()!.amount);
      if (event.row < 0) this.#swap(event.step);
      else this.#move(event);
    }
  }

  #events(): Event[] {
    const { segments } = this.#flow.assets[this.#asset]!;
    const events: Event[] = [];
    const atoms = new Set<number>();
    segments.forEach(({ out, in: into, step }, segment) => {
      for (const side of [out, into]) {
        for (let entry = side.start(this.#place); entry < side.end(this.#place); entry += 1) {
          const row = side.row.at(entry);
          const first = firstStepOf(this.#flow.swaps, step.at(row));
          if (first >= 0) atoms.add(first);
          else events.push({ step: step.at(row), segment, row });
        }
      }
    });
    for (const step of atoms) events.push({ step, segment: -1, row: -1 });
    return events.sort((a, b) => a.step - b.step || a.segment - b.segment || a.row - b.row);
  }

  #move({ segment: number, row }: Event): void {
    const segment = this.#flow.assets[this.#asset]!.segments[number]!;
    const from = segment.from.at(row);
    const to = segment.to.at(row);
    if (from === to) return;
    if (from !== this.#place) {
      this.#balances.receive(this.#asset, this.#place, segment.amount(row));
      return;
    }
    const ratio = this.#balances.pay(this.#asset, this.#place, segment.amount(row));
    if (ratio !== segment.ratio.at(row)) this.rows.push({ asset: this.#asset, segment: number, row, ratio });
  }

  #swap(step: number): void {
    const { flows } = this.#flow.swaps;
    let received = 0n;
    for (let at = firstFlowOf(flows, step); at < flows.length && flows[at]!.step === step; at += 1) {
      const flow = flows[at]!;
      if (flow.toAsset === this.#asset && flow.toPlace === this.#place) received += flow.received;
      if (flow.fromAsset !== this.#asset || flow.fromPlace !== this.#place || flow.fromPlace >= FEE) continue;
      const ratio = this.#balances.pay(this.#asset, this.#place, flow.given);
      if (ratio !== flow.ratio) this.swaps.push({ flow: at, ratio });
    }
    if (received > 0n) this.#balances.receive(this.#asset, this.#place, received);
  }
}

/** The first of the flows of a step or a later one. */
export function firstFlowOf(flows: SwapTable['flows'], step: number): number {
  return lowest(flows.length, (at) => flows[at]!.step >= step);
}

/** The first step of the transaction of several assets that a step belongs to; -1 where it belongs to none. */
export function firstStepOf({ steps, firstSteps }: SwapTable, step: number): number {
  const at = firstAtOrAfter(steps, step);
  return steps[at] === step ? firstSteps[at]! : -1;
}
