/**
 * An independent accounting, deliberately simple: docs/accounting.md step by step over plain arrays, no code of src/taint but its
 * types. The engine must agree with it to the bit.
 */
import {
  type AccountStep,
  type ArrivalStep,
  type EngineOptions,
  FEE,
  type Leg,
  OUTSIDE,
  type PlaceTable,
  type SeedStep,
  type Shortage,
  type Step,
  type StopKind,
  type TheftInfo,
  type Touch,
  type UtxoStep,
} from '../../src/taint/step.ts';
import { type Gift, movesAssets, restOf, swapFlows } from './net.ts';
import {
  amountOf,
  type Bit,
  hamilton,
  ofTheft,
  type Rules,
  smaller,
  spread,
  taintOf,
  take,
  tidy,
  total,
} from './rules.ts';

/** Something that came to rest at a stop, or beyond the hop limit (stop null). */
export interface Rested {
  theft: number;
  place: number;
  stop: StopKind | null;
  rows: number[];
  time: number;
  amount: bigint;
  units: bigint;
  hops: number;
}

interface Departed {
  rows: number[];
  bits: Bit[];
  hops: Map<number, number>;
  rested: Rested[];
}

export class Reference {
  readonly table: PlaceTable;
  readonly thefts: readonly TheftInfo[];
  readonly options: EngineOptions;
  readonly rules: Rules;
  readonly touches: Touch[] = [];
  readonly shortages: Shortage[] = [];
  readonly notes: Record<string, number> = {};
  places = new Map<number, Bit[]>();
  /** place|theft → fewest hops and last arrival. */
  trails = new Map<string, { hops: number; last: number }>();
  rested: Rested[] = [];
  departed: Departed[] = [];
  stolen: bigint[];
  final: Record<string, bigint[]>;
  firstSeed: number[];

  constructor(method: string, table: PlaceTable, thefts: readonly TheftInfo[], options: EngineOptions) {
    this.table = table;
    this.thefts = thefts;
    this.options = options;
    this.stolen = thefts.map(() => 0n);
    this.firstSeed = thefts.map(() => Number.POSITIVE_INFINITY);
    this.final = Object.fromEntries(
      ['fee', 'leak', 'belowThreshold', 'senior'].map((name) => [name, thefts.map(() => 0n)]),
    );
    this.rules = { method, meeting: options.meeting, seniors: () => this.seniors() };
  }

  seniors(): number[] {
    const indexes = this.thefts.map((_, index) => index);
    return indexes.sort(
      (a, b) => this.firstSeed[a]! - this.firstSeed[b]! || (this.thefts[a]!.id < this.thefts[b]!.id ? -1 : 1) || 0,
    );
  }

  apply(step: Step): void {
    if (step.kind === 'account') this.account(step);
    else if (step.kind === 'utxo') this.utxo(step);
    else if (step.kind === 'seed') this.seed(step);
    else this.arrivalOrNothing(step);
  }

  /** A refused link changes nothing. */
  arrivalOrNothing(step: ArrivalStep): void {
    const saved = structuredClone({ rested: this.rested, departed: this.departed, final: this.final });
    try {
      this.arrival(step);
    } catch (error) {
      Object.assign(this, saved);
      throw error;
    }
  }

  bits(place: number): Bit[] {
    return this.places.get(place) ?? [];
  }

  keeps(place: number): boolean {
    return place >= 0 && this.table.tracked(place) && this.table.stop(place) === null;
  }

  add(place: number, bits: readonly Bit[]): void {
    this.places.set(place, tidy(this.rules, [...this.bits(place), ...bits]));
  }

  hopsAt(place: number, theft: number): number {
    return this.trails.get(`${place}|${theft}`)?.hops ?? 0;
  }

  /** What leaves a place; the missing part is credited first and reported. */
  leave(place: number, amount: bigint, time: number, row: number): Bit[] {
    if (!this.keeps(place)) return [{ theft: -1, amount, units: 0n }];
    this.cover(place, amount, time, row);
    const { moved, stays } = take(this.rules, this.bits(place), amount);
    this.places.set(place, tidy(this.rules, stays));
    return moved;
  }

  cover(place: number, amount: bigint, time: number, row: number): void {
    const missing = amount - amountOf(this.bits(place));
    if (missing <= 0n) return;
    this.add(place, [{ theft: -1, amount: missing, units: 0n }]);
    this.shortages.push({ place, time, amount: missing, row });
  }

  /** Drops what is below a threshold; fees are not dropped. */
  threshold(bits: readonly Bit[], place: number): Bit[] {
    return bits.map((bit) => {
      if (bit.theft < 0 || place < 0) return bit;
      const group = total(ofTheft(bits, bit.theft).map((other) => other.units));
      if (group >= this.options.minUnits[bit.theft]!) return bit;
      this.final.belowThreshold![bit.theft]! += bit.units;
      return { theft: -1, amount: bit.amount, units: 0n };
    });
  }

  /** `hops`: by theft, counted at the payer. */
  enter(place: number, bits: readonly Bit[], hops: (theft: number) => number, time: number, rows: number[]): void {
    if (place < 0) {
      for (const bit of bits) if (bit.theft >= 0) this.final.fee![bit.theft]! += bit.units;
      return;
    }
    const stop = this.table.stop(place);
    const present = this.thefts.map((_, theft) => theft).filter((theft) => ofTheft(bits, theft).length > 0);
    const lie = (theft: number, kind: StopKind | null): Rested => {
      const own = ofTheft(bits, theft);
      const item = {
        theft,
        place,
        stop: kind,
        rows,
        time,
        amount: amountOf(own),
        units: total(own.map((bit) => bit.units)),
        hops: hops(theft) + 1,
      };
      this.rested.push(item);
      return item;
    };
    if (stop !== null) {
      const rested = present.map((theft) => lie(theft, stop));
      const away = new Map(present.map((theft) => [theft, hops(theft) + 1]));
      if (rested.length > 0 && stop !== 'hopLimit') this.departed.push({ rows, bits: [...bits], hops: away, rested });
      return;
    }
    if (!this.table.tracked(place)) {
      if (present.length > 0) throw new Error('taint at a place that is not tracked');
      return;
    }
    const frozen = present.filter(
      (theft) => this.trail(place, theft, hops(theft) + 1, time) > (this.options.maxHops ?? Number.POSITIVE_INFINITY),
    );
    for (const theft of frozen) lie(theft, null);
    this.add(
      place,
      bits.map((bit) => (frozen.includes(bit.theft) ? { theft: -1, amount: bit.amount, units: 0n } : bit)),
    );
  }

  trail(place: number, theft: number, hops: number, time: number): number {
    const key = `${place}|${theft}`;
    const fewest = Math.min(hops, this.trails.get(key)?.hops ?? hops);
    this.trails.set(key, { hops: fewest, last: time });
    return fewest;
  }

  report(row: number, from: number, to: number, amount: bigint, bits: readonly Bit[], time: number): void {
    const tainted = taintOf(bits);
    const units = this.thefts.map((_, theft) => total(ofTheft(bits, theft).map((bit) => bit.units)));
    if (tainted > 0n) this.touches.push({ row, from, to, amount, tainted, units, time });
  }

  account({ legs, time, atom }: AccountStep): void {
    const rest = legs.filter((leg) => leg.to !== FEE);
    if (rest.length > 0 && (atom === true || movesAssets(legs, this.table))) {
      for (const leg of legs) if (leg.to === FEE) this.move(leg, time);
      this.swap(rest, time);
      return;
    }
    const netted = this.rules.method === 'tiho' ? this.net(legs, time) : false;
    for (const leg of legs) if (!netted || leg.to < 0) this.move(leg, time);
  }

  move({ from, to, amount, row }: Leg, time: number): void {
    if (amount === 0n) return;
    if (from === to) {
      if (this.keeps(from)) this.cover(from, amount, time, row);
      return;
    }
    const bits = this.threshold(this.leave(from, amount, time, row), to);
    this.enter(to, bits, (theft) => this.hopsAt(from, theft), time, [row]);
    this.report(row, from, to, amount, bits, time);
  }

  utxo({ inputs, outputs, time, row }: UtxoStep): void {
    const spent = inputs.map(({ place, value }) => {
      if (!this.keeps(place)) return { place, bits: [{ theft: -1, amount: value, units: 0n }] };
      const known = smaller(value, amountOf(this.bits(place)));
      const { moved, stays } = take(this.rules, this.bits(place), known);
      this.places.set(place, tidy(this.rules, stays));
      return { place, bits: [...moved, { theft: -1, amount: value - known, units: 0n }] };
    });
    const values = outputs.map((output) => output.value);
    const surplus = total(inputs.map((input) => input.value)) - total(values);
    const parts = spread(
      this.rules,
      spent.map((item) => item.bits),
      surplus < 0n ? -surplus : 0n,
      values,
      surplus > 0n ? surplus : 0n,
    );
    const hops = new Map<number, number>();
    for (const { place, bits } of spent) {
      for (const { theft } of bits)
        if (theft >= 0)
          hops.set(theft, Math.min(hops.get(theft) ?? Number.POSITIVE_INFINITY, this.hopsAt(place, theft)));
    }
    const from = spent.find((item) => taintOf(item.bits) > 0n)?.place ?? OUTSIDE;
    outputs.forEach(({ place, value }, index) => {
      if (value === 0n) return;
      const bits = this.threshold(parts[index]!, place);
      this.enter(place, bits, (theft) => hops.get(theft)!, time, [row]);
      this.report(row, from, place, value, bits, time);
    });
    this.enter(FEE, parts.at(-1)!, () => 0, time, []);
  }

  /** TIHO: one asset, every payer reaches every receiver along the legs. */
  net(all: readonly Leg[], time: number): boolean {
    const legs = all.filter((leg) => leg.to >= 0 && leg.amount > 0n && leg.from !== leg.to);
    if (legs.length < 2) return false;
    const nets = [...new Set(legs.flatMap((leg) => [leg.from, leg.to]))].map((place) => ({
      place,
      change: total(legs.map((leg) => (leg.to === place ? leg.amount : 0n) - (leg.from === place ? leg.amount : 0n))),
    }));
    const payers = nets.filter((net) => net.change < 0n);
    const receivers = nets.filter((net) => net.change > 0n);
    const known = payers
      .filter((payer) => this.keeps(payer.place))
      .map((payer) => ({ place: payer.place, away: this.walk(legs, payer.place) }));
    const limit = this.options.maxHops === null ? legs.length : 1;
    if (
      known.length === 0 ||
      known.some(({ away }) => receivers.some(({ place }) => !((away.get(place) ?? Number.POSITIVE_INFINITY) <= limit)))
    )
      return false;
    const gifts = payers.map(({ place, change }) => ({
      place,
      bits: this.leave(place, -change, time, legs.find((leg) => leg.from === place)!.row),
    }));
    const filled = spread(
      this.rules,
      gifts.map((gift) => gift.bits),
      0n,
      receivers.map((receiver) => receiver.change),
      0n,
    );
    const perLeg = new Map<number, Bit[]>();
    receivers.forEach(({ place }, index) => {
      const hops = (theft: number): number =>
        Math.min(
          ...known
            .filter((payer) => ofTheft(gifts.find((gift) => gift.place === payer.place)!.bits, theft).length > 0)
            .map((payer) => this.hopsAt(payer.place, theft) + payer.away.get(place)! - 1),
        );
      this.receive(legs, place, filled[index]!, hops, time, perLeg);
    });
    this.reportLegs(legs, time, perLeg, gifts);
    return true;
  }

  walk(legs: readonly Leg[], start: number): Map<number, number> {
    const away = new Map([[start, 0]]);
    for (const { from, to } of legs) {
      if (!away.has(from) || this.table.stop(from) !== null) continue;
      away.set(to, Math.min(away.get(to) ?? Number.POSITIVE_INFINITY, away.get(from)! + 1));
    }
    return away;
  }

  swap(legs: readonly Leg[], time: number): void {
    const { gifts, receipts } = swapFlows(legs, this.table);
    const inbox: { to: number; from: number; bits: Bit[] }[] = [];
    const left = gifts.map((gift) => {
      const row = legs.find((leg) => leg.from === gift.place && leg.to !== gift.place && leg.amount > 0n)?.row ?? -1;
      const bits = this.leave(gift.place, gift.amount, time, row);
      this.hand(gift, bits, inbox);
      return { place: gift.place, bits };
    });
    const perLeg = new Map<number, Bit[]>();
    for (const { place, amount } of receipts) {
      const mine = inbox.filter((item) => item.to === place);
      const bits = mine.flatMap((item) => item.bits);
      const clean = amount - amountOf(bits);
      const hops = (theft: number): number =>
        Math.min(
          ...mine.filter((item) => ofTheft(item.bits, theft).length > 0).map((item) => this.hopsAt(item.from, theft)),
        );
      this.receive(legs, place, [...bits, { theft: -1, amount: clean, units: 0n }], hops, time, perLeg);
    }
    this.reportLegs(legs, time, perLeg, left);
  }

  hand(gift: Gift, given: readonly Bit[], inbox: { to: number; from: number; bits: Bit[] }[]): void {
    let bundle = tidy(this.rules, given);
    const carve = (flows: readonly { to: number; amount: bigint }[]): void => {
      for (const { to, amount } of flows) {
        const { moved, stays } = take(this.rules, bundle, amount);
        inbox.push({ to, from: gift.place, bits: moved });
        bundle = tidy(this.rules, stays);
      }
    };
    carve(gift.plain);
    const rest = bundle;
    if (taintOf(rest) > 0n && gift.swaps.length > 1) this.note('ambiguousSwap');
    if (taintOf(rest) > 0n && gift.swaps.length === 0) {
      this.note('swapWithoutOutput');
      for (const bit of rest) if (bit.theft >= 0) this.final.leak![bit.theft]! += bit.units;
    }
    if (restOf(gift) === 0n) return;
    gift.swaps.forEach(({ worth, flows }, index) => {
      const n = BigInt(gift.swaps.length);
      const part = rest.map((bit) => ({
        ...bit,
        units: index === 0 ? bit.units - (bit.units / n) * (n - 1n) : bit.units / n,
      }));
      bundle = tidy(this.rules, this.convert(part, worth));
      carve(flows);
    });
  }

  /** Every border c of x moves to ⌊c·y/x⌋; what vanishes is below the threshold. */
  convert(bits: readonly Bit[], y: bigint): Bit[] {
    const x = amountOf(bits);
    return bits
      .map((bit, index) => {
        const start = amountOf(bits.slice(0, index));
        const amount = ((start + bit.amount) * y) / x - (start * y) / x;
        if (amount === 0n && bit.theft >= 0) this.final.belowThreshold![bit.theft]! += bit.units;
        return { theft: bit.theft, amount, units: amount === 0n ? 0n : bit.units };
      })
      .filter((bit) => bit.amount > 0n);
  }

  receive(
    legs: readonly Leg[],
    place: number,
    raw: readonly Bit[],
    hops: (theft: number) => number,
    time: number,
    perLeg: Map<number, Bit[]>,
  ): void {
    const bits = this.threshold(raw, place);
    const laid = this.lay(legs, bits, (leg) => leg.to === place);
    for (const [index, part] of laid) perLeg.set(index, part);
    this.enter(
      place,
      bits,
      hops,
      time,
      [...laid.keys()].map((index) => legs[index]!.row),
    );
  }

  /** Taint laid on legs in order, theft after theft, each leg up to its amount. */
  lay(legs: readonly Leg[], bits: readonly Bit[], own: (leg: Leg) => boolean): Map<number, Bit[]> {
    const left = this.thefts.map((_, theft) => ({
      theft,
      amount: amountOf(ofTheft(bits, theft)),
      units: total(ofTheft(bits, theft).map((bit) => bit.units)),
    }));
    const laid = new Map<number, Bit[]>();
    legs.forEach((leg, index) => {
      if (!own(leg) || leg.from === leg.to) return;
      let room = leg.amount;
      for (const pile of left) {
        const amount = smaller(room, pile.amount);
        if (amount === 0n) continue;
        const units = amount === pile.amount ? pile.units : (pile.units * amount) / pile.amount;
        laid.set(index, [...(laid.get(index) ?? []), { theft: pile.theft, amount, units }]);
        pile.amount -= amount;
        pile.units -= units;
        room -= amount;
      }
    });
    return laid;
  }

  reportLegs(
    legs: readonly Leg[],
    time: number,
    perLeg: Map<number, Bit[]>,
    given: readonly { place: number; bits: readonly Bit[] }[],
  ): void {
    for (const { place, bits } of given) {
      if (place < 0) continue;
      for (const [index, part] of this.lay(legs, bits, (leg) => leg.from === place))
        if (!perLeg.has(index)) perLeg.set(index, part);
    }
    legs.forEach((leg, index) => {
      this.report(leg.row, leg.from, leg.to, leg.amount, perLeg.get(index) ?? [], time);
    });
  }

  note(name: string): void {
    this.notes[name] = (this.notes[name] ?? 0) + 1;
  }

  seed({ theft, place, amount, units, mode, time }: SeedStep): void {
    if (mode === 'mark' && amount > amountOf(this.bits(place)) - amountOf(ofTheft(this.bits(place), theft)))
      throw new Error('E_MARK_EXCEEDS');
    this.firstSeed[theft] = Math.min(this.firstSeed[theft]!, time);
    this.stolen[theft]! += units;
    this.trail(place, theft, 0, time);
    if (mode === 'credit') this.add(place, [{ theft, amount, units }]);
    else this.mark(place, theft, amount, units);
  }

  mark(place: number, theft: number, amount: bigint, units: bigint): void {
    const clean = smaller(amount, amountOf(ofTheft(this.bits(place), -1)));
    const losses = this.contest(place, theft, amount, amount - clean);
    const won = clean + total(losses.map((loss) => loss.amount));
    const wonUnits = won === amount ? units : (units * won) / amount;
    this.final.senior![theft]! += units - wonUnits;
    const left = { amount: won, units: wonUnits };
    for (const loss of [{ theft: -1, amount: clean }, ...losses])
      this.repaint(place, loss.theft, loss.amount, theft, left);
  }

  /** From the tail of the row, piece by piece. */
  repaint(place: number, victim: number, amount: bigint, theft: number, pot: { amount: bigint; units: bigint }): void {
    const row = [...this.bits(place)];
    let left = amount;
    for (let index = row.length - 1; index >= 0 && left > 0n; index -= 1) {
      const bit = row[index]!;
      if (bit.theft !== victim) continue;
      const part = smaller(left, bit.amount);
      const lost = part === bit.amount ? bit.units : (bit.units * part) / bit.amount;
      const units = part === pot.amount ? pot.units : (pot.units * part) / pot.amount;
      pot.amount -= part;
      pot.units -= units;
      left -= part;
      if (victim >= 0) this.final.senior![victim]! += lost;
      row.splice(
        index,
        1,
        { theft: victim, amount: bit.amount - part, units: bit.units - lost },
        { theft, amount: part, units },
      );
    }
    this.places.set(place, tidy(this.rules, row));
  }

  contest(place: number, theft: number, amount: bigint, contested: bigint): { theft: number; amount: bigint }[] {
    const others = this.seniors()
      .map((other) => ({ theft: other, amount: amountOf(ofTheft(this.bits(place), other)) }))
      .filter((claim) => claim.theft !== theft && claim.amount > 0n);
    if (contested === 0n) return [];
    const rank = this.seniors().indexOf(theft);
    if (this.options.meeting === 'share') {
      const claim = total(others.map((other) => other.amount));
      const first = rank < this.seniors().indexOf(others[0]!.theft);
      const won = first ? hamilton(contested, [amount, claim])[0]! : hamilton(contested, [claim, amount])[1]!;
      const losses = hamilton(
        won,
        others.map((other) => other.amount),
      );
      return others.map((other, index) => ({ theft: other.theft, amount: losses[index]! }));
    }
    let left = contested;
    const juniors = others.filter((other) => this.seniors().indexOf(other.theft) > rank).reverse();
    return juniors.map((junior) => {
      const part = smaller(left, junior.amount);
      left -= part;
      return { theft: junior.theft, amount: part };
    });
  }

  arrival({ departure, place, amount, mode, time }: ArrivalStep): void {
    const found = this.departed.filter((item) => item.rows.includes(departure));
    this.departed = this.departed.filter((item) => !found.includes(item));
    this.rested = this.rested.filter((item) => !found.some((away) => away.rested.includes(item)));
    if (found.length === 0) {
      if (mode === 'credit' && this.keeps(place)) this.add(place, [{ theft: -1, amount, units: 0n }]);
      return;
    }
    const hops = (theft: number): number => Math.min(...found.flatMap((item) => item.hops.get(theft) ?? []));
    const bits = this.threshold(
      this.convert(
        found.flatMap((item) => item.bits),
        amount,
      ),
      place,
    );
    if (mode === 'credit' || !this.keeps(place)) {
      this.enter(place, bits, hops, time, [departure]);
      return;
    }
    for (const theft of this.seniors()) {
      const part = amountOf(ofTheft(bits, theft));
      if (part > amountOf(this.bits(place)) - amountOf(ofTheft(this.bits(place), theft)))
        throw new Error('E_MARK_EXCEEDS');
    }
    for (const theft of this.seniors()) {
      const own = ofTheft(bits, theft);
      if (own.length === 0) continue;
      const units = total(own.map((bit) => bit.units));
      const beyond =
        this.trail(place, theft, hops(theft) + 1, time) > (this.options.maxHops ?? Number.POSITIVE_INFINITY);
      if (beyond)
        this.rested.push({
          theft,
          place,
          stop: null,
          rows: [departure],
          time,
          amount: amountOf(own),
          units,
          hops: hops(theft) + 1,
        });
      else this.mark(place, theft, amountOf(own), units);
    }
  }
}
