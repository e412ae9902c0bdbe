import type { TheftFile } from '../model/theft.ts';
import type { Transfer } from '../model/transfer.ts';
import type { Evidence } from '../trace/evidence.ts';
import type { TraceContext } from '../trace/result.ts';
import type { TraceOutput } from '../trace/trace.ts';
import type { CaseFlow, CaseFlowNode } from './case-flow.ts';
import { type Movement, outputAsset, type PlaceKeyed, touches } from './case-movements.ts';
import { balanceChanges, outputChanges, type PlaceSeries, seriesOf } from './case-series.ts';
import { taintChanges } from './case-taint.ts';
import type { TheftView } from './compare.ts';
import type { FlowFacts } from './flow-graph.ts';

/** One address of a case. Amounts are decimal text. */
export interface CasePlace {
  readonly chain: string;
  readonly address: string;
  readonly kind: string;
  readonly labels: readonly PlaceLabel[];
  readonly entity: string | null;
  readonly edgeOfData: boolean;
  readonly hops: number | null;
  readonly methods: readonly {
    readonly method: string;
    readonly in: string;
    readonly out: string;
    readonly held: string;
  }[];
  readonly series: readonly PlaceSeries[];
  readonly transfers: number;
}

export interface PlaceLabel {
  readonly category: string;
  readonly label: string;
  readonly actor: string | null;
  readonly source: string;
  readonly url: string | null;
  readonly confidence: string;
  /** ISO 8601. */
  readonly from: string | null;
  readonly until: string | null;
}

export interface PlaceKnown {
  readonly view: TheftView;
  readonly evidence: Evidence;
  readonly file: TheftFile;
  readonly rows: TraceOutput['rows'];
  readonly movements: readonly Movement[];
  readonly assets: TraceContext['assets'];
  readonly facts: FlowFacts;
  /** The picture of a method without a limit. */
  flowOf(method: string): CaseFlow;
}

/** null: the case knows nothing of it. `now`: what labels say of it today. */
export function casePlace(
  chain: string,
  address: string,
  known: PlaceKnown,
  now: readonly PlaceLabel[],
): CasePlace | null {
  const place: PlaceKeyed = { chain, address, isUtxo: chain.startsWith('bip122:') };
  const { view } = known;
  const methods = view.poison === null ? view.methods : [...view.methods, view.poison];
  const nodes = methods.flatMap(({ name }) => {
    const node = known.flowOf(name).nodes.find((each) => each.chain === chain && each.address === address);
    return node === undefined ? [] : [{ method: name, node }];
  });
  const moved = known.movements.filter((movement) => movement.chain === chain && touches(movement, address));
  const labels = labelsOf(place, known.evidence, now);
  if (nodes.length === 0 && moved.length === 0) return null;
  const first: CaseFlowNode | undefined = nodes[0]?.node;
  return {
    chain,
    address,
    kind: first?.kind ?? 'address',
    labels,
    entity: labels.find(({ actor }) => actor !== null)?.actor ?? first?.entity ?? null,
    edgeOfData: nodes.some(({ node }) => node.edgeOfData),
    hops: first?.hops ?? null,
    methods: nodes.map(({ method, node }) => ({ method, in: node.in, out: node.out, held: node.held })),
    series: placeSeries(place, known, moved),
    transfers: moved.length,
  };
}

/** Of the evidence first; what is known now where it says something else. */
function labelsOf({ chain, address }: PlaceKeyed, evidence: Evidence, now: readonly PlaceLabel[]): PlaceLabel[] {
  const used = evidence.labels
    .filter((each) => each.chain === chain && each.address === address)
    .map(({ label, category, source, confidence }) => ({
      category: category ?? 'unknown',
      label: label ?? '',
      actor: null,
      source: source ?? '',
      url: null,
      confidence: confidence ?? 'unknown',
      from: null,
      until: null,
    }));
  const key = ({ category, label, source }: PlaceLabel): string => JSON.stringify([category, label, source]);
  const more = new Map(now.map((each) => [key(each), each]));
  // The same label as it is known now says more: since when, whose.
  const labels = used.map((each) => more.get(key(each)) ?? each);
  const said = new Set(labels.map(key));
  return [...labels, ...[...more.values()].filter((each) => !said.has(key(each)))];
}

function placeSeries(place: PlaceKeyed, known: PlaceKnown, moved: readonly Movement[]): readonly PlaceSeries[] {
  const { view, rows, assets } = known;
  const own = rowsAt(place, rows);
  const credits = creditsOf(place, known.file);
  const outputs = place.isUtxo ? outputChanges(place, moved, spendsOf(place, rows)) : [];
  const balances = balanceChanges(place, own, outputs, credits);
  const taints = new Map(
    view.methods.map(({ name }) => [name, taintChanges(place, known.facts, view.theft.id, name)] as const),
  );
  const isKnown = (asset: string): boolean => hasOpening(place, asset, own, known.evidence);
  return seriesOf(balances, taints, isKnown, assets);
}

function rowsAt(place: PlaceKeyed, rows: TraceOutput['rows']): readonly Transfer[] {
  return rows.flatMap((row) =>
    !('outputs' in row) && row.chain === place.chain && (row.from === place.address || row.to === place.address)
      ? [row]
      : [],
  );
}

function spendsOf(
  { chain, address }: PlaceKeyed,
  rows: TraceOutput['rows'],
): { time: number; value: bigint; asset: string }[] {
  return rows.flatMap((row) =>
    'outputs' in row && row.chain === chain
      ? row.inputs
          .filter((input) => input.outpoint !== null && input.address === address)
          .map(({ value }) => ({ time: row.time, value, asset: outputAsset(chain) }))
      : [],
  );
}

/** What the theft file says came in and no row shows. */
function creditsOf({ chain, address }: PlaceKeyed, file: TheftFile): { time: number; asset: string; units: bigint }[] {
  const ends = [...file.thefts.flatMap((theft) => theft.seeds), ...file.links.map((link) => link.to)];
  return ends.flatMap((end) =>
    end.kind === 'credit' && end.chain.id === chain && end.address === address && end.time !== null
      ? [{ time: end.time, asset: end.asset.id, units: end.amount }]
      : [],
  );
}

/** An opening balance, or a fetch from before its first movement on that found none. */
function hasOpening(place: PlaceKeyed, asset: string, rows: readonly Transfer[], evidence: Evidence): boolean {
  const own = rows.filter((row) => row.asset === asset);
  if (own.some((row) => row.kind === 'opening' && row.to === place.address)) return true;
  const first = own[0]?.time;
  return (
    first !== undefined &&
    evidence.coverage.some(
      (range) => range.chain === place.chain && range.place === place.address && range.from <= first,
    )
  );
}
