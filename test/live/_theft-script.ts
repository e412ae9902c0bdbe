import { type Anvil, callData, type Wallet, wallet } from './_anvil.ts';
import { type Act, type Move, poolOutput, Stage, type StageTransaction } from './_stage.ts';

/** A theft from beginning to end on an anvil, with innocents around it. Everything it moves stands in `stage`. */

export const ETHER = 10n ** 18n;
export const USDX = 10n ** 6n;

export interface ScriptedTheft {
  readonly stage: Stage;
  readonly drain: StageTransaction;
  readonly thief: string;
  readonly vault: string;
  readonly service: string;
  /** Pays several by inner calls; their addresses stand in its call data alone. null: there is none. */
  readonly splitter: string | null;
  /** CAIP-19 → base units that the drain took. */
  readonly stolen: ReadonlyMap<string, bigint>;
  readonly lastBlock: bigint;
  readonly wallets: readonly Wallet[];
}

interface Town {
  readonly stage: Stage;
  readonly tether: string;
  readonly gold: string;
  readonly tetherPool: string;
  readonly goldPool: string;
  readonly vault: string;
  readonly splitter: string;
  readonly refuser: string;
  readonly thief: Wallet;
  /** Fresh wallets of the first hop (0–5), then of the second (6–11). */
  readonly fresh: readonly Wallet[];
  readonly gatherer: Wallet;
  readonly service: string;
}

export async function scriptTheft(anvil: Anvil): Promise<ScriptedTheft> {
  const town = await build(new Stage(anvil));
  await everydayLife(town);
  const { stage, thief, vault, service } = town;
  const drain = await drainVault(town);
  await swapLoot(town);
  await fanOut(town);
  await secondHop(town);
  await gatherAndDeposit(town);
  await stage.agreesWithNode();
  return {
    stage,
    drain,
    thief: thief.address,
    vault,
    service,
    splitter: town.splitter,
    stolen: new Map(drain.moves.map((move) => [move.asset, move.amount])),
    lastBlock: await anvil.blockNumber(),
    wallets: [thief, ...town.fresh, town.gatherer],
  };
}

/** What of a vault is taken, and how the tokens of it come to be. */
export interface SmallTheft {
  readonly ether?: bigint;
  /** A token of `_contracts`: its constructor, what the vault gets of it and what the thief drains. */
  readonly token?: {
    readonly name: string;
    readonly types: string;
    readonly args: readonly unknown[];
    readonly deposit: bigint;
    readonly drained: bigint;
  };
}

export interface SmallScript extends ScriptedTheft {
  readonly token: string | null;
  readonly thiefWallet: Wallet;
}

/**
 * A theft of one asset or two and nothing around it, from which a test goes on by itself. What a token's own contract does beside what it
 * logs is not in the book: check `stage` against the node only where the token is a plain one.
 */
export async function scriptSmallTheft(anvil: Anvil, { ether = 0n, token }: SmallTheft): Promise<SmallScript> {
  const stage = new Stage(anvil);
  const thief = wallet('thief');
  const vault = await stage.deploy('Vault');
  await stage.pay(2, thief.address, 3n * ETHER);
  if (ether > 0n) await stage.pay(3, vault, ether + ETHER);
  const moves: Move[] = ether > 0n ? [stage.ether(vault, thief.address, ether)] : [];
  let contract: string | null = null;
  if (token !== undefined) {
    contract = await stage.deploy(token.name, token.types, token.args);
    const asset = stage.token(contract);
    stage.addToLast([{ from: null, to: stage.addressOf(1), asset, amount: token.deposit }]);
    await stage.payToken(1, contract, vault, token.deposit);
    moves.push({ from: vault, to: thief.address, asset, amount: token.drained });
  }
  const tokens = contract === null ? [[], []] : [[contract], [token!.drained]];
  const data = callData('function drain(address,uint256,address[],uint256[])', [thief.address, ether, ...tokens]);
  const drain = await stage.act({ send: { from: thief, to: vault, data }, moves });
  return {
    stage,
    drain,
    thief: thief.address,
    thiefWallet: thief,
    vault,
    service: wallet('deposit address of a service').address,
    splitter: null,
    stolen: new Map(moves.map((move) => [move.asset, move.amount])),
    lastBlock: drain.block,
    wallets: [thief],
    token: contract,
  };
}

/** Account 1 owns the tokens, the pools and what is left over. */
async function build(stage: Stage): Promise<Town> {
  const owner = stage.addressOf(1);
  const mint = async (contract: string, amount: bigint): Promise<string> => {
    stage.addToLast([{ from: null, to: owner, asset: stage.token(contract), amount }]);
    return contract;
  };
  const tether = await mint(await stage.deploy('Tether', 'uint256', [50_000_000n * USDX]), 50_000_000n * USDX);
  const gold = await mint(
    await stage.deploy('Token', 'string, uint8, uint256', ['GLD', 18, 1_000_000n * ETHER]),
    1_000_000n * ETHER,
  );
  const tetherPool = await stage.deploy('Pool', 'address', [tether], 1, 700n * ETHER);
  const goldPool = await stage.deploy('Pool', 'address', [gold], 1, 321n * ETHER + 7n);
  await stage.payToken(1, tether, tetherPool, 2_100_000n * USDX + 1n);
  await stage.payToken(1, gold, goldPool, 98_765n * ETHER + 4_321n);
  const fresh = Array.from({ length: 12 }, (_, index) => wallet(`fresh ${index}`));
  return {
    stage,
    tether,
    gold,
    tetherPool,
    goldPool,
    vault: await stage.deploy('Vault'),
    splitter: await stage.deploy('Splitter'),
    refuser: await stage.deploy('Refuser'),
    thief: wallet('thief'),
    fresh,
    gatherer: wallet('gatherer'),
    service: wallet('deposit address of a service').address,
  };
}

/** Innocents trade and fill the vault; the thief's wallets hold clean money before the theft. */
async function everydayLife({ stage, tether, gold, vault, thief, fresh, gatherer, service }: Town): Promise<void> {
  await stage.together([
    stage.payment(2, vault, 60n * ETHER),
    stage.payment(3, vault, 41n * ETHER + 17n),
    stage.payment(5, stage.addressOf(6), 3n * ETHER),
    stage.tokenPayment(1, tether, vault, 900_000n * USDX + 5n),
    stage.tokenPayment(1, gold, vault, 12_345n * ETHER),
    stage.tokenPayment(1, tether, thief.address, 1_234n * USDX),
  ]);
  await stage.pay(5, thief.address, ETHER + 11n);
  await stage.pay(6, fresh[0]!.address, ETHER / 2n);
  await stage.pay(7, gatherer.address, 3n * ETHER + 1n);
  await stage.pay(8, service, 9n * ETHER);
  await stage.pay(6, stage.addressOf(7), 2n * ETHER);
}

async function drainVault({ stage, thief, vault, tether, gold }: Town): Promise<StageTransaction> {
  const ether = 77n * ETHER + 123_456_789n;
  const loot = [640_000n * USDX + 3n, 12_000n * ETHER + 999n];
  const data = callData('function drain(address,uint256,address[],uint256[])', [
    thief.address,
    ether,
    [tether, gold],
    loot,
  ]);
  const out = { from: vault, to: thief.address };
  return stage.act({
    send: { from: thief, to: vault, data },
    moves: [
      { ...out, asset: stage.native, amount: ether },
      { ...out, asset: stage.token(tether), amount: loot[0]! },
      { ...out, asset: stage.token(gold), amount: loot[1]! },
    ],
  });
}

/** Two swaps at the pools; innocents move the price between them. Some of each token is kept. */
async function swapLoot(town: Town): Promise<void> {
  const { stage, thief, tether, gold, tetherPool, goldPool, refuser } = town;
  await stage.act(approval(thief, tether, tetherPool, 10n ** 30n));
  await stage.act(sellTokens(town, thief, tether, tetherPool, 500_000n * USDX));
  await stage.act(buyTokens(town, 4, tether, tetherPool, 5n * ETHER));
  await stage.pay(5, thief.address, 2n * ETHER + 5n);
  await stage.together([
    approval(thief, gold, goldPool, 10n ** 30n),
    sellTokens(town, thief, gold, goldPool, 8_000n * ETHER),
  ]);
  await stage.act({ send: { from: thief, to: refuser, value: ETHER }, fails: true });
}

/** Six fresh wallets: three are paid one by one, three by a contract's inner calls. Dust, and a transfer of nothing. */
async function fanOut({ stage, thief, fresh, splitter, tether, gold }: Town): Promise<void> {
  await stage.together([
    stage.payment(thief, fresh[0]!.address, 31n * ETHER),
    stage.payment(thief, fresh[1]!.address, 29n * ETHER + 1n),
    stage.payment(8, stage.addressOf(5), ETHER / 3n),
    stage.payment(thief, fresh[2]!.address, 17n * ETHER),
  ]);
  const parts = fresh.slice(3, 6).map((item) => item.address);
  const value = 40n * ETHER + 2n;
  const part = value / 3n;
  await stage.act({
    send: { from: thief, to: splitter, value, data: callData('function split(address[])', [parts]) },
    moves: [
      stage.ether(thief, splitter, value),
      ...parts.map((to, index) => stage.ether(splitter, to, index === 2 ? value - 2n * part : part)),
    ],
  });
  await stage.payToken(thief, tether, fresh[2]!.address, 90_000n * USDX);
  await stage.payToken(thief, gold, fresh[3]!.address, 2_500n * ETHER);
  await stage.pay(6, fresh[1]!.address, 1n);
  await stage.pay(fresh[1]!, fresh[4]!.address, 0n);
}

async function secondHop({ stage, fresh, tether, gold }: Town): Promise<void> {
  const [a, b, c, d, e] = fresh as [Wallet, Wallet, Wallet, Wallet, Wallet];
  const second = fresh.slice(6).map((item) => item.address);
  await stage.together([
    stage.payment(a, second[0]!, 20n * ETHER + 3n),
    stage.payment(b, second[1]!, 28n * ETHER),
    stage.payment(6, second[1]!, ETHER),
    stage.payment(a, second[2]!, 10n * ETHER),
  ]);
  await stage.together([
    stage.payment(c, second[2]!, 8n * ETHER),
    stage.payment(d, second[3]!, 13n * ETHER),
    stage.payment(e, second[4]!, 9n * ETHER + 7n),
    stage.tokenPayment(c, tether, second[2]!, 45_000n * USDX),
    stage.tokenPayment(d, gold, second[3]!, 1_000n * ETHER + 1n),
  ]);
  // A payment for something bought: taint ends with an innocent, who goes on living.
  await stage.pay(e, stage.addressOf(9), ETHER);
  await stage.pay(9, stage.addressOf(8), 2n * ETHER);
}

/** Back into one wallet, and from there, with its own clean money, to the service; some goes there directly. */
async function gatherAndDeposit({ stage, fresh, gatherer, service, tether }: Town): Promise<void> {
  const second = fresh.slice(6);
  for (const [index, amount] of [19n, 25n, 17n, 12n].entries()) {
    await stage.pay(second[index]!, gatherer.address, amount * ETHER);
  }
  await stage.pay(gatherer, service, 50n * ETHER);
  await stage.together([
    stage.payment(gatherer, service, 15n * ETHER + 9n),
    stage.payment(7, service, 4n * ETHER),
    stage.tokenPayment(second[2]!, tether, service, 30_000n * USDX),
  ]);
  await stage.pay(2, stage.addressOf(3), ETHER);
}

export function approval(from: Wallet, token: string, spender: string, amount: bigint): Act {
  return {
    send: { from, to: token, gas: 100_000n, data: callData('function approve(address,uint256)', [spender, amount]) },
  };
}

function sellTokens({ stage }: Town, from: Wallet, token: string, pool: string, amount: bigint): Act {
  const asset = stage.token(token);
  const out = poolOutput(amount, stage.held(pool, asset), stage.held(pool, stage.native));
  return {
    // The gas is given: where the approval waits in the same block, nothing could be estimated.
    send: { from, to: pool, gas: 200_000n, data: callData('function swapTokenForETH(uint256,uint256)', [amount, 0n]) },
    moves: [{ from: from.address, to: pool, asset, amount }, stage.ether(pool, from.address, out)],
  };
}

function buyTokens({ stage }: Town, from: number, token: string, pool: string, value: bigint): Act {
  const asset = stage.token(token);
  const amount = poolOutput(value, stage.held(pool, stage.native), stage.held(pool, asset));
  return {
    send: { from, to: pool, value, data: callData('function swapETHForToken(uint256)', [0n]) },
    moves: [stage.ether(from, pool, value), { from: pool, to: stage.addressOf(from), asset, amount }],
  };
}
