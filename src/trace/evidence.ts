import { csvLine, parseCsv } from '../base/csv.ts';
import { HaetaeError } from '../base/errors.ts';
import type { Asset } from '../model/asset.ts';
import type { ChainId } from '../model/chain.ts';
import type { Transfer, TransferKind, UtxoTransaction } from '../model/transfer.ts';
import type { StopKind } from '../taint/step.ts';
import type { TraceOptions } from './options.ts';
import type { SourceResult } from './result.ts';

/** Everything a trace reads, and nothing else: computing from it is pure, so a bundle that holds it can be replayed. */
export interface Evidence {
  /** The theft file as the user wrote it. */
  readonly theftText: string;
  readonly theftFileName: string;
  readonly options: TraceOptions;
  readonly sources: readonly EvidenceSource[];
  readonly assets: readonly Asset[];
  /** Whole transactions in which a reached place moves, ordered by (time, chain, block, txIndex, leg). `source.batch` indexes `sources`. */
  readonly transfers: readonly Transfer[];
  readonly utxo: readonly UtxoTransaction[];
  /** Movements of the wallets that were robbed, for what is usual there; not part of the accounting. */
  readonly context: readonly Transfer[];
  readonly labels: readonly EvidenceLabel[];
  /** What was fetched whole from living chains, of the places met. */
  readonly coverage: readonly EvidenceCoverage[];
}

/** Every movement of a place between these seconds (both in) is in the evidence, but for the gaps named. */
export interface EvidenceCoverage {
  readonly chain: ChainId;
  /** An address, or txid:index. */
  readonly place: string;
  readonly from: number;
  readonly until: number;
  readonly untilBlock: bigint;
  /** Joined by "; "; empty for none. */
  readonly gaps: string;
}

/** One import that the trace used. */
export interface EvidenceSource extends SourceResult {
  readonly orderRule: string;
  readonly duplicateRule: string;
  readonly duplicates: number;
  readonly rounded: number;
  readonly refused: number;
  /** Between these seconds the import holds every movement of its chain; null where nobody said so. */
  readonly complete: { readonly from: number; readonly until: number } | null;
}

/** What is known of one address that the trace met. `stop` is what the trace did with it. */
export interface EvidenceLabel {
  readonly chain: ChainId;
  readonly address: string;
  readonly label: string | null;
  readonly category: string | null;
  readonly source: string | null;
  readonly confidence: string | null;
  readonly stop: StopKind | null;
  /** Of a suspected service: distinct counterparties counted in the data. */
  readonly counterparties: number | null;
}

const TRANSFER_COLUMNS = [
  'chain',
  'time',
  'block',
  'tx_index',
  'leg',
  'tx',
  'kind',
  'from',
  'to',
  'asset',
  'amount',
  'rounded',
  'source',
  'file',
  'row',
] as const;
const LABEL_COLUMNS = [
  'chain',
  'address',
  'label',
  'category',
  'source',
  'confidence',
  'stop',
  'counterparties',
] as const;

const COVERAGE_COLUMNS = ['chain', 'place', 'from', 'until', 'until_block', 'gaps'] as const;

export function transfersToCsv(transfers: readonly Transfer[]): string {
  const lines = transfers.map((row) =>
    csvLine([
      row.chain,
      row.time,
      row.block,
      row.txIndex,
      row.leg,
      row.tx,
      row.kind,
      row.from,
      row.to,
      row.asset,
      row.amount,
      row.rounded ? 1 : 0,
      row.source.batch,
      row.source.file,
      row.source.row,
    ]),
  );
  return `${[TRANSFER_COLUMNS.join(','), ...lines].join('\n')}\n`;
}

export function transfersFromCsv(text: string, fileName: string): Transfer[] {
  return recordsOf(text, fileName, TRANSFER_COLUMNS).map((field) => ({
    chain: field('chain'),
    time: Number(field('time')),
    block: field('block') === '' ? null : BigInt(field('block')),
    txIndex: Number(field('tx_index')),
    leg: Number(field('leg')),
    tx: field('tx') === '' ? null : field('tx'),
    kind: field('kind') as TransferKind,
    from: field('from') === '' ? null : field('from'),
    to: field('to') === '' ? null : field('to'),
    asset: field('asset'),
    amount: BigInt(field('amount')),
    rounded: field('rounded') === '1',
    source: { batch: Number(field('source')), file: Number(field('file')), row: Number(field('row')) },
  }));
}

export function labelsToCsv(labels: readonly EvidenceLabel[]): string {
  const lines = labels.map((row) =>
    csvLine([
      row.chain,
      row.address,
      row.label,
      row.category,
      row.source,
      row.confidence,
      row.stop,
      row.counterparties,
    ]),
  );
  return `${[LABEL_COLUMNS.join(','), ...lines].join('\n')}\n`;
}

export function labelsFromCsv(text: string, fileName: string): EvidenceLabel[] {
  const orNull = (value: string): string | null => (value === '' ? null : value);
  return recordsOf(text, fileName, LABEL_COLUMNS).map((field) => ({
    chain: field('chain'),
    address: field('address'),
    label: orNull(field('label')),
    category: orNull(field('category')),
    source: orNull(field('source')),
    confidence: orNull(field('confidence')),
    stop: orNull(field('stop')) as StopKind | null,
    counterparties: field('counterparties') === '' ? null : Number(field('counterparties')),
  }));
}

export function coverageToCsv(coverage: readonly EvidenceCoverage[]): string {
  const lines = coverage.map(({ chain, place, from, until, untilBlock, gaps }) =>
    csvLine([chain, place, from, until, untilBlock, gaps]),
  );
  return `${[COVERAGE_COLUMNS.join(','), ...lines].join('\n')}\n`;
}

export function coverageFromCsv(text: string, fileName: string): EvidenceCoverage[] {
  return recordsOf(text, fileName, COVERAGE_COLUMNS).map((field) => ({
    chain: field('chain'),
    place: field('place'),
    from: Number(field('from')),
    until: Number(field('until')),
    untilBlock: BigInt(field('until_block')),
    gaps: field('gaps'),
  }));
}

type FieldReader<Column extends string> = (column: Column) => string;

function recordsOf<Column extends string>(
  text: string,
  fileName: string,
  columns: readonly Column[],
): FieldReader<Column>[] {
  const [header, ...records] = parseCsv(text, fileName);
  if (header === undefined || columns.some((column, index) => header[index] !== column)) {
    throw new HaetaeError('E_BUNDLE', 'the header is not the one expected', {
      context: { file: fileName, expected: columns.join(',') },
    });
  }
  return records.map((record, index) => {
    if (record.length !== columns.length) {
      throw new HaetaeError('E_BUNDLE', 'a record has the wrong number of fields', {
        context: { file: fileName, line: index + 2 },
      });
    }
    return (column) => record[columns.indexOf(column)]!;
  });
}

/** One transaction a line, as JSON arrays: [chain, tx, time, block, txIndex, inputs, outputs, source]. */
export function utxoToLines(transactions: readonly UtxoTransaction[]): string {
  return transactions.map((tx) => `${JSON.stringify(utxoRecord(tx))}\n`).join('');
}

function utxoRecord(tx: UtxoTransaction): unknown[] {
  const inputs = tx.inputs.map((input) => [
    input.outpoint === null ? null : `${input.outpoint.tx}:${input.outpoint.index}`,
    input.value.toString(),
    input.address,
  ]);
  const outputs = tx.outputs.map((output) => [output.value.toString(), output.address]);
  const block = tx.block === null ? null : tx.block.toString();
  const source = [tx.source.batch, tx.source.file, tx.source.row];
  return [tx.chain, tx.tx, tx.time, block, tx.txIndex, inputs, outputs, source];
}

type UtxoRecord = [
  chain: string,
  tx: string,
  time: number,
  block: string | null,
  txIndex: number,
  inputs: [outpoint: string | null, value: string, address: string][],
  outputs: [value: string, address: string][],
  source: [batch: number, file: number, row: number],
];

export function utxoFromLines(text: string): UtxoTransaction[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [chain, tx, time, block, txIndex, inputs, outputs, source] = JSON.parse(line) as UtxoRecord;
      return {
        chain,
        tx,
        time,
        block: block === null ? null : BigInt(block),
        txIndex,
        inputs: inputs.map(([outpoint, value, address]) => ({
          outpoint: outpoint === null ? null : splitOutpoint(outpoint),
          value: BigInt(value),
          address,
        })),
        outputs: outputs.map(([value, address]) => ({ value: BigInt(value), address })),
        source: { batch: source[0], file: source[1], row: source[2] },
      };
    });
}

function splitOutpoint(text: string): { tx: string; index: number } {
  const colon = text.lastIndexOf(':');
  return { tx: text.slice(0, colon), index: Number(text.slice(colon + 1)) };
}
