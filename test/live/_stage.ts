import assert from 'node:assert/strict';
import { type Anvil, callData, type Receipt, type Send } from './_anvil.ts';
import { bytecode } from './_contracts.ts';

/**
 * What a script does on an anvil, written down by the script itself: fees from receipts, everything else from what it ordered and
 * what the contracts must compute. `agreesWithNode` proves the book against the node's own state at the end.
 */

export interface Move {
  /** null: from outside (a mint). */
  readonly from: string | null;
  readonly to: string | null;
  /** CAIP-19. */
  readonly asset: string;
  readonly amount: bigint;
}

export interface StageTransaction {
  readonly hash: string;
  readonly block: bigint;
  readonly time: number;
  readonly txIndex: number;
  readonly sender: string;
  /** What the chain took of the sender: base fee, then tip. */
  readonly fees: readonly bigint[];
  readonly moves: readonly Move[];
}

export interface Act {
  readonly send: Send;
  readonly moves?: readonly Move[];
  /** It must fail: it moves nothing and still pays. */
  readonly fails?: boolean;
}

export class Stage {
  readonly anvil: Anvil;
  readonly native: string;
  /** In order of the chain. */
  transactions: StageTransaction[] = [];
  /** What anyone held before the first block, by `address|asset`. */
  readonly genesis = new Map<string, bigint>();
  readonly #held = new Map<string, bigint>();

  constructor(anvil: Anvil) {
    this.anvil = anvil;
    this.native = `eip155:${anvil.chainId}/slip44:${anvil.chainId === 31337 ? 1 : 60}`;
    for (const { address } of anvil.accounts) {
      this.genesis.set(`${address}|${this.native}`, 10_000n * 10n ** 18n);
      this.#held.set(`${address}|${this.native}`, 10_000n * 10n ** 18n);
    }
  }

  token(contract: string): string {
    return `eip155:${this.anvil.chainId}/erc20:${contract}`;
  }

  addressOf(from: Send['from']): string {
    return typeof from === 'number' ? this.anvil.accounts[from]!.address : from.address;
  }

  held(address: string, asset: string): bigint {
    return this.#held.get(`${address}|${asset}`) ?? 0n;
  }

  ether(from: Send['from'] | string, to: string, amount: bigint): Move {
    return { from: typeof from === 'string' ? from : this.addressOf(from), to, asset: this.native, amount };
  }

  /** One transaction in a block of its own. */
  async act(act: Act): Promise<StageTransaction> {
    return (await this.together([act]))[0]!;
  }

  /** Plain money from one to another. */
  async pay(from: Send['from'], to: string, value: bigint): Promise<StageTransaction> {
    return this.act({ send: { from, to, value }, moves: [this.ether(from, to, value)] });
  }

  /** Tokens from one to another, by the token's own transfer. */
  async payToken(from: Send['from'], token: string, to: string, amount: bigint): Promise<StageTransaction> {
    return this.act(this.tokenPayment(from, token, to, amount));
  }

  payment(from: Send['from'], to: string, value: bigint): Act {
    return { send: { from, to, value }, moves: [this.ether(from, to, value)] };
  }

  tokenPayment(from: Send['from'], token: string, to: string, amount: bigint): Act {
    return {
      send: { from, to: token, data: callData('function transfer(address,uint256)', [to, amount]) },
      moves: [{ from: this.addressOf(from), to, asset: this.token(token), amount }],
    };
  }

  /** All in one block, in this order. */
  async together(acts: readonly Act[]): Promise<StageTransaction[]> {
    await this.anvil.rpc('evm_setAutomine', [false]);
    const hashes: string[] = [];
    for (const { send, fails = false } of acts)
      hashes.push(await this.anvil.send(fails ? { gas: 100_000n, ...send } : send));
    await this.anvil.mine();
    await this.anvil.rpc('evm_setAutomine', [true]);
    const done: StageTransaction[] = [];
    for (const [index, act] of acts.entries())
      done.push(await this.#record(act, await this.anvil.receipt(hashes[index]!)));
    assert.equal(new Set(done.map((item) => item.block)).size, 1, 'one block');
    return done;
  }

  async deploy(
    name: string,
    types = '',
    args: readonly unknown[] = [],
    from: Send['from'] = 1,
    value = 0n,
  ): Promise<string> {
    const receipt = await this.anvil.deploy(bytecode(name), types, args, from, value);
    const created = receipt.created ?? assert.fail('nothing was created');
    await this.#record({ send: { from, value }, moves: value > 0n ? [this.ether(from, created, value)] : [] }, receipt);
    return created;
  }

  /** Writes down a transaction that was sent in another way. */
  async note(act: Act, hash: string): Promise<StageTransaction> {
    return this.#record(act, await this.anvil.receipt(hash));
  }

  /** Writes down money that the last transaction moved beside what was ordered (a constructor's mint). */
  addToLast(moves: readonly Move[]): void {
    const last = this.transactions.pop()!;
    for (const move of moves) this.#apply(move);
    this.transactions.push({ ...last, moves: [...last.moves, ...moves] });
  }

  /** Forgets what a reorganisation took away: every transaction above a block. */
  forgetAbove(block: bigint): void {
    this.transactions = this.transactions.filter((item) => item.block <= block);
    this.#held.clear();
    for (const [place, amount] of this.genesis) this.#held.set(place, amount);
    for (const { sender, fees, moves } of this.transactions) {
      for (const fee of fees) this.#apply({ from: sender, to: null, asset: this.native, amount: fee });
      for (const move of moves) this.#apply(move);
    }
  }

  /** Every balance of the book is the node's. */
  async agreesWithNode(): Promise<void> {
    for (const [place, amount] of this.#held) {
      const [address, asset] = place.split('|') as [string, string];
      const token = /\/erc20:(0x[0-9a-f]{40})$/.exec(asset)?.[1];
      const said =
        token === undefined
          ? await this.anvil.balance(address)
          : await this.anvil.read(token, 'function balanceOf(address)', [address]);
      assert.equal(amount, said, `${place}: the script's book and the node differ`);
    }
  }

  async #record({ send, moves = [], fails = false }: Act, receipt: Receipt): Promise<StageTransaction> {
    assert.equal(receipt.ok, !fails, `${receipt.hash} ${fails ? 'went well' : 'failed'}`);
    const header = await this.anvil.rpc('eth_getBlockByNumber', [`0x${receipt.block.toString(16)}`, false]);
    const burned = receipt.gasUsed * BigInt(header.baseFeePerGas);
    const transaction = {
      hash: receipt.hash,
      block: receipt.block,
      time: Number(header.timestamp),
      txIndex: receipt.txIndex,
      sender: this.addressOf(send.from),
      fees: [burned, receipt.fee - burned],
      moves: fails ? [] : moves,
    };
    for (const fee of transaction.fees) {
      this.#apply({ from: transaction.sender, to: null, asset: this.native, amount: fee });
    }
    for (const move of transaction.moves) this.#apply(move);
    this.transactions.push(transaction);
    return transaction;
  }

  #apply({ from, to, asset, amount }: Move): void {
    if (from !== null) this.#add(from, asset, -amount);
    if (to !== null) this.#add(to, asset, amount);
  }

  #add(address: string, asset: string, change: bigint): void {
    const after = this.held(address, asset) + change;
    assert.ok(after >= 0n, `${address} would owe ${-after} of ${asset}`);
    this.#held.set(`${address}|${asset}`, after);
  }
}

/** What transactions from `block` on brought an address that gave nothing for it, asset by asset. */
export function arrivalsAt(
  { transactions }: Stage,
  address: string,
  block: bigint,
): { readonly tx: string; readonly address: string; readonly asset: string; readonly amount: bigint }[] {
  return transactions
    .filter((item) => item.block >= block && !item.moves.some((move) => move.from === address && move.amount > 0n))
    .flatMap(({ hash, moves }) =>
      moves
        .filter((move) => move.to === address && move.amount > 0n)
        .map(({ asset, amount }) => ({ tx: hash, address, asset, amount })),
    );
}

/** What a constant-product pool pays for `paid`, as its contract computes it. */
export function poolOutput(paid: bigint, heldIn: bigint, heldOut: bigint): bigint {
  const charged = paid * 997n;
  return (charged * heldOut) / (heldIn * 1000n + charged);
}
