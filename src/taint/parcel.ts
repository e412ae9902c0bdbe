/** An amount of a place's asset: clean, or of one theft and then with the source units it carries. Immutable. */
export interface Parcel {
  /** Theft index, or {@link CLEAN}. */
  readonly theft: number;
  /** Base units of the place's asset. */
  readonly amount: bigint;
  /** Source units; 0n where clean. */
  readonly units: bigint;
}

export const CLEAN = -1;

export function cleanParcel(amount: bigint): Parcel {
  return { theft: CLEAN, amount, units: 0n };
}

/** Adds at the tail; neighbouring clean parcels become one, tainted ones never do because splitting them again would round. */
export function append(row: Parcel[], parcel: Parcel): void {
  const last = row.length > 0 ? row[row.length - 1]! : null;
  if (parcel.theft === CLEAN && parcel.amount === 0n) return;
  if (last !== null && last.theft === CLEAN && parcel.theft === CLEAN) {
    row[row.length - 1] = cleanParcel(last.amount + parcel.amount);
  } else row.push(parcel);
}

/** Source units that go with `amount` of the parcel: rounded down, all of them with the whole. */
export function unitsWith(parcel: Parcel, amount: bigint): bigint {
  if (parcel.theft === CLEAN) return 0n;
  if (amount === parcel.amount) return parcel.units;
  // What was stolen in this very asset and never converted carries a unit for each base unit.
  return parcel.units === parcel.amount ? amount : (parcel.units * amount) / parcel.amount;
}

export function totalOf(parcels: readonly Parcel[]): bigint {
  let total = 0n;
  for (const parcel of parcels) total += parcel.amount;
  return total;
}

export function hasTaint(parcels: readonly Parcel[]): boolean {
  for (const parcel of parcels) if (parcel.theft !== CLEAN) return true;
  return false;
}

export interface Scaled {
  readonly parcels: Parcel[];
  /** Tainted parcels scaled to nothing: amount 0n, their units still to be booked. */
  readonly lost: Parcel[];
}

/** A conversion: parcels worth x become parcels worth `target`; the border after the first c units moves to ⌊c · target / x⌋. */
export function scale(parcels: readonly Parcel[], target: bigint): Scaled {
  const total = totalOf(parcels);
  const scaled: Parcel[] = [];
  const lost: Parcel[] = [];
  let before = 0n;
  let border = 0n;
  for (const parcel of parcels) {
    before += parcel.amount;
    const next = (before * target) / total;
    const moved = { theft: parcel.theft, amount: next - border, units: parcel.units };
    border = next;
    if (moved.amount === 0n && moved.theft !== CLEAN) lost.push(moved);
    else append(scaled, moved);
  }
  return { parcels: scaled, lost };
}
