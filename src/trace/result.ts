import type { MeetingRule, StopKind } from '../taint/step.ts';

/**
 * What a trace says, as JSON prints it. Every amount is a decimal string of base units; every time is ISO 8601 UTC.
 * `theft` and `methods` are those of the first theft of the file; further thefts of the case follow in the same shape.
 */
export interface TraceResult extends TheftResult {
  readonly case: string;
  readonly furtherThefts: readonly TheftResult[];
  readonly context: TraceContext;
}

export interface TheftResult {
  readonly theft: TheftHeader;
  readonly methods: Readonly<Record<string, MethodResult>>;
}

export interface TheftHeader {
  readonly id: string;
  readonly title: string;
  /** CAIP-19 of the asset whose base units are the source units, with how to print them. */
  readonly asset: string;
  readonly symbol: string;
  readonly decimals: number | null;
  readonly stolen: string;
  readonly time: string;
  readonly sources: readonly string[];
  /** Where and how it enters, in order. Reports infer it from the transfers where it is absent. */
  readonly seeds?: readonly SeedResult[];
}

export interface SeedResult {
  readonly chain: string;
  readonly address: string;
  readonly asset: string;
  readonly kind: 'credit' | 'mark';
  readonly amount: string;
  readonly sourceUnits: string;
  readonly time: string;
}

export interface MethodResult {
  readonly version: number;
  readonly stolen: string;
  /** null for poison: it is reach, not an amount. */
  readonly buckets: Readonly<Record<string, string>> | null;
  /** Largest first. For poison: every place reached, amount and sourceUnits "0". */
  readonly places: readonly PlaceResult[];
  /** Whom to call first: recoverable before not, then largest first. */
  readonly services: readonly ServiceResult[];
  readonly shortages: readonly ShortageResult[];
  readonly notes: Readonly<Record<string, number>>;
  /** Transfers that carried taint of this theft. */
  readonly touched: number;
}

export interface PlaceResult {
  readonly chain: string;
  readonly address: string;
  readonly asset: string;
  /** Tainted base units of the asset at the place. */
  readonly amount: string;
  readonly sourceUnits: string;
  /** "held" means as of the last movement known: the data do not show what the place paid out after it. */
  readonly edgeOfData: boolean;
  /** Set on UTXO chains: txid:index. */
  readonly outpoint?: string;
  readonly label: string | null;
  readonly category: string | null;
  readonly lastArrival: string;
  readonly hops: number;
}

export interface ServiceResult {
  readonly chain: string;
  readonly address: string;
  readonly asset: string;
  /** Entity name where a label gives one; null for a suspected service. */
  readonly name: string | null;
  readonly category: string;
  readonly stop: StopKind;
  readonly bucket: string;
  readonly amount: string;
  readonly sourceUnits: string;
  /** Of what was stolen, in per cent with two digits, such as "12.34 %". */
  readonly share: string;
  /** A custodian that can be asked to hold it: false for mixers, burns, bridges and fee takers. */
  readonly recoverable: boolean;
  readonly firstTime: string;
  readonly lastTime: string;
  readonly labelSource: string | null;
  readonly transfers: readonly TransferRef[];
}

export interface TransferRef {
  readonly sourceFile: string;
  readonly sourceRow: number;
  readonly tx: string | null;
  readonly time: string;
  readonly from: string;
  readonly amount: string;
  /** Base units of the asset, of all thefts of the case together. */
  readonly tainted: string;
}

export interface ShortageResult {
  readonly chain: string;
  readonly address: string;
  readonly asset: string;
  readonly time: string;
  readonly amount: string;
  readonly sourceFile: string;
  readonly sourceRow: number;
}

/** A laundering signature seen (shared numbering S0–S13), with what was seen. */
export interface SignatureResult {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  readonly addresses: readonly string[];
  readonly firstTime: string;
  readonly lastTime: string;
  /** Figures behind it, as printed. */
  readonly evidence: Readonly<Record<string, string>>;
}

export interface TraceContext {
  readonly version: string;
  readonly simulated: boolean;
  readonly meeting: MeetingRule;
  readonly options: Readonly<Record<string, string>>;
  /** How the order of the movements used was come by: one line a batch. */
  readonly orderRules: readonly string[];
  /** Batches used: preset, files with their SHA-256, rows. */
  readonly sources: readonly SourceResult[];
  readonly transfersUsed: number;
  readonly labelsUsed: number;
  readonly assets: Readonly<Record<string, { readonly symbol: string; readonly decimals: number | null }>>;
  readonly signatures: readonly SignatureResult[];
  /** Things counted that a reader must know (duplicate rows kept, amounts rounded by their source, …). */
  readonly warnings: readonly string[];
  readonly dataFrom: string | null;
  readonly dataUntil: string | null;
}

export interface SourceResult {
  readonly preset: string;
  readonly chain: string;
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
  readonly rowsRead: number;
  readonly rowsKept: number;
}

/** One line of `--touched`. */
export interface TouchedRow {
  readonly theft: string;
  readonly method: string;
  readonly source_file: string;
  readonly source_row: number;
  readonly tx: string;
  readonly from: string;
  readonly to: string;
  readonly asset: string;
  readonly amount: string;
  readonly tainted: string;
  readonly time: number;
}
