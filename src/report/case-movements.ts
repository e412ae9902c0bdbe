import { formatTime } from '../base/time.ts';
import { nativeAsset } from '../model/asset.ts';
import type { Transfer, UtxoTransaction } from '../model/transfer.ts';
import type { Evidence } from '../trace/evidence.ts';
import type { TraceContext } from '../trace/result.ts';
import type { TraceOutput } from '../trace/trace.ts';

/** One movement of the evidence: a row of an account chain, or an output of a UTXO transaction. */
export interface Movement {
  /** Index into the rows of the trace. */
  readonly row: number;
  readonly time: number;
  readonly tx: string | null;
  readonly chain: string;
  /** Addresses of all inputs of a UTXO transaction, each once; none: from outside. */
  readonly from: readonly string[];
  readonly to: string | null;
  readonly asset: string;
  readonly amount: bigint;
  readonly source: Transfer['source'];
}

export interface PlaceKeyed {
  readonly chain: string;
  readonly address: string;
  readonly isUtxo: boolean;
}

/** Source units by method, of one theft, by index of the movement. */
export type MovementTaint = ReadonlyMap<number, ReadonlyMap<string, bigint>>;

export interface MovementsAsked {
  readonly chain?: string | undefined;
  readonly address?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Only those that carry taint. */
  readonly touched: boolean;
  /** How many of those that fit come before. */
  readonly skip: number;
  readonly limit: number;
}

export interface CaseTransfer {
  readonly time: string;
  readonly tx: string | null;
  readonly chain: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly asset: string;
  readonly symbol: string;
  readonly decimals: number | null;
  readonly amount: string;
  readonly tainted: Readonly<Record<string, string>>;
  readonly sourceFile: string;
  readonly sourceRow: number;
}

/** In order of time. Opening balances are no movements. */
export function movementsOf(rows: TraceOutput['rows']): readonly Movement[] {
  const movements = rows.flatMap((row, index) => ('outputs' in row ? outputsOf(row, index) : accountMove(row, index)));
  return movements.sort((a, b) => a.time - b.time || a.row - b.row);
}

function accountMove(row: Transfer, index: number): Movement[] {
  if (row.kind === 'opening') return [];
  const { time, tx, chain, from, to, asset, amount, source } = row;
  return [{ row: index, time, tx, chain, from: from === null ? [] : [from], to, asset, amount, source }];
}

function outputsOf({ chain, tx, time, inputs, outputs, source }: UtxoTransaction, row: number): Movement[] {
  const paid = inputs.filter((input) => input.outpoint !== null);
  const from = [...new Set(paid.map((input) => input.address))];
  const asset = outputAsset(chain);
  return outputs.map(({ value, address }) => ({
    row,
    time,
    tx,
    chain,
    from,
    to: address,
    asset,
    amount: value,
    source,
  }));
}

/** A movement that carried loot, by one method. `output`: its place in a UTXO transaction; null: the row is one movement. */
export interface MovedUnits {
  readonly row: number;
  readonly output: number | null;
  readonly method: string;
  readonly units: bigint;
}

/** `moved`: of one theft. */
export function taintOf(movements: readonly Movement[], moved: Iterable<MovedUnits>): MovementTaint {
  const byRow = new Map<number, number[]>();
  for (const [index, { row }] of movements.entries()) {
    const known = byRow.get(row);
    if (known === undefined) byRow.set(row, [index]);
    else known.push(index);
  }
  const taint = new Map<number, Map<string, bigint>>();
  for (const { row, output, method, units } of moved) {
    const index = byRow.get(row)?.[output ?? 0];
    if (index === undefined) continue;
    const by = taint.get(index) ?? new Map<string, bigint>();
    taint.set(index, by.set(method, (by.get(method) ?? 0n) + units));
  }
  return taint;
}

export interface MovementsKnown {
  readonly movements: readonly Movement[];
  readonly taint: MovementTaint;
  readonly sources: Evidence['sources'];
  readonly assets: TraceContext['assets'];
}

export function listMovements(
  { movements, taint, sources, assets }: MovementsKnown,
  asked: MovementsAsked,
): { readonly items: readonly CaseTransfer[]; readonly total: number; readonly next: string | null } {
  const found: number[] = [];
  for (const [index, movement] of movements.entries()) {
    if (fits(movement, asked) && (!asked.touched || taint.has(index))) found.push(index);
  }
  const page = found.slice(asked.skip, asked.skip + asked.limit);
  const end = asked.skip + page.length;
  const items = page.map((index) => {
    const { time, tx, chain, from, to, asset, amount, source } = movements[index]!;
    const tainted = [...(taint.get(index) ?? [])].map(([method, units]) => [method, units.toString()]);
    return {
      time: formatTime(time),
      tx,
      chain,
      from: from.length === 0 ? null : from.join('|'),
      to,
      asset,
      symbol: assets[asset]?.symbol ?? '',
      decimals: assets[asset]?.decimals ?? null,
      amount: amount.toString(),
      tainted: Object.fromEntries(tainted) as Record<string, string>,
      sourceFile: sources[source.batch]?.files[source.file]?.name ?? '',
      sourceRow: source.row,
    };
  });
  return { items, total: found.length, next: end < found.length ? String(end) : null };
}

function fits(movement: Movement, { chain, address, from, to }: MovementsAsked): boolean {
  return (
    (chain === undefined || movement.chain === chain) &&
    (address === undefined || touches(movement, address)) &&
    (from === undefined || movement.from.includes(from)) &&
    (to === undefined || movement.to === to)
  );
}

export function touches(movement: Movement, address: string): boolean {
  return movement.to === address || movement.from.includes(address);
}

/** What outputs of a UTXO chain are counted in. */
export function outputAsset(chain: string): string {
  return nativeAsset(chain).id;
}
