import { GAS_LEG, LOG_LEG, REWARD_TX_INDEX, TIP_LEG } from '../file/layout.ts';
import { type Draft, pushRow } from './decode-draft.ts';
import type { RawBundle, RawTransaction } from './raw.ts';
import { bigOf } from './raw-field.ts';
import type { RawReceipt } from './raw-receipt.ts';
import { type ChainShape, isOpStack } from './verify-chains.ts';
import { priceOf } from './verify-price.ts';

/** A fee apart from gas stands after all calls and before the logs: legs 0, 1 and 2 are taken. */
export const L1_FEE_LEG = LOG_LEG - 1;
/** Income that its receiver spends in the block stands at the end of the transaction before. */
export const INCOME_LEG = 2_000_000_000;
/** Income of the block that is left at its end: after rewards (file imports use + 0 to + 2). */
export const INCOME_TX_INDEX = REWARD_TX_INDEX + 3;

/** Where an OP-stack chain puts its fees (https://specs.optimism.io/protocol/predeploys.html); the tip goes to the block's maker. */
const BASE_FEE_VAULT = '0x4200000000000000000000000000000000000019';
const L1_FEE_VAULT = '0x420000000000000000000000000000000000001a';

/**
 * What the makers of a block get from its fees: one `mint` from outside for each receiver, of no transaction, because the sender's
 * fee is already paid away to nobody (burn, tip, gas). It stands at the end of the block, but just before the first transaction
 * that a receiver sends itself, so that a builder who passes the tips on in the same block has them. What is put where depends on
 * transactions alone, never on traces: two sources of one block give the same rows.
 */
export class FeeIncome {
  readonly #base: string | null;
  readonly #tip: string | null;
  readonly #l1: string | null;
  readonly #draft: Draft;
  /** Owed to the tip's receiver, which nearly every transaction adds to; others are kept apart. */
  #tips = 0n;
  readonly #due = new Map<string, bigint>();

  constructor({ block }: RawBundle, draft: Draft, shape: ChainShape) {
    this.#draft = draft;
    const seen = shape.income !== 'unseen';
    const rollup = seen && isOpStack(block);
    this.#tip = seen ? block.miner : null;
    this.#base = rollup ? BASE_FEE_VAULT : shape.income === 'all' ? block.miner : null;
    this.#l1 = rollup ? L1_FEE_VAULT : null;
  }

  addTip(amount: bigint): void {
    this.#tips += amount;
  }

  addBase(amount: bigint): void {
    if (this.#base !== null) this.#add(this.#base, amount);
  }

  addL1(amount: bigint): void {
    if (this.#l1 !== null) this.#add(this.#l1, amount);
  }

  /** Pays out, before a transaction whose sender is owed something. */
  before(tx: RawTransaction, index: number): void {
    const { from } = tx;
    if ((from === this.#tip || this.#due.has(from)) && index > 0) this.#payOut(index - 1, INCOME_LEG);
  }

  finish(): void {
    this.#payOut(INCOME_TX_INDEX, 0);
  }

  #add(receiver: string, amount: bigint): void {
    if (amount > 0n) this.#due.set(receiver, (this.#due.get(receiver) ?? 0n) + amount);
  }

  #payOut(txIndex: number, firstLeg: number): void {
    const draft = this.#draft;
    if (this.#tip !== null) this.#add(this.#tip, this.#tips);
    this.#tips = 0n;
    draft.tx = null;
    draft.txIndex = txIndex;
    let leg = firstLeg;
    for (const [receiver, amount] of this.#due) {
      pushRow(draft, leg, 'mint', null, receiver, draft.native, amount);
      leg += 1;
    }
    this.#due.clear();
  }
}

/**
 * Gas is paid whatever the outcome. With a base fee: what is burnt, blob gas with it (EIP-4844), and what is tipped. Before London,
 * or where less than the base fee is paid (chains with rules of their own): one row.
 */
export function pushFees(
  draft: Draft,
  income: FeeIncome,
  base: bigint | null,
  tx: RawTransaction,
  receipt: RawReceipt,
): void {
  const gas = bigOf(receipt.gasUsed);
  const price = receipt.effectiveGasPrice === null ? (priceOf(tx, base) ?? 0n) : bigOf(receipt.effectiveGasPrice);
  const blob = tx.blobVersionedHashes.length === 0 ? 0n : blobFee(receipt);
  if (base === null || base > price) {
    const paid = gas * price;
    if (paid + blob > 0n) pushRow(draft, GAS_LEG, 'gas', tx.from, null, draft.native, paid + blob);
    income.addTip(paid);
    return;
  }
  const burnt = gas * base;
  const tip = gas * price - burnt;
  const burn = blob === 0n ? burnt : burnt + blob;
  if (burn > 0n) pushRow(draft, GAS_LEG, 'burn', tx.from, null, draft.native, burn);
  if (tip > 0n) pushRow(draft, TIP_LEG, 'tip', tx.from, null, draft.native, tip);
  income.addBase(burnt);
  income.addTip(tip);
}

function blobFee({ blobGasUsed, blobGasPrice }: RawReceipt): bigint {
  return blobGasUsed === null || blobGasPrice === null ? 0n : bigOf(blobGasUsed) * bigOf(blobGasPrice);
}

/** What a sender on an OP-stack chain pays for its data on the parent chain, beside gas. */
export function pushL1Fee(draft: Draft, income: FeeIncome, { from, l1Fee }: RawReceipt): void {
  if (l1Fee === null || l1Fee === '0x0') return;
  const fee = bigOf(l1Fee);
  pushRow(draft, L1_FEE_LEG, 'gas', from, null, draft.native, fee);
  income.addL1(fee);
}

/** A deposit brings its money from the parent chain before it runs, also where it then fails; it pays no gas here. */
export function pushDeposit(draft: Draft, tx: RawTransaction): void {
  const mint = bigOf(tx.deposit!.mint);
  if (mint > 0n) pushRow(draft, GAS_LEG, 'mint', null, tx.from, draft.native, mint);
}
