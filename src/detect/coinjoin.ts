import { formatAmount } from '../base/money.ts';
import { findJoinMarket, findJointPayment, type JoinMarket } from './coinjoin-joinmarket.ts';
import { findTx0, type Tx0 } from './coinjoin-tx0.ts';
import {
  groupOutputs,
  MAX_SATOSHI,
  type MixView,
  mayMix,
  type OutputGroups,
  pushedBytes,
  scriptKind,
} from './coinjoin-view.ts';
import { findWasabi1, type Wasabi1 } from './coinjoin-wasabi1.ts';
import { findWasabi2, type Wasabi2 } from './coinjoin-wasabi2.ts';
import { findWhirlpool, type Whirlpool } from './coinjoin-whirlpool.ts';

/**
 * `tx0` prepares a mix and is none. `joint` has the bare outline of a CoinJoin and nothing that tells it from a sale signed by buyer and
 * seller, a payout or a Stonewall: it is no mix either, but its inputs must not be taken for one owner's.
 */
export type CoinJoinKind = 'whirlpool' | 'wasabi1' | 'wasabi2' | 'joinmarket' | 'tx0' | 'joint';

/**
 * `high`: raised no false alarm in any set it was measured on. `medium`: as that, but by fewer signs. `low`: not measured, or known to be
 * wrong at times. Figures: docs/coinjoin.md.
 */
export type CoinJoinConfidence = 'high' | 'medium' | 'low';

export interface CoinJoin {
  readonly kind: CoinJoinKind;
  /** Coins of several owners were mixed. */
  readonly mix: boolean;
  /** The inputs are, or may be, of several owners: they say nothing of who owns what together. False for a Tx0. */
  readonly severalOwners: boolean;
  /** Satoshi: the pool's denomination, a round's base, the amount that most outputs share. */
  readonly denomination: bigint;
  /** Equal outputs that one cannot tell apart, the most there are; null where nothing is mixed. */
  readonly anonymitySet: number | null;
  readonly confidence: CoinJoinConfidence;
  /** The signs that were found, in words. */
  readonly evidence: readonly string[];
}

/** A `UtxoTransaction` fits. Amounts in satoshi; a `null` outpoint is a coinbase, which is none of these. */
export interface CoinJoinInput {
  readonly inputs: readonly {
    readonly value: bigint;
    readonly address: string;
    readonly outpoint?: object | null;
  }[];
  readonly outputs: readonly { readonly value: bigint; readonly address: string }[];
}

/** Transactions as columns: the ends of all of them one after the other. Amounts in satoshi; one number an address on both sides. */
export interface CoinJoinColumns {
  readonly inputValues: Float64Array | BigUint64Array;
  readonly inputOwners: Uint32Array;
  readonly outputValues: Float64Array | BigUint64Array;
  readonly outputOwners: Uint32Array;
}

/** The ends of one transaction in the columns: from each first index to before each end. */
export interface CoinJoinRange {
  readonly inputs: number;
  readonly inputsEnd: number;
  readonly outputs: number;
  readonly outputsEnd: number;
}

/** Which CoinJoin a transaction is, or null. The order of its ends counts for Wasabi 2 only. Time: sorting the outputs. */
export function coinJoinOf(tx: CoinJoinInput): CoinJoin | null {
  const { inputs, outputs } = tx;
  if (outputs.length < 3 || inputs.some(({ outpoint }) => outpoint === null)) return null;
  const values = amounts(outputs);
  if (values === null) return null;
  const groups = groupOutputs(values);
  if (!mayMix(values.length, groups)) return null;
  const paid = amounts(inputs);
  return paid === null ? null : judge(viewOf(tx, paid, values, groups));
}

/**
 * The same from columns, without the transactions' text; by default all of the columns are one transaction. Coinbases must be left out.
 * As scripts are not known, it differs from `coinJoinOf` in this and nothing else: a mix of the right amounts whose script types speak
 * against it is found here (Wasabi 1 and 2, JoinMarket of fewer than five); JoinMarket of five and more needs two accounts that balance,
 * not one, else it is `joint`; a Tx0 is known by fee or number of premix outputs only, whatever its data output carries; the Wasabi 1
 * rounds of 2018 and 2019 that are known by the coordinator's address alone are not found.
 */
export function coinJoinOfColumns(columns: CoinJoinColumns, range = wholeRange(columns)): CoinJoin | null {
  const { inputs, inputsEnd, outputs, outputsEnd } = range;
  if (outputsEnd - outputs < 3) return null;
  const values = doubles(columns.outputValues, outputs, outputsEnd);
  if (!values.every(fits)) return null;
  const groups = groupOutputs(values);
  if (!mayMix(values.length, groups)) return null;
  const paid = doubles(columns.inputValues, inputs, inputsEnd);
  if (!paid.every(fits)) return null;
  return judge({
    inputs: paid,
    outputs: values,
    groups,
    inputOwners: columns.inputOwners.subarray(inputs, inputsEnd),
    outputOwners: columns.outputOwners.subarray(outputs, outputsEnd),
    inputScripts: null,
    outputScripts: null,
    dataBytes: () => null,
    pays: () => false,
  });
}

function wholeRange({ inputValues, outputValues }: CoinJoinColumns): CoinJoinRange {
  return { inputs: 0, inputsEnd: inputValues.length, outputs: 0, outputsEnd: outputValues.length };
}

function doubles(column: Float64Array | BigUint64Array, from: number, to: number): Float64Array {
  return column instanceof Float64Array
    ? column.subarray(from, to)
    : Float64Array.from(column.subarray(from, to), Number);
}

function fits(value: number): boolean {
  return value >= 0 && value <= MAX_SATOSHI;
}

/** null where an amount cannot be bitcoin's. */
function amounts(ends: readonly { readonly value: bigint }[]): Float64Array | null {
  const values = Float64Array.from(ends, ({ value }) => Number(value));
  return values.every(fits) ? values : null;
}

function viewOf(
  { inputs, outputs }: CoinJoinInput,
  paid: Float64Array,
  values: Float64Array,
  groups: OutputGroups,
): MixView {
  const owners = new Map<string, number>();
  const ownerOf = ({ address }: { readonly address: string }): number => {
    const known = owners.get(address);
    if (known !== undefined) return known;
    owners.set(address, owners.size);
    return owners.size - 1;
  };
  return {
    inputs: paid,
    outputs: values,
    groups,
    inputOwners: Uint32Array.from(inputs, ownerOf),
    outputOwners: Uint32Array.from(outputs, ownerOf),
    inputScripts: Uint8Array.from(inputs, ({ address }) => scriptKind(address)),
    outputScripts: Uint8Array.from(outputs, ({ address }) => scriptKind(address)),
    dataBytes: (output) => pushedBytes(outputs[output]!.address) ?? 0,
    pays: (output, addresses) => addresses.has(outputs[output]!.address),
  };
}

/** The strictest rule first. A JoinMarket mix of ten for about 0.1 BTC has the amounts of a Wasabi 1 round, not the other way round. */
function judge(view: MixView): CoinJoin | null {
  const whirlpool = findWhirlpool(view);
  if (whirlpool !== null) return describeWhirlpool(whirlpool);
  const tx0 = findTx0(view);
  if (tx0 !== null) return describeTx0(tx0);
  const wasabi2 = findWasabi2(view);
  if (wasabi2 !== null) return describeWasabi2(wasabi2, view);
  const joinMarket = findJoinMarket(view);
  if (joinMarket !== null) return describeJoinMarket(joinMarket);
  const wasabi1 = findWasabi1(view);
  if (wasabi1 !== null) return describeWasabi1(wasabi1, view);
  const joint = findJointPayment(view);
  return joint === null ? null : describeJoint(joint);
}

function describeWhirlpool({ pool, participants, newcomers }: Whirlpool): CoinJoin {
  return mixed('whirlpool', pool, participants, 'high', [
    `${participants} inputs and ${participants} outputs, each of another address`,
    `every output is ${bitcoin(pool)}, a Whirlpool pool`,
    `${participants - newcomers} inputs are exactly that (mixed before), ${newcomers} a little more (from a Tx0, to pay the miners)`,
  ]);
}

function describeTx0({ pool, premix, premixValue, feeKnown, payloadKnown }: Tx0): CoinJoin {
  return {
    kind: 'tx0',
    mix: false,
    severalOwners: false,
    denomination: BigInt(pool),
    anonymitySet: null,
    confidence: feeKnown && payloadKnown ? 'high' : 'medium',
    evidence: [
      `${premix} equal outputs of ${bitcoin(premixValue)}, a little above Whirlpool's pool of ${bitcoin(pool)}`,
      'a data output, and besides them only fee and change',
      ...(feeKnown ? ["an output of the coordinator's usual fee for that pool"] : []),
      ...(payloadKnown ? ["the data output is as long as the coordinator's"] : []),
    ],
  };
}

function describeWasabi1({ base, participants, paysCoordinator, levels }: Wasabi1, view: MixView): CoinJoin {
  return mixed('wasabi1', base, participants, levels > 0 ? 'high' : 'medium', [
    `${participants} equal outputs of ${bitcoin(base)}, near Wasabi's 0.1 BTC`,
    `${view.inputs.length} inputs, ${view.groups.single} outputs of single amounts (change and fee)`,
    ...(view.inputScripts === null ? [] : ['native segwit keys throughout, no output address twice']),
    ...(levels > 0 ? [`${levels} further groups of equal outputs at twice, four times … as much`] : []),
    ...(paysCoordinator ? ["pays the coordinator's published address"] : []),
  ]);
}

function describeWasabi2({ standard, largest, participants, denominations }: Wasabi2, view: MixView): CoinJoin {
  return mixed('wasabi2', largest, participants, 'low', [
    `${standard} of ${view.outputs.length} outputs are of ${denominations} of Wasabi 2's standard denominations`,
    `${view.inputs.length} inputs and all outputs in descending order`,
    `the largest group is ${participants} outputs of ${bitcoin(largest)}`,
  ]);
}

function describeJoinMarket({ amount, participants, sweep, accounts, oneWalletType }: JoinMarket): CoinJoin {
  return mixed('joinmarket', amount, participants, participants >= 5 && accounts >= 2 ? 'high' : 'medium', [
    `${participants} equal outputs of ${bitcoin(amount)}, one change for each participant${sweep ? ' but the taker' : ''}`,
    'every output has an address of its own, none paid',
    `${accounts} of ${participants} participants got back what they put in and a maker's fee`,
    ...(oneWalletType === true ? ['wallets of one script type, but for one output at most'] : []),
  ]);
}

function describeJoint({ amount, participants }: Pick<JoinMarket, 'amount' | 'participants'>): CoinJoin {
  return {
    kind: 'joint',
    mix: false,
    severalOwners: true,
    denomination: BigInt(amount),
    anonymitySet: null,
    confidence: 'low',
    evidence: [
      `${participants} equal outputs of ${bitcoin(amount)}, about as many others, and as many paying addresses`,
      'nothing that tells a mix from a sale, a payout or one owner who imitates a mix',
    ],
  };
}

function mixed(
  kind: CoinJoinKind,
  denomination: number,
  anonymitySet: number,
  confidence: CoinJoinConfidence,
  evidence: readonly string[],
): CoinJoin {
  return {
    kind,
    mix: true,
    severalOwners: true,
    denomination: BigInt(denomination),
    anonymitySet,
    confidence,
    evidence,
  };
}

function bitcoin(satoshi: number): string {
  return `${formatAmount(BigInt(satoshi), 8)} BTC`;
}
