import { ASSETS, NATIVE } from './asset.ts';
import type { Economy } from './economy.ts';
import { GAS } from './era.ts';
import {
  COLD,
  denomination,
  EXCHANGES,
  FIRST_PERSON,
  HOT,
  LARGEST_MIXER,
  MERCHANT,
  MIXER,
  POOL,
  RELAYER,
  ROUTER,
  WHALE,
} from './roster.ts';
import { KIND } from './row.ts';

/** One honest thing that happens; it always writes a row, so that time passes. */
export type Action = (economy: Economy) => void;

/** Small amounts are common, large ones rare: a factor from 1 to 2 on a power of two from 0 to `powers` - 1. */
function amountOf(economy: Economy, asset: number, least: number, powers: number): number {
  const { random } = economy;
  const size = least * (1 + random.unit()) * 2 ** random.below(powers);
  const step = random.below(10) < 3 ? 100 : ASSETS[asset]!.one;
  return Math.max(1, Math.floor((Math.ceil(size * step) / step) * ASSETS[asset]!.one));
}

function nativeAmount(economy: Economy): number {
  return amountOf(economy, NATIVE, 0.01, 10);
}

/** Of the tokens, the dollar is the one that people use most. */
function tokenOf(economy: Economy): number {
  const roll = economy.random.below(10);
  return roll < 7 ? 1 : roll < 9 ? 2 : 3;
}

const LEAST_TOKEN = [0, 2, 0.05, 0.0001];

function tokenAmount(economy: Economy, asset: number): number {
  return amountOf(economy, asset, LEAST_TOKEN[asset]!, 12);
}

const canPay = (economy: Economy, person: number, amount: number, gas: number): boolean =>
  economy.spendable(person, NATIVE) >= amount + economy.fee(gas);

/** An exchange pays a customer out of its hot wallet. */
function withdrawTo(economy: Economy, person: number, asset: number): void {
  const { exchange } = economy.depositOf(person);
  economy.keepHot(exchange, asset);
  if (asset !== NATIVE) economy.keepHot(exchange, NATIVE);
  const hot = HOT + exchange;
  const wanted = asset === NATIVE ? amountOf(economy, NATIVE, 0.04, 9) : tokenAmount(economy, asset) * 4;
  const amount = Math.min(wanted, Math.floor(economy.spendable(hot, asset) / 2));
  economy.send(hot, person, asset, amount);
}

const withdraw: Action = (economy) => {
  const asset = economy.random.below(3) === 0 ? tokenOf(economy) : NATIVE;
  withdrawTo(economy, economy.person(), asset);
};

const pay: Action = (economy) => {
  const person = economy.person();
  const amount = nativeAmount(economy);
  if (canPay(economy, person, amount, GAS.transfer)) economy.send(person, economy.person(), NATIVE, amount);
  else withdrawTo(economy, person, NATIVE);
};

const payToken: Action = (economy) => {
  const person = economy.person();
  const asset = tokenOf(economy);
  const amount = tokenAmount(economy, asset);
  const toMerchant = economy.random.below(3) === 0;
  if (!canPay(economy, person, 0, GAS.token)) withdrawTo(economy, person, NATIVE);
  else if (economy.spendable(person, asset) < amount) withdrawTo(economy, person, asset);
  else economy.send(person, toMerchant ? MERCHANT + economy.random.below(3) : economy.person(), asset, amount);
};

/** Most of what a person has goes to the person's deposit address. */
const deposit: Action = (economy) => {
  const person = economy.person();
  const held = economy.spendable(person, 1);
  const asset = held > 0 && economy.random.below(3) === 0 ? 1 : NATIVE;
  const fee = economy.fee(asset === NATIVE ? GAS.transfer : GAS.token);
  const most = economy.spendable(person, asset) - (asset === NATIVE ? fee : 0);
  const amount = Math.floor(most * (0.5 + 0.5 * economy.random.unit()));
  const { actor } = economy.depositOf(person);
  const worthwhile = asset === NATIVE ? fee * 4 : 1e6;
  const able = economy.spendable(person, NATIVE) >= fee && amount > worthwhile;
  if (able && economy.sweepLater(actor, asset)) economy.send(person, actor, asset, amount);
  else withdrawTo(economy, person, NATIVE);
};

/** Through the router, in one transaction: to the token or from it. */
const swap: Action = (economy) => {
  const person = economy.person();
  const asset = tokenOf(economy);
  const rate = 0.994 + 0.005 * economy.random.unit();
  if (!canPay(economy, person, 0, GAS.swap)) withdrawTo(economy, person, NATIVE);
  else if (economy.spendable(person, asset) > 0 && economy.random.below(2) === 0) sell(economy, person, asset, rate);
  else buy(economy, person, asset, rate);
};

function sell(economy: Economy, person: number, asset: number, rate: number): void {
  const amount = Math.ceil(economy.spendable(person, asset) * (0.2 + 0.8 * economy.random.unit()));
  const out = Math.floor(amount * economy.price(asset) * rate);
  const pool = POOL + asset - 1;
  if (out === 0 || economy.spendable(pool, NATIVE) < out) {
    withdrawTo(economy, person, NATIVE);
    return;
  }
  economy.begin();
  economy.ledger.move(KIND.token, person, pool, asset, amount);
  economy.ledger.move(KIND.internal, pool, ROUTER, NATIVE, out);
  economy.ledger.move(KIND.internal, ROUTER, person, NATIVE, out);
  economy.ledger.fee(person, GAS.swap);
}

function buy(economy: Economy, person: number, asset: number, rate: number): void {
  const able = economy.spendable(person, NATIVE) - economy.fee(GAS.swap);
  const amount = Math.min(nativeAmount(economy), able);
  const out = Math.floor((amount * rate) / economy.price(asset));
  const pool = POOL + asset - 1;
  if (out === 0 || economy.spendable(pool, asset) < out) {
    withdrawTo(economy, person, asset);
    return;
  }
  economy.begin();
  economy.ledger.move(KIND.transfer, person, ROUTER, NATIVE, amount);
  economy.ledger.move(KIND.internal, ROUTER, pool, NATIVE, amount);
  economy.ledger.move(KIND.token, pool, person, asset, out);
  economy.ledger.fee(person, GAS.swap);
}

/** People use the mixer too: what goes in comes out to somebody new, less what the relayer takes. */
const mixer: Action = (economy) => {
  const { random } = economy;
  const size = random.below(10);
  const index = size < 5 ? 0 : size < 8 ? 1 : size < 9 ? 2 : LARGEST_MIXER - MIXER;
  const pool = MIXER + index;
  const amount = denomination(index);
  const person = economy.person();
  if (random.below(2) === 0 && economy.spendable(pool, NATIVE) >= amount) leaveMixer(economy, pool, amount);
  else if (!canPay(economy, person, amount, GAS.mixer)) withdrawTo(economy, person, NATIVE);
  else {
    economy.begin();
    economy.ledger.move(KIND.transfer, person, pool, NATIVE, amount);
    economy.ledger.fee(person, GAS.mixer);
  }
};

function leaveMixer(economy: Economy, pool: number, amount: number): void {
  const share = Math.floor(amount / 100);
  economy.begin();
  economy.ledger.move(KIND.internal, pool, economy.person(), NATIVE, amount - share);
  economy.ledger.move(KIND.internal, pool, RELAYER, NATIVE, share);
  economy.ledger.fee(RELAYER, 20_000);
}

/** Nothing moves but the gas: a failed call, an address poisoning, a payment to oneself. */
const oddity: Action = (economy) => {
  const person = economy.person();
  const roll = economy.random.below(4);
  if (!canPay(economy, person, 1_000, GAS.token)) withdrawTo(economy, person, NATIVE);
  else if (roll === 0) economy.send(person, person, NATIVE, 1_000);
  else if (roll === 1) economy.send(person, economy.person(), 1, 0);
  else if (roll === 2) economy.send(person, ROUTER, NATIVE, 0);
  else economy.send(person, economy.person(), NATIVE, 1 + economy.random.below(999));
};

/** Large, round and honest. */
const whale: Action = (economy) => {
  const from = WHALE + economy.random.below(2);
  const amount = (1 + economy.random.below(8)) * 25 * ASSETS[NATIVE]!.one;
  const able = economy.spendable(from, NATIVE) >= amount + economy.fee(GAS.transfer);
  if (able) economy.send(from, FIRST_PERSON + economy.random.below(economy.plan.roster.persons), NATIVE, amount);
  else economy.fund(COLD + economy.random.below(EXCHANGES.length), from, NATIVE, amount * 10);
};

/** Merchants bring what they took to an exchange. */
const merchant: Action = (economy) => {
  const from = MERCHANT + economy.random.below(3);
  const amount = economy.spendable(from, 1);
  const hot = HOT + (from % 4);
  const able = amount > 0 && economy.spendable(from, NATIVE) >= economy.fee(GAS.token);
  if (able) economy.send(from, hot, 1, amount);
  else withdrawTo(economy, economy.person(), NATIVE);
};

function times(count: number, action: Action): readonly Action[] {
  return Array.from({ length: count }, () => action);
}

/** Of a hundred things that happen. */
export const ACTIONS: readonly Action[] = [
  ...times(27, pay),
  ...times(21, payToken),
  ...times(18, withdraw),
  ...times(14, deposit),
  ...times(13, swap),
  ...times(2, mixer),
  ...times(3, oddity),
  ...times(1, whale),
  ...times(1, merchant),
];
