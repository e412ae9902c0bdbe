import { HaetaeError } from '../base/errors.ts';
import { formatTime } from '../base/time.ts';
import type { TheftFile } from '../model/theft.ts';
import type { Transfer, UtxoTransaction } from '../model/transfer.ts';
import { requireMethod } from '../taint/engine.ts';
import type { EngineOutcome } from '../taint/step.ts';
import { Assembler } from './assemble.ts';
import { type Computation, computeTrace } from './compute.ts';
import type { Evidence } from './evidence.ts';
import type { TraceOptions } from './options.ts';
import type { TouchedRow, TraceContext, TraceResult } from './result.ts';
import { findSignatures } from './signatures.ts';

/** A trace as computed: what `--json` prints, and the transfers that carried taint. */
export interface TraceOutput {
  readonly result: TraceResult;
  /** One row a transfer and method, all thefts together: what `--touched` prints. */
  readonly touched: readonly TouchedRow[];
  /** One row a transfer, method and theft, `tainted` in source units of the theft: what the flow picture is drawn from. Made when asked for. */
  flow(): readonly FlowRow[];
  /** Likewise what poison says: movements out of places that the loot had reached, `tainted` "0". Made when asked for. */
  reach(): readonly FlowRow[];
  /** The movements that were used, in order. */
  readonly rows: readonly (Transfer | UtxoTransaction)[];
  /** The theft file documents links. */
  readonly linked: boolean;
  /** Steps, places and outcomes by number, behind the result. */
  readonly computation: Computation;
}

export interface FlowRow extends TouchedRow {
  /** Index into `rows` of the output. */
  readonly row: number;
}

/** From evidence to result. Deterministic: no clock, no store, no network; `verify` runs just this. */
export function traceEvidence(evidence: Evidence, file: TheftFile, caseId: string, version: string): TraceOutput {
  for (const method of evidence.options.methods) requireMethod(method);
  const computation = computeTrace(evidence, file);
  checkConservation(computation);
  requireEntry(computation, file);
  const assembler = new Assembler(evidence, file, computation);
  const [first, ...further] = file.thefts.map((_, index) => assembler.theft(index));
  const context = contextOf(evidence, file, computation, version);
  return {
    result: { case: caseId, ...first!, furtherThefts: further, context },
    touched: touchedRows(computation, assembler),
    flow: () => flowRows(computation, assembler, file),
    reach: () => reachRows(computation, assembler, file),
    rows: computation.rows,
    linked: file.links.length > 0,
    computation,
  };
}

/** Property 1, checked on every run: the buckets of every theft sum to what was stolen, or nothing is printed. */
function checkConservation({ runs }: Computation): void {
  for (const { method, outcome } of runs) {
    if (method === 'poison') continue;
    for (const theft of (outcome as EngineOutcome).thefts) {
      const sum = Object.values(theft.buckets).reduce((total, units) => total + units, 0n);
      if (sum !== theft.stolen) {
        throw new HaetaeError('E_CASE', `${method} does not conserve`, {
          context: { stolen: theft.stolen.toString(), buckets: sum.toString() },
          remedy: 'this is a fault of Haetae: please report it with the theft file',
        });
      }
    }
  }
}

/** A trace into which no theft ever enters says nothing; one that lacks a part of it says so. */
function requireEntry({ steps }: Computation, file: TheftFile): void {
  if (steps.some((step) => step.kind === 'seed')) return;
  throw new HaetaeError('E_SEED', 'no seed of the theft file lies in the time that is traced', {
    context: { title: file.title },
    remedy: 'end later with --until, or correct the times of the seeds',
  });
}

/** Thefts that enter, wholly or in part, after the end of the trace. */
function lateSeeds({ steps }: Computation, file: TheftFile): string[] {
  return file.thefts.flatMap((theft, index) => {
    const entered = steps.reduce(
      (sum, step) => (step.kind === 'seed' && step.theft === index ? sum + step.units : sum),
      0n,
    );
    const stolen = theft.seeds.reduce((sum, seed) => sum + seed.units, 0n);
    return entered === stolen
      ? []
      : [
          `${theft.id}: ${stolen - entered} of ${stolen} base units enter after the end of this trace and are in no bucket.`,
        ];
  });
}

function touchedRows({ runs }: Computation, assembler: Assembler): TouchedRow[] {
  return runs.flatMap((run) =>
    run.touches.map((touch) => ({
      theft: '',
      ...rowOf(run.method, touch, assembler),
      tainted: touch.tainted.toString(),
    })),
  );
}

function flowRows({ runs }: Computation, assembler: Assembler, file: TheftFile): FlowRow[] {
  return runs.flatMap((run) =>
    run.touches.flatMap((touch) =>
      file.thefts.flatMap((theft, index) => {
        const units = touch.units[index] ?? 0n;
        return units === 0n ? [] : [flowRow(theft.id, run.method, touch, assembler, units.toString())];
      }),
    ),
  );
}

function reachRows({ runs }: Computation, assembler: Assembler, file: TheftFile): FlowRow[] {
  const poison = runs.find((run) => run.method === 'poison');
  return (poison?.touches ?? []).flatMap((touch) =>
    (touch.thefts ?? []).map((index) => flowRow(file.thefts[index]!.id, 'poison', touch, assembler, '0')),
  );
}

type RunTouch = Computation['runs'][number]['touches'][number];

function flowRow(theft: string, method: string, touch: RunTouch, assembler: Assembler, tainted: string): FlowRow {
  return { theft, ...rowOf(method, touch, assembler), tainted, row: touch.row };
}

function rowOf(method: string, touch: RunTouch, assembler: Assembler): Omit<TouchedRow, 'theft' | 'tainted'> {
  const row = assembler.row(touch.row);
  return {
    method,
    source_file: assembler.fileName(row),
    source_row: row.source.row,
    tx: row.tx ?? '',
    from: assembler.fromOf(touch),
    to: assembler.toOf(touch),
    asset: assembler.assetOf(touch),
    amount: touch.amount.toString(),
    time: row.time,
  };
}

function contextOf(evidence: Evidence, file: TheftFile, computation: Computation, version: string): TraceContext {
  const times = [...evidence.transfers, ...evidence.utxo].map((row) => row.time);
  const bounds = times.reduce<[number, number] | null>(
    (range, time) => (range === null ? [time, time] : [Math.min(range[0], time), Math.max(range[1], time)]),
    null,
  );
  return {
    version,
    simulated: file.simulated,
    meeting: file.meeting,
    options: printedOptions(evidence.options),
    orderRules: evidence.sources.map(
      (source) => `${source.files.map((item) => item.name).join(', ')}: ${orderText(source.orderRule)}`,
    ),
    sources: evidence.sources.map(({ preset, chain, files, rowsRead, rowsKept }) => ({
      preset,
      chain,
      files,
      rowsRead,
      rowsKept,
    })),
    transfersUsed: evidence.transfers.length + evidence.utxo.length,
    labelsUsed: evidence.labels.length,
    assets: Object.fromEntries(evidence.assets.map(({ id, symbol, decimals }) => [id, { symbol, decimals }])),
    signatures: findSignatures(evidence, file, computation),
    warnings: warningsOf(evidence, file, computation),
    dataFrom: bounds === null ? null : formatTime(bounds[0]),
    dataUntil: bounds === null ? null : formatTime(bounds[1]),
  };
}

const ORDER_TEXT: Readonly<Record<string, string>> = {
  index: 'order by block, transaction index and log or trace index',
  row: 'no index inside the block: order by row number inside the second or block',
  inferred: 'no index inside the block: inflows before the outflows they feed, then row number',
};

function orderText(rule: string): string {
  return ORDER_TEXT[rule] ?? rule;
}

function printedOptions(options: TraceOptions): Record<string, string> {
  return {
    methods: options.methods.join(', '),
    until: options.until === null ? 'end of data' : formatTime(options.until),
    maxHops: options.maxHops === null ? 'no limit' : String(options.maxHops),
    minAmount: options.minAmount ?? 'none',
    stops: options.stopCategories.length === 0 ? 'none' : options.stopCategories.join(', '),
    stopAddresses: options.stopAddresses.length === 0 ? 'none' : options.stopAddresses.join(', '),
    maxTransfers: String(options.maxTransfers),
    suspectedServiceAbove:
      options.maxCounterparties === null ? 'no limit' : `${options.maxCounterparties} counterparties`,
  };
}

/** How far the fetched data go, and what they may lack: one line a chain and gap. */
function coverageWarnings({ coverage }: Evidence): string[] {
  const lines: string[] = [];
  for (const chain of new Set(coverage.map((range) => range.chain))) {
    const ranges = coverage.filter((range) => range.chain === chain);
    const last = ranges.reduce((best, range) => (range.untilBlock > best.untilBlock ? range : best));
    lines.push(
      `${chain}: fetched up to block ${last.untilBlock} (${formatTime(last.until)}); later movements are not in this trace.`,
    );
    const gaps = new Map<string, number>();
    for (const range of ranges)
      for (const gap of range.gaps === '' ? [] : range.gaps.split('; ')) gaps.set(gap, (gaps.get(gap) ?? 0) + 1);
    for (const [gap, places] of gaps)
      lines.push(`${chain}: not seen or not checked: ${gap} (${places} ${places === 1 ? 'place' : 'places'}).`);
  }
  return lines;
}

function warningsOf(evidence: Evidence, file: TheftFile, computation: Computation): string[] {
  const warnings: string[] = [];
  if (file.simulated) warnings.push('Simulated: no real theft, no real address, no real money.');
  for (const source of evidence.sources) {
    const name = source.files.map((item) => item.name).join(', ');
    if (source.duplicates > 0) {
      const done = source.duplicateRule === 'keep' ? 'kept as real movements' : 'dropped';
      warnings.push(`${name}: ${source.duplicates} exact duplicate rows were ${done}.`);
    }
    if (source.rounded > 0) {
      warnings.push(
        `${name}: ${source.rounded} amounts were printed in floating point above 2^53; their last digits may be wrong.`,
      );
    }
    if (source.refused > 0)
      warnings.push(`${name}: ${source.refused} rows were refused at import and are not in this trace.`);
  }
  warnings.push(...coverageWarnings(evidence), ...lateSeeds(computation, file));
  if (computation.rows.length === 0) warnings.push('No movement in the data touches the places of the theft file.');
  if (evidence.options.until !== null)
    warnings.push(`Movements after ${formatTime(evidence.options.until)} were not followed.`);
  if (file.meeting === 'overlap' && file.thefts.length > 1) {
    warnings.push(
      'Meeting rule overlap: every theft is counted alone; the same money may be counted for several thefts.',
    );
  }
  const missing = file.thefts.filter((theft) => theft.asset.decimals === null).map((theft) => theft.id);
  if (missing.length > 0)
    warnings.push(`Amounts of ${missing.join(', ')} are in base units: the asset's decimals are not known.`);
  return warnings;
}
