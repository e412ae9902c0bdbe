/** What the reference found, in the shape of an engine's outcome. */
import { type Absorption, BUCKETS, type Buckets, type StopKind } from '../../src/taint/step.ts';
import type { Reference } from './reference.ts';
import { amountOf, ofTheft, total } from './rules.ts';

export function bucketsOf(reference: Reference, theft: number): Buckets {
  const named = (stop: StopKind | null): string =>
    stop === null || stop === 'hopLimit'
      ? 'held'
      : stop === 'bridge'
        ? 'inFlight'
        : stop === 'feeTaker'
          ? 'leak'
          : 'absorbed';
  const held = [...reference.places.values()].flatMap((bits) => ofTheft(bits, theft)).map((bit) => bit.units);
  const entries = BUCKETS.map((bucket) => {
    const resting = reference.rested
      .filter((item) => item.theft === theft && named(item.stop) === bucket)
      .map((item) => item.units);
    return [bucket, total([...resting, reference.final[bucket]?.[theft] ?? 0n, ...(bucket === 'held' ? held : [])])];
  });
  return Object.fromEntries(entries) as Buckets;
}

/** place → amount, units, hops, last arrival: live and beyond the limit together. */
export function holdingsOf(
  reference: Reference,
  theft: number,
): { place: number; amount: bigint; units: bigint; lastArrival: number; hops: number }[] {
  const lying = reference.rested.filter(
    (item) => item.theft === theft && (item.stop === null || item.stop === 'hopLimit'),
  );
  const places = new Set([...reference.places.keys(), ...lying.map((item) => item.place)]);
  return [...places]
    .sort((a, b) => a - b)
    .flatMap((place) => {
      const own = ofTheft(reference.bits(place), theft);
      const rest = lying.filter((item) => item.place === place);
      if (own.length === 0 && rest.length === 0) return [];
      const trail = own.length > 0 ? [reference.trails.get(`${place}|${theft}`)!] : [];
      return [
        {
          place,
          amount: amountOf(own) + total(rest.map((item) => item.amount)),
          units: total(own.map((bit) => bit.units)) + total(rest.map((item) => item.units)),
          lastArrival: Math.max(...trail.map((item) => item.last), ...rest.map((item) => item.time)),
          hops: Math.min(...trail.map((item) => item.hops), ...rest.map((item) => item.hops)),
        },
      ];
    });
}

/** What rests at stops, as the reference has it. */
export function absorptionsOf(reference: Reference, theft: number): Absorption[] {
  const bucket = (stop: StopKind): 'absorbed' | 'inFlight' | 'leak' =>
    stop === 'bridge' ? 'inFlight' : stop === 'feeTaker' ? 'leak' : 'absorbed';
  const found: Absorption[] = [];
  const lying = reference.rested.filter(
    (item) => item.theft === theft && item.stop !== null && item.stop !== 'hopLimit',
  );
  for (const place of [...new Set(lying.map((item) => item.place))].sort((a, b) => a - b)) {
    const own = lying.filter((item) => item.place === place);
    const stop = own[0]!.stop!;
    found.push({
      place,
      amount: own.reduce((sum, item) => sum + item.amount, 0n),
      units: own.reduce((sum, item) => sum + item.units, 0n),
      lastArrival: Math.max(...own.map((item) => item.time)),
      hops: Math.min(...own.map((item) => item.hops)),
      bucket: bucket(stop),
      stop,
      firstArrival: Math.min(...own.map((item) => item.time)),
      rows: own.flatMap((item) => item.rows),
    });
  }
  return found;
}
