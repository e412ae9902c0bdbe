import type { ChainId } from '../model/chain.ts';
import type { Category } from '../model/label.ts';

/**
 * What was known of one counterparty when a verdict was given: everything the rules may look at. Plain JSON: amounts are decimal strings of base
 * units, times ISO 8601 UTC, so that a verdict replays from what it stores.
 */
export interface CounterpartyFacts {
  /** Canonical. */
  readonly address: string;
  readonly chain: ChainId;
  /** What it paid or is to be paid in this transfer; null where not known. */
  readonly amount: string | null;
  readonly labels: readonly LabelFact[];
  /** The entity it belongs to, where clusters say so. */
  readonly entity: EntityFact | null;
  readonly exposures: readonly ExposureFact[];
  readonly traces: readonly TraceFact[];
  readonly signatures: readonly SignatureFact[];
  /** What could not be looked at, in words: no exposure table of this chain, too busy for paths. */
  readonly missing: readonly string[];
}

export interface LabelFact {
  readonly category: Category;
  readonly label: string;
  readonly actor: string | null;
  readonly programmes: readonly string[];
  readonly confidence: string;
  /** LabelList.source, and the file it came in. */
  readonly source: string;
  readonly file: string;
  readonly url: string | null;
  /** First edition that holds it; null where undated. */
  readonly listed: string | null;
  /** Newest edition that holds it. */
  readonly lastListed: string | null;
  /** Date of the edition that no longer holds it. */
  readonly ended: string | null;
  /** At the date of knowledge: now, or the `asOf` of the request. */
  readonly status: 'current' | 'ended' | 'later';
  /** In force when the transfer was made: false where it was listed only later (told apart, point in time). null: no time of transfer, or undated list. */
  readonly atTransfer: boolean | null;
  /** The source lower-cased the address: a hit but for upper and lower case. */
  readonly caseLost: boolean;
  /** The address of the same entity that bears the label; null: the counterparty itself. */
  readonly via: string | null;
  /** The chain it was said of, where that is another one (an EVM address sanctioned on another chain). */
  readonly saidOf: ChainId | null;
}

export interface EntityFact {
  /** The entity's canonical address. */
  readonly id: string;
  readonly size: number;
  /** What joins it, in words: common inputs, deposit address of NAME. */
  readonly why: string;
}

/** From the exposure table (haircut, stopping at services): floating point, a measure and never evidence; the path is exact. */
export interface ExposureFact {
  readonly asset: string;
  readonly side: 'received' | 'sent';
  readonly category: string;
  /** Whole base units, rounded. In one payment straight from (to) an address of the category; through others. */
  readonly direct: string;
  readonly indirect: string;
  /** In small payments; in no other figure unless they add up. */
  readonly small: string;
  readonly amount: string;
  /** Of all that counts on this side, 0 to 1, six digits. */
  readonly share: number;
  /** Payments between the category and the counterparty on the strongest path (1: direct); null where no path was sought or found. */
  readonly hops: number | null;
  readonly path: PathFact | null;
}

export interface PathFact {
  /** Base units that came this way. */
  readonly amount: string;
  /** Address of the category that it begins (ends) at, and its label. */
  readonly origin: string;
  readonly label: string | null;
  readonly steps: readonly {
    readonly tx: string | null;
    readonly time: string;
    readonly from: string | null;
    readonly to: string | null;
    readonly asset: string;
    readonly amount: string;
  }[];
}

/** The counterparty is a place of a traced theft. */
export interface TraceFact {
  readonly case: string;
  readonly title: string;
  readonly theft: string;
  readonly method: string;
  readonly asset: string;
  /** Tainted base units that it holds or took in. */
  readonly amount: string;
  readonly role: 'holds' | 'service' | 'passed';
  readonly hops: number | null;
  readonly stolenAt: string;
  readonly simulated: boolean;
}

/** A laundering signature (S0–S13) that names the counterparty. */
export interface SignatureFact {
  readonly id: string;
  readonly name: string;
  readonly case: string | null;
  readonly summary: string;
  readonly lastTime: string;
}

/** What came from one customer (or, without a reference, one counterparty) before, under the single thresholds: so that many small ones add up. */
export interface CumulativeFact {
  /** Customer's pseudonym or the counterparty's address. */
  readonly of: string;
  readonly category: string;
  readonly link: 'direct' | 'indirect';
  readonly asset: string;
  /** One for each transfer inside the longest window that a rule asks for, oldest first. */
  readonly earlier: readonly { readonly at: string; readonly amount: string; readonly verdict: string }[];
}
