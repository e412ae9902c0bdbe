import { HaetaeError } from '../base/errors.ts';
import type { CaseSummary, Store } from '../store/port.ts';
import type { MethodResult, TheftResult, TraceResult } from '../trace/result.ts';
import { theftTime } from '../trace/theft-time.ts';
import { viewTheft } from './compare.ts';

/** What was stolen by where it is now. Source units; the five sum to `stolen`. */
export interface MoneyStates {
  readonly stolen: bigint;
  readonly held: bigint;
  /** At services that can be asked. */
  readonly services: bigint;
  readonly mixed: bigint;
  /** Bridged, and in flight. */
  readonly bridged: bigint;
  readonly other: bigint;
}

/** One theft as the overview shows it. Amounts are decimal text of source units. */
export interface TheftMoney extends Readonly<Record<keyof MoneyStates, string>> {
  readonly case: string;
  readonly caseTitle: string;
  readonly theft: string;
  readonly title: string;
  readonly simulated: boolean;
  readonly asset: string;
  readonly symbol: string;
  readonly decimals: number | null;
  readonly time: string;
  /** By which the states are counted; poison has no amounts, so that all of it is `other`. */
  readonly method: string;
}

/** Null where the buckets do not sum to what was stolen, or hold less than their stops. */
export function moneyStatesOf(method: MethodResult): MoneyStates | null {
  const stolen = BigInt(method.stolen);
  if (method.buckets === null) return { stolen, held: 0n, services: 0n, mixed: 0n, bridged: 0n, other: stolen };
  const buckets = new Map(Object.entries(method.buckets).map(([name, units]) => [name, BigInt(units)]));
  const stops = { services: 0n, mixed: 0n, bridged: buckets.get('inFlight') ?? 0n };
  for (const { recoverable, stop, bucket, sourceUnits } of method.services) {
    // What went into a bridge and was not seen again is in flight already.
    if (bucket === 'inFlight') continue;
    if (recoverable) stops.services += BigInt(sourceUnits);
    else if (stop === 'mixer') stops.mixed += BigInt(sourceUnits);
    else if (stop === 'bridge') stops.bridged += BigInt(sourceUnits);
  }
  const held = buckets.get('held') ?? 0n;
  const other = stolen - held - stops.services - stops.mixed - stops.bridged;
  const sum = [...buckets.values()].reduce((total, units) => total + units, 0n);
  return sum === stolen && other >= 0n ? { stolen, held, ...stops, other } : null;
}

/** Thefts of traced cases with their money by state. Each case is read once and again only when it was saved anew. */
export class TracedMoney {
  readonly #store: Pick<Store, 'loadCase'>;
  readonly #read = new Map<string, Promise<readonly TheftMoney[]>>();

  constructor(store: Pick<Store, 'loadCase'>) {
    this.#store = store;
  }

  /** Of the newest cases, as `Store.cases` lists them; at most `limit` thefts. Throws E_CASE. */
  async newest(cases: readonly CaseSummary[], limit: number): Promise<readonly TheftMoney[]> {
    const found: TheftMoney[] = [];
    const wanted = new Set<string>();
    for (const summary of cases.toReversed()) {
      if (found.length >= limit) break;
      const key = JSON.stringify([summary.id, summary.title, summary.createdAt, summary.bytes]);
      wanted.add(key);
      found.push(...(await this.#once(key, summary)));
    }
    for (const key of this.#read.keys()) if (!wanted.has(key)) this.#read.delete(key);
    return found.slice(0, limit);
  }

  /** One that failed is read again at the next call. */
  #once(key: string, summary: CaseSummary): Promise<readonly TheftMoney[]> {
    const known = this.#read.get(key);
    if (known !== undefined) return known;
    const reading = this.#thefts(summary);
    this.#read.set(key, reading);
    reading.catch(() => this.#read.delete(key));
    return reading;
  }

  async #thefts({ id, title, simulated }: CaseSummary): Promise<readonly TheftMoney[]> {
    const results = (await this.#store.loadCase(id))?.files.get('results.json');
    // Taken away since it was listed.
    if (results === undefined) return [];
    const result = resultOf(results, id);
    const thefts = [{ theft: result.theft, methods: result.methods }, ...result.furtherThefts];
    return thefts.map((theft) => ({ case: id, caseTitle: title, simulated, ...rowOf(theft, id) }));
  }
}

function rowOf(result: TheftResult, id: string): Omit<TheftMoney, 'case' | 'caseTitle' | 'simulated'> {
  const view = viewTheft(result);
  const leading = view.methods[0] ?? view.poison;
  const states = leading === null ? null : moneyStatesOf(leading.result);
  if (leading === null || states === null) {
    throw new HaetaeError('E_CASE', 'the states of the money do not sum to what was stolen', {
      context: { case: id, theft: view.theft.id },
      remedy: 'trace the theft again',
    });
  }
  const { id: theft, title, asset, symbol, decimals } = view.theft;
  const amounts = Object.fromEntries(Object.entries(states).map(([name, units]) => [name, units.toString()]));
  return {
    theft,
    title,
    asset,
    symbol,
    decimals,
    time: theftTime(view.theft) ?? '',
    method: leading.name,
    ...(amounts as Record<keyof MoneyStates, string>),
  };
}

function resultOf(bytes: Uint8Array, id: string): TraceResult {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as TraceResult;
  } catch (cause) {
    throw new HaetaeError('E_CASE', 'the results of the case cannot be read', {
      context: { case: id },
      remedy: 'trace the theft again',
      cause,
    });
  }
}
