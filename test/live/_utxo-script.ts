import assert from 'node:assert/strict';
import { formatAmount } from '../../src/base/money.ts';
import type { Step, StopKind } from '../../src/taint/step.ts';
import type { TraceResult } from '../../src/trace/result.ts';
import type { Litecoind } from './_litecoind.ts';
import { assertConserved, METHODS, PlaceNames, saidOf, truthOf } from './_truth.ts';

/** A theft from beginning to end on a litecoind, written down by the script itself: what it spends and what it makes. */

export const CHAIN = 'bip122:530827f38f93b43ed12af0b3ad25a288';
const ASSET = `${CHAIN}/slip44:1`;
const COIN = 100_000_000n;
const BLOCK_SECONDS = 150;
const START = 1_750_000_000;

export interface Coin {
  readonly tx: string;
  readonly index: number;
  readonly address: string;
  readonly value: bigint;
}

/** An output ordered: to an address, or data that nobody can spend. */
export type Order = { readonly address: string; readonly value: bigint } | { readonly data: string };

export interface ScriptSpend {
  readonly tx: string;
  readonly inputs: readonly Coin[];
  readonly outputs: readonly Coin[];
}

/** Transactions signed by the node's wallet, which has everybody's keys; the book is the script's own. */
export class UtxoStage {
  readonly node: Litecoind;
  readonly spends: ScriptSpend[] = [];
  /** Transaction → time of its block, in order of blocks. */
  readonly times = new Map<string, number>();
  #waiting: string[] = [];

  constructor(node: Litecoind) {
    this.node = node;
  }

  address(type: 'legacy' | 'p2sh-segwit' | 'bech32' = 'bech32'): Promise<string> {
    return this.node.rpc('getnewaddress', '', type) as Promise<string>;
  }

  /** One block with everything that waits, at the next time. */
  async block(to?: string): Promise<void> {
    await this.#tick();
    const [hash] = (await this.node.rpc('generatetoaddress', 1, to ?? (await this.address()))) as string[];
    const tx = await this.#noteBlock(hash!);
    for (const id of this.#waiting) assert.ok(tx.includes(id), `${id} waits still`);
    this.#waiting = [];
  }

  /** Spends coins; what the orders leave is the fee. Waits for `block`. */
  async spend(inputs: readonly Coin[], orders: readonly Order[]): Promise<readonly Coin[]> {
    const hex = await this.#signed(inputs, orders);
    const tx = (await this.node.rpc('sendrawtransaction', hex, 0)) as string;
    this.#waiting.push(tx);
    return this.#note(tx, inputs, orders);
  }

  /** A block of this one transaction, whatever else waits: what it spends may be spent otherwise among those that wait. */
  async spendInBlock(inputs: readonly Coin[], orders: readonly Order[]): Promise<readonly Coin[]> {
    const hex = await this.#signed(inputs, orders);
    const { txid } = (await this.node.rpc('decoderawtransaction', hex)) as { txid: string };
    await this.#blockOf([hex]);
    return this.#note(txid, inputs, orders);
  }

  /** Takes the last blocks off the chain and puts as many empty ones in their place, and one more. */
  async reorganise(depth: number): Promise<void> {
    const height = Number(await this.node.rpc('getblockcount'));
    const gone = new Set<string>();
    for (let number = height - depth + 1; number <= height; number += 1) {
      const { tx } = (await this.node.rpc('getblock', await this.node.rpc('getblockhash', number), 1)) as {
        tx: string[];
      };
      for (const id of tx) gone.add(id);
    }
    await this.node.rpc('invalidateblock', await this.node.rpc('getblockhash', height - depth + 1));
    this.#forget(gone);
    for (let made = 0; made <= depth; made += 1) await this.#blockOf([]);
  }

  async #blockOf(transactions: readonly string[]): Promise<void> {
    await this.#tick();
    const made = (await this.node.rpc('generateblock', await this.address(), transactions)) as { hash: string };
    await this.#noteBlock(made.hash);
  }

  async #tick(): Promise<void> {
    const height = Number(await this.node.rpc('getblockcount'));
    await this.node.rpc('setmocktime', START + (height + 1) * BLOCK_SECONDS);
  }

  async #noteBlock(hash: string): Promise<readonly string[]> {
    const { time, tx } = (await this.node.rpc('getblock', hash, 1)) as { time: number; tx: string[] };
    for (const id of tx.slice(1)) this.times.set(id, time);
    return tx;
  }

  async #signed(inputs: readonly Coin[], orders: readonly Order[]): Promise<string> {
    const raw = await this.node.rpc(
      'createrawtransaction',
      inputs.map(({ tx, index }) => ({ txid: tx, vout: index })),
      orders.map((order) => ('data' in order ? order : { [order.address]: formatAmount(order.value, 8) })),
    );
    const signed = (await this.node.rpc('signrawtransactionwithwallet', raw)) as { hex: string; complete: boolean };
    assert.ok(signed.complete, 'signed');
    return signed.hex;
  }

  #note(tx: string, inputs: readonly Coin[], orders: readonly Order[]): readonly Coin[] {
    const outputs = orders.map((order, index) =>
      'data' in order
        ? { tx, index, address: 'data', value: 0n }
        : { tx, index, address: order.address, value: order.value },
    );
    this.spends.push({ tx, inputs, outputs });
    return outputs;
  }

  /** Forgets transactions whose blocks are gone, and everything that spends their coins. */
  #forget(gone: ReadonlySet<string>): void {
    const dead = new Set(gone);
    for (const { tx, inputs } of this.spends) if (inputs.some((coin) => dead.has(coin.tx))) dead.add(tx);
    const alive = this.spends.filter((spend) => !dead.has(spend.tx));
    this.spends.splice(0, this.spends.length, ...alive);
    for (const tx of dead) this.times.delete(tx);
  }
}

export interface UtxoScript {
  readonly stage: UtxoStage;
  /** The transaction of the theft. */
  readonly theft: string;
  readonly victim: string;
  readonly service: string;
  readonly stolen: bigint;
  /** Coins of the thief that are unspent at the end; the first is the end of the peel chain. */
  readonly rest: readonly Coin[];
  /** What was gathered into one: these coins are free again where the last two blocks are taken away. */
  readonly gathered: readonly Coin[];
}

export async function scriptUtxoTheft(node: Litecoind): Promise<UtxoScript> {
  const stage = new UtxoStage(node);
  await node.rpc('createwallet', 'everybody', false, false, '', false, false, true);
  const coins = await mineCoins(stage, 6);
  const victim = await stage.address();
  const service = await stage.address('p2sh-segwit');
  const hoard = await stage.spend(coins.slice(0, 3), [
    { address: victim, value: 40n * COIN },
    { address: await stage.address('legacy'), value: 100n * COIN },
  ]);
  const [more] = await stage.spend([coins[3]!], [{ address: victim, value: 45n * COIN }]);
  const innocents = await split(stage, [coins[4]!], [3n, 4n, 5n, 6n, 7n]);
  const [own] = await split(stage, [coins[5]!], [9n]);
  await stage.block();
  const loot = await stage.spend(
    [hoard[0]!, more!],
    [
      { address: await stage.address('legacy'), value: 51n * COIN + 7n },
      { address: victim, value: 4n * COIN },
      { address: await stage.address('p2sh-segwit'), value: 29n * COIN + 123_456n },
    ],
  );
  await stage.block();
  const fan = await fanOut(stage, loot[0]!);
  const left = await peel(stage, fan[0]!, service);
  const mixed = await mix(stage, fan[1]!, innocents);
  const gathered = [fan[2]!, loot[2]!, own!, mixed[0]!];
  const rest = await gather(stage, gathered, service);
  return {
    stage,
    theft: loot[0]!.tx,
    victim,
    service,
    stolen: loot[0]!.value + loot[2]!.value,
    rest: [left, ...rest, ...fan.slice(3, 6), mixed[1]!],
    gathered,
  };
}

/** Coins of new blocks, old enough to be spent. */
async function mineCoins(stage: UtxoStage, count: number): Promise<Coin[]> {
  const miner = await stage.address();
  for (let made = 0; made < count; made += 1) await stage.block(miner);
  await stage.node.rpc('setmocktime', START + 101 * BLOCK_SECONDS);
  await stage.node.rpc('generatetoaddress', 100, await stage.address());
  const listed = (await stage.node.rpc('listunspent', 1, 9999, [miner])) as { txid: string; vout: number }[];
  return listed.map(({ txid, vout }) => ({ tx: txid, index: vout, address: miner, value: 50n * COIN }));
}

/** One new address each (whole coins), what is left goes back to a new address too. */
async function split(stage: UtxoStage, coins: readonly Coin[], whole: readonly bigint[]): Promise<readonly Coin[]> {
  const orders: Order[] = [];
  for (const value of whole) orders.push({ address: await stage.address(), value: value * COIN });
  return stage.spend(coins, orders);
}

/** Six new addresses of three kinds, and a note that no one can spend. */
async function fanOut(stage: UtxoStage, loot: Coin): Promise<readonly Coin[]> {
  const kinds = ['bech32', 'legacy', 'p2sh-segwit'] as const;
  const orders: Order[] = [];
  for (const [index, value] of [12n, 6n, 9n, 8n, 8n, 7n].entries()) {
    orders.push({ address: await stage.address(kinds[index % 3]), value: value * COIN + BigInt(index) });
  }
  const coins = await stage.spend([loot], [...orders, { data: '686f6c64' }]);
  await stage.block();
  return coins;
}

/** Thirty-two hops: each pays a little away and the rest on; every eighth payment is to the service. Several hops share a block. */
async function peel(stage: UtxoStage, start: Coin, service: string): Promise<Coin> {
  let coin = start;
  for (let hop = 0; hop < 32; hop += 1) {
    const away = COIN / 5n + BigInt(hop);
    const to = hop % 8 === 7 ? service : await stage.address('legacy');
    const outputs = await stage.spend(
      [coin],
      [
        { address: to, value: away },
        { address: await stage.address(), value: coin.value - away - 1_000n - BigInt(hop) },
      ],
    );
    coin = outputs[1]!;
    if (hop % 6 === 5) await stage.block();
  }
  await stage.block();
  return coin;
}

/** Six coins of six owners, five of them clean; equal outputs in the middle, change around them. Two equal outputs are returned. */
async function mix(stage: UtxoStage, dirty: Coin, innocents: readonly Coin[]): Promise<readonly Coin[]> {
  const inputs = [innocents[0]!, innocents[1]!, dirty, innocents[2]!, innocents[3]!, innocents[4]!];
  const orders: Order[] = [];
  for (const _ of inputs) orders.push({ address: await stage.address(), value: 2n * COIN + COIN / 2n });
  for (const { value } of inputs) {
    const change = value - 2n * COIN - COIN / 2n - 3_000n;
    orders.push({ address: await stage.address(), value: change });
  }
  const outputs = await stage.spend(inputs, orders);
  await stage.block();
  // An innocent goes on with a coin out of the mix and change of another's.
  await stage.spend(
    [outputs[4]!, outputs[9]!],
    [{ address: await stage.address(), value: outputs[4]!.value + outputs[9]!.value - 2_000n }],
  );
  return outputs;
}

/** Two loot coins, a clean one and one out of the mix become one; most of it goes to the service, twice in one block. */
async function gather(stage: UtxoStage, coins: readonly Coin[], service: string): Promise<readonly Coin[]> {
  const sum = coins.reduce((total, coin) => total + coin.value, 0n);
  const [one] = await stage.spend(coins, [{ address: await stage.address('p2sh-segwit'), value: sum - 5_000n }]);
  const [first, rest] = await stage.spend(
    [one!],
    [
      { address: service, value: 20n * COIN + 1n },
      { address: await stage.address(), value: one!.value - 20n * COIN - 2_001n },
    ],
  );
  await stage.block();
  assert.equal(first!.address, service);
  const last = await stage.spend(
    [rest!],
    [
      { address: await stage.address(), value: rest!.value - 11n * COIN - 700n },
      { address: service, value: 11n * COIN },
    ],
  );
  await stage.block();
  return [last[0]!];
}

/** Where the units truly are, by the reference over the script's own spends. */
export function assertUtxoTruth(result: TraceResult, script: UtxoScript): void {
  assert.equal(result.theft.stolen, script.stolen.toString(), 'what was stolen');
  assert.deepEqual(result.furtherThefts, []);
  assertConserved(result);
  for (const method of METHODS) {
    const places = new PlaceNames(new Map<string, StopKind>([[script.service, 'service']]));
    const truth = truthOf(method, places, [{ id: result.theft.id }], utxoSteps(script, places));
    assert.deepEqual(saidOf(result.methods[method]!), truth.get(result.theft.id), method);
  }
}

function utxoSteps({ stage, theft, victim }: UtxoScript, places: PlaceNames): Step[] {
  const at = ({ tx, index, address }: Coin): number =>
    places.id({ name: `${tx}:${index}`, owner: address, asset: ASSET });
  return stage.spends.flatMap(({ tx, inputs, outputs }, row): Step[] => {
    const time = stage.times.get(tx) ?? assert.fail(`${tx} is in no block`);
    const end = (coin: Coin): { place: number; value: bigint } => ({ place: at(coin), value: coin.value });
    const step: Step = { kind: 'utxo', time, inputs: inputs.map(end), outputs: outputs.map(end), row };
    const seeds = outputs
      .filter((coin) => tx === theft && coin.address !== victim)
      .map(
        (coin): Step => ({
          kind: 'seed',
          time,
          theft: 0,
          place: at(coin),
          amount: coin.value,
          units: coin.value,
          mode: 'mark',
        }),
      );
    return [step, ...seeds];
  });
}
