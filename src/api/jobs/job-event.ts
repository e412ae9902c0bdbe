import { HaetaeError } from '../../base/errors.ts';

/** What the process of a job says over its channel to the server that started it. */
export type JobEvent =
  | { readonly kind: 'progress'; readonly what: string; readonly done: number; readonly total: number | null }
  /** A case that it made. */
  | { readonly kind: 'case'; readonly id: string }
  | {
      readonly kind: 'fault';
      readonly code: string;
      readonly detail: string;
      readonly remedy: string | null;
    };

/** Set for the process of a job. */
export const JOB_VARIABLE = 'HAETAE_JOB';

export function tellsJob(env: Readonly<Record<string, string | undefined>>): boolean {
  return env[JOB_VARIABLE] === '1';
}

/** Code, detail with its context, remedy: as the terminal shows them. */
export function faultEvent(error: unknown): JobEvent & { readonly kind: 'fault' } {
  if (!(error instanceof HaetaeError)) {
    const detail = error instanceof Error ? error.message : String(error);
    return { kind: 'fault', code: 'E_INTERNAL', detail, remedy: null };
  }
  const context = Object.entries(error.context).map(([key, value]) => `${key}=${value}`);
  const where = context.length > 0 ? ` (${context.join(', ')})` : '';
  return { kind: 'fault', code: error.code, detail: `${error.message}${where}`, remedy: error.remedy ?? null };
}
