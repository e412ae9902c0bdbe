/** What people add to the picture of a traced case: where they put things, what they write, what they opened. No evidence, in no bundle. */
export interface BoardContent {
  readonly pins: readonly BoardPin[];
  readonly notes: readonly BoardNote[];
  /** Groups that were opened, by their place. */
  readonly expanded: readonly string[];
  readonly hidden: readonly string[];
}

export interface BoardPin {
  /** chain|address, or group:NAME. */
  readonly place: string;
  readonly x: number;
  readonly y: number;
}

export interface BoardNote {
  readonly id: string;
  /** null: of the whole case. */
  readonly place: string | null;
  readonly text: string;
  /** ISO 8601. */
  readonly at: string;
  readonly by: string;
}

export interface Board extends BoardContent {
  /** Counts changes; 0: nothing was kept yet. */
  readonly version: number;
}

export const BOARD_LIMITS = { pins: 5_000, notes: 1_000, places: 5_000, noteLength: 4_000 } as const;
