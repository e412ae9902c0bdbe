import { assert } from '../base/assert.ts';
import { bigintOf, LARGE_AMOUNT, setBigint } from './amount-words.ts';
import { exactShare } from './exact-share.ts';
import { FEE } from './flow.ts';
import { share } from './swaps.ts';

/** Words of a balance. All ones: it is 2^128 - 1 or more and stands in a map. */
const WORDS = 4;
const FREE = 0xffff_ffff;
const WORD = 2 ** 32;
const ONES = 0xffff_ffff;
/** High words below it belong to numbers below 2^53. */
const SAFE_WORD = 0x20_0000;
const FIRST_SLOTS = 1024;
/** An asset that so large a part of the addresses holds gets an array by address in place of hashing. */
const DENSE_SHARE = 8;
const FEWEST_DENSE = 4096;

/** Rows as the table takes them, `start` to `end` - 1 at a time: owners, slots and places of both ends, amounts of two words each. */
export interface TableRows {
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly fromSlot: Uint32Array;
  readonly toSlot: Uint32Array;
  readonly fromPlace: Uint32Array;
  readonly toPlace: Uint32Array;
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

/** What is known of a place before the rows at hand. */
export interface KnownPlace {
  readonly place: number;
  readonly balance: bigint;
}

/** Looks a place up in what was built before; null where the address never moved the asset. */
export type KnownPlaces = (asset: number, owner: number) => KnownPlace | null;

/**
 * The places that rows at hand touch, by slot in the order in which they are met, with exact balances. What is known of earlier rows is asked
 * for when a place is first met.
 */
export class PlaceTable {
  count = 0;
  /** By asset: places in all. */
  readonly placeCounts: number[] = [];
  readonly #known: KnownPlaces | null;
  /** By slot. */
  #balances = new Uint32Array(FIRST_SLOTS * WORDS);
  #places = new Uint32Array(FIRST_SLOTS);
  #ownerOf = new Uint32Array(FIRST_SLOTS);
  #assetOf = new Uint32Array(FIRST_SLOTS);
  readonly #large = new Map<number, bigint>();
  readonly #dense: (Uint32Array | undefined)[] = [];
  readonly #met: number[] = [];
  #table = new Uint32Array(2 * FIRST_SLOTS).fill(FREE);
  /** Entries of the table that are taken. */
  #taken = 0;
  /** Owners so far are below it. */
  #owners = 0;
  /** Every slot has the number of its place: one asset, and nothing before. */
  #alike = true;

  constructor(known: KnownPlaces | null) {
    this.#known = known;
  }

  /** An asset must be added before its places: `placeCount` of them are known. */
  addAsset(asset: number, placeCount: number): void {
    this.placeCounts[asset] = placeCount;
    this.#met[asset] = 0;
  }

  /** Finds slots and places of both ends of rows, the payer of a row before its payee. `assets`: by row. */
  findSlots(rows: TableRows, assets: Uint32Array, start: number, end: number): void {
    const { from, to, fromSlot, toSlot } = rows;
    const unknown =
      lookUp(this.#dense, assets, from, fromSlot, start, end) + lookUp(this.#dense, assets, to, toSlot, start, end);
    if (unknown > 0) {
      for (let row = start; row < end; row += 1) {
        if (fromSlot[row] === FREE && from[row]! < FEE) fromSlot[row] = this.slotOf(assets[row]!, from[row]!);
        if (toSlot[row] === FREE && to[row]! < FEE) toSlot[row] = this.slotOf(assets[row]!, to[row]!);
      }
    }
    const places = this.#alike ? null : this.#places;
    readPlaces(places, from, fromSlot, rows.fromPlace, start, end);
    readPlaces(places, to, toSlot, rows.toPlace, start, end);
  }

  slotOf(asset: number, owner: number): number {
    const dense = this.#dense[asset];
    if (dense !== undefined) {
      const slot = owner < dense.length ? dense[owner]! : FREE;
      return slot !== FREE ? slot : this.#add(asset, owner, -1);
    }
    const mask = this.#table.length - 1;
    let at = mix(asset, owner) & mask;
    for (;;) {
      const slot = this.#table[at]!;
      if (slot === FREE) return this.#add(asset, owner, at);
      if (this.#ownerOf[slot] === owner && this.#assetOf[slot] === asset) return slot;
      at = (at + 1) & mask;
    }
  }

  /** Brings balances forward over rows of plain movements, and writes their ratios. */
  move(rows: TableRows, ratio: Float64Array, start: number, end: number): void {
    const { from, to, fromSlot, toSlot, low, high } = rows;
    const words = this.#balances;
    for (let row = start; row < end; row += 1) {
      const payer = from[row]!;
      const payee = to[row]!;
      let share = payer === payee ? 0 : 1;
      if (payer !== payee && payer < FEE) {
        share = pay(words, fromSlot[row]! * WORDS, low, high, 2 * row);
        if (share < 0) share = this.pay(fromSlot[row]!, low, high, 2 * row);
      }
      if (payer !== payee && payee < FEE && !receive(words, toSlot[row]! * WORDS, low, high, 2 * row))
        this.receive(toSlot[row]!, low, high, 2 * row);
      ratio[row] = share;
    }
  }

  place(slot: number): number {
    return this.#places[slot]!;
  }

  owner(slot: number): number {
    return this.#ownerOf[slot]!;
  }

  asset(slot: number): number {
    return this.#assetOf[slot]!;
  }

  balance(slot: number): bigint {
    return this.#large.get(slot) ?? bigintOf(this.#balances, slot * WORDS, 4);
  }

  /** The four words of a balance; all ones where it is larger. */
  copyBalance(slot: number, target: Uint32Array, at: number): void {
    for (let word = 0; word < 4; word += 1) target[at + word] = this.#balances[slot * WORDS + word]!;
  }

  /** Slots with balances of 2^128 - 1 and more. */
  get largeBalances(): ReadonlyMap<number, bigint> {
    return this.#large;
  }

  /** Takes the amount at words i and i + 1 off, and gives its share of what was there; what is missing is credited first. */
  pay(slot: number, low: Uint32Array, high: Uint32Array, i: number): number {
    const share = this.#large.has(slot) ? -1 : pay(this.#balances, slot * WORDS, low, high, i);
    return share >= 0 ? share : this.payExactly(slot, amountAt(low, high, i));
  }

  receive(slot: number, low: Uint32Array, high: Uint32Array, i: number): void {
    if (!receive(this.#balances, slot * WORDS, low, high, i)) this.receiveExactly(slot, amountAt(low, high, i));
  }

  /** As {@link pay}, for an amount of any size. */
  payExactly(slot: number, amount: bigint): number {
    const balance = this.balance(slot);
    this.#setBalance(slot, balance > amount ? balance - amount : 0n);
    return amount >= balance ? 1 : share(amount, balance);
  }

  receiveExactly(slot: number, amount: bigint): void {
    this.#setBalance(slot, this.balance(slot) + amount);
  }

  #setBalance(slot: number, balance: bigint): void {
    const large = balance >= LARGE_AMOUNT;
    if (large) this.#large.set(slot, balance);
    else this.#large.delete(slot);
    setBigint(this.#balances, slot * WORDS, WORDS, large ? LARGE_AMOUNT : balance);
  }

  /** A place met for the first time; `at`: its free entry of the table, -1 where the asset has an array. */
  #add(asset: number, owner: number, at: number): number {
    assert(owner < FEE, 'an owner is the number of an address');
    const slot = this.count;
    this.count += 1;
    if (owner >= this.#owners) this.#owners = owner + 1;
    if (this.count > this.#places.length) this.#grow();
    const known = this.#known === null ? null : this.#known(asset, owner);
    this.#places[slot] = known === null ? this.placeCounts[asset]! : known.place;
    if (known === null) this.placeCounts[asset]! += 1;
    if (this.#places[slot] !== slot) this.#alike = false;
    this.#ownerOf[slot] = owner;
    this.#assetOf[slot] = asset;
    if (known !== null) this.#setBalance(slot, known.balance);
    this.#met[asset]! += 1;
    if (at < 0) this.#denseFor(asset, owner)[owner] = slot;
    else this.#hashed(slot, asset, at);
    return slot;
  }

  #grow(): void {
    const slots = Math.ceil(this.#places.length * 1.5);
    this.#balances = enlarged(this.#balances, slots * WORDS);
    this.#places = enlarged(this.#places, slots);
    this.#ownerOf = enlarged(this.#ownerOf, slots);
    this.#assetOf = enlarged(this.#assetOf, slots);
  }

  #hashed(slot: number, asset: number, at: number): void {
    this.#table[at] = slot;
    this.#taken += 1;
    const met = this.#met[asset]!;
    if (met >= FEWEST_DENSE && met * DENSE_SHARE >= this.#owners) this.#makeDense(asset);
    if (this.#taken * 2 > this.#table.length) this.#rehash();
  }

  /** The array of an asset, with room for an owner. */
  #denseFor(asset: number, owner: number): Uint32Array {
    const dense = this.#dense[asset]!;
    if (owner < dense.length) return dense;
    const bigger = new Uint32Array(Math.ceil(owner * 1.5) + 1).fill(FREE, dense.length);
    bigger.set(dense);
    this.#dense[asset] = bigger;
    return bigger;
  }

  #makeDense(asset: number): void {
    const dense = new Uint32Array(Math.ceil(this.#owners * 1.5)).fill(FREE);
    for (let slot = 0; slot < this.count; slot += 1) if (this.asset(slot) === asset) dense[this.owner(slot)] = slot;
    this.#dense[asset] = dense;
  }

  /** Slots of assets that have an array by now need no entry. */
  #rehash(): void {
    let hashed = 0;
    for (let slot = 0; slot < this.count; slot += 1) if (this.#dense[this.asset(slot)] === undefined) hashed += 1;
    let length = this.#table.length;
    while (length < hashed * 4) length *= 2;
    this.#taken = hashed;
    const table = new Uint32Array(length).fill(FREE);
    for (let slot = 0; slot < this.count; slot += 1) {
      const asset = this.asset(slot);
      if (this.#dense[asset] !== undefined) continue;
      let at = mix(asset, this.owner(slot)) & (length - 1);
      while (table[at] !== FREE) at = (at + 1) & (length - 1);
      table[at] = slot;
    }
    this.#table = table;
  }
}

/**
 * Slots of owners whose asset has an array by owner; FREE where it has none, or where the owner is new or nobody. Gives how many are FREE. These loops are functions of
 * their own, and hold nothing but looks into arrays, so that many of them are under way at once.
 */
function lookUp(
  arrays: readonly (Uint32Array | undefined)[],
  assets: Uint32Array,
  owners: Uint32Array,
  slots: Uint32Array,
  start: number,
  end: number,
): number {
  let free = 0;
  for (let row = start; row < end; row += 1) {
    const dense = arrays[assets[row]!];
    const owner = owners[row]!;
    const slot = dense !== undefined && owner < dense.length ? dense[owner]! : FREE;
    slots[row] = slot;
    if (slot === FREE) free += 1;
  }
  return free;
}

/** `places`: null where a slot and its place are one number. */
function readPlaces(
  places: Uint32Array | null,
  owners: Uint32Array,
  slots: Uint32Array,
  target: Uint32Array,
  start: number,
  end: number,
): void {
  for (let row = start; row < end; row += 1) {
    const owner = owners[row]!;
    const slot = slots[row]!;
    target[row] = owner >= FEE ? owner : places === null ? slot : places[slot]!;
  }
}

/** Takes an amount off the balance at `b` and gives its share of it; -1 where the balance may be larger than its words say. */
function pay(words: Uint32Array, b: number, low: Uint32Array, high: Uint32Array, i: number): number {
  const l0 = low[i]!;
  const l1 = low[i + 1]!;
  const h0 = high[i]!;
  const h1 = high[i + 1]!;
  const b0 = words[b]!;
  const b1 = words[b + 1]!;
  const b2 = words[b + 2]!;
  const b3 = words[b + 3]!;
  if ((h0 | h1 | b2 | b3) === 0 && (l1 | b1) >>> 0 < SAFE_WORD) {
    const amount = l1 * WORD + l0;
    const balance = b1 * WORD + b0;
    const left = balance > amount ? balance - amount : 0;
    words[b] = left;
    words[b + 1] = left / WORD;
    return left === 0 ? 1 : amount / balance;
  }
  if (b3 === ONES) return -1;
  const short = b3 !== h1 ? b3 < h1 : b2 !== h0 ? b2 < h0 : b1 !== l1 ? b1 < l1 : b0 <= l0;
  if (short) {
    words[b] = 0;
    words[b + 1] = 0;
    words[b + 2] = 0;
    words[b + 3] = 0;
    return 1;
  }
  const share = exactShare(low, high, i, words, b);
  const d0 = b0 - l0;
  const d1 = b1 - l1 + (d0 < 0 ? -1 : 0);
  const d2 = b2 - h0 + (d1 < 0 ? -1 : 0);
  words[b] = d0;
  words[b + 1] = d1;
  words[b + 2] = d2;
  words[b + 3] = b3 - h1 + (d2 < 0 ? -1 : 0);
  return share;
}

/** Adds an amount to the balance at `b`; false, and nothing done, where four words may not hold it. */
function receive(words: Uint32Array, b: number, low: Uint32Array, high: Uint32Array, i: number): boolean {
  const s0 = words[b]! + low[i]!;
  const s1 = words[b + 1]! + low[i + 1]! + (s0 > ONES ? 1 : 0);
  const s2 = words[b + 2]! + high[i]! + (s1 > ONES ? 1 : 0);
  const s3 = words[b + 3]! + high[i + 1]! + (s2 > ONES ? 1 : 0);
  if (s3 >= ONES) return false;
  words[b] = s0;
  words[b + 1] = s1;
  words[b + 2] = s2;
  words[b + 3] = s3;
  return true;
}

function amountAt(low: Uint32Array, high: Uint32Array, i: number): bigint {
  return (bigintOf(high, i, 2) << 64n) | bigintOf(low, i, 2);
}

function enlarged(words: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const bigger = new Uint32Array(length);
  bigger.set(words);
  return bigger;
}

/** Mixes two numbers so that every bit of both moves the low bits (finaliser of MurmurHash3, Appleby 2011). */
function mix(asset: number, owner: number): number {
  let hash = Math.imul(owner, 0x9e37_79b1) ^ Math.imul(asset + 1, 0x85eb_ca77);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
