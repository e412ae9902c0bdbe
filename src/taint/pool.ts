import { CLEAN, cleanParcel, type Parcel, unitsWith } from './parcel.ts';
import type { Seniority } from './seniority.ts';
import { type Claim, Stock } from './stock.ts';

const NOTHING: Claim = { amount: 0n, units: 0n };

/** One parcel a theft, senior first, and the clean rest: only the sums matter. */
export class Pool extends Stock {
  readonly #seniority: Seniority;
  #tainted: Parcel[] = [];

  constructor(seniority: Seniority) {
    super();
    this.#seniority = seniority;
  }

  /** Senior first; amounts above zero. */
  get tainted(): readonly Parcel[] {
    return this.#tainted;
  }

  get taint(): bigint {
    let total = 0n;
    for (const parcel of this.#tainted) total += parcel.amount;
    return total;
  }

  get isClean(): boolean {
    return this.#tainted.length === 0;
  }

  put(parcel: Parcel): void {
    this.balance += parcel.amount;
    if (parcel.theft !== CLEAN) this.#add(parcel);
  }

  /** Takes `amount` out, of it `parts[i]` of the i-th tainted parcel; the rest is clean. Tainted first, senior first. */
  take(amount: bigint, parts: readonly bigint[]): Parcel[] {
    const moved: Parcel[] = [];
    let clean = amount;
    let emptied = false;
    for (let index = 0; index < parts.length; index += 1) {
      const part = parts[index]!;
      if (part === 0n) continue;
      const parcel = this.#tainted[index]!;
      const units = unitsWith(parcel, part);
      moved.push({ theft: parcel.theft, amount: part, units });
      this.#tainted[index] = { theft: parcel.theft, amount: parcel.amount - part, units: parcel.units - units };
      if (part === parcel.amount) emptied = true;
      clean -= part;
    }
    if (emptied) this.#tainted = this.#tainted.filter((parcel) => parcel.amount > 0n);
    if (clean > 0n) moved.push(cleanParcel(clean));
    this.balance -= amount;
    return moved;
  }

  /** As {@link take} with no taint in it. */
  takeClean(amount: bigint): Parcel[] {
    this.balance -= amount;
    return [cleanParcel(amount)];
  }

  takeAll(): Parcel[] {
    const all = this.parcels();
    this.#tainted = [];
    this.balance = 0n;
    return all;
  }

  parcels(): Parcel[] {
    const clean = this.balance - this.taint;
    return clean > 0n ? [...this.#tainted, cleanParcel(clean)] : [...this.#tainted];
  }

  claim(theft: number): Claim {
    if (theft === CLEAN) return { amount: this.balance - this.taint, units: 0n };
    return this.#tainted.find((parcel) => parcel.theft === theft) ?? NOTHING;
  }

  recolour(victim: number, amount: bigint, theft: number, draw: (amount: bigint) => bigint): bigint {
    if (amount === 0n) return 0n;
    let lost = 0n;
    if (victim !== CLEAN) {
      const parts = this.#tainted.map((parcel) => (parcel.theft === victim ? amount : 0n));
      lost = this.take(amount, parts)[0]!.units;
      this.balance += amount;
    }
    this.#add({ theft, amount, units: draw(amount) });
    return lost;
  }

  clone(): Pool {
    const copy = this.cloneInto(new Pool(this.#seniority));
    copy.#tainted = [...this.#tainted];
    return copy;
  }

  #add(parcel: Parcel): void {
    const list = this.#tainted;
    let index = 0;
    for (; index < list.length; index += 1) {
      const known = list[index]!;
      if (known.theft === parcel.theft) {
        list[index] = { theft: known.theft, amount: known.amount + parcel.amount, units: known.units + parcel.units };
        return;
      }
      if (this.#seniority.before(parcel.theft, known.theft)) break;
    }
    list.splice(index, 0, parcel);
  }
}
