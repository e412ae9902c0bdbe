import { assert } from '../base/assert.ts';
import { ASSETS, NATIVE } from './asset.ts';
import { BLOCK_SECONDS, FIRST_BLOCK, gasFee, START } from './era.ts';
import { burntPart, KIND, NOBODY, RowBatch } from './row.ts';

const BATCH_ROWS = 4_096;
/** More rows than one step of the economy writes. */
const STEP_ROWS = 64;

/** Every balance of the account chain, and the rows that changed them. Nobody can spend what is not there. */
export class Ledger {
  readonly batch = new RowBatch(BATCH_ROWS);
  /** Rows written so far, over all batches. */
  rows = 0;
  /** Blocks since START. */
  block = 0;
  private readonly balances: readonly Float64Array[];
  private txIndex = -1;
  private tx = 0;
  private legs = 0;

  constructor(actors: number) {
    this.balances = ASSETS.map(() => new Float64Array(actors));
  }

  balance(actor: number, asset: number): number {
    return this.balances[asset]![actor]!;
  }

  /** True when the batch must be read and emptied before another transaction begins. */
  isFull(): boolean {
    return this.batch.count + STEP_ROWS > this.batch.capacity;
  }

  /** Begins a transaction in a block, which is never before the last one. */
  begin(block: number, tx: number): void {
    assert(block >= this.block, 'blocks come in order');
    this.txIndex = block === this.block ? this.txIndex + 1 : 0;
    this.block = block;
    this.tx = tx;
    this.legs = 0;
  }

  move(kind: number, from: number, to: number, asset: number, amount: number): void {
    const balances = this.balances[asset]!;
    if (from !== NOBODY) {
      const left = balances[from]! - amount;
      assert(left >= 0, 'an actor spends only what it has');
      balances[from] = left;
    }
    if (to !== NOBODY) balances[to] = balances[to]! + amount;
    const { batch } = this;
    const at = batch.count++;
    batch.time[at] = START + this.block * BLOCK_SECONDS;
    batch.block[at] = FIRST_BLOCK + this.block;
    batch.txIndex[at] = this.txIndex;
    batch.leg[at] = this.legs++;
    batch.tx[at] = this.tx;
    batch.kind[at] = kind;
    batch.from[at] = from;
    batch.to[at] = to;
    batch.asset[at] = asset;
    batch.amount[at] = amount;
    this.rows++;
  }

  /** The fee of the transaction that was begun, as its last legs. */
  fee(payer: number, gas: number): void {
    const fee = gasFee(gas, this.block);
    const burnt = burntPart(this.tx, fee);
    if (burnt > 0) this.move(KIND.burn, payer, NOBODY, NATIVE, burnt);
    this.move(burnt > 0 ? KIND.tip : KIND.gas, payer, NOBODY, NATIVE, fee - burnt);
  }
}
