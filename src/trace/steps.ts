import { HaetaeError } from '../base/errors.ts';
import { nativeAsset } from '../model/asset.ts';
import type { DocumentedLink, Seed, TheftFile } from '../model/theft.ts';
import { FEE_KINDS, type Transfer, type UtxoTransaction } from '../model/transfer.ts';
import {
  type ArrivalStep,
  DESTROYED,
  FEE,
  type Leg,
  OUTSIDE,
  type SeedStep,
  type Step,
  type StopKind,
} from '../taint/step.ts';
import type { Evidence } from './evidence.ts';
import { Openings } from './openings.ts';
import { ownerKey, Places, storedAddress } from './places.ts';
import { topologicalOrder } from './utxo-order.ts';

/** A Bitcoin block may be dated up to two hours off: a payout may seem to precede what it pays for. */
const BLOCK_TIME_SLACK_SECONDS = 7200;

/** The steps of a trace in order, and the names behind their numbers. */
export interface TraceSteps {
  readonly steps: readonly Step[];
  readonly places: Places;
  /** What a step's row number stands for. */
  readonly rows: readonly (Transfer | UtxoTransaction)[];
}

interface Timed {
  readonly time: number;
  /** Seeds and arrivals precede the movements of their second; an arrival in the second of its own departure follows them. */
  readonly rank: 0 | 1 | 2 | 3;
  readonly chain: string;
  readonly step: Step;
}

export function buildSteps(evidence: Evidence, file: TheftFile): TraceSteps {
  const until = evidence.options.until ?? Number.POSITIVE_INFINITY;
  const places = new Places(stopsOf(evidence, file));
  const transfers = evidence.transfers.filter((row) => row.time <= until);
  const utxo = topologicalOrder(evidence.utxo.filter((tx) => tx.time <= until));
  const rows = [...transfers, ...utxo.map((item) => item.transaction)];
  const held = new Set(transfers.map((row) => `${row.chain}|${row.tx ?? ''}`));
  const seeds = placeSeeds(file, places, evidence, held);
  const links = file.links.map((link, index) => placeLink(link, index, rows, places));
  const after = afterTransactions([...seeds, ...links]);
  const timed: Timed[] = [
    ...[...seeds, ...links]
      .filter((entry) => entry.creator === null)
      .map((entry) => ({ ...entry, time: entry.step.time })),
    ...accountSteps(transfers, places, file, after),
    ...utxo.flatMap((item, index) => utxoSteps(item, transfers.length + index, places, after)),
  ].filter((item) => item.time <= until);
  timed.sort((a, b) => a.time - b.time || a.rank - b.rank || (a.chain < b.chain ? -1 : a.chain > b.chain ? 1 : 0));
  return { steps: timed.map((item) => item.step), places, rows };
}

/** A seed or an arrival, at its own time, or right after the transaction that creates its output. */
interface Entry {
  readonly chain: string;
  readonly rank: 0 | 1 | 3;
  /** chain|txid of the transaction after which it applies; null: at its time. */
  readonly creator: string | null;
  readonly step: SeedStep | ArrivalStep;
}

function afterTransactions(entries: readonly Entry[]): Map<string, Step[]> {
  const after = new Map<string, Step[]>();
  for (const { creator, step } of entries) {
    if (creator !== null) after.set(creator, [...(after.get(creator) ?? []), step]);
  }
  return after;
}

/** Where the money stops, by {@link ownerKey}: labels that make a stop, declared fee takers, never a place that a seed names. */
export function stopsOf(evidence: Evidence, file: TheftFile): Map<string, StopKind> {
  const stops = new Map<string, StopKind>();
  for (const label of evidence.labels) {
    if (label.stop !== null) stops.set(ownerKey(label.chain, label.address), label.stop);
  }
  for (const theft of file.thefts) {
    for (const address of file.feeTakers) stops.set(ownerKey(theft.chain.id, storedAddress(address)), 'feeTaker');
    for (const seed of theft.seeds) {
      if (seed.address !== null) stops.delete(ownerKey(seed.chain.id, seed.address));
    }
  }
  return stops;
}

/** `held`: chain|tx of every account transaction in the data. */
function placeSeeds(file: TheftFile, places: Places, evidence: Evidence, held: ReadonlySet<string>): Entry[] {
  const known = new Map(evidence.utxo.map((tx) => [`${tx.chain}|${tx.tx}`, tx]));
  // In order of id, so that the order in which a file lists its thefts says nothing (property 19).
  const thefts = file.thefts
    .map((theft, index) => ({ theft, index }))
    .sort((a, b) => (a.theft.id < b.theft.id ? -1 : 1));
  return thefts.flatMap(({ theft, index }) =>
    theft.seeds.flatMap((seed): Entry[] => {
      const base = { chain: seed.chain.id, rank: 0 as const };
      if (seed.chain.model === 'utxo') {
        return outputSeeds(seed, index, known, places).map((piece) => ({ ...base, ...piece }));
      }
      const place = places.balance(seed.chain.id, seed.address!, seed.asset.id);
      const step = seedStep(seed, index, place, seed.time!, seed.amount, seed.units);
      const transaction = `${seed.chain.id}|${seed.tx ?? ''}`;
      const after = seed.kind === 'mark' && seed.tx !== null && held.has(transaction);
      return [{ ...base, creator: after ? transaction : null, step }];
    }),
  );
}

function seedStep(seed: Seed, theft: number, place: number, time: number, amount: bigint, units: bigint): SeedStep {
  return { kind: 'seed', time, theft, place, amount, units, mode: seed.kind };
}

/** A seed on a UTXO chain is one outpoint, or the outputs of one transaction to an address, filled in output order. */
function outputSeeds(
  seed: Seed,
  theft: number,
  known: ReadonlyMap<string, UtxoTransaction>,
  places: Places,
): { creator: string | null; step: SeedStep }[] {
  const txid = seed.outpoint?.tx ?? seed.tx;
  if (txid === null) throw seedError(seed, 'a seed on a UTXO chain needs an outpoint, or a transaction and an address');
  const creator = `${seed.chain.id}|${txid}`;
  const transaction = known.get(creator);
  if (seed.kind === 'credit') {
    if (seed.outpoint === null) throw seedError(seed, 'a credit on a UTXO chain needs its outpoint');
    if (transaction !== undefined)
      throw seedError(seed, 'the transaction of the outpoint is in the data: use kind mark');
    const asset = nativeAsset(seed.chain.id).id;
    const place = places.outpoint(seed.chain.id, txid, seed.outpoint.index, seed.address ?? 'unknown', asset);
    return [
      { creator: null, step: seedStep(seed, theft, place, seed.time ?? seed.chain.genesis, seed.amount, seed.units) },
    ];
  }
  if (transaction === undefined)
    throw seedError(seed, 'the transaction of the seed is not in the data: import it, or use kind credit');
  const wanted = transaction.outputs
    .map((output, index) => ({ ...output, index }))
    .filter((output) =>
      seed.outpoint === null ? output.address === seed.address : output.index === seed.outpoint.index,
    );
  if (wanted.length === 0) throw seedError(seed, 'the transaction of the seed has no such output');
  return markOutputs(seed, theft, transaction, wanted, places).map((step) => ({ creator, step }));
}

function markOutputs(
  seed: Seed,
  theft: number,
  transaction: UtxoTransaction,
  outputs: readonly { readonly value: bigint; readonly address: string; readonly index: number }[],
  places: Places,
): SeedStep[] {
  const steps: SeedStep[] = [];
  let amount = seed.amount;
  let units = seed.units;
  for (const output of outputs) {
    const taken = amount < output.value ? amount : output.value;
    if (taken === 0n) continue;
    const takenUnits = taken === amount ? units : (units * taken) / amount;
    const place = places.outpoint(
      seed.chain.id,
      transaction.tx,
      output.index,
      output.address,
      nativeAsset(seed.chain.id).id,
    );
    places.clearStop(place);
    steps.push(seedStep(seed, theft, place, transaction.time, taken, takenUnits));
    amount -= taken;
    units -= takenUnits;
  }
  if (amount > 0n) {
    throw new HaetaeError('E_MARK_EXCEEDS', 'the mark is larger than the outputs it names', {
      context: { tx: transaction.tx, excess: amount.toString() },
      remedy: 'name every output the loot landed in, each as a seed of its own',
    });
  }
  return steps;
}

function seedError(seed: Seed, message: string): HaetaeError {
  return new HaetaeError('E_SEED', message, {
    context: {
      chain: seed.chain.id,
      place: seed.outpoint === null ? (seed.address ?? '') : `${seed.outpoint.tx}:${seed.outpoint.index}`,
    },
  });
}

/** Fees first and apart (they are no part of a swap), then the transaction's movements. */
function accountSteps(
  transfers: readonly Transfer[],
  places: Places,
  file: TheftFile,
  after: ReadonlyMap<string, readonly Step[]>,
): Timed[] {
  const passThrough = new Set(file.passThrough.map(storedAddress));
  const last = new Map<string, number>();
  if (after.size > 0) for (const [index, row] of transfers.entries()) last.set(`${row.chain}|${row.tx}`, index);
  const openings = new Openings(transfers);
  const timed: Timed[] = [];
  for (const group of groupTransactions(transfers)) {
    const first = transfers[group[0]!]!;
    const legs = group.map((row) => toLeg(transfers[row]!, row, places, openings));
    const fees = legs.filter((_, index) => FEE_KINDS.has(transfers[group[index]!]!.kind));
    const moves = legs.filter((_, index) => !FEE_KINDS.has(transfers[group[index]!]!.kind));
    const atom = group.some((row) => isPassThrough(transfers[row]!, passThrough));
    const base = { time: first.time, rank: 2 as const, chain: first.chain };
    if (fees.length > 0) timed.push({ ...base, step: { kind: 'account', time: first.time, legs: fees } });
    if (moves.length > 0)
      timed.push({ ...base, step: { kind: 'account', time: first.time, legs: moves, ...(atom ? { atom } : {}) } });
    const key = `${first.chain}|${first.tx}`;
    if (after.has(key) && group.includes(last.get(key)!))
      for (const step of after.get(key)!) timed.push({ ...base, step });
  }
  return timed;
}

function isPassThrough(row: Transfer, declared: ReadonlySet<string>): boolean {
  return declared.size > 0 && [row.from, row.to].some((address) => address !== null && declared.has(address));
}

function toLeg(row: Transfer, index: number, places: Places, openings: Openings): Leg {
  const placeOf = (address: string): number => {
    const ahead = openings.ahead(row, address);
    return ahead === 0
      ? places.balance(row.chain, address, row.asset)
      : places.before(row.chain, address, row.asset, ahead);
  };
  return {
    from: row.from === null ? OUTSIDE : placeOf(row.from),
    to: row.to === null ? (FEE_KINDS.has(row.kind) ? FEE : DESTROYED) : placeOf(row.to),
    amount: row.amount,
    row: index,
  };
}

/**
 * Rows that make one transaction, by index. Neighbouring rows of one hash are one; rows of one hash that stand apart (an order
 * inferred row by row) are drawn together only where they move several assets, because a swap is one atom.
 */
export function groupTransactions(transfers: readonly Transfer[]): number[][] {
  const spread = new Map<string, number[]>();
  transfers.forEach((row, index) => {
    if (row.tx === null) return;
    const key = transactionKey(row);
    const list = spread.get(key);
    if (list === undefined) spread.set(key, [index]);
    else list.push(index);
  });
  const groups: number[][] = [];
  const done = new Set<string>();
  for (let index = 0; index < transfers.length; index += 1) {
    const row = transfers[index]!;
    const key = transactionKey(row);
    if (row.tx === null) groups.push([index]);
    else if (!done.has(key)) {
      const all = spread.get(key)!;
      const several = all.some((other) => transfers[other]!.asset !== row.asset);
      const group = several ? all : neighbours(transfers, index);
      groups.push(group);
      if (several) done.add(key);
      else index = group.at(-1)!;
    }
  }
  return groups;
}

function neighbours(transfers: readonly Transfer[], start: number): number[] {
  const group = [start];
  const key = transactionKey(transfers[start]!);
  for (let next = start + 1; next < transfers.length && transactionKey(transfers[next]!) === key; next += 1) {
    group.push(next);
  }
  return group;
}

/** A source may use one reference for several transactions: rows of another block or second are never drawn together. */
function transactionKey({ chain, tx, block, time }: Transfer): string {
  return `${chain}|${tx}|${block}|${time}`;
}

function utxoSteps(
  item: { readonly transaction: UtxoTransaction; readonly time: number },
  row: number,
  places: Places,
  after: ReadonlyMap<string, readonly Step[]>,
): Timed[] {
  const { chain, tx, inputs, outputs } = item.transaction;
  const asset = nativeAsset(chain).id;
  const base = { time: item.time, rank: 2 as const, chain };
  const step: Step = {
    kind: 'utxo',
    time: item.transaction.time,
    inputs: inputs.flatMap((input) =>
      input.outpoint === null
        ? []
        : [
            {
              place: places.outpoint(chain, input.outpoint.tx, input.outpoint.index, input.address, asset),
              value: input.value,
            },
          ],
    ),
    outputs: outputs.map((output, index) => ({
      place: places.outpoint(chain, tx, index, output.address, asset),
      value: output.value,
    })),
    row,
  };
  return [{ ...base, step }, ...(after.get(`${chain}|${tx}`) ?? []).map((entry) => ({ ...base, step: entry }))];
}

/** A documented link: out of what one transfer put into a stop, to where it came out. */
function placeLink(
  link: DocumentedLink,
  index: number,
  rows: readonly (Transfer | UtxoTransaction)[],
  places: Places,
): Entry {
  const { to } = link;
  const departure = departureOf(link, index, rows);
  const chain = to.chain.id;
  const place =
    to.outpoint === null
      ? places.balance(chain, to.address ?? '', to.asset.id)
      : places.outpoint(chain, to.outpoint.tx, to.outpoint.index, to.address ?? 'unknown', nativeAsset(chain).id);
  places.clearStop(place);
  const creates = (row: Transfer | UtxoTransaction): boolean =>
    'outputs' in row && row.chain === chain && row.tx === to.outpoint?.tx;
  const creator = to.outpoint === null ? undefined : rows.find(creates);
  const time = creator?.time ?? to.time;
  const field = `links.${index}.to`;
  if (time === null || (to.outpoint !== null && to.kind === 'mark' && creator === undefined)) {
    throw new HaetaeError('E_SEED', 'where the link comes out is not in the data', {
      context: { field },
      remedy: 'import the transaction, or use kind credit with a time',
    });
  }
  const departed = rows[departure]!.time;
  if (time < departed - (creator === undefined ? 0 : BLOCK_TIME_SLACK_SECONDS)) {
    throw new HaetaeError('E_SEED', 'the link comes out before it goes in', { context: { field } });
  }
  const step: ArrivalStep = {
    kind: 'arrival',
    time: Math.max(time, departed),
    departure,
    place,
    amount: to.amount,
    mode: to.kind,
  };
  if (time <= departed) return { chain, rank: 3, creator: null, step };
  return { chain, rank: 1, creator: creator === undefined ? null : `${chain}|${creator.tx}`, step };
}

function departureOf({ from }: DocumentedLink, index: number, rows: readonly (Transfer | UtxoTransaction)[]): number {
  const departures = rows.flatMap((row, number) => {
    if (row.chain !== from.chain.id || row.tx?.toLowerCase() !== from.tx) return [];
    if ('outputs' in row) return [number];
    const named = from.to === null ? row.to !== null : row.to === from.to;
    return named && row.amount > 0n && !FEE_KINDS.has(row.kind) ? [number] : [];
  });
  if (departures.length === 1) return departures[0]!;
  const message =
    departures.length === 0 ? 'the transfer a link starts from was not reached' : 'a link names several transfers';
  throw new HaetaeError('E_SEED', message, {
    context: { field: `links.${index}.from`, tx: from.tx },
    remedy: 'name the transaction and the receiving address (to) of the transfer that went into the service',
  });
}
