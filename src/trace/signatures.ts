import { formatTime } from '../base/time.ts';
import { findCommingling, type Reached } from '../detect/commingling.ts';
import { findDrains, type Wallet } from '../detect/drain.ts';
import { findFanOuts } from '../detect/fan-out.ts';
import type { Finding, Movement } from '../detect/movement.ts';
import type { Theft, TheftFile } from '../model/theft.ts';
import type { Transfer, UtxoTransaction } from '../model/transfer.ts';
import type { Computation, MethodRun } from './compute.ts';
import { isUtxo } from './compute.ts';
import type { Evidence } from './evidence.ts';
import { ownerKey } from './places.ts';
import type { SignatureResult } from './result.ts';

/** Thefts whose first seeds are no further apart are several assets of one incident, where the file does not say. */
const ONE_INCIDENT_SECONDS = 86_400;
/** How long before a mark the loot may have come from the victim's wallet. */
export const DRAIN_SECONDS = 86_400;

/** Laundering signatures in what the trace followed: S1 drain, S3 fan-out, S12 commingling. */
export function findSignatures(evidence: Evidence, file: TheftFile, computation: Computation): SignatureResult[] {
  const reached = reachedOwners(computation);
  const movements = computation.rows.flatMap(toMovements);
  const victims = victimWallets(file, evidence.context);
  const findings = [
    ...findDrains(evidence.context.flatMap(toMovements), victims).filter((finding) =>
      finding.addresses.slice(1).some((address) => reached.has(address)),
    ),
    ...findFanOuts(movements).filter((finding) => reached.has(finding.addresses[0] ?? '')),
    ...commingling(file, computation),
  ];
  return findings.map(toResult);
}

function toResult(finding: Finding): SignatureResult {
  return { ...finding, firstTime: formatTime(finding.firstTime), lastTime: formatTime(finding.lastTime) };
}

function toMovements(row: Transfer | UtxoTransaction): Movement[] {
  if (!isUtxo(row)) {
    const { chain, from, to, asset, amount, time, tx } = row;
    return [{ chain, from, to, asset, amount, time, tx }];
  }
  const from = row.inputs[0]?.address ?? null;
  const base = { chain: row.chain, from, asset: `${row.chain}/native`, time: row.time, tx: row.tx };
  return row.outputs.map((output) => ({ ...base, to: output.address, amount: output.value }));
}

/** Wallets that paid a marked place its asset in the day before the mark: where the loot was taken from. */
export function victimWallets(file: TheftFile, transfers: readonly Transfer[]): Wallet[] {
  const wallets = new Map<string, Wallet>();
  const marks = file.thefts
    .flatMap((theft) => theft.seeds)
    .filter((seed) => seed.kind === 'mark' && seed.address !== null);
  for (const row of transfers) {
    if (row.from === null || row.from === row.to || row.amount === 0n) continue;
    const paid = marks.some(
      ({ chain, address, asset, time }) =>
        row.chain === chain.id &&
        row.to === address &&
        row.asset === asset.id &&
        time !== null &&
        row.time <= time &&
        row.time > time - DRAIN_SECONDS,
    );
    if (paid) wallets.set(ownerKey(row.chain, row.from), { chain: row.chain, address: row.from });
  }
  return [...wallets.values()];
}

function reachedOwners({ runs, places }: Computation): Set<string> {
  const reached = new Set<string>();
  for (const { touches } of runs) {
    for (const touch of touches) {
      if (touch.to >= 0) reached.add(places.name(touch.to).address);
      if (touch.from >= 0) reached.add(places.name(touch.from).address);
    }
  }
  return reached;
}

function commingling(file: TheftFile, computation: Computation): Finding[] {
  const run =
    computation.runs.find(({ method }) => method === 'haircut') ??
    computation.runs.find(({ method }) => method !== 'poison');
  return run === undefined || file.thefts.length < 2 ? [] : findCommingling(arrivals(run, file, computation));
}

/** What of each theft arrived at each place, summed over its transfers. */
function arrivals({ touches }: MethodRun, file: TheftFile, { places }: Computation): Reached[] {
  const incidents = incidentsOf(file.thefts);
  const sums = new Map<string, Reached & { units: bigint; lastTime: number }>();
  for (const touch of touches) {
    if (touch.to < 0) continue;
    touch.units.forEach((units, index) => {
      const theft = file.thefts[index];
      if (units === 0n || theft === undefined) return;
      const key = `${touch.to}|${index}`;
      const known = sums.get(key);
      if (known !== undefined) {
        sums.set(key, { ...known, units: known.units + units, lastTime: touch.time });
        return;
      }
      const { chain, address } = places.name(touch.to);
      const stolen = theft.seeds.reduce((sum, seed) => sum + seed.units, 0n);
      const shared = places.stop(touch.to) !== null;
      const times = { firstTime: touch.time, lastTime: touch.time };
      sums.set(key, {
        chain,
        address,
        theft: theft.id,
        incident: incidents.get(theft.id)!,
        units,
        stolen,
        shared,
        ...times,
      });
    });
  }
  return [...sums.values()];
}

function incidentsOf(thefts: readonly Theft[]): Map<string, string> {
  const sorted = thefts
    .map((theft) => ({ theft, time: Math.min(...theft.seeds.map((seed) => seed.time ?? Number.POSITIVE_INFINITY)) }))
    .sort((a, b) => a.time - b.time);
  const incidents = new Map<string, string>();
  let current = '';
  let last = Number.NEGATIVE_INFINITY;
  for (const { theft, time } of sorted) {
    if (time - last > ONE_INCIDENT_SECONDS || current === '') current = theft.id;
    incidents.set(theft.id, theft.incident ?? current);
    last = time;
  }
  return incidents;
}
