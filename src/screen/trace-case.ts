import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseCsv } from '../base/csv.ts';
import { HaetaeError } from '../base/errors.ts';
import type { ChainId } from '../model/chain.ts';
import type { StoredCase } from '../store/port.ts';
import type { MethodResult, TheftHeader, TheftResult, TraceResult } from '../trace/result.ts';
import { theftTime } from '../trace/theft-time.ts';
import type { SignatureFact, TraceFact } from './facts.ts';

/** What all places of one theft share. */
interface TheftHead {
  readonly case: string;
  readonly title: string;
  readonly theft: string;
  readonly method: string;
  readonly stolenAt: string;
  readonly simulated: boolean;
}

/** One place of one theft, as short as it can be: there may be very many. */
export interface PlaceTrace {
  readonly head: TheftHead;
  readonly asset: string;
  readonly amount: string;
  readonly role: TraceFact['role'];
  readonly hops: number | null;
}

/** What a case says of addresses. */
export interface CaseTraces {
  /** SHA-256 of everything that is read here. */
  readonly digest: string;
  readonly chains: ReadonlySet<ChainId>;
  /** By `chain|address`. */
  readonly places: ReadonlyMap<string, readonly PlaceTrace[]>;
  /** By address. */
  readonly signatures: ReadonlyMap<string, readonly SignatureFact[]>;
}

export function traceFactOf({ head, asset, amount, role, hops }: PlaceTrace): TraceFact {
  const { case: id, title, theft, method, stolenAt, simulated } = head;
  return { case: id, title, theft, method, asset, amount, role, hops, stolenAt, simulated };
}

const RESULTS = 'results.json';
const TOUCHED = 'touched.csv';

/** Throws E_CASE where the case's results cannot be read. */
export async function readCaseTraces(stored: StoredCase): Promise<CaseTraces> {
  const digest = createHash('sha256');
  for (const name of [RESULTS, TOUCHED]) digest.update(stored.files.get(name) ?? '').update('\n');
  digest.update(JSON.stringify([stored.title, stored.simulated]));
  const result = traceResultOf(stored);
  const thefts = [{ theft: result.theft, methods: result.methods }, ...result.furtherThefts];
  const places = new PlaceMap();
  for (const theft of thefts) putTheft(places, stored, theft);
  await putPassed(places, stored, thefts);
  return {
    digest: digest.digest('hex'),
    chains: chainsOf(result, places.map),
    places: places.map,
    signatures: signaturesOf(stored, result),
  };
}

/** Throws E_CASE. */
export function traceResultOf(stored: StoredCase): TraceResult {
  const bytes = stored.files.get(RESULTS);
  try {
    if (bytes !== undefined) return JSON.parse(new TextDecoder().decode(bytes)) as TraceResult;
  } catch (cause) {
    throw unreadable(stored, cause);
  }
  throw unreadable(stored);
}

function unreadable({ id }: StoredCase, cause?: unknown): HaetaeError {
  return new HaetaeError('E_CASE', 'the results of a case cannot be read', {
    context: { case: id, file: RESULTS },
    remedy: 'trace the theft again',
    cause,
  });
}

class PlaceMap {
  readonly map = new Map<string, PlaceTrace[]>();

  /** One fact of a theft, asset and role: outpoints of one address add up. */
  add(chain: ChainId, address: string, place: PlaceTrace): void {
    const key = `${chain}|${address}`;
    const known = this.map.get(key);
    if (known === undefined) {
      this.map.set(key, [place]);
      return;
    }
    const at = known.findIndex(
      ({ head, asset, role }) => head === place.head && asset === place.asset && role === place.role,
    );
    if (at < 0) known.push(place);
    else
      known[at] = { ...place, amount: sum(known[at]!.amount, place.amount), hops: least(known[at]!.hops, place.hops) };
  }

  has(chain: ChainId, address: string, role: TraceFact['role']): boolean {
    return this.map.get(`${chain}|${address}`)?.some((place) => place.role === role) ?? false;
  }
}

function putTheft(places: PlaceMap, stored: StoredCase, { theft, methods }: TheftResult): void {
  const method = methodOf(methods);
  if (method === null) return;
  const head = headOf(stored, theft, method);
  const found = methods[method]!;
  // Poison is reach, not an amount: a place that it names held something of the theft at some time.
  const role = found.buckets === null ? 'passed' : 'holds';
  for (const { chain, address, asset, amount, hops } of found.places)
    places.add(chain, address, { head, asset, amount, role, hops });
  for (const { chain, address, asset, amount } of found.services)
    places.add(chain, address, { head, asset, amount, role: 'service', hops: null });
}

function headOf({ id, title, simulated }: StoredCase, theft: TheftHeader, method: string): TheftHead {
  return { case: id, title, theft: theft.id, method, stolenAt: theftTime(theft) ?? '', simulated };
}

/** Haircut where it was asked for: what rules and exposure go by. Else an accounting method before poison. */
function methodOf(methods: Readonly<Record<string, MethodResult>>): string | null {
  if (methods.haircut !== undefined) return 'haircut';
  const names = Object.keys(methods).sort();
  return names.find((name) => name !== 'poison') ?? names[0] ?? null;
}

interface Passing {
  tookIn: bigint;
  paid: bigint;
  hops: number | null;
}

/** Who took tainted money in and paid it on. The file of touched movements does not tell thefts apart: in a case of several all are named. */
async function putPassed(places: PlaceMap, stored: StoredCase, thefts: readonly TheftResult[]): Promise<void> {
  const bytes = stored.files.get(TOUCHED);
  const [first] = thefts;
  const method = first === undefined ? null : methodOf(first.methods);
  if (bytes === undefined || first === undefined || method === null || method === 'poison') return;
  const theft = { ...first.theft, id: thefts.map((each) => each.theft.id).join(', ') };
  const head = headOf(stored, theft, method);
  const passed = new Map<string, Passing>();
  for (const each of thefts)
    for (const { address, asset } of each.theft.seeds ?? []) passingOf(passed, asset, address).hops = 0;
  for await (const row of touchedRows(new TextDecoder().decode(bytes), stored.id)) {
    if (row.method === method) pass(passed, row);
  }
  for (const [key, { tookIn, paid, hops }] of passed) {
    const [asset = '', address = ''] = key.split('|');
    const chain = asset.slice(0, asset.indexOf('/'));
    if (paid === 0n || address === '' || places.has(chain, address, 'service')) continue;
    const amount = `${tookIn > paid ? tookIn : paid}`;
    places.add(chain, address, { head, asset, amount, role: 'passed', hops });
  }
}

function passingOf(passed: Map<string, Passing>, asset: string, address: string): Passing {
  const key = `${asset}|${address}`;
  const known = passed.get(key) ?? { tookIn: 0n, paid: 0n, hops: null };
  passed.set(key, known);
  return known;
}

/** Rows come in order of time, so the payer's hops are known when it pays. */
function pass(passed: Map<string, Passing>, { from, to, asset, tainted }: Touched): void {
  let before: number | null = null;
  // Several payers of a UTXO transaction: what each put in is not told, so each gets an equal part, rounded up.
  const payers = from === '' ? [] : from.split('|');
  for (const payer of payers) {
    const passing = passingOf(passed, asset, payer);
    passing.paid += (tainted + BigInt(payers.length) - 1n) / BigInt(payers.length);
    before = least(before, passing.hops);
  }
  // Change that comes back is not taken in again.
  if (to === '' || payers.includes(to)) return;
  const receiving = passingOf(passed, asset, to);
  receiving.tookIn += tainted;
  receiving.hops = least(receiving.hops, before === null ? null : before + 1);
}

interface Touched {
  readonly method: string;
  readonly from: string;
  readonly to: string;
  readonly asset: string;
  readonly tainted: bigint;
}

/** Lines parsed at a time, so that a large case stops nobody. */
const LINES = 4096;

async function* touchedRows(text: string, id: string): AsyncGenerator<Touched> {
  // Only a quoted field can hold a line break.
  const lines = text.includes('"') ? null : text.split('\n');
  const blocks = lines === null ? 1 : Math.ceil(lines.length / LINES);
  let columns: Columns | null = null;
  for (let block = 0; block < blocks; block += 1) {
    const part = lines === null ? text : lines.slice(block * LINES, (block + 1) * LINES).join('\n');
    for (const record of parseCsv(part, `${id}/${TOUCHED}`)) {
      if (columns === null) columns = columnsOf(record);
      else if (record.length > 1) yield columns(record);
    }
    await nextTurn();
  }
}

type Columns = (record: readonly string[]) => Touched;

function columnsOf(header: readonly string[]): Columns {
  const [method, from, to, asset, tainted] = ['method', 'from', 'to', 'asset', 'tainted'].map((name) =>
    header.indexOf(name),
  ) as [number, number, number, number, number];
  return (record) => ({
    method: record[method] ?? '',
    from: record[from] ?? '',
    to: record[to] ?? '',
    asset: record[asset] ?? '',
    tainted: BigInt(record[tainted] ?? '0'),
  });
}

function chainsOf({ context }: TraceResult, places: ReadonlyMap<string, unknown>): Set<ChainId> {
  const chains = new Set(context.sources.map(({ chain }) => chain));
  for (const key of places.keys()) chains.add(key.slice(0, key.indexOf('|')));
  return chains;
}

function signaturesOf(stored: StoredCase, { context }: TraceResult): Map<string, SignatureFact[]> {
  const signatures = new Map<string, SignatureFact[]>();
  for (const { id, name, summary, addresses, lastTime } of context.signatures) {
    const fact: SignatureFact = { id, name, case: stored.id, summary, lastTime };
    for (const address of new Set(addresses)) signatures.set(address, [...(signatures.get(address) ?? []), fact]);
  }
  return signatures;
}

function sum(a: string, b: string): string {
  return `${BigInt(a) + BigInt(b)}`;
}

function least(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
