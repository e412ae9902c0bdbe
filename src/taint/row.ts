import { append, CLEAN, cleanParcel, type Parcel, unitsWith } from './parcel.ts';
import { type Claim, Stock } from './stock.ts';

const COMPACT_FROM = 64;
/** Never written to: a row's own list is made with its first tainted parcel. */
const NOTHING: Parcel[] = [];

/**
 * Parcels in order of arrival: a deque, so that a movement costs what it moves and not what lies there. A row that is wholly clean
 * keeps no parcels: most places are, most of the time.
 */
export class Row extends Stock {
  #items: Parcel[] = NOTHING;
  #head = 0;

  get isClean(): boolean {
    return this.#items.length === 0;
  }

  put(parcel: Parcel): void {
    if (this.#items.length === 0) {
      if (parcel.theft !== CLEAN) this.#items = this.balance > 0n ? [cleanParcel(this.balance), parcel] : [parcel];
    } else append(this.#items, parcel);
    this.balance += parcel.amount;
  }

  /** Adds at the head; the way back of {@link takeHead}. */
  putHead(parcel: Parcel): void {
    if (this.#items.length === 0) {
      if (parcel.theft !== CLEAN) this.#items = this.balance > 0n ? [parcel, cleanParcel(this.balance)] : [parcel];
      this.balance += parcel.amount;
      return;
    }
    this.balance += parcel.amount;
    const first = this.#items[this.#head];
    if (first?.theft === CLEAN && parcel.theft === CLEAN) {
      this.#items[this.#head] = cleanParcel(first.amount + parcel.amount);
    } else if (this.#head > 0) {
      this.#head -= 1;
      this.#items[this.#head] = parcel;
    } else this.#items.unshift(parcel);
  }

  /** How many parcels. */
  get length(): number {
    if (this.#items.length === 0) return this.balance > 0n ? 1 : 0;
    return this.#items.length - this.#head;
  }

  /** The first parcel, or null. */
  first(): Parcel | null {
    if (this.#items.length === 0 && this.balance > 0n) return cleanParcel(this.balance);
    return this.#items[this.#head] ?? null;
  }

  /** The first `amount` of the row; at most the balance. */
  takeHead(amount: bigint): Parcel[] {
    if (this.#items.length === 0) return this.#takeClean(amount);
    const moved: Parcel[] = [];
    let left = amount;
    while (left > 0n) {
      const parcel = this.#items[this.#head]!;
      if (parcel.amount > left) {
        const piece = { theft: parcel.theft, amount: left, units: unitsWith(parcel, left) };
        moved.push(piece);
        this.#items[this.#head] = rest(parcel, piece);
        break;
      }
      moved.push(parcel);
      this.#head += 1;
      left -= parcel.amount;
    }
    this.balance -= amount;
    this.#settle();
    return moved;
  }

  /** The last `amount` of the row, in the row's own order; at most the balance. */
  takeTail(amount: bigint): Parcel[] {
    if (this.#items.length === 0) return this.#takeClean(amount);
    const moved: Parcel[] = [];
    let left = amount;
    while (left > 0n) {
      const parcel = this.#items[this.#items.length - 1]!;
      if (parcel.amount > left) {
        const piece = { theft: parcel.theft, amount: left, units: unitsWith(parcel, left) };
        moved.push(piece);
        this.#items[this.#items.length - 1] = rest(parcel, piece);
        break;
      }
      moved.push(parcel);
      this.#items.pop();
      left -= parcel.amount;
    }
    this.balance -= amount;
    this.#settle();
    return moved.length > 1 ? moved.reverse() : moved;
  }

  takeAll(): Parcel[] {
    const all = this.parcels();
    this.#clear();
    this.balance = 0n;
    return all;
  }

  parcels(): Parcel[] {
    if (this.#items.length === 0) return this.balance > 0n ? [cleanParcel(this.balance)] : [];
    return this.#items.slice(this.#head);
  }

  claim(theft: number): Claim {
    if (this.#items.length === 0) return { amount: theft === CLEAN ? this.balance : 0n, units: 0n };
    let amount = 0n;
    let units = 0n;
    for (let index = this.#head; index < this.#items.length; index += 1) {
      const parcel = this.#items[index]!;
      if (parcel.theft !== theft) continue;
      amount += parcel.amount;
      units += parcel.units;
    }
    return { amount, units };
  }

  recolour(victim: number, amount: bigint, theft: number, draw: (amount: bigint) => bigint): bigint {
    const backwards: Parcel[] = [];
    let left = amount;
    let lost = 0n;
    for (const parcel of this.parcels().toReversed()) {
      if (parcel.theft !== victim || left === 0n) {
        backwards.push(parcel);
        continue;
      }
      const taken = parcel.amount < left ? parcel.amount : left;
      const piece = { theft: victim, amount: taken, units: unitsWith(parcel, taken) };
      backwards.push({ theft, amount: taken, units: draw(taken) });
      if (taken < parcel.amount) backwards.push(rest(parcel, piece));
      lost += piece.units;
      left -= taken;
    }
    this.#head = 0;
    this.#items = backwards.reverse();
    this.#settle();
    return lost;
  }

  clone(): Row {
    const copy = this.cloneInto(new Row());
    copy.#items = this.#items.length === 0 ? NOTHING : this.#items.slice(this.#head);
    return copy;
  }

  #clear(): void {
    this.#items = NOTHING;
    this.#head = 0;
  }

  #takeClean(amount: bigint): Parcel[] {
    this.balance -= amount;
    return amount > 0n ? [cleanParcel(amount)] : [];
  }

  /** After taking: a row that is empty or one clean parcel keeps none; a long way past its head it is shortened. */
  #settle(): void {
    const left = this.#items.length - this.#head;
    if (left === 0 || (left === 1 && this.#items[this.#head]!.theft === CLEAN)) this.#clear();
    else if (this.#head >= COMPACT_FROM && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }
}

function rest(whole: Parcel, piece: Parcel): Parcel {
  return { theft: whole.theft, amount: whole.amount - piece.amount, units: whole.units - piece.units };
}
