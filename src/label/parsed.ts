import type { UnixSeconds } from '../base/time.ts';
import type { LabelEntry, LabelList } from '../model/label.ts';

export const LABEL_FORMATS = [
  'tagpack',
  'etherscan-accounts',
  'ofac-by-asset',
  'ofac-programmes',
  'haetae-labels',
] as const;
export type LabelFormat = (typeof LABEL_FORMATS)[number];

/** What a user may say about a file that the file itself does not say. */
export interface LabelFileOptions {
  /** Edition date, where the file has none. A date inside the file wins. */
  readonly listDate?: UnixSeconds;
  /** Replaces the source identity that the format gives. */
  readonly source?: string;
  /** Asset code of a by-asset list whose name does not say it (XBT, ETH, …). */
  readonly asset?: string;
}

/** A file as every parser gets it. */
export interface LabelFileText {
  readonly name: string;
  readonly text: string;
  /** Of the bytes, lower-case hex. */
  readonly sha256: string;
  readonly options: LabelFileOptions;
}

export interface ParsedList {
  readonly list: LabelList;
  readonly entries: readonly LabelEntry[];
}

/** An entry that was not taken, and why. `line` is null where the format has no lines to speak of. */
export interface RefusedLabel {
  readonly reason: string;
  readonly line: number | null;
  readonly field: string;
  readonly value: string;
}

export interface ParsedLabels {
  readonly format: LabelFormat;
  readonly fileName: string;
  readonly lists: readonly ParsedList[];
  readonly refused: readonly RefusedLabel[];
  /** Field → how many entries carried it and it was not kept. */
  readonly ignoredFields: Readonly<Record<string, number>>;
  /** What a user must know: no date, unknown words, unknown chains. */
  readonly warnings: readonly string[];
}

/** Refused entries by reason. */
export function refusedByReason(refused: readonly RefusedLabel[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { reason } of refused) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

/** Words for a source identity: lower case, digits and letters, joined by hyphens. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 80);
}

export const UNDATED = 'the list has no date: it counts as older than every dated edition (give one with --list-date)';
