import type { ErrorCode } from '../../base/errors.ts';
import type { MovementsAsked } from '../../report/case-movements.ts';
import type { PlaceLabel } from '../../report/case-place.ts';
import type { KnownHold } from '../../report/case-services.ts';
import type { CaseHead } from '../../report/case-view.ts';

interface OfTheft {
  readonly theft?: string | undefined;
}

/** What is asked of the picture of a case. */
export type PictureQuestion =
  | { readonly kind: 'view' }
  | (OfTheft & { readonly kind: 'flow'; readonly method?: string | undefined; readonly limit: number })
  | (OfTheft & {
      readonly kind: 'place';
      readonly chain: string;
      readonly address: string;
      readonly labels: readonly PlaceLabel[];
    })
  | (OfTheft & MovementsAsked & { readonly kind: 'transfers' })
  | (OfTheft & { readonly kind: 'services'; readonly holds: readonly KnownHold[] });

/** What the thread is told. */
export interface ThreadCall {
  readonly number: number;
  /** Of this state of the case. */
  readonly key: string;
  readonly head: CaseHead;
  /** null: it may still know the case. */
  readonly files: ReadonlyMap<string, Uint8Array> | null;
  /** null: only make the case ready. */
  readonly question: PictureQuestion | null;
}

/** What it says. `unknown`: it does not know the case, or no longer. */
export type ThreadAnswer =
  | { readonly number: number; readonly kind: 'answer'; readonly bytes: Uint8Array | null }
  | { readonly number: number; readonly kind: 'unknown' }
  | {
      readonly number: number;
      readonly kind: 'fault';
      /** null: a fault of ours. */
      readonly code: ErrorCode | null;
      readonly message: string;
      readonly context?: Readonly<Record<string, string | number>>;
      readonly remedy?: string | undefined;
    };
