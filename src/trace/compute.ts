import { HaetaeError } from '../base/errors.ts';
import { requireAmount } from '../base/money.ts';
import { formatTime } from '../base/time.ts';
import type { TheftFile } from '../model/theft.ts';
import type { Transfer, UtxoTransaction } from '../model/transfer.ts';
import { createEngine } from '../taint/engine.ts';
import { createPoison } from '../taint/poison.ts';
import type { EngineOptions, EngineOutcome, PoisonOutcome, Step, TheftInfo, Touch } from '../taint/step.ts';
import type { Evidence } from './evidence.ts';
import { passingHops } from './options.ts';
import type { Places } from './places.ts';
import { buildSteps, type TraceSteps } from './steps.ts';

/** What one method says, still in numbers of places and rows. */
export interface MethodRun {
  readonly method: string;
  readonly outcome: EngineOutcome | PoisonOutcome;
  readonly touches: readonly Touch[];
}

export interface Computation extends TraceSteps {
  readonly thefts: readonly TheftInfo[];
  readonly options: EngineOptions;
  readonly runs: readonly MethodRun[];
}

/**
 * Runs every method of the case over its evidence. Pure: same evidence, same result, on any machine.
 * Poison runs first over all places; what it reaches is what the others keep balances for (property 4: nothing else can be tainted).
 */
export function computeTrace(evidence: Evidence, file: TheftFile): Computation {
  const built = buildSteps(evidence, file);
  const thefts = file.thefts.map((theft) => ({ id: theft.id }));
  const options: EngineOptions = {
    meeting: file.meeting,
    minUnits: file.thefts.map((theft) => minUnits(evidence, theft.asset.decimals)),
    maxHops: passingHops(evidence.options),
  };
  const poison = run('poison', built, thefts, options);
  built.places.track(reachOf(poison.outcome as PoisonOutcome, built));
  const runs = evidence.options.methods.map((method) =>
    method === 'poison' ? poison : run(method, built, thefts, options),
  );
  return { ...built, thefts, options, runs };
}

function run(
  method: string,
  { steps, places }: TraceSteps,
  thefts: readonly { readonly id: string }[],
  options: EngineOptions,
): MethodRun {
  const touches: Touch[] = [];
  const onTouch = (touch: Touch): void => {
    touches.push(touch);
  };
  const engine =
    method === 'poison'
      ? createPoison(places, thefts, options, onTouch)
      : createEngine(method, places, thefts, options, onTouch);
  for (const step of steps) applyNamed(engine, step, places, thefts);
  return { method, outcome: engine.outcome(), touches };
}

/** The accounting knows places by number; a person gets the theft, the address and the time. */
function applyNamed(
  engine: { apply(step: Step): void },
  step: Step,
  places: Places,
  thefts: readonly { readonly id: string }[],
): void {
  try {
    engine.apply(step);
  } catch (cause) {
    if (!(cause instanceof HaetaeError) || (step.kind !== 'seed' && step.kind !== 'arrival')) throw cause;
    const { chain, address, asset, outpoint } = places.name(step.place);
    const { place: _, ...figures } = cause.context;
    const theft = step.kind === 'seed' ? { theft: thefts[step.theft]!.id } : {};
    throw new HaetaeError(cause.code, cause.message, {
      context: { ...theft, chain, address: outpoint ?? address, asset, time: formatTime(step.time), ...figures },
      remedy: `${cause.remedy ?? ''}; money paid by a contract is in traces only: import those too where they are missing`,
      cause,
    });
  }
}

function reachOf(outcome: PoisonOutcome, { steps }: TraceSteps): Set<number> {
  const reached = new Set(outcome.reach.flatMap((places) => places.map((item) => item.place)));
  for (const step of steps) if (step.kind === 'seed' || step.kind === 'arrival') reached.add(step.place);
  return reached;
}

function minUnits(evidence: Evidence, decimals: number | null): bigint {
  const { minAmount } = evidence.options;
  return minAmount === null ? 0n : requireAmount(minAmount, decimals ?? 0, '--min-amount');
}

export function isUtxo(row: Transfer | UtxoTransaction): row is UtxoTransaction {
  return 'outputs' in row;
}
