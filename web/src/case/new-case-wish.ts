import type { FileKind } from '../format/new-case.ts';
import type { JobWish } from './case-data.ts';

export interface ChosenFile {
  readonly id: string;
  readonly file: File;
  readonly kind: FileKind;
  readonly preset: string;
  /** Of prices: the asset. */
  readonly chain: string;
  readonly complete: boolean;
}

/** As the form holds it. */
export interface TraceWish {
  readonly text: string;
  /** null: as guessed. */
  readonly chain: string | null;
  readonly since: string;
  readonly title: string;
  readonly thieves: string;
  readonly until: string;
  readonly maxHops: string;
  readonly minAmount: string;
  readonly live: boolean;
  readonly without: readonly string[];
}

export const noTrace: TraceWish = {
  text: '',
  chain: null,
  since: '',
  title: '',
  thieves: '',
  until: '',
  maxHops: '',
  minAmount: '',
  live: false,
  without: [],
};

interface Limits {
  readonly until?: string;
  readonly maxHops?: number;
  readonly minAmount?: string;
  readonly methods?: string[];
}

/** `methods`: all there are. */
export function limitsOf(wish: TraceWish, methods: readonly string[]): Limits {
  const hops = wish.maxHops.trim();
  return {
    ...filled('until', wish.until),
    ...(hops === '' ? {} : { maxHops: Number(hops) }),
    ...filled('minAmount', wish.minAmount),
    ...(wish.without.length === 0 ? {} : { methods: methods.filter((name) => !wish.without.includes(name)) }),
  };
}

export function filled<Name extends string>(name: Name, text: string): { readonly [Key in Name]?: string } {
  const trimmed = text.trim();
  return trimmed === '' ? {} : ({ [name]: trimmed } as { readonly [Key in Name]?: string });
}

/** Of a file that was uploaded. */
export function importWish(chosen: ChosenFile, upload: string): JobWish {
  if (chosen.kind === 'import-labels') return { kind: 'import-labels', upload };
  if (chosen.kind === 'import-prices') return { kind: 'import-prices', upload, ...filled('asset', chosen.chain) };
  return {
    kind: 'import-transfers',
    upload,
    complete: chosen.complete,
    ...filled('preset', chosen.preset),
    ...filled('chain', chosen.chain),
  };
}
