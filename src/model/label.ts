import type { UnixSeconds } from '../base/time.ts';
import type { ChainId } from './chain.ts';

/** What an address is, for exposure, stops and rules. `unknown` is said where a source gives no category. */
export const CATEGORIES = [
  'sanctioned',
  'stolen',
  'mixer',
  'coinjoin',
  'exchange',
  'bridge',
  'otc',
  'gambling',
  'darknet',
  'scam',
  'ransomware',
  'mining',
  'dex',
  'lending',
  'payment',
  'wallet',
  'frozen',
  'burn',
  'token',
  'service',
  'user',
  'unknown',
] as const;
export type Category = (typeof CATEGORIES)[number];

/**
 * GraphSense's confidence words, strongest first, with the level it gives each: ownership, override and ledger_immanent 100,
 * manual_transaction 90, service_api and forensic_investigation 70, authority_data 60, trusted_provider, service_data and forensic
 * 50, untrusted_transaction 40, web_crawl 20, heuristic 10, unknown 5 (graphsense-tagpack-tool, src/tagpack/db/confidence.csv).
 */
export const CONFIDENCES = [
  'ownership',
  'override',
  'ledger_immanent',
  'manual_transaction',
  'service_api',
  'forensic_investigation',
  'authority_data',
  'trusted_provider',
  'service_data',
  'forensic',
  'untrusted_transaction',
  'web_crawl',
  'heuristic',
  'unknown',
] as const;

/** One list as published at one date. A newer list of the same source ends what it no longer holds. */
export interface LabelList {
  /**
   * Identity that stays the same from one edition to the next: tagpack:lazarus, etherscan, ofac-sdn. Where an edition covers a part
   * of its source only, the part follows a slash (ofac-sdn/XBT): it then ends nothing outside that part. See docs/labels.md.
   */
  readonly source: string;
  /** Edition date; null where neither the file nor the user gave one (it then counts as older than every dated edition). */
  readonly listDate: UnixSeconds | null;
  readonly title: string;
  readonly url: string | null;
  readonly licence: string | null;
  /** SHA-256 of the file, lower-case hex. */
  readonly sha256: string;
  readonly fileName: string;
}

export interface LabelEntry {
  /** Canonical where the format is known; the folded text where `caseLost`. */
  readonly address: string;
  /** null: the source names no chain that we know (the currency it names stands in `currency`). */
  readonly chain: ChainId | null;
  readonly currency: string | null;
  readonly label: string;
  readonly category: Category;
  readonly actor: string | null;
  readonly abuse: string | null;
  /** Sanctions programmes, as OFAC writes them. */
  readonly programmes: readonly string[];
  readonly confidence: string;
  /** Where this entry is from, if finer than its list. */
  readonly url: string | null;
  /** The source lower-cased a case-sensitive address: only the folded form is known. */
  readonly caseLost: boolean;
  /** The source's own dates, where it gives them. */
  readonly validFrom: UnixSeconds | null;
  readonly validTo: UnixSeconds | null;
}

/** A label as looked up: the entry, its list, and what the editions of that source say about when it held. */
export interface Label extends LabelEntry {
  readonly list: LabelList;
  /** First and last edition that hold it; null where undated. */
  readonly firstListed: UnixSeconds | null;
  readonly lastListed: UnixSeconds | null;
  /** Date of the first edition after it that no longer holds it; null while the newest edition does. */
  readonly endedBy: UnixSeconds | null;
  /** Against the date asked for: in force, no longer, or first listed later than that date. */
  readonly status: 'current' | 'ended' | 'later';
  /** Set where a case-lost entry was joined to the case-kept spelling: the source that kept the case. */
  readonly caseFrom: string | null;
}
