import fc from 'fast-check';
import { nativeAsset } from '../model/asset.ts';
import type { Transfer, TransferKind, UtxoTransaction } from '../model/transfer.ts';
import { METHODS } from '../taint/engine.ts';
import type { StopKind } from '../taint/step.ts';
import type { Evidence, EvidenceLabel } from '../trace/evidence.ts';
import { DEFAULT_TRACE_OPTIONS } from '../trace/options.ts';

/** Deliberately wild cases for tests of what a page shows: few places, small amounts, so that all kinds of meetings are common. */
export interface World {
  readonly pays: readonly Pay[];
  readonly spends: readonly Spend[];
  readonly seeds: readonly WorldSeed[];
  readonly links: readonly WorldLink[];
  /** Of the last account addresses. */
  readonly stops: readonly (StopKind | null)[];
  readonly meeting: 'first' | 'share' | 'overlap';
  readonly maxHops: number | null;
  readonly minAmount: string | null;
  readonly passThrough: boolean;
}

/** One account transaction. Addresses by number; from 8: minted; to 8: gas, 9: destroyed. */
export interface Pay {
  readonly time: number;
  readonly legs: readonly {
    readonly from: number;
    readonly to: number;
    readonly asset: number;
    readonly amount: number;
  }[];
}

/** One UTXO transaction: picks of what is unspent, weights of its outputs by address. */
export interface Spend {
  readonly time: number;
  readonly picks: readonly number[];
  readonly outs: readonly { readonly to: number; readonly weight: number }[];
  readonly fee: number;
}

export interface WorldSeed {
  readonly theft: number;
  /** From 8: the first output of a UTXO transaction. */
  readonly at: number;
  readonly asset: number;
  readonly amount: number;
  readonly units: number;
  readonly time: number;
  readonly mark: boolean;
}

export interface WorldLink {
  readonly departure: number;
  readonly at: number;
  readonly asset: number;
  readonly amount: number;
  readonly later: number;
  readonly mark: boolean;
}

export const ETHEREUM = 'eip155:1';
export const BITCOIN = 'bip122:000000000019d6689c085ae165831e93';
export const START = 1_700_000_000;
const ADDRESSES = 7;
const OUTSIDE = 8;
const token = (digit: string, symbol: string) => ({
  ...{ id: `${ETHEREUM}/erc20:0x${digit.repeat(40)}`, chain: ETHEREUM, symbol, decimals: 6 },
});
const ASSETS = [nativeAsset(ETHEREUM), token('c', 'USDC'), token('d', 'DAI')];
const BTC = nativeAsset(BITCOIN);
const STOPS: readonly (StopKind | null)[] = [
  ...[null, 'service', 'bridge', 'mixer', 'suspectedService', 'burn', 'feeTaker', 'hopLimit'],
] as (StopKind | null)[];
const CATEGORY: Partial<Record<StopKind, string>> = { service: 'exchange', suspectedService: 'suspected' };

export const addressOf = (n: number): string => `0x${String(n + 1).repeat(40)}`;
const idOf = (n: number): string => n.toString(16).padStart(64, '0');
const small = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 9, arbitrary: fc.integer({ min: 1, max: 40 }) },
);
const time = fc.nat(30);

const leg = fc.record({
  from: fc.oneof({ weight: 12, arbitrary: fc.nat(ADDRESSES - 1) }, { weight: 1, arbitrary: fc.constant(OUTSIDE) }),
  to: fc.oneof({ weight: 12, arbitrary: fc.nat(ADDRESSES - 1) }, { weight: 1, arbitrary: fc.constantFrom(8, 9) }),
  asset: fc.constantFrom(0, 0, 1, 1, 2),
  amount: small,
});
const pay = fc.record({
  time,
  legs: fc.oneof(fc.array(leg, { minLength: 1, maxLength: 1 }), fc.array(leg, { minLength: 2, maxLength: 6 })),
});
const spend = fc.record({
  time,
  picks: fc.array(fc.nat(20), { minLength: 1, maxLength: 3 }),
  outs: fc.array(fc.record({ to: fc.nat(3), weight: fc.integer({ min: 1, max: 4 }) }), { minLength: 1, maxLength: 4 }),
  fee: fc.nat(2),
});
const seed = fc.record({
  theft: fc.nat(2),
  at: fc.oneof({ weight: 4, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.integer({ min: 8, max: 11 }) }),
  asset: fc.nat(2),
  amount: fc.integer({ min: 1, max: 60 }),
  units: fc.integer({ min: 1, max: 100 }),
  time: fc.nat(20),
  mark: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});
const link = fc.record({
  departure: fc.nat(60),
  at: fc.nat(3),
  asset: fc.nat(2),
  amount: fc.integer({ min: 1, max: 40 }),
  later: fc.nat(3),
  mark: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
});

export const anyWorld: fc.Arbitrary<World> = fc.record({
  pays: fc.array(pay, { minLength: 1, maxLength: 25, size: 'max' }),
  spends: fc.oneof(fc.constant([]), fc.array(spend, { maxLength: 12, size: 'max' })),
  seeds: fc.array(seed, { minLength: 1, maxLength: 5 }),
  links: fc.oneof(fc.constant([]), fc.array(link, { maxLength: 3 })),
  stops: fc.array(fc.constantFrom(...STOPS), { minLength: 3, maxLength: 3 }),
  meeting: fc.constantFrom('first', 'first', 'share', 'overlap'),
  maxHops: fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 }) },
  ),
  minAmount: fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom('0.000003', '0.000012') },
  ),
  passThrough: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});

/** null: no theft file can be made of it. */
export function evidenceOf(world: World): Evidence | null {
  const transfers = transfersOf(world.pays);
  const utxo = utxoOf(world.spends);
  const theftText = theftFileOf(world, transfers, utxo);
  if (theftText === null) return null;
  const source = { files: [{ name: 'f.csv', sha256: '0'.repeat(64) }], preset: 't', rowsRead: 0, rowsKept: 0 };
  const rules = { orderRule: 'index', duplicateRule: 'keep', duplicates: 0, rounded: 0, refused: 0, complete: null };
  const { maxHops, minAmount } = world;
  return {
    ...{ theftText, theftFileName: 't.yaml', transfers, utxo, context: [], coverage: [] },
    labels: labelsOf(world.stops),
    options: { ...DEFAULT_TRACE_OPTIONS, methods: Object.keys(METHODS), maxHops, minAmount },
    sources: [{ ...source, ...rules, chain: ETHEREUM }],
    assets: [...ASSETS, BTC],
  };
}

function transfersOf(pays: readonly Pay[]): Transfer[] {
  const sorted = pays.toSorted((a, b) => a.time - b.time);
  return sorted.flatMap(({ time: at, legs }, n) =>
    legs.map(({ from, to, asset, amount }, index): Transfer => {
      const minted = from === OUTSIDE;
      const kind: TransferKind = minted ? 'mint' : to === 8 ? 'gas' : to === 9 ? 'adjust' : 'transfer';
      return {
        ...{ chain: ETHEREUM, tx: `0x${idOf(n + 1)}`, kind, asset: ASSETS[asset]!.id, amount: BigInt(amount) },
        ...{
          from: minted ? null : addressOf(from),
          to: to > ADDRESSES ? (minted ? addressOf(0) : null) : addressOf(to),
        },
        ...{ time: START + at, block: BigInt(n), txIndex: 0, leg: index, rounded: false },
        source: { batch: 0, file: 0, row: n * 10 + index },
      };
    }),
  );
}

function utxoOf(spends: readonly Spend[]): UtxoTransaction[] {
  const sorted = spends.toSorted((a, b) => a.time - b.time);
  const unspent: { outpoint: { tx: string; index: number }; value: bigint; address: string }[] = [];
  return sorted.map(({ time: at, picks, outs, fee }, n) => {
    const tx = idOf(0xb000 + n);
    const inputs = picks.flatMap((pick, index) => {
      const found = pick < 18 ? unspent.splice(pick % Math.max(1, unspent.length), 1) : [];
      const other = { outpoint: { tx: idOf(0xa000 + n), index }, value: BigInt(20 + pick), address: `in${pick % 2}` };
      return [found[0] ?? other];
    });
    const left = inputs.reduce((sum, input) => sum + input.value, 0n) - BigInt(fee);
    const weight = outs.reduce((sum, out) => sum + out.weight, 0);
    const outputs = outs.map((out) => ({
      value: left > 0n ? (left * BigInt(out.weight)) / BigInt(weight) : 0n,
      address: `b${out.to}`,
    }));
    outputs.forEach(({ value, address }, index) => {
      if (address !== 'b3') unspent.push({ outpoint: { tx, index }, value, address });
    });
    return {
      ...{ chain: BITCOIN, tx, time: START + at, block: BigInt(n), txIndex: 0, inputs, outputs },
      source: { batch: 0, file: 0, row: 1000 + n },
    };
  });
}

/** The last three account addresses, and the last of the UTXO chain. */
function labelsOf(stops: readonly (StopKind | null)[]): EvidenceLabel[] {
  const labels = stops.map((stop, index) => ({ chain: ETHEREUM, address: addressOf(ADDRESSES - 3 + index), stop }));
  return [...labels, { chain: BITCOIN, address: 'b3', stop: 'service' as const }].map((each) => ({
    ...each,
    label: each.stop === null ? null : `the ${each.stop}`,
    category: each.stop === null ? null : (CATEGORY[each.stop] ?? each.stop),
    ...{ source: 't', confidence: 'high', counterparties: null },
  }));
}

function theftFileOf(
  { seeds, links, meeting, passThrough }: World,
  transfers: readonly Transfer[],
  utxo: readonly UtxoTransaction[],
): string | null {
  const thefts = [0, 1, 2].flatMap((theft) => {
    const own = seeds.filter((each) => each.theft === theft).flatMap((each) => seedOf(each, utxo) ?? []);
    return own.length === 0
      ? []
      : [{ id: ['b', 'a', 'c'][theft]!, chain: ETHEREUM, asset: ASSETS[1]!.id, decimals: 6, seeds: own }];
  });
  if (thefts.length === 0) return null;
  const file = { title: 't', meeting, thefts, links: links.flatMap((each) => linkOf(each, transfers) ?? []) };
  return JSON.stringify({ ...file, passThrough: passThrough ? [addressOf(2)] : [] });
}

function seedOf(
  { at, asset, amount, units, time: when, mark }: WorldSeed,
  utxo: readonly UtxoTransaction[],
): object | null {
  const kind = mark ? 'mark' : 'credit';
  const worth = { baseUnits: String(amount), sourceBaseUnits: String(units) };
  if (at < 8) {
    return { kind, ...worth, address: addressOf(at), asset: ASSETS[asset]!.id, time: START + when };
  }
  const tx = utxo[(at + amount) % Math.max(1, utxo.length)];
  const index = tx?.outputs.findIndex(({ value, address }) => value >= BigInt(amount) && address !== 'b3') ?? -1;
  return index < 0 ? null : { kind: 'mark', ...worth, chain: BITCOIN, outpoint: `${tx!.tx}:${index}` };
}

/** From a transfer that is alone in what it pays to its receiver. */
function linkOf(
  { departure, at, asset, amount, later, mark }: WorldLink,
  transfers: readonly Transfer[],
): object | null {
  const alone = transfers.filter(
    (row) =>
      row.to !== null &&
      row.amount > 0n &&
      row.kind !== 'gas' &&
      Number.parseInt(row.to[2]!, 16) > ADDRESSES - 3 &&
      transfers.filter(({ tx, to, amount: other }) => tx === row.tx && to === row.to && other > 0n).length === 1,
  );
  const row = alone[departure % Math.max(1, alone.length)];
  if (row === undefined) return null;
  const to = { chain: ETHEREUM, address: addressOf(at), asset: ASSETS[asset]!.id, decimals: asset === 0 ? 18 : 6 };
  return {
    from: { chain: ETHEREUM, tx: row.tx, to: row.to },
    to: { ...to, baseUnits: String(amount), kind: mark ? 'mark' : 'credit', time: row.time + later },
    reason: 'r',
  };
}
