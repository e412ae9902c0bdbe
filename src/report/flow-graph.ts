import { assert } from '../base/assert.ts';
import { parseTime } from '../base/time.ts';
import type { PlaceId, StopKind } from '../taint/step.ts';
import type { MethodResult, TheftHeader, TouchedRow } from '../trace/result.ts';
import type { TraceOutput } from '../trace/trace.ts';
import { type UnitStep, unitLedger } from './unit-ledger.ts';

/** What a place of the picture is. `link`: the documented links, out of stops and in again elsewhere. */
export type FlowKind = 'theft' | 'link' | 'address' | 'fee' | StopKind;

export interface FlowNode {
  readonly kind: FlowKind;
  readonly chain: string;
  readonly address: string;
  readonly name: string | null;
  /** Category a label gives, for a stop. */
  readonly category: string | null;
  readonly recoverable: boolean;
  readonly edgeOfData: boolean;
  /** Source units in, out and still there. */
  readonly inUnits: bigint;
  readonly outUnits: bigint;
  readonly heldUnits: bigint;
  /** Source units that rest with a stop. */
  readonly stoppedUnits: bigint;
  /** Seconds: when the loot first and last came there, as far as known. */
  readonly firstTime: number;
  readonly lastTime: number;
}

export interface FlowEdge {
  /** Indexes into `nodes`. */
  readonly from: number;
  readonly to: number;
  readonly units: bigint;
  /** 0: a swap or a documented link, which no row of the data shows. */
  readonly transfers: number;
  readonly first: number;
  readonly last: number;
}

/** One movement of an edge. */
export interface FlowStep {
  readonly edge: number;
  /** Seconds. A documented link, whose time no row shows, moves when its place is first seen. */
  readonly time: number;
  readonly units: bigint;
}

/** One theft by one method: addresses and what went from one to another. */
export interface Flow {
  readonly stolen: bigint;
  /** In the order in which the loot first came to each. */
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
  /** In order of time; together what the edges say. */
  readonly steps: readonly FlowStep[];
  /** Transfers of a place to itself: counted, never drawn. */
  readonly selfTransfers: number;
  readonly feeUnits: bigint;
}

interface Move {
  readonly key: string;
  readonly time: number;
  readonly units: bigint;
}

type Draft = { -readonly [Key in keyof FlowNode]: FlowNode[Key] };
type EdgeDraft = { -readonly [Key in keyof FlowEdge]: FlowEdge[Key] };

/** Label of an address, by {@link placeKey}. */
export type PlaceNames = ReadonlyMap<string, string>;

/** Labels that any method of the theft met: the method drawn gives those only of places that still hold. */
export function placeNames(methods: Readonly<Record<string, MethodResult>>): PlaceNames {
  const names = new Map<string, string>();
  for (const { places } of Object.values(methods)) {
    for (const { chain, address, label } of places) if (label !== null) names.set(placeKey(chain, address), label);
  }
  return names;
}

export function placeKey(chain: string, address: string): string {
  return `${chain}|${address}`;
}

/**
 * What places stop as, by {@link placeKey}. A result names as services only those where something rests: none for poison, and no
 * bridge that a documented link has emptied.
 */
export type FlowStops = ReadonlyMap<
  string,
  {
    readonly stop: StopKind;
    readonly category: string | null;
    readonly recoverable: boolean;
    /** A documented link leaves from there. */
    readonly departs: boolean;
  }
>;

/** What a trace says beside its result. */
export interface FlowFacts {
  readonly stops: FlowStops;
  /** What each step moved, of one theft by a conserving method. */
  readonly ledgerOf: (theft: string, method: string) => readonly UnitStep[];
  readonly nameOf: (place: PlaceId) => { readonly chain: string; readonly address: string; readonly asset: string };
  /** False: the theft file documents no link. */
  readonly linked: boolean;
}

/** Of a trace. The ledger of a method is made when first asked for. */
export function flowFacts(output: Pick<TraceOutput, 'computation' | 'linked'>, stops: FlowStops): FlowFacts {
  const { computation, linked } = output;
  const ledgers = new Map<string, readonly (readonly UnitStep[])[]>();
  return {
    stops,
    ledgerOf: (theft, method) => {
      const all = ledgers.get(method) ?? unitLedger(computation, method);
      ledgers.set(method, all);
      return all[computation.thefts.findIndex(({ id }) => id === theft)] ?? [];
    },
    nameOf: (place) => computation.places.name(place),
    linked,
  };
}

/**
 * `rows`: those of this theft and method, in the order of the trace, `tainted` in source units. Of poison (no buckets) every edge
 * has 0 units: it is reach. With `facts` every place has in what goes out and what rests, to the unit: `rows` then serve poison alone.
 * Without them, what no row shows is told from the result as far as it can be.
 */
export function buildFlow(
  header: TheftHeader,
  method: MethodResult,
  rows: readonly TouchedRow[],
  names: PlaceNames = new Map(),
  facts: { readonly facts: FlowFacts; readonly method: string } | null = null,
): Flow {
  const reach = method.buckets === null;
  const draft = new FlowDraft(BigInt(method.stolen), reach, facts?.facts ?? null);
  draft.node('theft', '', 'theft');
  for (const seed of header.seeds ?? []) {
    const units = reach ? 0n : BigInt(seed.sourceUnits);
    draft.edge(0, draft.node(seed.chain, seed.address), units, secondsOf(seed.time));
  }
  const ledger = facts === null || reach ? null : facts.facts.ledgerOf(header.id, facts.method);
  if (ledger === null) for (const transaction of byTransaction(rows)) draft.addTransaction(transaction);
  for (const step of ledger ?? []) draft.addStep(step);
  for (const place of method.places) draft.hold(place);
  for (const service of method.services) draft.stopAt(service);
  draft.nameStops();
  if (ledger === null) draft.addEntries(header);
  draft.addNames(names);
  return draft.finish();
}

class FlowDraft {
  readonly #stolen: bigint;
  readonly #reach: boolean;
  readonly #facts: FlowFacts | null;
  readonly #nodes: Draft[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #edges = new Map<string, EdgeDraft>();
  readonly #moves: Move[] = [];
  /** When places that no edge shows were first and last seen. */
  readonly #seen = new Map<number, { first: number; last: number }>();
  readonly #departures = new Set<number>();
  readonly #links: { index: number; units: bigint }[] = [];
  #selfTransfers = 0;
  #feeUnits = 0n;

  constructor(stolen: bigint, reach: boolean, facts: FlowFacts | null) {
    this.#stolen = stolen;
    this.#reach = reach;
    this.#facts = facts;
  }

  node(chain: string, address: string, kind: FlowKind = 'address'): number {
    const key = placeKey(chain, address);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const index = this.#nodes.length;
    this.#byKey.set(key, index);
    const empty = { name: null, category: null, recoverable: false, edgeOfData: false };
    const units = { inUnits: 0n, outUnits: 0n, heldUnits: 0n, stoppedUnits: 0n };
    this.#nodes.push({ kind, chain, address, ...empty, ...units, firstTime: 0, lastTime: 0 });
    return index;
  }

  edge(from: number, to: number, units: bigint, time: number): void {
    const key = `${from}>${to}`;
    this.#moves.push({ key, time, units });
    const known = this.#edges.get(key);
    if (known === undefined) this.#edges.set(key, { from, to, units, transfers: 1, first: time, last: time });
    else {
      known.units += units;
      known.transfers += 1;
      known.first = Math.min(known.first, time);
      known.last = Math.max(known.last, time);
    }
    this.#nodes[from]!.outUnits += units;
    this.#nodes[to]!.inUnits += units;
  }

  /**
   * In a swap the loot goes into one pool and comes out of another, and no row joins the two. What a place pays out beyond what it
   * had came from those that were left with more by the same transaction.
   */
  addTransaction(rows: readonly TouchedRow[]): void {
    for (const row of rows) this.#addRow(row);
    const moves = rows.filter((row) => row.from !== '' && row.to !== '');
    if (new Set(moves.map((row) => row.asset)).size < 2) return;
    const net = new Map<number, bigint>();
    for (const row of moves) {
      const [from, to] = [row.from, row.to].map((address) => this.node(chainOf(row.asset), address));
      net.set(from!, (net.get(from!) ?? 0n) - BigInt(row.tainted));
      net.set(to!, (net.get(to!) ?? 0n) + BigInt(row.tainted));
    }
    const gained = [...net].filter(([, units]) => units > 0n);
    for (const [payer] of [...net].filter(([, units]) => units < 0n)) {
      for (const entry of gained) {
        const { inUnits, outUnits } = this.#nodes[payer]!;
        const missing = outUnits - inUnits;
        const part = entry[1] < missing ? entry[1] : missing;
        if (part > 0n) this.#link(entry[0], payer, part, rows[0]!.time);
        if (part > 0n) entry[1] -= part;
      }
    }
  }

  #addRow(row: TouchedRow): void {
    const chain = chainOf(row.asset);
    const units = BigInt(row.tainted);
    for (const [payer, part] of this.#payers(chain, row, units)) {
      if (row.to === '') {
        this.#feeUnits += part;
        if (payer !== null) this.#nodes[payer]!.outUnits += part;
      } else if (payer === null) this.node(chain, row.to);
      else if (payer === this.node(chain, row.to)) this.#selfTransfers += 1;
      else this.edge(payer, this.node(chain, row.to), part, row.time);
    }
  }

  /**
   * Who paid how much. A UTXO transaction names the addresses of all its inputs (joined by "|"): each in turn gives what it has, as far as
   * rows show it.
   */
  #payers(chain: string, row: TouchedRow, units: bigint): [node: number | null, units: bigint][] {
    const { from } = row;
    if (from === '') return [[null, units]];
    const known = from.split('|').flatMap((address) => this.#byKey.get(placeKey(chain, address)) ?? []);
    if (this.#reach && known.length > 0) return known.map((payer) => [payer, 0n]);
    if (!from.includes('|')) return [[this.node(chain, from), units]];
    const parts: [number, bigint][] = [];
    let left = units;
    for (const payer of known) {
      const { inUnits, outUnits } = this.#nodes[payer]!;
      const has = inUnits - outUnits;
      const part = has < left ? has : left;
      if (part > 0n) parts.push([payer, part]);
      if (part > 0n) left -= part;
    }
    if (left > 0n) parts.push([known[0] ?? this.node(chain, from.slice(0, from.indexOf('|'))), left]);
    return parts;
  }

  /** As the ledger has it: what each place has more or less by a step is what its edges bring and take, and what it lost. */
  addStep(step: UnitStep): void {
    this.#feeUnits += step.fee;
    if (step.kind === 'seed') this.#addSeed(step);
    else if (step.kind === 'arrival') this.#addArrival(step);
    else if (step.kind === 'utxo') this.#addSpent(step);
    else this.#addMoves(step);
  }

  #at(place: PlaceId): number {
    const { chain, address } = this.#facts!.nameOf(place);
    return this.node(chain, address);
  }

  /** The edge from the theft stands: what an earlier theft keeps, or takes back, is lost here. */
  #addSeed({ at, entered, changes }: UnitStep): void {
    const came = changes.reduce((sum, { units }) => sum + units, 0n);
    this.#lose(this.#at(at!), entered - came);
  }

  /** Documented links are one bar: out of the stops, and in again elsewhere; what a conversion drops is lost between. */
  #addArrival({ at, changes, time }: UnitStep): void {
    let between = 0n;
    for (const { place, units } of changes) {
      const index = this.#at(place);
      if (units < 0n && place === at) this.#lose(index, -units);
      else if (units < 0n) this.#link(index, this.#linkBar(), -units, time);
      else {
        this.#link(this.#linkBar(), index, units, time);
        this.#links.push({ index, units });
      }
      if (units > 0n || place !== at) between -= units;
    }
    if (between !== 0n) this.#lose(this.#linkBar(), between);
  }

  #linkBar(): number {
    return this.node('', 'link', 'link');
  }

  /** The outputs take from the inputs in their order; what is left is the fee. */
  #addSpent({ changes, moves, time }: UnitStep): void {
    const paid = changes
      .filter(({ units }) => units < 0n)
      .map(({ place, units }) => ({ from: this.#at(place), left: -units }));
    for (const { place, units } of moves) {
      const to = this.#at(place);
      let open = units;
      for (const payer of paid) {
        const part = payer.left < open ? payer.left : open;
        if (part === 0n) continue;
        payer.left -= part;
        open -= part;
        if (payer.from === to) this.#selfTransfers += 1;
        else this.edge(payer.from, to, part, time);
      }
      assert(open === 0n, 'outputs have what inputs gave');
    }
    for (const { from, left } of paid) this.#lose(from, left);
  }

  /**
   * Rows as they are. In a swap or a netted transaction they alone do not say who has what of whom: where they bring a place more than
   * it got, the rest went on, within the transaction, to those to whom they bring less.
   */
  #addMoves({ changes, moves, time }: UnitStep): void {
    const lacks = new Map<number, bigint>();
    const lack = (index: number, units: bigint): void => {
      lacks.set(index, (lacks.get(index) ?? 0n) + units);
    };
    for (const { from, place, units } of moves) {
      if (place < 0) continue;
      const to = this.#at(place);
      if (from < 0) continue;
      const payer = this.#at(from);
      if (payer === to) {
        this.#selfTransfers += 1;
        continue;
      }
      this.edge(payer, to, units, time);
      lack(payer, units);
      lack(to, -units);
    }
    for (const { place, units } of changes) lack(this.#at(place), units);
    const short = [...lacks].filter(([, units]) => units > 0n);
    for (const [from, units] of lacks) {
      let over = -units;
      for (const entry of short) {
        const part = entry[1] < over ? entry[1] : over;
        if (part <= 0n) continue;
        this.#link(from, entry[0], part, time);
        entry[1] -= part;
        over -= part;
      }
      if (over > 0n) this.#lose(from, over);
    }
    assert(
      short.every(([, units]) => units === 0n),
      'nobody gets in a transaction what nobody gave',
    );
  }

  /** To a fee, below the threshold, into a swap without an output, to an earlier theft: out, to no place. */
  #lose(index: number, units: bigint): void {
    this.#nodes[index]!.outUnits += units;
  }

  hold(place: MethodResult['places'][number]): void {
    const node = this.#nodes[this.node(place.chain, place.address)]!;
    node.heldUnits += BigInt(place.sourceUnits);
    node.edgeOfData ||= place.edgeOfData;
    this.#see(this.node(place.chain, place.address), secondsOf(place.lastArrival));
    node.name ??= place.label;
    node.category ??= place.category;
  }

  stopAt(service: MethodResult['services'][number]): void {
    const index = this.node(service.chain, service.address);
    const node = this.#nodes[index]!;
    node.stoppedUnits += BigInt(service.sourceUnits);
    this.#see(index, secondsOf(service.firstTime));
    this.#see(index, secondsOf(service.lastTime));
    node.kind = service.stop;
    node.name = service.name ?? node.name;
    node.category = service.category;
    node.recoverable ||= service.recoverable;
  }

  nameStops(): void {
    for (const [index, node] of this.#nodes.entries()) {
      const known = this.#facts?.stops.get(placeKey(node.chain, node.address));
      if (known?.departs) this.#departures.add(index);
      if (known === undefined || node.kind !== 'address') continue;
      node.kind = known.stop;
      node.recoverable = known.recoverable;
      node.category ??= known.category;
    }
  }

  #see(index: number, time: number): void {
    const known = this.#seen.get(index) ?? { first: time, last: time };
    this.#seen.set(index, { first: Math.min(known.first, time), last: Math.max(known.last, time) });
  }

  /**
   * What leaves or rests at a place beyond what came in entered there: by a seed, else by a documented link out of a stop.
   * Without seeds in the result, the first to pay out are taken for seeds, up to what was stolen.
   */
  addEntries(header: TheftHeader): void {
    let seeds = header.seeds === undefined ? this.#stolen : 0n;
    const time = secondsOf(header.time);
    for (const [index, node] of this.#nodes.entries()) {
      const entered = node.outUnits + node.heldUnits - node.inUnits;
      if (index === 0 || entered <= 0n) continue;
      const seeded = entered < seeds ? entered : seeds;
      seeds -= seeded;
      if (seeded > 0n) this.edge(0, index, seeded, time);
      if (entered > seeded) this.#links.push({ index, units: entered - seeded });
    }
    if (this.#reach) this.#addReached();
    if (this.#facts?.linked !== false && this.#links.length > 0) this.#addLinks();
    else if (this.#reach) this.#joinReached();
  }

  /** Where nothing is documented, what poison reached by no row went through a swap: who was paid by such a place gave it what it swapped. */
  #joinReached(): void {
    const edges = [...this.#edges.values()];
    for (const { index } of this.#links) {
      const payee = edges.find((edge) => edge.from === index)?.to;
      if (payee !== undefined) this.#link(payee, index, 0n);
    }
  }

  /** What poison reaches by no movement, a documented link brought it to. */
  #addReached(): void {
    const entered = new Set([...this.#edges.values()].map((edge) => edge.to));
    for (const index of this.#nodes.keys()) {
      if (index > 0 && !entered.has(index)) this.#links.push({ index, units: 0n });
    }
  }

  /** Documented links are one bar: the result says what left which stop and what arrived where, not which became which. */
  #addLinks(): void {
    const link = this.#linkBar();
    let left = this.#links.reduce((sum, entry) => sum + entry.units, 0n);
    for (const [index, node] of this.#nodes.entries()) {
      const rests = node.outUnits + node.heldUnits + node.stoppedUnits;
      const gone = node.inUnits - rests;
      const part = gone < left ? gone : left;
      if (index === 0 || index === link || part <= 0n || node.heldUnits > 0n) continue;
      left -= part;
      this.#link(index, link, part);
    }
    if (this.#reach) for (const index of this.#departures) this.#link(index, link, 0n);
    for (const { index, units } of this.#links) this.#link(link, index, units);
  }

  /** An edge that stands for no transfer of the data. */
  #link(from: number, to: number, units: bigint, time = 0): void {
    this.edge(from, to, units, time);
    this.#edges.get(`${from}>${to}`)!.transfers -= 1;
  }

  addNames(names: PlaceNames): void {
    for (const node of this.#nodes) node.name ??= names.get(placeKey(node.chain, node.address)) ?? null;
  }

  finish(): Flow {
    this.#dateNodes();
    const steps = this.#steps();
    const { nodes, edges } = this.#inOrder();
    return { stolen: this.#stolen, nodes, edges, steps, selfTransfers: this.#selfTransfers, feeUnits: this.#feeUnits };
  }

  /** By what came in; where no row shows it, by when the place was seen, else by what it paid out. */
  #dateNodes(): void {
    const first = new Map<number, number>();
    const note = (index: number, time: number, last: number): void => {
      const node = this.#nodes[index]!;
      if (time === 0) return;
      if (node.firstTime === 0 || time < node.firstTime) node.firstTime = time;
      if (last > node.lastTime) node.lastTime = last;
    };
    for (const edge of this.#edges.values()) {
      note(edge.to, edge.first, edge.last);
      if (edge.first > 0) first.set(edge.from, Math.min(first.get(edge.from) ?? edge.first, edge.first));
    }
    for (const [index, node] of this.#nodes.entries()) {
      const seen = this.#seen.get(index);
      if (node.firstTime === 0 && first.has(index)) note(index, first.get(index)!, first.get(index)!);
      if (node.firstTime === 0 && seen !== undefined) note(index, seen.first, seen.last);
    }
    for (const { from, to, first: known } of this.#edges.values()) {
      if (known > 0) continue;
      const [payer, payee] = [this.#nodes[from]!, this.#nodes[to]!];
      if (payee.kind === 'link') note(to, payer.firstTime, payer.lastTime);
      if (payer.kind === 'link') note(from, payee.firstTime, payee.lastTime);
    }
  }

  #steps(): FlowStep[] {
    const numbers = new Map([...this.#edges.keys()].map((key, index) => [key, index]));
    const edges = [...this.#edges.values()];
    const steps = this.#moves.map(({ key, time, units }) => {
      const edge = numbers.get(key)!;
      return { edge, time: time === 0 ? this.#timeOfLink(edges[edge]!) : time, units };
    });
    return steps.sort((a, b) => a.time - b.time);
  }

  #timeOfLink({ from, to }: FlowEdge): number {
    const end = this.#nodes[to]!;
    return end.kind === 'link' ? this.#nodes[from]!.firstTime : end.firstTime;
  }

  /** The bar of the links was made last and stands before the first place that it feeds. */
  #inOrder(): Pick<Flow, 'nodes' | 'edges'> {
    const edges = [...this.#edges.values()];
    const link = this.#byKey.get(placeKey('', 'link'));
    if (link === undefined) return { nodes: this.#nodes, edges };
    const before = this.#links.reduce((least, entry) => Math.min(least, entry.index), link);
    const moved = (index: number): number =>
      index === link ? before : index >= before && index < link ? index + 1 : index;
    const nodes = this.#nodes.slice();
    nodes.splice(before, 0, ...nodes.splice(link, 1));
    return { nodes, edges: edges.map((edge) => ({ ...edge, from: moved(edge.from), to: moved(edge.to) })) };
  }
}

/** Rows that follow each other in one transaction; a row without a hash is a transaction of its own. */
function* byTransaction(rows: readonly TouchedRow[]): Generator<readonly TouchedRow[]> {
  let start = 0;
  for (let end = 1; end <= rows.length; end += 1) {
    if (end < rows.length && rows[end]!.tx !== '' && rows[end]!.tx === rows[start]!.tx) continue;
    yield rows.slice(start, end);
    start = end;
  }
}

function chainOf(asset: string): string {
  const slash = asset.indexOf('/');
  return slash < 0 ? asset : asset.slice(0, slash);
}

function secondsOf(iso: string): number {
  return parseTime(iso) ?? 0;
}
