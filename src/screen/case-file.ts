export const CASE_STATES = ['open', 'closed'] as const;
export type CaseState = (typeof CASE_STATES)[number];

export const CASE_LIMITS = { alerts: 1000, notes: 1000, noteLength: 8000, titleLength: 200 } as const;

/** What one desk works on as one thing: alerts that belong together, with notes. */
export interface CaseFile {
  /** cs-SEQ-HHHH */
  readonly id: string;
  readonly title: string;
  readonly state: CaseState;
  readonly alerts: readonly string[];
  readonly notes: readonly { readonly at: string; readonly by: string; readonly text: string }[];
  readonly opened: { readonly at: string; readonly by: string };
  readonly closed: { readonly at: string; readonly by: string; readonly reason: string } | null;
  readonly version: number;
}
