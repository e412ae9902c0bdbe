import type { Alert } from './alert-filters.ts';

/** What a key asked for, to be done by the open alert. */
export type Wish = 'assign-me' | 'comment' | 'close' | 'hold' | null;

/** What the parts of an open alert share. */
export interface AlertPart {
  readonly alert: Alert;
  readonly wish: Wish;
  readonly onWish: (wish: Wish) => void;
}
