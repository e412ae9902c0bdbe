/** Long work reports here; what shows it (a bar, lines, nothing) is the caller's choice. */
export interface Progress {
  /** `done` of `total` units (total 0 where unknown); called often, so it must be cheap. */
  report(stage: string, done: number, total: number): void;
}

export const SILENT: Progress = { report: () => {} };
