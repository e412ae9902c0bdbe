import { distinct, type MixView, paidIn, ScriptKind, shared, sum } from './coinjoin-view.ts';

/** A taker asks for four makers at least unless told otherwise (joinmarket.cfg, minimum_makers), so there are five participants. */
export const USUAL_PARTICIPANTS = 5;
/** JoinMarket's constant: no maker takes part for less, and no maker's change is smaller; in satoshi. */
export const MIN_AMOUNT = 27_300;
/** What makers offer unless told otherwise (minsize); asked for where fewer than five take part. */
export const USUAL_MIN_AMOUNT = 100_000;
/**
 * Most that a maker earns, as a share of the amount. Makers ask for 0.002 % or 500 satoshi unless told otherwise and takers pay up to 0.3 %;
 * most accounts in the data lie under 0.03 %, and a wider window lets more in by chance than by right.
 */
export const MAX_EARNED_SHARE = 0.0005;
/** … or in satoshi, where the amount is small. */
export const MAX_EARNED = 500;
/** With more addresses than this, some one or two of them fit any change by chance. */
const MAX_ADDRESSES_OF_FEW = 10;
/** Among transactions that have the outline by chance, one in fifty has one account that balances, and one in some thousands two. */
const ACCOUNTS_OF_ONE_TYPE = 1;
const ACCOUNTS_OF_ANY_TYPE = 2;

export interface JoinMarket {
  readonly amount: number;
  readonly participants: number;
  /** Without change, the taker emptied an account. */
  readonly sweep: boolean;
  /** Participants who put in one address (of fewer than five participants, two at most) and got back as much and a maker's fee. */
  readonly accounts: number;
  /** One script type throughout, but for one output that may pay a stranger; null where scripts are not known. */
  readonly oneWalletType: boolean | null;
}

interface Outline {
  readonly amount: number;
  readonly participants: number;
  readonly changes: readonly number[];
}

/**
 * JoinMarket: n equal outputs, and one change for each participant, or for each but the taker. Every output has an address of its own that
 * nobody paid from; the addresses that paid can cover n times the amount. And some accounts balance: a maker gets back what it put in and its fee.
 * One is enough where five or more take part from wallets of one type, two where their types are not known or differ; where fewer take part,
 * every maker's must. (Payments by one owner pay fees and earn none; so does a Stonewall.)
 */
export function findJoinMarket(view: MixView): JoinMarket | null {
  const outline = outlineOf(view);
  if (outline === null || outline.amount < MIN_AMOUNT || view.groups.data > 0) return null;
  const { amount, participants, changes } = outline;
  if (distinct(view.outputOwners) < view.outputs.length || shared(view.inputOwners, view.outputOwners)) return null;
  const paid = paidIn(view);
  if (paid.length < participants || mayCover(paid, amount) < participants) return null;
  const oneWalletType = hasOneWalletType(view, amount);
  const few = participants < USUAL_PARTICIPANTS;
  const accounts = few ? accountsOfFew(paid, outline) : accountsOfMany(paid, outline);
  if (few) {
    const proved = amount >= USUAL_MIN_AMOUNT && accounts === participants - 1 && oneWalletType !== false;
    if (!proved) return null;
  } else if (accounts < (oneWalletType === true ? ACCOUNTS_OF_ONE_TYPE : ACCOUNTS_OF_ANY_TYPE)) return null;
  return { amount, participants, sweep: changes.length < participants, accounts, oneWalletType };
}

/**
 * The bare outline, by which Dumplings files "other CoinJoins": n ≥ 2 equal outputs, n or n - 1 others, n paying addresses, n paid ones, and
 * no input larger than the amount and the largest other output: whoever put that in may have lost nothing. Dumplings wants it 10,000 satoshi
 * smaller, and so drops the mixes in which a maker paid in the largest coin. Sales of inscriptions and tokens, payouts and Stonewalls have it as well.
 */
export function findJointPayment(view: MixView): Pick<JoinMarket, 'amount' | 'participants'> | null {
  const outline = outlineOf(view);
  if (outline === null) return null;
  const { amount, participants, changes } = outline;
  if (distinct(view.inputOwners) < participants || distinct(view.outputOwners) < participants) return null;
  if (largest(view.inputs) > amount + largest(changes)) return null;
  return { amount, participants };
}

function outlineOf({ outputs, groups }: MixView): Outline | null {
  const { equal: participants, value: amount } = groups;
  const others = outputs.length - participants;
  if (groups.repeated !== 1 || participants < 2 || others > participants || others < participants - 1) return null;
  return { amount, participants, changes: [...outputs].filter((value) => value !== amount).sort((a, b) => b - a) };
}

function largest(amounts: Iterable<number>): number {
  let most = 0;
  for (const amount of amounts) most = Math.max(most, amount);
  return most;
}

/** An upper bound of how many shares of `amount` the addresses can be sorted into; none is split. */
function mayCover(paid: readonly number[], amount: number): number {
  const alone = paid.filter((value) => value >= amount).length;
  return alone + Math.floor(sum(paid.filter((value) => value < amount)) / amount);
}

/** JoinMarket wallets have one script type, and makers ask for it: only the taker may pay a stranger with another. */
function hasOneWalletType({ inputScripts, outputScripts, outputs }: MixView, amount: number): boolean | null {
  if (inputScripts === null || outputScripts === null) return null;
  const [type] = inputScripts;
  if (type === undefined || type === ScriptKind.unknown || inputScripts.some((kind) => kind !== type)) return false;
  const strangers = outputs.filter((value, at) => outputScripts[at] !== type && value === amount).length;
  const otherChange = outputs.some((value, at) => outputScripts[at] !== type && value !== amount);
  return strangers <= 1 && !otherChange;
}

/** Each change takes the address whose owner then earned least; no address counts twice. At most as many as there are makers. */
function accountsOfMany(paid: readonly number[], { amount, participants, changes }: Outline): number {
  const most = mostEarned(amount);
  const left = [...paid];
  let accounts = 0;
  for (const change of changes) {
    const at = bestPayer(left, amount + change, most, 0);
    if (at < 0) continue;
    left.splice(at, 1);
    accounts += 1;
  }
  return Math.min(accounts, participants - 1);
}

function mostEarned(amount: number): number {
  return Math.max(MAX_EARNED_SHARE * amount, MAX_EARNED);
}

/** Index of the largest payment of at most `returned - least` and at least `returned - most`; -1 where there is none. Largest first. */
function bestPayer(paid: readonly number[], returned: number, most: number, least: number): number {
  let [at, end] = [0, paid.length];
  while (at < end) {
    const middle = (at + end) >>> 1;
    if (paid[middle]! > returned - least) at = middle + 1;
    else end = middle;
  }
  return at < paid.length && paid[at]! >= returned - most ? at : -1;
}

/** As above, but a maker may have paid from two addresses, and must have earned something. */
function accountsOfFew(paid: readonly number[], { amount, participants, changes }: Outline): number {
  if (paid.length > MAX_ADDRESSES_OF_FEW) return 0;
  const most = mostEarned(amount);
  let left = [...paid];
  let accounts = 0;
  for (const change of changes) {
    // The last participant is the taker, who pays the rest: its account balances in any case.
    if (accounts === participants - 1 || left.length < 2) break;
    const used = bestPair(left, amount + change, most);
    if (used === null) continue;
    left = left.filter((_, at) => !used.includes(at));
    accounts += 1;
  }
  return left.length > 0 ? accounts : 0;
}

function bestPair(paid: readonly number[], returned: number, most: number): readonly number[] | null {
  const alone = bestPayer(paid, returned, most, 1);
  let best: readonly number[] | null = alone < 0 ? null : [alone];
  let earned = best === null ? most : returned - paid[alone]!;
  for (const [first, value] of paid.entries()) {
    for (let second = first + 1; second < paid.length; second += 1) {
      const rest = returned - value - paid[second]!;
      if (rest < 1 || rest > earned || (rest === earned && best !== null)) continue;
      best = [first, second];
      earned = rest;
    }
  }
  return best;
}
